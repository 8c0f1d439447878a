"""How a call becomes a case: an incident with its order to page, a refusal, or a call abandoned."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from oncall import escalation, intake
from oncall.book import Book
from oncall.clocks import promised_lengths
from oncall.contracts import Client
from oncall.dispatcher.casework import Casework
from oncall.dispatcher.closings import closing_of
from oncall.dispatcher.talking import Talking
from oncall.dispatcher.taping import follow_talk
from oncall.dispatcher.walking import Walking
from oncall.escalation import Channel, FrozenLevel, Page, State
from oncall.intake import Call, CaseKind
from oncall.record import Draft
from oncall.rosters import DEFAULT_RING
from oncall.sla import Priority
from oncall.store import Conflict, Work
from oncall.store.calls import Note
from oncall.store.cases import freeze, reference_of

# How long all managers are paged as one level before they are paged again.
MANAGERS_LEVEL = timedelta(minutes=5)
# When our own error put a caller straight through, paging begins by itself after this.
DIRECT_DIAL = timedelta(seconds=45)
# Managers need not hear of every failed webhook of one call.
ERRORS_APART = timedelta(minutes=5)


class Opening(Casework, Walking, Talking):
    def _put_to_caller(
        self, work: Work, call: Call, version: int, event: intake.Event, at: datetime
    ) -> tuple[Call, intake.Decision]:
        """Have the table decide what ``event`` makes of a call, and carry it out."""
        call = self._as_it_stands(work, call, event)
        decision = intake.advance(call, event, at)
        if decision == intake.Decision(call):
            return call, decision
        talks = call.step is intake.Step.CONVERSATION and call.case is not None
        heard = self._who_heard_of_tape(work, call.case or 0) if talks else []
        after = self._carry_out_call(work, decision, version, at)
        if after.case is not None and intake.Step.CONVERSATION in (call.step, after.step):
            follow_talk(work, after.case, at, {after.sid})
        self._tell_unrecorded(work, after.case or 0, heard, at)
        if call.step is intake.Step.CONVERSATION and after.step is intake.Step.OVER:
            self._caller_left(work, call, at)
        return after, decision

    def _as_it_stands(self, work: Work, call: Call, event: intake.Event) -> Call:
        """With the incident that they wait for closed meanwhile, or not. A mere round asks for itself."""
        is_round = (
            call.step is intake.Step.WAITING and isinstance(event, intake.KeyPressed) and not event.digits
        )
        if call.case is None or call.step not in _WAITS or is_round:
            return call
        return replace(call, closing=closing_of(work, call.case))

    def _carry_out_call(
        self, work: Work, decision: intake.Decision, version: int | None, at: datetime
    ) -> Call:
        """Write what became of a call, with its case if it has one, and give the call as written."""
        call = decision.call
        # What was noted before the call had a case; nothing once it has been written there.
        notes: tuple[Note, ...] = work.notes(call.sid) if version is not None else ()
        fresh: tuple[Note, ...] = tuple((at, draft) for draft in decision.entries)
        for effect in decision.effects:
            match effect:
                case intake.OpenCase(kind):
                    call = self._open_case(work, call, kind, (*notes, *fresh), at)
                case intake.DisputeRefusal():
                    call = self._dispute(work, call, fresh, at)
                case intake.JoinIncident(case):
                    work.append_notes(case, (*notes, *fresh))
                    self._client_is_heard(work, case, "call", at)
                case intake.ReopenIncident(case):
                    call = self._reopen(work, call, case, (*notes, *fresh), at)
                case intake.TellEngineer(news):
                    self._tell_engineer(work, call, news, at)
                case intake.AttachCaller(major, _):
                    call = self._attach(work, call, major, (*notes, *fresh), at)
                case intake.PromiseCall():
                    self._promise_call(work, call, at)
                case intake.TestEnded(reached_end):
                    self._test_ended(work, call, reached_end, at)
        is_written = any(isinstance(effect, _WRITES_ENTRIES) for effect in decision.effects)
        if not is_written and call.case is not None:
            work.append_notes(call.case, fresh)
        kept = () if call.case is not None else (*notes, *fresh)
        if version is None:
            work.add_call(call, kept, at)
        elif not work.save_call(call, version, at, kept):
            raise Conflict(f"call {call.sid} changed meanwhile")
        return call

    def _open_case(
        self, work: Work, call: Call, kind: CaseKind, notes: tuple[Note, ...], at: datetime
    ) -> Call:
        if kind is CaseKind.INCIDENT:
            return self._open_incident(work, call, notes, at)
        values = self._case_values(call) | {
            "kind": kind,
            "state": State.CLOSED,
            "closed_at": at,
            "reason": call.reason if kind is CaseKind.REFUSAL else None,
        }
        case = work.add_case(values)
        work.append_notes(case, notes)
        self._order_letters(work, case, "refusal" if kind is CaseKind.REFUSAL else "abandoned", at)
        return replace(call, case=case, reference=reference_of(case))

    def _open_incident(self, work: Work, call: Call, notes: tuple[Note, ...], at: datetime) -> Call:
        """The case and the order to page, before the caller hears that somebody is called (I1)."""
        values = self._incident_values(call, at)
        case = work.add_case(values)
        related = ((at, _relation(call.closed)),) if call.closed else ()
        work.append_notes(case, (*notes, (at, self._opened_entry(call, values)), *related))
        incident = self._advance(work, case, escalation.Opened(), at)
        assert incident is not None
        self._order_letters(work, case, "opened", at)
        opened = replace(call, case=case, reference=reference_of(case), calling=incident.calling)
        return replace(opened, respond_by=values.get("respond_by"))

    def _reopen(self, work: Work, call: Call, case: int, notes: tuple[Note, ...], at: datetime) -> Call:
        """The closed case begins again under its reference; somebody else may have reopened it just now."""
        work.append_notes(case, notes)
        found = work.incident(case)
        assert found is not None
        if found[0].state is State.CLOSED:
            incident = self._advance(work, case, escalation.ReopenAsked(), at)
            assert incident is not None
            return replace(call, calling=incident.calling)
        return replace(call, calling=found[0].calling, joined=True)

    def _attach(self, work: Work, call: Call, major: int, notes: tuple[Note, ...], at: datetime) -> Call:
        """A case of the caller's own that pages nobody: no client's record tells of another's call."""
        nothing_owed = {"due_at": None, "paging_began_at": None, "respond_by": None, "resolve_by": None}
        closed = {"state": State.CLOSED, "closed_at": at, "attached_to": major}
        case = work.add_case(self._incident_values(call, at) | nothing_owed | closed)
        work.append_notes(case, notes)
        work.append(major, at, (Draft("caller_attached", {"reference": reference_of(case)}),))
        text = next((told.text for told in call.notices if told.case == major), "")
        facts = {"notice": text, "major": reference_of(major)}
        self._order_letters(work, case, "attached", at, facts)
        return replace(call, case=case, reference=reference_of(case))

    def _dispute(self, work: Work, call: Call, notes: tuple[Note, ...], at: datetime) -> Call:
        """The refusal becomes an incident in the same case; the managers are its only level."""
        assert call.case is not None
        book = self.books.current()
        level = FrozenLevel(book.service.managers, MANAGERS_LEVEL)
        values = self._promises(book, call) | {
            "kind": CaseKind.INCIDENT,
            "state": State.OPEN,
            "closed_at": None,
            "disputed": True,
            "due_at": at,
            "paging_began_at": at,
            "policy": freeze((level,)),
            "ring": _ring(book, call).total_seconds(),
        }
        work.update_case(call.case, values)
        work.append_notes(call.case, notes)
        incident = self._advance(work, call.case, escalation.Opened(), at)
        assert incident is not None
        self._order_letters(work, call.case, "disputed", at)
        self._order_letters(work, call.case, "opened", at, only_client=True)
        return replace(call, calling=incident.calling, respond_by=values.get("respond_by"))

    def _incident_values(self, call: Call, at: datetime) -> dict[str, Any]:
        """An incident that begins at ``at``, with its policy as it is now."""
        book = self.books.current()
        policy, ring = _policy(book, call)
        begun = {
            "kind": CaseKind.INCIDENT,
            "state": State.OPEN,
            "due_at": at,  # until the table has said
            "paging_began_at": at,
            "policy": freeze(policy),
            "ring": ring.total_seconds(),
        }
        return self._case_values(call) | self._promises(book, call) | begun

    def _case_values(self, call: Call) -> dict[str, Any]:
        client = self.books.current().clients.get(call.client or "")
        integration = client.integration(call.integration) if client and call.integration else None
        service_zone = self.books.current().service.working_hours.timezone
        return {
            "client": call.client,
            "client_name": call.client_name,
            "integration": call.integration,
            "integration_name": integration.name if integration else "",
            "priority": call.priority,
            "reason": call.reason,
            "unverified": call.unverified,
            "line": call.line,
            "caller": call.caller,
            "contact": call.contact,
            "language": call.language,
            "timezone": client.contract.timezone if client else service_zone,
            "team": client.contract.team if client else _only_team(self.books.current()),
            "roster": self.books.current().version,
            "opened_at": call.arrived_at,  # the clocks run from the call's arrival (A2)
        }

    def _promises(self, book: Book, call: Call) -> dict[str, Any]:
        """When first response and resolution are due; a priority nobody gave is taken for a Blocker."""
        promises = book.service.promises.get(call.priority or Priority.BLOCKER)
        if promises is None:
            return {}
        hours = book.service.working_hours
        return {
            "respond_by": promises.first_response.due(call.arrived_at, hours),
            "resolve_by": promises.resolution.due(call.arrived_at, hours),
        }

    def _opened_entry(self, call: Call, values: dict[str, Any]) -> Draft:
        respond_by, resolve_by = values.get("respond_by"), values.get("resolve_by")
        promises = self.books.current().service.promises.get(call.priority or Priority.BLOCKER)
        return Draft(
            "opened",
            {
                "priority": call.priority,
                "integration": values["integration_name"] or None,
                "client": call.client_name or None,
                "respond_by": respond_by.isoformat() if respond_by else None,
                "resolve_by": resolve_by.isoformat() if resolve_by else None,
                "unverified": call.unverified,
                "promised": promised_lengths(promises) if promises else None,
            },
        )

    def _tell_engineer(self, work: Work, call: Call, news: intake.News, at: datetime) -> None:
        """Who has the incident, or had it: a client may have waited on while it was closed."""
        row = work.case(call.case) if call.case else None
        if row is not None and row.state != State.OPEN:
            self._text_holder(work, row, row.acknowledged_by, news, at)

    def _promise_call(self, work: Work, call: Call, at: datetime) -> None:
        """What was said to who waited too long is written to them too (clause A7)."""
        assert call.case is not None
        facts = {
            "promised_by": call.promised_by.isoformat() if call.promised_by else None,
            "person": call.taken_by,
            "call_back": call.call_back_name or call.call_back,
        }
        self._order_letters(work, call.case, "promised", at, facts)
        self._tell_engineer(work, call, intake.News.ASKED_CALL, at)

    # --- our own error ---------------------------------------------------------------------------

    def fail_open(
        self, ringing: Any, where: str, at: datetime, by_turns: bool = False
    ) -> list[tuple[str, str]]:
        """Our own error, while a caller waits: whom to ring for them, directly, as (page token, phone).

        Writes an incident (or uses the call's) whose paging begins by itself if
        nobody takes the direct call; managers are told.
        """
        with self.store.writing() as work:
            found = work.call(ringing.sid)
            call, notes = self._call_so_far(work, ringing, at)
            incident_row = work.case(call.case) if call.case else None
            if incident_row is not None and incident_row.kind == CaseKind.INCIDENT:
                case = incident_row.id
            else:
                case = self._open_resting(work, replace(call, unverified=True, reason=None), notes, at)
                self._order_letters(work, case, "opened", at, only_client=True)
            self._own_error(work, case, where, at)
            put_through = _in_our_hands(call, case, at)
            if found is None:
                work.add_call(put_through, (), at)
            else:
                work.save_call(put_through, found[1], at, ())
            return self._direct_pages(work, case, at, by_turns)

    def note_error(self, sid: str, where: str, at: datetime) -> None:
        """Our own error while a caller is in good hands all the same: written, and told to the managers."""
        with self.store.writing() as work:
            found = work.call(sid)
            if found is not None and found[0].case is not None:
                self._own_error(work, found[0].case, where, at)

    def note_page_error(self, token: str, where: str, at: datetime) -> None:
        """The same, while an engineer is on the phone: what they asked for is asked again."""
        with self.store.writing() as work:
            page = work.page_with_token(token)
            if page is not None:
                self._own_error(work, page.case_id, where, at)

    def note_side_error(self, token: str, where: str, at: datetime) -> None:
        """The same for who is called aside."""
        with self.store.writing() as work:
            found = work.side_call(token, lock=False)
            if found is not None:
                self._own_error(work, found[1].case_id, where, at)

    def _own_error(self, work: Work, case: int, where: str, at: datetime) -> None:
        """An error that comes again and again is written and mailed once in a while."""
        if work.has_entry(case, "internal_error", "guardia", at - ERRORS_APART):
            return
        work.append(case, at, (Draft("internal_error", {"where": where}),))
        self._order_letters(work, case, "alarm", at, {"what": "internal_error", "where": where})

    def _call_so_far(self, work: Work, ringing: Any, at: datetime) -> tuple[Call, tuple[Note, ...]]:
        """The call as far as it came before our error, and what was noted of it."""
        found = work.call(ringing.sid)
        if found is not None:
            return found[0], work.notes(ringing.sid)
        arrived = intake.arrive(self._recognise_quietly(ringing, at), at)
        recognised = [
            draft for draft in arrived.entries if draft.kind in ("call_arrived", "caller_identified")
        ]
        return arrived.call, tuple((at, draft) for draft in recognised)

    def _open_resting(self, work: Work, call: Call, notes: tuple[Note, ...], at: datetime) -> int:
        values = self._incident_values(call, at) | {
            "due_at": at + DIRECT_DIAL,
            "level_due_at": at + DIRECT_DIAL,
            "is_resting": True,
            "round": 0,
            # Our error leaves the integration unsure: it must not collide with an open incident.
            "integration": None,
        }
        for row in work.open_incidents(call.client):
            if row.integration is None and not row.disputed:
                id: int = row.id
                work.append_notes(id, notes)
                return id
        case = work.add_case(values)
        work.append_notes(case, (*notes, (at, self._opened_entry(call, values))))
        return case

    def _direct_pages(self, work: Work, case: int, at: datetime, by_turns: bool) -> list[tuple[str, str]]:
        found = work.incident(case)
        assert found is not None
        incident, row = found
        rostered = self._with_roster(incident, row, at)
        levels = [level for level in rostered.rostered if level] or [rostered.managers]
        turns = {page.requested_at for page in incident.pages if page.is_direct} if by_turns else ()
        people = levels[len(turns) % len(levels)]
        dialled = []
        for person in people:
            key = f"0.{person.id}.direct.{row.version}"
            page = Page(
                key,
                person.id,
                person.name,
                Channel.CALL,
                person.phones[0],
                0,
                0,
                requested_at=at,
                due_at=at + DIRECT_DIAL,  # nobody reports how the direct call ended
            )
            extras = self._extras(work, case, page, at)
            work.add_page(case, page, extras)
            entry = {"person": person.id, "name": person.name, "channel": page.channel, "to": page.to}
            work.append(case, at, (Draft("page_requested", entry),))
            dialled.append((extras.token, page.to))
        work.update_case(case, {"version": row.version + 1})
        return dialled

    def _recognise_quietly(self, ringing: Any, at: datetime) -> intake.Arrived:
        """Recognise a call for which no word can be refused any more: nothing here may raise."""
        client = self.books.current().client_on_line(ringing.line)
        contact = client.contact_with_phone(ringing.caller) if client and ringing.caller else None
        return intake.Arrived(
            sid=ringing.sid,
            line=ringing.line,
            caller=ringing.caller,
            client=client,
            contact=contact,
            is_foreign=self._is_foreign(ringing.caller, ringing.line, client),
            longest_wait=self.books.current().service.longest_wait,
        )

    def _is_foreign(self, caller: str | None, line: str, client: Client | None) -> bool:
        """Whether a call back would go to a country in which nobody of the contract has a number."""
        if caller is None:
            return False
        numbers = (line, *(contact.phone for contact in (client.contacts if client else ()) if contact.phone))
        return self.country_of(caller) not in {self.country_of(number) for number in numbers}


