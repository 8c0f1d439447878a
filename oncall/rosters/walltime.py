"""Local clocks: what instant a wall time is, and what wall time an instant has reached.

A wall time that a clock change skips is the first instant after the gap; one
that happens twice is the first of the two. So later wall times are never
earlier instants, and whatever meets on the wall clock meets in real time.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)
_TICK = timedelta(microseconds=1)
_FIRST_INSTANT = datetime(2, 1, 1, tzinfo=UTC)  # a day's room on both sides, for any offset
_LAST_INSTANT = datetime(9999, 12, 30, tzinfo=UTC)


def to_instant(moment: datetime, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, of a wall time of ``zone``; an aware ``moment`` already is one."""
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    before, after = zone.utcoffset(moment.replace(fold=0)), zone.utcoffset(moment.replace(fold=1))
    assert before is not None
    assert after is not None
    try:
        instant = moment.replace(tzinfo=UTC, fold=0) - before
        found = instant if after <= before else _first_change(instant - (after - before), instant, zone)
    except OverflowError:
        return _LAST_INSTANT if moment.year > 5000 else _FIRST_INSTANT
    return min(max(found, _FIRST_INSTANT), _LAST_INSTANT)


@lru_cache(maxsize=1024)  # the few that rosters name are asked for in every question
def known_instant(moment: datetime, zone: ZoneInfo) -> datetime:
    """The same, remembered."""
    return to_instant(moment, zone)


def as_written(moment: datetime, zone: ZoneInfo) -> datetime:
    """The wall time without zone that a moment of the rosters folder names, with or without offset."""
    return moment if moment.tzinfo is None else moment.astimezone(zone).replace(tzinfo=None, fold=0)


def to_wall(at: datetime, zone: ZoneInfo) -> datetime:
    """The latest wall time, without zone, whose instant is not after ``at``.

    In an hour that happens a second time this is the end of that hour, less
    one microsecond: all of its wall times were had the first time.
    """
    local = at.astimezone(zone)
    if local.fold == 0:
        return local.replace(tzinfo=None)
    first, second = local.replace(fold=0).utcoffset(), local.utcoffset()
    assert first is not None
    assert second is not None
    now = at.astimezone(UTC)
    change = _first_change(now - (first - second), now, zone)
    return (change + first).replace(tzinfo=None) - _TICK


def _first_change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the offset of ``before`` ends, known to lie not later than ``after``."""
    offset = before.astimezone(zone).utcoffset()
    low, high = 0, -((before - after) // _SECOND)
    start = before.replace(microsecond=0)
    while high - low > 1:
        middle = (low + high) // 2
        if (start + middle * _SECOND).astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return start + high * _SECOND
