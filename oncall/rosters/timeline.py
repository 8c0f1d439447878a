"""From turns to who is on call: layers, substitutes and exceptions, as stretches of time.

A stretch is a span in which the same people hold a rotation. It may have no
holder: then the rotation is active and nobody is there. Spans in which the
rotation is not active at all have no stretch.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from oncall.people import Person
from oncall.rosters.model import Kind, Layer, Override, Reason, Rotation
from oncall.rosters.turns import Turns
from oncall.rosters.walltime import as_written, known_instant, to_instant, to_wall

_TICK = timedelta(microseconds=1)
_starts = attrgetter("start")


class Holder(NamedTuple):
    """Somebody on call, why, and by which turn (layer, number) or override (-1, number)."""

    person: str
    reason: Reason
    source: tuple[int, int]


class Stretch(NamedTuple):
    start: datetime
    end: datetime
    holders: tuple[Holder, ...]


def stretches(
    rotation: Rotation,
    overrides: Sequence[Override],
    start: datetime,
    end: datetime,
    zone: ZoneInfo,
    people: Mapping[str, Person],
) -> list[Stretch]:
    """Who holds a rotation between two instants, in order; ``overrides`` are those of the rotation."""
    absences = _Absences(zone, people)
    line: list[Stretch] = []
    for number, layer in enumerate(rotation.layers):
        upper = _layer_line(number, layer, start, end, zone, absences)
        line = _laid_over(line, upper) if line else upper
    touching = [(i, o) for i, o in enumerate(overrides) if o.start < end and start < o.end]
    return _overridden(line, touching, start, end) if touching else line


class _Absences:
    """When each person is away, read in the team's zone, worked out once and only where asked."""

    def __init__(self, zone: ZoneInfo, people: Mapping[str, Person]) -> None:
        self._zone = zone
        self._people = people
        self._known: dict[str, tuple[tuple[datetime, datetime], ...]] = {}

    def of(self, person: str) -> tuple[tuple[datetime, datetime], ...]:
        known = self._known.get(person)
        if known is None:
            found = self._people.get(person)
            spans = found.away if found else ()
            known = tuple((to_instant(a.start, self._zone), to_instant(a.end, self._zone)) for a in spans)
            self._known[person] = known
        return known

    def touch(self, person: str, start: datetime, end: datetime) -> bool:
        return any(s < end and start < e for s, e in self.of(person))

    def is_away(self, person: str, at: datetime) -> bool:
        return any(s <= at < e for s, e in self.of(person))


def _layer_line(
    number: int, layer: Layer, start: datetime, end: datetime, zone: ZoneInfo, absences: _Absences
) -> list[Stretch]:
    line: list[Stretch] = []
    for turn, item, begin, finish in _duties(layer, start, end, zone):
        standing = layer.people[item]
        source = (number, turn)
        if any(absences.touch(person, begin, finish) for person in standing):
            order = [p for i in (*layer.people[item + 1 :], *layer.people[:item]) for p in i]
            line += _substituted(standing, order, source, begin, finish, absences)
        else:
            line.append(Stretch(begin, finish, tuple(Holder(p, Reason.ROTATION, source) for p in standing)))
    return line


def _duties(
    layer: Layer, start: datetime, end: datetime, zone: ZoneInfo
) -> Iterator[tuple[int, int, datetime, datetime]]:
    """Turn, item, and the instants between which there is duty, within a window of time."""
    first = known_instant(layer.starts, zone)
    start = max(start, first)
    if layer.until is not None:
        end = min(end, known_instant(layer.until, zone))
    if start >= end:
        return
    handoff = None if layer.first_handoff is None else as_written(layer.first_handoff, zone)
    turns = Turns(layer, as_written(layer.starts, zone), handoff)
    low, high = to_wall(start, zone), to_wall(end, zone) + _TICK
    turn = turns.at(low)
    begins = turns.begins(turn)
    met, until = low, start
    while begins < high:
        ends = turns.begins(turn + 1)
        for begin, finish in turns.active(max(begins, low), min(ends, high)):
            since = until if begin == met else max(to_instant(begin, zone), start)
            # The wall time of ``high`` is the first that comes after ``end``.
            met, until = finish, end if finish == high else min(to_instant(finish, zone), end)
            if since < until:
                yield turn, turns.item(turn), since, until
        turn, begins = turn + 1, ends


