"""Turns on the wall clock: when turn *k* begins, and whose it is.

Everything here is local wall time without zone, and arithmetic: no turn is
found by walking through those before it.
"""

from calendar import monthrange
from datetime import MAXYEAR, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from math import lcm

from oncall.rosters.model import SECONDS_OF_A_WEEK, Layer, Unit, Window

_SECOND = timedelta(seconds=1)
_WEEK = timedelta(weeks=1)
_BEYOND = datetime(9999, 12, 31)  # noqa: DTZ001 - a wall time has no zone; no turn begins later


class Turns:
    """The turns of one layer; ``starts`` and ``handoff`` are its wall times without zone."""

    __slots__ = ("_anchor", "_first", "_layer", "_starts", "_step", "_week")

    def __init__(self, layer: Layer, starts: datetime, handoff: datetime | None) -> None:
        self._layer = layer
        self._starts = starts
        self._anchor = handoff or starts  # what every turn from number _first on is counted from
        self._first = 0 if handoff is None else 1
        self._step = None if layer.shift.unit is Unit.MONTHS else layer.shift.as_wall_time()
        self._week = None if layer.active is None else united(layer.active)

    def begins(self, turn: int) -> datetime:
        """The wall time at which ``turn`` begins."""
        if turn < self._first:
            return self._starts
        times = turn - self._first
        try:
            if self._step is None:
                return _add_months(self._anchor, self._layer.shift.count * times)
            return self._anchor + self._step * times
        except OverflowError:
            return _BEYOND

    def at(self, wall: datetime) -> int:
        """The number of the last turn that begins by ``wall``, or 0 where none has begun."""
        if wall < self._anchor:
            return 0
        if self._step is not None:
            return self._first + (wall - self._anchor) // self._step
        months = (wall.year - self._anchor.year) * 12 + wall.month - self._anchor.month
        turn = self._first + months // self._layer.shift.count
        return turn - 1 if self.begins(turn) > wall else turn

    def item(self, turn: int) -> int:
        """Which item of the layer's people has ``turn``."""
        used = self._used_before(turn) if self._layer.skip_empty_turns and self._week is not None else turn
        return used % len(self._layer.people)

    def active(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """The parts of a span of wall time that lie inside the weekly windows."""
        if self._week is None:
            return [(start, end)] if start < end else []
        return _parts(self._week, start, end)

    def _used_before(self, turn: int) -> int:
        """How many turns before ``turn`` have a minute of duty on the wall clock."""
        assert self._week is not None
        if turn < self._first:
            return 0
        turn -= self._first
        used = 1 if self._first and _parts(self._week, self._starts, self._anchor) else 0
        if not self._week or self._step is None or self._step >= _WEEK:
            return used + turn  # a turn of a week or more meets every window
        counts = _used_in_a_cycle(self._week, self._step // _SECOND, _second_of_the_week(self._anchor))
        cycles, rest = divmod(turn, len(counts) - 1)
        return used + cycles * counts[-1] + counts[rest]


@lru_cache(maxsize=1024)
def united(windows: tuple[Window, ...]) -> tuple[tuple[int, int], ...]:
    """The windows as disjoint spans within one week, in seconds since Monday 00:00, sorted."""
    spans = []
    for window in windows:
        spans.append((window.start, min(window.end, SECONDS_OF_A_WEEK)))
        if window.end > SECONDS_OF_A_WEEK:
            spans.append((0, window.end - SECONDS_OF_A_WEEK))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _add_months(anchor: datetime, months: int) -> datetime:
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    if not 1 <= year <= MAXYEAR:
        raise OverflowError("beyond the calendar")
    day = min(anchor.day, monthrange(year, month + 1)[1])
    return anchor.replace(year=year, month=month + 1, day=day)


def _monday(wall: datetime) -> datetime:
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=wall.weekday())


def _second_of_the_week(wall: datetime) -> int:
    return (wall - _monday(wall)) // _SECOND


def _parts(
    week: tuple[tuple[int, int], ...], start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    parts: list[tuple[datetime, datetime]] = []
    if not week or start >= end:
        return parts
    monday = _monday(start)
    while monday < end:
        for opens, closes in week:
            begin = max(monday + opens * _SECOND, start)
            finish = min(monday + closes * _SECOND, end)
            if begin < finish:
                parts.append((begin, finish))
        monday += timedelta(days=7)
    return parts


@lru_cache(maxsize=1024)
def _used_in_a_cycle(week: tuple[tuple[int, int], ...], seconds: int, anchor: int) -> tuple[int, ...]:
    """Turns with duty among the first 0, 1, 2, … until turns and weeks come together again."""
    turns = lcm(seconds, SECONDS_OF_A_WEEK) // seconds
    starts = ((anchor + turn * seconds) % SECONDS_OF_A_WEEK for turn in range(turns))
    return tuple(accumulate((_has_duty(week, s, s + seconds) for s in starts), initial=0))


def _has_duty(week: tuple[tuple[int, int], ...], start: int, end: int) -> bool:
    if end - start >= SECONDS_OF_A_WEEK:
        return bool(week)
    wrapped = ((o + shift, c + shift) for o, c in week for shift in (0, SECONDS_OF_A_WEEK))
    return any(opens < end and start < closes for opens, closes in wrapped)
