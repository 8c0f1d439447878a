"""What is heard of callers: they arrive, press keys, speak, wait, leave."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from oncall import intake
from oncall.contracts import Client
from oncall.dispatcher.alarms import SILENCE
from oncall.dispatcher.closings import closing_of
from oncall.dispatcher.returning import Returning
from oncall.intake import Call, KeyPressed, PinEntered, Step, Told
from oncall.notices import Notice
from oncall.ports import ContractsUnreadable
from oncall.store import Work
from oncall.store.cases import reference_of
from oncall.waiting import Progress, Waiting, is_nobody_called, waiting_for


@dataclass(frozen=True, slots=True)
class Ringing:
    """A call that reached a guard line; ``caller`` is E.164 or None."""

    sid: str
    line: str
    caller: str | None
    withheld: bool = False
    attestation: str = ""


class _PinKeyed(Exception):
    """What was keyed answers the question for the PIN."""

    def __init__(self, event: KeyPressed) -> None:
        super().__init__()
        self.event = event


class Callers(Returning):
    def arrive(self, ringing: Ringing, at: datetime) -> Call:
        """A call reached a guard line. The same call a second time stands where it stood."""
        return self._once_more_on_conflict(lambda: self._arrive(ringing, at))

    def _arrive(self, ringing: Ringing, at: datetime) -> Call:
        arrived = self._recognise(ringing, at)
        with self.store.writing() as work:
            if found := work.call(ringing.sid):
                return found[0]
            awaited = self._is_awaited(work, ringing.line, ringing.caller, at)
            arrived = replace(arrived, test_awaited=awaited)
            arrived = replace(arrived, notices=_told(work, arrived.client, at))
            return self._carry_out_call(work, intake.arrive(arrived, at), None, at)

    def hear(self, sid: str, event: intake.Event, at: datetime) -> Call | None:
        """Something happened on a caller's call; None for a call never seen."""
        try:
            return self._once_more_on_conflict(lambda: self._hear(sid, event, at))
        except _PinKeyed as asked:
            keyed = asked.event
        # To compare it takes long on purpose: nobody waits meanwhile to write.
        compared = self._compare_pin(sid, keyed, at)
        return self._once_more_on_conflict(lambda: self._hear(sid, compared, at))

    def _hear(self, sid: str, event: intake.Event, at: datetime) -> Call | None:
        with self.store.writing() as work:
            found = work.call(sid)
            if found is None:
                return None
            call, version = found
            if isinstance(event, KeyPressed):
                if call.step is Step.PIN:
                    raise _PinKeyed(event)
                closed = self._closed_incidents(work, call, at)
                event = replace(event, incidents=self._incidents(work, call), closed=closed)
                event = replace(event, joinable=_joinable(work, call))
            return self._put_to_caller(work, call, version, event, at)[0]

    def call(self, sid: str) -> Call | None:
        with self.store.reading() as work:
            found = work.call(sid, lock=False)
            return found[0] if found else None

    def waiting(self, call: Call) -> Waiting:
        """What the caller who waits may be told now."""
        if call.case is None:
            return Waiting()
        with self.store.reading() as work:
            found = work.incident(call.case, lock=False)
            told = waiting_for(found[0]) if found else Waiting()
            is_over = told.progress is Progress.OVER
            return replace(told, closing=closing_of(work, call.case)) if is_over else told

    def is_stranded(self, call: Call, at: datetime) -> bool:
        """Whether who waits is waited for by nobody: no worker is alive, and no call is under way."""
        if call.step is not Step.WAITING or call.case is None:
            return False
        with self.store.reading() as work:
            last = work.last_beat()
            if last is None or at - last <= SILENCE:
                return False
            found = work.incident(call.case, lock=False)
            return found is not None and is_nobody_called(found[0], at)

    # --- inside --------------------------------------------------------------------------------------

    def _recognise(self, ringing: Ringing, at: datetime) -> intake.Arrived:
        """What the contract data say of a call; unreadable data are not held against the caller."""
        arrived = intake.Arrived(
            sid=ringing.sid,
            line=ringing.line,
            caller=ringing.caller,
            withheld=ringing.withheld,
            attestation=ringing.attestation,
            is_foreign=self._is_foreign(ringing.caller, ringing.line, None),
            longest_wait=self.books.current().service.longest_wait,
            records_conversation=self.books.current().service.conversations_recorded,
        )
        try:
            client = self.books.client_on_line(ringing.line)
        except ContractsUnreadable:
            return replace(arrived, readable=False)
        if client is None:
            return arrived
        contact = client.contact_with_phone(ringing.caller) if ringing.caller else None
        is_foreign = self._is_foreign(ringing.caller, ringing.line, client)
        known = replace(arrived, client=client, contact=contact, is_foreign=is_foreign)
        return replace(known, in_force=_is_in_force(client, at))

    def _compare_pin(self, sid: str, event: KeyPressed, at: datetime) -> intake.Event:
        """Digits that answer the PIN question are compared here and go no further (I12)."""
        call = self.call(sid)
        if call is None or call.step is not Step.PIN:  # the same digits came twice
            return event
        is_current = event.turn == call.turn
        if is_current and self._keys_test_code(call.line, event.digits, sid, at):
            return PinEntered(event.turn, True, is_test=True)
        client = self.books.current().clients.get(call.client or "")
        pin_hash = client.contract.pin_hash if client else None
        correct = is_current and pin_hash is not None and self.pins.matches(pin_hash, event.digits)
        return PinEntered(event.turn, correct, client.contact_to_call() if client else None)

    def _closed_incidents(
        self, work: Work, call: Call, at: datetime
    ) -> dict[str | None, intake.ClosedIncident]:
        """For each integration, the incident of the client that was closed last, if not long ago."""
        if call.step is not Step.INTEGRATION:
            return {}
        since = at - self.books.current().service.casework.reopens_within
        return {
            row.integration: intake.ClosedIncident(row.id, reference_of(row.id), row.closed_at)
            for row in work.closed_incidents(call.client, since)
        }

    def _incidents(self, work: Work, call: Call) -> dict[str | None, intake.OpenIncident]:
        """The client's open incidents by integration; one that entered by dispute is joined by nobody."""
        known: dict[str | None, intake.OpenIncident] = {}
        if call.step is not Step.INTEGRATION and call.step is not Step.PRIORITY:
            return known
        for row in work.open_incidents(call.client):
            found = None if row.disputed else work.incident(row.id, lock=False)
            if found:
                taken_by = row.acknowledged_by_name.split()[0] if row.acknowledged_by_name else None
                known[row.integration] = intake.OpenIncident(
                    row.id, reference_of(row.id), taken_by, found[0].calling, row.respond_by, row.eta
                )
        return known


def _told(work: Work, client: Client | None, at: datetime) -> tuple[Told, ...]:
    """What is published for this client, in its language; an incident may be joined while it is open."""
    if client is None:
        return ()
    heard = (notice for notice in work.notices_in_force(at) if notice.is_heard_by(client, at))
    return tuple(_told_of(work, notice, client) for notice in heard)


def _told_of(work: Work, notice: Notice, client: Client) -> Told:
    text = notice.texts[client.language]
    if notice.case is None or not work.is_open_incident(notice.case):
        return Told(notice.id, text)
    return Told(notice.id, text, notice.case, reference_of(notice.case))


def _joinable(work: Work, call: Call) -> frozenset[int]:
    cases = (told.case for told in call.notices if told.case is not None)
    return frozenset(case for case in cases if call.step is Step.NOTICE and work.is_open_incident(case))


def _is_in_force(client: Client, at: datetime) -> bool:
    contract = client.contract
    return contract.is_in_force_on(at.astimezone(ZoneInfo(contract.timezone)).date())
