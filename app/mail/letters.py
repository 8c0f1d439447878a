"""A letter of a case as a mail: its subject, its place in the thread, its text and its HTML.

The subject of a case's letters never changes and each refers to the same root, so
that mail programs show one conversation and a ticket system keeps one ticket. What
a letter is about stands in its first line, which inboxes show beside the subject.
"""

import unicodedata
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import make_msgid, parseaddr
from hashlib import sha256

from app.locales import text
from app.mail.written import Written, write
from oncall.ports import Attachment, Letter, Refused

# What is attached is opened by the reader's programs, never by ours; a type that is none is bytes.
_UNKNOWN_TYPE = ("application", "octet-stream")


def compose(letter: Letter, sender: str, at: datetime | None = None, reply_to: str = "") -> EmailMessage:
    """The letter as a mail from ``sender``, an address with or without a name.

    ``at`` becomes the date; without it the first server that sees the mail adds one. Answers
    go to ``reply_to``, or else to the sender. People in ``letter.bcc`` appear nowhere in the
    mail. Raises Refused for an address that is none.
    """
    written = write(letter, answers_are_read=bool(reply_to))
    mail = EmailMessage()
    mail["From"] = _sender(sender, letter.language)
    if letter.to:
        mail["To"] = [address(recipient) for recipient in letter.to]
    if reply_to:
        mail["Reply-To"] = _sender(reply_to, letter.language)
    mail["Subject"] = subject(letter, written)
    if at is not None:
        mail["Date"] = at
    _thread(mail, letter, domain_of(sender))
    # RFC 3834: no out-of-office answers to a machine.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(written.text)
    mail.add_alternative(written.html, subtype="html")
    for attachment in letter.attachments:
        _attach(mail, attachment)
    mail["Content-Language"] = letter.language  # set before, it would become the first part's alone
    return mail


def subject(letter: Letter, written: Written) -> str:
    """``[G-1042] ACME Seguros · CRM Salesforce``; a letter without a case says what it is about."""
    guard = text("mail.from", letter.language)
    if not letter.reference:
        return _one_line(f"[{guard}] {written.headline}")
    names = [str(letter.facts.get(fact) or "") for fact in ("client", "integration")]
    return _one_line(f"[{letter.reference}] {' · '.join(filter(None, names)) or guard}")


def address(spec: str) -> Address:
    """The bare address ``spec``. Raises Refused where it is none, or hides a second header."""
    try:
        parsed = Address(addr_spec=spec.strip())
    except (ValueError, IndexError, MessageError) as error:
        raise Refused(f"{spec!r} is not a mail address", "address") from error
    if not (parsed.username and parsed.domain):
        raise Refused(f"{spec!r} is not a mail address", "address")
    return parsed


def domain_of(sender: str) -> str:
    return address(parseaddr(sender)[1]).domain


def _sender(sender: str, language: str) -> Address:
    name, spec = parseaddr(sender)
    bare = address(spec)
    return Address(_one_line(name or text("mail.from", language)), bare.username, bare.domain)


def _thread(mail: EmailMessage, letter: Letter, domain: str) -> None:
    if not letter.reference:
        mail["Message-ID"] = _name_of(letter, domain)
        return
    case = letter.reference.lower()
    root = f"<{case}@{domain}>"
    mail["Message-ID"] = f"<{case}.{letter.number}@{domain}>"
    mail["In-Reply-To"] = root
    mail["References"] = root


def _name_of(letter: Letter, domain: str) -> str:
    """The same each time that the same letter is sent again."""
    if not letter.name:
        return make_msgid("guardia", domain)
    return f"<letter.{sha256(letter.name.encode()).hexdigest()[:32]}@{domain}>"


def _attach(mail: EmailMessage, attachment: Attachment) -> None:
    if attachment.content is None:
        return
    main, _, sub = attachment.media_type.partition("/")
    if not (main.isalpha() and sub) or main in ("multipart", "message") or _one_line(sub) != sub:
        main, sub = _UNKNOWN_TYPE
    name = _one_line(attachment.name)
    mail.add_attachment(attachment.content, maintype=main, subtype=sub, filename=name)


def _one_line(value: str) -> str:
    """Without line ends and other control characters: a name can never become a header."""
    printable = (" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in value)
    return " ".join("".join(printable).split())
