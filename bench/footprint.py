"""What the guard costs a machine: memory when idle and after 10,000 calls, and how soon it is there."""

from itertools import count

from bench.harness import Progress, Result, percentile
from bench.serving import Guard, serving
from bench.wire import at_once

CLIENTS = 4
CALLS = 10_000
CONNECTIONS = 8
STARTS = 5

IDLE_MB = 90.0
GROWTH_PERCENT = 5.0
START_S = 1.0

_WARM = 500

_sids = count(1)


def run(progress: Progress) -> list[Result]:
    starts = []
    for number in range(STARTS):
        with serving(CLIENTS) as guard:
            starts.append(guard.server.started_in)
            if number == STARTS - 1:
                idle, alone = guard.server.memory(), guard.server.memory_of_one()
                _calls(guard, _WARM, lambda _: None)
                warm = guard.server.memory()
                _calls(guard, CALLS, lambda done: progress(0.3 + done * 0.7))
                after = guard.server.memory()
        progress((number + 1) / STARTS * 0.3)
    return [
        Result("idle, both processes", "MB", idle, IDLE_MB),
        Result("idle, the one that serves", "MB", alone),
        Result("after 10,000 calls", "MB", after),
        Result("growth over 10,000 calls", "%", (after / warm - 1) * 100, GROWTH_PERCENT),
        Result("start to ready p50", "s", percentile(starts, 50), START_S),
    ]


def _calls(guard: Guard, number: int, progress: Progress) -> None:
    requests = []
    for _ in range(number):
        sid = next(_sids)
        requests.append(guard.call(guard.clients[sid % CLIENTS], f"CA{sid:032x}"))
    at_once(guard.port, requests, CONNECTIONS, progress)
