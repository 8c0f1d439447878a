"""Real processes, killed and frozen while they page: what was admitted reaches a human all the same."""

import random
import sys
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from app.sandbox.scripts import Script
from tests.app.processes import until
from tests.faults.promises import accepted_calls, assert_kept, called_again
from tests.faults.town import IS_LONG, RACE, SOON, TAKEN_WITHIN, Once, Town, town

FROZEN_SECONDS = 30.0 if IS_LONG else 5.0
BOTH = pytest.mark.parametrize("database", ["sqlite", "postgres"])


@pytest.fixture
def database_url(database: str, request: pytest.FixtureRequest) -> str:
    return "" if database == "sqlite" else str(request.getfixturevalue("empty_postgres_url"))


def assert_town_kept(here: Town, twice: int = 0) -> None:
    assert_kept(here.store, here.exchange, twice=twice, race=RACE)
    assert here.verify() == 0


@BOTH
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_while_the_call_is_ordered_it_is_made_once(
    tmp_path: Path, database_url: str, moment: str
) -> None:
    with town(tmp_path, 1, database_url) as here:
        here.answered_by()
        here.start("web", "worker")
        deadly = Once("/Calls.json", lambda: here.kill("worker"))
        setattr(here.gate, moment, deadly)

        here.call(0)
        assert deadly.happened.wait(SOON), here.said("web")
        here.start("worker")

        assert here.all_get_through([0], TAKEN_WITHIN), here.said("worker")
        assert_town_kept(here)


def test_a_frozen_worker_is_replaced_and_sends_nothing_twice_when_it_wakes(
    tmp_path: Path, empty_postgres_url: str
) -> None:
    with town(tmp_path, 2, empty_postgres_url) as here:
        here.answered_by()
        here.start("web", "worker")
        frozen = Once("/Calls.json", lambda: here.freeze("worker"))
        here.gate.before = frozen

        here.call(0)
        assert frozen.happened.wait(SOON), here.said("web")
        here.start("worker-2")
        here.call(1)
        assert here.all_get_through([0, 1], TAKEN_WITHIN), here.said("worker-2")
        orders = here.call_orders()
        Event().wait(max(0.0, FROZEN_SECONDS - (monotonic() - frozen.at)))
        here.thaw("worker")
        Event().wait(3)  # whatever it might still send

        assert here.call_orders() == orders
        assert_town_kept(here)


def test_four_workers_on_one_queue_do_each_order_once(tmp_path: Path, empty_postgres_url: str) -> None:
    clients = 40 if IS_LONG else 8
    with town(tmp_path, clients, empty_postgres_url) as here:
        here.answered_by()
        here.start("web", "worker", "worker-2", "worker-3", "worker-4")

        for n in range(clients):
            here.call(n)

        assert here.all_get_through(range(clients), TAKEN_WITHIN + clients)
        assert_town_kept(here)


@pytest.mark.parametrize("seed", [7, 8] if IS_LONG else [7])  # a hundred kills each
@pytest.mark.parametrize("database", ["sqlite", "postgres"] if IS_LONG else ["sqlite"])
def test_killed_at_random_moments_under_load_nothing_is_lost(
    tmp_path: Path, database_url: str, database: str, seed: int
) -> None:
    kills, chance = 100 if IS_LONG else 3, random.Random(seed)
    clients = 2 * kills
    lost = twice = 0
    with town(tmp_path, clients, database_url) as here:
        here.answered_by()
        here.start("web", "worker")
        for kill in range(kills):
            here.call(2 * kill)
            here.call(2 * kill + 1)
            victim = chance.choice(["worker", "worker", "web"])
            Event().wait(chance.uniform(0.1, 2.5))
            here.kill(victim)
            here.start(victim)
            if IS_LONG:
                sys.stderr.write(
                    f"\r{database}: {kill + 1}/{kills} kills {'#' * (40 * (kill + 1) // kills):40}"
                )

        assert here.all_taken(1, TAKEN_WITHIN), here.said("worker")
        with here.store.reading() as work:
            twice = len(called_again(work, here.exchange))
            lost = len(accepted_calls(here.exchange)) - len([r for r in work.cases() if r.kind == "incident"])
        sys.stderr.write(f"\n{database}: {kills} kills, {max(lost, 0)} lost, {twice} called again\n")
        assert_town_kept(here, twice=kills)


def test_an_overdue_page_leaves_soon_after_the_start(tmp_path: Path) -> None:
    with town(tmp_path, 1) as here:
        here.answered_by(Script.rejecting(2))  # the page ends while nobody can go on
        here.start("web", "worker")
        here.call(0)
        assert until(lambda: here.call_orders() > 0, SOON)
        here.kill("worker")
        assert until(lambda: _levels_begun(here) == 2, SOON)

        began = monotonic()
        here.start("worker")
        started = monotonic()

        assert until(lambda: here.call_orders() > 1, SOON)
        # Measured against the start of the process, for the machine may be busy: the benches have figures.
        assert monotonic() - started < 3 + 3 * (started - began)


def _levels_begun(here: Town) -> int:
    with here.store.reading() as work:
        return sum(entry.kind == "level_began" for entry in work.record(1001))
