"""Who is written to about a case, in which language, and with which facts (clause A7)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from oncall.book import Book
from oncall.contracts import Client
from oncall.eligibility import CLAUSES, Reason
from oncall.people import Language, Person
from oncall.ports import BookKeeper
from oncall.record import in_order_of_time
from oncall.sla import Priority, Promise, Promises
from oncall.store import Work
from oncall.store.cases import reference_of

# Who reads what. The client is never written to about an alarm, nor about a round
# without a taker: managers are, and it is theirs to tell.
_IN_WRITING = frozenset({"agreement", "wait_started", "wait_ended", "reopened"})
_MAJOR = frozenset({"attached", "major_closed"})
_CASE = frozenset({"refusal", "opened", "promised", "taken", "eta", "closed", "abandoned"})
CLIENT = _CASE | _IN_WRITING | _MAJOR
_MANAGERS = CLIENT | {"not_taken", "disputed", "alarm", "quarantine"}

# What managers also hear of by chat.
CHATTED = frozenset({"not_taken", "disputed", "alarm"})

_Letter = dict[str, Any]


class FixedBook:
    """Always the same book: for who writes letters without a guard that serves."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def current(self) -> Book:
        return self._book

    def client_on_line(self, line: str) -> Client | None:
        return self._book.client_on_line(line)


