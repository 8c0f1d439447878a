"""What the rosters folder says: is it right, who is on call, who will be."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import click

from app.cli.options import Options, json_option
from app.clock import SystemClock
from app.rosterbook import Finding, Reading, read
from app.rosterbook.findings import nearest, shown
from app.rosterbook.proof import Proof, prove
from oncall import rosters as duty
from oncall.rosters import Gap, Shift, Team, to_instant

_LONGEST_WINDOW = timedelta(days=36600)
_at_option = click.option("--at", "moment", metavar="TIME", help="The moment asked about; now, if left out.")
_team_option = click.option("--team", "team_id", metavar="TEAM", help="Only this team.")


@click.command("check")
@click.option("--weeks", default=13, show_default=True, type=click.IntRange(1, 520), help="How far to prove.")
@click.option("--from", "moment", metavar="TIME", help="Where the proof begins; now, if left out.")
@json_option
@click.pass_context
def check(ctx: click.Context, weeks: int, moment: str | None) -> None:
    """Validate the rosters folder and prove that somebody is always on call."""
    options = ctx.find_object(Options) or Options()
    if not options.rosters.is_dir():
        _refuse([f"{options.rosters}: there is no such folder: name it with --rosters"])
    reading = read(options.rosters)
    start = _moment_for(moment, list(reading.teams.values())[:1], _now())
    proof = prove(reading, start, start + timedelta(weeks=weeks))
    findings = sorted({*reading.findings, *proof.findings})
    if options.json:
        _print_json({"findings": [_finding(f) for f in findings], "coverage": proof.as_json()})
    else:
        for finding in findings:
            click.echo(finding)
        for line in _told(proof, findings):
            click.echo(line)
    if reading.book is None or not proof.holds:
        ctx.exit(1)


@click.command("who")
@_at_option
@_team_option
@json_option
@click.pass_context
def who(ctx: click.Context, moment: str | None, team_id: str | None) -> None:
    """Who is on call, rotation by rotation."""
    options = ctx.find_object(Options) or Options()
    reading = _readable(options, team_id)
    now = _now()
    answer: list[tuple[Team, datetime, dict[str, list[str]]]] = []
    for team in _teams(reading, team_id):
        at = _moment_for(moment, [team], now)
        held = {name: list(duty.on_call(team, name, at, reading.people)) for name in team.rotations}
        answer.append((team, at, held))
    if options.json:
        at = answer[0][1] if answer else now
        _print_json({"at": _utc(at), "teams": {team.id: held for team, _, held in answer}})
        return
    for team, at, held in answer:
        click.echo(f"{team.id}, {_local(at, team)} ({team.timezone})")
        for row in _columns([(f"  {n}", _names(reading, ids) or "nobody") for n, ids in held.items()]):
            click.echo(row)


@click.command("shifts")
@click.option("--from", "begin", metavar="TIME", required=True, help="Where the window begins.")
@click.option("--to", "finish", metavar="TIME", required=True, help="Where it ends, itself excluded.")
@_team_option
@json_option
@click.pass_context
def shifts(ctx: click.Context, begin: str, finish: str, team_id: str | None) -> None:
    """Who is on call when, and when nobody is."""
    options = ctx.find_object(Options) or Options()
    reading = _readable(options, team_id)
    now = _now()
    rows: list[Shift] = []
    holes: list[Gap] = []
    for team in _teams(reading, team_id):
        start, end = _moment_for(begin, [team], now), _moment_for(finish, [team], now)
        if end < start or end - start > _LONGEST_WINDOW:
            raise click.UsageError("--to must not be before --from, nor more than 100 years after it")
        for name in team.rotations:
            rows += duty.shifts(team, name, start, end, reading.people)
            holes += duty.gaps(team, name, start, end, reading.people)
    rows.sort(key=lambda row: row.start)
    holes.sort(key=lambda hole: hole.start)
    if options.json:
        _print_json({"shifts": [_shift(r) for r in rows], "gaps": [_gap(g) for g in holes]})
        return
    for line in _table(reading, rows, holes):
        click.echo(line)


def _now() -> datetime:
    return SystemClock().now().replace(microsecond=0)


def _readable(options: Options, team_id: str | None) -> Reading:
    """The folder, if it says enough to tell who is on call; else exit 2, a line for each finding."""
    reading = read(options.rosters)
    unread: Sequence[Finding] = reading.unread
    if team_id in reading.teams:
        people = str(options.rosters / "people.yaml")
        unread = [f for f in unread if f.path == people]
    if unread:
        _refuse([str(finding) for finding in unread])
    return reading


def _teams(reading: Reading, team_id: str | None) -> list[Team]:
    if team_id is None:
        return sorted(reading.teams.values(), key=lambda team: team.id)
    if team_id not in reading.teams:
        raise click.UsageError(f"unknown team {shown(team_id)}: {nearest(team_id, reading.teams)}")
    return [reading.teams[team_id]]


def _moment_for(text: str | None, teams: Sequence[Team], now: datetime) -> datetime:
    """The instant of a written time; without offset it is read in the team's zone."""
    if text is None:
        return now
    try:
        value = datetime.fromisoformat(text.strip())
    except ValueError:
        value = None
    if value is None or not 1900 <= value.year <= 9000:
        raise click.UsageError(
            f"{shown(text)} is not a time: write it as 2026-01-05T09:00, with Z or +02:00 if need be"
        )
    return to_instant(value, ZoneInfo(teams[0].timezone if teams else "UTC"))


