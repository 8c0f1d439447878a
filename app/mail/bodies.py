"""What a mail consists of: its text, and what came along, wherever a mail program put it.

A text that is there twice, plain and as HTML, is read once. HTML is read in one pass, and nothing of it is
kept but its words and where its links lead; what it quotes is marked as in plain text.
"""

import html
import re
from email.message import EmailMessage, Message
from itertools import chain

_LARGEST_PAGE = 2_000_000  # letters of HTML that are looked at
_DEEPEST = 3  # quotes within quotes that are told apart
_TAG = re.compile(r"(<[a-zA-Z/!?][^<>]*>)")
_NAME = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_LINK = re.compile(r"""\shref\s?=\s?["']?(https?://[^"'\s>]{1,2000})""", re.IGNORECASE)
_ENDINGS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/calendar": ".ics",
    "message/rfc822": ".eml",
}
_UNSEEN = frozenset({"head", "script", "style", "title"})
_LINES = frozenset(
    {"blockquote", "br", "div", "h1", "h2", "h3", "h4", "hr", "li", "p", "pre", "table", "tr", "ul"}
)


def text_of(message: EmailMessage) -> str:
    """What it says, as plain text."""
    return "\n\n".join(filter(None, (_said(part).strip("\n") for part in _parts(message)[0])))


def enclosed_in(message: EmailMessage) -> list[EmailMessage]:
    """Whatever is not its text: files, pictures that stand in the text, mails that were passed on."""
    return _parts(message)[1]


def name_of(part: EmailMessage, number: int) -> str:
    """As it was called, without any way to another folder; else by its number."""
    called = re.sub(r"[\s/\\]+", " ", storable(part.get_filename() or "")).strip()[-120:]
    return called or f"file-{number}{_ENDINGS.get(part.get_content_type(), '')}"


def storable(said: str) -> str:
    """Without NUL and halves of characters, which no database takes."""
    return "".join("\N{REPLACEMENT CHARACTER}" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in said)


def _parts(part: Message) -> tuple[list[EmailMessage], list[EmailMessage]]:
    """The parts that are text, and those that are not."""
    assert isinstance(part, EmailMessage)
    if part.get_content_maintype() != "multipart":
        return ([part], []) if _is_text(part) else ([], [part])
    branches = [_parts(inner) for inner in part.iter_parts()]
    texts = [said for said, _ in branches if said]
    if part.get_content_subtype() == "alternative" and texts:
        texts = [next(filter(_is_plain, texts), texts[-1])]
    return list(chain.from_iterable(texts)), list(chain.from_iterable(files for _, files in branches))


def _is_text(part: EmailMessage) -> bool:
    is_text = part.get_content_type() in ("text/plain", "text/html", "text/x-amp-html")
    return is_text and not part.is_attachment() and not part.get_filename()


def _is_plain(said: list[EmailMessage]) -> bool:
    """Whether it says something without HTML: some programs leave that half of a mail empty."""
    return all(part.get_content_subtype() == "plain" and _said(part).strip() for part in said)


def _said(part: EmailMessage) -> str:
    said = _decoded(part)
    return as_text(said) if part.get_content_subtype() == "html" else said.replace("\r\n", "\n")


def _decoded(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    try:
        return storable(content.decode(part.get_content_charset() or "utf-8", "replace"))
    except LookupError:  # a character set that nobody knows
        return storable(content.decode("utf-8", "replace"))


# --- HTML ------------------------------------------------------------------------------------------------


def as_text(page: str) -> str:
    """The words of a page of HTML."""
    return _Words().read(_without_comments(page[:_LARGEST_PAGE]))


class _Words:
    def __init__(self) -> None:
        self._lines = [""]
        self._depth = 0  # of quotes
        self._unseen = ""  # the tag until whose end nothing is shown
        self._link = ""
        self._is_set = False  # its line ends are meant

    def read(self, page: str) -> str:
        for place, piece in enumerate(_TAG.split(page)):
            if place % 2:
                self._tag(piece)
            elif not self._unseen:
                said = piece if self._is_set else re.sub(r"\s+", " ", piece)
                self._say(html.unescape(said).replace("\xa0", " "))
        return self._joined()

    def _say(self, said: str) -> None:
        first, *rest = said.split("\n")
        self._lines[-1] += first
        for line in rest:
            self._begin_line(line)

    def _begin_line(self, said: str = "") -> None:
        self._lines.append("> " * min(self._depth, _DEEPEST) + said)

    def _tag(self, piece: str) -> None:
        known = _NAME.match(piece)
        closes, name = (bool(known[1]), known[2].lower()) if known else (False, "")
        if self._unseen:
            if name == "body" or (closes and name == self._unseen):
                self._unseen = ""
        elif name in _UNSEEN and not closes and not piece.endswith("/>"):
            self._unseen = name
        elif name == "a":
            self._follow(piece, closes)
        elif name in ("td", "th"):
            self._say(" ")
        elif name in _LINES:
            self._is_set = not closes if name == "pre" else self._is_set
            if name == "blockquote":
                self._depth = max(0, self._depth + (-1 if closes else 1))
            self._begin_line("- " if name == "li" and not closes else "")

    def _follow(self, piece: str, closes: bool) -> None:
        found = None if closes else _LINK.search(piece)
        link, self._link = self._link, html.unescape(found[1]) if found else ""
        if link and link not in self._lines[-1][-len(link) - 1 :]:
            self._say(f" <{link}>")

    def _joined(self) -> str:
        kept = list[str]()
        for line in (re.sub(r" {2,}", " ", line).rstrip() for line in self._lines):
            if line.strip("> ") or (kept and kept[-1].strip("> ")):
                kept.append(line.strip(" ") if not line.startswith(">") else line)
        return "\n".join(kept).strip()


def _without_comments(page: str) -> str:
    kept, place = list[str](), 0
    while (begins := page.find("<!--", place)) >= 0 and (ends := page.find("-->", begins)) >= 0:
        kept.append(page[place:begins])
        place = ends + 3
    return "".join((*kept, page[place:]))
