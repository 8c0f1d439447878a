"""What managers look for among the cases, however many there are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, tuple_

from oncall.escalation import State
from oncall.records import EntryRow, PageRow
from oncall.store.cases import CASES
from oncall.store.tables import table

_ENTRIES = table(EntryRow)
_PAGES = table(PageRow)
_LIVE = (State.OPEN, State.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class Sought:
    """What a list of cases is narrowed to; ``since`` is included, ``until`` is not."""

    client: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None  # the number of the case that came last in the page before


class Desk:
    connection: Connection

    def live_cases(self, limit: int) -> list[Row[Any]]:
        """Incidents that are not closed: those nobody has first, the oldest of them first."""
        query = select(CASES).where(CASES.c.state.in_(_LIVE))
        in_order = query.order_by((CASES.c.state == State.ACKNOWLEDGED), CASES.c.opened_at, CASES.c.id)
        return list(self.connection.execute(in_order.limit(limit)))

    def sought_cases(self, sought: Sought, limit: int) -> list[Row[Any]]:
        """Newest first."""
        query = select(CASES).order_by(CASES.c.opened_at.desc(), CASES.c.id.desc()).limit(limit)
        if sought.client is not None:
            query = query.where(CASES.c.client == sought.client)
        if sought.kind is not None:
            query = query.where(CASES.c.kind == sought.kind)
        if sought.since is not None:
            query = query.where(CASES.c.opened_at >= sought.since)
        if sought.until is not None:
            query = query.where(CASES.c.opened_at < sought.until)
        if sought.before is not None:
            last = select(CASES.c.opened_at).where(CASES.c.id == sought.before).scalar_subquery()
            query = query.where(CASES.c.opened_at <= last)
            query = query.where(tuple_(CASES.c.opened_at, CASES.c.id) < tuple_(last, sought.before))
        return list(self.connection.execute(query))

    def stood_still(self, cases: Collection[int]) -> set[int]:
        """Those of these cases whose clocks stand still, or once did: with a wait, or reopened."""
        query = select(_ENTRIES.c.case_id).where(
            _ENTRIES.c.case_id.in_(list(cases)), _ENTRIES.c.kind.in_(("wait_started", "reopened"))
        )
        return set(self.connection.execute(query.distinct()).scalars())

    def names_called(self, cases: Collection[int], states: Collection[str]) -> dict[int, tuple[str, ...]]:
        """For each of these cases, whose phones are rung: calls in these states. A text rings nobody."""
        query = select(_PAGES.c.case_id, _PAGES.c.name).where(
            _PAGES.c.case_id.in_(list(cases)), _PAGES.c.channel == "call", _PAGES.c.state.in_(list(states))
        )
        found: dict[int, tuple[str, ...]] = {}
        for row in self.connection.execute(query.order_by(_PAGES.c.id)):
            found[row.case_id] = (*found.get(row.case_id, ()), row.name)
        return found
