"""The proof of coverage: at every instant of the horizon each level of each team has somebody.

And what a manager should know although nothing is wrong: exceptions that do
nothing, people away on their turn, levels that are the same person.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.rosterbook import remarks
from app.rosterbook.findings import Code, Finding, Severity
from app.rosterbook.reading import Reading
from oncall.people import Person
from oncall.rosters import Gap, Level, Team, gaps


@dataclass(frozen=True, slots=True)
class ClockChange:
    """The night on which the clock of a team moves: the instant, and by how much."""

    at: datetime
    moves: timedelta
    timezone: str

    def __str__(self) -> str:
        local = self.at.astimezone(ZoneInfo(self.timezone))
        way = "forward" if self.moves > timedelta() else "back"
        return f"{local:%a %Y-%m-%d %H:%M} ({way} {abs(self.moves)})"


@dataclass(frozen=True, slots=True)
class LevelProof:
    number: int
    shown: str
    gaps: tuple[Gap, ...]

    @property
    def covered(self) -> bool:
        return not self.gaps


@dataclass(frozen=True, slots=True)
class TeamProof:
    id: str
    timezone: str
    levels: tuple[LevelProof, ...]
    clock_changes: tuple[ClockChange, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proven, from ``start`` to just before ``end``."""

    start: datetime
    end: datetime
    teams: tuple[TeamProof, ...] = ()
    holidays: tuple[tuple[date, str], ...] = ()
    findings: tuple[Finding, ...] = field(default=())

    @property
    def holds(self) -> bool:
        """Every level of every team always has somebody, and there is something to prove."""
        return bool(self.teams) and all(t.levels and all(v.covered for v in t.levels) for t in self.teams)

    def as_json(self) -> dict[str, Any]:
        return {
            "from": _utc(self.start),
            "to": _utc(self.end),
            "covered": self.holds,
            "teams": {team.id: _team_json(team) for team in self.teams},
            "holidays": [{"date": str(day), "name": name} for day, name in self.holidays],
        }


def prove(
    reading: Reading,
    start: datetime,
    end: datetime,
    follow: Callable[[Sequence[Team]], Iterable[Team]] = iter,
) -> Proof:
    """Proves what the folder says between two instants, as far as it could be read.

    ``follow`` hands the teams on one by one: a progress bar, for one.
    """
    teams = tuple(
        TeamProof(
            team.id,
            team.timezone,
            tuple(_levels(team, start, end, reading.people)),
            tuple(clock_changes(team.timezone, start, end)),
        )
        for team in follow(sorted(reading.teams.values(), key=lambda team: team.id))
    )
    findings = tuple(_findings(reading, teams, start, end))
    return Proof(start, end, teams, _holidays(reading, start, end), findings)


def clock_changes(timezone: str, start: datetime, end: datetime) -> Iterator[ClockChange]:
    """Each change of a zone's clock between two instants, found to the second."""
    zone, step = ZoneInfo(timezone), timedelta(hours=6)
    at = start.astimezone(UTC)
    while at < end:
        then = min(at + step, end.astimezone(UTC))
        moves = _offset(then, zone) - _offset(at, zone)
        if moves:
            yield ClockChange(_last_second_before(at, then, zone), moves, timezone)
        at = then


def _levels(team: Team, start: datetime, end: datetime, people: Mapping[str, Person]) -> Iterator[LevelProof]:
    for number, level in enumerate(team.escalation, start=1):
        if isinstance(level.page, str):
            yield LevelProof(number, level.page, gaps(team, level.page, start, end, people))
        else:
            missing = all(person not in people for person in level.page)
            hole = (Gap(team.id, _shown(level), start, end),) if missing else ()
            yield LevelProof(number, _shown(level), hole)


def _shown(level: Level) -> str:
    return level.page if isinstance(level.page, str) else ", ".join(level.page)


def _findings(
    reading: Reading, teams: tuple[TeamProof, ...], start: datetime, end: datetime
) -> Iterator[Finding]:
    for proof in teams:
        team = reading.teams[proof.id]
        file = reading.file_of_team[team.id]
        for level in proof.levels:
            if level.gaps and (level.shown in team.rotations or reading.has_all_people):
                place = reading.place(file, ("escalation", level.number - 1, "page"))
                yield Finding(*place, Severity.ERROR, Code.GAP, _gap_message(level, team))
        for steps, code, message in remarks.of_team(team, reading.people, start, end):
            yield Finding(*reading.place(file, steps), Severity.WARNING, code, message)
    for client, steps, code, message in remarks.of_clients(reading.clients, start, end):
        place = reading.place(reading.file_of_client[client], steps)
        yield Finding(*place, Severity.WARNING, code, message)


def _gap_message(level: LevelProof, team: Team) -> str:
    zone = ZoneInfo(team.timezone)
    spans = ", ".join(f"{_local(g.start, zone)} to {_local(g.end, zone)}" for g in level.gaps[:3])
    more = f" and {len(level.gaps) - 3} times more" if len(level.gaps) > 3 else ""
    return f"level {level.number} ({level.shown}) has nobody from {spans}{more}: add people or a layer"


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}"


def _holidays(reading: Reading, start: datetime, end: datetime) -> tuple[tuple[date, str], ...]:
    zone = ZoneInfo(reading.holidays_timezone)
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    return tuple(sorted((d, name) for d, name in reading.holidays.items() if first <= d <= last))


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _last_second_before(at: datetime, then: datetime, zone: ZoneInfo) -> datetime:
    """The instant of the change between two instants whose offsets differ."""
    offset = _offset(at, zone)
    while then - at > timedelta(seconds=1):
        middle = at + (then - at) / 2
        at, then = (middle, then) if _offset(middle, zone) == offset else (at, middle)
    return then.replace(microsecond=0)


def _team_json(team: TeamProof) -> dict[str, Any]:
    return {
        "timezone": team.timezone,
        "levels": [
            {
                "level": level.number,
                "page": level.shown,
                "covered": level.covered,
                "gaps": [{"from": _utc(g.start), "to": _utc(g.end)} for g in level.gaps],
            }
            for level in team.levels
        ],
        "clock_changes": [
            {"at": _utc(c.at), "seconds": int(c.moves.total_seconds())} for c in team.clock_changes
        ],
    }


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
