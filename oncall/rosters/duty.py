"""The three questions put to a roster: who is on call now, who is when, and when is nobody."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from oncall.people import Person
from oncall.rosters.model import Gap, Reason, Shift, Team
from oncall.rosters.timeline import Stretch, stretches

_TICK = timedelta(microseconds=1)


def on_call(team: Team, rotation: str, at: datetime, people: Mapping[str, Person]) -> tuple[str, ...]:
    """Who holds ``rotation`` at ``at``; nobody where the team has no such rotation."""
    line = timeline(team, rotation, at, at + _TICK, people)
    return tuple(holder.person for stretch in line for holder in stretch.holders)


def shifts(
    team: Team, rotation: str, start: datetime, end: datetime, people: Mapping[str, Person]
) -> tuple[Shift, ...]:
    """A row for each person and turn between two instants, clipped to them, sorted by start.

    A turn that is interrupted (by windows, an absence, an override) has a row
    for each part; turns that follow one another stay apart, whoever has them.
    """
    rows: list[tuple[str, Reason, datetime, datetime]] = []
    unfinished: dict[tuple[str, Reason, tuple[int, int]], int] = {}
    for begin, finish, holders in timeline(team, rotation, start, end, people):
        for holder in holders:
            row = unfinished.get(holder)
            if row is not None and rows[row][3] == begin:
                rows[row] = (*rows[row][:3], finish)
            else:
                unfinished[holder] = len(rows)
                rows.append((holder.person, holder.reason, begin, finish))
    return tuple(Shift(team.id, rotation, p, begin, finish, why) for p, why, begin, finish in rows)


def gaps(
    team: Team, rotation: str, start: datetime, end: datetime, people: Mapping[str, Person]
) -> tuple[Gap, ...]:
    """Each longest span between two instants in which ``rotation`` has nobody, whatever the reason."""
    line = [s for s in timeline(team, rotation, start, end, people) if s.holders]
    begins = [start.astimezone(UTC), *(s.end for s in line)]
    ends = [*(s.start for s in line), end.astimezone(UTC)]
    return tuple(Gap(team.id, rotation, b, e) for b, e in zip(begins, ends, strict=True) if b < e)


def timeline(
    team: Team, rotation: str, start: datetime, end: datetime, people: Mapping[str, Person]
) -> Sequence[Stretch]:
    """The stretches of a rotation between two instants: in order, disjoint, clipped, in UTC."""
    found = team.rotations.get(rotation)
    if found is None or start >= end:
        return ()
    overrides = [o for o in team.overrides if o.rotation == rotation]
    zone = ZoneInfo(team.timezone)
    return stretches(found, overrides, start.astimezone(UTC), end.astimezone(UTC), zone, people)
