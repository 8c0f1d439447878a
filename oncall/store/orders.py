"""The outbox: what is to be done outside, claimed with a lease, so that a killed worker loses nothing."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from oncall.records import HeartbeatRow, OrderRow, PacingRow
from oncall.store.tables import table

_ORDERS = table(OrderRow)
_PACING = table(PacingRow)
_HEARTBEATS = table(HeartbeatRow)

LEASE = timedelta(seconds=30)
PACED = "call"  # only new calls are limited by the telephone company (one a second)
_ACCOUNT = "telephone"


class Orders:
    connection: Connection
    is_postgres: bool
    ordered: bool

    def order(
        self,
        kind: str,
        once: str,
        at: datetime,
        lasts: timedelta,
        case: int | None = None,
        page: int | None = None,
        payload: Mapping[str, Any] | None = None,
        urgency: int = 0,
    ) -> None:
        """Write an order; the same ``once`` a second time is the same order, and nothing is written."""
        values = {
            "kind": kind,
            "once": once,
            "case_id": case,
            "page_id": page,
            "payload": dict(payload or {}),
            "urgency": urgency,
            "state": "waiting",
            "created_at": at,
            "due_at": at,
            "expires_at": at + lasts,
            "attempts": 0,
            "outcome": "",
        }
        dialect: Any = postgresql if self.is_postgres else sqlite
        self.connection.execute(
            dialect.insert(_ORDERS).values(**values).on_conflict_do_nothing(index_elements=["once"])
        )
        self.ordered = True

    def claim_order(self, at: datetime, calls_per_second: float, kinds: tuple[str, ...]) -> Row[Any] | None:
        """Take the most urgent order that is due, with a lease; None when there is none.

        A new call also takes its slot of the pacing, which every process shares.
        """
        free = or_(_ORDERS.c.leased_until.is_(None), _ORDERS.c.leased_until <= at)
        due = and_(_ORDERS.c.state == "waiting", _ORDERS.c.due_at <= at, free, _ORDERS.c.kind.in_(kinds))
        query = select(_ORDERS).where(due).order_by(_ORDERS.c.urgency, _ORDERS.c.id).limit(1)
        if self.is_postgres:
            query = query.with_for_update(skip_locked=True)
        if not self._may_call(at, calls_per_second):
            query = query.where(_ORDERS.c.kind != PACED)
        row = self.connection.execute(query).first()
        if row is None:
            return None
        if row.kind == PACED and calls_per_second > 0:
            self._take_slot(at, calls_per_second)
        leased = update(_ORDERS).where(_ORDERS.c.id == row.id)
        self.connection.execute(leased.values(leased_until=at + LEASE, attempts=row.attempts + 1))
        return row

    def finish_order(self, id: int, state: str, outcome: str = "") -> None:
        finished = update(_ORDERS).where(_ORDERS.c.id == id)
        self.connection.execute(finished.values(state=state, outcome=outcome, leased_until=None))

    def void_page_orders(self, page: int) -> None:
        """What was ordered for this page and has not left is not wanted any more."""
        waiting = update(_ORDERS).where(_ORDERS.c.page_id == page, _ORDERS.c.state == "waiting")
        self.connection.execute(
            waiting.where(_ORDERS.c.attempts == 0).values(state="void", leased_until=None)
        )

    def postpone_order(self, id: int, until: datetime, outcome: str) -> None:
        later = update(_ORDERS).where(_ORDERS.c.id == id, _ORDERS.c.state == "waiting")
        self.connection.execute(later.values(due_at=until, outcome=outcome, leased_until=None))
        self.ordered = True

    def next_order_due(self, kinds: tuple[str, ...]) -> datetime | None:
        """When the next order of these kinds wants to leave: its own time, its lease's end, or its slot."""
        waiting = select(_ORDERS.c.kind, _ORDERS.c.due_at, _ORDERS.c.leased_until).where(
            _ORDERS.c.state == "waiting", _ORDERS.c.kind.in_(kinds)
        )
        slot = self._next_slot()
        dues = []
        for kind, due_at, leased_until in self.connection.execute(
            waiting.order_by(_ORDERS.c.due_at).limit(200)
        ):
            due = max(due_at, leased_until) if leased_until else due_at
            dues.append(max(due, slot) if kind == PACED and slot else due)
        return min(dues, default=None)

    # --- pacing ---

    def _next_slot(self) -> datetime | None:
        query = select(_PACING.c.next_at).where(_PACING.c.account == _ACCOUNT)
        return self.connection.execute(query).scalar()

    def _may_call(self, at: datetime, calls_per_second: float) -> bool:
        if calls_per_second <= 0:
            return True
        query = select(_PACING.c.next_at).where(_PACING.c.account == _ACCOUNT)
        if self.is_postgres:
            query = query.with_for_update()
        slot = self.connection.execute(query).scalar()
        return slot is None or slot <= at

    def _take_slot(self, at: datetime, calls_per_second: float) -> None:
        following = at + timedelta(seconds=1 / calls_per_second)
        taken = update(_PACING).where(_PACING.c.account == _ACCOUNT).values(next_at=following)
        if self.connection.execute(taken).rowcount == 0:
            self.connection.execute(insert(_PACING).values(account=_ACCOUNT, next_at=following))

    # --- heartbeats ---

    def beat(self, worker: str, at: datetime) -> None:
        beaten = update(_HEARTBEATS).where(_HEARTBEATS.c.worker == worker).values(at=at)
        if self.connection.execute(beaten).rowcount == 0:
            self.connection.execute(insert(_HEARTBEATS).values(worker=worker, at=at))

    def last_beat(self) -> datetime | None:
        query = select(_HEARTBEATS.c.at).order_by(_HEARTBEATS.c.at.desc()).limit(1)
        return self.connection.execute(query).scalar()
