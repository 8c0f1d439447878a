"""What the guard costs a machine: memory when idle, after 10,000 calls, after a bad day, and its start.

The day is 240 incidents, ten for each hour, one after the other as fast as it goes: the call and its
keys, the page, the key that takes it and the end; an hour is over when all its mails have left.
"""

import sqlite3
from contextlib import closing
from itertools import count
from threading import Event
from time import monotonic

from bench.harness import Progress, Result, percentile
from bench.page_out import up_to_the_priority
from bench.serving import Guard, serving
from bench.wire import Connection, at_once

CLIENTS = 4
CALLS = 10_000
INCIDENTS = 240
CONNECTIONS = 8
STARTS = 5

IDLE_MB = 90.0
GROWTH_PERCENT = 5.0
START_S = 1.0

_WARM = 500
_WARM_INCIDENTS = 60  # until whatever is loaded at its first use has been used
_AN_HOUR = 10  # incidents
_LOADED_AFTER = 5.0  # seconds; until then it loads what no start waits for, and is not idle
_LONGEST_WAIT = 30.0  # seconds
_LONGEST_POST = 300.0  # seconds, for the mails of an hour
_MAILS = "SELECT count(*) FROM orders WHERE kind = 'mail' AND state = 'waiting'"

_sids = count(1)


def run(progress: Progress) -> list[Result]:
    starts = []
    for number in range(STARTS):
        with serving(CLIENTS) as guard:
            starts.append(guard.server.started_in)
            if number == STARTS - 1:
                Event().wait(_LOADED_AFTER)
                idle = guard.server.memory()
                _calls(guard, _WARM, lambda _: None)
                warm = guard.server.memory()
                _calls(guard, CALLS, lambda done: progress(0.3 + done * 0.4))
                after = guard.server.memory()
                _day(guard, _WARM_INCIDENTS, lambda _: None)
                morning = guard.server.memory()
                _day(guard, INCIDENTS, lambda done: progress(0.7 + done * 0.3))
                night = guard.server.memory()
        progress((number + 1) / STARTS * 0.3)
    return [
        Result("idle", "MB", idle, IDLE_MB),
        Result("after 10,000 calls", "MB", after),
        Result("growth over 10,000 calls", "%", (after / warm - 1) * 100, GROWTH_PERCENT),
        Result("after a day of 240 incidents", "MB", night),
        Result("growth over the day", "%", (night / morning - 1) * 100, GROWTH_PERCENT),
        Result("start to ready p50", "s", percentile(starts, 50), START_S),
    ]


def _calls(guard: Guard, number: int, progress: Progress) -> None:
    requests = []
    for _ in range(number):
        sid = next(_sids)
        requests.append(guard.call(guard.clients[sid % CLIENTS], f"CF{sid:032x}"))
    at_once(guard.port, requests, CONNECTIONS, progress)


def _day(guard: Guard, incidents: int, progress: Progress) -> None:
    for number in range(incidents):
        client = guard.clients[number % CLIENTS]
        with Connection(guard.port) as connection:
            connection.ask(up_to_the_priority(guard, connection, client))
        assert guard.telephone.wait_for("Calls", client.engineer, _LONGEST_WAIT) is not None
        for _ in range(2):  # a key may be faster than what the telephone company's answer sets off
            guard.settle()
        guard.telephone.forget()
        if (number + 1) % _AN_HOUR == 0:
            _until_mailed(guard)
        progress((number + 1) / incidents)


def _until_mailed(guard: Guard) -> None:
    """Letters that wait for their turn are no memory of a day, but how fast the day was played."""
    until = monotonic() + _LONGEST_POST
    with closing(sqlite3.connect(guard.database)) as database:
        while database.execute(_MAILS).fetchone()[0]:
            assert monotonic() < until, "the mails of an hour did not leave"
            Event().wait(0.05)
