"""``guardia note``, ``agree``, ``wait``, ``attach``, ``correct``, ``close``: what people write into a case.

The same acts, and the same rules, as on the case's page (docs/casework.md).
"""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from app.attachments import NotTaken, taken
from app.cli.answers import moment_for, now, print_json, refuse
from app.cli.cases import case_named
from app.cli.database import opened
from app.cli.options import Options, json_option
from app.locales import text
from app.rosterbook import read
from app.rosterbook.findings import nearest, shown
from app.settings import read_settings
from app.wiring import written_work
from oncall.acts import Act, Agreement, Channel, Close, Correction, Note, Party, WaitEnd, WaitStart
from oncall.book import Book
from oncall.closing import Closure, How
from oncall.dispatcher import Dispatcher
from oncall.people import Person
from oncall.store.cases import reference_of

_EXIT_NO = 1
_CHANNEL = click.Choice([str(channel) for channel in Channel])
_as_person = click.option(
    "--as", "who", metavar="PERSON", required=True, help="Who writes: an id of people.yaml."
)
_reference = click.argument("reference", metavar="REF")


@click.command()
@_reference
@click.argument("words", metavar="TEXT")
@_as_person
@json_option
@click.pass_obj
def note(options: Options, reference: str, words: str, who: str) -> None:
    """Write a note into a case; its client reads it in the record."""
    _write(options, reference, who, lambda _moment: Note(words))


@click.command()
@_reference
@click.option("--agreed", default="", metavar="TEXT", help="What was agreed.")
@click.option("--with", "whom", default="", metavar="NAME", help="With whom.")
@click.option("--by", "channel", type=_CHANNEL, help="By which channel.")
@click.option("--until", metavar="TIME", help="Until when.")
@click.option("--nothing", is_flag=True, help="Nothing was agreed.")
@_as_person
@json_option
@click.pass_obj
def agree(
    options: Options,
    reference: str,
    agreed: str,
    whom: str,
    channel: str | None,
    until: str | None,
    nothing: bool,
    who: str,
) -> None:
    """Write what was agreed with a client by phone or video."""
    by = Channel(channel) if channel else None
    _write(options, reference, who, lambda moment: Agreement(agreed, whom, by, moment(until), nothing))


@click.group()
def wait() -> None:
    """Waits on the client or a third party: they stop the net resolution clock."""


@wait.command("start")
@_reference
@click.option("--on", "party", type=click.Choice([str(p) for p in Party]), help="On whom.")
@click.option("--asked", default="", metavar="TEXT", help="What was asked for.")
@click.option("--of", "whom", default="", metavar="NAME", help="Of whom.")
@click.option("--by", "channel", type=_CHANNEL, help="By which channel.")
@click.option("--since", metavar="TIME", help="When it was asked.")
@_as_person
@json_option
@click.pass_obj
def start(
    options: Options,
    reference: str,
    party: str | None,
    asked: str,
    whom: str,
    channel: str | None,
    since: str | None,
    who: str,
) -> None:
    """Begin to wait."""
    on, by = Party(party) if party else None, Channel(channel) if channel else None
    _write(options, reference, who, lambda moment: WaitStart(on, asked, whom, by, moment(since)))


@wait.command("end")
@_reference
@click.argument("entry", type=int)
@_as_person
@json_option
@click.pass_obj
def end(options: Options, reference: str, entry: int, who: str) -> None:
    """What was asked for in ENTRY, a number of the record, has come."""
    _write(options, reference, who, lambda _moment: WaitEnd(entry))


