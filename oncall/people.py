"""The people of the guard and how each of them is reached."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Language(StrEnum):
    """A language in which Guardia speaks and writes; the three are equals."""

    ES = "es"
    PT = "pt"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Away:
    """A span in which a person takes no turn: from ``start`` to just before ``end``, aware, UTC."""

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

    def is_away(self, at: datetime) -> bool:
        return any(span.start <= at < span.end for span in self.away)
