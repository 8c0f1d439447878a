"""What callers and engineers usually do: the beginnings of most scenarios."""

from app.sandbox.scripts import Script

CRM, SELF_SERVICE, CLIENT_BUILT, OTHER_MATTER = "1", "2", "3", "0"
BLOCKER, HIGH, MEDIUM, LOW = "1", "2", "3", "4"
MARTAS_PIN = "2580"
_THINKS = 4.0  # seconds from the last word of the page to the key of somebody just woken


def reports(integration: str = CRM, priority: str = BLOCKER) -> Script:
    """Marta, or another contact of ACME, goes through the menu; the priority key opens the incident."""
    return chooses(integration).press(priority, hearing="Si nada del servicio funciona")


def chooses(integration: str) -> Script:
    return Script().press(integration, hearing="CRM Salesforce, marque 1")


def describes(script: Script, words: str = "No entran los leads desde las tres.") -> Script:
    """Tells the problem after the tone."""
    return script.say(words, hearing="♪", after=1.5).press("#", after=4)


def takes(after: float = 4.0, hearing: str = "marque 1") -> Script:
    """An engineer who answers and, having heard it all, takes the incident."""
    return Script.answering(after).press("1", after=_THINKS, hearing=hearing)


def takes_in_portuguese(after: float = 4.0) -> Script:
    return takes(after, hearing="tecle 1")


def solves(script: Script) -> Script:
    """After the conversation: solved."""
    return script.press("2", hearing="¿Cómo sigue?")
