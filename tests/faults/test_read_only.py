"""The disk of an SQLite file turns read-only while pages are out, as a file system with errors does."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from tests.faults.mortal import Mortal, mortal_world
from tests.faults.people import CALLS_CRM, NOON, TAKES, all_is_taken, client
from tests.faults.promises import assert_kept


@contextmanager
def read_only(mortal: Mortal) -> Iterator[None]:
    """Whoever writes hears from SQLite "attempt to write a readonly database"."""
    engine, is_read_only = mortal.world.guard.store.engine, True

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if is_read_only else 'OFF'}")

    event.listen(engine, "begin", begin)
    yield
    is_read_only = False


def go_on(mortal: Mortal, seconds: float) -> None:
    """As the worker does: what cannot be written now is tried again at the next turn, a moment later."""
    end = mortal.world.now + timedelta(seconds=seconds)
    while (left := (end - mortal.world.now).total_seconds()) > 0:
        with suppress(OperationalError):
            mortal.run(left, until=lambda: False)
            return
        mortal.world.clock.set(mortal.world.now + timedelta(milliseconds=200))


def test_sqlite_turns_read_only_for_a_while_callers_are_put_through_and_pages_leave_after(
    rosters: Path, tmp_path: Path
) -> None:
    with mortal_world(rosters, NOON, tmp_path) as mortal:
        exchange, first, second = mortal.world.exchange, client(0), client(1)
        for engineer in (*first.engineers, *second.engineers):
            exchange.phone(engineer).behave(*[TAKES] * 9)
        exchange.phone(first.caller).dial(first.line, script=CALLS_CRM)
        assert mortal.run(60, until=lambda: bool(exchange.story.of("ringing", number=first.engineers[0])))
        with read_only(mortal):
            exchange.phone(second.caller).dial(second.line, script=CALLS_CRM)
            go_on(mortal, 30)
            put_through = exchange.story.of("ringing", number=second.engineers[0])
            told = [mail for mail in mortal.world.mails if "lucia@aivo.example" in mail.to]

        assert mortal.run(600, until=lambda: all_is_taken(mortal))
        mortal.run(60, until=lambda: False)

        assert len(put_through) == 1
        assert told
        assert_kept(mortal.world.guard.store, exchange, twice=1)
