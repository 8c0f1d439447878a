"""The life of an incident: who is paged when, what takes it, and that nothing else does."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from oncall import escalation
from oncall.escalation import (
    TABLE,
    Answer,
    AnswerGiven,
    By,
    CancelPage,
    Channel,
    Decision,
    EtaGiven,
    Event,
    FrozenLevel,
    HolderNotReached,
    Incident,
    JoinCallers,
    Opened,
    PageAnswered,
    PageEnded,
    PageNotPlaced,
    PagePlaced,
    PageRequested,
    PageRinging,
    PageState,
    PassAsked,
    SendPage,
    SignOfLife,
    State,
    StillOnIt,
    TakeAsked,
    TalkEnded,
    TellClosed,
    TellRosterGap,
    TellRoundEnded,
    TellTaken,
    TimeUp,
)
from oncall.people import Person
from tests.oncall.examples import ANA, AT, BRUNO, LUCIA, seconds

RING = seconds(25)
POLICY = (
    FrozenLevel("primary", seconds(180)),
    FrozenLevel("backup", seconds(180)),
    FrozenLevel(("lucia",), seconds(300)),
)
EVERYBODY = ((ANA,), (BRUNO,), (LUCIA,))

ANA_1, ANA_2, ANA_SMS = "1.1.ana.1", "1.1.ana.2", "1.1.ana.sms"
BRUNO_1, BRUNO_SMS = "1.2.bruno.1", "1.2.bruno.sms"


def new_incident(
    *rostered: tuple[Person, ...],
    managers: tuple[Person, ...] = (LUCIA,),
    policy: tuple[FrozenLevel, ...] = POLICY,
) -> Incident:
    return Incident(
        policy, RING, opened_at=AT, rostered=rostered or EVERYBODY, managers=managers, roster="r1"
    )


def after(incident: Incident, *events: Event, at: datetime = AT) -> Incident:
    for event in events:
        incident = escalation.advance(incident, event, at).incident
    return incident


def opened(*rostered: tuple[Person, ...]) -> Incident:
    return after(new_incident(*rostered), Opened())


def ringing() -> Incident:
    """Ana's first phone rings, and her text has left."""
    return after(
        opened(), PageRequested(ANA_1), PagePlaced(ANA_1, "CA1"), PageRequested(ANA_SMS), PageRinging(ANA_1)
    )


def answered() -> Incident:
    return after(ringing(), PageAnswered(ANA_1))


def taken() -> Incident:
    return after(answered(), TakeAsked(ANA_1, By.KEY))


def closed() -> Incident:
    return after(taken(), AnswerGiven(ANA_1, Answer.SOLVED))


def state_of(incident: Incident, key: str) -> PageState:
    page = incident.page(key)
    assert page is not None
    return page.state


def sent(decision: Decision) -> list[str]:
    return [effect.page for effect in decision.effects if isinstance(effect, SendPage)]


def cancelled(decision: Decision) -> list[str]:
    return [effect.page for effect in decision.effects if isinstance(effect, CancelPage)]


def kinds(decision: Decision) -> list[str]:
    return [entry.kind for entry in decision.entries]


# --- a level begins ------------------------------------------------------------------------------


def test_an_incident_begins_by_calling_and_texting_whoever_is_first() -> None:
    decision = escalation.advance(new_incident(), Opened(), AT)

    assert sent(decision) == [ANA_1, ANA_SMS]
    assert decision.incident.calling == ("Ana",)
    assert decision.entries[0].data == {
        "round": 1,
        "level": 1,
        "people": ["Ana Paz"],
        "rotation": "primary",
        "roster": "r1",
    }


def test_everybody_of_a_level_is_paged_at_once_and_texted_once() -> None:
    decision = escalation.advance(new_incident((ANA, BRUNO)), Opened(), AT)

    assert sent(decision) == [ANA_1, ANA_SMS, "1.1.bruno.1", "1.1.bruno.sms"]


def test_the_time_of_a_level_counts_from_its_first_request() -> None:
    late = AT + seconds(7)

    incident = after(
        after(opened(), PageRequested(ANA_1), at=late), PageRequested(ANA_SMS), at=late + seconds(3)
    )

    assert incident.due_at == late + seconds(180)


def test_a_level_with_nobody_is_passed_over_at_once_and_managers_learn_of_the_gap() -> None:
    decision = escalation.advance(new_incident((), (BRUNO,), (LUCIA,)), Opened(), AT)

    assert sent(decision) == [BRUNO_1, BRUNO_SMS]
    assert TellRosterGap(0) in decision.effects
    assert kinds(decision) == ["level_empty", "level_began"]


