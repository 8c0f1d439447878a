"""What Twilio's REST API says when it refuses."""

from typing import Any

MESSAGES = {
    20001: "Invalid parameter: {what}",
    20003: "Authenticate",
    20404: "The requested resource {what} was not found",
    20429: "Too Many Requests",
    20500: "An internal server error has occurred",
    20503: "Service unavailable",
    21201: "No 'To' number is specified",
    21205: "Url parameter is required and must be an absolute URL: {what}",
    21206: "Invalid HTTP method: {what}",
    21210: "The source phone number provided, {what}, is not yet verified for your account.",
    21211: "The phone number you are attempting to call, {what}, is not valid.",
    21212: "The source phone number provided, {what}, is not a valid phone number.",
    21213: "No 'From' number is specified",
    21214: "The phone number you are attempting to reach, {what}, cannot be reached.",
    21215: "Account not authorized to call {what}. International permissions are missing.",
    21216: "Account not allowed to call {what}.",
    21220: "Call is not in-progress. Cannot redirect. {what}",
    21234: "Invalid TwiML: {what}",
    21602: "A text message body or media urls must be specified.",
    21603: "A 'From' phone number is required to send a message.",
    21604: "A 'To' phone number is required.",
    21606: "The 'From' phone number provided ({what}) is not a valid message-capable Twilio phone number.",
    21609: "Invalid 'StatusCallback' URL: {what}",
    21610: "Attempt to send to unsubscribed recipient {what}",
    21612: "Message cannot be sent with the current combination of 'To' and 'From' parameters.",
    21614: "To number: {what}, is not a mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21626: "Invalid Statuscallback events: {what}",
    21635: "'To' number cannot be a landline: {what}",
    22005: "Call queue is full",
}
_STATUS = {20003: 401, 20404: 404, 20429: 429, 20500: 500, 20503: 503, 22005: 429}


class RestError(Exception):
    """A refusal with Twilio's code; ``what`` is the thing that was wrong."""

    def __init__(self, code: int, what: str = "") -> None:
        self.code = code
        self.status = _STATUS.get(code, 400)
        self.message = MESSAGES.get(code, "Invalid request: {what}").format(what=what)
        super().__init__(self.message)

    def body(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
