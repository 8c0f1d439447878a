"""A disk that takes 10 ms for each commit: what a caller waits, and how late a page leaves."""

from itertools import count
from threading import Event

from sqlalchemy import Connection as DatabaseConnection
from sqlalchemy import Engine, event

from bench import page_out
from bench.harness import Progress, Result, median_and_p99
from bench.serving import serving
from bench.wire import Connection

COMMIT_SECONDS = 0.010
TIMES = 600
FIRST_P99_MS = 35.0
PAGE_OUT_P99_MS = 150.0

_INCIDENTS = 65
_PATCH = "from bench.slow_disk import slow_down; slow_down(); "

_sids = count(1)


def run(progress: Progress) -> list[Result]:
    with serving(_INCIDENTS, patch=_PATCH) as guard:
        first = []
        with Connection(guard.port) as connection:
            for turn in range(TIMES):
                sid, client = f"CB{next(_sids):032x}", guard.clients[turn % _INCIDENTS]
                first.append(connection.timed(guard.call(client, sid)))
                progress(0.5 * turn / TIMES)
        calls, _ = page_out.measure(guard, guard.clients, lambda done: progress(0.5 + done / 2))
    return [
        *median_and_p99(first, "first TwiML", p99=FIRST_P99_MS),
        *median_and_p99(calls, "key to call", p99=PAGE_OUT_P99_MS),
    ]


def slow_down() -> None:
    """In the guard's own process: each commit of something written takes as much longer."""

    @event.listens_for(Engine, "commit")
    def wait(connection: DatabaseConnection) -> None:
        if connection.get_execution_options().get("guardia_writes"):
            Event().wait(COMMIT_SECONDS)
