"""The conversation with a caller: what each answer leads to, and that nothing else leads anywhere."""

from dataclasses import replace

import pytest

from oncall import intake
from oncall.contracts import BuiltBy, Integration
from oncall.eligibility import Reason
from oncall.intake import (
    Arrived,
    Call,
    CaseKind,
    ConversationEnded,
    Decision,
    DisputeRefusal,
    Event,
    Farewell,
    HungUp,
    IncidentTaken,
    JoinIncident,
    KeyPressed,
    News,
    OpenCase,
    OpenIncident,
    PinEntered,
    Recorded,
    Step,
    TellEngineer,
    TimeUp,
    Told,
)
from oncall.sla import Priority
from tests.oncall.examples import AT, LINE, MARTA, client, seconds

LATER = AT + seconds(10)


def arrival(**changes: object) -> Arrived:
    known = Arrived("CA1", LINE, MARTA.phone, client=client(), contact=MARTA)
    return replace(known, **changes)  # type: ignore[arg-type]


def asked_pin() -> Call:
    return intake.arrive(arrival(contact=None), AT).call


def asked_integration(*integrations: Integration) -> Call:
    return intake.arrive(arrival(client=client(*integrations)), AT).call


def key(call: Call, digits: str, **open_incidents: OpenIncident) -> Decision:
    incidents: dict[str | None, OpenIncident] = {}
    incidents.update(open_incidents)
    return intake.advance(call, KeyPressed(call.turn, digits, incidents), LATER)


def told_a_notice() -> Call:
    told = Told(3, "Sabemos de la caída del CRM.", 1040, "G-1040")
    return intake.arrive(arrival(notices=(told,)), AT).call


def asked_priority() -> Call:
    return key(asked_integration(), "1").call


def describing() -> Call:
    return replace(key(asked_priority(), "1").call, case=1042, reference="G-1042", calling=("Ana",))


def waiting() -> Call:
    call = describing()
    return intake.advance(call, Recorded(call.turn, 7), LATER).call


def leaving_message() -> Call:
    return key(waiting(), "2").call


def in_conversation() -> Call:
    return intake.advance(waiting(), IncidentTaken("Ana", connects=True), LATER).call


def may_dispute() -> Call:
    return replace(key(asked_integration(), "2").call, case=1042, reference="G-1042")


def over() -> Call:
    return intake.advance(waiting(), HungUp(), LATER).call


def kinds(decision: Decision) -> list[str]:
    return [entry.kind for entry in decision.entries]


# --- arriving ------------------------------------------------------------------------------------


def test_a_contact_who_calls_from_a_known_number_is_asked_for_the_integration_at_once() -> None:
    decision = intake.arrive(arrival(), AT)

    assert decision.call.step is Step.INTEGRATION
    assert decision.call.verified
    assert kinds(decision) == ["call_arrived", "caller_identified"]


def test_an_unknown_number_is_asked_for_the_pin() -> None:
    decision = intake.arrive(arrival(contact=None), AT)

    assert decision.call.step is Step.PIN
    assert not decision.call.verified
    assert kinds(decision) == ["call_arrived"]


@pytest.mark.parametrize(
    ("arrived", "reason"),
    [
        (arrival(client=None, contact=None), Reason.UNKNOWN_LINE),
        (arrival(in_force=False, contact=None), Reason.CONTRACT_NOT_IN_FORCE),
        (arrival(client=client(pin_hash=None), contact=None), Reason.CALLER_NOT_VERIFIED),
    ],
)
def test_a_call_that_cannot_be_for_the_guard_is_refused_without_a_question(
    arrived: Arrived, reason: Reason
) -> None:
    decision = intake.arrive(arrived, AT)

    assert decision.call.reason is reason
    assert decision.call.step is Step.OVER
    assert decision.call.farewell is Farewell.REFUSED
    assert decision.effects == (OpenCase(CaseKind.REFUSAL),)


