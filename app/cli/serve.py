"""``guardia serve``, ``web``, ``worker`` and ``migrate``: the processes of the guard."""

import errno
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event
from typing import NoReturn

import click
from sqlalchemy.exc import SQLAlchemyError

from app import logs, migrations
from app.arenas import share_arenas
from app.cli.options import Options
from app.clock import SystemClock
from app.rosterbook.keeper import FolderBooks, Unusable
from app.settings import Settings, SettingsError, read_settings, require_telephone
from app.wiring import build, open_books, open_store
from oncall.store import Store

_HOST = "127.0.0.1"
_LAST_PORT = 65535
_EXIT_CONFIGURATION = 2


@click.command()
@click.option("--host", default=_HOST, show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(1, _LAST_PORT), help="The port to listen on.  [default: PORT or 8000]"
)
@click.option("--no-sandbox", is_flag=True, help="Refuse to start without Twilio's credentials.")
@click.pass_obj
def serve(options: Options, host: str, port: int | None, no_sandbox: bool) -> None:
    """Web and worker in one process; without Twilio's credentials, with the sandbox."""
    logs.set_up()
    share_arenas()
    with _configuration():
        settings = _settings(options)
        if port:
            settings = replace(settings, port=port)
        with_sandbox = settings.wants_sandbox and not no_sandbox
        if not with_sandbox:
            settings = require_telephone(settings)
        FolderBooks(settings.rosters)
        _require_free(host, settings.port)
        _prepare_database(settings, is_ours_to_migrate=True)
    from app.cli.serving import serve_all

    serve_all(settings, host, with_sandbox)


@click.command()
@click.option("--host", default="0.0.0.0", show_default=True, help="The address to listen on.")
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True)
@click.pass_obj
def web(options: Options, host: str, processes: int) -> None:
    """The webhooks and pages only; any number of these on PostgreSQL."""
    logs.set_up()
    share_arenas()
    with _configuration():
        settings = require_telephone(_settings(options))
        FolderBooks(settings.rosters)
        _prepare_database(settings, is_ours_to_migrate=False)
    from app.cli.serving import serve_web

    serve_web(settings, host, processes)


@click.command()
@click.pass_obj
def worker(options: Options) -> None:
    """The worker only: pages, texts, mails and deadlines; any number of these on PostgreSQL."""
    logs.set_up()
    share_arenas()
    with _configuration():
        settings = require_telephone(_settings(options))
        FolderBooks(settings.rosters)
        store = _prepare_database(settings, is_ours_to_migrate=False)
        books = open_books(settings, store, SystemClock().now())
    from app.worker import Worker

    running = Worker(build(settings, SystemClock(), store, books))
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    running.start()
    stopped.wait()
    running.stop()


@click.command()
@click.pass_obj
def migrate(options: Options) -> None:
    """Bring the database to the current schema; doing it again changes nothing."""
    logs.set_up()
    with _configuration():
        store = open_store(_settings(options))
        migrations.upgrade(store.engine)
    click.echo("the database is current", err=True)


@contextmanager
def _configuration() -> Iterator[None]:
    """What is wrong with settings, rosters or database stops the start: a line each, exit 2."""
    try:
        yield
    except SettingsError as error:
        _refuse([str(error)])
    except Unusable as error:
        _refuse([str(finding) for finding in error.findings])
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        _refuse([f"DATABASE_URL: the database cannot be used: {reason}"])


def _refuse(lines: list[str]) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(_EXIT_CONFIGURATION)


def _settings(options: Options) -> Settings:
    return replace(read_settings(), rosters=options.rosters)


def _require_free(host: str, port: int) -> None:
    """A port in use is told at once; gunicorn, who still has the last word, would try for five seconds."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As gunicorn does: what was closed a moment ago is not in the way, only who listens is.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise SettingsError(
                    f"PORT, --host: {host}:{port} cannot be used: {error.strerror}"
                ) from error
            other = port + 1 if port < _LAST_PORT else port - 1
            remedy = f"stop what listens there, or choose another port: PORT={other} or --port {other}"
            raise SettingsError(f"PORT: {host}:{port} is in use: {remedy}") from error


def _prepare_database(settings: Settings, is_ours_to_migrate: bool) -> Store:
    """An empty SQLite file is made current by ``serve``; any other database by ``guardia migrate``."""
    store = open_store(settings)
    engine = store.engine
    if is_ours_to_migrate and engine.dialect.name == "sqlite" and migrations.is_empty(engine):
        migrations.upgrade(engine)
    if not migrations.is_current(engine):
        raise SettingsError("DATABASE_URL: the database is not at the current schema; run `guardia migrate`")
    with store.writing() as work:
        work.try_to_write()  # one that is read-only is found out now, not by the first caller
    return store
