"""What the ticket system has not been given yet: for each case the entries after those it has."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from oncall.records import CaseRow, EntryRow, OrderRow
from oncall.store.tables import table

_CASES, _ENTRIES, _ORDERS = table(CaseRow), table(EntryRow), table(OrderRow)
_A_FEW = 200

_IS_WAITING = (
    select(_ORDERS.c.id)
    .where(_ORDERS.c.case_id == _CASES.c.id, _ORDERS.c.kind == "ticket", _ORDERS.c.state == "waiting")
    .exists()
)
_UNTICKETED = (
    select(_CASES.c.id)
    .where(_CASES.c.ticketed < _CASES.c.entries, ~_IS_WAITING)
    .order_by(_CASES.c.id)
    .limit(_A_FEW)
)
_CASE = select(_CASES).where(
    _CASES.c.id == bindparam("of"), _CASES.c.ticketed < _CASES.c.entries, ~_IS_WAITING
)
_CASE_LOCKED = _CASE.with_for_update()
_TICKETED = update(_CASES).where(_CASES.c.id == bindparam("of"))


class TicketOrders:
    connection: Connection
    is_postgres: bool

    def unticketed(self) -> list[int]:
        """Cases with entries that were not given, and of which nothing is on its way."""
        return list(self.connection.execute(_UNTICKETED).scalars())

    def unticketed_case(self, id: int) -> Row[Any] | None:
        """Such a case, held against other workers; None where one of them was faster."""
        query = _CASE_LOCKED if self.is_postgres else _CASE
        return self.connection.execute(query, {"of": id}).first()

    def note_ticketed(self, case: int, last: int) -> None:
        """Entries up to ``last`` are given, or on their way."""
        self.connection.execute(_TICKETED, {"of": case, "ticketed": last})

    def ticket_only_live_cases(self) -> None:
        """A ticket system that is new hears of what is open, not of all that ever was."""
        closed = update(_CASES).where(_CASES.c.state == "closed", _CASES.c.ticketed < _CASES.c.entries)
        self.connection.execute(closed.values(ticketed=_CASES.c.entries))

    def earlier_ticket(self, order: int, case: int) -> bool:
        """Whether an order about earlier entries of the case is still on its way."""
        query = select(_ORDERS.c.id).where(
            _ORDERS.c.case_id == case,
            _ORDERS.c.kind == "ticket",
            _ORDERS.c.state == "waiting",
            _ORDERS.c.id < order,
        )
        return self.connection.execute(query.limit(1)).first() is not None

    def give_tickets_again(
        self, since: datetime, states: Collection[str], case: int | None, at: datetime, until: datetime
    ) -> int:
        """Put what ended in these ``states`` on its way again; gives how many deliveries."""
        missed = update(_ORDERS).where(
            _ORDERS.c.kind == "ticket", _ORDERS.c.created_at >= since, _ORDERS.c.state.in_(states)
        )
        if case is not None:
            missed = missed.where(_ORDERS.c.case_id == case)
        values = {"state": "waiting", "due_at": at, "expires_at": until, "attempts": 0, "leased_until": None}
        return self.connection.execute(missed.values(**values)).rowcount

    def ticket_what_was_skipped(self, since: datetime, case: int | None) -> int:
        """Entries since then that no delivery holds are to be given; gives of how many cases."""
        skipped = [
            (id, last) for id, last, entries in self._ticketed_so_far(since, case) if (last or 0) < entries
        ]
        for id, last in skipped:
            self.note_ticketed(id, last or 0)
        return len(skipped)

    def _ticketed_so_far(self, since: datetime, case: int | None) -> list[tuple[int, int | None, int]]:
        """Of each case with entries since then: the last that a delivery holds, and how many there are."""
        recent = select(_ENTRIES.c.case_id).where(_ENTRIES.c.at >= since).distinct()
        lasts = select(_ORDERS.c.payload).where(
            _ORDERS.c.kind == "ticket", _ORDERS.c.case_id == bindparam("of")
        )
        query = select(_CASES.c.id, _CASES.c.entries).where(_CASES.c.id.in_(recent))
        if case is not None:
            query = query.where(_CASES.c.id == case)
        found = []
        for row in self.connection.execute(query).all():
            payloads = self.connection.execute(lasts, {"of": row.id}).scalars()
            found.append((row.id, max((p["last"] for p in payloads), default=None), row.entries))
        return found
