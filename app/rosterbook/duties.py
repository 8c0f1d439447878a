"""A calendar of who is on call: days and weeks as people see them, and what each person carries."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from oncall.people import Person
from oncall.rosters import Gap, Shift, Team, gaps, shifts, to_instant

_NIGHT_ENDS, _NIGHT_BEGINS = time(7), time(22)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a week's row: where it begins and how long it is, as shares of the week."""

    person: str | None  # None is a gap
    reason: str
    start: datetime
    end: datetime
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class WeekOfDuty:
    """One week of one team, Monday to Sunday on its own clock."""

    days: tuple[date, ...]
    rows: Mapping[str, tuple[Bar, ...]]


@dataclass(frozen=True, slots=True)
class Load:
    """What one person carries: hours on call, of these at night (22 to 7), and weekends touched."""

    person: str
    hours: float
    night_hours: float
    weekends: int


def first_monday(team: Team, at: datetime) -> date:
    """The Monday of the week of ``at`` on the team's clock."""
    day = at.astimezone(ZoneInfo(team.timezone)).date()
    return day - timedelta(days=day.weekday())


def weeks_of_duty(team: Team, people: Mapping[str, Person], monday: date, weeks: int) -> Iterator[WeekOfDuty]:
    zone = ZoneInfo(team.timezone)
    for number in range(weeks):
        days = tuple(monday + timedelta(days=7 * number + n) for n in range(7))
        start, end = _midnight(days[0], zone), _midnight(days[6] + timedelta(days=1), zone)
        rows = {name: tuple(_bars(team, name, start, end, people)) for name in team.rotations}
        yield WeekOfDuty(days, rows)


def _bars(
    team: Team, rotation: str, start: datetime, end: datetime, people: Mapping[str, Person]
) -> Iterator[Bar]:
    spans: list[Shift | Gap] = [
        *shifts(team, rotation, start, end, people),
        *gaps(team, rotation, start, end, people),
    ]
    for span in sorted(spans, key=lambda s: s.start):
        left, width = (span.start - start) / (end - start), (span.end - span.start) / (end - start)
        person, reason = (span.person, str(span.reason)) if isinstance(span, Shift) else (None, "gap")
        yield Bar(person, reason, span.start, span.end, left, width)


def loads(team: Team, people: Mapping[str, Person], monday: date, weeks: int) -> list[Load]:
    """What each person carries in the team's rotations, most hours first."""
    zone = ZoneInfo(team.timezone)
    start, end = _midnight(monday, zone), _midnight(monday + timedelta(weeks=weeks), zone)
    hours: dict[str, float] = defaultdict(float)
    nights: dict[str, float] = defaultdict(float)
    weekends: dict[str, set[date]] = defaultdict(set)
    for name in team.rotations:
        for row in shifts(team, name, start, end, people):
            hours[row.person] += (row.end - row.start) / _HOUR
            for day in _days(row.start, row.end, zone):
                nights[row.person] += _night_hours(row.start, row.end, day, zone)
                if day.weekday() >= 5:
                    weekends[row.person].add(day - timedelta(days=day.weekday()))
    found = [Load(p, round(h, 1), round(nights[p], 1), len(weekends[p])) for p, h in hours.items()]
    return sorted(found, key=lambda load: (-load.hours, load.person))


def _night_hours(start: datetime, end: datetime, day: date, zone: ZoneInfo) -> float:
    """Hours of a span that lie in the two night parts of a local day."""
    parts = [
        (_midnight(day, zone), to_instant(datetime.combine(day, _NIGHT_ENDS), zone)),
        (to_instant(datetime.combine(day, _NIGHT_BEGINS), zone), _midnight(day + timedelta(days=1), zone)),
    ]
    return sum(max(min(end, e) - max(start, s), timedelta()) / _HOUR for s, e in parts)


def _days(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[date]:
    day = start.astimezone(zone).date()
    while _midnight(day, zone) < end:
        yield day
        day += timedelta(days=1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return to_instant(datetime.combine(day, time()), zone)