def test_a_known_caller_of_an_ended_contract_may_dispute_and_an_unknown_one_may_not() -> None:
    known = intake.arrive(arrival(in_force=False), AT).call
    unknown = intake.arrive(arrival(in_force=False, contact=None), AT).call

    assert (known.step, known.may_dispute) == (Step.DISPUTE, True)
    assert (unknown.step, unknown.may_dispute) == (Step.OVER, False)


def test_contract_data_that_cannot_be_read_fail_open() -> None:
    decision = intake.arrive(arrival(client=None, contact=None, readable=False), AT)

    assert decision.effects == (OpenCase(CaseKind.INCIDENT),)
    assert decision.call.unverified
    assert "contract_unreadable" in kinds(decision)


def test_a_contract_that_lists_no_integration_is_not_held_against_its_caller() -> None:
    bare = replace(client(), integrations=())

    call = intake.arrive(arrival(client=bare), AT).call

    assert call.step is Step.PRIORITY


# --- the pin -------------------------------------------------------------------------------------


def test_the_right_pin_verifies_the_caller() -> None:
    call = asked_pin()

    decision = intake.advance(call, PinEntered(call.turn, correct=True), LATER)

    assert decision.call.verified
    assert decision.call.step is Step.INTEGRATION
    assert decision.entries[0].data == {"contact": "", "how": "pin"}


def test_the_third_wrong_pin_refuses() -> None:
    call = asked_pin()
    for tries in (1, 2):
        decision = intake.advance(call, PinEntered(call.turn, correct=False), LATER)
        call = decision.call
        assert (call.step, call.tries, decision.effects) == (Step.PIN, tries, ())

    decision = intake.advance(call, PinEntered(call.turn, correct=False), LATER)

    assert decision.call.reason is Reason.CALLER_NOT_VERIFIED
    assert decision.call.step is Step.OVER
    assert kinds(decision) == ["pin_rejected", "refused"]


# --- the menu ------------------------------------------------------------------------------------


def test_an_integration_built_by_aivo_leads_to_the_priority() -> None:
    decision = key(asked_integration(), "1")

    assert decision.call.step is Step.PRIORITY
    assert decision.call.integration == "crm"
    assert decision.effects == ()


@pytest.mark.parametrize(
    ("digits", "reason"),
    [
        ("0", Reason.INTEGRATION_NOT_LISTED),
        ("2", Reason.SELF_SERVICE_INTEGRATION),
        ("3", Reason.INTEGRATION_NOT_BUILT_BY_AIVO),
        ("4", Reason.INTEGRATION_NOT_BUILT_BY_AIVO),
    ],
)
def test_what_the_guard_does_not_cover_is_refused_and_may_be_disputed(digits: str, reason: Reason) -> None:
    decision = key(asked_integration(), digits)

    assert decision.call.reason is reason
    assert decision.call.step is Step.DISPUTE
    assert decision.effects == (OpenCase(CaseKind.REFUSAL),)


def test_three_answers_that_nobody_understands_page_all_the_same() -> None:
    call = asked_integration()
    for digits in ("", "7"):
        decision = key(call, digits)
        call = decision.call
        assert (call.step, decision.effects) == (Step.INTEGRATION, ())

    decision = key(call, "##")

    assert decision.effects == (OpenCase(CaseKind.INCIDENT),)
    assert decision.call.unverified
    assert decision.call.priority is None
    assert kinds(decision) == ["integration_unclear"]


def many(count: int) -> tuple[Integration, ...]:
    return tuple(Integration(f"i{n}", f"Number {n}", BuiltBy.AIVO) for n in range(1, count + 1))


def test_the_star_pages_through_a_long_menu_and_comes_round_again() -> None:
    call = asked_integration(*many(20))
    heard = [[option.id for option in call.options]]

    for _ in range(3):
        call = key(call, "*").call
        heard.append([option.id for option in call.options])

    assert heard[1] == [f"i{n}" for n in range(10, 19)]
    assert heard[2] == ["i19", "i20"]
    assert heard[3] == heard[0]


