"""Killed at any point whatever, the guard loses no incident, and calls nobody twice for one page."""

import os
from pathlib import Path

import pytest

from tests.faults.mortal import Mortal, mortal_world
from tests.faults.people import CALLS_CRM, MISSES, NOON, TAKES, all_is_taken, client
from tests.faults.promises import accepted_calls, assert_kept

IS_LONG = os.environ.get("GUARDIA_FAULTS") == "long"
_SHARDS = 4


def a_call_that_is_taken(mortal: Mortal) -> None:
    """Two clients call; the first one's engineer misses the call, and the next takes it."""
    exchange = mortal.world.exchange
    first, second = client(0), client(1)
    exchange.phone(first.engineers[0]).behave(MISSES, TAKES, TAKES)
    exchange.phone(first.engineers[1]).behave(TAKES, TAKES, TAKES)
    exchange.phone(second.engineers[0]).behave(TAKES, TAKES, TAKES)
    exchange.phone(first.caller).dial(first.line, script=CALLS_CRM)
    exchange.phone(second.caller).dial(second.line, script=CALLS_CRM)


def crash_points(passed: list[str]) -> list[int]:
    """All of them in the long version; else each REST call, and a sample of the commits."""
    return [n for n, name in enumerate(passed) if IS_LONG or "commit" not in name or n % 97 == 0]


def live(rosters: Path, folder: Path, dies_at: int | None) -> Mortal:
    folder.mkdir()
    with mortal_world(rosters, NOON, folder) as mortal:
        mortal.dies_at = dies_at
        a_call_that_is_taken(mortal)
        mortal.run(90, until=lambda: False)
        mortal.run(600, until=lambda: all_is_taken(mortal))
        mortal.run(30, until=lambda: False)
        if accepted_calls(mortal.world.exchange):
            assert all_is_taken(mortal), f"killed {mortal.passed[dies_at or 0]} ({dies_at})"
        assert_kept(mortal.world.guard.store, mortal.world.exchange)
        return mortal


@pytest.mark.parametrize("shard", range(_SHARDS))
def test_killed_at_every_commit_and_rest_call_nothing_is_lost_or_said_twice(
    rosters: Path, tmp_path: Path, shard: int
) -> None:
    unharmed = live(rosters, tmp_path / "unharmed", None)
    points = crash_points(unharmed.passed)[shard::_SHARDS]

    for point in points:
        mortal = live(rosters, tmp_path / str(point), point)

        assert mortal.deaths == 1
    assert len(points) >= 4


def test_a_call_made_by_a_worker_that_died_is_looked_up_and_adopted(rosters: Path, tmp_path: Path) -> None:
    def first_page(folder: Path, dies_at: int | None) -> tuple[list[str], list[str]]:
        folder.mkdir()
        with mortal_world(rosters, NOON, folder) as mortal:
            exchange, caller = mortal.world.exchange, client(0)
            exchange.chaos.callbacks.drop = 1.0  # only by looking can the call be found
            exchange.phone(caller.engineers[0]).behave(MISSES)
            exchange.phone(caller.caller).dial(caller.line, script=CALLS_CRM)
            mortal.dies_at = dies_at
            mortal.run(40, until=lambda: False)
            assert_kept(mortal.world.guard.store, exchange, taken=False)
            with mortal.world.guard.store.reading() as work:
                return mortal.passed, [entry.kind for entry in work.record(1001)]

    passed, _ = first_page(tmp_path / "unharmed", None)
    _, record = first_page(tmp_path / "killed", passed.index("after POST"))

    assert "page_adopted" in record
