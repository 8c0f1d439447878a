"""What an incident promises whatever happens to it: any policy, any roster, any events, each twice."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from oncall import escalation
from oncall.escalation import (
    LIVE,
    Answer,
    AnswerGiven,
    By,
    Channel,
    EtaGiven,
    Event,
    FrozenLevel,
    HolderNotReached,
    Incident,
    Opened,
    Page,
    PageAnswered,
    PageAsked,
    PageEnded,
    PageNotPlaced,
    PagePlaced,
    PageRequested,
    PageRinging,
    PassAsked,
    SendPage,
    SignOfLife,
    State,
    StillOnIt,
    TakeAsked,
    TalkEnded,
    TellRoundEnded,
    TimeUp,
)
from oncall.people import Person
from tests.oncall.examples import AT, seconds

SHORTEST_ROUND = seconds(15)
PEOPLE = [
    Person(name.lower(), f"{name} Paz", tuple(f"+54911555501{n}{phone}" for phone in range(phones)))
    for n, (name, phones) in enumerate([("Ana", 2), ("Bruno", 1), ("Carla", 3), ("Diego", 1)])
]

CREWS = st.lists(st.sampled_from(PEOPLE), max_size=2, unique=True).map(tuple)
LASTS = st.sampled_from([1, 10, 60, 180]).map(seconds)
POLICIES = st.lists(st.builds(FrozenLevel, st.just("primary"), LASTS), min_size=1, max_size=3).map(tuple)
GAPS = st.sampled_from([0, 0, 1, 7, 30, 200]).map(seconds)
WHYS = st.sampled_from(["busy", "no_answer", "failed", "hung_up", "no_key"])


class AnyIncident(RuleBasedStateMachine):
    """One incident and the whole world around it, in any mood."""

    incident: Incident
    at: datetime

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[str] = []
        self.round_began: dict[int, datetime] = {}

    @initialize(policy=POLICIES, crews=st.lists(CREWS, min_size=3, max_size=3), managers=CREWS)
    def an_incident_opens(
        self, policy: tuple[FrozenLevel, ...], crews: list[tuple[Person, ...]], managers: tuple[Person, ...]
    ) -> None:
        self.at = AT
        rostered = tuple(crews[: len(policy)])
        self.incident = Incident(
            policy, seconds(25), opened_at=AT, rostered=rostered, managers=managers, roster="r1"
        )
        self._happens(Opened())

    # --- what may happen ---

    def _happens(self, event: Event) -> None:
        before = self.incident
        decision = escalation.advance(before, event, self.at)
        after = decision.incident
        sent = [effect.page for effect in decision.effects if isinstance(effect, SendPage)]
        self._check_that_only_people_take(before, after, event)
        self._check_what_is_sent(before, after, sent, event)
        self._check_pages(before, after)
        self._check_rounds(before, after, event)
        if isinstance(event, TimeUp):
            assert after.next_due is None or after.next_due > self.at, "time that is up is up once"
        again = escalation.advance(after, event, self.at)
        assert again.incident == after, "the same event a second time changes nothing"
        assert not any(isinstance(effect, SendPage) for effect in again.effects)
        told = [e for e in decision.effects if isinstance(e, TellRoundEnded)]
        assert len(told) <= 1
        self.sent += sent
        self.incident = after

    def _page(self, data: st.DataObject) -> Page:
        return data.draw(st.sampled_from(self.incident.pages), label="page")

    def _call(self, data: st.DataObject) -> Page:
        """Only a call rings, is answered and ends."""
        calls = [page for page in self.incident.pages if page.channel is Channel.CALL]
        return data.draw(st.sampled_from(calls), label="call")

    @precondition(lambda self: self.incident.pages)
    @rule(data=st.data(), after=GAPS)
    def the_order_leaves(self, data: st.DataObject, after: timedelta) -> None:
        self.at += after
        self._happens(PageRequested(self._page(data).key))

    @precondition(lambda self: self.incident.pages)
    @rule(data=st.data(), after=GAPS, adopted=st.booleans())
    def it_is_placed(self, data: st.DataObject, after: timedelta, adopted: bool) -> None:
        self.at += after
        page = self._page(data)
        self._happens(PagePlaced(page.key, page.sid or f"CA-{page.key}", adopted))

    @precondition(lambda self: self.incident.pages)
    @rule(data=st.data(), after=GAPS, why=WHYS)
    def it_is_refused(self, data: st.DataObject, after: timedelta, why: str) -> None:
        self.at += after
        self._happens(PageNotPlaced(self._page(data).key, why, "21211"))

    @precondition(lambda self: self.incident.pages)
    @rule(data=st.data(), after=GAPS)
    def it_rings(self, data: st.DataObject, after: timedelta) -> None:
        self.at += after
        self._happens(PageRinging(self._call(data).key))

    @precondition(lambda self: self.incident.pages)
    @rule(data=st.data(), after=GAPS)
    def something_answers(self, data: st.DataObject, after: timedelta) -> None:
        self.at += after
        self._happens(PageAnswered(self._call(data).key))

    @precondition(lambda self: self.incident.pages)
    @rule(data=st.data(), after=GAPS, why=WHYS)
    def the_call_ends(self, data: st.DataObject, after: timedelta, why: str) -> None:
        self.at += after
        self._happens(PageEnded(self._call(data).key, why))

    @precondition(lambda self: self.incident.pages)
    @rule(data=st.data(), after=GAPS, by=st.sampled_from(By))
    def somebody_takes_it(self, data: st.DataObject, after: timedelta, by: By) -> None:
        self.at += after
        self._happens(TakeAsked(self._page(data).key, by))

    @precondition(lambda self: self.incident.pages)
    @rule(data=st.data(), after=GAPS, by=st.sampled_from(By))
    def somebody_passes(self, data: st.DataObject, after: timedelta, by: By) -> None:
        self.at += after
        self._happens(PassAsked(self._page(data).key, by))

    @rule(after=GAPS, person=st.sampled_from(PEOPLE))
    def a_manager_asks_to_be_paged(self, after: timedelta, person: Person) -> None:
        self.at += after
        self._happens(PageAsked(person.id))

    @precondition(lambda self: self.incident.state is State.ACKNOWLEDGED)
    @rule(data=st.data(), answer=st.sampled_from([Answer.HANDED_OVER, *Answer]))
    def the_holder_says_how_it_goes_on(self, data: st.DataObject, answer: Answer) -> None:
        self._happens(AnswerGiven(self._page(data).key, answer))

    @precondition(lambda self: self.incident.state is State.ACKNOWLEDGED)
    @rule(after=GAPS, event=st.sampled_from([SignOfLife, StillOnIt, TalkEnded, HolderNotReached]))
    def something_is_heard_of_the_holder(self, after: timedelta, event: type[Any]) -> None:
        self.at += after
        self._happens(event(self.incident.holder))

    @precondition(lambda self: self.incident.state is State.ACKNOWLEDGED)
    @rule(hours=st.sampled_from([0, 1, 5]), person=st.sampled_from(PEOPLE))
    def somebody_gives_an_eta(self, hours: int, person: Person) -> None:
        self._happens(EtaGiven(person.id, self.at + timedelta(hours=hours), By.LINK))

    @rule(after=GAPS)
    def time_passes_early(self, after: timedelta) -> None:
        self.at += after
        self._happens(TimeUp())

    @precondition(lambda self: self.incident.next_due is not None)
    @rule(times=st.integers(1, 12))
    def nobody_says_anything_for_a_while(self, times: int) -> None:
        for _ in range(times):
            if self.incident.next_due is not None:
                self.at = max(self.at, self.incident.next_due)
                self._happens(TimeUp())

    @precondition(lambda self: self.incident.state is State.OPEN)
    @rule()
    def everything_fails_at_once(self) -> None:
        for page in [p for p in self.incident.pages if p.is_live]:
            self._happens(PageNotPlaced(page.key, "refused"))

    @rule(crews=st.lists(CREWS, min_size=3, max_size=3), managers=CREWS)
    def the_roster_changes(self, crews: list[tuple[Person, ...]], managers: tuple[Person, ...]) -> None:
        rostered = tuple(crews[: len(self.incident.policy)])
        self.incident = replace(self.incident, rostered=rostered, managers=managers)

    # --- what never happens ---

    def _check_that_only_people_take(self, before: Incident, after: Incident, event: Event) -> None:
        if before.state is State.OPEN and after.state is not State.OPEN:
            assert isinstance(event, TakeAsked)
        if before.holder != after.holder:
            assert isinstance(event, TakeAsked | AnswerGiven | TimeUp | HolderNotReached)

    def _check_what_is_sent(self, before: Incident, after: Incident, sent: list[str], event: Event) -> None:
        if before.state is not State.OPEN and after.state is not State.OPEN:
            assert sent == [], "a taken incident pages nobody"
        new = {page.key for page in after.pages} - {page.key for page in before.pages}
        assert set(sent) == new, "every page is ordered when it is written, and never again"
        assert len(sent) == len(new)
        assert not set(sent) & set(self.sent)

    def _check_pages(self, before: Incident, after: Incident) -> None:
        keys = [page.key for page in after.pages]
        assert len(keys) == len(set(keys))
        for page in before.pages:
            found: Any = after.page(page.key)
            assert found is not None
            if page.state not in LIVE:
                assert found.state not in LIVE, "what is over stays over"
        for page in after.pages[len(before.pages) :]:
            if page.channel is Channel.CALL and page.phone > 0:
                key = f"{page.round}.{page.level + 1}.{page.person}.{page.phone}"
                earlier = after.page(key)
                assert earlier is not None, "phones are tried in their order"
                assert not earlier.is_live, "one phone of a person after the other"

    def _check_rounds(self, before: Incident, after: Incident, event: Event) -> None:
        assert after.round - before.round in (0, 1)
        if after.round > before.round:
            by_hand = isinstance(event, AnswerGiven) or before.state is State.ACKNOWLEDGED
            began = self.round_began.get(before.round)
            if began is not None and before.round > 1 and not by_hand:
                assert self.at - began >= SHORTEST_ROUND, "rounds that fail at once are no storm"
            self.round_began[after.round] = self.at

    @invariant()
    def an_incident_that_is_not_closed_is_never_at_rest(self) -> None:
        if self.incident.state is not State.CLOSED:
            assert self.incident.next_due is not None

    @invariant()
    def at_most_one_person_holds_it(self) -> None:
        assert (self.incident.holder is None) == (self.incident.state is State.OPEN)

    @invariant()
    def every_call_is_over_or_has_a_deadline(self) -> None:
        for page in self.incident.pages:
            if page.channel is Channel.CALL and page.is_live and page.due_at is None:
                assert self.incident.state is State.OPEN
                assert page.requested_at is None
                assert (page.round, page.level) == (self.incident.round, self.incident.level)

    @invariant()
    def once_taken_nothing_rings_elsewhere(self) -> None:
        if self.incident.state is not State.OPEN:
            ringing = [p for p in self.incident.pages if p.state in ("requested", "ringing")]
            assert [p.key for p in ringing if p.channel is Channel.CALL] == []


TestAnyIncident = AnyIncident.TestCase
