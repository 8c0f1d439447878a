"""A mail as its bytes say it, read into what the guard needs; nothing in it is executed or shown raw.

Bounces are read as RFC 3464 writes them, or as flufl.bounce knows those of servers that do not.
What a mail quotes is left out of its text; where more than marked quotes was, the whole mail is kept.
"""

import email
import html
import re
from collections.abc import Iterator
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import getaddresses, parseaddr
from hashlib import sha256

from mailparser_reply import EmailReplyParser

from app.locales import LANGUAGES, text
from app.mail.authenticity import is_proven
from oncall.inbox import Bounce, Enclosed, Received, Why

LARGEST_MAIL = 25_000_000  # bytes, as it was received
_LARGEST_FILE = 10_000_000
_MOST_FILES = 20
_LONGEST_TEXT = 10_000  # letters
_FEW_WORDS = 8
# What may be shown as what it says it is; all else is bytes to be kept in a file.
_HARMLESS = frozenset(
    {"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain", "text/csv"}
)
_BYTES = "application/octet-stream"
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
# What mail programs write before what they quote, in our languages; a long address breaks the line.
_QUOTES_BEGIN = re.compile(
    r"^[ \t]*(?:El|Em|On|Le)\b[^\n]{0,300}\n?[^\n]{0,300}(?:escribió|escreveu|wrote)\s*:[ \t]*$", re.MULTILINE
)


def read_mail(content: bytes, server: str = "") -> Received:
    """What arrived. What cannot be read at all is said to be so, and never raises.

    With ``server``, the name under which our mail server writes what it found of the sender, a mail
    whose sender it did not find to be true is said to be unproven.
    """
    digest = sha256(content).hexdigest()
    try:
        return _read(content, digest, server)
    except Exception:  # a mail made to break its reader: whatever the library raises
        return Received(f"<{digest}@unreadable>", digest, "", defect=Why.UNREADABLE)


def too_large(headers: bytes) -> Received:
    """A mail of which only the headers were fetched."""
    message = email.message_from_bytes(headers, policy=default)
    digest = sha256(headers).hexdigest()
    return Received(
        _id(message, digest),
        digest,
        _sender(message),
        _header(message, "Subject"),
        _answers(message),
        is_automatic=_is_automatic(message),
        defect=Why.TOO_LARGE,
    )


def _read(content: bytes, digest: str, server: str) -> Received:
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    bounce = _bounce(message)
    whole = _body(message)
    own = _without_quotes(whole)
    files, left_out = _files(message)
    is_shortened = own.split() != _unquoted(whole).split() or len(own) > _LONGEST_TEXT
    if is_shortened and len(files) < _MOST_FILES and len(content) <= _LARGEST_FILE:
        files = (*files, Enclosed("mail.eml", _BYTES, content))
    return Received(
        _id(message, digest),
        digest,
        _sender(message),
        _header(message, "Subject"),
        _returned(message) if bounce else _answers(message),
        own[:_LONGEST_TEXT],
        is_shortened,
        files,
        left_out,
        _is_automatic(message),
        bounce,
        None if not server or is_proven(message, _sender(message), server) else Why.UNPROVEN,
        asks_for_record=_asks_for_record(_header(message, "Subject"), own),
    )


# --- headers ---------------------------------------------------------------------------------------------


def _header(message: Message, name: str) -> str:
    return " ".join(_storable(str(message.get(name) or "")).split())


def _id(message: Message, digest: str) -> str:
    """A mail without an id of its own is known by its bytes."""
    found = _MESSAGE_ID.search(_header(message, "Message-ID"))
    return found.group()[:300] if found else f"<{digest}@without-id>"


def _sender(message: Message) -> str:
    """The address in From. Two of them are nobody's."""
    addresses = [address for _, address in getaddresses([_header(message, "From")]) if address]
    return addresses[0].lower() if len(addresses) == 1 else ""


def _answers(message: Message) -> tuple[str, ...]:
    """What it answers first, then what came before, the latest first."""
    answered = _MESSAGE_ID.findall(_header(message, "In-Reply-To"))
    before = _MESSAGE_ID.findall(_header(message, "References"))
    return tuple(dict.fromkeys((*answered, *reversed(before))))


def _is_automatic(message: Message) -> bool:
    """An out-of-office answer, a list, a machine (RFC 3834)."""
    submitted = _header(message, "Auto-Submitted").lower()
    precedence = _header(message, "Precedence").lower()
    return (
        submitted not in ("", "no")
        or precedence in ("bulk", "list", "junk", "auto_reply")
        or any(message.get(name) for name in ("X-Autoreply", "X-Autorespond", "List-Id"))
        or _header(message, "Return-Path") == "<>"
    )


# --- text ------------------------------------------------------------------------------------------------


