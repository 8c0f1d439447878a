"""What is done without being asked: orders leave, deadlines pass.

Every order is claimed with a lease, carried out through the ports, and its
outcome is heard like any other event. A lease that ran out, or an answer that
never came, is looked up before anything is sent again.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import InterfaceError, OperationalError

from oncall import escalation, intake
from oncall.dispatcher.alarms import Alarms
from oncall.dispatcher.legs import on_leg
from oncall.dispatcher.opening import Opening
from oncall.dispatcher.sounds import Sounds
from oncall.dispatcher.storm import Storm
from oncall.escalation import LIVE, State
from oncall.people import Language
from oncall.ports import Ambiguous, Failure, Gone, Misconfigured, Refused, Sms, Unreachable
from oncall.record import Draft
from oncall.store import Conflict, StoreBusy, Work

log = logging.getLogger(__name__)

TELEPHONE_ORDERS = ("bring", "cancel", "call", "page_text", "news")
SLOW_ORDERS = ("mail", "ticket", "chat", "recording")
ALL_ORDERS = TELEPHONE_ORDERS + SLOW_ORDERS

_PAGE_TEXTS = {False: "sms.page", True: "sms.page_unverified"}
_NOT_KNOWN, _NOT_PROCESSED = "not known", "not processed"  # what became of an attempt that failed
_FIRST_RETRY = timedelta(seconds=1)
_LONGEST_RETRY = timedelta(seconds=30)
_SECOND_LOOK = timedelta(seconds=5)  # at a row that could not be handled
_CALL_SETTLES = timedelta(seconds=1)  # a call made without an answer shows in the list after a moment
_CLOCKS_APART = timedelta(seconds=5)
_DELAY_WORTH_TELLING = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Claimed:
    """An order in our hands until its lease ends."""

    id: int
    once: str
    kind: str
    case: int | None
    page: int | None
    payload: dict[str, Any]
    attempts: int  # before this one
    outcome: str
    created_at: datetime
    expires_at: datetime

    @property
    def may_have_been_done(self) -> bool:
        """An earlier attempt got no answer, or was lost with its worker: look before doing it again."""
        return self.attempts > 0 and self.outcome != _NOT_PROCESSED


class Hands(Opening, Storm, Alarms, Sounds):
    # --- the tick --------------------------------------------------------------------------------

    def tick(self, now: Callable[[], datetime]) -> datetime | None:
        """Do all that is due, in this thread; gives when something will be due next."""
        while True:
            at = now()
            progressed = self.attend_overdue(at) > 0
            while claimed := self.claim(now(), ALL_ORDERS):
                self.perform(claimed, now)
                progressed = True
            if not progressed:
                return self.next_due(at)

    def next_due(
        self, at: datetime, kinds: tuple[str, ...] = ALL_ORDERS, attends: bool = True
    ) -> datetime | None:
        """The earliest instant at which something is due: an order of these kinds or, where the asker
        ``attends`` to them, a call or a case; ``at`` or before is now.
        """
        with self.store.reading() as work:
            dues = [work.next_order_due(kinds)]
            if attends:
                dues += [work.next_call_due(), work.next_case_due()]
        return min((due for due in dues if due is not None), default=None)

    def attend_overdue(self, at: datetime) -> int:
        """Give every call and case whose time is up its event; gives how many there were."""
        with self.store.reading() as work:
            calls, cases = work.overdue_calls(at), work.overdue_cases(at)
        for sid in calls:
            if not self._guarded(f"call {sid}", lambda sid=sid: self._call_overdue(sid, at)):  # type: ignore[misc]
                self._look_again(sid, at)
        for case in cases:
            if not self._guarded(f"case {case}", lambda case=case: self._case_overdue(case, at)):  # type: ignore[misc]
                self._look_again(case, at)
        return len(calls) + len(cases)

    def _call_overdue(self, sid: str, at: datetime) -> None:
        with self.store.writing() as work:
            found = work.call(sid)
            if found is None or found[0].due_at is None or found[0].due_at > at:
                return
            call, version = found
            self._carry_out_call(work, intake.advance(call, intake.TimeUp(), at), version, at)

    def _case_overdue(self, case: int, at: datetime) -> None:
        with self.store.writing() as work:
            self._advance(work, case, escalation.TimeUp(), at)

    # --- orders ----------------------------------------------------------------------------------

    def claim(self, at: datetime, kinds: tuple[str, ...]) -> Claimed | None:
        """Take one order of these kinds, and note a page's request in the same transaction."""
        return self._in_one_transaction(lambda work: self._claim(work, at, kinds))

    def _claim(self, work: Work, at: datetime, kinds: tuple[str, ...]) -> Claimed | None:
        if "call" in kinds:
            self._join_legs(work, at)
        row = work.claim_order(at, self.calls_per_second, kinds)
        if row is None:
            return None
        claimed = Claimed(
            row.id,
            row.once,
            row.kind,
            row.case_id,
            row.page_id,
            dict(row.payload),
            row.attempts,
            row.outcome,
            row.created_at,
            row.expires_at,
        )
        if claimed.kind in ("call", "page_text"):
            self._note_request(work, claimed, at)
        return claimed

    def renew(self, orders: Iterable[int], at: datetime) -> None:
        """Keep the orders that are being carried out right now, however long the world takes to answer."""
        with self.store.writing() as work:
            work.renew_orders(orders, at)

    def perform(self, order: Claimed, now: Callable[[], datetime]) -> None:
        """Carry out an order that was claimed; its outcome is written whatever happens."""
        try:
            self._do(order, now)
        except (Conflict, StoreBusy, OperationalError, InterfaceError):
            # The database is not there, or not now: the order may be done, but nobody could write it.
            log.warning("the outcome of order %s (%s) was not written", order.id, order.kind, exc_info=True)
            self._guarded(f"order {order.id}", lambda: self._leave_in_doubt(order, now()))
        except Exception as error:  # a poison order is set aside, and does not stop the others
            log.exception("order %s (%s) failed", order.id, order.kind)
            self._set_aside(order, error, now())

    def _do(self, order: Claimed, now: Callable[[], datetime]) -> None:
        match order.kind:
            case "call" | "page_text":
                self._send_page(order, now)
            case "news":
                self._send_news(order, now)
            case "cancel":
                self._tell_telephone(order, now, self.telephone.cancel)
            case "bring":
                page = order.payload.get("page")
                self._tell_telephone(order, now, lambda sid: self.telephone.bring(sid, page))
            case "recording":
                self._fetch_recording(order, now)

    def _note_request(self, work: Work, order: Claimed, at: datetime) -> None:
        case = work.case(order.case or 0)
        if case is not None and case.level_due_at is not None and case.level_due_at <= at:
            self._advance(work, case.id, escalation.TimeUp(), at)  # nobody is rung for a level that is over
        page = work.page_with_id(order.page or 0)
        if page is None or order.case is None or page.state not in LIVE:
            return
        late = at - order.created_at
        if order.kind == "call" and page.requested_at is None and late > _DELAY_WORTH_TELLING:
            delayed = {"person": page.person, "name": page.name, "seconds": round(late.total_seconds())}
            work.append(order.case, at, (Draft("page_delayed", delayed),))
        self._advance(work, order.case, escalation.PageRequested(page.key), at)
        if order.kind == "page_text":
            self._bundle_texts(work, page, at)

    def _send_page(self, order: Claimed, now: Callable[[], datetime]) -> None:
        with self.store.reading() as work:
            page = work.page_with_id(order.page or 0)
            case = work.case(order.case or 0)
            is_ours = work.attempts_at(order.id) == order.attempts + 1
        assert page is not None
        assert case is not None
        if not is_ours:
            return  # we were held up for longer than the lease: another worker has it
        if case.state != State.OPEN or page.state in ("cancelled", "failed", "passed") or page.sid:
            self._finish_unsent(order, page, now())
            return
        try:
            sid, adopted = self._place(order, page, case, now)
        except Failure as failure:
            self._page_failed(order, page, failure, now())
            return

        def placed(work: Work) -> None:
            self._advance(work, page.case_id, escalation.PagePlaced(page.key, sid, adopted), now())
            work.finish_order(order.id, "done", sid)

        self._in_one_transaction(placed)

    def _finish_unsent(self, order: Claimed, page: Row[Any], at: datetime) -> None:
        """Nothing more to send: not wanted any more, or made by the attempt that got no answer."""
        adopted = Draft("page_adopted", {"person": page.person, "name": page.name, "to": page.to})
        was_in_doubt = bool(page.sid) and order.outcome == _NOT_KNOWN
        self._finish(order, "done" if page.sid else "void", at, adopted if was_in_doubt else None)

    def _place(
        self, order: Claimed, page: Row[Any], case: Row[Any], now: Callable[[], datetime]
    ) -> tuple[str, bool]:
        """Send a page; after an attempt whose answer is not known, look for what it made first."""
        since = (page.requested_at or order.created_at) - _CLOCKS_APART
        if page.channel == "call":
            if order.may_have_been_done and (
                made := self._unknown(self.telephone.find_calls(page.to, since))
            ):
                return made, True
            return self.telephone.call(page.to, page.token, timedelta(seconds=case.ring)), False
        if order.may_have_been_done and (made := self._unknown(self.telephone.find_texts(page.to, since))):
            return made, True
        return self.telephone.text(page.to, self._page_text(page, case), page.token), False

    def _page_text(self, page: Row[Any], case: Row[Any]) -> Sms:
        """The text of a page; one that carries several incidents names their clients."""
        with self.store.reading() as work:
            carried = [work.case(other.case_id) for other in on_leg(work, page)]
        clients = dict.fromkeys(row.client_name for row in carried if row is not None)
        key = "sms.page_disputed" if case.disputed else _PAGE_TEXTS[case.unverified]
        facts = {
            "priority": case.priority or "",
            "client": ", ".join(clients),
            "integration": case.integration_name,
            "code": page.code or "",
        }
        several = len(carried) > 1
        return Sms("sms.page_many" if several else key, Language(page.language), facts, page.token)

    def _unknown(self, sids: tuple[str, ...]) -> str | None:
        """The first of ``sids`` that belongs to no page yet."""
        with self.store.reading() as work:
            known = work.known_sids(sids)
        return next((sid for sid in sids if sid not in known), None)

    def _page_failed(self, order: Claimed, page: Row[Any], failure: Failure, at: datetime) -> None:
        """Passing failures are tried again while the page is wanted; a definite one ends the page at once."""
        with self.store.writing() as work:
            is_passing = isinstance(failure, Unreachable | Ambiguous)
            if isinstance(failure, Misconfigured) or (is_passing and order.attempts == 0):
                work.append(page.case_id, at, (_provider_error(order.kind, failure),))
            if isinstance(failure, Misconfigured):
                self._alarm_refusal(work, page, failure, at)
            elif isinstance(failure, Refused):
                self._alarm_unreachable(work, page, failure.code, at)
            wait = _CALL_SETTLES if isinstance(failure, Ambiguous) else _backoff(order.attempts)
            if is_passing and at + wait < order.expires_at:
                # Once in doubt, always in doubt: a lookup that fails says nothing of the attempt before it.
                in_doubt = isinstance(failure, Ambiguous) or order.may_have_been_done
                outcome = _NOT_KNOWN if in_doubt else _NOT_PROCESSED
                work.postpone_order(order.id, at + wait, outcome)
                return
            why = "not_sent" if is_passing else "refused"
            event = escalation.PageNotPlaced(page.key, why, failure.code)
            self._advance(work, page.case_id, event, at)
            work.finish_order(order.id, "failed", failure.code or str(failure))

    def _send_news(self, order: Claimed, now: Callable[[], datetime]) -> None:
        payload = order.payload
        sms = Sms(payload["key"], Language(payload["language"]), payload["facts"])
        told = {"person": payload["person"], "name": payload["name"], "to": payload["to"]}
        try:
            self.telephone.text(payload["to"], sms, None)
        except Failure as failure:
            failed = Draft("text_failed", told | {"code": failure.code})
            self._retry_or_fail(order, failure, now(), _backoff(order.attempts), failed)
            return
        self._finish(order, "done", now(), Draft("texted", told))

    def _tell_telephone(
        self, order: Claimed, now: Callable[[], datetime], tell: Callable[[str], None]
    ) -> None:
        try:
            tell(order.payload["sid"])
        except Gone:
            self._finish(order, "done")
        except Failure as failure:
            draft = _provider_error(order.kind, failure)
            self._retry_or_fail(order, failure, now(), _backoff(order.attempts), draft)
        else:
            self._finish(order, "done")

    def _fetch_recording(self, order: Claimed, now: Callable[[], datetime]) -> None:
        try:
            self._bring_home(order.payload["sid"], now)
        except Failure as failure:
            wait = _backoff(order.attempts)
            self._retry_or_fail(order, failure, now(), wait, _provider_error("recording", failure))
        else:
            self._finish(order, "done")

    # --- outcomes --------------------------------------------------------------------------------

    def _retry_or_fail(
        self, order: Claimed, failure: Failure, at: datetime, wait: timedelta, if_failed: Draft
    ) -> None:
        if not isinstance(failure, Refused) and at + wait < order.expires_at:
            with self.store.writing() as work:
                work.postpone_order(order.id, at + wait, failure.code or str(failure))
            return
        self._finish(order, "failed", at, if_failed)

    def _finish(
        self, order: Claimed, state: str, at: datetime | None = None, draft: Draft | None = None
    ) -> None:
        with self.store.writing() as work:
            if draft is not None and at is not None and order.case is not None:
                work.append(order.case, at, (draft,))
            work.finish_order(order.id, state)

    def _leave_in_doubt(self, order: Claimed, at: datetime) -> None:
        """Look soon what became of it; if this cannot be written either, when its lease is over."""
        with self.store.writing() as work:
            work.postpone_order(order.id, at + _FIRST_RETRY, _NOT_KNOWN)

    def _set_aside(self, order: Claimed, error: Exception, at: datetime) -> None:
        """Our own error in an order: its page counts as failed, so that the next person is paged."""

        def aside() -> None:
            with self.store.writing() as work:
                work.finish_order(order.id, "failed", repr(error)[:500])
                if order.case is None:
                    return
                where = f"{order.kind} order {order.id}"
                work.append(order.case, at, (Draft("internal_error", {"where": where}),))
                page = work.page_with_id(order.page) if order.page else None
                if page is not None and order.kind in ("call", "page_text"):
                    event = escalation.PageNotPlaced(page.key, "not_sent")
                    self._advance(work, order.case, event, at)
                if order.kind != "mail":
                    facts = {"what": "internal_error", "where": where}
                    self._order_letters(work, order.case, "alarm", at, facts)

        self._guarded(f"order {order.id}", aside)

    def _guarded(self, what: str, step: Callable[[], None]) -> bool:
        """One row that cannot be handled does not stop the rest; whether it was handled."""
        try:
            step()
        except Conflict:
            log.info("%s changed meanwhile", what)
        except Exception:
            log.exception("%s could not be handled", what)
            return False
        return True

    def _look_again(self, row: str | int, at: datetime) -> None:
        """A row that could not be handled is looked at again soon, not in a circle."""

        def later() -> None:
            with self.store.writing() as work:
                work.attend_later(row, at + _SECOND_LOOK)

        self._guarded(f"{row}", later)


def _backoff(attempts: int) -> timedelta:
    return min(_FIRST_RETRY * (1 << min(attempts, 8)), _LONGEST_RETRY)


def _provider_error(what: str, failure: Failure) -> Draft:
    return Draft("provider_error", {"what": what, "code": failure.code or type(failure).__name__})
