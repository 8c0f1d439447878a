"""Which orders are in whose hands: claimed with a lease, a few in one transaction, and set aside when broken.

A page's request is noted in the transaction that claims it. Where the telephone
company's pace held an order back, the record says so; our own lateness is no pacing.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import IntegrityError, InterfaceError, InternalError, OperationalError

from oncall import escalation
from oncall.dispatcher.alarms import Alarms
from oncall.dispatcher.claimed import Claimed
from oncall.dispatcher.returning import Returning
from oncall.dispatcher.storm import Storm
from oncall.escalation import LIVE, State
from oncall.record import Draft
from oncall.store import Conflict, StoreBusy, Work
from oncall.store.orders import LEASE

log = logging.getLogger(__name__)

_DELAY_WORTH_TELLING = timedelta(seconds=2)
_SECOND_LOOK = timedelta(seconds=5)  # at a row that could not be handled
_TOLD_AGAIN = timedelta(hours=1)
DATABASE_IS_AWAY = (StoreBusy, OperationalError, InterfaceError, InternalError)
_PASSES = (Conflict, IntegrityError, *DATABASE_IS_AWAY)  # the same step may work when it is done again
# A phone that is being told to stop ringing is not rung again meanwhile; but nobody waits long for that.
_STOPS_RINGING = timedelta(seconds=2)
_HOLD_BACK = timedelta(milliseconds=100)


class Poison(Exception):
    """Claiming this order fails by our own fault, and would again: it must not hold up the others."""

    def __init__(self, order: Claimed, cause: Exception) -> None:
        super().__init__(order.id)
        self.order = order
        self.cause = cause


class TakenOver(Exception):
    """We were held up for longer than the lease: another worker has this order."""


class Claims(Returning, Storm, Alarms):
    # --- claiming --------------------------------------------------------------------------------

    def claim(self, at: datetime, kinds: tuple[str, ...]) -> Claimed | None:
        """Take one order of these kinds."""
        return next(iter(self.claim_some(at, kinds, 1)), None)

    def claim_some(self, at: datetime, kinds: tuple[str, ...], most: int) -> list[Claimed]:
        """Take up to ``most`` orders of these kinds, the most urgent first, in one transaction.

        Where rows have locks, one at a time: several cases would be locked in another order than by a key
        that takes several incidents, and the two would wait for each other.
        """
        most = most if self.store.has_one_writer else 1
        while True:
            try:
                return self._in_one_transaction(lambda work: self._claim_some(work, at, kinds, most))
            except Poison as poison:
                log.error("order %s cannot be claimed", poison.order.id, exc_info=poison.cause)
                if not self._set_aside(poison.order, poison.cause, at):
                    return []

    def _claim_some(self, work: Work, at: datetime, kinds: tuple[str, ...], most: int) -> list[Claimed]:
        claimed: list[Claimed] = []
        if "call" in kinds:
            self._join_legs(work, at)
            work.hold_back_calls(at, at - _STOPS_RINGING, at + _HOLD_BACK)
        while len(claimed) < most and (taken := work.claim_order(at, self.calls_per_second, kinds)):
            row, slot = taken
            claimed.append(self._claim(work, row, slot, at))
            if row.kind == "call" and len(claimed) < most:
                self._join_legs(work, at)  # it may carry what follows
        return claimed

    def _claim(self, work: Work, row: Row[Any], slot: datetime | None, at: datetime) -> Claimed:
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
            try:
                self._note_request(work, claimed, slot, at)
            except _PASSES:
                raise
            except Exception as error:
                raise Poison(claimed, error) from error
        return claimed

    def _note_request(self, work: Work, order: Claimed, slot: datetime | None, at: datetime) -> None:
        """``slot``: the instant from which the telephone company's pace allowed this call."""
        found = work.incident(order.case or 0)
        if found is not None and _level_is_over(found[1], at):  # nobody is rung for a level that is over
            self._put(work, *found, escalation.TimeUp(), at)
            found = work.incident(order.case or 0)
        page = work.page_with_id(order.page or 0)
        if page is None or found is None or page.state not in LIVE:
            return
        paced = slot - order.created_at if slot is not None else timedelta(0)
        if page.requested_at is None and paced > _DELAY_WORTH_TELLING:
            delayed = {"person": page.person, "name": page.name, "seconds": round(paced.total_seconds())}
            work.append(page.case_id, at, (Draft("page_delayed", delayed),))
        self._put(work, *found, escalation.PageRequested(page.key), at)
        if order.kind == "page_text":
            self._bundle_texts(work, page, at)

    def renew(self, orders: Iterable[int], at: datetime) -> None:
        """Keep the orders that are being carried out right now, however long the world takes to answer."""
        with self.store.writing() as work:
            work.renew_orders(orders, at)

    def _hold_on(self, order: Claimed, until: datetime | None, at: datetime) -> None:
        """Right before somebody is rung or texted: make sure that nobody else does it meanwhile.

        ``until`` is when our lease ends. One that is half over, since we waited for our turn to claim or
        to run, begins anew. Raises TakenOver where another worker was faster.
        """
        if until is not None and until - at > LEASE / 2:
            return
        if until is not None:
            with self.store.writing() as work:
                if work.renew_claim(order.id, order.attempts + 1, at):
                    return
        raise TakenOver(order.once)

    def _hold_on_still(self, order: Claimed, at: datetime) -> None:
        """The same where something took its time since."""
        with self.store.reading() as work:
            until = work.lease_of(order.id, order.attempts + 1)
        self._hold_on(order, until, at)

    # --- what is broken --------------------------------------------------------------------------

    def _set_aside(self, order: Claimed, error: Exception, at: datetime) -> bool:
        """Our own error in an order: its page counts as failed, so that the next person is paged.

        Gives whether the order is out of the way. Where even its case cannot be read, the order alone
        is put aside, and managers are told.
        """
        where = f"{order.kind} order {order.id}"

        def aside(work: Work) -> None:
            work.finish_order(order.id, "failed", repr(error)[:500])
            if order.case is None:
                return
            work.append(order.case, at, (Draft("internal_error", {"where": where}),))
            page = work.page_with_id(order.page) if order.page else None
            if page is not None and order.kind in ("call", "page_text"):
                self._advance(work, order.case, escalation.PageNotPlaced(page.key, "not_sent"), at)
            if order.kind != "mail":
                facts = {"what": "row_set_aside", "where": where}
                self._order_letters(work, order.case, "alarm", at, facts)

        def alone(work: Work) -> None:
            work.finish_order(order.id, "failed", repr(error)[:500])
            self._alarm_row(work, where, at)

        return any(self._is_written(f"order {order.id}", step) for step in (aside, alone))

    def _is_written(self, what: str, step: Callable[[Work], None]) -> bool:
        try:
            self._in_one_transaction(step)
        except Exception:
            log.exception("%s could not be put aside", what)
            return False
        return True

    def _guarded(self, what: str, step: Callable[[], None]) -> bool:
        """One row that cannot be handled does not stop the rest; false where handling it would fail again."""
        try:
            step()
        except Conflict:
            log.info("%s changed meanwhile", what)
        except DATABASE_IS_AWAY:
            log.warning("%s waits for the database", what, exc_info=True)
        except Exception:
            log.exception("%s could not be handled", what)
            return False
        return True

    def _look_again(self, row: str | int, at: datetime) -> None:
        """A row that could not be handled is looked at again soon, not in a circle; managers hear of it."""

        def later(work: Work) -> None:
            work.attend_later(row, at + _SECOND_LOOK)
            self._alarm_row(work, f"{'call' if isinstance(row, str) else 'case'} {row}", at)

        self._is_written(f"{row}", later)

    def _put_side_off(self, token: str, at: datetime) -> None:
        """The same for a call on the side."""

        def later(work: Work) -> None:
            work.postpone_side_call(token, at + _SECOND_LOOK)
            self._alarm_row(work, f"side call {token[:8]}", at)

        self._is_written(f"side call {token[:8]}", later)

    def _alarm_row(self, work: Work, where: str, at: datetime) -> None:
        facts = {"what": "row_set_aside", "where": where}
        self._alarm(work, f"row_set_aside:{where}", facts, at, _TOLD_AGAIN)


def _level_is_over(row: Row[Any], at: datetime) -> bool:
    return row.state == State.OPEN and row.level_due_at is not None and row.level_due_at <= at
