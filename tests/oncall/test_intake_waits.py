"""A caller in our hands: consent to be recorded, the end of the whole wait, and who is called back."""

from dataclasses import replace
from datetime import datetime

import pytest

from oncall import intake
from oncall.intake import (
    Arrived,
    AttachCaller,
    Call,
    Closing,
    Decision,
    Event,
    Farewell,
    HungUp,
    IncidentTaken,
    KeyPressed,
    NotConnected,
    PinEntered,
    PromiseCall,
    Recorded,
    Released,
    Step,
    TimeUp,
    Told,
)
from tests.oncall.examples import AT, MARTA, seconds
from tests.oncall.test_intake import (
    LATER,
    arrival,
    asked_integration,
    describing,
    in_conversation,
    key,
    kinds,
    leaving_message,
    over,
    told_a_notice,
    waiting,
)

# --- consent -------------------------------------------------------------------------------------


def test_nine_before_the_tone_refuses_the_recording_and_the_wait_begins() -> None:
    decision = key(describing(), "9")

    assert (decision.call.step, decision.call.refused_recording) == (Step.WAITING, True)
    assert kinds(decision) == ["recording_refused"]


@pytest.mark.parametrize("taken_by", [None, "Ana"])
def test_nine_before_a_message_refuses_it_and_nobody_is_thanked(taken_by: str | None) -> None:
    decision = key(replace(leaving_message(), taken_by=taken_by), "9")

    assert decision.call.refused_recording
    assert decision.call.step is (Step.OVER if taken_by else Step.WAITING)
    assert decision.call.farewell is (Farewell.GOODBYE if taken_by else None)
    assert kinds(decision) == ["recording_refused"]


def test_who_refused_is_asked_for_no_message_later() -> None:
    refused = key(describing(), "9").call

    assert key(refused, "2").call.step is Step.WAITING


def test_the_pound_key_before_the_tone_has_nothing_to_tell() -> None:
    decision = key(describing(), "#")

    assert (decision.call.step, decision.call.refused_recording) == (Step.WAITING, False)
    assert decision.entries == ()


def test_a_wrong_key_before_the_tone_is_asked_again_and_the_third_goes_on() -> None:
    call = describing()
    for tries in (1, 2):
        call = key(call, "4").call
        assert (call.step, call.tries) == (Step.DESCRIBING, tries)

    assert key(call, "4").call.step is Step.WAITING


# --- notices -------------------------------------------------------------------------------------


def joins(call: Call, digits: str, *joinable: int) -> Decision:
    return intake.advance(call, KeyPressed(call.turn, digits, joinable=frozenset(joinable)), LATER)


def test_a_notice_is_told_before_the_menu_and_stands_in_the_record() -> None:
    decision = intake.arrive(arrival(notices=(Told(3, "Sabemos."),)), AT)

    assert decision.call.step is Step.NOTICE
    assert kinds(decision) == ["call_arrived", "caller_identified", "notice_told"]


def test_a_caller_known_by_pin_hears_it_after_the_pin() -> None:
    call = intake.arrive(arrival(contact=None, notices=(Told(3, "Sabemos."),)), AT).call
    decision = intake.advance(call, PinEntered(call.turn, True), LATER)

    assert (call.step, decision.call.step) == (Step.PIN, Step.NOTICE)
    assert kinds(decision) == ["caller_identified", "notice_told"]


def test_seven_joins_the_major_incident_and_nothing_is_asked() -> None:
    decision = joins(told_a_notice(), "7", 1040)

    assert (decision.call.step, decision.call.farewell) == (Step.OVER, Farewell.ATTACHED)
    assert decision.effects == (AttachCaller(1040, 3),)
    assert kinds(decision) == ["attached"]


@pytest.mark.parametrize("digits", ["", "1", "0", "#", "*", "77"])
def test_any_other_key_or_silence_hears_the_menu(digits: str) -> None:
    decision = joins(told_a_notice(), digits, 1040)

    assert (decision.call.step, decision.call.turn) == (Step.INTEGRATION, 1)
    assert decision.effects == ()


