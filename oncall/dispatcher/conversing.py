"""What an engineer does in a conversation, by key or from the case's page, and who is brought into it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from oncall import escalation, intake, sidecalls
from oncall.dispatcher.attending import Attending
from oncall.dispatcher.views import Held, PageCall, SideView
from oncall.escalation import Answer, State
from oncall.people import Language
from oncall.ports import ENDED
from oncall.sidecalls import Purpose, SideState
from oncall.sla import Priority
from oncall.store import Work
from oncall.store.cases import reference_of


class Who(StrEnum):
    """Whom an engineer may bring into a conversation."""

    NEXT = "next"  # of the levels that follow
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class LiveConversation:
    """A conversation that goes on, as managers may see it."""

    case: int
    reference: str
    client: str
    integration: str
    since: datetime
    engineer: str | None
    callers: int
    is_on_hold: bool
    guests: tuple[str, ...]  # names of who was brought in
    listeners: tuple[str, ...]
    invited: Mapping[str, SideState]  # how far the latest call to each who asked to come in is


class Conversing(Attending):
    # --- by key, or from the page ----------------------------------------------------------------

    def step_out(self, token: str, at: datetime) -> PageCall | None:
        """The engineer pressed star: the client is on hold meanwhile. None: nobody is there any more.

        Or it was the client who left, and we have not heard so yet: ``stayed_out`` writes it down.
        """

        def out(work: Work) -> PageCall | None:
            stored = work.page_with_token(token)
            if stored is None or stored.talks_since is None:
                return None
            is_held = self._hold_callers(work, stored.case_id, True, stored, at, is_certain=False)
            return self._page_call(work, stored) if is_held else None

        return self._in_one_transaction(out)

    def stayed_out(self, token: str, at: datetime) -> None:
        """The engineer hears the menu and a client is still there: it was star, and they are on hold."""

        def write(work: Work) -> None:
            stored = work.page_with_token(token)
            if stored is None or work.incident(stored.case_id) is None:  # locked: this may come twice
                return
            is_held = any(call.on_hold for call, _ in work.talking_calls(stored.case_id))
            if is_held and not self._is_hold_written(work, stored.case_id):
                self._write_hold(work, stored.case_id, True, stored, at)

        self._in_one_transaction(write)

    def hold(self, token: str, on: bool, at: datetime) -> PageCall | None:
        """Put the client on hold, or take them back, while the engineer stays or comes back."""

        def change(work: Work) -> PageCall | None:
            stored = work.page_with_token(token)
            if stored is None:
                return None
            page = self._page_call(work, stored)
            if page.is_mine and self._hold_callers(work, stored.case_id, on, stored, at):
                self._sign_of_life(work, stored.case_id, stored.person, at)
            return page

        return self._in_one_transaction(change)

    def held(self, sid: str) -> Held | None:
        """What the caller on this leg may be told while they are on hold; None for anybody else."""
        with self.store.reading() as work:
            found = work.call(sid, lock=False)
            if found is None or found[0].case is None or not found[0].on_hold:
                return None
            page = work.talking_page(found[0].case)
            live = work.live_side_calls(found[0].case, Purpose.JOIN)
        called = [side.name.split()[0] for side in live if side.state != SideState.JOINED]
        guests = tuple(side.name.split()[0] for side in live if side.state == SideState.JOINED)
        return Held(page.name.split()[0], called[0] if called else "", guests) if page is not None else None

    def bring_in(self, token: str, who: Who, at: datetime) -> tuple[PageCall | None, str | None]:
        """Call a second engineer, or a manager, into the conversation; gives the name of who is called.

        Whoever is being called for it already is not called twice.
        """

        def bring(work: Work) -> tuple[PageCall | None, str | None]:
            stored = work.page_with_token(token)
            if stored is None:
                return None, None
            page, row = self._page_call(work, stored), work.case(stored.case_id)
            assert row is not None
            pending = work.live_side_calls(row.id, Purpose.JOIN)
            undecided = [side for side in pending if side.state != SideState.JOINED]
            if not page.is_mine or undecided:
                return page, undecided[0].name if undecided else None
            inside = {side.person for side in pending} | {stored.person}
            candidates = tuple(p for p in self._candidates(work, row.id, who, at) if p not in inside)
            self._sign_of_life(work, row.id, stored.person, at)
            if not self._call_aside(work, row, Purpose.JOIN, candidates, stored.person, at):
                return page, None
            return page, self.books.current().people[candidates[0]].name

        return self._in_one_transaction(bring)

    def _candidates(self, work: Work, case: int, who: Who, at: datetime) -> tuple[str, ...]:
        """Whom to call, in order: the levels after the one that was paged last, round to it again."""
        book = self.books.current()
        if who is Who.MANAGER:
            return tuple(person.id for person in book.managers())
        found = work.incident(case)
        if found is None:
            return ()
        incident = self._with_roster(found[0], found[1], at)
        after = incident.level + 1
        levels = (*incident.rostered[after:], *incident.rostered[:after])
        return tuple(dict.fromkeys(person.id for level in levels for person in level if person.phones))

    def end_talk(self, token: str, at: datetime) -> PageCall | None:
        """The engineer ends the conversation: the client hears so, the engineer says how it goes on."""
        return self.conversation_ended(token, at)

    def hand_over(self, token: str, at: datetime) -> PageCall | None:
        """The next level is called; the client stays in our hands."""
        return self.disposition(token, Answer.HANDED_OVER, at)

    # --- who is brought in -----------------------------------------------------------------------

    def invite_manager(self, case: int, person: str, listens: bool, at: datetime) -> bool:
        """A manager's own phone is rung: who presses a key there listens to, or joins, the conversation.

        False where no conversation goes on, or this person is no manager with a phone.
        """

        def invite(work: Work) -> bool:
            row = work.case(case)
            is_manager = person in {manager.id for manager in self.books.current().managers()}
            if row is None or not is_manager or not work.talking_calls(case):
                return False
            mine = [s for s in work.live_side_calls(case, Purpose.JOIN, Purpose.LISTEN) if s.person == person]
            purpose = Purpose.LISTEN if listens else Purpose.JOIN
            return bool(mine) or self._call_aside(work, row, purpose, (person,), person, at)

        return self._in_one_transaction(invite)

    def page_manager(self, case: int, person: str, at: datetime) -> None:
        """Have a manager paged for an incident that nobody has taken; else nothing."""
        self._in_one_transaction(lambda work: self._advance(work, case, escalation.PageAsked(person), at))

    def conversations(self) -> list[LiveConversation]:
        """The conversations that go on now, oldest first."""
        with self.store.reading() as work:
            found = [self._conversation(work, case) for case in work.cases_in_conversation()]
        return sorted(found, key=lambda c: c.since)

    def _conversation(self, work: Work, case: int) -> LiveConversation:
        row, page = work.case(case), work.talking_page(case)
        assert row is not None
        callers = [call for call, _ in work.talking_calls(case)]
        inside = work.those_who_joined(case)
        since = page.talks_since if page is not None else row.acknowledged_at or row.opened_at
        return LiveConversation(
            case=case,
            reference=reference_of(case),
            client=row.client_name,
            integration=row.integration_name,
            since=since,
            engineer=page.name if page is not None else None,
            callers=len(callers),
            is_on_hold=any(call.on_hold for call in callers),
            guests=tuple(side.name for side in inside if side.purpose == Purpose.JOIN),
            listeners=tuple(side.name for side in inside if side.purpose == Purpose.LISTEN),
            invited={
                side.person: SideState(side.state)
                for side in work.side_calls(case)
                if side.purpose in (Purpose.JOIN, Purpose.LISTEN)
                and side.asked_by == side.person
                and side.ordered_at >= since
            },
        )

    def side(self, token: str) -> SideView | None:
        """A call on the side as it is now; None for a token nobody was given."""
        with self.store.reading() as work:
            return self._side_view(work, token)

    def side_reached(self, token: str, sid: str, at: datetime) -> SideView | None:
        return self._hear_side(token, sidecalls.Answered(), at, sid)

    def side_key(self, token: str, digits: str, at: datetime, sid: str) -> SideView | None:
        """A key on a call on the side: 1 accepts; 2 declines; for who has the incident, 3 hands it over."""
        view = self.side(token)
        if view is not None and digits == "1":
            return self._hear_side(token, sidecalls.Accepted(), at, sid)
        if view is not None and view.purpose is Purpose.CHECK and digits == "3":
            self._hear_side(token, sidecalls.Accepted(), at, sid)
            if view.holder_page:
                self.disposition(view.holder_page, Answer.HANDED_OVER, at)
        elif view is not None and view.purpose is not Purpose.CHECK and digits == "2":
            return self._hear_side(token, sidecalls.Declined(), at, sid)
        return self.side(token)

    def client_key(self, token: str, at: datetime, sid: str) -> SideView | None:
        """A key was pressed at the client who is called back: it is a person, and they come in."""
        return self._hear_side(token, sidecalls.Accepted(sid), at, sid)

    def side_silent(self, token: str, at: datetime) -> SideView | None:
        return self._hear_side(token, sidecalls.Ended("no_key"), at, None)

    def side_out(self, token: str, at: datetime) -> SideView | None:
        """Who was brought in has left the conversation, or it is over."""
        return self._hear_side(token, sidecalls.Ended("hung_up"), at, None)

    def side_status(self, token: str, sid: str, status: str, sequence: int | None, at: datetime) -> None:
        """The telephone company reports on such a call; what is older than applied changes nothing."""
        event = _SIDE_STATUS.get(status)
        if event is None:
            return

        def note(work: Work) -> None:
            found = work.side_call(token, lock=False)
            if found is None:
                return
            work.incident(found[1].case_id)  # the case is locked before what belongs to it
            if found[0].purpose is Purpose.CLIENT and status in ENDED:
                self._client_hung_up(work, sid, at)
            if found[1].sid and found[1].sid != sid:
                return  # a second leg of an order that was sent again: the first one counts
            newer = sequence is None or work.advance_side_sequence(found[1].id, sequence)
            if newer or isinstance(event, sidecalls.Ended):
                self._hear_side_in(work, token, event, at, sid)

        self._in_one_transaction(note)

    def _hear_side(
        self, token: str, event: sidecalls.Event, at: datetime, sid: str | None
    ) -> SideView | None:
        def hear(work: Work) -> SideView | None:
            self._hear_side_in(work, token, event, at, sid)
            return self._side_view(work, token)

        return self._in_one_transaction(hear)

    def _hear_side_in(
        self, work: Work, token: str, event: sidecalls.Event, at: datetime, sid: str | None
    ) -> None:
        found = work.side_call(token, lock=False)
        if found is None:
            return
        work.incident(found[1].case_id)
        if sid and found[0].sid is None:
            self._advance_side(work, token, sidecalls.Placed(sid), at)
        self._advance_side(work, token, event, at)

    def _side_view(self, work: Work, token: str) -> SideView | None:
        found = work.side_call(token, lock=False)
        row = work.case(found[1].case_id) if found else None
        if found is None or row is None:
            return None
        call, stored = found
        holds = [p for p in work.pages(row.id) if p.person == row.acknowledged_by]
        others = call.asked_by if call.asked_by != call.person or call.purpose is Purpose.CLIENT else ""
        asked_by = self.books.current().people.get(others)
        returned = work.call(call.returns, lock=False) if call.returns else None
        talking = [caller for caller, _ in work.talking_calls(row.id)]
        return SideView(
            token=token,
            purpose=call.purpose,
            state=call.state,
            case=row.id,
            reference=reference_of(row.id),
            person=call.person,
            name=call.name,
            language=Language(stored.language),
            client=row.client_name,
            integration=row.integration_name,
            priority=Priority(row.priority) if row.priority else None,
            asked_by=asked_by.first_name if asked_by else "",
            is_theirs=row.state == State.ACKNOWLEDGED and row.acknowledged_by == call.person,
            talks_on=bool(talking),
            is_held=any(caller.on_hold for caller in talking),
            is_recorded=intake.is_to_be_recorded(talking),
            caller_gave_pin=returned is not None and returned[0].is_answered_by_another,
            holder_page=holds[-1].token if holds and row.acknowledged_by == call.person else None,
        )


_SIDE_STATUS: dict[str, sidecalls.Event] = {
    "ringing": sidecalls.Ringing(),
    "in-progress": sidecalls.Answered(),
    "answered": sidecalls.Answered(),
    "busy": sidecalls.Ended("busy"),
    "no-answer": sidecalls.Ended("no_answer"),
    "failed": sidecalls.Ended("failed"),
    "canceled": sidecalls.Ended("no_answer"),
    "completed": sidecalls.Ended("hung_up"),
}
