"""The whole table of the conversation, and what it promises whatever a caller does."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from oncall import intake
from oncall.eligibility import Reason
from oncall.intake import (
    TABLE,
    Arrived,
    Call,
    CaseKind,
    ConversationEnded,
    Decision,
    DisputeRefusal,
    Event,
    HoldChanged,
    HungUp,
    IncidentTaken,
    JoinIncident,
    KeyPressed,
    NotConnected,
    OpenCase,
    OpenIncident,
    PinEntered,
    Recorded,
    Released,
    Step,
    TimeUp,
)
from tests.oncall.examples import AT, LINE, MARTA, client, seconds
from tests.oncall.test_intake import (
    asked_integration,
    asked_pin,
    asked_priority,
    describing,
    in_conversation,
    kinds,
    leaving_message,
    may_dispute,
    over,
    told_a_notice,
    waiting,
)

LATER = AT + seconds(10)
# --- every step and every event ------------------------------------------------------------------


def told_of_the_recording() -> Call:
    """Taken before they had heard that it is recorded: they hear so, and then talk."""
    return replace(in_conversation(), records_conversation=True)


STEPS = {
    Step.PIN: asked_pin,
    Step.NOTICE: told_a_notice,
    Step.INTEGRATION: asked_integration,
    Step.PRIORITY: asked_priority,
    Step.DISPUTE: may_dispute,
    Step.DESCRIBING: describing,
    Step.WAITING: waiting,
    Step.MESSAGE: leaving_message,
    Step.CONVERSATION: told_of_the_recording,
    Step.OVER: over,
}
EVENTS = (
    PinEntered,
    KeyPressed,
    Recorded,
    IncidentTaken,
    ConversationEnded,
    NotConnected,
    HoldChanged,
    Released,
    HungUp,
    TimeUp,
)

EXPECTED = {
    (Step.PIN, PinEntered),
    (Step.NOTICE, KeyPressed),
    (Step.INTEGRATION, KeyPressed),
    (Step.PRIORITY, KeyPressed),
    (Step.DISPUTE, KeyPressed),
    (Step.DESCRIBING, KeyPressed),
    (Step.DESCRIBING, Recorded),
    (Step.DESCRIBING, IncidentTaken),
    (Step.WAITING, KeyPressed),
    (Step.WAITING, IncidentTaken),
    (Step.MESSAGE, KeyPressed),
    (Step.MESSAGE, Recorded),
    (Step.MESSAGE, IncidentTaken),
    (Step.CONVERSATION, KeyPressed),
    (Step.CONVERSATION, ConversationEnded),
    (Step.CONVERSATION, NotConnected),
    (Step.CONVERSATION, HoldChanged),
    *((step, Released) for step in (Step.CONVERSATION, Step.WAITING, Step.MESSAGE)),
    *((step, event) for step in Step if step is not Step.OVER for event in (HungUp, TimeUp)),
}


def some(event: type[Event], turn: int) -> Event:
    made: dict[type[Event], Event] = {
        PinEntered: PinEntered(turn, correct=True),
        KeyPressed: KeyPressed(turn, "1"),
        Recorded: Recorded(turn, 5),
        IncidentTaken: IncidentTaken("Ana", connects=True),
        ConversationEnded: ConversationEnded(turn),
        NotConnected: NotConnected(),
        HoldChanged: HoldChanged(True),
        Released: Released(("Bruno",)),
        HungUp: HungUp(),
        TimeUp: TimeUp(),
    }
    return made[event]


def test_the_table_expects_what_the_agreement_of_keys_says_and_nothing_else() -> None:
    assert set(TABLE) == EXPECTED


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("event", EVENTS)
def test_what_is_expected_moves_the_call_and_what_is_not_is_recorded_and_changes_nothing(
    step: Step, event: type[Event]
) -> None:
    call = STEPS[step]()
    assert call.step is step

    decision = intake.advance(call, some(event, call.turn), LATER)

    if (step, event) in EXPECTED:
        # What the caller hears goes on: on hold in the conversation, or in the wait for somebody else.
        stays = event is HoldChanged or (event is Released and step is not Step.CONVERSATION)
        assert decision.call.turn == call.turn + (not stays)
    else:
        assert decision.call == call
        assert decision.effects == ()
        late_news = step is Step.OVER and event in (HungUp, TimeUp)
        assert kinds(decision) == ([] if late_news else ["unexpected"])


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("event", [PinEntered, KeyPressed, Recorded, ConversationEnded])
@pytest.mark.parametrize("lag", [-1, 1])
def test_an_answer_to_another_turn_is_late_and_changes_nothing(
    step: Step, event: type[Event], lag: int
) -> None:
    call = STEPS[step]()

    assert intake.advance(call, some(event, call.turn + lag), LATER) == Decision(call)


def test_each_answer_gives_the_caller_patience_anew() -> None:
    moment = LATER + timedelta(seconds=5)
    call = asked_priority()

    answered = intake.advance(call, KeyPressed(call.turn, "1"), moment).call

    assert answered.due_at == moment + intake.PATIENCE


# --- whatever happens ----------------------------------------------------------------------------

KEYS = st.sampled_from(["", "0", "1", "2", "3", "4", "5", "7", "*", "#", "12", "١", "9" * 40])
GAPS = st.integers(0, 200).map(lambda s: timedelta(seconds=s))


class AnyCall(RuleBasedStateMachine):
    """One call to a guard line, with a caller who may do anything, at any time, twice."""

    call: Call
    at: datetime

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[CaseKind] = []
        self.incidents = 0
        self.was_verified = False
        self.last: Event | None = None

    @initialize(
        in_force=st.booleans(),
        readable=st.booleans(),
        known_line=st.booleans(),
        known_caller=st.booleans(),
        withheld=st.booleans(),
        has_pin=st.booleans(),
    )
    def a_call_arrives(
        self,
        in_force: bool,
        readable: bool,
        known_line: bool,
        known_caller: bool,
        withheld: bool,
        has_pin: bool,
    ) -> None:
        self.at = AT
        contact = MARTA if known_caller and known_line and readable and not withheld else None
        called = client(pin_hash="hash" if has_pin else None) if known_line and readable else None
        caller = None if withheld else MARTA.phone
        self._take(
            intake.arrive(
                Arrived("CA1", LINE, caller, withheld, called, contact, in_force, readable), self.at
            )
        )

    def _take(self, decision: Decision) -> None:
        """Do what the shell does with a decision."""
        call = decision.call
        for effect in decision.effects:
            match effect:
                case OpenCase(kind):
                    self.opened.append(kind)
                    self.incidents += kind is CaseKind.INCIDENT
                    call = replace(call, case=1042, reference="G-1042", calling=("Ana",))
                case DisputeRefusal() | JoinIncident():
                    self.incidents += 1
        self.was_verified = self.was_verified or call.verified
        self.call = call

    def _happens(self, event: Event, after: timedelta = timedelta()) -> None:
        self.at += after
        self.last = event
        self._take(intake.advance(self.call, event, self.at))

    @rule(digits=KEYS, after=GAPS, joins=st.booleans(), taken=st.booleans())
    def a_key(self, digits: str, after: timedelta, joins: bool, taken: bool) -> None:
        there = OpenIncident(1040, "G-1040", "Ana" if taken else None, ("Ana",))
        incidents: Mapping[str | None, OpenIncident] = {"crm": there, None: there} if joins else {}
        self._happens(KeyPressed(self.call.turn, digits, incidents), after)

    @rule(correct=st.booleans(), after=GAPS)
    def digits_of_a_pin(self, correct: bool, after: timedelta) -> None:
        self._happens(PinEntered(self.call.turn, correct), after)

    @rule(length=st.integers(0, 90), after=GAPS)
    def something_is_said(self, length: int, after: timedelta) -> None:
        self._happens(Recorded(self.call.turn, length), after)

    @rule(connects=st.booleans(), after=GAPS)
    def somebody_takes_it(self, connects: bool, after: timedelta) -> None:
        self._happens(IncidentTaken("Ana", connects), after)

    @rule(after=GAPS)
    def the_conversation_ends(self, after: timedelta) -> None:
        self._happens(ConversationEnded(self.call.turn), after)

    @rule(after=GAPS)
    def they_cannot_be_put_through(self, after: timedelta) -> None:
        self._happens(NotConnected(), after)

    @rule(after=GAPS)
    def the_caller_hangs_up(self, after: timedelta) -> None:
        self._happens(HungUp(), after)

    @precondition(lambda self: self.call.due_at is not None)
    @rule()
    def time_is_up(self) -> None:
        assert self.call.due_at is not None
        self.at = max(self.at, self.call.due_at)
        self._happens(TimeUp())
        # Who could not be called is kept once, with a patience of their own.
        is_kept = self.call.step is Step.WAITING and not (self.call.call_back or self.call.wait_ends_at)
        assert self.call.step is Step.OVER or is_kept, "nobody waits for a word that never comes"

    @precondition(lambda self: self.last is not None and hasattr(self.last, "turn"))
    @rule()
    def the_last_answer_arrives_again(self) -> None:
        before = self.call
        assert self.last is not None
        decision = intake.advance(before, self.last, self.at)
        if decision.call != before:  # it had changed nothing the first time, or it keeps the caller waiting
            assert before.turn == getattr(self.last, "turn", None)
        else:
            assert decision.effects == ()

    @invariant()
    def it_waits_with_a_deadline_or_is_over(self) -> None:
        assert (self.call.due_at is None) == (self.call.step is Step.OVER)

    @invariant()
    def one_call_opens_one_case_and_pages_once(self) -> None:
        assert len(self.opened) <= 1
        assert self.incidents <= 1

    @invariant()
    def a_verified_caller_never_ends_without_a_case(self) -> None:
        if self.was_verified and self.call.step is Step.OVER:
            assert self.call.case is not None

    @invariant()
    def a_caller_we_do_not_know_pages_nobody(self) -> None:
        if self.incidents and not self.was_verified:
            assert self.call.client is None, "only unreadable contracts page for somebody unknown"

    @invariant()
    def the_refused_never_page_unless_they_dispute(self) -> None:
        if self.call.step is Step.DISPUTE or self.call.farewell is intake.Farewell.REFUSED:
            assert self.incidents == 0
            assert self.opened == [CaseKind.REFUSAL]

    @invariant()
    def tries_never_reach_three(self) -> None:
        assert self.call.tries < intake.MAX_TRIES

    @invariant()
    def an_unverified_refusal_may_not_be_disputed(self) -> None:
        if self.call.reason in (Reason.UNKNOWN_LINE, Reason.CALLER_NOT_VERIFIED):
            assert self.call.step is Step.OVER


TestAnyCall = AnyCall.TestCase


@given(st.lists(KEYS, min_size=9, max_size=9))
def test_nine_answers_of_any_kind_bring_a_known_caller_to_a_case(answers: list[str]) -> None:
    call, cases = asked_integration(), 0

    for digits in answers:
        decision = intake.advance(call, KeyPressed(call.turn, digits), LATER)
        cases += any(isinstance(effect, OpenCase) for effect in decision.effects)
        call = decision.call

    assert cases == 1
