"""Turns on the wall clock: when turn *k* begins, which turn a moment lies in, whose turn it is.

Everything here is local wall time without zone, and arithmetic: no turn is
found by walking through those before it.
"""

from datetime import MAXYEAR, datetime
from calendar import monthrange

from oncall.rosters.model import Layer, Length, Unit


def add_lengths(anchor: datetime, length: Length, times: int) -> datetime:
    """``anchor + times × length``; months count from the anchor's day, clamped, without drift."""
    try:
        if length.unit is Unit.MONTHS:
            return _add_months(anchor, length.count * times)
        return anchor + length.as_wall_time() * times
    except OverflowError:
        return datetime.max


def turn_at(layer: Layer, starts: datetime, wall: datetime) -> int:
    """The number of the turn that ``wall`` lies in; negative before the first."""
    handoff = layer.first_handoff
    if handoff is None:
        return _times(starts, layer.shift, wall)
    if wall < handoff:
        return 0 if wall >= starts else -1
    return 1 + _times(handoff, layer.shift, wall)


def _times(anchor: datetime, length: Length, wall: datetime) -> int:
    if length.unit is not Unit.MONTHS:
        return (wall - anchor) // length.as_wall_time()
    months = (wall.year - anchor.year) * 12 + wall.month - anchor.month
    times = months // length.count
    return times - 1 if add_lengths(anchor, length, times) > wall else times


def _add_months(anchor: datetime, months: int) -> datetime:
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    if not 1 <= year <= MAXYEAR:
        raise OverflowError
    day = min(anchor.day, monthrange(year, month + 1)[1])
    return anchor.replace(year=year, month=month + 1, day=day)
