"""Everything outside hangs: Twilio's API, the mail server and the rosters folder. Callers must not notice.

The rosters hang as a lost network drive does: a file that never ends being opened.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Event

from bench.harness import Progress, Result, percentile
from bench.page_out import up_to_the_priority
from bench.serving import Guard, serving
from bench.wire import Connection

TIMES = 400
MAX_MS = 50.0

_INCIDENTS = 10  # more than the worker has threads for the telephone
_NOTICED = 3.0  # seconds, until the worker has looked at the rosters
_sids = count(1)


def run(progress: Progress) -> list[Result]:
    with serving(_INCIDENTS) as guard, _everything_hanging(guard):
        progress(0.2)
        with Connection(guard.port) as connection:
            samples = []
            for turn in range(TIMES):
                sid, client = f"CB{next(_sids):032x}", guard.clients[turn % _INCIDENTS]
                samples.append(connection.timed(guard.call(client, sid)))
                progress(0.2 + 0.8 * turn / TIMES)
    return [
        Result("first TwiML p50", "ms", percentile(samples, 50)),
        Result("first TwiML p99", "ms", percentile(samples, 99)),
        Result("first TwiML max", "ms", max(samples), MAX_MS),
    ]


@contextmanager
def _everything_hanging(guard: Guard) -> Iterator[None]:
    """Every thread of the worker waits for somebody who does not answer."""
    endless = guard.server.folder / "rosters" / "clients" / "endless.yaml"
    guard.telephone.answers.clear()
    guard.mail.hangs = True
    with Connection(guard.port) as connection:
        for client in guard.clients:
            connection.ask(up_to_the_priority(guard, connection, client))
    os.mkfifo(endless)
    Event().wait(_NOTICED)
    try:
        yield
    finally:
        guard.telephone.answers.set()
        guard.mail.hangs = False
        _end(endless)


def _end(endless: Path) -> None:
    """Let whoever waits for the file find it empty."""
    os.close(os.open(endless, os.O_RDWR | os.O_NONBLOCK))
    endless.unlink()
