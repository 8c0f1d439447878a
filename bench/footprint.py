"""What the guard costs a machine: memory when idle, after 10,000 calls, after a bad day, and its start.

The day is 240 incidents, ten for each hour, one after the other as fast as it goes: the call and its
keys, the page, the key that takes it, the end, and all the mails.
"""

from itertools import count

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
_LONGEST_WAIT = 30.0  # seconds

_sids = count(1)


def run(progress: Progress) -> list[Result]:
    starts = []
    for number in range(STARTS):
        with serving(CLIENTS) as guard:
            starts.append(guard.server.started_in)
            if number == STARTS - 1:
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
        progress((number + 1) / incidents)