def test_with_nobody_on_call_anywhere_the_managers_are_paged() -> None:
    decision = escalation.advance(new_incident((), (), ()), Opened(), AT)

    assert sent(decision) == ["1.1.lucia.1", "1.1.lucia.sms"]


def test_with_nobody_at_all_the_roster_is_asked_again_a_minute_later() -> None:
    incident = after(new_incident((), (), (), managers=()), Opened())
    assert incident.next_due == AT + seconds(60)

    filled = replace(incident, rostered=EVERYBODY)
    decision = escalation.advance(filled, TimeUp(), AT + seconds(60))

    assert sent(decision) == ["2.1.ana.1", "2.1.ana.sms"]


# --- a page fails --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        PageEnded(ANA_1, "busy"),
        PageEnded(ANA_1, "no_answer"),
        PageEnded(ANA_1, "hung_up"),
        PageNotPlaced(ANA_1, "refused", "21211"),
    ],
)
def test_a_definite_failure_rings_the_next_phone_of_the_same_person_at_once(event: Event) -> None:
    decision = escalation.advance(ringing(), event, AT + seconds(5))

    assert sent(decision) == [ANA_2]
    assert state_of(decision.incident, ANA_1) is PageState.FAILED


def test_with_no_phone_left_the_next_level_is_paged_at_once() -> None:
    incident = after(ringing(), PageEnded(ANA_1, "busy"))

    decision = escalation.advance(incident, PageEnded(ANA_2, "no_answer"), AT + seconds(9))

    assert sent(decision) == [BRUNO_1, BRUNO_SMS]
    assert (decision.incident.round, decision.incident.level) == (1, 1)


def test_a_level_goes_on_while_another_of_its_people_can_still_be_reached() -> None:
    together = opened((BRUNO, LUCIA), (ANA,))

    decision = escalation.advance(together, PageEnded("1.1.bruno.1", "busy"), AT)

    assert sent(decision) == []
    assert decision.incident.level == 0


def test_a_text_that_fails_hurries_nobody() -> None:
    decision = escalation.advance(ringing(), PageNotPlaced(ANA_SMS, "failed", "30003"), AT)

    assert decision.effects == ()
    assert decision.entries[0].data["code"] == "30003"


def test_a_page_answered_by_something_that_presses_no_key_reached_nobody() -> None:
    decision = escalation.advance(answered(), PageEnded(ANA_1, "no_key"), AT)

    assert decision.entries[0].data["why"] == "no_key"
    assert sent(decision) == [ANA_2]


def test_an_answered_call_that_ends_busy_was_hung_up() -> None:
    decision = escalation.advance(answered(), PageEnded(ANA_1, "busy"), AT)

    assert decision.entries[0].data["why"] == "hung_up"


def test_what_rings_longer_than_it_may_is_cancelled_and_the_next_phone_rings() -> None:
    decision = escalation.advance(ringing(), TimeUp(), AT + RING)

    assert cancelled(decision) == [ANA_1]
    assert sent(decision) == [ANA_2]


def test_a_page_is_passed_on_and_the_next_level_paged_at_once() -> None:
    decision = escalation.advance(answered(), PassAsked(ANA_1, By.KEY), AT)

    assert state_of(decision.incident, ANA_1) is PageState.PASSED
    assert sent(decision) == [BRUNO_1, BRUNO_SMS]


def test_passing_by_text_stops_the_call_of_the_same_person() -> None:
    decision = escalation.advance(ringing(), PassAsked(ANA_SMS, By.TEXT), AT)

    assert cancelled(decision) == [ANA_1]
    assert sent(decision) == [BRUNO_1, BRUNO_SMS]


def test_passing_an_earlier_page_moves_on_when_it_leaves_nobody_to_reach() -> None:
    """Bruno stands in both levels, listens to the first page, and is rung for the second."""
    incident = after(
        opened((BRUNO,), (BRUNO,), (LUCIA,)), PageRequested("1.1.bruno.1"), PageAnswered("1.1.bruno.1")
    )
    incident = after(incident, TimeUp(), at=AT + seconds(180))
    incident = after(incident, PageAnswered("1.1.bruno.1"), at=AT + seconds(179))
    assert incident.level == 1

    decision = escalation.advance(incident, PassAsked("1.1.bruno.1", By.KEY), AT + seconds(181))

    assert cancelled(decision) == ["1.2.bruno.1"]
    assert sent(decision) == ["1.3.lucia.1", "1.3.lucia.sms"]


# --- levels and rounds ---------------------------------------------------------------------------


