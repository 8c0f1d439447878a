"""What is heard: callers, engineers on their phones, texts, buttons."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from oncall import escalation, intake
from oncall.dispatcher.alarms import Alarms, is_never_texted
from oncall.dispatcher.callers import Callers
from oncall.dispatcher.legs import lead_of, on_leg, waits
from oncall.dispatcher.storm import Storm
from oncall.dispatcher.views import Also, PageCall
from oncall.escalation import By, PageState, State, TakeAsked
from oncall.intake import Step
from oncall.people import Language, Person
from oncall.ports import Sms
from oncall.rosters import on_call
from oncall.sidecalls import SideState
from oncall.sla import Priority
from oncall.store import Work
from oncall.store.cases import reference_of

_COMMAND = re.compile(r"\s*(\d{4})(?:[\s.,;:]+(2))?\s*[.!]?\s*")
_WHO = re.compile(r"\s*(who|quien|quién|quem)\s*\??\s*", re.IGNORECASE)


_OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
_TWINS = timedelta(seconds=30)  # one answer that comes twice, and not a second one


class Ears(Callers, Storm, Alarms):
    # --- engineers on the phone ------------------------------------------------------------------

    def page(self, token: str) -> PageCall | None:
        """The page with this token as it is now; None for a token nobody was given."""
        with self.store.reading() as work:
            stored = work.page_with_token(token)
            return self._page_call(work, self._to_speak_of(work, stored)) if stored else None

    def page_reached(self, token: str, sid: str, at: datetime) -> PageCall | None:
        """The page's call was answered, by whom or what is not known yet."""
        return self._hear_page(token, lambda key: escalation.PageAnswered(key), at, sid)

    def page_key(self, token: str, digits: str, at: datetime, sid: str | None = None) -> PageCall | None:
        """A key on a page's call: 1 takes, 2 passes on; any other changes nothing."""
        if digits == "1":
            return self._hear_page(token, lambda key: escalation.TakeAsked(key, By.KEY), at, sid)
        if digits == "2":
            return self._hear_page(token, lambda key: escalation.PassAsked(key, By.KEY), at, sid)
        return self.page(token)

    def page_silent(self, token: str, at: datetime) -> PageCall | None:
        """Nobody pressed a key: it was not a person."""
        return self._hear_page(token, lambda key: escalation.PageEnded(key, "no_key"), at, None)

    def one_of_several(
        self, token: str, digits: str, at: datetime
    ) -> tuple[PageCall | None, PageCall | None]:
        """A key on one of the incidents that a call carries: 1 takes this one only, 2 leaves it.

        Gives the page as it is then, and the next of the call that is to be taken, if any.
        """

        def hear(work: Work) -> tuple[PageCall | None, PageCall | None]:
            stored = work.page_with_token(token)
            if stored is None:
                return None, None
            if digits == "1":
                self._advance(work, stored.case_id, TakeAsked(stored.key, By.KEY, connects=False), at)
            elif digits == "2":
                self._advance(work, stored.case_id, escalation.PassAsked(stored.key, By.KEY), at)
            later = [p for p in on_leg(work, stored) if p.case_id > stored.case_id and waits(work, p)]
            following = self._page_call(work, later[0]) if later else None
            return self._page_call(work, work.page_with_token(token)), following

        return self._in_one_transaction(hear)

    def connect(self, token: str, at: datetime) -> PageCall | None:
        """After they were heard one by one: the caller of the first that was taken is brought here."""

        def connect(work: Work) -> PageCall | None:
            stored = work.page_with_token(token)
            if stored is None:
                return None
            first = self._to_speak_of(work, stored, mine_first=True)
            found = work.incident(first.case_id)
            if found is not None and found[0].holder == first.person:
                self._join_callers(work, first.case_id, found[0], True, at)
            return self._page_call(work, first)

        return self._in_one_transaction(connect)

    def code_keyed(self, sender: str, code: str, at: datetime, sid: str | None = None) -> PageCall | None:
        """An engineer calls the number that pages and keys the code of a text: it takes the incident, and
        brings its waiting caller to this call. None: not a code of theirs.
        """
        person = self.books.current().person_with_phone(sender)
        if person is None:
            return None

        def key(work: Work) -> PageCall | None:
            pages = work.pages_with_code(code, person.id)
            if not pages:
                return None
            lead = lead_of(work, pages[0])
            first = self._hear_leg(work, lead, lambda key: TakeAsked(key, By.KEY), at).first
            found = work.incident(first.case_id)
            if found is not None and found[0].holder == person.id:
                self._join_callers(work, first.case_id, found[0], True, at)
                talking = work.talking_page(first.case_id)
                if talking is not None and talking.person == person.id:
                    work.begin_talk(talking.id, sid, talking.talks_since)
            return self._page_call(work, work.page_with_id(first.id))

        return self._in_one_transaction(key)

    def page_status(self, token: str, sid: str, status: str, sequence: int | None, at: datetime) -> bool:
        """The telephone company reports on a page's call; terminal states are sticky."""

        def note(work: Work) -> bool:
            stored = work.page_with_token(token)
            if stored is None:
                return False
            stored = lead_of(work, stored)
            self._adopt(work, stored, sid, at)
            if stored.sid and sid != stored.sid:
                return True  # a second leg of an order that was sent again: the first one counts
            if status in _OVER:
                self._leg_over(work, sid, at)
            event = _status_event(stored.key, status)
            is_final = isinstance(event, escalation.PageEnded)
            newer = sequence is None or work.advance_sequence(stored.id, sequence)
            if event is not None and (newer or is_final):
                self._hear_leg(work, stored, lambda key: _status_event(key, status) or event, at)
            return True

        return self._in_one_transaction(note)

    def text_status(self, token: str, status: str, code: str, at: datetime) -> None:
        """The telephone company reports on a page's text."""

        def note(work: Work) -> None:
            stored = work.page_with_token(token)
            if stored is not None and status in ("failed", "undelivered"):
                if is_never_texted(code):
                    self._alarm_unreachable(work, stored, code, at)
                event = escalation.PageNotPlaced(stored.key, "failed", code)
                self._advance(work, stored.case_id, event, at)

        self._in_one_transaction(note)

    def disposition(self, token: str, answer: escalation.Answer, at: datetime) -> PageCall | None:
        """What who has the incident says of it; the same once more within a moment is one answer."""

        def hear(work: Work) -> PageCall | None:
            stored = work.page_with_token(token)
            if stored is None:
                return None
            self._answer_given(work, stored, answer, at)
            return self._page_call(work, work.page_with_id(stored.id))

        return self._in_one_transaction(hear)

    def _answer_given(self, work: Work, page: Row[Any], answer: escalation.Answer, at: datetime) -> None:
        work.incident(page.case_id)  # holds the case, so that its twin waits
        last = work.last_entry(page.case_id, "disposition", page.person)
        if last is not None and last.data.get("answer") == answer and at - last.at < _TWINS:
            return
        talking = work.talking_page(page.case_id)
        self._advance(work, page.case_id, escalation.AnswerGiven(page.key, answer), at)
        self._owe_closure(work, page, answer, at)
        if answer is escalation.Answer.HANDED_OVER and talking is not None and talking.person == page.person:
            self._engineer_leaves(work, talking, at)

    # --- buttons and texts -----------------------------------------------------------------------

    def take_by_link(self, token: str, at: datetime) -> PageCall | None:
        return self._hear_page(token, lambda key: escalation.TakeAsked(key, By.LINK), at, None)

    def text(self, sender: str, body: str, at: datetime) -> Sms:
        """A text reached us; gives the answer. A stranger learns neither case nor code."""
        person = self.books.current().person_with_phone(sender)
        if person is None:
            return Sms("sms.stranger", Language.ES)
        if _WHO.fullmatch(body):
            return self._who(person, at)
        command = _COMMAND.fullmatch(body)
        if command is None:
            return self._not_understood(person)
        code, passes = command.groups()
        return self._in_one_transaction(lambda work: self._obey(work, person, code, bool(passes), at))

    def _not_understood(self, person: Person) -> Sms:
        """What may be texted; while a drill goes on, that it has no code: its call is to be answered."""
        with self.store.reading() as work:
            drill = work.drill_of(person.id)
        return Sms("sms.help" if drill is None else "sms.drill", person.language)

    def _obey(self, work: Work, person: Person, code: str, passes: bool, at: datetime) -> Sms:
        pages = work.pages_with_code(code, person.id)
        if not pages:
            return Sms("sms.wrong_code", person.language)
        page = lead_of(work, pages[0])

        def put(key: str) -> escalation.Event:
            return escalation.PassAsked(key, By.TEXT) if passes else escalation.TakeAsked(key, By.TEXT)

        page = self._hear_leg(work, page, put, at).first
        found = work.incident(page.case_id, lock=False)
        incident = found[0] if found else None
        if incident is None or incident.state is State.CLOSED:
            return Sms("sms.over", person.language)
        if incident.holder == person.id and not passes:
            return Sms("sms.taken", person.language, {"reference": reference_of(page.case_id)})
        if incident.state is State.ACKNOWLEDGED:
            return Sms("sms.late", person.language, {"name": incident.holder_name or ""})
        return Sms("sms.passed", person.language)

    def _who(self, person: Person, at: datetime) -> Sms:
        book = self.books.current()
        names = [
            book.people[id].name
            for team in book.teams.values()
            for rotation in team.rotations
            for id in on_call(team, rotation, at, book.people)
            if id in book.people
        ]
        if not names:
            return Sms("sms.nobody", person.language)
        return Sms("sms.who", person.language, {"names": ", ".join(dict.fromkeys(names))})

    # --- inside ----------------------------------------------------------------------------------

    def _hear_page(
        self, token: str, event: Callable[[str], escalation.Event], at: datetime, sid: str | None
    ) -> PageCall | None:
        def hear(work: Work) -> PageCall | None:
            stored = work.page_with_token(token)
            if stored is None:
                return None
            if sid:
                self._adopt(work, lead_of(work, stored), sid, at)
            heard = self._hear_leg(work, stored, event, at)
            return self._page_call(work, work.page_with_id(heard.first.id))

        return self._in_one_transaction(hear)

    def _adopt(self, work: Work, stored: Row[Any], sid: str, at: datetime) -> None:
        """A webhook names the call of a page whose order got no answer: the call was made all the same."""
        if sid and stored.sid is None:
            self._advance(work, stored.case_id, escalation.PagePlaced(stored.key, sid), at)

    def _to_speak_of(self, work: Work, stored: Row[Any], mine_first: bool = False) -> Row[Any]:
        """The page of a leg that an engineer hears about first: one to be taken, or one just taken."""
        pages = on_leg(work, stored)
        open_ones = [page for page in pages if waits(work, page)]
        mine = [page for page in pages if page.state == PageState.ACKNOWLEDGED]
        wanted = mine or open_ones if mine_first else open_ones or mine
        return (wanted or [stored])[0]

    def _also(self, work: Work, stored: Row[Any]) -> tuple[Also, ...]:
        """The other incidents of the leg that are to be taken, or were taken together with this one."""
        found = []
        for page in on_leg(work, stored):
            row = work.case(page.case_id)
            is_mine = page.state == PageState.ACKNOWLEDGED
            alike = is_mine if stored.state == PageState.ACKNOWLEDGED else waits(work, page)
            if page.id == stored.id or page.case_id == stored.case_id or row is None or not alike:
                continue
            found.append(
                Also(
                    token=page.token,
                    reference=reference_of(row.id),
                    client=row.client_name,
                    integration=row.integration_name,
                    priority=Priority(row.priority) if row.priority else None,
                    unverified=row.unverified,
                    disputed=row.disputed,
                    is_mine=is_mine,
                )
            )
        return tuple(found)

    def _page_call(self, work: Work, stored: Row[Any] | None) -> PageCall:
        assert stored is not None
        row = work.case(stored.case_id)
        assert row is not None
        calls, tried = work.calls_of_case(row.id), self._tried(work, row.id)
        talking, awaited = work.talking_calls(row.id), self._awaited(work, stored)
        owed = intake.to_call_back(calls, tried) if awaited is None else intake.find(calls, awaited.returns)
        is_held = any(call.on_hold for call, _ in talking)
        heard = [call for call, _ in talking] or ([owed] if awaited is not None and owed else [])
        return PageCall(
            token=stored.token,
            key=stored.key,
            case=row.id,
            reference=reference_of(row.id),
            person=stored.person,
            name=stored.name,
            language=Language(stored.language),
            page_state=PageState(stored.state),
            state=State(row.state),
            kind=row.kind,
            client=row.client_name,
            integration=row.integration_name,
            priority=Priority(row.priority) if row.priority else None,
            unverified=row.unverified,
            disputed=row.disputed,
            holder=row.acknowledged_by,
            holder_name=row.acknowledged_by_name,
            opened_at=row.opened_at,
            acknowledged_at=row.acknowledged_at,
            timezone=self._staff_zone(row.team),
            client_timezone=row.timezone,
            line=row.line,
            caller=owed.call_back if owed else None,
            caller_name=owed.call_back_name if owed else "",
            caller_gave_pin=owed is not None and owed.is_answered_by_another,
            client_holds_on=owed is not None and owed.step is not intake.Step.OVER,
            client_left=owed.farewell if owed else None,
            promised_by=owed.promised_by if owed else None,
            client_is_waiting=bool(talking),
            messages=tuple(work.recording_tokens(row.id)),
            who_waits=tuple(dict.fromkeys(call.contact for call, _ in talking if call.contact)),
            eta=row.eta,
            client_holds_the_line=any(call.step is Step.WAITING for call in calls),
            is_talking=stored.talks_since is not None and bool(talking),
            is_held=is_held,
            guests=tuple(side.name.split()[0] for side in self._guests(work, row.id)) if is_held else (),
            is_recorded=intake.is_to_be_recorded(heard),
            is_calling=awaited is not None,
            client_answered=awaited is not None and awaited.state == SideState.ANSWERED,
            owes_call=intake.still_to_call_back(calls, tried) is not None,
            also=self._also(work, stored),
        )


def _status_event(key: str, status: str) -> escalation.Event | None:
    """What a call status of the telephone company means for the page."""
    match status:
        case "ringing":
            return escalation.PageRinging(key)
        case "in-progress" | "answered":
            return escalation.PageAnswered(key)
        case "busy":
            return escalation.PageEnded(key, "busy")
        case "no-answer":
            return escalation.PageEnded(key, "no_answer")
        case "failed":
            return escalation.PageEnded(key, "failed")
        case "canceled":
            return escalation.PageEnded(key, "no_answer")
        case "completed":
            return escalation.PageEnded(key, "hung_up")
    return None
