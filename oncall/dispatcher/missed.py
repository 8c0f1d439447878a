"""When we are back: the calls that only the emergency line saw become cases.

Whether a human attended such a caller is not known for certain, so managers are told
at once. A caller who was recognised, and of whom no leg shows a conversation, is
paged for as if the keypad had not worked: ``unverified`` (docs/decisions/0009).
"""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from oncall import intake
from oncall.contracts import Client
from oncall.dispatcher.opening import Opening
from oncall.dispatcher.sounds import Sounds
from oncall.escalation import State
from oncall.intake import Call, CaseKind, Step
from oncall.people import Person
from oncall.ports import Aftermath, Arrival, Failure
from oncall.record import Draft
from oncall.store import Work
from oncall.store.cases import reference_of

log = logging.getLogger(__name__)

# Two workers that look at once: one of them does.
_APART = timedelta(seconds=100)
# A call's first webhook may still be on its way.
_SETTLED = timedelta(minutes=1)
# What the telephone company's list showed late is found by looking back again.
_OVERLAP = timedelta(minutes=30)
# A call that goes on is in the hands of the emergency line: whom it rings is not rung by us too.
_LONGEST = timedelta(hours=4)
# The question put to who picks up is over sooner: a longer leg is a conversation.
_LONGER_THAN_ANY_MAILBOX = timedelta(seconds=60)


class Missed(Opening, Sounds):
    def look_for_missed_calls(self, at: datetime) -> int:
        """Ask for the calls to our lines that we never saw, and take them in; gives how many there were.

        To be called every few minutes. The first time there is nothing to look back to.
        """
        with self.store.writing() as work:
            since = work.asked_until()
            if since is None:
                work.ask_from(at)
                return 0
            if not work.first_in_a_while("missed_calls:look", at, _APART):
                return 0
        try:
            unseen = self._unseen(since - _OVERLAP, at)
        except Failure as failure:
            log.warning("missed calls could not be asked for: %s", failure)
            return 0
        finished = [arrival for arrival in unseen if arrival.is_over or at - arrival.at > _LONGEST]
        for arrival in finished:
            self._take_in(arrival, at)
        with self.store.writing() as work:
            # What is still going on is asked for again, however long it lasts.
            work.ask_from(min((at, *(a.at for a in unseen if a not in finished))))
        return len(finished)

    def _unseen(self, since: datetime, at: datetime) -> list[Arrival]:
        lines = {client.contract.guard_line for client in self.books.current().clients.values()}
        arrivals = [a for a in self.telephone.arrivals(since) if self._is_missed(a, lines, at)]
        with self.store.reading() as work:
            seen = work.seen_calls(arrival.sid for arrival in arrivals)
        return sorted((a for a in arrivals if a.sid not in seen), key=lambda a: a.at)

    def _is_missed(self, arrival: Arrival, lines: set[str], at: datetime) -> bool:
        """A call to a line of ours whose first webhook is not on its way; our own test is no client."""
        is_ours = bool(self.page_from) and arrival.caller == self.page_from
        return arrival.line in lines and arrival.at <= at - _SETTLED and not is_ours

    def _take_in(self, arrival: Arrival, at: datetime) -> None:
        try:
            aftermath = self.telephone.aftermath(arrival.sid)
        except Failure as failure:
            log.warning("what became of a missed call is not known: %s", failure)
            aftermath = Aftermath()
        with self.store.writing() as work:
            if work.call(arrival.sid) is None:
                self._write_missed(work, arrival, aftermath, at)

    def _write_missed(self, work: Work, arrival: Arrival, aftermath: Aftermath, at: datetime) -> None:
        call, in_force, entries = self._arrived(arrival)
        person, seconds = self._talked_to(aftermath)
        facts: dict[str, Any] = {"seconds": seconds if person else arrival.seconds}
        if person:
            facts |= {"person": person.id, "name": person.name}
        notes = (*((arrival.at, draft) for draft in entries), (at, Draft("seen_by_fallback", facts)))
        known = self._incident_since(work, call, arrival.at)
        if known is not None:
            work.append_notes(known, notes)
            call = replace(call, case=known, reference=reference_of(known), joined=True)
        elif in_force and call.verified and not person:
            call = self._open_incident(work, call, notes, at)
        else:
            call = self._open_without_paging(work, call, notes, at)
        assert call.case is not None
        work.add_call(call, (), at)
        self._fetch_messages(work, call.case, aftermath, at)
        where = f"{call.client_name}, {call.contact or call.caller or '-'}, {self._moment(arrival.at)}"
        self._order_letters(work, call.case, "alarm", at, {"what": "only_fallback", "where": where})

    def _arrived(self, arrival: Arrival) -> tuple[Call, bool, list[Draft]]:
        """The call as it would have been recognised, whether its contract was in force, and its entries."""
        client = self.books.current().client_on_line(arrival.line)
        assert client is not None
        contact = client.contact_with_phone(arrival.caller) if arrival.caller else None
        in_force = _is_in_force(client, arrival.at)
        arrived = intake.Arrived(
            sid=arrival.sid,
            line=arrival.line,
            caller=arrival.caller,
            withheld=arrival.caller is None,
            client=client,
            contact=contact,
            in_force=in_force,
            is_foreign=self._is_foreign(arrival.caller, arrival.line, client),
        )
        decision = intake.arrive(arrived, arrival.at)
        entries = [d for d in decision.entries if d.kind in ("call_arrived", "caller_identified")]
        over = replace(decision.call, step=Step.OVER, reason=None, due_at=None, unverified=True)
        return over, in_force, entries

    def _talked_to(self, aftermath: Aftermath) -> tuple[Person | None, int]:
        """Whoever of ours stayed on the phone for longer than a mailbox could, and for how many seconds."""
        book = self.books.current()
        for phone, seconds in sorted(aftermath.legs, key=lambda leg: -leg[1]):
            person = book.person_with_phone(phone)
            if person and timedelta(seconds=seconds) > _LONGER_THAN_ANY_MAILBOX:
                return person, seconds
        return None, 0

    def _incident_since(self, work: Work, call: Call, since: datetime) -> int | None:
        """An incident of the client that is open, or was opened after the call: they have reached us."""
        open_ones: Iterable[Row[Any]] = work.open_incidents(call.client)
        later = (
            row for row in work.cases(since=since) if row.client == call.client and row.kind == "incident"
        )
        return next((int(row.id) for rows in (open_ones, later) for row in rows), None)

    def _open_without_paging(
        self, work: Work, call: Call, notes: tuple[tuple[datetime, Draft], ...], at: datetime
    ) -> Call:
        kind = {"kind": CaseKind.ABANDONED, "state": State.CLOSED, "closed_at": at}
        case = work.add_case(self._case_values(call) | kind)
        work.append_notes(case, notes)
        return replace(call, case=case, reference=reference_of(case))

    def _fetch_messages(self, work: Work, case: int, aftermath: Aftermath, at: datetime) -> None:
        """What the caller said to the emergency line is copied home like any other recording."""
        for sid, seconds in aftermath.recordings:
            if seconds <= 0 or work.has_recording(sid):
                continue
            work.append(case, at, (Draft("message_left", {"seconds": seconds}, "caller"),))
            self._expect(work, case, sid, seconds, at)

    def _moment(self, at: datetime) -> str:
        zone = ZoneInfo(self.books.current().service.working_hours.timezone)
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _is_in_force(client: Client, at: datetime) -> bool:
    contract = client.contract
    return contract.is_in_force_on(at.astimezone(ZoneInfo(contract.timezone)).date())