def test_when_a_level_ends_what_still_rings_is_cancelled_and_the_next_is_paged() -> None:
    incident = after(ringing(), PagePlaced(ANA_1, "CA1"))
    second = after(incident, TimeUp(), at=AT + RING)

    decision = escalation.advance(second, TimeUp(), AT + seconds(180))

    assert cancelled(decision) == [ANA_2]
    assert sent(decision) == [BRUNO_1, BRUNO_SMS]


def test_who_listens_to_a_page_is_not_cut_off_by_the_end_of_their_level() -> None:
    listening = after(answered(), PageAnswered(ANA_1), at=AT + seconds(170))

    decision = escalation.advance(listening, TimeUp(), AT + seconds(180))

    assert cancelled(decision) == []
    assert state_of(decision.incident, ANA_1) is PageState.ANSWERED
    assert sent(decision) == [BRUNO_1, BRUNO_SMS]


def through_a_round(incident: Incident, at: datetime) -> tuple[Incident, Decision]:
    """Every page is refused at once until a new round begins, or is waited for."""
    number = incident.round
    while True:
        live = next(p for p in incident.pages if p.is_live and p.channel is Channel.CALL)
        decision = escalation.advance(incident, PageNotPlaced(live.key, "refused"), at)
        incident = decision.incident
        if incident.round > number or incident.is_resting:
            return incident, decision


def test_after_the_last_level_it_begins_again_from_the_first_and_managers_are_told() -> None:
    incident, decision = through_a_round(opened(), AT + seconds(2))

    assert TellRoundEnded(1) in decision.effects
    assert sent(decision) == ["2.1.ana.1", "2.1.ana.sms"]
    assert incident.round == 2


def test_rounds_that_fail_at_once_are_spaced() -> None:
    second, _ = through_a_round(opened(), AT)

    resting, decision = through_a_round(second, AT + seconds(1))

    assert sent(decision) == []
    assert resting.is_resting
    assert resting.next_due == AT + seconds(15)
    again = escalation.advance(resting, TimeUp(), AT + seconds(15))
    assert sent(again) == ["3.1.ana.1", "3.1.ana.sms"]


def test_who_holds_the_shift_is_asked_when_the_level_begins() -> None:
    handed_off = replace(ringing(), rostered=((ANA,), (LUCIA,), (LUCIA,)))

    decision = escalation.advance(handed_off, TimeUp(), AT + seconds(180))

    assert sent(decision)[-2:] == ["1.2.lucia.1", "1.2.lucia.sms"]


def test_a_round_that_has_just_begun_is_not_begun_again_for_a_page_long_overdue() -> None:
    listening = after(
        after(ringing(), PageAnswered(ANA_1), at=AT + seconds(170)), TimeUp(), at=AT + seconds(180)
    )
    refused = [PageNotPlaced(key, "refused") for key in (BRUNO_1, "1.3.lucia.1")]
    second = after(listening, *refused, at=AT + seconds(700))
    assert second.round == 2

    decision = escalation.advance(second, TimeUp(), AT + seconds(701))

    assert cancelled(decision) == [ANA_1]
    assert sent(decision) == []


# --- taking it -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("by", "connects"), [(By.KEY, True), (By.TEXT, False), (By.LINK, False)])
def test_a_human_act_takes_the_incident_and_only_a_key_connects(by: By, connects: bool) -> None:
    decision = escalation.advance(answered(), TakeAsked(ANA_1, by), AT + seconds(42))

    assert decision.incident.state is State.ACKNOWLEDGED
    assert decision.incident.holder == "ana"
    assert JoinCallers(connects) in decision.effects
    assert TellTaken() in decision.effects
    assert decision.entries[0].data["seconds"] == 42
    assert decision.entries[0].actor == "ana"


def test_once_taken_what_rings_elsewhere_is_cancelled_and_texts_that_have_not_left_never_leave() -> None:
    incident = after(
        opened((ANA, BRUNO)), PageRequested(ANA_1), PageRequested("1.1.bruno.1"), PageRinging("1.1.bruno.1")
    )

    decision = escalation.advance(incident, TakeAsked(ANA_1, By.KEY), AT)

    assert cancelled(decision) == ["1.1.bruno.1"]
    assert state_of(decision.incident, "1.1.bruno.sms") is PageState.CANCELLED


def test_a_call_that_comes_through_after_the_incident_was_taken_is_cancelled() -> None:
    incident = after(opened((ANA, BRUNO)), PageRequested("1.1.bruno.1"), TakeAsked(ANA_SMS, By.TEXT))

    decision = escalation.advance(incident, PagePlaced("1.1.bruno.1", "CA2"), AT)

    assert cancelled(decision) == ["1.1.bruno.1"]


