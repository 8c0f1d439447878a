"""A conversation is looked at by one order after the other, for as long as it lasts and no longer."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from oncall.dispatcher.conversing import Who
from oncall.dispatcher.hands import TELEPHONE_ORDERS
from oncall.intake import Call, HungUp, Step
from oncall.ports import Gone, Unreachable
from oncall.presence import FIRST_LOOK, LOOKS_APART, SECOND_LOOK
from tests.oncall.fakes import Stage

ROOM, CASE = "guardia-1001", 1001
BOTH = frozenset({"CA-marta", "CA-1"})


@pytest.fixture
def talking(stage: Stage) -> Stage:
    """Marta and Ana were put through to each other a moment ago."""
    stage.open_incident()
    stage.tick()
    token = stage.token("1.1.ana.1")
    stage.dispatcher.page_reached(token, "CA-1", stage.clock.at)
    stage.dispatcher.page_key(token, "1", stage.clock.at, "CA-1")
    stage.telephone.rooms = {ROOM: BOTH}
    stage.tick()
    return stage


def looks(stage: Stage) -> int:
    with stage.store.reading() as work:
        return len(work.looks(CASE))


def marta(stage: Stage) -> Call:
    call = stage.dispatcher.call("CA-marta")
    assert call is not None
    return call


def test_it_is_looked_at_a_while_after_it_began_and_then_each_minute(talking: Stage) -> None:
    began = talking.clock.at
    for expected in (FIRST_LOOK, FIRST_LOOK + LOOKS_APART, FIRST_LOOK + 2 * LOOKS_APART):
        with talking.store.reading() as work:
            due = work.next_order_due(TELEPHONE_ORDERS)
        assert due == began + expected
        talking.clock.at = due
        talking.tick()

    assert marta(talking).step is Step.CONVERSATION


def test_a_conversation_that_is_over_is_looked_at_no_more(talking: Stage) -> None:
    talking.dispatcher.hear("CA-marta", HungUp(), talking.clock.at)
    talking.dispatcher.conversation_ended(talking.token("1.1.ana.1"), talking.clock.at)
    talking.tick(20)

    assert looks(talking) == 0


def test_the_next_conversation_of_a_case_has_looks_of_its_own(talking: Stage) -> None:
    with talking.store.writing() as work:
        talking.dispatcher._order_look(work, CASE, talking.clock.at + timedelta(seconds=7))

    assert looks(talking) == 1


def test_two_workers_that_look_at_once_end_with_one_look_to_come(talking: Stage) -> None:
    talking.clock.move(20)
    first = talking.dispatcher.claim(talking.clock.at, ("room",))
    assert first is not None
    talking.clock.move(5)  # the first worker is held up for longer than its lease
    second = talking.dispatcher.claim(talking.clock.at, ("room",))
    assert second is not None
    talking.dispatcher.perform(second, talking.clock.now)
    talking.dispatcher.perform(first, talking.clock.now)

    assert looks(talking) == 1


def test_a_caller_who_is_gone_is_found_and_the_engineer_is_brought_to_what_follows(talking: Stage) -> None:
    talking.telephone.rooms = {ROOM: frozenset({"CA-1"})}
    talking.telephone.statuses["CA-marta"] = "completed"
    talking.telephone.brought.clear()
    talking.tick(20)
    talking.tick(2)

    assert marta(talking).step is Step.OVER
    assert talking.kinds()[-1] == "caller_hung_up"
    assert talking.telephone.brought == ["CA-1"]


def test_on_hold_who_was_brought_in_is_still_looked_for(talking: Stage) -> None:
    token = talking.token("1.1.ana.1")
    talking.dispatcher.bring_in(token, Who.MANAGER, talking.clock.at)
    with talking.store.reading() as work:
        side = work.live_side_calls(CASE)[0].token
    talking.dispatcher.side_reached(side, "CA-guest", talking.clock.at)
    talking.dispatcher.side_key(side, "1", talking.clock.at, "CA-guest")
    talking.dispatcher.hold(token, True, talking.clock.at)
    talking.telephone.brought.clear()
    talking.telephone.rooms = {ROOM: frozenset({"CA-marta"})}
    talking.tick(20)
    talking.tick(SECOND_LOOK.total_seconds())
    talking.tick(1)

    assert talking.telephone.brought == ["CA-guest"]


def test_what_cannot_be_seen_changes_nothing_and_is_looked_at_again(talking: Stage) -> None:
    talking.telephone.rooms = None
    talking.tick(20)
    talking.tick(30)

    assert marta(talking).step is Step.CONVERSATION
    assert looks(talking) == 1


def test_who_is_missing_is_fetched_at_the_second_look_and_given_up_at_the_third(talking: Stage) -> None:
    talking.telephone.rooms = {}
    talking.telephone.brought.clear()
    talking.tick(20)
    assert talking.telephone.brought == []
    talking.tick(SECOND_LOOK.total_seconds())
    talking.tick(1)
    assert talking.telephone.brought == ["CA-1", "CA-marta"]
    assert marta(talking).step is Step.CONVERSATION
    talking.tick(SECOND_LOOK.total_seconds() - 1)
    talking.tick(1)

    assert marta(talking).step is Step.WAITING
    assert talking.kinds()[-1] == "not_connected"
    assert talking.telephone.brought == ["CA-1", "CA-marta"] * 2
    assert looks(talking) == 0


def test_who_is_on_their_way_is_not_missing(talking: Stage) -> None:
    talking.telephone.rooms = {}
    with talking.store.writing() as work:
        for sid in BOTH:
            later = talking.clock.at + timedelta(minutes=5)
            work.order(
                "bring",
                sid,
                talking.clock.at,
                later - talking.clock.at,
                CASE,
                payload={"sid": sid},
                due=later,
            )
    for _ in range(4):
        talking.tick(60)

    assert marta(talking).step is Step.CONVERSATION
    assert "not_connected" not in talking.kinds()


def test_a_leg_that_is_too_late_to_be_fetched_is_over(talking: Stage) -> None:
    talking.telephone.rooms = {ROOM: frozenset({"CA-1"})}
    talking.tick(20)
    talking.tick(SECOND_LOOK.total_seconds())
    talking.telephone.control_failures = [Gone("not in progress", "21220")]
    talking.tick(1)

    assert marta(talking).step is Step.OVER


def test_a_conversation_that_cannot_be_read_holds_up_nobody_and_is_looked_at_later(talking: Stage) -> None:
    talking.open_incident("CA-pablo", "5")
    with talking.store.writing() as work:
        work.connection.execute(
            text("""UPDATE calls SET state = '{"broken": true}' WHERE sid = 'CA-marta'""")
        )
    talking.tick(20)

    assert looks(talking) == 1
    assert talking.kinds(1002).count("page_requested") > 0


def test_a_conversation_that_nobody_looks_at_is_looked_at_from_now_on(talking: Stage) -> None:
    with talking.store.writing() as work:
        work.void_looks(CASE)
    talking.clock.move(1)

    assert talking.dispatcher.look_after_conversations(talking.clock.at) == 1
    assert talking.dispatcher.look_after_conversations(talking.clock.at) == 0
    assert looks(talking) == 1


def test_trouble_while_a_leg_is_fetched_is_no_reason_to_end_anything(talking: Stage) -> None:
    talking.telephone.rooms = {}
    talking.tick(20)
    talking.telephone.control_failures = [Unreachable("later")] * 8
    talking.tick(SECOND_LOOK.total_seconds())
    for _ in range(4):
        talking.tick(SECOND_LOOK.total_seconds())

    assert marta(talking).step is Step.CONVERSATION
