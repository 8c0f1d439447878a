"""From an engineer's key to both in the conversation: our own time.

The key's webhook is answered with the conference, the caller's leg is asked to be moved
there, and its webhook is answered with the same conference: two webhooks, over real HTTP,
and the worker's own threads in between. The telephone company's own time is not counted.
"""

from itertools import count
from random import Random
from threading import Event
from time import perf_counter_ns

from bench.harness import Progress, Result, median_and_p99
from bench.serving import Guard, serving
from bench.towns import Client
from bench.wire import Connection

CONVERSATIONS = 100
P50_MS, P99_MS = 30.0, 100.0

_LONGEST_WAIT = 10.0  # seconds
_PAUSES = (0.01, 0.25)  # seconds between two
_WARM = 5

_random = Random(2)
_numbers = count(1)
_WEBHOOKS = 2  # asked above between the key and the meeting


def run(progress: Progress) -> list[Result]:
    with serving(CONVERSATIONS + _WARM) as guard:
        taken, webhooks = [], []
        for number, client in enumerate(guard.clients):
            ours, asked = one(guard, client)
            if number >= _WARM:
                taken.append(ours)
                webhooks.append(asked)
            progress((number + 1) / len(guard.clients))
    return [
        *median_and_p99(taken, "key to both", P50_MS, P99_MS),
        Result("webhooks", "of ours", max(webhooks), 2),
    ]


def one(guard: Guard, client: Client) -> tuple[float, int]:
    """Milliseconds of ours from one engineer's key, after a pause at random; and how many webhooks."""
    number = next(_numbers)
    caller, leg = f"CA{number:030x}cc", f"CA{number:030x}ee"
    with Connection(guard.port) as connection:
        for path, digits in (
            ("/voice/incoming", ""),
            ("/voice/calls/0/key", "1"),
            ("/voice/calls/1/key", "1"),
        ):
            connection.ask(guard.call(client, caller, path, digits))
        page = guard.telephone.wait_for("Calls", client.engineer, _LONGEST_WAIT)
        assert page is not None, f"nobody rang {client.engineer}"
        connection.ask(guard.call(client, leg, f"/voice/pages/{page.page}/answer"))
        Event().wait(_random.uniform(*_PAUSES))
        began = perf_counter_ns()
        joined = connection.ask(guard.call(client, leg, f"/voice/pages/{page.page}/key/1", "1"))
        answered = perf_counter_ns()
        moved = guard.telephone.wait_for("Moves", caller, _LONGEST_WAIT)
        assert moved is not None, f"nobody asked for {caller} to be moved"
        again = perf_counter_ns()
        met = connection.ask(guard.call(client, caller, "/voice/calls/now"))
        ours = max(answered, moved.at) - began + perf_counter_ns() - again
    assert b"<Conference" in joined, "the engineer is not in the conversation"
    assert b"<Conference" in met, "the client is not in the conversation"
    return ours / 1e6, _WEBHOOKS
