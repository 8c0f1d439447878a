"""``guardia notice``: what callers hear before the menu about a major incident."""

import sys
from datetime import datetime
from typing import Any

import click

from app.cli.answers import columns, now, print_json, readable, refuse, utc
from app.cli.cases import moment
from app.cli.database import reading, writing
from app.cli.options import Options, json_option
from oncall.book import Book
from oncall.dispatcher.publishing import end as end_notice
from oncall.dispatcher.publishing import publish as publish_notice
from oncall.notices import Flaw, Flaws, Notice
from oncall.people import Language
from oncall.record.grammar import GUARDIA
from oncall.store.cases import case_of, reference_of

_EXIT_NO = 1
_FLAWS = {
    Flaw.TEXT_MISSING: "a notice is said in all three languages; missing: {}",
    Flaw.TEXT_TOO_LONG: "a notice has at most 300 characters; longer: {}",
    Flaw.IS_OVER: "the end is not in the future: {}",
    Flaw.UNKNOWN_CLIENT: "unknown client: {}",
    Flaw.UNKNOWN_INTEGRATION: "no client has this integration: {}",
    Flaw.NO_OPEN_INCIDENT: "not an incident that is open: {}",
}


@click.group()
def notice() -> None:
    """What callers hear before the menu, until it ends."""


@notice.command()
@click.option("--es", metavar="TEXT", default="", help="What is said in Spanish.")
@click.option("--pt", metavar="TEXT", default="", help="What is said in Portuguese.")
@click.option("--en", metavar="TEXT", default="", help="What is said in English.")
@click.option("--until", metavar="T", required=True, help="When it ends (ISO 8601).")
@click.option("--client", "clients", metavar="C", multiple=True, help="Only this client; may be repeated.")
@click.option(
    "--integration", "integrations", metavar="I", multiple=True, help="Only clients with this integration."
)
@click.option("--case", "reference", metavar="REF", help="The major incident, which callers may join by key.")
@json_option
@click.pass_obj
def publish(
    options: Options,
    es: str,
    pt: str,
    en: str,
    until: str,
    clients: tuple[str, ...],
    integrations: tuple[str, ...],
    reference: str | None,
) -> None:
    """Have callers hear a notice; all three languages are needed."""
    case = case_of(reference) if reference else None
    if reference and case is None:
        raise click.UsageError(f"{reference} is no reference: write it as G-1042")
    texts = {Language.ES: es, Language.PT: pt, Language.EN: en}
    draft = Notice(texts, moment(until, options), clients, integrations, case)
    with writing() as work:
        made = publish_notice(work, _book(options), draft, GUARDIA, now())
    if isinstance(made, Flaws):
        for flaw, having in made.found.items():
            click.echo(_FLAWS[flaw].format(", ".join(having)), err=True)
        sys.exit(_EXIT_NO)
    print_json({"notice": made}) if options.json else click.echo(f"notice {made} is heard from now on")


@notice.command("list")
@json_option
@click.pass_obj
def list_notices(options: Options) -> None:
    """The notices, newest first, with those that are over."""
    at = now()
    with reading() as work:
        found = [_line(one, at) for one in work.notices()]
    if options.json:
        print_json({"notices": found})
        return
    rows = [
        (
            str(one["notice"]),
            "heard" if one["is_heard"] else "over",
            f"until {one['until']}",
            one["case"] or "-",
            ", ".join([*one["clients"], *one["integrations"]]) or "all",
            one["texts"]["es"],
        )
        for one in found
    ]
    for line in columns(rows):
        click.echo(line)
    if not rows:
        click.echo("no notices")


@notice.command()
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@click.pass_obj
def end(options: Options, number: int) -> None:
    """Nobody hears it any longer."""
    with writing() as work:
        was_heard = end_notice(work, _book(options), number, GUARDIA, now())
    if not was_heard:
        click.echo(f"notice {number} is heard by nobody: `guardia notice list` tells which are", err=True)
        sys.exit(_EXIT_NO)
    click.echo(f"notice {number} has ended")


def _book(options: Options) -> Book:
    found = readable(options, None)
    return found.book or refuse([str(finding) for finding in found.errors()])


def _line(one: Notice, at: datetime) -> dict[str, Any]:
    assert one.published_at is not None
    return {
        "notice": one.id,
        "is_heard": one.ended_at is None and at < one.ends_at,
        "texts": {str(language): text for language, text in one.texts.items()},
        "clients": list(one.clients),
        "integrations": list(one.integrations),
        "case": reference_of(one.case) if one.case else None,
        "published_at": utc(one.published_at),
        "published_by": one.published_by,
        "until": utc(one.ends_at),
        "ended_at": utc(one.ended_at) if one.ended_at else None,
    }
