"""``guardia cases`` and ``case``: the written record, read and printed; ``guardia pin``."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import Row

from app.casebook import detail, lines_in_order, summary
from app.cli.answers import moment_for, now, refuse
from app.cli.database import reading, writing
from app.cli.options import Options, json_option
from app.clock import SystemClock
from app.locales import duration
from app.pins import hashed
from app.rosterbook import read
from app.rosterbook.stored import book_of_files
from oncall.book import Book, Service
from oncall.dispatcher.letters import FixedBook, Letters, client_addresses
from oncall.dispatcher.post import order_record
from oncall.store import Work
from oncall.store.cases import case_of, reference_of

_EXIT_NO = 1
_EXIT_USAGE = 2
_FILE = click.File("wb", lazy=True)
_LANGUAGES = click.Choice(["es", "pt", "en"])


@click.command()
@click.option("--open", "only_open", is_flag=True, help="Only incidents that are not closed.")
@click.option("--since", metavar="T", help="Only cases opened from this time on (ISO 8601).")
@json_option
@click.pass_obj
def cases(options: Options, only_open: bool, since: str | None) -> None:
    """The cases, newest first."""
    since_at = moment(since, options) if since else None
    with reading() as work:
        rows = work.cases(only_open, since_at)
    if options.json:
        print_json([summary(row) for row in rows])
        return
    table = Table(box=None, pad_edge=False)
    for title in ("case", "kind", "state", "client", "integration", "priority", "opened", "taken by"):
        table.add_column(title)
    for row in rows:
        opened = row.opened_at.astimezone(ZoneInfo(row.timezone)).strftime("%Y-%m-%d %H:%M")
        table.add_row(
            reference_of(row.id),
            row.kind,
            row.state,
            row.client or "—",
            row.integration or "—",
            row.priority or "—",
            opened,
            row.acknowledged_by or "—",
        )
    Console().print(table if rows else "no cases")


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--language", type=_LANGUAGES, help="The language of the sentences.  [default: the case's]")
@click.option("--pdf", type=_FILE, metavar="FILE", help="Write the whole record there as a PDF.")
@click.option("--text", type=_FILE, metavar="FILE", help="Write it there as plain text; - is stdout.")
@click.option("--export", type=_FILE, metavar="FILE", help="Write it there as JSON, for the verifier.")
@click.option("--mail-record", is_flag=True, help="Mail the whole record to the client, as PDF and text.")
@json_option
@click.pass_obj
def case(
    options: Options,
    reference: str,
    language: str | None,
    pdf: IO[bytes] | None,
    text: IO[bytes] | None,
    export: IO[bytes] | None,
    mail_record: bool,
) -> None:
    """One case: what is known of it, its record, its pages, its clocks."""
    if mail_record:
        _mail_record(options, reference, language)
        return
    with reading(snapshot=True) as work:
        row = case_named(work, reference)
        with _written_whole({"--pdf": pdf, "--text": text, "--export": export}) as anything:
            if export:
                _export(work, row, export)
            if pdf or text:
                _print_on_paper(work, row, _service(options, work), language, pdf, text)
        if anything:
            return
        found = detail(work, row, SystemClock().now(), _service(options, work), language)
    if options.json:
        print_json(found)
    else:
        _print_case(found, ZoneInfo(row.timezone))


@click.command()
def pin() -> None:
    """Ask for a PIN and print its hash, for a client's file."""
    if sys.stdin.isatty():
        digits: str = click.prompt("PIN", hide_input=True, confirmation_prompt=True, err=True)
    else:
        digits = sys.stdin.readline().strip()
    if not (digits.isascii() and digits.isdigit() and 4 <= len(digits) <= 12):
        click.echo("a PIN has 4 to 12 digits: it is typed on a telephone", err=True)
        sys.exit(_EXIT_USAGE)
    click.echo(hashed(digits))


def _mail_record(options: Options, reference: str, language: str | None) -> None:
    """Order the letter; a worker sends it."""
    with writing() as work:
        row, book = case_named(work, reference), _book(options, work)
        to = client_addresses(book, row) if book else ()
        if not to or book is None:
            click.echo(f"no address of the client of {reference} is known", err=True)
            sys.exit(_EXIT_NO)
        order_record(work, Letters(FixedBook(book)), row, to, language or row.language, SystemClock().now())
    click.echo(f"the record of {reference_of(row.id)} leaves by mail to {', '.join(to)}")


