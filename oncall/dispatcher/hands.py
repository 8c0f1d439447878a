"""What is done without being asked: orders leave, deadlines pass.

Every order is claimed with a lease, carried out through the ports, and its
outcome is heard like any other event. A lease that ran out, or an answer that
never came, is looked up before anything is sent again.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Row

from oncall import drills, escalation, intake
from oncall.dispatcher.base import CONTROL_LASTS
from oncall.dispatcher.claimed import NOT_PROCESSED, Claimed
from oncall.dispatcher.claims import DATABASE_IS_AWAY, Claims, TakenOver
from oncall.dispatcher.drilling import Drilling
from oncall.dispatcher.legs import on_leg
from oncall.dispatcher.sounds import Sounds
from oncall.escalation import State
from oncall.people import Language
from oncall.pieces import TOO_LARGE
from oncall.ports import Ambiguous, Failure, Gone, Misconfigured, Refused, Sms, Unreachable
from oncall.record import Draft
from oncall.store import Conflict, Work

__all__ = ["ALL_ORDERS", "SLOW_ORDERS", "SOUND_ORDERS", "TELEPHONE_ORDERS", "Claimed", "Hands"]

log = logging.getLogger(__name__)

TELEPHONE_ORDERS = ("bring", "room", "cancel", "call", "page_text", "news", "drill", "synthetic")
SLOW_ORDERS = ("mail", "ticket", "chat")
SOUND_ORDERS = ("recording",)
ALL_ORDERS = TELEPHONE_ORDERS + SLOW_ORDERS + SOUND_ORDERS

_PAGE_TEXTS = {False: "sms.page", True: "sms.page_unverified"}
NOT_KNOWN = "not known"  # what became of an attempt that failed
_FIRST_RETRY = timedelta(seconds=1)
_LONGEST_RETRY = timedelta(seconds=30)
CALL_SETTLES = timedelta(seconds=1)  # a call made without an answer shows in the list after a moment
CLOCKS_APART = timedelta(seconds=5)
# As many as may keep a caller's webhook waiting for its turn to write.
_A_FEW_CASES = 4


class Hands(Claims, Sounds, Drilling):
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
                dues.append(work.due().first)
        return min((due for due in dues if due is not None), default=None)

    def attend_overdue(self, at: datetime) -> int:
        """Give every call and case whose time is up its event; gives how many there were."""
        with self.store.reading() as work:
            due = work.due()
            calls = work.overdue_calls(at) if _is_over(due.calls, at) else []
            cases = work.overdue_cases(at) if _is_over(due.cases, at) else []
            sides = work.overdue_side_calls(at) if _is_over(due.side_calls, at) else []
        for sid in calls:
            if not self._guarded(f"call {sid}", lambda sid=sid: self._call_overdue(sid, at)):  # type: ignore[misc]
                self._look_again(sid, at)
        together = _A_FEW_CASES if self.store.has_one_writer else 1  # see claim_some
        for first in range(0, len(cases), together):
            few = cases[first : first + together]
            if len(few) == 1 or not self._overdue_together(few, at):
                self._overdue_one_by_one(few, at)
        written = [0]
        if _is_over(due.waits, at) or _is_over(due.owed, at):
            self._guarded("what is to be written", lambda: written.append(self._attend_to_writing(at)))
        for side in sides:
            if not self._guarded(f"side call {side}", lambda side=side: self._side_overdue(side, at)):  # type: ignore[misc]
                self._put_side_off(side, at)
        tests = _is_over(due.drills, at) or _is_over(due.synthetics, at)
        drilled = self._attend_drills(at) if tests else 0
        return len(calls) + len(cases) + len(sides) + drilled + written[-1]

    def _overdue_together(self, cases: list[int], at: datetime) -> bool:
        """In one transaction, which is most of the cost of each; false where that did not work."""
        try:
            with self.store.writing() as work:
                for case in cases:
                    self._case_time_up(work, case, at)
        except Exception:
            log.info("cases %s are attended to one by one", cases, exc_info=True)
            return False
        return True

    def _overdue_one_by_one(self, cases: list[int], at: datetime) -> None:
        for case in cases:
            if not self._guarded(f"case {case}", lambda case=case: self._case_overdue(case, at)):  # type: ignore[misc]
                self._look_again(case, at)

    def _attend_drills(self, at: datetime) -> int:
        """Drills and synthetic calls whose time is up."""
        with self.store.reading() as work:
            overdue, walks = work.overdue_drills(at), work.overdue_synthetics(at)
        for walk in walks:
            self._guarded(f"synthetic call {walk}", partial(self._synthetic_overdue, walk, at))
        for drill in overdue:
            if not self._guarded(f"drill {drill}", partial(self._drill_overdue, drill, at)):
                self._guarded(f"drill {drill}", partial(self._drill_later, drill, at + drills.SETTLES))
        return len(overdue) + len(walks)

    def _call_overdue(self, sid: str, at: datetime) -> None:
        with self.store.writing() as work:
            found = work.call(sid)
            if found is None or found[0].due_at is None or found[0].due_at > at:
                return
            call, version = found
            after, _ = self._put_to_caller(work, call, version, intake.TimeUp(), at)
            if after.farewell in (intake.Farewell.PROMISED, intake.Farewell.CLOSED):
                # They are in the queue, where nothing would tell them: their leg is brought out of it.
                once = f"bring:{after.sid}:{after.turn}"
                payload = {"sid": after.sid}
                work.order("bring", once, at, CONTROL_LASTS, case=after.case, payload=payload, urgency=-1)

    def _case_overdue(self, case: int, at: datetime) -> None:
        with self.store.writing() as work:
            self._case_time_up(work, case, at)

    # --- orders ----------------------------------------------------------------------------------

    def perform(self, order: Claimed, now: Callable[[], datetime]) -> None:
        """Carry out an order that was claimed; its outcome is written whatever happens."""
        try:
            self._do(order, now)
        except TakenOver:
            log.info("order %s (%s) is in another worker's hands", order.id, order.kind)
        except (Conflict, *DATABASE_IS_AWAY):
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
                ends = order.payload.get("answered_too")
                self._tell_telephone(order, now, self.telephone.hang_up if ends else self.telephone.cancel)
            case "synthetic":
                self._place_synthetic(order, now)
            case "drill":
                self._ring_drill(order, now)
            case "recording":
                self._fetch_recording(order, now)

    def _send_page(self, order: Claimed, now: Callable[[], datetime]) -> None:
        with self.store.reading() as work:
            page = work.page_with_id(order.page or 0)
            case = work.case(order.case or 0)
            until = work.lease_of(order.id, order.attempts + 1)
        assert page is not None
        assert case is not None
        self._hold_on(order, until, now())
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
        which = {"phone": page.phone + 1} if page.phone else {}
        told = {"person": page.person, "name": page.name, "to": page.to} | which
        adopted = Draft("page_adopted", told)
        was_in_doubt = bool(page.sid) and order.outcome == NOT_KNOWN
        self._finish(order, "done" if page.sid else "void", at, adopted if was_in_doubt else None)

    def _place(
        self, order: Claimed, page: Row[Any], case: Row[Any], now: Callable[[], datetime]
    ) -> tuple[str, bool]:
        """Send a page; after an attempt whose answer is not known, look for what it made first."""
        since = (page.requested_at or order.created_at) - CLOCKS_APART
        is_call = page.channel == "call"
        if order.may_have_been_done:
            find = self.telephone.find_calls if is_call else self.telephone.find_texts
            if made := self._unknown(find(page.to, since)):
                return made, True
            self._hold_on_still(order, now())
        if is_call:
            return self.telephone.call(page.to, page.token, timedelta(seconds=case.ring)), False
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
            wait = CALL_SETTLES if isinstance(failure, Ambiguous) else backoff(order.attempts)
            if is_passing and at + wait < order.expires_at:
                # Once in doubt, always in doubt: a lookup that fails says nothing of the attempt before it.
                in_doubt = isinstance(failure, Ambiguous) or order.may_have_been_done
                outcome = NOT_KNOWN if in_doubt else NOT_PROCESSED
                work.postpone_order(order.id, at + wait, outcome)
                return
            why = "not_sent" if is_passing else "refused"
            event = escalation.PageNotPlaced(page.key, why, failure.code)
            self._advance(work, page.case_id, event, at)
            work.finish_order(order.id, "failed", failure.code or str(failure))

    def _send_news(self, order: Claimed, now: Callable[[], datetime]) -> None:
        payload = order.payload
        sms = Sms(payload["key"], Language(payload["language"]), payload["facts"], payload.get("link"))
        told = {"person": payload["person"], "name": payload["name"], "to": payload["to"]}
        try:
            self.telephone.text(payload["to"], sms, None)
        except Failure as failure:
            failed = Draft("text_failed", told | {"code": failure.code})
            self._retry_or_fail(order, failure, now(), backoff(order.attempts), failed)
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
            self._retry_or_fail(order, failure, now(), backoff(order.attempts), draft)
        else:
            self._finish(order, "done")

    def _fetch_recording(self, order: Claimed, now: Callable[[], datetime]) -> None:
        if order.payload.get("if_missing") and not self._is_still_missing(order.payload["sid"]):
            self._finish(order, "void")
            return
        try:
            self._bring_home(order.payload["sid"], now)
        except Failure as failure:
            at, wait = now(), backoff(order.attempts)
            is_passing = not isinstance(failure, Refused)
            if failure.code == TOO_LARGE or (is_passing and at + wait >= order.expires_at):
                self._stays_there(order, failure, at)
                return
            self._retry_or_fail(order, failure, at, wait, _provider_error("recording", failure))
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
            work.postpone_order(order.id, at + _FIRST_RETRY, NOT_KNOWN)


def _is_over(due: datetime | None, at: datetime) -> bool:
    return due is not None and due <= at


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many attempts that failed."""
    return min(_FIRST_RETRY * (1 << min(attempts, 8)), _LONGEST_RETRY)


def _provider_error(what: str, failure: Failure) -> Draft:
    return Draft("provider_error", {"what": what, "code": failure.code or type(failure).__name__})