def test_an_incident_that_was_closed_meanwhile_is_joined_by_nobody() -> None:
    assert joins(told_a_notice(), "7").call.step is Step.INTEGRATION


def test_a_notice_without_an_incident_cannot_be_joined() -> None:
    call = intake.arrive(arrival(notices=(Told(3, "Sabemos."),)), AT).call

    assert joins(call, "7", 1040).call.step is Step.INTEGRATION


# --- whom to call back ---------------------------------------------------------------------------


ABROAD = "+34600123456"


def pin(arrived: Arrived) -> Call:
    call = intake.arrive(arrived, AT).call
    return intake.advance(call, PinEntered(call.turn, True, MARTA), LATER).call


def test_a_contact_is_called_back_at_the_number_that_called() -> None:
    call = asked_integration()

    assert (call.call_back, call.call_back_name) == (MARTA.phone, MARTA.name)


def test_another_number_of_the_country_is_called_back_itself() -> None:
    call = pin(arrival(contact=None, caller="+541140001000"))

    assert (call.call_back, call.call_back_name) == ("+541140001000", "")


@pytest.mark.parametrize(
    "arrived",
    [
        arrival(contact=None, caller=None, withheld=True),
        arrival(contact=None, caller=ABROAD, is_foreign=True),
    ],
)
def test_a_withheld_or_foreign_number_is_replaced_by_the_contacts_after_the_pin(arrived: Arrived) -> None:
    before = intake.arrive(arrived, AT).call
    after = pin(arrived)

    assert before.call_back is None
    assert (after.call_back, after.call_back_name) == (MARTA.phone, MARTA.name)
    assert key(replace(waiting(), call_back=after.call_back), "1").call.farewell is Farewell.CALLBACK


def test_the_latest_call_that_was_asked_for_or_promised_is_returned_first() -> None:
    gone, asked, on_line = over(), key(waiting(), "1").call, waiting()

    assert intake.to_call_back([gone, asked, on_line]) == asked
    assert intake.to_call_back([gone, on_line]) == on_line
    assert intake.to_call_back([replace(gone, call_back=None)]) is None
    assert intake.is_owed(asked)
    assert not intake.is_owed(gone)


# --- the whole wait ------------------------------------------------------------------------------

OWED = AT + seconds(3600)


def at_the_limit(**changes: object) -> tuple[Call, datetime]:
    call = replace(waiting(), **{"respond_by": OWED} | changes)  # type: ignore[arg-type]
    assert call.wait_ends_at is not None
    return call, call.wait_ends_at


def test_the_whole_wait_counts_from_the_order_to_page() -> None:
    assert waiting().wait_ends_at == LATER + intake.LONGEST_WAIT


def test_at_the_end_of_the_wait_a_call_is_promised_for_when_the_first_response_is_owed() -> None:
    call, end = at_the_limit()

    decision = intake.advance(call, TimeUp(), end)

    assert (decision.call.step, decision.call.farewell) == (Step.OVER, Farewell.PROMISED)
    assert decision.call.promised_by == OWED
    assert decision.effects == (PromiseCall(),)
    assert kinds(decision) == ["callback_promised"]
    assert decision.entries[0].data["promised_by"] == OWED.isoformat()


@pytest.mark.parametrize(
    "changes",
    [{"taken_by": "Ana"}, {"respond_by": None}, {"respond_by": LATER + seconds(660)}],
    ids=["somebody has it", "nothing is owed", "as good as over"],
)
def test_no_time_is_promised_that_nobody_holds(changes: dict[str, object]) -> None:
    call, end = at_the_limit(**changes)

    decision = intake.advance(call, TimeUp(), end)

    assert (decision.call.farewell, decision.call.promised_by) == (Farewell.PROMISED, None)


def test_patience_with_a_dead_line_is_not_the_end_of_the_wait() -> None:
    call = waiting()
    assert call.due_at is not None
    assert call.wait_ends_at is not None
    assert call.due_at < call.wait_ends_at

    decision = intake.advance(call, TimeUp(), call.due_at)

    assert (decision.call.farewell, kinds(decision)) == (Farewell.GOODBYE, ["caller_hung_up"])


