"""What is claimed, in which order, what the record says of the wait, and what becomes of a broken row."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from oncall.dispatcher.hands import ALL_ORDERS, TELEPHONE_ORDERS, Claimed
from oncall.store import Store
from oncall.store.orders import LEASE
from tests.oncall.examples import ANA, BRUNO
from tests.oncall.fakes import FakeTelephone, Stage


def told(stage: Stage, what: str) -> int:
    return sum(letter.facts.get("what") == what for letter in stage.mail.letters)


def claimed_by_four(stage: Stage, kinds: tuple[str, ...]) -> list[str]:
    """What is claimed for four hands in one transaction."""
    return [order.kind for order in stage.dispatcher.claim_some(stage.clock.at, kinds, 4)]


def all_claimed(stage: Stage) -> list[str]:
    found = []
    while some := claimed_by_four(stage, TELEPHONE_ORDERS):
        found += some
    return found


def waits(stage: Stage, case: int = 1001) -> list[int]:
    """The seconds that each page of the case is said to have waited for the telephone company's pace."""
    return [entry.data["seconds"] for entry in stage.record(case) if entry.kind == "page_delayed"]


def test_a_few_orders_are_claimed_together_and_each_once(stage: Stage) -> None:
    stage.open_incident()

    claimed = claimed_by_four(stage, TELEPHONE_ORDERS)

    assert claimed == (["call", "page_text"] if stage.store.has_one_writer else ["call"])
    assert claimed + claimed_by_four(stage, TELEPHONE_ORDERS) == ["call", "page_text"]
    assert stage.kinds().count("page_requested") == 2


def test_no_more_are_claimed_than_there_are_hands(stage: Stage) -> None:
    stage.open_incident()

    assert len(stage.dispatcher.claim_some(stage.clock.at, TELEPHONE_ORDERS, 1)) == 1


def test_of_two_calls_to_one_person_that_are_claimed_together_the_second_joins_the_first(
    stage: Stage,
) -> None:
    stage.open_incident("CA-1", "1")
    stage.open_incident("CA-2", "5")

    claimed = claimed_by_four(stage, ("call",)) + claimed_by_four(stage, ("call",))

    assert len(claimed) == 1
    assert "page_joined" in stage.kinds(1002)


def test_the_record_says_that_the_pace_of_calls_held_a_page_back(store: Store) -> None:
    stage = Stage(store, calls_per_second=0.1)
    stage.open_incident("CA-1", "1")
    stage.tick()
    with stage.store.writing() as work:  # the same person would join the first call
        work.connection.execute(text("UPDATE pages SET person = 'somebody' WHERE case_id = 1001"))
    stage.open_incident("CA-2", "5")

    stage.tick(5)
    assert waits(stage, 1002) == []
    stage.tick(5)

    assert waits(stage, 1001) == []
    assert waits(stage, 1002) == [10]


@pytest.mark.parametrize("rate", [0, 1])
def test_our_own_lateness_is_not_blamed_on_the_pace(store: Store, rate: float) -> None:
    stage = Stage(store, calls_per_second=rate)
    stage.open_incident()

    stage.tick(15)  # no worker was there

    assert stage.kinds().count("page_requested") == 2
    assert waits(stage) == []


def test_a_phone_that_is_being_told_to_stop_ringing_is_not_rung_again_meanwhile(stage: Stage) -> None:
    """The leg of a text's taker rings on until Twilio was told; the next incident's call waits for that."""
    stage.open_incident("CA-1", "1")
    stage.tick()
    stage.dispatcher.text(ANA.phones[0], "1000", stage.clock.at)
    stage.open_incident("CA-2", "5")

    claimed = all_claimed(stage)

    assert "cancel" in claimed
    assert "call" not in claimed
    stage.clock.move(0.2)
    assert "call" not in all_claimed(stage)
    stage.clock.move(2)
    assert "call" in all_claimed(stage)


