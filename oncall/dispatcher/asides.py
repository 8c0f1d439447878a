"""Calls on the side: is the holder still on it; and who is brought into a conversation, or listens to it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from oncall import escalation, sidecalls
from oncall.dispatcher.base import CALL_LASTS, CONTROL_LASTS, TEXT_LASTS
from oncall.dispatcher.talking import Talking
from oncall.escalation import Channel, Incident
from oncall.people import Person
from oncall.record import Draft
from oncall.sidecalls import UNDECIDED, Effect, Purpose, SideCall
from oncall.store import Work

# Before whatever is paged: somebody is on the phone and waits for them.
_URGENCY = 5


class Asides(Talking):
    def _carry_out(
        self, work: Work, row: Row[Any], incident: Incident, effect: escalation.Effect, at: datetime
    ) -> None:
        match effect:
            case escalation.TellEta():
                self._order_letters(work, row.id, "eta", at, {"eta": _iso(incident.eta)})
            case escalation.AskAgain():
                self._ask_holder(work, row, incident, "sms.how_now", at)
            case escalation.AskWhetherStillOnIt():
                self._ask_holder(work, row, incident, "sms.still_on_it", at)
                holder = incident.holder or ""
                self._call_aside(work, row, Purpose.CHECK, (holder,), "guardia", at)
            case escalation.LetHolderBe():
                self._withdraw(work, row.id, Purpose.CHECK, at)
            case escalation.TellHolderSilent(name):
                facts = {"what": "holder_silent", "where": name}
                self._order_letters(work, row.id, "alarm", at, facts)
            case escalation.HoldCallers():
                self._release_callers(work, row.id, (), at)
            case _:
                super()._carry_out(work, row, incident, effect, at)

    # --- the holder ------------------------------------------------------------------------------

    def _ask_holder(self, work: Work, row: Row[Any], incident: Incident, key: str, at: datetime) -> None:
        """A text without a code, with the link of the page by which they were asked."""
        person = self.books.current().people.get(incident.holder or "")
        page = work.page_of_holder(row.id, incident.holder or "", Channel.SMS)
        page = page or work.page_of_holder(row.id, incident.holder or "", Channel.CALL)
        if person is None or page is None or not person.phones:
            return
        facts = {"client": row.client_name, "integration": row.integration_name}
        payload = {
            "person": person.id,
            "name": person.name,
            "to": person.phones[0],
            "key": key,
            "language": person.language,
            "facts": facts,
            "link": page.token,
        }
        once = f"news:{row.id}:{person.id}:{key}:{at.isoformat()}"
        work.order("news", once, at, TEXT_LASTS, case=row.id, payload=payload, urgency=20)

    # --- ordering --------------------------------------------------------------------------------

    def _call_aside(
        self, work: Work, row: Row[Any], purpose: Purpose, candidates: tuple[str, ...], by: str, at: datetime
    ) -> bool:
        """Ring the first of these people who can be rung; whether there was one."""
        people = [p for p in map(self.books.current().people.get, candidates) if p is not None and p.phones]
        if not people:
            return False
        first, *others = people
        self._ring_aside(work, row, purpose, first, 0, tuple(p.id for p in others), by, at)
        return True

    def _ring_aside(
        self,
        work: Work,
        row: Row[Any],
        purpose: Purpose,
        person: Person,
        phone: int,
        others: tuple[str, ...],
        by: str,
        at: datetime,
    ) -> None:
        number = len(work.side_calls(row.id)) + 1
        key, token = f"{number}.{purpose}.{person.id}.{phone + 1}", self.new_token()
        called = (person.id, person.name, person.phones[phone], phone)
        call = sidecalls.new(key, purpose, called, others, by, timedelta(seconds=row.ring), at)
        work.add_side_call(row.id, call, token, person.language)
        facts = {"person": person.id, "name": person.name, "purpose": purpose, "by": by} | call.reached
        work.append(row.id, at, (Draft("side_called", facts, by),))
        once, payload = f"side:{row.id}:{key}", {"side": token}
        work.order("call", once, at, CALL_LASTS, case=row.id, payload=payload, urgency=_URGENCY)

    def _withdraw(self, work: Work, case: int, purpose: Purpose, at: datetime) -> None:
        for row in work.live_side_calls(case, purpose):
            self._advance_side(work, row.token, sidecalls.Withdrawn(), at)

    # --- hearing ---------------------------------------------------------------------------------

    def _advance_side(self, work: Work, token: str, event: sidecalls.Event, at: datetime) -> SideCall | None:
        """Put an event to a call on the side, and carry out what follows. None: no such call."""
        seen = work.side_call(token, lock=False)
        if seen is None:
            return None
        work.incident(seen[1].case_id)  # the case is locked before what belongs to it
        found = work.side_call(token)
        assert found is not None
        before, row = found
        decision = sidecalls.advance(before, event, at)
        if decision.call != before:
            work.save_side_call(row.id, decision.call)
        work.append(row.case_id, at, decision.entries)
        for effect in decision.effects:
            self._carry_out_aside(work, row, decision.call, effect, at)
        return decision.call

    def _carry_out_aside(
        self, work: Work, row: Row[Any], call: SideCall, effect: Effect, at: datetime
    ) -> None:
        match effect:
            case Effect.CANCEL_LEG if call.sid:
                once, payload = f"cancel:{call.sid}", {"sid": call.sid}
                work.order("cancel", once, at, CONTROL_LASTS, case=row.case_id, payload=payload)
            case Effect.TRY_NEXT:
                self._try_next(work, row, call, at, same_person=True)
            case Effect.NEXT_PERSON:
                self._try_next(work, row, call, at, same_person=False)
            case Effect.LET_IN:
                self._let_in(work, row, call, at)
            case Effect.GONE:
                self._guest_left(work, row, at)

    def _try_next(self, work: Work, row: Row[Any], call: SideCall, at: datetime, same_person: bool) -> None:
        case = work.case(row.case_id)
        assert case is not None
        people = self.books.current().people
        person = people.get(call.person)
        if same_person and person is not None and call.phone + 1 < len(person.phones):
            following = call.phone + 1
            self._ring_aside(work, case, call.purpose, person, following, call.others, call.asked_by, at)
        elif not self._call_aside(work, case, call.purpose, call.others, call.asked_by, at):
            self._nobody_reached(work, row, call, at)

    def _nobody_reached(self, work: Work, row: Row[Any], call: SideCall, at: datetime) -> None:
        case: int = row.case_id
        if call.purpose is Purpose.CHECK:
            self._advance(work, case, escalation.HolderNotReached(call.person), at)
            return
        work.append(case, at, (Draft("side_unreached", {"purpose": call.purpose}),))
        page = work.talking_page(case)
        if page is not None and page.talk_sid and page.person == call.asked_by:
            self._announce(work, row, page.talk_sid, page.language, at)

    def _let_in(self, work: Work, row: Row[Any], call: SideCall, at: datetime) -> None:
        """They said they are still on it; or they enter the conversation, and everybody in it hears so."""
        if call.purpose is Purpose.CHECK:
            self._advance(work, row.case_id, escalation.StillOnIt(call.person), at)
            return
        for sid, language in self._who_talks(work, row.case_id):
            if sid != call.sid:
                self._announce(work, row, sid, language, at)

    def _announce(self, work: Work, side: Row[Any], sid: str, language: str, at: datetime) -> None:
        act = {"act": "announce", "sid": sid, "side": side.token, "language": language}
        self._order_in_room(work, side.case_id, f"announce:{side.token}:{sid}", act, at)

    def _who_talks(self, work: Work, case: int) -> list[tuple[str, str]]:
        """The legs in a case's conversation, each with the language of who hears there."""
        found = [(call.sid, str(call.language)) for call, _ in work.talking_calls(case)]
        page = work.talking_page(case)
        if page is not None and page.talk_sid:
            found.append((page.talk_sid, page.language))
        found += [(side.sid, side.language) for side in work.those_who_joined(case) if side.sid]
        return found

    def _guest_left(self, work: Work, row: Row[Any], at: datetime) -> None:
        """With the engineer gone before, who was brought in was the last of ours with the client."""
        case: int = row.case_id
        talks_on = work.talking_page(case) is not None or self._guests(work, case)
        if not talks_on and row.purpose == Purpose.JOIN:
            if not self._has_ended(work, case):
                work.append(case, at, (self._ended(work, row),))
            found = work.incident(case)
            if found is not None and found[0].state is escalation.State.OPEN:
                self._release_callers(work, case, found[0].calling, at)
            else:
                self._end_for_callers(work, case, at)

    # --- what the worker does --------------------------------------------------------------------

    def _case_time_up(self, work: Work, case: int, at: datetime) -> None:
        self._advance(work, case, escalation.TimeUp(self._is_excused(work, case, at)), at)

    def _side_overdue(self, token: str, at: datetime) -> None:
        with self.store.writing() as work:
            found = work.side_call(token, lock=False)
            if found is not None and found[0].due_at is not None and found[0].due_at <= at:
                self._advance_side(work, token, sidecalls.TimeUp(), at)


def is_wanted(call: SideCall) -> bool:
    """Whether it is still to be placed."""
    return call.state in UNDECIDED and call.sid is None


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
