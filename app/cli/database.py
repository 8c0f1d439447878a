"""The database, for commands."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from app.settings import Settings, SettingsError, read_settings
from app.wiring import open_store
from oncall.store import Store, Work

_EXIT_USAGE = 2
_MIGRATE = "if the database is new, or of an earlier version, run `guardia migrate` first"


def drills_passed() -> dict[str, datetime] | None:
    """When each person last passed a drill; None where there is no database, or none that can tell."""
    try:
        settings = read_settings()
        if _missing(settings):
            return None  # and none is made
        with open_store(settings).reading() as work:
            return work.drills_passed()
    except (SettingsError, SQLAlchemyError):
        return None


def has_database(settings: Settings) -> bool:
    """Whether there is one; that of a server always is."""
    return _missing(settings) is None


def _missing(settings: Settings) -> str | None:
    """The SQLite file, where there is none: to open it would make an empty one, perhaps in a wrong place."""
    url = make_url(settings.database_url)
    is_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return url.database if is_file and not Path(str(url.database)).is_file() else None


@contextmanager
def reading(snapshot: bool = False) -> Iterator[Work]:
    """What is written, read while it is in use; exit 2 with one line where it cannot be.

    With a ``snapshot``, all that is read is of one moment, however long it takes.
    """
    with opened() as store, store.reading(snapshot) as work:
        yield work


@contextmanager
def writing() -> Iterator[Work]:
    """A transaction that leaves something for a worker to do; exit 2 with one line where it cannot."""
    with opened() as store, store.writing() as work:
        yield work


@contextmanager
def opened() -> Iterator[Store]:
    """The database, for what is read in several transactions; exit 2 as above."""
    try:
        settings = read_settings()
        if missing := _missing(settings):
            raise SettingsError(f"DATABASE_URL: there is no file {missing}: {_MIGRATE}")
        yield open_store(settings)
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(_EXIT_USAGE)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        remedy = f": {_MIGRATE}" if "no such table" in reason or "does not exist" in reason else ""
        click.echo(f"DATABASE_URL: the record cannot be read: {reason}{remedy}", err=True)
        sys.exit(_EXIT_USAGE)