# --- inside --------------------------------------------------------------------------------------


def _service(options: Options, work: Work) -> Service | None:
    """The working hours and promises."""
    book = _book(options, work)
    return book.service if book else None


def _book(options: Options, work: Work) -> Book | None:
    """The folder; the last good version where it cannot be read."""
    book = read(options.rosters).book
    if book is None and (newest := work.newest_roster()) is not None:
        book = book_of_files(newest.files)
    return book


def case_named(work: Work, reference: str) -> Row[Any]:
    id = case_of(reference)
    row = work.case(id) if id is not None else None
    if row is None:
        click.echo(f"there is no case {reference}", err=True)
        sys.exit(_EXIT_NO)
    return row


@contextmanager
def _written_whole(files: Mapping[str, IO[bytes] | None]) -> Iterator[bool]:
    """Whether any file is asked for; exit 2 with one line where one cannot be written."""
    wanted = {option: file for option, file in files.items() if file is not None}
    for option, file in wanted.items():
        with _told_in_a_line(option, file.name):
            file.write(b"")  # opens it
    yield bool(wanted)
    for option, file in wanted.items():
        with _told_in_a_line(option, file.name):
            file.flush()


@contextmanager
def _told_in_a_line(option: str, name: str) -> Iterator[None]:
    try:
        yield
    except click.FileError as error:
        refuse([f"{option}: {name} cannot be written: {error.message}"])
    except OSError as error:  # a disk that is full
        refuse([f"{option}: {name} cannot be written: {error.strerror}"])


def _export(work: Work, row: Row[Any], file: IO[bytes]) -> None:
    from app.paper import export  # only here: what prints is slow to read

    file.write(export(work, row))


def _print_on_paper(
    work: Work,
    row: Row[Any],
    service: Service | None,
    language: str | None,
    pdf: IO[bytes] | None,
    text: IO[bytes] | None,
) -> None:
    from app.paper import as_pdf, as_text, compose  # only here: a PDF's library is slow to read

    document = compose(work, row, service, language)
    if text:
        text.write(as_text(document).encode())
    if pdf:
        pdf.write(as_pdf(document))


def moment(value: str, options: Options) -> datetime:
    """An ISO 8601 time; without an offset, in the zone of the team, or of the first. Else wrong usage."""
    return moment_for(value, list(read(options.rosters).teams.values()), now())


def print_json(document: object) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _print_case(found: dict[str, Any], zone: ZoneInfo) -> None:
    console = Console(highlight=False)
    of = " · ".join(str(found[k]) for k in ("client", "integration", "priority") if found[k])
    console.print(f"[bold]{found['reference']}[/bold]  {found['kind']}, {found['state']}  {of}")
    for name, clock in found["clocks"].items():
        if isinstance(clock, dict):
            console.print(f"  {name.replace('_', ' ')}: {_of_clock(clock, zone)}")
    for wait in found["waits"]:
        if wait["ended_at"] is None:
            told = f"{wait['party'].replace('_', ' ')} since {_local(wait['since'], zone)}: {wait['asked']}"
            console.print(f"  waiting for the {told} (entry {wait['entry']})", markup=False)
    for owed in found["owed"]:
        console.print(f"  owed in writing: {owed['what']}, by {owed['person']}", markup=False)
    console.print()
    for entry in lines_in_order(found["entries"]):
        console.print(f"  {entry['number']:>3}  {_local(entry['at'], zone)}  ", end="")
        console.print(entry["text"], markup=False)


def _of_clock(clock: dict[str, Any], zone: ZoneInfo) -> str:
    told = f"due {_local(clock['due_at'], zone)} ({'late' if clock['breached'] else 'in time'})"
    pauses = {cause: seconds for cause, seconds in clock.get("pauses", {}).items() if seconds}
    if pauses:
        told += f", net {duration(clock['net_seconds'])} of {duration(clock['gross_seconds'])}"
        told += "".join(
            f", {cause.replace('_', ' ')} {duration(seconds)}" for cause, seconds in pauses.items()
        )
    return told


def _local(at: str | None, zone: ZoneInfo) -> str:
    if at is None:
        return "—"
    return datetime.fromisoformat(at).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
