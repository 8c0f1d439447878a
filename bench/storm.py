"""An outage of a platform: 500 calls in 10 seconds, and each goes on through the menu to its incident.

Calls come at random instants; a caller presses each key a second after hearing
the question. A hundred clients call five times each, so most calls join an
incident that is open already.
"""

import heapq
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from random import Random
from threading import Event, local
from time import perf_counter

from bench.harness import Progress, Result, percentile
from bench.serving import Guard, serving
from bench.towns import Client
from bench.wire import Connection

CLIENTS = 100
CALLS = 500
SECONDS = 10.0
P99_MS = 250.0

_PATHS = ("/voice/incoming", "/voice/calls/0/key", "/voice/calls/1/key")
_THINKS = 1.0  # seconds before a key
_THREADS = 48
_LONGEST_WAIT = 30.0  # seconds, for the last call to leave


@dataclass(order=True, slots=True)
class _Webhook:
    at: float
    number: int
    client: Client = field(compare=False)
    step: int = field(compare=False, default=0)


def run(progress: Progress) -> list[Result]:
    with serving(CLIENTS) as guard:
        samples = _storm(guard, progress)
        calls = guard.telephone.wait_for_many("Calls", CLIENTS, _LONGEST_WAIT)
    first, keys = samples[0], samples[1] + samples[2]
    return [
        Result("first TwiML p50", "ms", percentile(first, 50)),
        Result("first TwiML p99", "ms", percentile(first, 99), P99_MS),
        Result("after a key p99", "ms", percentile(keys, 99)),
        Result("clients whose engineer was not rung", "", CLIENTS - len({c.to for c in calls}), 0),
    ]


def _storm(guard: Guard, progress: Progress) -> tuple[list[float], ...]:
    """Milliseconds that each step's webhooks took, from the instant at which they were due."""
    random = Random(1)
    agenda = [
        _Webhook(random.uniform(0, SECONDS), number, guard.clients[number % CLIENTS])
        for number in range(CALLS)
    ]
    for webhook in tuple(agenda):
        for step in (1, 2):
            later = webhook.at + step * _THINKS
            agenda.append(_Webhook(later, webhook.number, webhook.client, step))
    heapq.heapify(agenda)
    samples: tuple[list[float], ...] = ([], [], [])
    mine, sent, pause, began = local(), count(1), Event(), perf_counter()

    def send(webhook: _Webhook, request: bytes) -> None:
        if not hasattr(mine, "connection"):
            mine.connection = Connection(guard.port)
        mine.connection.ask(request)
        samples[webhook.step].append((perf_counter() - began - webhook.at) * 1000)
        progress(next(sent) / (CALLS * 3))

    with ThreadPoolExecutor(_THREADS) as pool:
        waiting = []
        while agenda:
            webhook = heapq.heappop(agenda)
            digits = "1" if webhook.step else ""
            sid = f"CA{webhook.number:032x}"
            request = guard.call(webhook.client, sid, _PATHS[webhook.step], digits)
            pause.wait(max(0.0, began + webhook.at - perf_counter()))
            waiting.append(pool.submit(send, webhook, request))
        for answered in waiting:
            answered.result()
    return samples