def _substituted(
    standing: tuple[str, ...],
    order: Sequence[str],
    source: tuple[int, int],
    start: datetime,
    end: datetime,
    absences: _Absences,
) -> Iterator[Stretch]:
    """A turn in which somebody is away: the next in ``order`` who is not stands in."""
    moments = {m for p in (*standing, *order) for span in absences.of(p) for m in span if start < m < end}
    cuts = [start, *sorted(moments), end]
    for begin, finish in pairwise(cuts):
        present = [p for p in standing if not absences.is_away(p, begin)]
        free = iter([p for p in order if p not in present and not absences.is_away(p, begin)])
        holders: dict[str, Holder] = {}
        for person in standing:
            if person in present:
                holders[person] = Holder(person, Reason.ROTATION, source)
                continue
            substitute = next((p for p in free if p not in holders), None)
            if substitute is not None:
                holders[substitute] = Holder(substitute, Reason.SUBSTITUTE, source)
        yield Stretch(begin, finish, tuple(holders.values()))


def _laid_over(lower: list[Stretch], upper: list[Stretch]) -> list[Stretch]:
    """``upper`` where it has somebody, else ``lower``; a stretch without holder shows through."""
    somebody = [s for s in upper if s.holders]
    rest = _without(lower, somebody)
    nobody = _without([s for s in upper if not s.holders], rest)
    return sorted(somebody + rest + nobody, key=_starts)


def _without(line: list[Stretch], taken: list[Stretch]) -> list[Stretch]:
    """What is left of ``line`` outside ``taken``; both sorted and disjoint."""
    left: list[Stretch] = []
    first = 0
    for start, end, holders in line:
        while first < len(taken) and taken[first].end <= start:
            first += 1
        at = first
        while at < len(taken) and taken[at].start < end:
            if start < taken[at].start:
                left.append(Stretch(start, taken[at].start, holders))
            start = max(start, taken[at].end)
            at += 1
        if start < end:
            left.append(Stretch(start, end, holders))
    return left


def _overridden(
    line: list[Stretch], overrides: list[tuple[int, Override]], start: datetime, end: datetime
) -> list[Stretch]:
    moments = {m for _, o in overrides for m in (o.start, o.end) if start < m < end}
    cuts = [start, *sorted(moments), end]
    result: list[Stretch] = []
    for begin, finish in pairwise(cuts):
        valid = [(i, o) for i, o in overrides if o.start <= begin and finish <= o.end]
        for since, until, holders in _filled(line, begin, finish):
            now = _apply(holders, valid) if valid else holders
            if now is not None:
                result.append(Stretch(since, until, now))
    return result


def _filled(
    line: list[Stretch], start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, tuple[Holder, ...] | None]]:
    """The stretches within a span, and None for what lies between them: not active."""
    at = start
    for stretch in line[max(bisect_right(line, start, key=_starts) - 1, 0) :]:
        if stretch.start >= end:
            break
        if stretch.end <= at:
            continue
        if at < stretch.start:
            yield at, stretch.start, None
        finish = min(stretch.end, end)
        yield max(at, stretch.start), finish, stretch.holders
        at = finish
    if at < end:
        yield at, end, None


def _apply(
    holders: tuple[Holder, ...] | None, overrides: list[tuple[int, Override]]
) -> tuple[Holder, ...] | None:
    """Cover, then replace, then remove, then add; None is a rotation that is not active."""
    active = holders is not None
    now = list(holders or ())
    covers = _brought_in(Kind.COVER, overrides)
    if covers:
        now = covers
    if active:
        now = _replaced(now, [(i, o) for i, o in overrides if o.kind is Kind.REPLACE])
    removed = {o.instead_of for _, o in overrides if o.kind is Kind.REMOVE}
    now = [h for h in now if h.reason is Reason.OVERRIDE or h.person not in removed]
    now += _brought_in(Kind.ADD, overrides)
    return _once_each(now) if now or active else None


def _replaced(now: list[Holder], overrides: list[tuple[int, Override]]) -> list[Holder]:
    """Each holder gives way to those who replace them; whoever comes in is not replaced again."""
    if not now:
        return [_holder(i, o) for i, o in overrides if o.instead_of is None and o.person]
    result: list[Holder] = []
    for holder in now:
        takers = [_holder(i, o) for i, o in overrides if o.instead_of in (None, holder.person) and o.person]
        result += takers or [holder]
    return result


def _brought_in(kind: Kind, overrides: list[tuple[int, Override]]) -> list[Holder]:
    return [_holder(i, o) for i, o in overrides if o.kind is kind and o.person]


def _holder(number: int, override: Override) -> Holder:
    return Holder(override.person or "", Reason.OVERRIDE, (-1, number))


def _once_each(holders: list[Holder]) -> tuple[Holder, ...]:
    """Nobody twice; where a person has a turn and an override, it stays the turn."""
    found: dict[str, Holder] = {}
    for holder in holders:
        if holder.person not in found or found[holder.person].reason is Reason.OVERRIDE:
            found[holder.person] = holder
    return tuple(found.values())
