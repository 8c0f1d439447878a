"""After years: the first TwiML and the way from key to page with a full database, against an empty one.

Both guards are measured in the same run, in turn.
"""

from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import page_out
from bench.grown import multiply, two_cases
from bench.harness import Progress, Result, percentile
from bench.serving import Guard, serving
from bench.wire import Connection

CLOSED = 1_000_000
TAKEN = 10_000
MOST_TIMES = 1.3

_TIMES = 600
_INCIDENTS = 65

_sids = count(1)


def run(progress: Progress) -> list[Result]:
    with TemporaryDirectory(prefix="guardia-bench-") as name:
        two = two_cases(Path(name))
        progress(0.05)

        def fill(database: Path) -> None:
            multiply(two, database, CLOSED, TAKEN)

        with serving(_INCIDENTS, before=fill) as grown, serving(_INCIDENTS) as empty:
            progress(0.4)
            first = _first_twiml(grown, empty, lambda done: progress(0.4 + done * 0.2))
            full_calls, _ = page_out.measure(grown, grown.clients, lambda done: progress(0.6 + done * 0.2))
            calls, _ = page_out.measure(empty, empty.clients, lambda done: progress(0.8 + done * 0.2))
    return [
        Result("closed cases", "", CLOSED),
        Result("open cases", "", TAKEN),
        *_compared("first TwiML p50", first[0], first[1]),
        *_compared("key to call p50", full_calls, calls),
    ]


def _compared(metric: str, grown: list[float], empty: list[float]) -> list[Result]:
    full, bare = percentile(grown, 50), percentile(empty, 50)
    return [
        Result(metric, "ms", full, reference=bare),
        Result(f"{metric} in times the empty one", "×", full / bare, MOST_TIMES),
    ]


def _first_twiml(grown: Guard, empty: Guard, progress: Progress) -> tuple[list[float], list[float]]:
    samples: tuple[list[float], list[float]] = ([], [])
    with Connection(grown.port) as full, Connection(empty.port) as bare:
        for turn in range(_TIMES):
            sid, client = f"CB{next(_sids):032x}", turn % len(grown.clients)
            samples[0].append(full.timed(grown.call(grown.clients[client], sid)))
            samples[1].append(bare.timed(empty.call(empty.clients[client], sid)))
            progress(turn / _TIMES)
    return samples
