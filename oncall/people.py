"""The people of the guard and how each of them is reached."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo


class Language(StrEnum):
    """A language in which Guardia speaks and writes; the three are equals."""

    ES = "es"
    PT = "pt"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Away:
    """A span in which a person takes no turn: from ``start`` to just before ``end``.

    Aware where the file gives an offset; else local wall time, read in the
    time zone of the team in question.
    """

    start: datetime
    end: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may be paged. Phones are E.164 and are tried in their order."""

    id: str
    name: str
    phones: tuple[str, ...]
    email: str | None = None
    language: Language = Language.ES
    away: tuple[Away, ...] = ()

    @property
    def first_name(self) -> str:
        """The name a caller hears."""
        return self.name.split()[0]

    def is_away(self, at: datetime, timezone: str = "UTC") -> bool:
        """Whether the person is away at ``at``, for a team whose time zone is ``timezone``."""
        wall = at.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
        return any(
            (at if span.start.tzinfo else wall) >= span.start and (at if span.end.tzinfo else wall) < span.end
            for span in self.away
        )