def test_whom_nobody_could_call_stays_on_the_line() -> None:
    call, end = at_the_limit(call_back=None)

    decision = intake.advance(call, TimeUp(), end)

    assert (decision.call.step, decision.call.turn) == (Step.WAITING, call.turn)
    assert decision.effects == ()
    assert decision.call.due_at == end + intake.PATIENCE


@pytest.mark.parametrize("call_back", [MARTA.phone, None])
def test_at_the_end_of_the_wait_who_hears_that_it_is_closed_is_promised_nothing(
    call_back: str | None,
) -> None:
    call, end = at_the_limit(closing=Closing("Ana", is_solved=True), call_back=call_back)

    decision = intake.advance(call, TimeUp(), end)

    assert (decision.call.step, decision.call.farewell) == (Step.OVER, Farewell.CLOSED)
    assert (decision.effects, kinds(decision)) == ((), ["told_closed"])
    assert not intake.is_owed(decision.call)


@pytest.mark.parametrize("event", [IncidentTaken("Ana", connects=False), Released(())])
def test_an_incident_that_is_open_again_is_not_said_to_be_closed(event: Event) -> None:
    call = replace(waiting(), closing=Closing("Ana", is_solved=True))

    assert intake.advance(call, event, LATER).call.closing is None


def test_a_message_that_outlasts_the_wait_ends_with_the_promise() -> None:
    call, end = at_the_limit(step=Step.MESSAGE)

    decision = intake.advance(call, Recorded(call.turn, 8), end + seconds(1))

    assert decision.call.farewell is Farewell.PROMISED
    assert kinds(decision) == ["message_left", "callback_promised"]


def test_who_waits_for_somebody_who_handed_it_over_is_passed_on() -> None:
    released = intake.advance(replace(waiting(), taken_by="Ana"), Released(("Bruno",)), LATER).call

    assert (released.step, released.taken_by, released.is_passed_on) == (Step.WAITING, None, True)


def test_an_incident_taken_at_the_end_of_the_wait_is_whichever_came_first() -> None:
    call, end = at_the_limit()
    talking = intake.advance(call, IncidentTaken("Ana", connects=True), end).call
    freed = intake.advance(call, TimeUp(), end).call

    assert intake.advance(talking, TimeUp(), end).call.farewell is Farewell.GOODBYE
    assert intake.advance(freed, IncidentTaken("Ana", connects=True), end).call == freed


def test_a_round_asked_for_twice_is_one() -> None:
    once = intake.advance(waiting(), KeyPressed(waiting().turn, ""), LATER).call
    twin = intake.advance(once, KeyPressed(once.turn, ""), LATER + seconds(1)).call
    later = intake.advance(once, KeyPressed(once.turn, ""), LATER + seconds(20)).call

    assert (once.rounds, twin.rounds, later.rounds) == (1, 1, 2)


def test_no_round_outlasts_the_whole_wait() -> None:
    call, end = at_the_limit()

    late = intake.advance(call, KeyPressed(call.turn, ""), end - seconds(10)).call

    assert late.due_at == end


def test_a_late_hang_up_of_who_was_freed_changes_nothing() -> None:
    call, end = at_the_limit()
    freed = intake.advance(call, TimeUp(), end).call

    assert intake.advance(freed, HungUp(), end + seconds(5)) == Decision(freed)


def test_a_caller_who_could_not_be_brought_to_the_engineer_begins_a_wait_of_their_own() -> None:
    talking = replace(in_conversation(), taken_by="Ana", on_hold=True, wait_ends_at=AT)
    parted = intake.advance(talking, NotConnected(), LATER).call

    assert (parted.step, parted.taken_by, parted.on_hold, parted.is_parted) == (
        Step.WAITING,
        "Ana",
        False,
        True,
    )
    assert parted.wait_ends_at == LATER + parted.longest_wait
    assert not intake.advance(parted, IncidentTaken("Ana", connects=True), LATER).call.is_parted
