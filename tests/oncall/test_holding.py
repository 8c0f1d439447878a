"""While somebody has an incident: what counts as a sign of life, and what follows when there is none."""

from dataclasses import replace
from datetime import timedelta

import pytest

from oncall import escalation
from oncall.escalation import (
    Answer,
    AnswerGiven,
    AskAgain,
    AskWhetherStillOnIt,
    By,
    Decision,
    EtaGiven,
    Event,
    HoldCallers,
    HolderNotReached,
    Incident,
    LetHolderBe,
    Patience,
    SignOfLife,
    State,
    StillOnIt,
    TalkEnded,
    TellEta,
    TellHolderSilent,
    TimeUp,
)
from tests.oncall.examples import AT
from tests.oncall.test_escalation import ANA_1, kinds, sent, taken


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def put(incident: Incident, event: Event, after: float) -> Decision:
    return escalation.advance(incident, event, AT + minutes(after))


def doubted() -> Incident:
    """Nothing was heard from Ana for half an hour: she was just asked."""
    return put(taken(), TimeUp(), 30).incident


def test_working_on_it_and_silence_keep_the_incident_with_who_took_it() -> None:
    for answer, asked_at in ((Answer.WORKING, None), (Answer.NONE, AT + timedelta(minutes=15))):
        decision = escalation.advance(taken(), AnswerGiven(ANA_1, answer), AT)
        assert decision.incident == replace(taken(), ask_at=asked_at)
        assert kinds(decision) == ["disposition"]


def test_half_an_hour_without_a_sign_of_life_asks_whether_they_are_still_on_it() -> None:
    assert taken().next_due == AT + minutes(30)

    decision = put(taken(), TimeUp(), 30)

    assert decision.effects == (AskWhetherStillOnIt(),)
    assert decision.incident.next_due == AT + minutes(35)
    assert decision.incident.holder == "ana"
    assert decision.entries[0].data == {"person": "ana", "name": "Ana Paz", "seconds": 1800}


@pytest.mark.parametrize(
    "event",
    [
        SignOfLife("ana"),
        AnswerGiven(ANA_1, Answer.WORKING),
        TalkEnded("ana"),
        EtaGiven("ana", AT + minutes(21), By.TEXT),
    ],
    ids=lambda e: type(e).__name__,
)
def test_each_sign_of_life_begins_the_half_hour_anew(event: Event) -> None:
    incident = put(taken(), event, 20).incident

    assert incident.due_at == AT + minutes(50)


def test_what_somebody_else_does_is_no_sign_of_life() -> None:
    assert put(taken(), SignOfLife("bruno"), 20) == Decision(taken())


@pytest.mark.parametrize("event", [SignOfLife("ana"), StillOnIt("ana"), AnswerGiven(ANA_1, Answer.WORKING)])
def test_who_answers_that_they_are_on_it_keeps_it_and_is_asked_no_more(event: Event) -> None:
    decision = put(doubted(), event, 33)

    assert LetHolderBe() in decision.effects
    assert (decision.incident.holder, decision.incident.is_doubted) == ("ana", False)
    assert decision.incident.next_due == AT + minutes(63)


def test_a_key_that_says_so_twice_is_told_once() -> None:
    once = put(doubted(), StillOnIt("ana"), 33)

    assert kinds(once) == ["still_on_it"]
    assert put(once.incident, StillOnIt("ana"), 33) == Decision(once.incident)


@pytest.mark.parametrize(("event", "after"), [(TimeUp(), 35), (HolderNotReached("ana"), 31)])
def test_unanswered_it_is_open_again_and_the_next_level_is_paged(event: Event, after: float) -> None:
    decision = put(doubted(), event, after)

    assert decision.incident.state is State.OPEN
    assert (decision.incident.holder, decision.incident.round, decision.incident.level) == (None, 2, 1)
    assert sent(decision) == ["2.2.bruno.1", "2.2.bruno.sms"]
    assert {LetHolderBe(), HoldCallers(), TellHolderSilent("Ana Paz")} <= set(decision.effects)
    assert kinds(decision) == ["holder_silent", "level_began"]


