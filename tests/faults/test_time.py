"""Clocks that jump, change with the season, or stood still: pages go on from where they were, each once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.locales import text
from oncall.dispatcher.alarms import SILENCE
from tests.faults.mortal import Mortal, mortal_world
from tests.faults.people import CALLS_CRM, MISSES, NOON, TAKES, all_is_taken, client
from tests.faults.promises import assert_kept, first_request

MOMENTS = {
    "clocks go forward in Sao Paulo's old rule": datetime(2026, 11, 1, 2, 58, tzinfo=UTC),
    "clocks go forward in Europe": datetime(2026, 3, 29, 0, 58, tzinfo=UTC),
    "clocks go back in Europe": datetime(2026, 10, 25, 0, 58, tzinfo=UTC),
    "clocks go forward in the United States": datetime(2026, 3, 8, 6, 58, tzinfo=UTC),
    "clocks go back in the United States": datetime(2026, 11, 1, 5, 58, tzinfo=UTC),
    "a leap day begins": datetime(2028, 2, 28, 23, 58, tzinfo=UTC),
    "a leap day ends": datetime(2028, 2, 29, 23, 58, tzinfo=UTC),
    "a year ends": datetime(2026, 12, 31, 23, 58, tzinfo=UTC),
}


def call(mortal: Mortal, n: int = 0) -> None:
    caller = client(n)
    mortal.world.exchange.phone(caller.caller).dial(caller.line, script=CALLS_CRM)


def behave(mortal: Mortal, *scripts: object) -> None:
    for n in range(2):
        for engineer in client(n).engineers:
            mortal.world.exchange.phone(engineer).behave(*scripts)  # type: ignore[arg-type]


def record(mortal: Mortal, case: int = 1001) -> list[str]:
    with mortal.world.guard.store.reading() as work:
        return [entry.kind for entry in work.record(case)]


def alarms(mortal: Mortal, what: str) -> int:
    words = text(f"mail.alarm.{what}", "es")
    return sum(words in f"{mail.subject} {mail.text}" for mail in mortal.world.mails)


@pytest.mark.parametrize("at", MOMENTS.values(), ids=MOMENTS.keys())
def test_pages_go_on_over_every_change_of_the_calendar(rosters: Path, tmp_path: Path, at: datetime) -> None:
    with mortal_world(rosters, at, tmp_path) as mortal:
        behave(mortal, MISSES, TAKES, TAKES)
        call(mortal)

        assert mortal.run(400, until=lambda: all_is_taken(mortal))
        mortal.run(30, until=lambda: False)

        assert_kept(mortal.world.guard.store, mortal.world.exchange)
        with mortal.world.guard.store.reading() as work:
            row = work.case(1001)
            assert row is not None
            assert row.respond_by - row.opened_at == timedelta(hours=1)


def test_a_clock_that_jumps_an_hour_ahead_pages_again_and_loses_nothing(
    rosters: Path, tmp_path: Path
) -> None:
    with mortal_world(rosters, NOON, tmp_path) as mortal:
        behave(mortal, MISSES, *[TAKES] * 5)
        call(mortal)
        mortal.run(60, until=lambda: "page_ringing" in record(mortal))
        mortal.world.clock.set(mortal.world.now + timedelta(hours=1))

        assert mortal.run(400, until=lambda: all_is_taken(mortal))
        mortal.run(30, until=lambda: False)

        assert_kept(mortal.world.guard.store, mortal.world.exchange)


def test_after_two_hours_of_standstill_whoever_is_on_call_is_paged_once_the_oldest_first(
    rosters: Path, tmp_path: Path
) -> None:
    with mortal_world(rosters, NOON, tmp_path) as mortal:
        behave(mortal, *[TAKES] * 5)
        beat(mortal)
        mortal.world.worker_is_alive = False
        call(mortal)
        mortal.world.run(30)
        call(mortal, 1)
        mortal.world.run(30)
        for n in range(2):  # who waited on would be put through without a worker
            mortal.world.exchange.phone(client(n).caller).hang_up()
        mortal.world.run(7170)
        woken = mortal.world.now
        mortal.start()
        beat(mortal)

        assert mortal.run(400, until=lambda: all_is_taken(mortal))
        mortal.run(30, until=lambda: False)

        assert_kept(mortal.world.guard.store, mortal.world.exchange)
        first = first_request(mortal.world.exchange, woken)
        assert first is not None
        assert first.detail["form"]["To"] == [client(0).engineers[0]]
        for case in (1001, 1002):
            kinds = record(mortal, case)
            assert kinds.index("stood_still") < kinds.index("page_requested")
            assert "page_cancelled" in kinds
        assert alarms(mortal, "worker_stood_still") == 1


def test_the_web_side_tells_managers_once_that_no_worker_is_alive(rosters: Path, tmp_path: Path) -> None:
    with mortal_world(rosters, NOON, tmp_path) as mortal:
        dispatcher = mortal.world.guard.dispatcher
        beat(mortal)
        later = NOON + SILENCE + timedelta(seconds=5)

        assert dispatcher.silent_since(NOON + SILENCE) is None
        assert dispatcher.silent_since(later) is not None
        assert dispatcher.silent_since(later) is None
        dispatcher.beat("worker", later)
        assert dispatcher.silent_since(later + timedelta(seconds=5)) is None


def test_managers_hear_that_a_first_response_is_nearly_due_once(rosters: Path, tmp_path: Path) -> None:
    with mortal_world(rosters, NOON, tmp_path) as mortal:
        call(mortal)
        mortal.run(60, until=lambda: "opened" in record(mortal))
        dispatcher = mortal.world.guard.dispatcher

        early = dispatcher.warn_of_breaches(NOON + timedelta(minutes=53))
        nearly_due = [dispatcher.warn_of_breaches(NOON + timedelta(minutes=m)) for m in (54.1, 55, 61)]
        mortal.world.clock.set(NOON + timedelta(minutes=61))
        mortal.run(5, until=lambda: False)

        assert (early, nearly_due) == (0, [1, 0, 0])
        assert alarms(mortal, "breach_near") == 1


def beat(mortal: Mortal) -> None:
    mortal.world.guard.dispatcher.beat("worker", mortal.world.now)