def test_a_key_counts_on_the_page_that_is_being_heard() -> None:
    second = key(asked_integration(*many(20)), "*").call

    chosen = key(second, "2").call

    assert chosen.integration == "i11"


def test_a_key_beyond_the_page_is_not_understood() -> None:
    last = key(key(asked_integration(*many(20)), "*").call, "*").call

    assert key(last, "3").call.step is Step.INTEGRATION
    assert key(last, "3").call.tries == 1


def test_the_star_is_a_wrong_key_where_the_menu_has_one_page() -> None:
    assert key(asked_integration(*many(9)), "*").call.tries == 1


def test_turning_the_page_is_no_failed_try() -> None:
    call = key(asked_integration(*many(20)), "").call

    assert call.tries == 1
    assert key(call, "*").call.tries == 0


# --- the priority --------------------------------------------------------------------------------


@pytest.mark.parametrize(("digits", "priority"), [("1", Priority.BLOCKER), ("2", Priority.HIGH)])
def test_the_priority_key_opens_the_incident_before_anything_is_described(
    digits: str, priority: Priority
) -> None:
    decision = key(asked_priority(), digits)

    assert decision.effects == (OpenCase(CaseKind.INCIDENT),)
    assert decision.call.priority is priority
    assert decision.call.step is Step.DESCRIBING


@pytest.mark.parametrize("digits", ["3", "4"])
def test_medium_and_low_are_refused(digits: str) -> None:
    decision = key(asked_priority(), digits)

    assert decision.call.reason is Reason.PRIORITY_NOT_COVERED
    assert decision.effects == (OpenCase(CaseKind.REFUSAL),)


def test_a_priority_that_nobody_understands_pages_unverified() -> None:
    call = asked_priority()
    for digits in ("", "9"):
        call = key(call, digits).call

    decision = key(call, "")

    assert decision.effects == (OpenCase(CaseKind.INCIDENT),)
    assert decision.call.unverified
    assert decision.call.integration == "crm"


# --- joining -------------------------------------------------------------------------------------


def test_a_call_about_an_open_incident_joins_it_without_being_asked_the_priority() -> None:
    open_incident = OpenIncident(1040, "G-1040", None, ("Ana",))

    decision = key(asked_integration(), "1", crm=open_incident)

    assert decision.effects == (JoinIncident(1040),)
    assert decision.call.step is Step.WAITING
    assert (decision.call.case, decision.call.reference) == (1040, "G-1040")


def test_a_call_about_a_taken_incident_tells_its_engineer_and_may_leave_a_message() -> None:
    taken = OpenIncident(1040, "G-1040", "Ana", ())

    decision = key(asked_integration(), "1", crm=taken)

    assert decision.effects == (JoinIncident(1040), TellEngineer(News.CALLED_AGAIN))
    assert decision.call.step is Step.MESSAGE


def test_an_open_incident_of_another_integration_is_not_joined() -> None:
    elsewhere = OpenIncident(1040, "G-1040", None, ())

    decision = key(asked_integration(), "1", billing=elsewhere)

    assert decision.call.step is Step.PRIORITY


def test_two_callers_who_choose_at_the_same_moment_share_one_incident() -> None:
    meanwhile = OpenIncident(1040, "G-1040", None, ("Ana",))

    decision = key(asked_priority(), "1", crm=meanwhile)

    assert decision.effects == (JoinIncident(1040),)


# --- refused -------------------------------------------------------------------------------------


def test_a_dispute_opens_the_same_case_as_an_incident() -> None:
    decision = key(may_dispute(), "5")

    assert decision.effects == (DisputeRefusal(),)
    assert decision.call.reason is Reason.SELF_SERVICE_INTEGRATION
    assert decision.call.step is Step.DESCRIBING