def _body(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    said = _decoded(part)
    return _without_tags(said) if part.get_content_subtype() == "html" else said.replace("\r\n", "\n")


def _decoded(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    try:
        return _storable(content.decode(part.get_content_charset() or "utf-8", "replace"))
    except LookupError:  # a character set that nobody knows
        return _storable(content.decode("utf-8", "replace"))


def _storable(said: str) -> str:
    """Without NUL and halves of characters, which no database takes."""
    return "".join("\N{REPLACEMENT CHARACTER}" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in said)


def _without_tags(page: str) -> str:
    page = re.sub(r"(?is)<(script|style|head)\b.*?</\1>", " ", page)
    page = re.sub(r"(?i)<(br|/p|/div|/tr|/li)\b[^>]*>", "\n", page)
    said = html.unescape(re.sub(r"(?s)<[^>]{0,2000}>", " ", page))
    return re.sub(r"\n\s*\n\s*", "\n\n", re.sub(r"[ \t\xa0]+", " ", said)).strip()


def _without_quotes(said: str) -> str:
    """What was written above the quoted mail. Answers between quoted lines keep all of it."""
    cut = said
    begins = _QUOTES_BEGIN.search(said)
    if begins is not None:
        quoted = said[begins.end() :].strip().splitlines()
        if not all(line.startswith(">") or not line.strip() for line in quoted):
            return said.strip()
        cut = said[: begins.start()]
    own = EmailReplyParser(languages=["es", "en"]).parse_reply(cut)
    return (own or cut).strip()


def _unquoted(said: str) -> str:
    """Without what is marked as quoted, and the line that says whose it is."""
    return "\n".join(line for line in _QUOTES_BEGIN.sub("", said).splitlines() if not line.startswith(">"))


def _asks_for_record(subject: str, own: str) -> bool:
    """Whether the subject, or a mail of a few words, holds the word for the record."""
    words = {text("mail.ask.record", language).lower() for language in LANGUAGES}
    asked = [re.sub(r"\[[^\]]*\]", "", subject)]
    if len(own.split()) <= _FEW_WORDS:
        asked.append(own)
    return any(re.search(rf"\b{re.escape(word)}\b", said.lower()) for word in words for said in asked)


# --- files -----------------------------------------------------------------------------------------------


def _files(message: EmailMessage) -> tuple[tuple[Enclosed, ...], tuple[str, ...]]:
    """What is attached, and the names of what is too large or too much."""
    kept, left_out = list[Enclosed](), list[str]()
    for number, part in enumerate(_attached(message), start=1):
        name = (
            re.sub(r"[\s/\\]+", " ", _storable(part.get_filename() or "")).strip()[-120:] or f"file-{number}"
        )
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            content = part.as_bytes()
        if len(content) > _LARGEST_FILE or len(kept) >= _MOST_FILES:
            left_out.append(name)
        elif content:
            said = part.get_content_type()
            kept.append(Enclosed(name, said if said in _HARMLESS else _BYTES, content))
    return tuple(kept), tuple(left_out)


def _attached(message: EmailMessage) -> Iterator[EmailMessage]:
    if not message.is_multipart():
        return
    for part in message.iter_attachments():
        if part.get_content_type().startswith("multipart/"):
            yield from _attached(part)
        else:
            yield part


# --- bounces ---------------------------------------------------------------------------------------------


def _bounce(message: EmailMessage) -> Bounce | None:
    reports = [part for part in message.walk() if part.get_content_type() == "message/delivery-status"]
    if reports:
        return _reported(reports[0])
    if _header(message, "Return-Path") != "<>" and not _is_from_a_daemon(message):
        return None
    from flufl.bounce import all_failures  # only here: seldom needed

    passing, final = all_failures(message)
    addresses = sorted(_storable(a.decode("ascii", "replace").lower()) for a in (final or passing))
    return Bounce(tuple(addresses), bool(final), _header(message, "Subject")) if addresses else None


def _is_from_a_daemon(message: Message) -> bool:
    local = parseaddr(_header(message, "From"))[1].partition("@")[0].lower()
    return local in ("mailer-daemon", "postmaster")


def _reported(report: Message) -> Bounce:
    """RFC 3464: a block about the whole mail, then one for each recipient."""
    parts = report.get_payload()
    blocks = [part for part in parts if isinstance(part, Message)] if isinstance(parts, list) else []
    failed = [b for b in blocks if _header(b, "Action").lower() == "failed"]
    told = failed or [b for b in blocks if b.get("Action")]
    addresses = tuple(dict.fromkeys(filter(None, map(_recipient, told))))
    said = [_header(b, "Diagnostic-Code") or _header(b, "Status") for b in told]
    return Bounce(addresses, bool(failed), next(filter(None, said), "")[:500])


def _recipient(block: Message) -> str:
    address = _header(block, "Final-Recipient") or _header(block, "Original-Recipient")
    return address.rpartition(";")[2].strip().lower()


def _returned(message: EmailMessage) -> tuple[str, ...]:
    """The ids of the mail that came back: of the whole of it, or of its headers alone."""
    ids = list[str]()
    for part in message.walk():
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload()
            if isinstance(inner, list) and isinstance(inner[0], Message):
                ids += _MESSAGE_ID.findall(_header(inner[0], "Message-ID"))
        elif part.get_content_type() == "text/rfc822-headers":
            headers = part.get_payload(decode=True)
            if isinstance(headers, bytes):
                returned = email.message_from_bytes(headers, policy=default)
                ids += _MESSAGE_ID.findall(_header(returned, "Message-ID"))
    return tuple(dict.fromkeys((*ids, *_answers(message))))
