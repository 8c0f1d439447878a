"""Drills: a test page for the people of a team, at a time that was said. Who presses the key has passed.

A drill is of no incident: it has a table of its own, gives way to every page,
and is not counted where incidents are.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from oncall.people import Person
from oncall.rosters import Drills, Team, to_instant

ASKS_AGAIN = timedelta(minutes=5)  # whoever is in a page, or has an incident in hands, is asked later
LASTS = timedelta(hours=2)  # what could not be asked by then is not asked any more
RINGS = timedelta(seconds=25)
SETTLES = timedelta(minutes=2)  # after the ring: a lost callback delays, it never strands
DAY_BEGINS, DAY_ENDS = time(8), time(21)
_WEEKS_COUNT_FROM = date(2026, 1, 5)  # a Monday
_WEEK = timedelta(weeks=1)


class State(StrEnum):
    ASKED = "asked"
    RINGING = "ringing"
    ANSWERED = "answered"
    PASSED = "passed"
    FAILED = "failed"


GOING_ON = frozenset({State.ASKED, State.RINGING, State.ANSWERED})


def due(team: Team, at: datetime) -> datetime | None:
    """The moment of the drill that is to be held at ``at``; None for none.

    One that was missed for longer than it lasts, as everything was down, is not made up for.
    """
    if team.drill is None:
        return None
    zone = ZoneInfo(team.timezone)
    today = at.astimezone(zone).date()
    for monday in (_monday(today), _monday(today) - _WEEK):
        moment = _in_week(team.drill, monday, zone)
        if moment is not None and moment <= at < moment + LASTS:
            return moment
    return None


def name_of(team: str, moment: datetime) -> str:
    """The same for every worker that finds the same drill due."""
    return f"drill:{team}:{moment.astimezone(UTC).isoformat()}"


def is_night(team: Team, at: datetime) -> bool:
    """Whether people of the team sleep, as far as a clock can tell."""
    return not DAY_BEGINS <= at.astimezone(ZoneInfo(team.timezone)).time() < DAY_ENDS


def people_of(team: Team, people: Mapping[str, Person]) -> tuple[Person, ...]:
    """Everybody whom a page of the team could reach: its rotations, and who is named in its levels."""
    turns = [id for rotation in team.rotations.values() for id in rotation.everybody()]
    named = [id for level in team.escalation if not isinstance(level.page, str) for id in level.page]
    return tuple(people[id] for id in dict.fromkeys([*turns, *named]) if id in people)


def lapsed(
    team: Team, people: Mapping[str, Person], passed: Mapping[str, datetime], at: datetime
) -> tuple[Person, ...]:
    """Who of a team that holds drills has not passed one for longer than one counts."""
    if team.drill is None:
        return ()
    since = at - team.drill.passes_for
    return tuple(p for p in people_of(team, people) if p.id not in passed or passed[p.id] < since)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _in_week(drill: Drills, monday: date, zone: ZoneInfo) -> datetime | None:
    weeks = (monday - _WEEKS_COUNT_FROM) // _WEEK
    if weeks % (drill.every // _WEEK):
        return None
    local = datetime.combine(monday, time()) + drill.at
    return to_instant(local, zone)