def test_a_late_key_learns_who_has_it_and_changes_nothing() -> None:
    both = after(
        opened((ANA, BRUNO)), PageAnswered(ANA_1), PageAnswered("1.1.bruno.1"), TakeAsked(ANA_1, By.KEY)
    )

    decision = escalation.advance(both, TakeAsked("1.1.bruno.1", By.KEY), AT)

    assert decision.incident.holder == "ana"
    assert decision.effects == ()
    assert decision.entries[0].kind == "late_key"
    assert decision.entries[0].data["taken_by"] == "Ana Paz"


def test_a_late_key_that_comes_twice_is_told_once() -> None:
    both = after(
        opened((ANA, BRUNO)), PageAnswered(ANA_1), PageAnswered("1.1.bruno.1"), TakeAsked(ANA_1, By.KEY)
    )
    late = after(both, TakeAsked("1.1.bruno.1", By.KEY))

    assert escalation.advance(late, TakeAsked("1.1.bruno.1", By.KEY), AT) == Decision(late)


def test_who_passed_may_change_their_mind() -> None:
    passed = after(answered(), PassAsked(ANA_1, By.KEY))

    assert after(passed, TakeAsked(ANA_SMS, By.TEXT)).holder == "ana"


# --- afterwards ----------------------------------------------------------------------------------


def test_solved_closes_it() -> None:
    decision = escalation.advance(taken(), AnswerGiven(ANA_1, Answer.SOLVED), AT)

    assert decision.incident.state is State.CLOSED
    assert decision.effects == (TellClosed(),)
    assert decision.incident.next_due is None


def test_only_who_holds_it_says_how_it_goes_on() -> None:
    held = after(opened((ANA, BRUNO)), TakeAsked(ANA_1, By.KEY))

    decision = escalation.advance(held, AnswerGiven("1.1.bruno.1", Answer.SOLVED), AT)

    assert decision.incident == held
    assert kinds(decision) == ["unexpected"]


# --- every state and every event -----------------------------------------------------------------

STATES = {State.OPEN: answered, State.ACKNOWLEDGED: taken, State.CLOSED: closed}
EVENTS: tuple[Event, ...] = (
    Opened(),
    PageRequested(ANA_1),
    PagePlaced(ANA_1, "CA1"),
    PageNotPlaced(ANA_1, "failed"),
    PageRinging(ANA_1),
    PageAnswered(ANA_1),
    PageEnded(ANA_1, "hung_up"),
    TakeAsked(ANA_1, By.KEY),
    PassAsked(ANA_1, By.KEY),
    AnswerGiven(ANA_1, Answer.WORKING),
    SignOfLife("ana"),
    StillOnIt("ana"),
    TalkEnded("ana"),
    EtaGiven("ana", AT + timedelta(hours=3), By.KEY),
    HolderNotReached("ana"),
    TimeUp(),
)
UNEXPECTED = {
    (State.OPEN, AnswerGiven),
    (State.ACKNOWLEDGED, Opened),
    (State.CLOSED, Opened),
    (State.CLOSED, AnswerGiven),
}
MOVES = {
    (State.OPEN, PageNotPlaced),
    (State.OPEN, PageEnded),
    (State.OPEN, TakeAsked),
    (State.OPEN, PassAsked),
    (State.OPEN, TimeUp),
    (State.ACKNOWLEDGED, EtaGiven),
    (State.ACKNOWLEDGED, TimeUp),
}


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("state", State)
def test_every_event_in_every_state_does_what_the_table_says(state: State, event: Event) -> None:
    incident = STATES[state]()
    pair = (state, type(event))

    decision = escalation.advance(incident, event, AT + timedelta(hours=1))

    assert (pair in TABLE) == (pair not in UNEXPECTED)
    if pair in UNEXPECTED:
        assert kinds(decision) == ["unexpected"]
    if pair not in MOVES:
        assert decision.effects == ()
        assert decision.incident.state is state
        assert decision.incident.holder == incident.holder


@pytest.mark.parametrize("event", [e for e in EVENTS if hasattr(e, "page")], ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("state", State)
def test_an_event_of_a_page_nobody_knows_is_recorded_and_changes_nothing(state: State, event: Event) -> None:
    incident = STATES[state]()
    nobody: dict[str, Any] = {"page": "9.9.nobody.1"}
    stranger = replace(event, **nobody)

    decision = escalation.advance(incident, stranger, AT)

    assert decision == Decision(incident, (), decision.entries)
    assert kinds(decision) == ["unexpected"]


def test_an_incident_that_began_does_not_begin_again() -> None:
    decision = escalation.advance(ringing(), Opened(), AT)

    assert decision == Decision(ringing())
