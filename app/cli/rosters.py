"""What the rosters folder says: is it right, who is on call, who will be."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track

from app.cli.answers import columns, local, moment_for, now, print_json, readable, refuse, teams, utc
from app.cli.options import Options, json_option
from app.rosterbook import Finding, Reading, read, remarks
from app.rosterbook.difference import Change, NoSuchVersion, changes, version_of
from app.rosterbook.findings import Severity
from app.rosterbook.proof import Proof, prove
from app.rosterbook.schema import schemas, write_schemas
from oncall import rosters as duty
from oncall.rosters import Gap, Shift, Team

_LONGEST_WINDOW = timedelta(days=36600)
_WORTH_A_BAR = 250  # weeks of teams: about a second
_at_option = click.option("--at", "moment", metavar="TIME", help="The moment asked about; now, if left out.")
_team_option = click.option("--team", "team_id", metavar="TEAM", help="Only this team.")


@click.command("check")
@click.option("--weeks", default=13, show_default=True, type=click.IntRange(1, 520), help="How far to prove.")
@click.option("--from", "moment", metavar="TIME", help="Where the proof begins; now, if left out.")
@click.option("--diff", "other", metavar="REV|DIR", help="Tell whose duty changes since then.")
@json_option
@click.pass_context
def check(ctx: click.Context, weeks: int, moment: str | None, other: str | None) -> None:
    """Validate the rosters folder and prove that somebody is always on call."""
    options = ctx.find_object(Options) or Options()
    if not options.rosters.is_dir():
        refuse([f"{options.rosters}: there is no such folder: name it with --rosters"])
    reading = read(options.rosters)
    start = moment_for(moment, list(reading.teams.values())[:1], now())
    proof = prove(reading, start, start + timedelta(weeks=weeks), _following(weeks))
    findings = sorted({*reading.findings, *proof.findings, *_drill_findings(reading, now())})
    changed = None if other is None else _changes(other, reading, proof)
    if options.json:
        answer = {"findings": [_finding(f) for f in findings], "coverage": proof.as_json()}
        print_json(answer if changed is None else {**answer, "changes": [_change(c) for c in changed]})
    else:
        for finding in findings:
            click.echo(finding)
        for line in [*_told_changes(changed, reading), *_told(reading, proof, findings)]:
            click.echo(line)
    if reading.book is None or not proof.holds:
        ctx.exit(1)


def _drill_findings(reading: Reading, at: datetime) -> Iterator[Finding]:
    """Who has not passed a drill, where teams hold them and there is a database that knows."""
    if not any(team.drill for team in reading.teams.values()) or "people.yaml" not in reading.sources:
        return
    from app.cli.database import drills_passed  # only here: `who` has no use for a database

    passed = drills_passed()
    if passed is None:
        return
    told = set()
    for team in reading.teams.values():
        for person, code, message in remarks.of_drills(team, reading.people, passed, at):
            if person not in told:
                told.add(person)
                place = reading.place("people.yaml", ("people", person))
                yield Finding(*place, Severity.WARNING, code, message)


@click.command("schema")
@click.option("--write", "folder", type=click.Path(path_type=Path), help="Write them here: rosters/schema.")
def schema(folder: Path | None) -> None:
    """JSON Schemas of the rosters folder, for editors that know YAML."""
    if folder is not None:
        _write_schemas(folder)
        return
    for text in schemas().values():
        click.echo(text, nl=False)


def _write_schemas(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        refuse([f"--write {folder}: this is a file: name a folder"])
    try:
        write_schemas(folder)
    except OSError as error:
        refuse([f"--write {folder}: the schemas cannot be written there: {error.strerror}"])
    click.echo(f"written to {folder}: {', '.join(schemas())}", err=True)


@click.command("who")
@_at_option
@_team_option
@json_option
@click.pass_context
def who(ctx: click.Context, moment: str | None, team_id: str | None) -> None:
    """Who is on call, rotation by rotation."""
    options = ctx.find_object(Options) or Options()
    reading = readable(options, team_id)
    at_once = now()
    answer: list[tuple[Team, datetime, dict[str, list[str]]]] = []
    for team in teams(reading, team_id):
        at = moment_for(moment, [team], at_once)
        held = {name: list(duty.on_call(team, name, at, reading.people)) for name in team.rotations}
        answer.append((team, at, held))
    if options.json:
        at = answer[0][1] if answer else at_once
        print_json({"at": utc(at), "teams": {team.id: held for team, _, held in answer}})
        return
    for team, at, held in answer:
        click.echo(f"{team.id}, {local(at, team)} ({team.timezone})")
        for row in columns([(f"  {n}", _names(reading, ids) or "nobody") for n, ids in held.items()]):
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
    reading = readable(options, team_id)
    at_once = now()
    rows: list[Shift] = []
    holes: list[Gap] = []
    for team in teams(reading, team_id):
        start, end = moment_for(begin, [team], at_once), moment_for(finish, [team], at_once)
        if end < start or end - start > _LONGEST_WINDOW:
            raise click.UsageError("--to must not be before --from, nor more than 100 years after it")
        for name in team.rotations:
            rows += duty.shifts(team, name, start, end, reading.people)
            holes += duty.gaps(team, name, start, end, reading.people)
    rows.sort(key=lambda row: row.start)
    holes.sort(key=lambda hole: hole.start)
    if options.json:
        print_json({"shifts": [_shift(r) for r in rows], "gaps": [_gap(g) for g in holes]})
        return
    for line in _table(reading, rows, holes):
        click.echo(line)


def _following(weeks: int) -> Callable[[Sequence[Team]], Iterable[Team]]:
    """A progress bar on a terminal, where the proof takes long enough to be waited for."""

    def follow(proven: Sequence[Team]) -> Iterable[Team]:
        if len(proven) * weeks < _WORTH_A_BAR or not sys.stderr.isatty():
            return proven
        return track(proven, "Proving coverage", console=Console(stderr=True), transient=True)

    return follow


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "severity": finding.severity,
        "code": finding.code,
        "message": finding.message,
    }


def _changes(other: str, reading: Reading, proof: Proof) -> list[Change]:
    try:
        with version_of(reading.folder, other) as folder:
            before = read(folder)
    except NoSuchVersion as error:
        raise click.UsageError(f"{other} is neither a folder nor a git revision: {error}") from error
    if not before.teams:
        refuse([f"{other} holds no rosters to compare with: no team of it can be read"])
    return changes(before, reading, proof.start, proof.end)


def _change(change: Change) -> dict[str, Any]:
    return {
        "team": change.team,
        "rotation": change.rotation,
        "from": utc(change.start),
        "to": utc(change.end),
        "before": list(change.before),
        "after": list(change.after),
    }


def _told_changes(changed: Sequence[Change] | None, reading: Reading) -> Iterator[str]:
    """Whose duty changes, span by span, in the team's own time."""
    if changed is None:
        return
    yield "Who is on call changes:" if changed else "Who is on call does not change."
    rows = []
    for c in changed:
        team = reading.teams.get(c.team) or Team(c.team, "UTC")
        before, after = ", ".join(c.before) or "nobody", ", ".join(c.after) or "nobody"
        span = (local(c.start, team), local(c.end, team))
        rows.append((f"  {c.team}", c.rotation, *span, f"{before} → {after}"))
    yield from columns(rows)


