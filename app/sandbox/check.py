"""The strict reading of TwiML: everything that Twilio would only warn about, or silently ignore, is a problem."""


def problems(xml: str, context: str = "call") -> list[str]:
    return []
