"""``guardia synthetic``: dial a guard line and walk to the end of its menu, and see how it went."""

import secrets

import click
from sqlalchemy.exc import SQLAlchemyError

from app.cli.answers import columns, now, print_json, refuse, utc
from app.cli.database import reading
from app.cli.options import Options, json_option
from app.rosterbook.findings import nearest, shown
from app.rosterbook.keeper import FolderBooks, Unusable
from app.settings import SettingsError, read_settings
from app.wiring import open_store
from oncall import synthetic as calls
from oncall.book import Book
from oncall.contracts import Client
from oncall.dispatcher.walking import next_client, order_walk

_NO_LINE = "no line can be walked: that takes a contract in force, a PIN and an integration built by Aivo"


@click.command()
@click.option("--client", "client_id", metavar="C", help="This client's line; the next in turn, if left out.")
@click.option("--status", is_flag=True, help="Dial nothing: tell how the latest calls went.")
@json_option
@click.pass_obj
def synthetic(options: Options, client_id: str | None, status: bool) -> None:
    """Have the worker dial a guard line and walk to the end of the menu. Nobody is paged."""
    if status:
        _tell_status(options)
        return
    book, at = _book(options), now()
    client = _chosen(book, client_id) if client_id else None
    try:
        with open_store(read_settings()).writing() as work:
            client = client or next_client(work, book, at)
            if client is None:
                refuse([_NO_LINE])
            ordered = order_walk(work, client, "command", lambda: secrets.token_hex(16), at)
    except SettingsError as error:
        refuse([str(error)])
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        refuse([f"DATABASE_URL: the call cannot be written: {reason}"])
    if options.json:
        print_json({"client": client.id, "line": client.contract.guard_line, "ordered": ordered is not None})
        return
    if ordered is None:
        click.echo(f"{client.name}: such a call is under way")
        return
    click.echo(f"{client.name}: ordered; `guardia synthetic --status` tells how it went")


def _book(options: Options) -> Book:
    try:
        return FolderBooks(options.rosters).current()
    except Unusable as error:
        refuse([str(finding) for finding in error.findings])


def _chosen(book: Book, id: str) -> Client:
    if id not in book.clients:
        raise click.UsageError(f"unknown client {shown(id)}: {nearest(id, book.clients)}")
    if book.clients[id] not in calls.walkable(book, now()):
        raise click.UsageError(
            f"the line of {id} cannot be walked: contract, PIN or integrations do not let it"
        )
    return book.clients[id]


def _tell_status(options: Options) -> None:
    with reading() as work:
        rows = work.synthetics()
    if options.json:
        keys = ("client", "line", "by", "state", "why")
        print_json(
            {
                "calls": [
                    {
                        **{key: getattr(row, key) for key in keys},
                        "asked_at": utc(row.asked_at),
                        "ended_at": utc(row.ended_at) if row.ended_at else None,
                    }
                    for row in rows
                ]
            }
        )
        return
    for line in columns([(utc(r.asked_at), r.client, r.line, r.state, r.why or "") for r in rows]):
        click.echo(line)