def test_a_call_that_fails_without_doubt_escalates_nothing() -> None:
    assert put(taken(), HolderNotReached("ana"), 31) == Decision(taken())


def test_an_eta_holds_the_question_off_until_it_has_passed() -> None:
    decision = put(taken(), EtaGiven("ana", AT + minutes(180), By.KEY), 1)

    assert TellEta() in decision.effects
    assert decision.entries[0].actor == "ana"
    assert decision.incident.next_due == AT + minutes(180)
    assert put(decision.incident, TimeUp(), 180).effects == (AskWhetherStillOnIt(),)


def test_an_eta_is_told_once_however_often_it_comes() -> None:
    given = EtaGiven("ana", AT + minutes(180), By.KEY)
    incident = put(taken(), given, 1).incident

    assert put(incident, given, 2) == Decision(incident)


def test_a_wait_on_the_client_holds_the_question_off() -> None:
    incident = put(taken(), SignOfLife("ana", until=AT + minutes(240)), 1).incident

    assert incident.next_due == AT + minutes(240)


def test_while_they_talk_nothing_is_asked() -> None:
    decision = put(taken(), TimeUp(is_excused=True), 30)

    assert decision.effects == ()
    assert decision.incident.next_due == AT + minutes(60)


@pytest.mark.parametrize("event", [TalkEnded("ana"), AnswerGiven(ANA_1, Answer.NONE)])
def test_a_conversation_that_ends_in_silence_is_asked_about_a_quarter_of_an_hour_later(event: Event) -> None:
    silent = put(taken(), event, 10).incident
    assert silent.next_due == AT + minutes(25)

    decision = put(silent, TimeUp(), 25)

    assert decision.effects == (AskAgain(),)
    assert kinds(decision) == ["asked_again"]
    assert decision.incident.next_due == AT + minutes(40)


@pytest.mark.parametrize("answer", [Answer.WORKING, Answer.SOLVED, Answer.HANDED_OVER])
def test_who_said_how_it_goes_on_is_not_asked_again(answer: Answer) -> None:
    silent = put(taken(), TalkEnded("ana"), 10).incident

    assert put(silent, AnswerGiven(ANA_1, answer), 11).incident.ask_at is None


def test_handed_over_the_callers_stay_and_nothing_of_the_old_holder_does() -> None:
    promised = put(taken(), EtaGiven("ana", AT + minutes(60), By.KEY), 1).incident

    decision = put(promised, AnswerGiven(ANA_1, Answer.HANDED_OVER), 2)

    assert HoldCallers() in decision.effects
    assert (decision.incident.eta, decision.incident.heard_at) == (None, None)


def test_the_limits_are_those_of_the_service_file() -> None:
    short = Patience(answer=minutes(3), life=minutes(7), reply=minutes(2))
    incident = put(replace(taken(), patience=short), TalkEnded("ana"), 0).incident

    assert (incident.ask_at, incident.due_at) == (AT + minutes(3), AT + minutes(7))
    assert put(incident, TimeUp(), 7).incident.due_at == AT + minutes(9)


def test_a_late_sign_of_life_of_somebody_who_has_it_no_longer_changes_nothing() -> None:
    lost = put(doubted(), TimeUp(), 35).incident

    assert put(lost, SignOfLife("ana"), 36) == Decision(lost)


def test_after_a_standstill_each_question_is_put_once() -> None:
    silent = put(taken(), TalkEnded("ana"), 0).incident

    decision = put(silent, TimeUp(), 600)

    assert decision.effects == (AskAgain(), AskWhetherStillOnIt())
    assert decision.incident.next_due == AT + minutes(605)


def test_handed_over_it_is_paged_on_from_the_following_level() -> None:
    decision = escalation.advance(taken(), AnswerGiven(ANA_1, Answer.HANDED_OVER), AT)

    assert decision.incident.state is State.OPEN
    assert decision.incident.holder is None
    assert sent(decision) == ["2.2.bruno.1", "2.2.bruno.sms"]
