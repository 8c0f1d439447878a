"""A client who is called back while the guard is killed, or while Twilio's reports go astray."""

import os
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from app.sandbox.chaos import Misfortune
from app.sandbox.scripts import Script
from oncall.sidecalls import LIVE
from tests.faults.mortal import TROUBLES, Mortal, mortal_world
from tests.faults.people import NOON, client

IS_LONG = os.environ.get("GUARDIA_FAULTS") == "long"

_HANGS_UP = (
    Script()
    .press("1", hearing="marque 1", early=True)
    .press("1", hearing="marque 1", early=True)
    .hang_up(after=2)
)
_HAS_THEM_CALLED = (
    Script.answering(4)
    .press("1", hearing="marque 1")
    .press("1", hearing="Para llamarle")
    .press("1", hearing="¿Cómo sigue?")
    .press("#", hearing="horas")
)
_ANSWERS = Script.answering(3).press("1", hearing="cualquier tecla").hang_up(after=25)


def begin(mortal: Mortal) -> None:
    exchange, one = mortal.world.exchange, client(0)
    exchange.phone(one.engineers[0]).behave(*[_HAS_THEM_CALLED] * 3)
    exchange.phone(one.caller).behave(*[_ANSWERS] * 3)
    exchange.phone(one.caller).dial(one.line, script=_HANGS_UP)
    mortal.run(25, until=lambda: False)


def assert_called_back(mortal: Mortal) -> list[str]:
    """Called at most once, nobody left on a line, and the record tells what came of it; gives the record."""
    exchange, one = mortal.world.exchange, client(0)
    kinds: list[str]
    with mortal.world.guard.store.reading() as work:
        kinds = [entry.kind for entry in work.record(1001)]
        live = [row for row in work.side_calls(1001) if row.state in LIVE]
        talking = work.talking_calls(1001)
    count = Counter(kinds)

    assert len(exchange.story.of("ringing", number=one.caller)) <= 1
    assert (live, talking) == ([], [])
    assert exchange.phone(one.caller).call is None
    assert exchange.phone(one.engineers[0]).call is None
    assert count["client_called"] <= 1
    assert count["connected"] + count["client_not_reached"] == count["client_called"]
    return kinds


def live(rosters: Path, folder: Path, dies_at: int | None) -> Mortal:
    folder.mkdir()
    with mortal_world(rosters, NOON, folder) as mortal:
        begin(mortal)
        mortal.dies_at = dies_at
        mortal.run(220, until=lambda: False)
        kinds = assert_called_back(mortal)
        assert dies_at is not None or "connected" in kinds
        return mortal


def test_killed_at_any_point_they_are_called_once_and_nobody_waits_for_ever(
    rosters: Path, tmp_path: Path
) -> None:
    unharmed = live(rosters, tmp_path / "unharmed", None)
    first = next(n for n, name in enumerate(unharmed.passed) if n > 20 and name == "before POST")
    points = [
        n
        for n, name in enumerate(unharmed.passed)
        if n >= first - 20 and (IS_LONG or "commit" not in name or n % 11 == 0)
    ]

    for point in points:
        mortal = live(rosters, tmp_path / str(point), point)
        assert mortal.deaths <= 1
    assert len(points) > 5


@pytest.mark.parametrize("trouble", TROUBLES)
def test_whatever_becomes_of_the_order_they_are_called_once_or_it_is_said(
    rosters: Path, tmp_path: Path, trouble: str
) -> None:
    with mortal_world(rosters, NOON, tmp_path) as mortal:
        begin(mortal)
        mortal.troubles = [trouble]
        mortal.run(240, until=lambda: False)

        assert "client_called" in assert_called_back(mortal)


@pytest.mark.parametrize("seed", range(3))
def test_reports_doubled_late_and_dropped_strand_nobody(rosters: Path, tmp_path: Path, seed: int) -> None:
    with mortal_world(rosters, NOON, tmp_path) as mortal:
        chaos = mortal.world.exchange.chaos
        begin(mortal)
        chaos.chance.seed(seed)
        chaos.callbacks = Misfortune(duplicate=0.5, delay=0.5, drop=0.4, slowest=timedelta(seconds=20))
        chaos.webhooks = Misfortune(duplicate=0.5)
        mortal.run(300, until=lambda: False)

        assert "client_called" in assert_called_back(mortal)
