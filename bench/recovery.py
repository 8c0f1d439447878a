"""Killed at 200 random moments while it pages, and started again: what was accepted reaches a phone.

Two guards, each killed a hundred times as by ``kill -9``. Before each kill three clients press the
key that opens an incident; the kill comes at random, from the first key's webhook on. Whoever heard an
answer counts on us: that incident's phone must ring, and ring for each page once.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from threading import Event, Lock
from time import perf_counter_ns

from bench.harness import Progress, Result, percentile
from bench.page_out import up_to_the_priority
from bench.serving import Guard, place
from bench.towns import Client
from bench.wire import Connection

KILLS = 200
AFTER_START_S = 3.0

_SIDES = 2
_AT_ONCE = 3  # incidents
_LATEST_KILL = 0.25  # seconds after the first key
_LONGEST_WAIT = 15.0  # seconds, for a phone to ring


@dataclass(slots=True)
class _Found:
    kills: int = 0
    accepted: int = 0
    lost: int = 0
    twice: list[int] = field(default_factory=list)  # calls beyond the first of each page, for each kill
    late: list[float] = field(default_factory=list)  # seconds from ready to the phone, where it was overdue
    lock: Lock = field(default_factory=Lock)


def run(progress: Progress) -> list[Result]:
    found = _Found()
    with ThreadPoolExecutor(_SIDES) as pool:
        for side in [pool.submit(_one_side, found, seed, progress) for seed in range(_SIDES)]:
            side.result()
    return [
        Result("kills", "", found.kills),
        Result("incidents accepted", "", found.accepted),
        Result("incidents lost", "", found.lost, 0),
        Result("calls made twice, in all", "", sum(found.twice)),
        Result("calls made twice, most for one kill", "", max(found.twice), 1),
        Result("overdue page after the start p50", "s", percentile(found.late, 50)),
        Result("overdue page after the start max", "s", max(found.late), AFTER_START_S),
    ]


def _one_side(found: _Found, seed: int, progress: Progress) -> None:
    random = Random(seed)
    accepted: list[Client] = []
    with place(_AT_ONCE) as here:
        for _ in range(KILLS // _SIDES):
            with here.started() as guard:
                _see(found, guard, accepted, perf_counter_ns())
                accepted = _accepted_until_killed(guard, random)
            with found.lock:
                found.kills += 1
                found.accepted += len(accepted)
                progress(found.kills / KILLS)
        with here.started() as guard:
            _see(found, guard, accepted, perf_counter_ns())


def _accepted_until_killed(guard: Guard, random: Random) -> list[Client]:
    """Three clients ask for help; gives those who heard that they are helped."""
    with Connection(guard.port) as connection:
        keys = [up_to_the_priority(guard, connection, client) for client in guard.clients]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = [pool.submit(_heard, guard.port, key) for key in keys]
        Event().wait(random.uniform(0, _LATEST_KILL))
        guard.server.kill()
        return [c for c, answer in zip(guard.clients, answers, strict=True) if answer.result()]


def _heard(port: int, key: bytes) -> bool:
    try:
        with Connection(port) as connection:
            return b"<Record" in connection.ask(key)
    except OSError:
        return False  # the guard died before it had answered


def _see(found: _Found, guard: Guard, accepted: list[Client], ready: int) -> None:
    """After a start: whose phone rings, how late, and how often; then what rang is taken and solved."""
    for client in accepted:
        arrival = guard.telephone.wait_for("Calls", client.engineer, _LONGEST_WAIT)
        with found.lock:
            found.lost += arrival is None
            if arrival is not None and arrival.at > ready:
                found.late.append((arrival.at - ready) / 1e9)
    guard.settle()
    made = Counter(arrival.page for arrival in guard.telephone.arrivals("Calls"))
    if accepted:
        with found.lock:
            found.twice.append(sum(times - 1 for times in made.values()))
    guard.telephone.forget()
