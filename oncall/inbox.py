"""A mail that reached our mailbox: which case it speaks of, and whether its sender may speak there.

Only a contact of the case's client, or somebody of ours, writes into a record. What
others send is kept out and shown to the managers; what machines send is left alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from oncall.book import Book

_IN_SUBJECT = re.compile(r"(?<![A-Za-z0-9])G-?(\d{1,9})(?!\d)", re.IGNORECASE)


class Verdict(StrEnum):
    ENTERED = "entered"  # in the record, as the words of who sent it
    QUARANTINED = "quarantined"  # shown to managers, nobody's word
    BOUNCED = "bounced"  # a mail of ours did not arrive
    IGNORED = "ignored"  # a machine's, or our own


class Why(StrEnum):
    """Why a mail is kept out of the record."""

    NO_CASE = "no_case"
    UNKNOWN_CASE = "unknown_case"
    STRANGER = "stranger"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    UNPROVEN = "unproven"  # our mail server did not find that its sender sent it


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that came with a mail."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a mail server reports of a mail of ours: to whom it did not get, and why."""

    addresses: tuple[str, ...]
    is_final: bool  # false: it is still being tried
    why: str


@dataclass(frozen=True, slots=True)
class Received:
    """A mail as it was read. ``text`` is what its sender wrote, without what it quotes.

    ``answers`` are the Message-IDs it refers to, what it answers first; for a bounce, those
    of the mail that came back. ``digest`` is the SHA-256 of all its bytes.
    """

    message_id: str
    digest: str
    sender: str  # the bare address, in lower case
    subject: str = ""
    answers: tuple[str, ...] = ()
    text: str = ""
    is_shortened: bool = False
    files: tuple[Enclosed, ...] = ()
    left_out: tuple[str, ...] = ()  # names of files that were too large, or too many
    is_automatic: bool = False
    bounce: Bounce | None = None
    defect: Why | None = None
    asks_for_record: bool = False
    is_listed: bool = False  # it came by a mailing list, or by a group


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote: somebody of ours by ``person``, else a contact of the client."""

    name: str
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    verdict: Verdict
    case: int | None = None
    author: Author | None = None
    why: Why | None = None


def cases_named(mail: Received, domain: str) -> tuple[int, ...]:
    """The cases a mail may speak of, the likeliest first: what it answers, then what its subject names.

    ``domain`` is that of our own Message-IDs.
    """
    ours = re.compile(rf"<g-(\d{{1,9}})(?:\.\d+)?@{re.escape(domain)}>", re.IGNORECASE)
    answered = [int(found.group(1)) for id in mail.answers if (found := ours.fullmatch(id.strip()))]
    named = [int(number) for number in _IN_SUBJECT.findall(mail.subject)]
    return tuple(dict.fromkeys((*answered, *named)))


def judge(
    mail: Received, named: Sequence[int], clients: Mapping[int, str | None], book: Book, domain: str
) -> Judgement:
    """What becomes of a mail that names these cases; ``clients`` are those of the cases there are."""
    known = [case for case in named if case in clients]
    first = known[0] if known else None
    if mail.bounce is not None:
        # Anybody can write such a report: it counts for addresses to which we write, and once it is final.
        is_news = mail.bounce.is_final and bool(addresses_of(book) & set(mail.bounce.addresses))
        return Judgement(Verdict.BOUNCED if is_news else Verdict.IGNORED, first)
    if _is_ours(mail, domain) or mail.is_automatic:
        return Judgement(Verdict.IGNORED, first)
    if mail.is_listed and first is None:
        return Judgement(Verdict.IGNORED)
    if mail.defect is not None:
        return Judgement(Verdict.QUARANTINED, first, why=mail.defect)
    if not named:
        return Judgement(Verdict.QUARANTINED, why=Why.NO_CASE)
    if first is None:
        return Judgement(Verdict.QUARANTINED, why=Why.UNKNOWN_CASE)
    for case in known:
        author = _author(mail.sender, clients[case], book)
        if author is not None:
            return Judgement(Verdict.ENTERED, case, author)
    return Judgement(Verdict.QUARANTINED, first, why=Why.STRANGER)


def addresses_of(book: Book) -> set[str]:
    """Every address to which we write, in lower case."""
    found = [person.email for person in book.people.values()]
    found += [contact.email for client in book.clients.values() for contact in client.contacts]
    return {address.lower() for address in (*found, book.service.support_center.email) if address}


def _is_ours(mail: Received, domain: str) -> bool:
    """A copy of what we sent ourselves: it must not go round in circles."""
    id = mail.message_id.lower()
    return bool(re.fullmatch(rf"<(g-\d+(\.\d+)?|letter\.[0-9a-f]+)@{re.escape(domain.lower())}>", id))


def _author(sender: str, client: str | None, book: Book) -> Author | None:
    """Somebody of ours before a contact: a manager may be both."""
    for person in book.people.values():
        if person.email and person.email.lower() == sender:
            return Author(person.name, person.id)
    center = book.service.support_center
    if center.email and center.email.lower() == sender:
        return Author(center.name, "support_center")
    known = book.clients.get(client or "")
    for contact in known.contacts if known else ():
        if contact.email and contact.email.lower() == sender:
            return Author(contact.name)
    return None
