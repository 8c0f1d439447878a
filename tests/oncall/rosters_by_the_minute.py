"""A second, slow and simple account of who is on call, to hold the real one against.

It walks through time minute by minute with a clock that never goes back: when
an hour repeats the clock stands still, when an hour is skipped it jumps. On
such a clock every rule of the rosters is plain arithmetic without time zones.
Nothing here is shared with the code under test but the shapes of the data.
"""

# ruff: noqa: DTZ901 - wall times have no zone

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from zoneinfo import ZoneInfo

from oncall.people import Person
from oncall.rosters import Kind, Layer, Rotation, Team, Unit

MINUTE = timedelta(minutes=1)
DAYS_IN = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def steady_clock(zone: str, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Each minute, and what a clock shows that is put forward but never back."""
    shown = datetime.min
    at = start - timedelta(days=3)
    while at < end:
        shown = max(shown, at.astimezone(ZoneInfo(zone)).replace(tzinfo=None))
        if at >= start:
            yield at, shown
        at += MINUTE


class ByTheMinute:
    """Answers for one team; remembers where each layer's turns begin."""

    def __init__(self, team: Team, people: Mapping[str, Person]) -> None:
        self._team = team
        self._people = people
        self._turns: dict[int, list[tuple[datetime, int]]] = {}
        self._overrides = [(self._wall(o.start), self._wall(o.end), o) for o in team.overrides]

    def _wall(self, instant: datetime) -> datetime:
        return instant.astimezone(ZoneInfo(self._team.timezone)).replace(tzinfo=None)

    def who(self, rotation: str, shown: datetime) -> list[str]:
        found = self._team.rotations[rotation]
        active, now = self._from_layers(found, shown)
        valid = [o for s, e, o in self._overrides if o.rotation == rotation and s <= shown < e]
        brought: set[str] = set()
        covers = [o.person for o in valid if o.kind is Kind.COVER]
        if covers:
            now = [c or "" for c in covers]
            brought |= set(now)
        if active:
            after: list[str] = []
            replacing = [o for o in valid if o.kind is Kind.REPLACE]
            for person in now:
                takers = [o.person or "" for o in replacing if o.instead_of in (None, person)]
                if takers:
                    brought.discard(person)
                    brought |= set(takers)
                after += takers or [person]
            if not now:
                after = [o.person or "" for o in replacing if o.instead_of is None]
                brought |= set(after)
            now = after
        removed = [o.instead_of for o in valid if o.kind is Kind.REMOVE]
        now = [p for p in now if p in brought or p not in removed]
        now += [o.person or "" for o in valid if o.kind is Kind.ADD]
        return sorted(set(now))

    def _from_layers(self, rotation: Rotation, shown: datetime) -> tuple[bool, list[str]]:
        active = False
        for layer in reversed(rotation.layers):
            people = self._from_layer(layer, shown)
            active = active or people is not None
            if people:
                return True, people
        return active, []

    def _from_layer(self, layer: Layer, shown: datetime) -> list[str] | None:
        if shown < layer.starts or (layer.until and shown >= layer.until) or not _is_active(layer, shown):
            return None
        turns = self._turns.get(id(layer))
        if turns is None or turns[-1][0] <= shown:
            turns = self._turns[id(layer)] = list(_turns(layer, shown + timedelta(days=5)))
        position = turns[bisect_right(turns, shown, key=itemgetter(0)) - 1][1]
        order = layer.people[position % len(layer.people) :] + layer.people[: position % len(layer.people)]
        standing = [p for p in order[0] if not self._away(p, shown)]
        spare = [p for item in order[1:] for p in item if not self._away(p, shown) and p not in standing]
        for person in order[0]:
            if self._away(person, shown):
                more = [p for p in spare if p not in standing]
                standing += more[:1]
        return standing

    def _away(self, person: str, shown: datetime) -> bool:
        return any(a.start <= shown < a.end for a in self._people[person].away)


def _turns(layer: Layer, last: datetime) -> Iterator[tuple[datetime, int]]:
    """When each turn begins, and how many turns were used up before it."""
    begins, used, number = layer.starts, 0, 0
    while True:
        yield begins, used
        if begins > last:
            return
        number += 1
        ends = _begin_of(layer, number)
        if not layer.skip_empty_turns or _has_duty(layer, begins, ends):
            used += 1
        begins = ends


def _begin_of(layer: Layer, number: int) -> datetime:
    anchor = layer.starts
    if layer.first_handoff is not None:
        anchor, number = layer.first_handoff, number - 1
    if layer.shift.unit is not Unit.MONTHS:
        hours = {Unit.HOURS: 1, Unit.DAYS: 24, Unit.WEEKS: 168}[layer.shift.unit]
        return anchor + timedelta(hours=hours * layer.shift.count * number)
    year, month = anchor.year, anchor.month
    for _ in range(layer.shift.count * number):
        month += 1
        if month == 13:
            year, month = year + 1, 1
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return anchor.replace(year=year, month=month, day=min(anchor.day, DAYS_IN[month - 1] + leap))


def _has_duty(layer: Layer, begins: datetime, ends: datetime) -> bool:
    if ends - begins >= timedelta(days=7):
        return layer.active is None or len(layer.active) > 0
    at = begins
    while at < ends:
        if _is_active(layer, at):
            return True
        at += timedelta(minutes=30)
    return False


def _is_active(layer: Layer, shown: datetime) -> bool:
    if layer.active is None:
        return True
    second = shown.weekday() * 86400 + shown.hour * 3600 + shown.minute * 60
    return any(w.start <= second < w.end or w.start <= second + 7 * 86400 < w.end for w in layer.active)


def instants_of(zone: str, wall: datetime) -> datetime:
    """The instant of a wall time, found by trying every minute of the days around it."""
    start = wall.replace(tzinfo=UTC) - timedelta(days=2)
    return next(at for at, shown in steady_clock(zone, start, start + timedelta(days=5)) if shown >= wall)