def test_an_order_that_cannot_even_be_claimed_is_set_aside_told_and_holds_up_nobody(stage: Stage) -> None:
    stage.open_incident("CA-1", "1")
    stage.open_incident("CA-2", "5")
    with stage.store.writing() as work:
        work.connection.execute(text("""UPDATE cases SET policy = '["broken"]' WHERE id = 1001"""))
        work.connection.execute(text("UPDATE pages SET person = 'somebody' WHERE case_id = 1001"))

    stage.tick()
    stage.tick(1)

    assert [to for to, _ in stage.telephone.calls] == [ANA.phones[0]]
    assert stage.token("1.1.ana.1", 1002) == stage.telephone.calls[0][1]
    assert told(stage, "row_set_aside") >= 1
    due = stage.dispatcher.next_due(stage.clock.at, ALL_ORDERS, attends=False)
    assert due is None or due > stage.clock.at


def test_an_incident_that_cannot_be_attended_to_is_told_to_the_managers_once_an_hour(stage: Stage) -> None:
    stage.open_incident()
    stage.tick()
    with stage.store.writing() as work:
        work.connection.execute(text("""UPDATE cases SET policy = '["broken"]' WHERE id = 1001"""))

    for _ in range(4):
        stage.tick(400)

    assert told(stage, "row_set_aside") == 1


def test_levels_that_end_at_the_same_moment_are_ended_together(stage: Stage) -> None:
    stage.open_incident("CA-1", "1")
    stage.open_incident("CA-2", "5")
    stage.tick()

    stage.tick(400)

    for case in (1001, 1002):
        assert stage.kinds(case).count("level_began") == 2
    assert BRUNO.phones[0] in [to for to, _ in stage.telephone.calls]


# --- whose an order is ---------------------------------------------------------------------------


class Busy(FakeTelephone):
    """While it is asked for something, so much time passes, and another worker looks for orders."""

    def __init__(self, stage: Stage, seconds: float) -> None:
        super().__init__(calls=stage.telephone.calls)
        self.stage = stage
        self.seconds = seconds
        self.taken: list[Claimed | None] = []
        stage.telephone = stage.dispatcher.telephone = self

    def call(self, to: str, page: str, ring: timedelta) -> str:
        self._meanwhile()
        return super().call(to, page, ring)

    def find_calls(self, to: str, since: datetime, shown: str | None = None) -> tuple[str, ...]:
        self._meanwhile()
        return super().find_calls(to, since, shown)

    def _meanwhile(self) -> None:
        self.stage.clock.move(self.seconds)
        self.taken.append(self.stage.dispatcher.claim(self.stage.clock.at, ("call",)))


@pytest.mark.parametrize("late", [LEASE.total_seconds() - 0.5, LEASE.total_seconds() + 0.5])
def test_who_was_held_up_before_the_call_takes_a_lease_anew_and_nobody_else_makes_it(
    stage: Stage, late: float
) -> None:
    stage.open_incident()
    claimed = stage.dispatcher.claim(stage.clock.at, ("call",))
    assert claimed is not None
    stage.clock.move(late)
    telephone = Busy(stage, LEASE.total_seconds() - 0.1)

    stage.dispatcher.perform(claimed, stage.clock.now)

    assert telephone.taken == [None]
    assert [to for to, _ in telephone.calls] == [ANA.phones[0]]


def test_who_was_held_up_until_another_claimed_the_call_does_not_make_it(stage: Stage) -> None:
    stage.open_incident()
    first = stage.dispatcher.claim(stage.clock.at, ("call",))
    stage.clock.move(LEASE.total_seconds())
    second = stage.dispatcher.claim(stage.clock.at, ("call",))
    assert first is not None
    assert second is not None

    stage.dispatcher.perform(first, stage.clock.now)
    assert stage.telephone.calls == []
    stage.dispatcher.perform(second, stage.clock.now)
    stage.dispatcher.perform(first, stage.clock.now)

    assert [to for to, _ in stage.telephone.calls] == [ANA.phones[0]]


def test_who_looked_for_a_call_until_another_claimed_it_does_not_make_it(stage: Stage) -> None:
    stage.open_incident()
    stage.dispatcher.claim(stage.clock.at, ("call",))  # and that worker died
    stage.clock.move(LEASE.total_seconds())
    slow = stage.dispatcher.claim(stage.clock.at, ("call",))
    assert slow is not None
    telephone = Busy(stage, LEASE.total_seconds())

    stage.dispatcher.perform(slow, stage.clock.now)

    assert telephone.calls == []
    assert [order is not None for order in telephone.taken] == [True]
