"""Twilio refuses, breaks, hangs and lies: pages leave all the same, each once, and managers hear of it."""

import os
import random
from pathlib import Path

import pytest

from app.locales import text
from tests.faults.mortal import TROUBLES, Mortal, mortal_world
from tests.faults.people import CALLS_CRM, NOON, TAKES, all_is_taken, client
from tests.faults.promises import assert_kept

IS_LONG = os.environ.get("GUARDIA_FAULTS") == "long"


def a_call(mortal: Mortal, n: int = 0) -> None:
    exchange, caller = mortal.world.exchange, client(n)
    for engineer in caller.engineers:
        exchange.phone(engineer).behave(*[TAKES] * 9)
    exchange.phone(caller.caller).dial(caller.line, script=CALLS_CRM)


def kinds(mortal: Mortal, case: int = 1001) -> list[str]:
    with mortal.world.guard.store.reading() as work:
        return [entry.kind for entry in work.record(case)]


@pytest.mark.parametrize("times", [1, 3] if IS_LONG else [2])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_whatever_an_order_meets_the_page_leaves_once_and_is_taken(
    rosters: Path, tmp_path: Path, trouble: str, times: int
) -> None:
    with mortal_world(rosters, NOON, tmp_path) as mortal:
        mortal.troubles = [trouble] * times
        a_call(mortal)

        assert mortal.run(180, until=lambda: all_is_taken(mortal))
        mortal.run(60, until=lambda: False)

        assert_kept(mortal.world.guard.store, mortal.world.exchange)
        assert "provider_error" in kinds(mortal)


@pytest.mark.parametrize("seed", range(200 if IS_LONG else 6))
def test_random_trouble_delays_pages_and_loses_none(rosters: Path, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with mortal_world(rosters, NOON, tmp_path) as mortal:
        mortal.troubles = [chance.choice((*TROUBLES, "")) for _ in range(12)]
        a_call(mortal)
        a_call(mortal, 1)

        assert mortal.run(900, until=lambda: all_is_taken(mortal))
        mortal.run(60, until=lambda: False)

        assert_kept(mortal.world.guard.store, mortal.world.exchange)


def test_wrong_credentials_alarm_the_managers_once_and_not_with_every_page(
    rosters: Path, tmp_path: Path
) -> None:
    with mortal_world(rosters, NOON, tmp_path) as mortal:
        mortal.world.exchange.auth_token, right = "another", mortal.world.exchange.auth_token
        mortal.world.exchange.api_keys = {}
        a_call(mortal)
        mortal.run(120, until=lambda: False)
        words = text("mail.alarm.provider_refuses", "es")
        told = [mail for mail in mortal.world.mails if words in f"{mail.subject} {mail.text}"]
        mortal.world.exchange.auth_token = right

        assert mortal.run(900, until=lambda: all_is_taken(mortal))

        assert len(told) == 1
        assert kinds(mortal).count("provider_error") > 1
        assert_kept(mortal.world.guard.store, mortal.world.exchange)
