"""The database: the only room that talks to it, and the only state that is shared.

Everything that belongs together is written in one transaction, a ``Work``.
On SQLite there is one writer at a time: in the process they take turns
(SQLite's own busy handler sleeps), BEGIN IMMEDIATE keeps processes apart.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from secrets import token_hex
from threading import local
from typing import cast

from sqlalchemy import Connection, Engine, create_engine, event, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.pool import StaticPool

from oncall.store.anchors import Anchors
from oncall.store.asides import Asides
from oncall.store.blobs import Blobs, DatabaseShelf
from oncall.store.calls import CALLS, Calls
from oncall.store.cases import CASES, Cases
from oncall.store.desk import Desk
from oncall.store.deskaddresses import DeskAddresses
from oncall.store.drills import Drills
from oncall.store.dues import Dues
from oncall.store.erasing import Erasing
from oncall.store.figures import FigureFacts
from oncall.store.legs import Legs
from oncall.store.mailboxes import Mailboxes
from oncall.store.missed import Missed
from oncall.store.notices import PublishedNotices
from oncall.store.orders import Orders
from oncall.store.quick import Quick
from oncall.store.recordings import Recordings
from oncall.store.rosters import Rosters
from oncall.store.synthetic import SyntheticCalls
from oncall.store.tickets import TicketOrders
from oncall.store.turns import Turns
from oncall.store.writings import Writings

__all__ = ["Conflict", "DatabaseShelf", "Store", "StoreBusy", "Work", "engine_for"]

# Twilio waits four seconds for a webhook: a database that cannot be written has to be
# noticed early enough to try once more and then put the caller through without it.
_BUSY_SECONDS = 1.0  # for other processes
_QUEUE_SECONDS = 0.6  # for other threads, one of which may be waiting for another process
# A worker's thread keeps nobody waiting: giving up sooner would only leave its order in doubt.
_PATIENT_SECONDS = 2.0  # less than a lease

# PostgreSQL: a lock that is not given in time is a conflict like any other, and the step is done again;
# a process that froze in the middle of a transaction gives its locks back, or nobody could take over.
_LOCK_SECONDS = 1.5  # longer than the second after which PostgreSQL looks for two that wait for each other
_FROZEN_SECONDS = 3.0
_POSTGRES_OPTIONS = (
    f"-c lock_timeout={round(_LOCK_SECONDS * 1000)}"
    f" -c idle_in_transaction_session_timeout={round(_FROZEN_SECONDS * 1000)}"
)


# PostgreSQL: two transactions waited for each other, and this one was ended so that the other goes on.
_OUTRUN = frozenset({"40P01", "40001"})
# We were held up in the middle of a transaction for so long that the server undid it: the step is done again.
_HELD_UP = "25P03"
# A lock was not given in time: under load whoever nobody waits for does the step again at once. A caller's
# webhook does not: it has no time for that, and puts the caller through.
_LOCK_NOT_GIVEN = "55P03"


class Conflict(Exception):
    """Somebody else wrote the same state meanwhile; the whole step is to be done again."""


class StoreBusy(Exception):
    """The database could not be written in time; the same step may work a moment later."""


class Work(
    Anchors,
    Asides,
    Blobs,
    Calls,
    Cases,
    Desk,
    DeskAddresses,
    Drills,
    Dues,
    Erasing,
    FigureFacts,
    Legs,
    Mailboxes,
    Missed,
    Orders,
    PublishedNotices,
    Recordings,
    Rosters,
    TicketOrders,
    SyntheticCalls,
    Writings,
):
    """One transaction: what is read and written together."""

    def __init__(
        self,
        connection: Connection,
        new_salt: Callable[[], str],
        roster_in_force: Callable[[], str | None] | None,
    ) -> None:
        self.is_postgres = connection.dialect.name == "postgresql"
        self.connection = connection if self.is_postgres else cast(Connection, Quick(connection))
        self.new_salt = new_salt
        self.page_ids: dict[tuple[int, str], int] = {}
        self.ends: dict[int, tuple[int, str]] = {}
        self.roster_in_force = roster_in_force
        self.ordered = False
        self.swapped = False

    def attend_later(self, row: str | int, at: datetime) -> None:
        """Put off a call (by its sid) or a case (by its number) that could not be attended."""
        of_call = isinstance(row, str)
        rows, key = (CALLS, CALLS.c.sid) if of_call else (CASES, CASES.c.id)
        self.connection.execute(update(rows).where(key == row).values(due_at=at))


class Store:
    def __init__(self, engine: Engine, new_salt: Callable[[], str] = lambda: token_hex(16)) -> None:
        """``new_salt`` gives what hides the digest of a name or a number: random, 128 bits."""
        self.engine = engine
        self.queue_seconds = _QUEUE_SECONDS
        self._new_salt = new_salt
        self._roster_in_force: Callable[[], str | None] | None = None
        self._turns = Turns() if engine.dialect.name == "sqlite" else None
        self._of_thread = local()
        self._order_listeners: list[Callable[[], None]] = []
        self._write_listeners: list[Callable[[], None]] = []
        self._swap_listeners: list[Callable[[], None]] = []

    @property
    def has_one_writer(self) -> bool:
        """Whether whoever writes has the whole database; else each row has a lock, and order matters."""
        return self._turns is not None

    def on_orders(self, listener: Callable[[], None]) -> None:
        """Have ``listener`` called after each commit that left work to do: it wakes the worker."""
        self._order_listeners.append(listener)

    def on_write(self, listener: Callable[[], None]) -> None:
        """Have ``listener`` called after each commit: what is shown of the record has changed."""
        self._write_listeners.append(listener)

    def on_swap(self, listener: Callable[[], None]) -> None:
        """Have ``listener`` called after each commit with which a turn changed hands, before any other."""
        self._swap_listeners.append(listener)

    def name_rosters(self, roster_in_force: Callable[[], str | None]) -> None:
        """Have each entry name the version of the rosters that is given here at the moment it is written."""
        self._roster_in_force = roster_in_force

    def be_patient(self) -> None:
        """Have this thread queue longer for its turn to write: nobody waits for what it answers."""
        self._of_thread.patience = _PATIENT_SECONDS

    @contextmanager
    def writing(self) -> Iterator[Work]:
        """A transaction that writes: committed when the block ends, undone when it raises.

        Raises Conflict where it was undone in favour of another.
        """
        is_patient = hasattr(self._of_thread, "patience")
        with _as_conflict(is_patient), self._one_at_a_time(), self.engine.connect() as connection:
            connection = connection.execution_options(guardia_writes=True)
            with connection.begin():
                work = self._work(connection)
                yield work
                if work.ordered and work.is_postgres:
                    connection.execute(text("SELECT pg_notify('guardia', '')"))
        swap_listeners = self._swap_listeners if work.swapped else ()
        order_listeners = self._order_listeners if work.ordered else ()
        for listener in (*swap_listeners, *self._write_listeners, *order_listeners):
            listener()

    def _work(self, connection: Connection) -> Work:
        return Work(connection, self._new_salt, self._roster_in_force)

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """On SQLite, the writers of this process queue here. Raises StoreBusy after too long."""
        if self._turns is None:
            yield
            return
        patience = getattr(self._of_thread, "patience", None)
        if not self._turns.take(patience or self.queue_seconds, is_patient=patience is not None):
            raise StoreBusy("the database is being written for too long")
        try:
            yield
        finally:
            self._turns.give_back()

    @contextmanager
    def reading(self, snapshot: bool = False) -> Iterator[Work]:
        """A transaction that only reads; a ``snapshot`` is of one moment, which on SQLite it is anyway."""
        with self.engine.connect() as connection:
            if snapshot and connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield self._work(connection)


def engine_for(url: str) -> Engine:
    """The engine of a ``DATABASE_URL``: SQLite (WAL, synchronous=FULL) or PostgreSQL through psycopg."""
    parsed = make_url(url)
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        return create_engine(
            parsed,
            pool_pre_ping=True,
            pool_size=10,
            max_overflow=30,
            pool_timeout=_BUSY_SECONDS,
            connect_args={"connect_timeout": 2, "options": _POSTGRES_OPTIONS},
        )
    if parsed.database in (None, "", ":memory:"):
        engine = create_engine(parsed, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        engine = create_engine(
            parsed,
            pool_size=10,
            max_overflow=20,
            pool_use_lifo=True,  # each keeps pages and statements of its own: as few of them as will do
            connect_args={"check_same_thread": False},
        )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def _as_conflict(is_patient: bool) -> Iterator[None]:
    try:
        yield
    except (OperationalError, InternalError) as error:
        state = getattr(error.orig, "sqlstate", None)
        if state == _HELD_UP:
            raise Conflict("the transaction was held up for too long") from error
        if state in _OUTRUN or (is_patient and state == _LOCK_NOT_GIVEN):
            raise Conflict("two transactions waited for each other") from error
        raise


def _prepare_sqlite(connection: "object", _record: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]  # we begin by ourselves, below
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in (
        f"busy_timeout={round(_BUSY_SECONDS * 1000)}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("guardia_writes", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:  # takes no lock, and so cannot fail: the driver is asked directly, which costs a fifth
        connection.connection.execute("BEGIN")
