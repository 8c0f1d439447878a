"""Everybody calls at once: nobody is lost, and nobody is rung by two calls at the same time."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

from app.sandbox.scripts import Script
from bench.towns import Client, write_rosters
from tests.faults.mortal import Mortal, mortal_world
from tests.faults.people import CALLS_CRM, MISSES, NOON, TAKES, all_is_taken
from tests.faults.promises import accepted_calls, assert_kept
from tests.faults.town import IS_LONG, RACE, TAKEN_WITHIN, town

PASSES = Script.answering(3).press("2", hearing="marque 1").hang_up(after=3)
SILENT = Script.answering(2).hang_up(after=8)
PEOPLE = (TAKES, TAKES, MISSES, PASSES, SILENT, Script.rejecting(4))
IN_SECONDS = 10.0


def dial_within(mortal: Mortal, clients: list[Client], seconds: float, chance: random.Random) -> None:
    exchange = mortal.world.exchange
    for client in clients:
        phone, line = exchange.phone(client.caller), client.line
        wait = timedelta(seconds=chance.uniform(0, seconds))
        exchange.later(wait, lambda p=phone, to=line: p.dial(to, script=CALLS_CRM))  # type: ignore[misc]


def test_hundreds_of_calls_within_ten_seconds_are_each_paged_until_taken(tmp_path: Path) -> None:
    """A platform is out: each client calls once, and its engineer has missed the first page."""
    clients = write_rosters(tmp_path / "rosters", 500 if IS_LONG else 40, "40 seconds", levels=2)
    with mortal_world(tmp_path / "rosters", NOON, tmp_path, calls_per_second=0) as mortal:
        for client in clients:
            mortal.world.exchange.phone(client.engineers[0]).behave(MISSES, TAKES)
            mortal.world.exchange.phone(client.engineers[1]).behave(TAKES)
        dial_within(mortal, clients, IN_SECONDS, random.Random(1))

        mortal.run(IN_SECONDS + 30, until=lambda: False)
        assert mortal.run(600, until=lambda: all_is_taken(mortal))
        mortal.run(30, until=lambda: False)

        assert len(accepted_calls(mortal.world.exchange)) == len(clients)
        assert_kept(mortal.world.guard.store, mortal.world.exchange)


@pytest.mark.parametrize("seed", range(60 if IS_LONG else 4))
def test_whatever_the_schedule_nobody_is_rung_by_two_calls_at_once(tmp_path: Path, seed: int) -> None:
    """Ten clients share two engineers, who take, miss, pass, decline or say nothing, at random."""
    chance = random.Random(seed)
    clients = write_rosters(tmp_path / "rosters", 10, "20 seconds", levels=2, teams=chance.choice((1, 2)))
    rate = chance.choice((0.0, 0.5, 1.0))
    with mortal_world(tmp_path / "rosters", NOON, tmp_path, calls_per_second=rate) as mortal:
        for client in clients[:2]:
            for engineer in client.engineers:
                mortal.world.exchange.phone(engineer).behave(*chance.choices(PEOPLE, k=6), TAKES)
        dial_within(mortal, clients, chance.choice((1, 20, 60)), chance)

        mortal.run(70, until=lambda: False)
        assert mortal.run(1200, until=lambda: all_is_taken(mortal))
        mortal.run(60, until=lambda: False)

        assert_kept(mortal.world.guard.store, mortal.world.exchange)


def test_two_workers_never_ring_one_person_with_two_calls(tmp_path: Path, empty_postgres_url: str) -> None:
    clients = 20 if IS_LONG else 6
    with town(tmp_path, clients, empty_postgres_url, teams=1) as here:
        here.answered_by(Script.answering(1).press("1", hearing="marque 1", after=0.05, early=True))
        here.start("web", "worker", "worker-2")

        for n in range(clients):
            here.call(n)

        assert here.all_get_through(range(clients), TAKEN_WITHIN + clients), here.said("worker")
        assert_kept(here.store, here.exchange, race=RACE)
