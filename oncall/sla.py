"""What is owed and until when: first response and resolution (clauses A2 and A3).

Blocker counts in elapsed hours. High: resolution is due at the earlier of
eight working hours and sixteen elapsed hours, both from the call.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Priority(StrEnum):
    """Aivo's own priorities; only the first two are under guard (clause A9)."""

    BLOCKER = "blocker"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Working days and hours as local wall time in ``timezone``; ``days`` are 0 for Monday to 6."""

    days: frozenset[int]
    opens: time
    closes: time
    timezone: str
    holidays: frozenset[date] = frozenset()
    country: str = ""

    def is_working_day(self, day: date) -> bool:
        return day.weekday() in self.days and day not in self.holidays

    def spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The working spans from ``start`` on, in UTC, each clipped to begin no earlier; without end."""
        zone = ZoneInfo(self.timezone)
        day = start.astimezone(zone).date()
        while True:
            if self.is_working_day(day):
                opens = datetime.combine(day, self.opens, zone).astimezone(UTC)
                closes = datetime.combine(day, self.closes, zone).astimezone(UTC)
                if closes > start:
                    yield max(opens, start), closes
            day += timedelta(days=1)

    def is_open(self, at: datetime) -> bool:
        start, _ = next(self.spans(at))
        return start == at


@dataclass(frozen=True, slots=True)
class Promise:
    """The longest that one clock may run. With both lengths, the earlier end counts."""

    elapsed: timedelta | None = None
    working: timedelta | None = None

    def due(self, since: datetime, hours: WorkingHours) -> datetime:
        """When the promise made at ``since`` is due, aware, UTC."""
        ends = []
        if self.elapsed is not None:
            ends.append(since.astimezone(UTC) + self.elapsed)
        if self.working is not None:
            ends.append(add_working_time(since, self.working, hours))
        return min(ends)


@dataclass(frozen=True, slots=True)
class Promises:
    first_response: Promise
    resolution: Promise


def add_working_time(since: datetime, length: timedelta, hours: WorkingHours) -> datetime:
    """The instant at which ``length`` of working time has passed since ``since``."""
    if not hours.days:
        raise ValueError("working hours without a working day")
    left = length
    for opens, closes in hours.spans(since.astimezone(UTC)):
        if opens + left <= closes:
            return opens + left
        left -= closes - opens
    raise AssertionError("working spans never end")


def share_spent(begun: datetime, due: datetime, at: datetime) -> float:
    """How much of the time between the clock's start and its due moment has passed: 1.0 is the breach."""
    whole = (due - begun).total_seconds()
    return (at - begun).total_seconds() / whole if whole > 0 else 1.0
