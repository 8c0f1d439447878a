"""Which pages one call, or one text, carries; and which could join one."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, or_, select, text, update

from oncall.escalation import LIVE, Channel, PageState
from oncall.records import OrderRow, PageRow
from oncall.store.quick import hot, is_one_of
from oncall.store.tables import table

_ORDERS = table(OrderRow)
_PAGES = table(PageRow)

_LEADS = _PAGES.alias("leads")
_IN_FLIGHT = and_(
    _LEADS.c.channel == Channel.CALL,
    _LEADS.c.leg.is_(None),
    _LEADS.c.round > 0,
    _LEADS.c.requested_at.is_not(None),
    is_one_of(_LEADS.c.state, sorted(LIVE)),
)
_UNCLAIMED = and_(
    _ORDERS.c.state == "waiting",
    _ORDERS.c.attempts == 0,
    _ORDERS.c.leased_until.is_(None),
    _PAGES.c.id == _ORDERS.c.page_id,
    _PAGES.c.state == PageState.REQUESTED,
)
# Calls ordered for somebody whom another incident is calling now.
_JOINABLE = hot(
    select(
        _ORDERS.c.id.label("order_id"), _PAGES.c.id.label("page_id"), func.min(_LEADS.c.id).label("lead_id")
    )
    .where(_UNCLAIMED, _ORDERS.c.kind == "call", _IN_FLIGHT)
    .where(_LEADS.c.person == _PAGES.c.person, _LEADS.c.case_id != _PAGES.c.case_id)
    .group_by(_ORDERS.c.id, _PAGES.c.id)
    .order_by(_ORDERS.c.id)
    .limit(50)
)
_TEXTS_OF = hot(
    select(_ORDERS.c.id.label("order_id"), _PAGES.c.id.label("page_id"))
    .where(_UNCLAIMED, _ORDERS.c.kind == "page_text")
    .where(_PAGES.c.person == bindparam("person"), _PAGES.c.id != bindparam("besides"))
    .order_by(_ORDERS.c.id)
)
_ON_LEG = hot(
    select(_PAGES)
    .where(or_(_PAGES.c.id == bindparam("lead"), _PAGES.c.leg == bindparam("lead")))
    .order_by(_PAGES.c.case_id, _PAGES.c.id)
)
# People one of whose phones is being told to stop ringing.
_STOPPING = hot(
    select(_PAGES.c.person)
    .join(_ORDERS, _ORDERS.c.page_id == _PAGES.c.id)
    .where(_ORDERS.c.state == "waiting", _ORDERS.c.kind == "cancel")
    # An order is never due before it was written; the moment it is due at is what there is an index of.
    .where(_ORDERS.c.due_at > bindparam("since"), _ORDERS.c.created_at > bindparam("since"))
)
_CALLS_TO = (
    select(_ORDERS.c.id)
    .where(_UNCLAIMED, _ORDERS.c.kind == "call", _ORDERS.c.due_at <= bindparam("at"))
    .where(_PAGES.c.person.in_(bindparam("people", expanding=True)))
)
_HOLD_BACK = update(_ORDERS).where(_ORDERS.c.id.in_(_CALLS_TO.correlate(None)))
_LAST_TEXT = hot(
    select(func.max(_PAGES.c.requested_at)).where(
        _PAGES.c.person == bindparam("person"), _PAGES.c.channel == Channel.SMS
    )
)


# Any fixed number, another than that of the references: the same in every process.
_CALLING_LOCK = 0x63_61_6C_6C


class Legs:
    connection: Connection
    is_postgres: bool

    def pages_on_leg(self, lead: int) -> list[Row[Any]]:
        """The pages that one call, or one text, carries; by case, so that all lock them in one order."""
        return list(self.connection.execute(_ON_LEG, {"lead": lead}))

    def joinable_calls(self) -> list[Row[Any]]:
        """Orders nobody has claimed for people who are being called: (order_id, page_id, lead_id).

        Until the transaction ends nobody else looks: of two calls to one person, claimed
        at the same moment, the second would not see the first.
        """
        if self.is_postgres:
            self.connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CALLING_LOCK})
        return list(self.connection.execute(_JOINABLE))

    def hold_back_calls(self, at: datetime, since: datetime, until: datetime) -> None:
        """Put off the calls to whoever has a phone that is being told, ``since`` then, to stop ringing."""
        if people := set(self.connection.execute(_STOPPING, {"since": since}).scalars()):
            self.connection.execute(_HOLD_BACK, {"at": at, "people": sorted(people), "due_at": until})

    def texts_waiting_for(self, person: str, besides: int) -> list[Row[Any]]:
        """Orders nobody has claimed for texts to this person: (order_id, page_id)."""
        return list(self.connection.execute(_TEXTS_OF, {"person": person, "besides": besides}))

    def join_leg(self, page: int, lead: int, **changes: Any) -> None:
        """Have a page carried by another one's call or text."""
        self.connection.execute(update(_PAGES).where(_PAGES.c.id == page).values(leg=lead, **changes))

    def last_text_to(self, person: str) -> datetime | None:
        """When the latest text of a page was sent to this person."""
        found: datetime | None = self.connection.execute(_LAST_TEXT, {"person": person}).scalar()
        return found
