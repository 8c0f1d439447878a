"""What a caller waits for before hearing anything: a signed call of a known number, until its TwiML is there.

Over real HTTP, served as ``guardia serve`` does it, with one durable commit.
The same requests go to bare Flask applications in turn, in the same run.
"""

from itertools import count
from pathlib import Path

from bench.harness import Progress, Result, median_and_p99, percentile
from bench.serving import Guard, Server, plain, serving
from bench.wire import Connection, at_once

TIMES = 1_500
WARM = 150
BUSY_TIMES = 4_000
CONNECTIONS = 16
CLIENTS = 20

P50_MS, P99_MS = 3.0, 8.0
BUSY_P99_MS, BUSY_PER_SECOND = 60.0, 400.0
TIMES_HELLO, TIMES_COMMIT = 3.0, 2.0
COMMITS = 1.0

_COUNTED = 50  # requests whose commits are counted
_WAL_HEADER, _FRAME_HEADER = 32, 24

_sids = count(1)


def run(progress: Progress) -> list[Result]:
    with serving(CLIENTS) as guard, plain("hello") as hello, plain("commit") as commit:
        ours, bare, committing = _in_turn(guard, hello, commit, lambda done: progress(done * 0.6))
        busy, seconds = _busy(guard.port, guard, lambda done: progress(0.6 + done * 0.15))
        busy_commit, commit_seconds = _busy(commit.port, guard, lambda done: progress(0.75 + done * 0.15))
    p50 = percentile(ours, 50)
    return [
        *median_and_p99(ours, "1 connection", P50_MS, P99_MS, reference=bare),
        Result("p50 in times a bare Flask", "×", p50 / percentile(bare, 50), TIMES_HELLO),
        Result("p50 in times a bare commit", "×", p50 / percentile(committing, 50), TIMES_COMMIT),
        *median_and_p99(busy, f"{CONNECTIONS} connections", p99=BUSY_P99_MS, reference=busy_commit),
        Result(
            f"{CONNECTIONS} connections, calls",
            "1/s",
            len(busy) / seconds,
            BUSY_PER_SECOND,
            len(busy_commit) / commit_seconds,
            higher_is_better=True,
        ),
        Result("commits a call", "", _commits_a_call(), COMMITS),
    ]


def _in_turn(guard: Guard, hello: Server, commit: Server, progress: Progress) -> tuple[list[float], ...]:
    """One request to each in turn, so that what else the machine does meets all alike."""
    samples: tuple[list[float], ...] = ([], [], [])
    ports = (guard.port, hello.port, commit.port)
    with Connection(ports[0]) as ours, Connection(ports[1]) as bare, Connection(ports[2]) as committing:
        connections = (ours, bare, committing)
        for turn in range(-WARM, TIMES):
            request = _arrival(guard)
            for taken, connection in zip(samples, connections, strict=True):
                milliseconds = connection.timed(request)
                if turn >= 0:
                    taken.append(milliseconds)
            progress(max(0, turn) / TIMES)
    return samples


def _busy(port: int, guard: Guard, progress: Progress) -> tuple[list[float], float]:
    """Samples of all connections together, and the seconds that all requests took."""
    at_once(port, [_arrival(guard) for _ in range(BUSY_TIMES // 10)], CONNECTIONS, lambda _: None)
    requests = [_arrival(guard) for _ in range(BUSY_TIMES)]
    samples = at_once(port, requests, CONNECTIONS, progress)
    return samples, sum(samples) / 1000 / CONNECTIONS


def _commits_a_call() -> float:
    """Counted in the write-ahead log of a guard without a worker, whose heart would beat in between."""
    with serving(1, command="web") as guard, Connection(guard.port) as connection:
        connection.ask(_arrival(guard))
        wal = guard.database.with_name(guard.database.name + "-wal")
        before = _commits(wal)
        for _ in range(_COUNTED):
            connection.ask(_arrival(guard))
        return (_commits(wal) - before) / _COUNTED


def _commits(wal: Path) -> int:
    """The frames that end a transaction: they alone name the size of the database."""
    log = wal.read_bytes()
    page = int.from_bytes(log[8:12])
    salt = log[16:24]
    frames = range(_WAL_HEADER, len(log) - _FRAME_HEADER, _FRAME_HEADER + page)
    return sum(log[at + 8 : at + 16] == salt and log[at + 4 : at + 8] != b"\0\0\0\0" for at in frames)


def _arrival(guard: Guard) -> bytes:
    number = next(_sids)
    return guard.call(guard.clients[number % len(guard.clients)], f"CA{number:032x}")
