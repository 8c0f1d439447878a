"""``guardia override add``: an exception that does not wait for somebody to edit YAML."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from app.cli.answers import moment_for, readable, refuse, teams, written
from app.cli.options import Options
from app.cli.pending import pending
from app.rosterbook import Finding, Reading, read
from app.rosterbook.editing import CannotEdit, with_override
from app.rosterbook.proof import Proof, prove
from oncall.rosters import Kind, Team


@click.group("override")
def override() -> None:
    """Dated exceptions of a rotation."""


override.add_command(pending)


@override.command("add")
@click.option("--team", "team_id", required=True, help="The team whose rotation it is.")
@click.option("--rotation", required=True, help="The rotation.")
@click.option("--person", help="Who comes in; nobody with --kind remove.")
@click.option("--from", "begin", metavar="TIME", required=True, help="Where it begins.")
@click.option("--to", "finish", metavar="TIME", required=True, help="Where it ends, itself excluded.")
@click.option(
    "--kind", type=click.Choice([str(kind) for kind in Kind]), default=str(Kind.REPLACE), show_default=True
)
@click.option("--instead-of", metavar="PERSON", help="Only instead of this person.")
@click.option("--reason", help="Why, for those who read the file.")
@click.pass_context
def add(
    ctx: click.Context,
    team_id: str,
    rotation: str,
    person: str | None,
    begin: str,
    finish: str,
    kind: str,
    instead_of: str | None,
    reason: str | None,
) -> None:
    """Write one override into the team's file, unless it is wrong, over, or would leave a gap."""
    options = ctx.find_object(Options) or Options()
    before = readable(options, team_id)
    team = teams(before, team_id)[0]
    at = options.clock.now()
    start, end = (moment_for(text, [team], at) for text in (begin, finish))
    if start < end <= at:
        over = "an override changes who is called from now on, not who was"
        click.echo(f"it is over since {written(end, team)}: {over}", err=True)
        ctx.exit(1)
    entry = {
        "rotation": rotation,
        "person": person,
        "from": written(start, team),
        "to": written(end, team),
        "kind": None if kind == Kind.REPLACE else kind,
        "instead_of": instead_of,
        "reason": reason,
    }
    file = options.rosters / before.file_of_team[team.id]
    try:
        text = with_override(
            file.read_text(encoding="utf-8"), {k: v for k, v in entry.items() if v is not None}
        )
    except CannotEdit as error:
        refuse([f"{file}: {error}"])
    refused = _refusals(options.rosters, before, team, text, start, end)
    if refused:
        for line in refused:
            click.echo(line, err=True)
        ctx.exit(1)
    _replace(file, text)
    click.echo(f"{file}: {text_of(entry)}")
    for warning in _new_warnings(before, read(options.rosters), start, end):
        click.echo(warning, err=True)


def text_of(entry: dict[str, str | None]) -> str:
    """The entry as it is written into the file."""
    return "{" + ", ".join(f"{key}: {value}" for key, value in entry.items() if value is not None) + "}"


def _refusals(
    folder: Path, before: Reading, team: Team, text: str, start: datetime, end: datetime
) -> list[str]:
    """Why the folder with this text must not be: new errors, or hours that nobody covers any more."""
    with TemporaryDirectory(prefix="guardia-rosters-") as scratch:
        copy = Path(scratch) / folder.resolve().name
        shutil.copytree(folder, copy)
        (copy / before.file_of_team[team.id]).write_text(text, encoding="utf-8")
        after = read(copy)
    known = {(f.code, f.message) for f in before.errors()}
    found = [
        str(f).replace(str(copy), str(folder)) for f in after.errors() if (f.code, f.message) not in known
    ]
    if found:
        return found
    span = (start - timedelta(minutes=1), end + timedelta(minutes=1))
    opened = _gaps(prove(after, *span), team) - _gaps(prove(before, *span), team)
    return [
        f"{level} would have nobody from {written(a, team)} to {written(b, team)}"
        for level, a, b in sorted(opened)
    ]


def _new_warnings(before: Reading, after: Reading, start: datetime, end: datetime) -> list[Finding]:
    """What ``guardia check`` has to say of the folder since the override, and had not before."""

    def told(reading: Reading) -> dict[tuple[str, str], Finding]:
        return {(f.code, f.message): f for f in (*reading.findings, *prove(reading, start, end).findings)}

    known = told(before)
    return sorted(finding for key, finding in told(after).items() if key not in known)


def _gaps(proof: Proof, team: Team) -> set[tuple[str, datetime, datetime]]:
    own = next(t for t in proof.teams if t.id == team.id)
    return {(f"level {v.number} ({v.shown})", g.start, g.end) for v in own.levels for g in v.gaps}


def _replace(file: Path, text: str) -> None:
    """Whole or not at all: who reads meanwhile sees the old file or the new one."""
    fresh = file.with_name(f".{file.name}.new")
    fresh.write_text(text, encoding="utf-8")
    shutil.copymode(file, fresh)
    fresh.replace(file)
