"""Calls on the side: every state and every event, and that only a key lets anybody in."""

from dataclasses import replace
from datetime import timedelta

import pytest

from oncall import sidecalls
from oncall.sidecalls import (
    LIVE,
    TABLE,
    UNDECIDED,
    Accepted,
    Answered,
    Declined,
    Effect,
    Ended,
    Event,
    NotPlaced,
    Placed,
    Purpose,
    Ringing,
    SideCall,
    SideState,
    TimeUp,
    Withdrawn,
)
from tests.oncall.examples import AT, seconds

EVENTS: tuple[Event, ...] = (
    Placed("CA1"),
    NotPlaced("refused", "21211"),
    Ringing(),
    Answered(),
    Accepted(),
    Declined(),
    Ended("busy"),
    Withdrawn(),
    TimeUp(),
)


def asked(state: SideState = SideState.REQUESTED, purpose: Purpose = Purpose.JOIN) -> SideCall:
    person = ("bruno", "Bruno Lima", "+5511955550102", 0)
    call = sidecalls.new("1.join.bruno.1", purpose, person, ("lucia",), "ana", seconds(25), AT)
    return replace(call, state=state, due_at=call.due_at if state in LIVE else None)


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("state", SideState)
@pytest.mark.parametrize("purpose", Purpose)
def test_what_waits_has_a_deadline_and_what_is_over_stays_over(
    purpose: Purpose, state: SideState, event: Event
) -> None:
    decision = sidecalls.advance(asked(state, purpose), event, AT + seconds(40))

    if (state, type(event)) not in TABLE:
        assert decision == sidecalls.Decision(asked(state, purpose))
    assert (decision.call.due_at is not None) == decision.call.is_live
    if state not in LIVE:
        assert decision.call.state is state
    if decision.call.state is SideState.JOINED and state is not SideState.JOINED:
        assert isinstance(event, Accepted), "only a key lets anybody in"


@pytest.mark.parametrize("event", [NotPlaced("refused"), Ended("no_key"), TimeUp()])
@pytest.mark.parametrize("state", sorted(UNDECIDED))
def test_who_is_not_reached_has_the_next_phone_or_person_called(state: SideState, event: Event) -> None:
    decision = sidecalls.advance(asked(state), event, AT)

    assert decision.call.state is SideState.FAILED
    assert Effect.TRY_NEXT in decision.effects


def test_who_declines_has_the_next_person_called_not_their_next_phone() -> None:
    decision = sidecalls.advance(asked(SideState.ANSWERED), Declined(), AT)

    assert decision.effects == (Effect.NEXT_PERSON,)
    assert decision.entries[0].actor == "bruno"


def test_a_call_that_comes_through_after_it_was_withdrawn_is_cancelled() -> None:
    withdrawn = sidecalls.advance(asked(), Withdrawn(), AT).call

    assert sidecalls.advance(withdrawn, Placed("CA9"), AT).effects == (Effect.CANCEL_LEG,)


def test_a_key_that_comes_twice_lets_in_once() -> None:
    joined = sidecalls.advance(asked(SideState.ANSWERED), Accepted(), AT)
    assert joined.effects == (Effect.LET_IN,)

    assert sidecalls.advance(joined.call, Accepted(), AT).effects == ()


def test_who_joined_may_stay_for_hours_and_no_longer() -> None:
    joined = sidecalls.advance(asked(SideState.ANSWERED), Accepted(), AT).call

    assert joined.due_at == AT + timedelta(hours=4)
    assert sidecalls.advance(joined, TimeUp(), AT + timedelta(hours=4)).effects == (Effect.GONE,)


def test_the_client_who_pressed_a_key_is_a_caller_from_then_on_and_no_guest() -> None:
    decision = sidecalls.advance(asked(SideState.ANSWERED, Purpose.CLIENT), Accepted("CA2"), AT)

    assert (decision.call.state, decision.call.sid) == (SideState.OVER, "CA2")
    assert decision.effects == (Effect.LET_IN,)
    assert [entry.kind for entry in decision.entries] == ["connected"]


@pytest.mark.parametrize("event", [NotPlaced("refused", "21211"), Ended("busy"), Ended("no_key"), TimeUp()])
@pytest.mark.parametrize("state", sorted(UNDECIDED))
def test_nobody_else_is_called_in_place_of_the_client(state: SideState, event: Event) -> None:
    decision = sidecalls.advance(asked(state, Purpose.CLIENT), event, AT)

    assert decision.call.state is SideState.FAILED
    assert Effect.MISSED in decision.effects
    assert Effect.TRY_NEXT not in decision.effects
    assert [entry.kind for entry in decision.entries] == ["client_not_reached"]


@pytest.mark.parametrize(
    ("state", "effect"),
    [
        (SideState.REQUESTED, Effect.CANCEL_LEG),
        (SideState.RINGING, Effect.CANCEL_LEG),
        (SideState.ANSWERED, Effect.SEND_OFF),
    ],
)
def test_a_client_whom_nobody_waits_for_is_let_be_or_told_so(state: SideState, effect: Effect) -> None:
    decision = sidecalls.advance(asked(state, Purpose.CLIENT), Withdrawn(), AT)

    assert decision.call.state is SideState.CANCELLED
    assert decision.effects == (effect,)
    assert sidecalls.advance(decision.call, Accepted("CA1"), AT).effects == ()


def test_a_key_is_not_waited_for_as_long_at_the_client_as_elsewhere() -> None:
    answered = sidecalls.advance(asked(SideState.RINGING, Purpose.CLIENT), Answered(), AT).call

    assert answered.due_at == AT + sidecalls.CLIENT_LISTENS < AT + sidecalls.LISTENING_ALLOWANCE


def test_an_answer_to_the_question_whether_they_are_on_it_joins_nothing() -> None:
    decision = sidecalls.advance(asked(SideState.ANSWERED, Purpose.CHECK), Accepted(), AT)

    assert decision.call.state is SideState.OVER
    assert decision.effects == (Effect.LET_IN,)
