"""The outbox: what is to be done outside, claimed with a lease, so that a killed worker loses nothing."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    update,
)

from oncall.records import HeartbeatRow, NoticeRow, OrderRow, PacingRow
from oncall.store.quick import hot, is_one_of
from oncall.store.tables import dialect_of, insert_of, table

_ORDERS = table(OrderRow)
_PACING = table(PacingRow)
_HEARTBEATS = table(HeartbeatRow)
_NOTICES = table(NoticeRow)

# What a killed worker had in its hands waits for so long. A worker that lives renews its leases.
LEASE = timedelta(seconds=3)
PACED = ("call", "drill", "synthetic")  # only new calls are limited by the telephone company (one a second)
_ACCOUNT = "telephone"
_LONG_AGO = timedelta(days=1)  # nobody has waited for a slot that nobody took before

# Made once: to build and key a statement costs more than to run it, and the worker asks at every turn.
_IS_FREE = or_(_ORDERS.c.leased_until.is_(None), _ORDERS.c.leased_until <= bindparam("at"))
_WANTED_AT = case((_ORDERS.c.leased_until > _ORDERS.c.due_at, _ORDERS.c.leased_until), else_=_ORDERS.c.due_at)
_CHANGE = hot(update(_ORDERS).where(_ORDERS.c.id == bindparam("of")))
_CHANGE_WAITING = hot(_CHANGE.where(_ORDERS.c.state == "waiting"))
_RENEW = (
    update(_ORDERS)
    .where(_ORDERS.c.id.in_(bindparam("ids", expanding=True)), _ORDERS.c.state == "waiting")
    .where(_ORDERS.c.leased_until.is_not(None))
)
_ATTEMPTS = hot(
    select(_ORDERS.c.attempts).where(_ORDERS.c.id == bindparam("of"), _ORDERS.c.state == "waiting")
)
_LEASE_LEFT = hot(
    select(_ORDERS.c.leased_until).where(
        _ORDERS.c.id == bindparam("of"),
        _ORDERS.c.state == "waiting",
        _ORDERS.c.attempts == bindparam("claims"),
    )
)
_RENEW_OWN = hot(_CHANGE_WAITING.where(_ORDERS.c.attempts == bindparam("claims")))
_VOID = hot(
    update(_ORDERS).where(
        _ORDERS.c.page_id == bindparam("of"), _ORDERS.c.state == "waiting", _ORDERS.c.attempts == 0
    )
)
_WAITING_FOR = hot(
    select(_ORDERS.c.id, _ORDERS.c.payload).where(
        _ORDERS.c.case_id == bindparam("case"),
        _ORDERS.c.state == "waiting",
        _ORDERS.c.kind == bindparam("kind"),
    )
)
_VOID_ONE = hot(_CHANGE_WAITING.where(_ORDERS.c.leased_until.is_(None)))
_SLOT = hot(select(_PACING.c.next_at).where(_PACING.c.account == _ACCOUNT))
_SLOT_LOCKED = _SLOT.with_for_update()


# The kinds that are asked for are a few fixed lists of ours.
@cache
def _are_wanted(kinds: tuple[str, ...]) -> tuple[ColumnElement[bool], ...]:
    return _ORDERS.c.state == "waiting", is_one_of(_ORDERS.c.kind, kinds)


@cache
def _most_urgent(kinds: tuple[str, ...], locked: bool) -> Select[Any]:
    found = (
        select(_ORDERS)
        .where(*_are_wanted(kinds), _ORDERS.c.due_at <= bindparam("at"), _IS_FREE)
        .order_by(_ORDERS.c.urgency, _ORDERS.c.id)
        .limit(1)
    )
    return found.with_for_update(skip_locked=True) if locked else hot(found)


@cache
def _next_dues(kinds: tuple[str, ...]) -> Select[Any]:
    dues = select(_ORDERS.c.kind, func.min(_WANTED_AT))
    return hot(dues.where(*_are_wanted(kinds)).group_by(_ORDERS.c.kind))


@cache
def _add(dialect: str) -> Any:
    return hot(insert_of(dialect, _ORDERS).on_conflict_do_nothing(index_elements=["once"]))


@cache
def _note(dialect: str) -> Any:
    adding = insert_of(dialect, _NOTICES)
    noted = adding.on_conflict_do_update(
        index_elements=["name"],
        set_={"at": adding.excluded.at},
        where=_NOTICES.c.at <= bindparam("ago", type_=_NOTICES.c.at.type),
    )
    return hot(noted.returning(_NOTICES.c.name))  # psycopg does not count what an INSERT wrote


@cache
def _first_slot(dialect: str) -> Any:
    return insert_of(dialect, _PACING).on_conflict_do_nothing(index_elements=["account"])


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
        due: datetime | None = None,
    ) -> None:
        """Write an order, to be carried out at ``due`` or at once; the same ``once`` again writes nothing."""
        values = {
            "kind": kind,
            "once": once,
            "case_id": case,
            "page_id": page,
            "payload": dict(payload or {}),
            "urgency": urgency,
            "state": "waiting",
            "created_at": at,
            "due_at": due or at,
            "expires_at": at + lasts,
            "attempts": 0,
            "outcome": "",
        }
        self.connection.execute(_add(dialect_of(self.connection)), values)
        self.ordered = True

    def claim_order(
        self, at: datetime, calls_per_second: float, kinds: tuple[str, ...]
    ) -> tuple[Row[Any], datetime | None] | None:
        """Take the most urgent order that is due, with a lease; None when there is none.

        A new call also takes its slot of the pacing, which all processes share: since when that was free.
        """
        slot = self._free_slot(at, calls_per_second) if set(PACED) & set(kinds) else None
        if slot is not None and slot > at:
            kinds = tuple(kind for kind in kinds if kind not in PACED)
        row = self.connection.execute(_most_urgent(kinds, self.is_postgres), {"at": at}).first()
        if row is None:
            return None
        is_paced = row.kind in PACED and slot is not None
        if is_paced:
            self._take_slot(at, calls_per_second)
        self._change(row.id, leased_until=at + LEASE, attempts=row.attempts + 1)
        return row, slot if is_paced else None

    def renew_orders(self, ids: Iterable[int], at: datetime) -> None:
        """Orders that are still being carried out are nobody else's for another lease."""
        self.connection.execute(_RENEW, {"ids": list(ids), "leased_until": at + LEASE})

    def lease_of(self, id: int, claims: int) -> datetime | None:
        """Until when the claim that made it so many holds an order; None when somebody claimed it since."""
        found: datetime | None = self.connection.execute(_LEASE_LEFT, {"of": id, "claims": claims}).scalar()
        return found

    def renew_claim(self, id: int, claims: int, at: datetime) -> bool:
        """Another lease for an order, unless somebody has claimed it since."""
        renewed = {"of": id, "claims": claims, "leased_until": at + LEASE}
        return self.connection.execute(_RENEW_OWN, renewed).rowcount == 1

    def attempts_at(self, id: int) -> int | None:
        """How often an order was claimed so far; None when it is done with."""
        found: int | None = self.connection.execute(_ATTEMPTS, {"of": id}).scalar()
        return found

    def finish_order(self, id: int, state: str, outcome: str = "") -> None:
        self._change(id, state=state, outcome=outcome, leased_until=None)

    def void_page_orders(self, page: int) -> None:
        """What was ordered for this page and has not left is not wanted any more."""
        self.connection.execute(_VOID, {"of": page, "state": "void", "leased_until": None})

    def brought(self, case: int) -> frozenset[str]:
        """The calls about a case that are still to be moved."""
        return frozenset(row.payload["sid"] for row in self._waiting_for(case, "bring"))

    def looks(self, case: int) -> set[int]:
        """The orders to look at a case's conversation."""
        return {row.id for row in self._waiting_for(case, "room") if row.payload.get("act") == "look"}

    def void_looks(self, case: int) -> None:
        """Looks that nobody has claimed are not wanted any more."""
        for id in self.looks(case):
            self.connection.execute(_VOID_ONE, {"of": id, "state": "void"})

    def _waiting_for(self, case: int, kind: str) -> list[Row[Any]]:
        return list(self.connection.execute(_WAITING_FOR, {"case": case, "kind": kind}))

    def postpone_order(self, id: int, until: datetime, outcome: str) -> None:
        later = {"of": id, "due_at": until, "outcome": outcome, "leased_until": None}
        self.connection.execute(_CHANGE_WAITING, later)
        self.ordered = True

    def next_order_due(self, kinds: tuple[str, ...]) -> datetime | None:
        """When the next order of these kinds wants to leave: its own time, its lease's end, or its slot."""
        slot = self.connection.execute(_SLOT).scalar() if set(PACED) & set(kinds) else None
        dues = [
            max(due, slot) if kind in PACED and slot else due
            for kind, due in self.connection.execute(_next_dues(kinds))
        ]
        return min(dues, default=None)

    def _change(self, id: int, **values: Any) -> None:
        self.connection.execute(_CHANGE, {"of": id, **values})

    # --- pacing ---

    def _free_slot(self, at: datetime, calls_per_second: float) -> datetime | None:
        """From when on a call may leave; None where calls are not paced."""
        if calls_per_second <= 0:
            return None
        slot = self._locked_slot()
        if slot is None:
            # Written before it is taken: of two workers that both find none, one waits for the other.
            first = {"account": _ACCOUNT, "next_at": at - _LONG_AGO}
            self.connection.execute(_first_slot(dialect_of(self.connection)), first)
            slot = self._locked_slot()
        return slot

    def _locked_slot(self) -> datetime | None:
        return self.connection.execute(_SLOT_LOCKED if self.is_postgres else _SLOT).scalar()

    def _take_slot(self, at: datetime, calls_per_second: float) -> None:
        following = at + timedelta(seconds=1 / calls_per_second)
        self.connection.execute(
            update(_PACING).where(_PACING.c.account == _ACCOUNT).values(next_at=following)
        )

    # --- alarms ---

    def first_in_a_while(self, name: str, at: datetime, apart: timedelta) -> bool:
        """Claim what is told once in the cluster; false when somebody told it less than ``apart`` ago."""
        claim = _note(dialect_of(self.connection))
        told = self.connection.execute(claim, {"name": name, "at": at, "ago": at - apart})
        return told.first() is not None

    # --- heartbeats ---

    def beat(self, worker: str, at: datetime) -> None:
        beaten = update(_HEARTBEATS).where(_HEARTBEATS.c.worker == worker).values(at=at)
        if self.connection.execute(beaten).rowcount == 0:
            self.connection.execute(insert(_HEARTBEATS).values(worker=worker, at=at))

    def try_to_write(self) -> None:
        """Raises where nothing can be written; changes nothing. (SQLite begins even what is read-only.)"""
        self.connection.execute(update(_HEARTBEATS).where(_HEARTBEATS.c.worker == "").values(worker=""))

    def last_beat(self) -> datetime | None:
        query = select(_HEARTBEATS.c.at).order_by(_HEARTBEATS.c.at.desc()).limit(1)
        return self.connection.execute(query).scalar()
