"""``guardia report``: the service report of a month, for people and for programs."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table as RichTable

from app.cli.answers import now, print_json, refuse
from app.cli.database import opened
from app.cli.options import Options, json_option
from app.report import Month, Sheet, as_csv, as_json, gather, last_month, sheet
from app.report.gathered import Progress as Tell
from app.report.page import as_html
from app.report.printed import as_pdf
from app.rosterbook import read
from app.rosterbook.findings import nearest, shown
from oncall.book import Book
from oncall.report import Report

_LANGUAGES = click.Choice(["es", "pt", "en"])
_FORMS = click.Choice(["html", "pdf", "csv", "json"])


@click.command("report")
@click.option("--month", "written", metavar="M", help="Such as 2026-11.  [default: the last one]")
@click.option("--client", "client", metavar="C", help="Only this client's.")
@click.option("--format", "form", type=_FORMS, help="Write a document instead of tables.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file.")
@click.option("--language", type=_LANGUAGES, default="en", show_default=True, help="Of tables, HTML and PDF.")
@json_option
@click.pass_obj
def report(
    options: Options,
    written: str | None,
    client: str | None,
    form: str | None,
    out: Path | None,
    language: str,
) -> None:
    """The service report of a month: incidents against the promise, refusals, disputes, pages."""
    book = _book(options)
    timezone = book.service.working_hours.timezone
    month = Month.read(written, timezone) if written else last_month(now(), timezone)
    if month is None:
        raise click.UsageError(f"{shown(written or '')} is not a month: write it as 2026-11")
    with opened() as store, _progress() as tell:
        found = gather(store, book, month, client, now(), tell)
    if client is not None and client not in book.clients and not found.clients:
        raise click.UsageError(f"unknown client {shown(client)}: {nearest(client, book.clients)}")
    if form is None and out is None:
        if options.json:
            print_json(as_json(found))
        else:
            _print(sheet(found, month, language, _name(book, client)))
        return
    _write(_document(found, month, form or _form_of(out), language, _name(book, client)), out)


def _book(options: Options) -> Book:
    reading = read(options.rosters)
    if reading.book is None:
        refuse([str(finding) for finding in reading.errors()])
    return reading.book


def _document(found: Report, month: Month, form: str, language: str, client_name: str | None) -> bytes:
    if form == "pdf":
        return as_pdf(found, month, language, client_name)
    if form == "csv":
        return as_csv(found).encode("utf-8-sig")
    if form == "json":
        return (json.dumps(as_json(found), ensure_ascii=False, indent=2) + "\n").encode()
    return as_html(sheet(found, month, language, client_name), language).encode()


def _form_of(out: Path | None) -> str:
    """The form that a file's name asks for."""
    ending = out.suffix.removeprefix(".").lower() if out else ""
    if ending not in _FORMS.choices:
        raise click.UsageError("say which --format: html, pdf, csv or json")
    return ending


def _write(document: bytes, out: Path | None) -> None:
    if out is not None:
        try:
            out.write_bytes(document)
        except OSError as error:
            refuse([f"--out: {out} cannot be written: {error.strerror}"])
        click.echo(f"{out}: {len(document):,} bytes", err=True)
        return
    sys.stdout.buffer.write(document)
    sys.stdout.buffer.flush()


def _name(book: Book, client: str | None) -> str | None:
    known = book.clients.get(client or "")
    return known.name if known else client


@contextmanager
def _progress() -> Iterator[Tell]:
    """A bar on stderr, where somebody sees it."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("report", total=1.0)
        yield lambda share: bar.update(task, completed=share)


def _print(shown: Sheet) -> None:
    console = Console(highlight=False)
    console.print(f"[bold]{shown.title}[/bold] · ", end="")
    console.print(shown.subtitle, markup=False)
    for label, value in shown.key_figures:
        console.print(f"  {label}: {value}", markup=False)
    for table in shown.tables:
        if table.is_empty:
            continue
        console.print(f"\n[bold]{table.title}[/bold]")
        printed = RichTable(box=None, pad_edge=False, padding=(0, 1, 0, 0))
        for number, column in enumerate(table.columns):
            printed.add_column(column, justify="right" if number else "left")
        for row in table.rows:
            printed.add_row(*row)
        console.print(printed)
    console.print(f"\n{shown.state} {shown.made}", markup=False)