def _shift(row: Shift) -> dict[str, str]:
    return {
        "team": row.team,
        "rotation": row.rotation,
        "person": row.person,
        "from": utc(row.start),
        "to": utc(row.end),
        "reason": row.reason,
    }


def _gap(hole: Gap) -> dict[str, str]:
    return {"team": hole.team, "rotation": hole.rotation, "from": utc(hole.start), "to": utc(hole.end)}


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
                span = (f"  {local(r.start, own)}", local(r.end, own))
                lines.append((r.start, (*span, r.rotation, _names(reading, [r.person]), why)))
        for h in holes:
            if h.team == team:
                span = (f"  {local(h.start, own)}", local(h.end, own))
                lines.append((h.start, (*span, h.rotation, "nobody", "gap")))
        yield from columns([cells for _, cells in sorted(lines, key=lambda line: line[0])])


def _told(reading: Reading, proof: Proof, findings: Sequence[Finding]) -> Iterator[str]:
    """The proof as a manager reads it, and what it comes to."""
    yield f"Coverage from {utc(proof.start)} to {utc(proof.end)}:"
    for team in proof.teams:
        yield f"  team {team.id} ({team.timezone})"
        yield from columns(
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
    answer = "There are hours with nobody on call."
    if reading.unread:
        answer = "Who is on call cannot be told of what cannot be read."
    elif proof.holds:
        answer = "Somebody is on call at every instant."
    yield f"{_count(errors, 'error')}, {_count(warnings, 'warning')}. {answer}"


def _count(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"