class Letters:
    def __init__(self, books: BookKeeper) -> None:
        self.books = books

    def about(
        self, work: Work, case: Row[Any], template: str, more: Mapping[str, Any], only_client: bool = False
    ) -> list[_Letter]:
        """The letters of one occasion: one to the client, one to the managers for each of their languages."""
        book = self.books.current()
        facts = _facts(work, book, case) | dict(more)
        center = book.service.support_center
        copies = (center.email,) if center.email else ()
        letters = []
        to_client = client_addresses(book, case) if template in CLIENT else ()
        if to_client:
            to = to_client + (copies if center.copy == "to" else ())
            bcc = copies if center.copy == "bcc" else ()
            letters.append(_letter(template, case.language, to, bcc, case, facts))
        if template in _MANAGERS and not only_client:
            facts |= {"copy_of": list(to_client)} if template in CLIENT else {}
            for language, addresses in _managers_by_language(book):
                letters.append(_letter(template, language, addresses, (), case, facts))
        return letters

    def record_to(self, work: Work, case: Row[Any], to: Iterable[str], language: str) -> _Letter:
        """The whole record, to those who asked for it."""
        return _letter("record", language, to, (), case, _facts(work, self.books.current(), case))

    def alarm(self, facts: Mapping[str, Any]) -> list[_Letter]:
        """An alarm that belongs to no case, to the managers in each of their languages."""
        return self.to_managers("alarm", facts)

    def to_chat(self, work: Work, case: Row[Any], template: str, more: Mapping[str, Any]) -> dict[str, Any]:
        """What a chat is told of a case: in few words, without its record."""
        book = self.books.current()
        facts = _facts(work, book, case) | {"entries": []} | dict(more)
        return _letter(template, _language_of_managers(book), (), (), case, facts)

    def alarm_to_chat(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """What a chat is told of an alarm that belongs to no case."""
        return self._without_case("alarm", _language_of_managers(self.books.current()), (), facts)

    def to_managers(self, template: str, facts: Mapping[str, Any]) -> list[_Letter]:
        """A letter that belongs to no case, to the managers in each of their languages."""
        return [
            self._without_case(template, language, addresses, facts)
            for language, addresses in _managers_by_language(self.books.current())
        ]

    def to_person(self, template: str, person: Person, facts: Mapping[str, Any]) -> _Letter:
        """A letter that belongs to no case, to somebody who has an address."""
        addresses = (person.email,) if person.email else ()
        return self._without_case(template, person.language, addresses, facts)

    def to_outsider(self, template: str, address: str, facts: Mapping[str, Any]) -> _Letter:
        """A letter that belongs to no case, to somebody of whom only the address is known."""
        return self._without_case(template, _language_of_managers(self.books.current()), (address,), facts)

    def _without_case(
        self, template: str, language: Language, addresses: Iterable[str], facts: Mapping[str, Any]
    ) -> _Letter:
        timezone = self.books.current().service.working_hours.timezone
        return {
            "template": template,
            "language": str(language),
            "to": list(addresses),
            "bcc": [],
            "reference": None,
            "facts": {"timezone": timezone} | dict(facts),
        }


def _letter(
    template: str,
    language: str,
    to: Iterable[str],
    bcc: Iterable[str],
    case: Row[Any],
    facts: Mapping[str, Any],
) -> _Letter:
    return {
        "template": template,
        "language": str(language),
        "to": list(to),
        "bcc": list(bcc),
        "reference": reference_of(case.id),
        "facts": dict(facts),
    }


def client_addresses(book: Book, case: Row[Any]) -> tuple[str, ...]:
    """The contact who called; else every contact of the contract."""
    client = book.clients.get(case.client or "")
    if client is None:
        return ()
    called = [c.email for c in client.contacts if c.name == case.contact and c.email]
    everybody = [c.email for c in client.contacts if c.email]
    return tuple(dict.fromkeys(called or everybody))


def _managers_by_language(book: Book) -> list[tuple[Language, tuple[str, ...]]]:
    addresses: dict[Language, list[str]] = {}
    for manager in book.managers():
        if manager.email:
            addresses.setdefault(manager.language, []).append(manager.email)
    return [(language, tuple(emails)) for language, emails in addresses.items()]


def _language_of_managers(book: Book) -> Language:
    """A chat has many readers: the language of the manager who is named first."""
    return next((manager.language for manager in book.managers()), Language.ES)


def _facts(work: Work, book: Book, case: Row[Any]) -> dict[str, Any]:
    service = book.service
    pages = work.pages(case.id)
    entries = [
        {"number": e.number, "at": _iso(e.at), "kind": e.kind, "data": dict(e.data)}
        for e in in_order_of_time(work.record(case.id))
    ]
    hours = service.working_hours
    return {
        "client": case.client_name,
        "contact": case.contact,
        "integration": case.integration_name,
        "priority": case.priority,
        "kind": case.kind,
        "unverified": case.unverified,
        "reason": case.reason,
        "clause": CLAUSES[Reason(case.reason)] if case.reason else None,
        "opened_at": _iso(case.opened_at),
        "acknowledged_at": _iso(case.acknowledged_at),
        "person": case.acknowledged_by_name,
        "names": list(dict.fromkeys(p.name for p in pages if p.channel == "call" and p.state in _CALLING)),
        "round": case.round,
        "attempts": _attempts(entries),
        "respond_by": _iso(case.respond_by),
        "resolve_by": _iso(case.resolve_by),
        "center": {
            "name": service.support_center.name,
            "url": service.support_center.url,
            "email": service.support_center.email,
            "proposals": service.support_center.proposals,
            "days": sorted(hours.days),
            "opens": hours.opens.isoformat(timespec="minutes"),
            "closes": hours.closes.isoformat(timespec="minutes"),
            "timezone": hours.timezone,
        },
        "promise": _promise(service.promises.get(Priority(case.priority))) if case.priority else None,
        "timezone": case.timezone,
        "entries": entries,
    }


_CALLING = frozenset({"requested", "ringing", "answered"})


def _attempts(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What became of each page that reached nobody, since the round before the last one ended."""
    told = list(entries)
    ends = [place for place, entry in enumerate(told) if entry["kind"] == "round_ended"]
    since = ends[-2] if len(ends) > 1 else 0
    why = {"page_cancelled": "cancelled", "page_passed": "passed"}
    return [
        {
            "name": e["data"].get("name"),
            "channel": e["data"].get("channel", "call"),
            "to": e["data"].get("to"),
            "phone": e["data"].get("phone"),
            "why": e["data"].get("why") or why.get(e["kind"]),
            "code": e["data"].get("code"),
            "at": e["at"],
        }
        for e in told[since:]
        if e["kind"] in ("page_failed", "page_cancelled", "page_passed")
    ]


def _promise(promises: Promises | None) -> dict[str, Any] | None:
    if promises is None:
        return None
    return {
        "first_response": _lengths(promises.first_response),
        "resolution": _lengths(promises.resolution),
    }


def _lengths(promise: Promise) -> dict[str, float | None]:
    return {"elapsed_hours": _hours(promise.elapsed), "working_hours": _hours(promise.working)}


def _hours(length: timedelta | None) -> float | None:
    return length.total_seconds() / 3600 if length is not None else None


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