@click.command()
@_reference
@click.option("--how", type=click.Choice([str(how) for how in How]), help="How it is closed.")
@click.option("--cause", default="", metavar="TEXT")
@click.option("--done", default="", metavar="TEXT", help="What was done.")
@click.option("--why", default="", metavar="TEXT", help="Why it was no incident.")
@click.option("--owner", default="", metavar="NAME", help="The third party whose system it is.")
@click.option("--from", "begin", metavar="TIME", help="Where the evidence begins.")
@click.option("--to", "finish", metavar="TIME", help="Where it ends.")
@click.option("--request", default="", metavar="TEXT", help="What was sent.")
@click.option("--response", default="", metavar="TEXT", help="What came back.")
@click.option("--notice", default="", metavar="TEXT", help="Their status notice.")
@click.option(
    "--evidence", default="", metavar="TEXT", help="Other evidence in words; files are attached before."
)
@click.option("--told", default="", metavar="NAME", help="Whom at the client.")
@click.option("--of", "duplicate_of", default="", metavar="REF", help="The case that it repeats.")
@_as_person
@json_option
@click.pass_obj
def close(options: Options, /, reference: str, who: str, **told: Any) -> None:
    """Close a case, or complete the closing of one that was closed by key."""

    def act(moment: Callable[[str | None], datetime | None]) -> Act:
        begin, finish, how = (told.pop(name) for name in ("begin", "finish", "how"))
        kind = How(how) if how else None
        return Close(Closure(kind, window_from=moment(begin), window_to=moment(finish), **told))

    _write(options, reference, who, act)


@click.command()
@_reference
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_as_person
@json_option
@click.pass_obj
def attach(options: Options, reference: str, file: Path, who: str) -> None:
    """Attach FILE to a case."""
    book = book_of(options)
    person = _person(book, who)
    dispatcher, case, language = _opened(book, reference)
    try:
        upload = taken(file.name, file.read_bytes())
    except NotTaken as error:
        _tell(options, reference_of(case), [text(f"lack.{error.lack}", language, name=error.name)])
        return
    dispatcher.attach(case, person.id, person.name, upload, now())
    _tell(options, reference_of(case), [])


@click.command()
@_reference
@click.argument("entry", type=int)
@click.argument("words", metavar="TEXT")
@click.option(
    "--withdraw", is_flag=True, help="The entry counts no more: a note, an agreement, a wait, a file."
)
@_as_person
@json_option
@click.pass_obj
def correct(options: Options, reference: str, entry: int, words: str, withdraw: bool, who: str) -> None:
    """Correct ENTRY, a number of the record: entries are never changed, a correction is another one."""
    _write(options, reference, who, lambda _moment: Correction(entry, words, withdraw))


# --- inside --------------------------------------------------------------------------------------


def _write(
    options: Options,
    reference: str,
    who: str,
    act_of: Callable[[Callable[[str | None], datetime | None]], Act],
) -> None:
    book = book_of(options)
    person = _person(book, who)
    teams = sorted(book.teams.values(), key=lambda team: team.id)

    def moment(written: str | None) -> datetime | None:
        return moment_for(written, teams, now()) if written else None

    dispatcher, case, language = _opened(book, reference)
    lacks = dispatcher.write(case, person, act_of(moment), now())
    _tell(options, reference_of(case), [text(f"lack.{lack}", language) for lack in lacks])


def _opened(book: Book, reference: str) -> tuple[Dispatcher, int, str]:
    """The guard as far as writing needs it, the case, and its language."""
    with opened() as store:
        with store.reading() as work:
            row = case_named(work, reference)
        return written_work(read_settings(), store, book), row.id, row.language


def book_of(options: Options) -> Book:
    """What the rosters folder says; exit 1 with its mistakes where it cannot be read."""
    reading = read(options.rosters)
    if reading.book is None:
        refuse([str(finding) for finding in reading.unread] or [f"{options.rosters} cannot be read"])
    return reading.book


def _person(book: Book, who: str) -> Person:
    if who not in book.people:
        raise click.UsageError(f"unknown person {shown(who)}: {nearest(who, book.people)}")
    return book.people[who]


def _tell(options: Options, reference: str, lacks: list[str]) -> None:
    """What is missing, all of it, and exit 1; or that it was written."""
    if options.json:
        print_json({"reference": reference, "written": not lacks, "lacks": lacks})
    elif lacks:
        for lack in lacks:
            click.echo(lack, err=True)
    else:
        click.echo(f"{reference}: written")
    if lacks:
        sys.exit(_EXIT_NO)
