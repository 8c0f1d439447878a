"""``guardia drill``: page the people of a team with a test, and see who passed."""

import secrets
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from app.cli.answers import columns, local, now, print_json, readable, refuse, teams, utc
from app.cli.database import reading
from app.cli.options import Options, json_option
from app.rosterbook import Reading
from app.rosterbook.findings import nearest, shown
from app.settings import SettingsError, read_settings
from app.wiring import open_store
from oncall import drills
from oncall.dispatcher.drilling import ask
from oncall.people import Person
from oncall.rosters import Team

_EXIT_NO = 1


@click.command()
@click.option("--team", "team_id", metavar="TEAM", help="Only this team; all of them, if left out.")
@click.option("--person", "person_id", metavar="P", help="Only this person.")
@click.option("--at-night", is_flag=True, help="Also between 21:00 and 08:00 of the team's clock.")
@click.option("--status", is_flag=True, help="Page nobody: tell who passed, and when.")
@json_option
@click.pass_obj
def drill(options: Options, team_id: str | None, person_id: str | None, at_night: bool, status: bool) -> None:
    """Page people with a test that asks for a key. The worker calls them, after every real page."""
    folder, at = readable(options, team_id), now()
    chosen = teams(folder, team_id)
    if person_id is not None and person_id not in folder.people:
        raise click.UsageError(f"unknown person {shown(person_id)}: {nearest(person_id, folder.people)}")
    if status:
        _tell_status(options, folder, chosen, person_id, at)
        return
    asleep = [team for team in chosen if drills.is_night(team, at)]
    if asleep and not at_night:
        hours = ", ".join(f"{team.id} {local(at, team)}" for team in asleep)
        click.echo(f"it is night ({hours}): nobody was called; --at-night calls all the same", err=True)
        sys.exit(_EXIT_NO)
    asked = _ask(folder, chosen, person_id, at)
    if options.json:
        print_json({"asked": [{"team": team, "person": person} for team, person in asked]})
        return
    for line in columns([(team, folder.people[person].name) for team, person in asked]):
        click.echo(line)
    click.echo(f"{len(asked)} asked; `guardia drill --status` tells who passed")


def _ask(folder: Reading, chosen: list[Team], person: str | None, at: datetime) -> list[tuple[str, str]]:
    """Everybody once, though they stand guard in two teams."""
    try:
        with open_store(read_settings()).writing() as work:
            return [
                (team.id, id)
                for team in chosen
                for id in ask(work, team.id, _people(folder, team, person), "command", _token, at)
            ]
    except SettingsError as error:
        refuse([str(error)])
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        refuse([f"DATABASE_URL: the drill cannot be written: {reason}"])


def _people(folder: Reading, team: Team, person: str | None) -> tuple[Person, ...]:
    everybody = drills.people_of(team, folder.people)
    return tuple(one for one in everybody if person in (None, one.id))


def _tell_status(
    options: Options, folder: Reading, chosen: list[Team], person: str | None, at: datetime
) -> None:
    with reading() as work:
        latest, passed = {row.person: row for row in reversed(work.drills())}, work.drills_passed()
    found = list(_status(folder, chosen, person, latest, passed, at))
    if options.json:
        print_json({"drills": found})
        return
    rows = [
        (
            row["team"],
            folder.people[row["person"]].name,
            f"passed {row['passed_at']}" if row["passed_at"] else "never passed",
            f"last asked {row['asked_at']}: {row['state']}" if row["asked_at"] else "never asked",
            "lapsed" if row["lapsed"] else "",
        )
        for row in found
    ]
    for line in columns(rows):
        click.echo(line)


def _status(
    folder: Reading,
    chosen: list[Team],
    person: str | None,
    latest: dict[str, Any],
    passed: dict[str, datetime],
    at: datetime,
) -> Iterator[dict[str, Any]]:
    for team in chosen:
        lapsed = {one.id for one in drills.lapsed(team, folder.people, passed, at)}
        for one in _people(folder, team, person):
            row = latest.get(one.id)
            yield {
                "team": team.id,
                "person": one.id,
                "passed_at": utc(passed[one.id]) if one.id in passed else None,
                "asked_at": utc(row.asked_at) if row else None,
                "state": row.state if row else None,
                "why": row.why if row else None,
                "lapsed": one.id in lapsed,
            }


def _token() -> str:
    return secrets.token_hex(16)
