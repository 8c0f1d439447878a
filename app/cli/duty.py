"""``guardia rosters`` and ``guardia links``: which rosters were in force, and what engineers are handed."""

import sys

import click

from app.cli.answers import columns, now, print_json, readable, utc
from app.cli.database import has_database, reading, writing
from app.cli.options import Options, json_option
from app.cli.sandboxed import of_sandbox
from app.rosterbook import Reading
from app.rosterbook.findings import nearest, shown
from app.settings import Settings, SettingsError, read_settings
from app.web.dutylinks import DutyLinks, Of
from app.web.office import DeskLinks

_EXIT_USAGE = 2


@click.command("rosters")
@json_option
@click.pass_obj
def rosters(options: Options) -> None:
    """Every version of the rosters that was accepted: when, and by what it entered; newest first."""
    with reading() as work:
        rows = work.rosters()
    if options.json:
        print_json(
            [{"version": r.version, "accepted_at": utc(r.accepted_at), "source": r.source} for r in rows]
        )
        return
    for line in columns([(row.version, utc(row.accepted_at), row.source) for row in rows]):
        click.echo(line)


@click.command("links")
@click.option("--person", "person_id", metavar="P", help="Only this person's.")
@click.option("--team", "team_id", metavar="T", help="Only this team's.")
@click.option("--new-desk", metavar="P", help="Give this manager's desk a new address: the old one is void.")
@json_option
@click.pass_obj
def links(options: Options, person_id: str | None, team_id: str | None, new_desk: str | None) -> None:
    """The secret addresses of calendars, contact cards and managers' desks, for each person and team."""
    settings = _settings()
    addresses = DutyLinks(settings.secret_key, settings.public_url)
    folder = readable(options, None)
    if new_desk is not None:
        if person_id or team_id:
            raise click.UsageError("--new-desk names the person itself: leave out --person and --team")
        _renew(folder, new_desk)
        person_id = new_desk
    everybody = person_id is None and team_id is None
    people = _chosen("person", person_id, list(folder.people)) if person_id or everybody else []
    desks = _desks(settings, [id for id in people if id in folder.managers])
    teams = _chosen("team", team_id, list(folder.teams)) if team_id or everybody else []
    found = {
        "people": {
            id: dict(addresses.of_person(id)) | ({"desk": desks[id]} if id in desks else {}) for id in people
        },
        "teams": {id: {"calendar": addresses.calendar(Of.TEAM, id)} for id in teams},
    }
    if options.json:
        print_json(found)
        return
    rows = [
        (_called(folder, id), what, url)
        for kind in found.values()
        for id, urls in kind.items()
        for what, url in urls.items()
    ]
    for line in columns(rows):
        click.echo(line)


def _settings() -> Settings:
    """With the same secret as the server's, or the addresses would open nothing."""
    try:
        settings = read_settings()
        if beside := of_sandbox(settings):
            if not settings.public_url:
                where = f"{beside.public_url}, where `guardia serve` last was"
                click.echo(f"these are at {where}; PUBLIC_URL changes it", err=True)
            settings = beside
        for name, value in {"SECRET_KEY": settings.secret_key, "PUBLIC_URL": settings.public_url}.items():
            if not value:
                raise SettingsError(f"{name} is not set (or use {name}_FILE): the addresses are made with it")
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(_EXIT_USAGE)
    return settings


def _desks(settings: Settings, managers: list[str]) -> dict[str, str]:
    """The address of each manager's desk that is good now."""
    generations: dict[str, int] = {}
    if managers and has_database(settings):  # where there is none yet, nobody was given a new address
        with reading() as work:
            generations = work.desk_generations(managers)
    desks = DeskLinks(settings.secret_key, settings.public_url, lambda id: generations.get(id, 0))
    return {id: desks.address(id) for id in managers}


def _renew(folder: Reading, manager: str) -> None:
    _chosen("manager", manager, sorted(folder.managers))
    with writing() as work:
        work.renew_desk(manager, now())
    click.echo(f"the old address of the desk of {_called(folder, manager)} opens nothing any more", err=True)


def _chosen(what: str, id: str | None, known: list[str]) -> list[str]:
    if id is not None and id not in known:
        raise click.UsageError(f"unknown {what} {shown(id)}: {nearest(id, known)}")
    return [id] if id is not None else sorted(known)


def _called(folder: Reading, id: str) -> str:
    return f"{folder.people[id].name} ({id})" if id in folder.people else f"team {id}"
