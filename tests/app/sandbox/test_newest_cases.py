"""The record beside the phones is that of the newest cases, and says so where there are more."""

from app.wiring.sandbox import newest_records
from app.wiring.world import open_world
from tests.app.mail.test_mailbox import NOON, ROSTERS


def test_twenty_cases_are_shown_and_the_last_says_that_there_are_older_ones() -> None:
    closed = {"kind": "abandoned", "state": "closed", "opened_at": NOON, "closed_at": NOON}
    with open_world(ROSTERS, NOON) as world:
        for number in range(21):
            if number == 20:
                assert not any(case.get("has_older") for case in newest_records(world.guard))
            with world.guard.store.writing() as work:
                work.add_case(closed)

        shown = newest_records(world.guard)

    assert [case["reference"] for case in shown] == [f"G-{number}" for number in range(1021, 1001, -1)]
    assert [case.get("has_older") for case in shown].index(True) == 19
