"""Nobody answers, and the next level's time comes: how late the next phone is asked to ring.

1,000 levels fall due within 60 seconds, evenly: each of 334 incidents goes
through three levels of 20 seconds. Late is from the instant that is written in
the database to the REST request arriving at the telephone company.
"""

import sqlite3
from datetime import UTC, datetime
from random import Random
from threading import Event
from time import perf_counter

from bench.harness import Progress, Result, percentile
from bench.page_out import up_to_the_priority
from bench.serving import Guard, serving
from bench.wire import Connection

INCIDENTS = 334
LEVELS = 4  # three of which fall due
LEVEL_SECONDS = 20.0  # less than a phone rings, so that the level's end is what ends it
P99_MS, MAX_MS = 50.0, 250.0

_GRACE = 5.0  # seconds
_LEVELS_BEGAN = """
    SELECT calls."to", min(every.requested_at)
    FROM pages calls JOIN pages every USING (case_id, round, level)
    WHERE calls.channel = 'call'
    GROUP BY calls.case_id, calls.level
"""


def run(progress: Progress) -> list[Result]:
    with serving(INCIDENTS, lasts=f"{LEVEL_SECONDS:g} seconds", levels=LEVELS) as guard:
        _open_evenly(guard, lambda done: progress(done / LEVELS))
        _watch(lambda done: progress((1 + done * (LEVELS - 1)) / LEVELS))
        late = _late(guard)
    due = INCIDENTS * (LEVELS - 1)
    return [
        Result("p50", "ms", percentile(late, 50)),
        Result("p99", "ms", percentile(late, 99), P99_MS),
        Result("max", "ms", max(late), MAX_MS),
        Result("levels not paged", "", due - len(late), 0),
    ]


def _open_evenly(guard: Guard, progress: Progress) -> None:
    """Open the incidents at random instants over the length of a level."""
    random = Random(1)
    instants = sorted(random.uniform(0, LEVEL_SECONDS) for _ in guard.clients)
    began, pause = perf_counter(), Event()
    for number, (instant, client) in enumerate(zip(instants, guard.clients, strict=True)):
        with Connection(guard.port) as connection:
            key = up_to_the_priority(guard, connection, client)
            pause.wait(max(0.0, began + instant - perf_counter()))
            connection.ask(key)
        progress((number + 1) / len(guard.clients))


def _watch(progress: Progress) -> None:
    seconds = LEVEL_SECONDS * (LEVELS - 1) + _GRACE
    until, pause = perf_counter() + seconds, Event()
    while (left := until - perf_counter()) > 0:
        progress(1 - left / seconds)
        pause.wait(min(left, 1.0))


def _late(guard: Guard) -> list[float]:
    """Milliseconds from each level's end to the next level's call; a level's time begins with its page."""
    arrived = {arrival.to: arrival.moment for arrival in reversed(guard.telephone.arrivals("Calls"))}
    began = _levels_began(guard)
    return [
        (arrived[following] - began[number] - LEVEL_SECONDS) * 1000
        for client in guard.clients
        for number, following in zip(client.engineers, client.engineers[1:], strict=False)
        if following in arrived and number in began
    ]


def _levels_began(guard: Guard) -> dict[str, float]:
    """The instant of each level's first page request, by the number called, as the database tells it."""
    with sqlite3.connect(guard.database) as database:
        rows = database.execute(_LEVELS_BEGAN)
        return {to: datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp() for to, at in rows if at}
