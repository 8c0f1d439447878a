"""A ticket system is given each case as it is written: in order, the next only when the one before was taken.

What waits is retried for a day; what was not taken by then is an entry and an alarm, and can be replayed.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Row

from oncall.dispatcher.claimed import Claimed
from oncall.dispatcher.correspondence import written_again_after
from oncall.dispatcher.inbox import Inbox
from oncall.ports import Failure, Refused, TicketNews
from oncall.record import Draft
from oncall.store import Work
from oncall.store.cases import reference_of

TICKETS_LAST = timedelta(days=1)
_AGAIN = timedelta(hours=1)
_NEVER_AGAIN = timedelta(days=3650)
_TURN = timedelta(seconds=2)  # for what waits for an earlier delivery of its case


class Ticketing(Inbox):
    _ticket_system: str | None = None  # the one that this process knows to have been told of us

    def order_tickets(self, at: datetime) -> int:
        """Order what the ticket system has not been given; gives of how many cases. To be called often."""
        address = self.tickets.address()
        if address is None:
            return 0
        if address != self._ticket_system:
            self._greet(address, at)
            self._ticket_system = address
        with self.store.reading() as work:
            cases = work.unticketed()
        for case in cases:
            with self.store.writing() as work:
                self._order_ticket(work, case, at)
        return len(cases)

    def _greet(self, address: str, at: datetime) -> None:
        """A ticket system that is new hears of what is open from now on, not of all that ever was."""
        name = f"tickets:{sha256(address.encode()).hexdigest()[:16]}"
        with self.store.writing() as work:
            if work.first_in_a_while(name, at, _NEVER_AGAIN):
                work.ticket_only_live_cases()

    def _order_ticket(self, work: Work, case: int, at: datetime) -> None:
        row = work.unticketed_case(case)
        if row is None:
            return
        first, last = row.ticketed + 1, row.entries
        payload = {"first": first, "last": last, "case": _case(row), "kind": _kind(row, first)}
        once = f"ticket:{case}:{first}-{last}"
        work.order("ticket", once, at, TICKETS_LAST, case=case, payload=payload, urgency=110)
        work.note_ticketed(case, last)

    def _do(self, order: Claimed, now: Callable[[], datetime]) -> None:
        if order.kind == "ticket":
            self._give_ticket(order, now)
        else:
            super()._do(order, now)

    def _give_ticket(self, order: Claimed, now: Callable[[], datetime]) -> None:
        assert order.case is not None
        with self.store.reading() as work:
            is_early = work.earlier_ticket(order.id, order.case)
            news = None if is_early else _news(work, order)
        if news is None:
            with self.store.writing() as work:
                work.postpone_order(order.id, now() + _TURN, "an earlier delivery first")
            return
        try:
            self.tickets.give(news)
        except Failure as failure:
            self._ticket_failed(order, failure, now())
            return
        self._finish(order, "done")

    def _ticket_failed(self, order: Claimed, failure: Failure, at: datetime) -> None:
        again = at + written_again_after(order.attempts)
        case, payload = order.case, order.payload
        assert case is not None
        with self.store.writing() as work:
            if not isinstance(failure, Refused) and again < order.expires_at:
                work.postpone_order(order.id, again, failure.code or str(failure))
                return
            work.finish_order(order.id, "failed", failure.code or str(failure))
            told = {"first": payload["first"], "last": payload["last"], "why": str(failure)}
            work.append(case, at, (Draft("ticket_failed", told),))
            row = work.case(case)
            # That it failed is no news for who does not listen: the next change is.
            if row is not None and row.ticketed == row.entries - 1:
                work.note_ticketed(case, row.entries)
            facts = {"what": "ticket_failed", "where": f"{reference_of(case)}: {failure}"}
            self._alarm(work, "ticket_failed", facts, at, _AGAIN)


def _news(work: Work, order: Claimed) -> TicketNews:
    payload, case = order.payload, order.case
    assert case is not None
    row = work.case(case)
    assert row is not None
    numbers = range(payload["first"], payload["last"] + 1)
    return TicketNews(
        key=f"{payload['case']['reference']}.{numbers[0]}-{numbers[-1]}",
        kind=payload["kind"],
        at=order.created_at,
        case=payload["case"],
        entries=tuple(entry for entry in work.record(case) if entry.number in numbers),
        language=row.language,
        timezone=row.timezone,
    )


def _kind(row: Row[Any], first: int) -> str:
    if first == 1:
        return "case.opened"
    return "case.closed" if row.state == "closed" else "case.changed"


def _case(row: Row[Any]) -> Mapping[str, Any]:
    """The case as it is now, frozen: a delivery that is tried again says the same again."""
    return {
        "reference": reference_of(row.id),
        "kind": row.kind,
        "state": row.state,
        "client": row.client,
        "client_name": row.client_name,
        "integration": row.integration,
        "integration_name": row.integration_name,
        "contact": row.contact,
        "priority": row.priority,
        "reason": row.reason,
        "unverified": row.unverified,
        "disputed": row.disputed,
        "opened_at": _utc(row.opened_at),
        "respond_by": _utc(row.respond_by),
        "resolve_by": _utc(row.resolve_by),
        "acknowledged_by": row.acknowledged_by,
        "acknowledged_by_name": row.acknowledged_by_name,
        "acknowledged_at": _utc(row.acknowledged_at),
        "closed_at": _utc(row.closed_at),
    }


def _utc(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None