# These take a decision's entries to where they belong; without them, its entries are the case's.
def _relation(closed: intake.ClosedIncident) -> Draft:
    return Draft("relates_to", {"reference": closed.reference, "closed_at": closed.closed_at.isoformat()})


_WRITES_ENTRIES = (
    *(intake.OpenCase, intake.DisputeRefusal, intake.JoinIncident, intake.ReopenIncident),
    intake.AttachCaller,
)

_WAITS = frozenset({intake.Step.DESCRIBING, intake.Step.WAITING, intake.Step.MESSAGE})
_IN_OUR_HANDS = _WAITS | {intake.Step.CONVERSATION}


def _in_our_hands(call: Call, case: int, at: datetime) -> Call:
    """The call after our error: whoever is not talking to somebody waits, and is asked nothing more.

    Their leg rings somebody, and may be a conversation soon: no end of the wait breaks into it.
    """
    held = replace(call, case=case, reference=reference_of(case))
    held = replace(held, wait_ends_at=None, due_at=at + intake.LONGEST_CONVERSATION)
    if call.step in _IN_OUR_HANDS:
        return held
    return replace(held, step=intake.Step.WAITING, turn=call.turn + 1, tries=0, reason=None)


def _policy(book: Book, call: Call) -> tuple[tuple[FrozenLevel, ...], timedelta]:
    """The escalation policy as it is now: the team's; without a team that is known, the managers."""
    client = book.clients.get(call.client or "")
    team = book.teams.get(client.contract.team if client else _only_team(book) or "")
    if team is None or not team.escalation:
        return (FrozenLevel(book.service.managers, MANAGERS_LEVEL),), DEFAULT_RING
    return tuple(FrozenLevel(level.page, level.lasts) for level in team.escalation), team.ring


def _only_team(book: Book) -> str | None:
    """With one team there is no doubt whom to page, even when the contract cannot be read."""
    return next(iter(book.teams)) if len(book.teams) == 1 else None


def _ring(book: Book, call: Call) -> timedelta:
    return _policy(book, call)[1]
