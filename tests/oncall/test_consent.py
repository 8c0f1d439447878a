"""What a caller was told of the recording, what they answered, and what of it may be recorded."""

from dataclasses import replace

import pytest

from oncall import intake
from oncall.intake import Call, IncidentTaken, KeyPressed, OpenIncident, Recorded, Step, Tape
from tests.oncall.examples import AT, seconds
from tests.oncall.test_intake import arrival, in_conversation, key, kinds

LATER = AT + seconds(10)


def describing() -> Call:
    """Asked to tell the problem, on a line whose conversations are recorded."""
    asked = key(key(intake.arrive(arrival(records_conversation=True), AT).call, "1").call, "1").call
    return replace(asked, case=1042, reference="G-1042", calling=("Ana",))


def described() -> Call:
    call = describing()
    return intake.advance(call, Recorded(call.turn, 7), LATER).call


def only_waiting() -> Call:
    """Joined an incident that nobody has yet: nothing of it is told again."""
    asked = intake.arrive(arrival(records_conversation=True), AT).call
    return key(asked, "1", crm=OpenIncident(1042, "G-1042", None, ("Ana",))).call


def talking(call: Call) -> Call:
    return intake.advance(call, IncidentTaken("Ana", connects=True), LATER).call


def recorded(**changes: bool) -> Call:
    return replace(talking(described()), **changes)  # type: ignore[arg-type]


def test_who_told_the_problem_after_the_announcement_has_heard_of_it() -> None:
    assert described().heard_of_recording
    assert not described().is_to_be_asked
    assert intake.tape_of(recorded(), [recorded()]) is Tape.ON


def test_a_key_before_the_tone_proves_nothing() -> None:
    assert key(describing(), "#").call.is_to_be_asked


def test_nine_before_the_tone_keeps_the_conversation_out() -> None:
    refused = talking(key(describing(), "9").call)

    assert refused.refused_recording
    assert intake.tape_of(refused, [refused]) is Tape.OFF
    assert not intake.is_to_be_recorded([refused])


def test_who_only_waits_has_heard_of_it_with_the_first_round() -> None:
    call = only_waiting()
    assert call.step is Step.WAITING
    assert call.is_to_be_asked

    assert not key(call, "").call.is_to_be_asked


@pytest.mark.parametrize("digits", ["1x", "5", "#"])
def test_another_key_while_it_is_announced_proves_nothing(digits: str) -> None:
    assert key(only_waiting(), digits).call.is_to_be_asked


def test_nine_while_waiting_refuses_once() -> None:
    decision = key(described(), "9")

    assert decision.call.refused_recording
    assert kinds(decision) == ["recording_refused"]
    assert kinds(key(decision.call, "9")) == []


def test_nine_while_waiting_means_nothing_where_conversations_are_not_recorded() -> None:
    call = replace(described(), records_conversation=False)

    assert not key(call, "9").call.refused_recording


@pytest.mark.parametrize(("digits", "refused"), [("9", True), ("", False), ("1", False)])
def test_who_is_taken_before_is_asked_in_front_of_the_conversation_and_silence_is_no_refusal(
    digits: str, refused: bool
) -> None:
    asked = talking(describing())
    assert asked.is_to_be_asked
    assert intake.tape_of(asked, [asked]) is Tape.OFF

    answered = key(asked, digits)

    assert answered.call.step is Step.CONVERSATION
    assert answered.call.turn == asked.turn + 1
    assert answered.call.due_at == asked.due_at
    assert answered.call.refused_recording is refused
    assert intake.tape_of(answered.call, [answered.call]) is (Tape.OFF if refused else Tape.ON)
    assert kinds(answered) == (["recording_refused"] if refused else [])


def test_a_key_once_they_talk_is_not_expected() -> None:
    assert kinds(key(recorded(), "9")) == ["unexpected"]
    assert kinds(key(in_conversation(), "9")) == ["unexpected"]


def test_nine_in_the_moment_in_which_they_are_put_through_is_not_too_late() -> None:
    before = described()

    decision = intake.advance(talking(before), KeyPressed(before.turn, "9"), LATER)

    assert decision.call.refused_recording
    assert decision.call.step is Step.CONVERSATION
    assert kinds(decision) == ["recording_refused"]
    assert kinds(intake.advance(decision.call, KeyPressed(before.turn, "9"), LATER)) == []


def test_nine_of_long_before_is_a_key_of_the_menu_and_refuses_nothing() -> None:
    assert intake.advance(recorded(), KeyPressed(recorded().turn - 2, "9"), LATER).call == recorded()


def test_the_announcement_said_twice_by_two_webhooks_counts_once() -> None:
    asked = talking(describing())
    answered = intake.advance(asked, KeyPressed(asked.turn, ""), LATER).call

    assert intake.advance(answered, KeyPressed(asked.turn, "1"), LATER).call == answered


@pytest.mark.parametrize(
    ("others", "tape"),
    [
        ([], Tape.ON),
        ([recorded()], Tape.ON),
        ([talking(describing())], Tape.ON),  # still hears the announcement: not among them yet
        ([recorded(refused_recording=True)], Tape.OFF),
        ([in_conversation()], Tape.OFF),  # arrived before conversations were recorded: knows nothing of it
    ],
)
def test_one_of_several_callers_who_refused_is_in_nobodys_recording(others: list[Call], tape: Tape) -> None:
    mine = recorded()

    assert intake.tape_of(mine, [mine, *others]) is tape


def test_on_hold_it_is_paused_and_outside_a_conversation_it_is_off() -> None:
    on_hold = recorded(on_hold=True)

    assert intake.tape_of(on_hold, [on_hold]) is Tape.PAUSED
    assert intake.tape_of(described(), [recorded()]) is Tape.OFF
    assert not intake.is_to_be_recorded([])
