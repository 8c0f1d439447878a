"""What managers write about a team: who takes turns, when, who is excepted, who is paged first.

Values only; whose turn it is follows from them and from an instant, and is
worked out in ``turns`` and ``timeline``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

SECONDS_OF_A_WEEK = 7 * 24 * 3600
DEFAULT_RING = timedelta(seconds=25)


class Unit(StrEnum):
    """In what the length of a turn is counted; always on the wall clock."""

    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Length:
    """How long a turn is, as local wall time: ``Length(12, Unit.HOURS)``."""

    count: int
    unit: Unit

    def as_wall_time(self) -> timedelta:
        """The length where it is always the same; months have none."""
        if self.unit is Unit.MONTHS:
            raise ValueError("a month has no fixed length")
        return timedelta(**{self.unit.value: self.count})


@dataclass(frozen=True, slots=True)
class Window:
    """A weekly window: seconds of local wall time since Monday 00:00.

    ``start`` lies within the week, ``end`` after it and at most a week later,
    so that a window over Sunday midnight ends beyond the week.
    """

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Layer:
    """People who take turns: turn *k* begins at the wall time ``starts + k * shift``.

    An item of ``people`` is everybody who stands guard together in one turn.
    ``starts``, ``first_handoff`` and ``until`` are local wall times without
    zone, or aware instants. ``active`` None is always, an empty tuple never.
    """

    people: tuple[tuple[str, ...], ...]
    shift: Length
    starts: datetime
    first_handoff: datetime | None = None
    until: datetime | None = None
    active: tuple[Window, ...] | None = None
    skip_empty_turns: bool = False


@dataclass(frozen=True, slots=True)
class Rotation:
    """One or several layers; a later one wins where it has somebody."""

    layers: tuple[Layer, ...]

    def everybody(self) -> tuple[str, ...]:
        """Each person who takes turns here, once, in the order of the file."""
        return tuple(dict.fromkeys(p for layer in self.layers for item in layer.people for p in item))


class Kind(StrEnum):
    """What an override does to those on call."""

    COVER = "cover"  # on call for the whole span, instead of everybody
    REPLACE = "replace"  # instead of whoever is on call, where the rotation is active
    REMOVE = "remove"  # that one is not on call
    ADD = "add"  # on call for the whole span, as well


@dataclass(frozen=True, slots=True)
class Override:
    """A dated exception of one rotation, from ``start`` to just before ``end``, aware."""

    rotation: str
    start: datetime
    end: datetime
    person: str | None = None  # None only where somebody is removed
    instead_of: str | None = None
    kind: Kind = Kind.REPLACE
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """Who is paged (a rotation's name, or people by id) and for how long."""

    page: str | tuple[str, ...]
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class Notices:
    """How long before a shift begins its holder is told, by mail and by text."""

    mail: timedelta = timedelta(hours=24)
    text: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Drills:
    """When a team proves that its pages arrive: every so many weeks, so long after Monday 00:00 local."""

    every: timedelta  # whole weeks
    at: timedelta
    passes_for: timedelta  # how long a pass counts


@dataclass(frozen=True, slots=True)
class Team:
    """The people who stand guard for some contracts; ``timezone`` is an IANA name."""

    id: str
    timezone: str
    rotations: Mapping[str, Rotation] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    escalation: tuple[Level, ...] = ()
    ring: timedelta = DEFAULT_RING
    notices: Notices = Notices()
    drill: Drills | None = None


class Reason(StrEnum):
    """Why somebody is on call."""

    ROTATION = "rotation"
    OVERRIDE = "override"
    SUBSTITUTE = "substitute"


@dataclass(frozen=True, slots=True)
class Shift:
    """One person's turn, or the part of it in question: aware, UTC, end excluded."""

    team: str
    rotation: str
    person: str
    start: datetime
    end: datetime
    reason: Reason


@dataclass(frozen=True, slots=True)
class Gap:
    """A span in which a rotation has nobody: aware, UTC, end excluded."""

    team: str
    rotation: str
    start: datetime
    end: datetime