def _refuse(lines: Iterable[str]) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(2)


def _print_json(document: Any) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _local(at: datetime, team: Team) -> str:
    return f"{at.astimezone(ZoneInfo(team.timezone)):%a %Y-%m-%d %H:%M}"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "severity": finding.severity,
        "code": finding.code,
        "message": finding.message,
    }


def _shift(row: Shift) -> dict[str, str]:
    return {
        "team": row.team,
        "rotation": row.rotation,
        "person": row.person,
        "from": _utc(row.start),
        "to": _utc(row.end),
        "reason": row.reason,
    }


def _gap(hole: Gap) -> dict[str, str]:
    return {"team": hole.team, "rotation": hole.rotation, "from": _utc(hole.start), "to": _utc(hole.end)}


def _names(reading: Reading, ids: Iterable[str]) -> str:
    return ", ".join(f"{reading.people[i].name} ({i})" if i in reading.people else i for i in ids)


def _table(reading: Reading, rows: Sequence[Shift], holes: Sequence[Gap]) -> Iterator[str]:
    """Shifts and gaps team by team, in the team's own time."""
    for team in sorted({r.team for r in rows} | {h.team for h in holes}):
        own = reading.teams[team]
        yield f"{team} ({own.timezone})"
        lines: list[tuple[datetime, tuple[str, ...]]] = []
        for r in rows:
            if r.team == team:
                why = "" if r.reason == "rotation" else r.reason
                span = (f"  {_local(r.start, own)}", _local(r.end, own))
                lines.append((r.start, (*span, r.rotation, _names(reading, [r.person]), why)))
        for h in holes:
            if h.team == team:
                span = (f"  {_local(h.start, own)}", _local(h.end, own))
                lines.append((h.start, (*span, h.rotation, "nobody", "gap")))
        yield from _columns([cells for _, cells in sorted(lines, key=lambda line: line[0])])


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _told(proof: Proof, findings: Sequence[Finding]) -> Iterator[str]:
    """The proof as a manager reads it, and what it comes to."""
    yield f"Coverage from {_utc(proof.start)} to {_utc(proof.end)}:"
    for team in proof.teams:
        yield f"  team {team.id} ({team.timezone})"
        yield from _columns(
            [
                (f"    level {level.number}", level.shown, "covered" if level.covered else "NOT COVERED")
                for level in team.levels
            ]
        )
        changes = ", ".join(str(change) for change in team.clock_changes) or "none"
        yield f"    clock changes: {changes}"
    named = ", ".join(f"{day} {name}" for day, name in proof.holidays) or "none"
    yield f"  holidays: {named}"
    errors = sum(f.severity == "error" for f in findings)
    warnings = len(findings) - errors
    answer = (
        "Somebody is on call at every instant." if proof.holds else "There are hours with nobody on call."
    )
    yield f"{_count(errors, 'error')}, {_count(warnings, 'warning')}. {answer}"


def _count(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"