def test_who_does_not_dispute_hears_goodbye_after_three_times() -> None:
    call = may_dispute()
    for digits in ("", "1"):
        call = key(call, digits).call
        assert call.step is Step.DISPUTE

    decision = key(call, "")

    assert decision.call.farewell is Farewell.GOODBYE
    assert decision.effects == ()


# --- in our hands --------------------------------------------------------------------------------


def test_a_described_problem_leads_to_the_wait() -> None:
    call = describing()

    decision = intake.advance(call, Recorded(call.turn, 12), LATER)

    assert decision.call.step is Step.WAITING
    assert decision.entries[0].data == {"seconds": 12}


def test_nothing_said_is_nothing_written() -> None:
    call = describing()

    decision = intake.advance(call, Recorded(call.turn, 0), LATER)

    assert decision.call.step is Step.WAITING
    assert decision.entries == ()


def test_one_while_waiting_asks_to_be_called_back() -> None:
    decision = key(waiting(), "1")

    assert decision.call.farewell is Farewell.CALLBACK
    assert kinds(decision) == ["callback_asked"]


def test_a_withheld_number_is_promised_no_call_back_and_waits_on() -> None:
    decision = key(replace(waiting(), call_back=None), "1")

    assert decision.call.step is Step.WAITING
    assert decision.entries == ()


def test_two_while_waiting_leaves_a_message_and_waits_on() -> None:
    call = key(waiting(), "2").call
    assert call.step is Step.MESSAGE

    decision = intake.advance(call, Recorded(call.turn, 30), LATER)

    assert decision.call.step is Step.WAITING
    assert kinds(decision) == ["message_left"]


def test_a_message_without_a_word_is_noted_as_missing() -> None:
    call = leaving_message()

    decision = intake.advance(call, Recorded(call.turn, 0), LATER)

    assert kinds(decision) == ["message_missing"]


@pytest.mark.parametrize("call", [describing(), waiting(), leaving_message()])
def test_whoever_is_in_our_hands_is_brought_to_the_engineer_who_took_it(call: Call) -> None:
    decision = intake.advance(call, IncidentTaken("Ana", connects=True), LATER)

    assert decision.call.step is Step.CONVERSATION
    assert decision.call.taken_by == "Ana"
    assert decision.call.due_at == LATER + intake.LONGEST_CONVERSATION


def test_taken_by_text_the_caller_waits_to_be_called() -> None:
    decision = intake.advance(waiting(), IncidentTaken("Ana", connects=False), LATER)

    assert decision.call.step is Step.WAITING
    assert decision.call.taken_by == "Ana"


def test_a_conversation_that_ends_is_no_closed_incident() -> None:
    call = in_conversation()

    decision = intake.advance(call, ConversationEnded(call.turn), LATER)

    assert decision.call.farewell is Farewell.CONVERSATION
    assert decision.effects == ()


# --- hanging up ----------------------------------------------------------------------------------


@pytest.mark.parametrize("event", [HungUp(), TimeUp()])
@pytest.mark.parametrize("call", [asked_integration(), asked_priority()])
def test_a_known_caller_who_hangs_up_in_the_menu_is_an_abandoned_case(call: Call, event: Event) -> None:
    decision = intake.advance(call, event, LATER)

    assert decision.effects == (OpenCase(CaseKind.ABANDONED),)
    assert decision.call.reason is None
    assert kinds(decision) == ["abandoned"]


def test_who_hangs_up_before_we_know_them_is_no_case() -> None:
    decision = intake.advance(asked_pin(), HungUp(), LATER)

    assert decision.effects == ()
    assert decision.call.step is Step.OVER


@pytest.mark.parametrize(
    "call", [describing(), waiting(), leaving_message(), in_conversation(), may_dispute()]
)
def test_hanging_up_later_closes_nothing(call: Call) -> None:
    decision = intake.advance(call, HungUp(), LATER)

    assert decision.effects == ()
    assert kinds(decision) == ["caller_hung_up"]
