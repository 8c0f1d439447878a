"""What the application answered, read as TwiML: by its content type, or refused with Twilio's error code."""

from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, SubElement, fromstring

NOT_TWIML = 12100
WRONG_CONTENT_TYPE = 12300
_XML_TYPES = {"text/xml", "application/xml", "text/html"}
_APOLOGY = "We are sorry, an application error has occurred. Goodbye."


@dataclass(frozen=True, slots=True)
class Document:
    """A list of verbs, and the URL it came from (relative URLs and a missing ``action`` are taken from
    there).
    """

    root: Element
    url: str

    @property
    def verbs(self) -> list[Element]:
        return list(self.root)


class Unreadable(Exception):
    """The answer is no TwiML; ``code`` is Twilio's error."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


def read(body: bytes, content_type: str, url: str) -> Document:
    """The document in an answer. Audio is played, plain text that is no TwiML is spoken (Twilio's content-
    type rule).

    Raises Unreadable.
    """
    kind = content_type.split(";", 1)[0].strip().lower()
    if kind.startswith("audio/"):
        return _single("Play", url, url)
    if kind == "text/plain":
        try:
            return parse(body.decode(errors="replace"), url)
        except Unreadable:
            return _single("Say", body.decode(errors="replace"), url)
    if kind not in _XML_TYPES:
        raise Unreadable(WRONG_CONTENT_TYPE, f"content type {kind or 'missing'}")
    return parse(body.decode(errors="replace"), url)


def parse(xml: str, url: str) -> Document:
    """Raises Unreadable (12100) for what is not well-formed, starts with anything else, or has another
    root.
    """
    try:
        root = fromstring(xml.encode())
    except ParseError as error:
        raise Unreadable(NOT_TWIML, f"not well-formed: {error}") from error
    if root.tag != "Response":
        raise Unreadable(NOT_TWIML, f"the root is <{root.tag}>, not <Response>")
    return Document(root, url)


def apology(url: str) -> Document:
    """The recorded sentence that a caller hears when the application and its fallback have failed."""
    document = _single("Say", _APOLOGY, url)
    SubElement(document.root, "Hangup")
    return document


def _single(verb: str, text: str, url: str) -> Document:
    root = Element("Response")
    SubElement(root, verb).text = text
    return Document(root, url)
