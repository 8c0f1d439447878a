"""What the commands about rosters have in common: reading the folder, reading times, printing answers."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import click

from app.cli.options import Options
from app.clock import SystemClock
from app.rosterbook import Finding, Reading, read
from app.rosterbook.findings import nearest, shown
from oncall.rosters import Team, to_instant


def now() -> datetime:
    """The moment, to the second, aware, UTC."""
    return SystemClock().now().replace(microsecond=0)


def readable(options: Options, team_id: str | None) -> Reading:
    """The folder, if it says enough to tell who is on call; else exit 2, a line for each finding."""
    reading = read(options.rosters)
    unread: Sequence[Finding] = reading.unread
    if team_id in reading.teams:
        people = str(options.rosters / "people.yaml")
        unread = [f for f in unread if f.path == people]
    if unread:
        refuse([str(finding) for finding in unread])
    return reading


def teams(reading: Reading, team_id: str | None) -> list[Team]:
    """All teams, or the one that was named; an unknown name is wrong usage."""
    if team_id is None:
        return sorted(reading.teams.values(), key=lambda team: team.id)
    if team_id not in reading.teams:
        raise click.UsageError(f"unknown team {shown(team_id)}: {nearest(team_id, reading.teams)}")
    return [reading.teams[team_id]]


def moment_for(text: str | None, teams: Sequence[Team], otherwise: datetime) -> datetime:
    """The instant of a written time; without offset it is read in the team's zone."""
    if text is None:
        return otherwise
    try:
        value = datetime.fromisoformat(text.strip())
    except ValueError:
        value = None
    if value is None or not 1900 <= value.year <= 9000:
        raise click.UsageError(
            f"{shown(text)} is not a time: write it as 2026-01-05T09:00, with Z or +02:00 if need be"
        )
    return to_instant(value, ZoneInfo(teams[0].timezone if teams else "UTC"))


def refuse(lines: Iterable[str]) -> NoReturn:
    """Exit 2: wrong usage or configuration, told on stderr."""
    for line in lines:
        click.echo(line, err=True)
    sys.exit(2)


def print_json(document: Any) -> None:
    """One document on stdout, and nothing else there."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def utc(at: datetime) -> str:
    """ISO 8601 in UTC, with Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def local(at: datetime, team: Team) -> str:
    """The moment as the team's clocks show it."""
    return f"{at.astimezone(ZoneInfo(team.timezone)):%a %Y-%m-%d %H:%M}"


def written(at: datetime, team: Team) -> str:
    """A local time of the team; with its offset where the clock shows that time twice."""
    local = at.astimezone(ZoneInfo(team.timezone))
    text = f"{local:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
    return f"{text}{local:%z}" if local.fold else text


def columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines whose cells stand under one another."""
    if not rows:
        return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
