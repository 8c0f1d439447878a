"""How long after a client's last key the engineer's phone is asked to ring.

From the priority key's webhook leaving the telephone company to the REST
request of the page arriving there: over real HTTP, with the worker's own
threads, at random times, and without pacing.
"""

from itertools import count
from random import Random
from threading import Event
from time import perf_counter_ns

from bench.harness import Progress, Result, median_and_p99, percentile
from bench.serving import Guard, serving
from bench.towns import Client
from bench.wire import Connection

INCIDENTS = 100
P50_MS, P99_MS, MAX_MS = 25.0, 100.0, 500.0

_LONGEST_WAIT = 10.0  # seconds
_PAUSES = (0.01, 0.25)  # seconds between two incidents
_WARM = 5

_sids = count(1)
_random = Random(1)


def run(progress: Progress) -> list[Result]:
    with serving(INCIDENTS + _WARM) as guard:
        calls, texts = measure(guard, guard.clients, progress)
    return [
        *median_and_p99(calls, "key to call", P50_MS, P99_MS),
        Result("key to call max", "ms", max(calls), MAX_MS),
        Result("key to text p50", "ms", percentile(texts, 50)),
        Result("key to text max", "ms", max(texts)),
    ]


def measure(guard: Guard, clients: list[Client], progress: Progress) -> tuple[list[float], list[float]]:
    """Milliseconds from key to call, and from key to text; the first few clients only warm the guard."""
    calls, texts = [], []
    for number, client in enumerate(clients):
        call, text = one(guard, client)
        if number >= _WARM:
            calls.append(call)
            texts.append(text)
        progress((number + 1) / len(clients))
    return calls, texts


def one(guard: Guard, client: Client) -> tuple[float, float]:
    """Milliseconds from the key of one incident, after a pause at random, to its call and to its text."""
    with Connection(guard.port) as connection:
        key = up_to_the_priority(guard, connection, client)
        Event().wait(_random.uniform(*_PAUSES))
        began = perf_counter_ns()
        connection.ask(key)
    return _arrived(guard, "Calls", client, began), _arrived(guard, "Messages", client, began)


def up_to_the_priority(guard: Guard, connection: Connection, client: Client) -> bytes:
    """Bring a call to the question for the priority; gives the webhook of the key that opens an incident."""
    sid = f"CA{next(_sids):032x}"
    connection.ask(guard.call(client, sid))
    connection.ask(guard.call(client, sid, "/voice/calls/0/key", digits="1"))
    return guard.call(client, sid, "/voice/calls/1/key", digits="1")


def _arrived(guard: Guard, resource: str, client: Client, began: int) -> float:
    arrival = guard.telephone.wait_for(resource, client.engineer, _LONGEST_WAIT)
    assert arrival is not None, f"no request to {resource} for {client.engineer}"
    return (arrival.at - began) / 1e6
