"""What a manager publishes about a major incident, for callers to hear before the menu."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from oncall.book import Book
from oncall.contracts import Client
from oncall.people import Language

LONGEST = 300  # characters a language: twenty seconds


@dataclass(frozen=True, slots=True)
class Notice:
    """``clients`` and ``integrations`` are ids; none of them means all. ``case`` is the major incident's."""

    texts: Mapping[Language, str]
    ends_at: datetime
    clients: tuple[str, ...] = ()
    integrations: tuple[str, ...] = ()
    case: int | None = None
    id: int = 0
    published_at: datetime | None = None
    published_by: str = ""
    ended_at: datetime | None = None

    def is_heard_by(self, client: Client, at: datetime) -> bool:
        """Whether a caller of ``client`` hears it at ``at``: it is in force, and for them."""
        if at >= self.ends_at or self.ended_at is not None:
            return False
        if self.clients and client.id not in self.clients:
            return False
        return not self.integrations or any(i.id in self.integrations for i in client.integrations)


class Flaw(StrEnum):
    """Why a notice is not published."""

    TEXT_MISSING = "text_missing"
    TEXT_TOO_LONG = "text_too_long"
    IS_OVER = "is_over"
    UNKNOWN_CLIENT = "unknown_client"
    UNKNOWN_INTEGRATION = "unknown_integration"
    NO_OPEN_INCIDENT = "no_open_incident"


@dataclass(frozen=True, slots=True)
class Flaws:
    """Each flaw with what has it: languages, ids, a reference."""

    found: Mapping[Flaw, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def __bool__(self) -> bool:
        return bool(self.found)


def flaws(notice: Notice, book: Book, at: datetime, is_open: bool) -> Flaws:
    """What keeps ``notice`` from being published; ``is_open``: its case is an incident that is not closed."""
    said = {language: notice.texts.get(language, "").strip() for language in Language}
    integrations = {i.id for client in book.clients.values() for i in client.integrations}
    found: dict[Flaw, tuple[str, ...]] = {
        Flaw.TEXT_MISSING: tuple(language for language, text in said.items() if not text),
        Flaw.TEXT_TOO_LONG: tuple(language for language, text in said.items() if len(text) > LONGEST),
        Flaw.IS_OVER: (notice.ends_at.isoformat(),) if notice.ends_at <= at else (),
        Flaw.UNKNOWN_CLIENT: _unknown(notice.clients, book.clients),
        Flaw.UNKNOWN_INTEGRATION: _unknown(notice.integrations, integrations),
        Flaw.NO_OPEN_INCIDENT: (f"G-{notice.case}",) if notice.case is not None and not is_open else (),
    }
    return Flaws({flaw: having for flaw, having in found.items() if having})


def _unknown(ids: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    among = set(known)
    return tuple(id for id in ids if id not in among)
