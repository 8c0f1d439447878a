"""``guardia lines`` and ``guardia publish``: the numbers at Twilio, and the emergency line behind them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NoReturn

import click
import requests
from sqlalchemy.exc import SQLAlchemyError
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from app.cli.answers import columns, now, print_json, refuse, utc
from app.cli.options import Options, json_option
from app.rosterbook.keeper import FolderBooks, Unusable
from app.settings import Settings, SettingsError, read_settings, require_telephone
from app.voice.failures import sorted_refusal
from app.voice.fallback import Published
from app.voice.numbers import Comparison, Found, Setting, compare, configure, wanted_numbers
from app.voice.urls import Urls
from app.wiring import open_store, publisher, telephone_client
from oncall.book import Book
from oncall.swaps import all_laid_over

_EXIT_NO = 1


@click.command()
@click.option("--apply", "applies", is_flag=True, help="Set what differs.")
@click.option("--yes", is_flag=True, help="Do not ask before setting it.")
@json_option
@click.pass_obj
def lines(options: Options, applies: bool, yes: bool) -> None:
    """What Twilio has configured on each number, and what it should be."""
    settings, book = _configured(options)
    client = telephone_client(settings)
    found = _compared(client, settings, book)
    if applies:
        wrong = [one for one in found.numbers if one.sid and not one.is_right]
        if wrong and not yes and sys.stdin.isatty():
            _print_comparison(found)
            if not click.confirm(f"Set {len(wrong)} numbers?", err=True):
                sys.exit(_EXIT_NO)
        with _asking_twilio():
            for one in wrong:
                configure(client, one)
                click.echo(f"{one.number} is set", err=True)
        found = _compared(client, settings, book)
    if options.json:
        print_json(_as_json(found))
    else:
        _print_comparison(found)
    sys.exit(0 if all(one.is_right for one in found.numbers) else _EXIT_NO)


@click.command()
@click.option("--no-check", is_flag=True, help="Do not look at what is served.")
@json_option
@click.pass_obj
def publish(options: Options, no_check: bool) -> None:
    """Put the documents of the emergency line in their place, and look at what is served."""
    settings, book = _configured(options)
    if book.service.fallback is None:
        refuse(["service.yaml names no `fallback`: where the documents are put, and served"])
    at, publishing = now(), publisher(settings)
    book = _with_swaps(settings, book)
    done = publishing.publish(book, at)
    stale = {} if no_check else publishing.stale(book, at)
    if options.json:
        print_json({"lines": [_published(one, stale.get(one.line)) for one in done]})
    else:
        for one in done:
            wrong = one.error or stale.get(one.line) or "fine"
            click.echo(
                f"{one.line}  {one.url.partition('#')[0]}  right until {utc(one.right_until)}  {wrong}"
            )
    sys.exit(_EXIT_NO if stale or any(one.error for one in done) else 0)


# --- what is asked -------------------------------------------------------------------------------


def _configured(options: Options) -> tuple[Settings, Book]:
    """The settings of a guard with a real telephone, and its rosters; else exit 2, a line for each reason."""
    try:
        settings = require_telephone(replace(read_settings(), rosters=options.rosters))
        return settings, FolderBooks(settings.rosters).current()
    except SettingsError as error:
        refuse([str(error)])
    except Unusable as error:
        refuse([str(finding) for finding in error.findings])


def _with_swaps(settings: Settings, book: Book) -> Book:
    """The turns swapped by text count, as long as the database can be read: this works without."""
    try:
        with open_store(settings).reading() as work:
            return all_laid_over(book, work.swaps_from(now()))
    except (SettingsError, SQLAlchemyError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        click.echo(f"without turns swapped by text: the database cannot be read: {reason}", err=True)
        return book


def _compared(client: Client, settings: Settings, book: Book) -> Comparison:
    fallback, publishing = book.service.fallback, publisher(settings)
    wanted = wanted_numbers(
        book,
        Urls(settings.public_url),
        settings.page_from,
        lambda line: publishing.url(fallback, line) if fallback else None,
    )
    with _asking_twilio():
        return compare(client, wanted)


@contextmanager
def _asking_twilio() -> Iterator[None]:
    try:
        yield
    except (TwilioException, requests.RequestException) as error:
        _no_answer(error)


def _no_answer(error: Exception) -> NoReturn:
    """One line: which kind of failure it is, in Twilio's words and with its code."""
    failure = sorted_refusal(error)
    code = f" ({failure.code})" if failure.code else ""
    words = " ".join(str(failure).split())
    refuse([f"Twilio cannot be asked: {type(failure).__name__.lower()}: {words}{code}"])


# --- what is answered ----------------------------------------------------------------------------


def _print_comparison(found: Comparison) -> None:
    for one in found.numbers:
        state = "missing at Twilio" if one.is_missing else "as it should be" if one.is_right else "differs"
        click.echo(f"{one.number}  {one.what_for}  {state}")
        for line in columns([row for setting in one.settings for row in _rows(setting)]):
            click.echo(line)
    for number in found.unused:
        click.echo(f"{number}  at Twilio, and nobody uses it")


def _rows(setting: Setting) -> Iterator[tuple[str, str, str]]:
    if setting.configured or setting.differs:
        yield ("! " if setting.differs else "  ", setting.name, setting.configured or "—")
    if setting.differs:
        yield ("  ", "  should be", setting.wanted or "—")


def _as_json(found: Comparison) -> dict[str, Any]:
    return {"numbers": [_number(one) for one in found.numbers], "unused": list(found.unused)}


def _number(one: Found) -> dict[str, Any]:
    return {
        "number": one.number,
        "for": one.what_for,
        "missing": one.is_missing,
        "right": one.is_right,
        "settings": {
            s.name: {"configured": s.configured or None, "wanted": s.wanted, "differs": s.differs}
            for s in one.settings
        },
    }


def _published(one: Published, stale: str | None) -> dict[str, Any]:
    return {
        "line": one.line,
        "url": one.url.partition("#")[0],
        "right_until": utc(one.right_until),
        "written": one.written,
        "error": one.error,
        "served": stale or "fine",
    }
