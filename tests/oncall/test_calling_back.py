"""Calling the client back, among fakes and on both databases: who is called, once, and what becomes of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from oncall import intake
from oncall.dispatcher import PageCall, SideView
from oncall.escalation import Answer
from oncall.intake import Call, ConversationEnded, Farewell, HungUp, Released, Step
from oncall.ports import Ambiguous, Refused, Unreachable
from oncall.record import Entry
from oncall.sidecalls import SideState
from oncall.store import Store
from oncall.store.orders import LEASE
from tests.oncall.examples import AT, LINE, MARTA, seconds
from tests.oncall.fakes import Stage

ANA_LEG = "CA-ana"
CLIENTS_LEG = "CA-2"  # the second call that the fake telephone places


def taken(stage: Stage) -> str:
    """Marta hung up, and Ana has the incident; gives the token of her page."""
    call = stage.open_incident()
    stage.tick()
    stage.dispatcher.hear(call.sid, HungUp(), stage.clock.at)
    token = stage.token("1.1.ana.1")
    stage.dispatcher.page_key(token, "1", stage.clock.at, "CA-1")
    stage.tick()
    return token


def calls_back(stage: Stage, token: str) -> str:
    """Ana has her called; gives the token of that call."""
    stage.dispatcher.call_client(token, ANA_LEG, stage.clock.at)
    with stage.store.reading() as work:
        return str(work.calls_to_client(1001)[-1].token)


def page(stage: Stage, token: str) -> PageCall:
    found = stage.dispatcher.page(token)
    assert found is not None
    return found


def side(stage: Stage, token: str) -> SideView:
    found = stage.dispatcher.side(token)
    assert found is not None
    return found


def clients_call(stage: Stage) -> Call:
    call = stage.dispatcher.call(CLIENTS_LEG)
    assert call is not None
    return call


def missed(stage: Stage) -> list[Entry]:
    return [entry for entry in stage.record() if entry.kind == "client_not_reached"]


def presses_a_key(stage: Stage, client: str, sid: str = CLIENTS_LEG) -> None:
    stage.dispatcher.side_reached(client, sid, stage.clock.at)
    stage.dispatcher.client_key(client, stage.clock.at, sid)


def reports(stage: Stage, client: str, status: str, sid: str = CLIENTS_LEG) -> None:
    stage.dispatcher.side_status(client, sid, status, None, stage.clock.at)


def test_the_client_is_called_by_an_order_and_the_engineer_waits(stage: Stage) -> None:
    token = taken(stage)
    before = list(stage.telephone.calls)

    calls_back(stage, token)

    assert stage.telephone.calls == before, "nothing is called before the answer"
    assert page(stage, token).is_calling
    assert stage.kinds()[-1] == "client_called"
    stage.tick()
    assert stage.telephone.calls[-1][0] == MARTA.phone
    assert stage.telephone.shown[-1] == LINE


def test_pressed_twice_they_are_called_once(stage: Stage) -> None:
    token = taken(stage)

    calls_back(stage, token)
    calls_back(stage, token)
    stage.tick()
    calls_back(stage, token)
    stage.tick()

    assert [to for to, _ in stage.telephone.calls].count(MARTA.phone) == 1
    assert stage.kinds().count("client_called") == 1


def test_who_pressed_a_key_is_a_caller_in_conversation(stage: Stage) -> None:
    token = taken(stage)
    client = calls_back(stage, token)
    stage.tick()
    presses_a_key(stage, client)
    presses_a_key(stage, client)

    call = clients_call(stage)
    assert (call.step, call.case, call.returns, call.alone) == (Step.CONVERSATION, 1001, "CA-marta", True)
    assert page(stage, token).is_talking
    assert not page(stage, token).is_calling
    assert stage.kinds().count("connected") == 1
    assert stage.kinds().count("call_arrived") == 1
    assert call.due_at is not None


def test_the_report_of_their_leg_tells_that_they_hung_up_however_often_it_comes(stage: Stage) -> None:
    token = taken(stage)
    client = calls_back(stage, token)
    stage.tick()
    presses_a_key(stage, client)
    for status in ("completed", "ringing", "completed", "in-progress"):
        reports(stage, client, status)
    stage.tick(after=3)

    assert clients_call(stage).step is Step.OVER
    assert stage.telephone.brought == [ANA_LEG]
    stage.dispatcher.conversation_ended(token, stage.clock.at)
    stage.dispatcher.conversation_ended(token, stage.clock.at)
    assert stage.kinds().count("conversation_ended") == 1
    assert missed(stage) == []


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled", "completed"])
def test_who_waits_for_somebody_who_is_not_reached_is_fetched_and_told(stage: Stage, status: str) -> None:
    token = taken(stage)
    client = calls_back(stage, token)
    stage.tick()
    reports(stage, client, status)
    reports(stage, client, status)
    stage.tick()

    assert stage.telephone.brought == [ANA_LEG]
    told = stage.dispatcher.conversation_ended(token, stage.clock.at)
    again = stage.dispatcher.conversation_ended(token, stage.clock.at)
    assert told is not None
    assert told.was_missed
    assert told == again
    assert len(missed(stage)) == 1
    assert "conversation_ended" not in stage.kinds()


def test_a_mailbox_presses_nothing_and_never_enters(stage: Stage) -> None:
    token = taken(stage)
    client = calls_back(stage, token)
    stage.tick()
    stage.dispatcher.side_reached(client, CLIENTS_LEG, stage.clock.at)
    stage.dispatcher.side_silent(client, stage.clock.at)
    presses_a_key(stage, client)

    assert stage.dispatcher.call(CLIENTS_LEG) is None
    assert [entry.data["why"] for entry in missed(stage)] == ["no_key"]


@pytest.mark.parametrize("is_answered", [False, True])
def test_without_any_report_the_wait_ends_by_itself(stage: Stage, is_answered: bool) -> None:
    client = calls_back(stage, taken(stage))
    stage.tick()
    if is_answered:
        stage.dispatcher.side_reached(client, CLIENTS_LEG, stage.clock.at)
    stage.tick(after=46)

    assert [entry.data["why"] for entry in missed(stage)] == ["no_answer"]
    assert stage.telephone.hung_up == [CLIENTS_LEG]
    assert stage.telephone.brought == [ANA_LEG]


def test_a_number_that_is_refused_is_told_at_once(stage: Stage) -> None:
    token = taken(stage)
    stage.telephone.failures = [Refused("no such number", "21211")]
    calls_back(stage, token)
    stage.tick()

    assert [(e.data["why"], e.data["code"]) for e in missed(stage)] == [("refused", "21211")]
    assert stage.telephone.brought == [ANA_LEG]


def test_a_call_that_was_made_without_an_answer_is_adopted(stage: Stage) -> None:
    token = taken(stage)
    stage.telephone.failures = [Ambiguous("made")]
    client = calls_back(stage, token)
    stage.tick()
    stage.tick(after=2)
    presses_a_key(stage, client)

    assert [to for to, _ in stage.telephone.calls].count(MARTA.phone) == 1
    assert page(stage, token).is_talking


def test_a_worker_killed_between_the_call_and_its_record_calls_nobody_twice(stage: Stage) -> None:
    token = taken(stage)
    client = calls_back(stage, token)
    order = stage.dispatcher.claim(stage.clock.at, ("call",))
    assert order is not None
    stage.telephone.call(MARTA.phone, client, seconds(30))  # and there it died

    stage.tick(after=LEASE.total_seconds() + 1)

    assert [to for to, _ in stage.telephone.calls].count(MARTA.phone) == 1
    reports(stage, client, "ringing")
    assert side(stage, client).state is SideState.RINGING


def test_a_worker_held_up_until_another_called_the_client_does_not_call_them(stage: Stage) -> None:
    token = taken(stage)
    calls_back(stage, token)
    first = stage.dispatcher.claim(stage.clock.at, ("call",))
    stage.clock.move(LEASE.total_seconds())
    second = stage.dispatcher.claim(stage.clock.at, ("call",))
    assert first is not None
    assert second is not None

    stage.dispatcher.perform(first, stage.clock.now)
    assert [to for to, _ in stage.telephone.calls].count(MARTA.phone) == 0
    stage.dispatcher.perform(second, stage.clock.now)

    assert [to for to, _ in stage.telephone.calls].count(MARTA.phone) == 1


def test_of_two_legs_the_one_on_which_the_key_was_pressed_is_the_clients(stage: Stage) -> None:
    token = taken(stage)
    client = calls_back(stage, token)
    stage.tick()
    presses_a_key(stage, client, "CA-second")
    reports(stage, client, "completed")

    assert stage.dispatcher.call("CA-second") is not None
    assert page(stage, token).is_talking
    reports(stage, client, "completed", "CA-second")
    assert not page(stage, token).is_talking


def test_the_engineer_hangs_up_while_it_rings(stage: Stage) -> None:
    token = taken(stage)
    client = calls_back(stage, token)
    stage.tick()
    reports(stage, client, "ringing")
    stage.dispatcher.leg_over(ANA_LEG, stage.clock.at)
    stage.dispatcher.leg_over(ANA_LEG, stage.clock.at)
    stage.tick()

    assert stage.telephone.hung_up == [CLIENTS_LEG]
    assert stage.telephone.brought == []
    assert [entry.data["why"] for entry in missed(stage)] == ["withdrawn"]
    assert stage.state() == "acknowledged"
    stage.tick(after=15 * 60 + 1)
    assert "asked_again" in stage.kinds()


def test_before_the_call_has_left_there_is_nothing_to_stop(stage: Stage) -> None:
    token = taken(stage)
    calls_back(stage, token)
    stage.dispatcher.leg_over(ANA_LEG, stage.clock.at)
    stage.tick()

    assert MARTA.phone not in [to for to, _ in stage.telephone.calls]
    assert stage.telephone.hung_up == []


def test_handed_over_while_it_rings_nobody_waits_for_nobody(stage: Stage) -> None:
    token = taken(stage)
    client = calls_back(stage, token)
    stage.tick()
    stage.dispatcher.disposition(token, Answer.HANDED_OVER, stage.clock.at)
    stage.tick()

    assert side(stage, client).state is SideState.CANCELLED
    assert stage.telephone.hung_up == [CLIENTS_LEG]
    assert stage.telephone.brought == [ANA_LEG]


def test_a_stale_order_does_not_fetch_the_engineer_from_the_next_wait(stage: Stage) -> None:
    token = taken(stage)
    client = calls_back(stage, token)
    stage.tick()
    stage.telephone.control_failures = [Unreachable("away")]
    reports(stage, client, "busy")
    stage.tick()
    stage.dispatcher.conversation_ended(token, stage.clock.at)
    calls_back(stage, token)
    stage.tick(after=30)

    assert stage.telephone.brought == []
    assert page(stage, token).is_calling


def test_nobody_is_called_for_who_does_not_have_the_incident(stage: Stage) -> None:
    token = taken(stage)
    stage.dispatcher.disposition(token, Answer.HANDED_OVER, stage.clock.at)
    stage.dispatcher.call_client(token, ANA_LEG, stage.clock.at)
    stage.tick()

    assert MARTA.phone not in [to for to, _ in stage.telephone.calls]


def test_on_another_phone_it_is_the_same_call_to_the_client(stage: Stage) -> None:
    token, other = taken(stage), stage.token("1.1.ana.sms")
    client = calls_back(stage, token)
    stage.tick()
    stage.dispatcher.call_client(other, "CA-other", stage.clock.at)
    stage.dispatcher.leg_over(ANA_LEG, stage.clock.at)
    presses_a_key(stage, client)

    assert page(stage, other).is_talking
    assert stage.kinds().count("client_called") == 1
    assert missed(stage) == []


def test_the_call_leaves_before_every_page(store: Store) -> None:
    stage = Stage(store, calls_per_second=1)
    token = taken(stage)
    stage.clock.move(5)
    second = stage.open_incident("CA-second", "2", "1")
    calls_back(stage, token)
    claimed = stage.dispatcher.claim(stage.clock.at, ("call",))

    assert second.case == 1002
    assert claimed is not None
    assert claimed.case == 1001


# --- which call is returned ----------------------------------------------------------------------


def call(sid: str, farewell: Farewell, minute: int, number: str = MARTA.phone or "") -> Call:
    arrived = intake.arrive(intake.Arrived(sid, LINE, number), AT + timedelta(minutes=minute)).call
    over = replace(arrived, step=Step.OVER, farewell=farewell, case=1001, call_back=number)
    return replace(over, arrived_at=AT + timedelta(minutes=minute))


ASKED = call("CA1", Farewell.CALLBACK, 0)
ASKED_TOO = call("CA2", Farewell.PROMISED, 1, "+5491155550202")
LEFT = call("CA3", Farewell.GOODBYE, 2, "+5491155550203")


def test_the_latest_that_is_owed_a_call_comes_first_and_then_the_one_before() -> None:
    calls = [ASKED, ASKED_TOO, LEFT]
    tried = {"+5491155550202": AT + timedelta(minutes=5)}

    assert intake.to_call_back(calls) == ASKED_TOO
    assert intake.to_call_back(calls, tried) == intake.still_to_call_back(calls, tried) == ASKED


def test_when_all_were_tried_in_vain_the_latest_is_called_again_but_not_by_itself() -> None:
    tried = {"+5491155550202": AT + timedelta(minutes=5), MARTA.phone or "": AT + timedelta(minutes=6)}

    assert intake.to_call_back([ASKED, ASKED_TOO], tried) == ASKED_TOO
    assert intake.still_to_call_back([ASKED, ASKED_TOO], tried) is None


def test_who_asks_again_after_a_call_is_owed_one_again() -> None:
    again = call("CA4", Farewell.CALLBACK, 9)
    tried = {MARTA.phone or "": AT + timedelta(minutes=5)}

    assert intake.still_to_call_back([ASKED, again], tried) == again


def test_who_was_called_back_and_answered_is_owed_nothing_any_more() -> None:
    back = replace(
        intake.returned(ASKED, "CA9", "Ana", True, AT + timedelta(minutes=3)),
        step=Step.OVER,
        farewell=Farewell.CONVERSATION,
    )

    assert intake.still_to_call_back([ASKED, back]) is None
    assert not intake.is_owed(intake.to_call_back([ASKED, back]))
    assert intake.to_call_back([ASKED, ASKED_TOO, back]) == ASKED_TOO


def test_who_was_called_back_is_a_caller_for_the_table_as_well() -> None:
    back = intake.returned(ASKED, "CA9", "Ana", True, AT)

    assert intake.advance(back, ConversationEnded(0), AT).call.step is Step.OVER
    assert intake.advance(back, HungUp(), AT).call.step is Step.OVER
    waits = intake.advance(back, Released(("Bruno",)), AT).call
    assert (waits.step, waits.taken_by, waits.call_back) == (Step.WAITING, None, MARTA.phone)
    assert waits.wait_ends_at == AT + back.longest_wait
