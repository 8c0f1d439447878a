"""Everybody at once: 60 clients press their last key in the same moment, and 60 phones are to ring.

Unpaced, and as the telephone company's limit of calls a second paces it.
"""

from time import perf_counter_ns

from bench.harness import Progress, Result
from bench.page_out import up_to_the_priority
from bench.serving import serving
from bench.wire import Connection, at_once

INCIDENTS = 60
UNPACED_S = 1.0
CALLS_PER_SECOND = 10.0
PACED_S = INCIDENTS / CALLS_PER_SECOND + 1.0

_LONGEST_WAIT = 30.0  # seconds


def run(progress: Progress) -> list[Result]:
    last_call, last_text, calls = _burst(0)
    progress(0.4)
    paced_call, _, paced_calls = _burst(CALLS_PER_SECOND)
    return [
        Result("unpaced, last call", "s", last_call, UNPACED_S),
        Result("unpaced, last text", "s", last_text, UNPACED_S),
        Result("unpaced, phones not rung", "", INCIDENTS - calls, 0),
        Result(f"{CALLS_PER_SECOND:g} calls a second, last call", "s", paced_call, PACED_S),
        Result(f"{CALLS_PER_SECOND:g} calls a second, phones not rung", "", INCIDENTS - paced_calls, 0),
    ]


def _burst(calls_per_second: float) -> tuple[float, float, int]:
    """Seconds from the keys to the last call and to the last text, and how many phones were rung."""
    with serving(INCIDENTS, calls_per_second=calls_per_second) as guard:
        with Connection(guard.port) as connection:
            keys = [up_to_the_priority(guard, connection, client) for client in guard.clients]
        began = perf_counter_ns()
        at_once(guard.port, keys, INCIDENTS, lambda _: None)
        calls = guard.telephone.wait_for_many("Calls", INCIDENTS, _LONGEST_WAIT)
        texts = guard.telephone.wait_for_many("Messages", INCIDENTS, _LONGEST_WAIT)
    last_call, last_text = (max(a.at for a in found) for found in (calls, texts))
    return (last_call - began) / 1e9, (last_text - began) / 1e9, len({a.to for a in calls})
