"""``guardia webhook``: what the ticket system is sent, and what it missed."""

import json
import sys
from datetime import UTC, datetime, timedelta

import click

from app.cli.cases import moment
from app.cli.database import writing
from app.cli.options import Options
from app.clock import SystemClock
from app.tickets import schema as schema_of_deliveries
from oncall.store.cases import case_of

_EXIT_NO = 1
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_LASTS = timedelta(days=1)
_FAILED, _ALL = ("failed", "void"), ("failed", "void", "done")


@click.group()
def webhook() -> None:
    """The ticket system that hears of each case (docs/mail.md)."""


@webhook.command()
def schema() -> None:
    """The JSON Schema of what is sent."""
    click.echo(json.dumps(schema_of_deliveries(), indent=2, ensure_ascii=False))


@webhook.command()
@click.argument("reference", metavar="[REF]", required=False)
@click.option(
    "--since", metavar="T", help="What was put together from this time on (ISO 8601); needed without REF."
)
@click.option("--all", "everything", is_flag=True, help="What was taken as well, under the same keys.")
@click.pass_obj
def replay(options: Options, reference: str | None, since: str | None, everything: bool) -> None:
    """Send again what was never taken, in its order and under its keys; of one case, or of all since T."""
    if not (since or reference):
        raise click.UsageError("say which case, as G-1042, or since when, as --since 2026-01-05T09:00")
    since_at = moment(since, options) if since else _EVER
    at = SystemClock().now()
    with writing() as work:
        case = case_of(reference) if reference else None
        if reference and (case is None or work.case(case) is None):
            click.echo(f"there is no case {reference}", err=True)
            sys.exit(_EXIT_NO)
        skipped = work.ticket_what_was_skipped(since_at, case)
        states = _ALL if everything else _FAILED
        again = work.give_tickets_again(since_at, states, case, at, at + _LASTS)
    click.echo(f"{again} deliveries leave again; {skipped} cases have entries that were never sent")
