"""What the service report is made of: the facts of a span's cases, read in few questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select

from oncall.records import CallRow, EntryRow, PageRow, SyntheticRow, WaitRow
from oncall.store.cases import CASES
from oncall.store.tables import table

_CALLS = table(CallRow)
_ENTRIES = table(EntryRow)
_PAGES = table(PageRow)
_WAITS = table(WaitRow)
_SYNTHETIC = table(SyntheticRow)

_COLUMNS = (
    *(CASES.c.id, CASES.c.client, CASES.c.client_name, CASES.c.kind, CASES.c.state, CASES.c.priority),
    *(CASES.c.reason, CASES.c.unverified, CASES.c.disputed, CASES.c.opened_at, CASES.c.first_taken_at),
    *(CASES.c.closed_at, CASES.c.respond_by, CASES.c.resolve_by, CASES.c.attached_to),
)
_IS_OURS = select(_SYNTHETIC.c.id).where(_SYNTHETIC.c.call == _CALLS.c.sid).exists()
_TOLD_BY_ENTRIES = ("acknowledged", "round_ended", "dispute_judged", "reopened")


@dataclass(frozen=True, slots=True)
class SpanOfCases:
    """The cases of a span, and what else stands of them, by the number of the case."""

    cases: Sequence[Row[Any]]
    entries: Mapping[int, Sequence[tuple[str, Mapping[str, Any]]]]  # kind and data, in order
    pages: Mapping[int, Sequence[Row[Any]]]
    waited: frozenset[int]  # cases with a wait


class FigureFacts:
    connection: Connection

    def span_of_cases(self, since: datetime, until: datetime, client: str | None) -> SpanOfCases:
        """The cases whose calls arrived from ``since`` on and before ``until``; of one client, or of all."""
        within = _within(since, until, client)
        cases: list[Row[Any]] = list(
            self.connection.execute(select(*_COLUMNS).where(within).order_by(CASES.c.id))
        )
        entries: dict[int, list[tuple[str, Mapping[str, Any]]]] = {}
        told = select(_ENTRIES.c.case_id, _ENTRIES.c.kind, _ENTRIES.c.data)
        told = told.join(CASES, CASES.c.id == _ENTRIES.c.case_id).where(within)
        told = told.where(_ENTRIES.c.kind.in_(_TOLD_BY_ENTRIES))
        for case, kind, data in self.connection.execute(told.order_by(_ENTRIES.c.case_id, _ENTRIES.c.number)):
            entries.setdefault(case, []).append((kind, data))
        pages: dict[int, list[Row[Any]]] = {}
        paged = select(
            _PAGES.c.case_id, _PAGES.c.person, _PAGES.c.name, _PAGES.c.channel, _PAGES.c.state
        ).add_columns(_PAGES.c.requested_at)
        paged = paged.join(CASES, CASES.c.id == _PAGES.c.case_id).where(within)
        for page in self.connection.execute(paged.where(_PAGES.c.requested_at.is_not(None))):
            pages.setdefault(page.case_id, []).append(page)
        waited = select(_WAITS.c.case_id).join(CASES, CASES.c.id == _WAITS.c.case_id).where(within)
        return SpanOfCases(cases, entries, pages, frozenset(self.connection.execute(waited).scalars()))

    def calls_before_known(self, since: datetime, until: datetime) -> dict[str, int]:
        """For each line, the calls of the span that are over and left no case; but for our own."""
        query = (
            select(_CALLS.c.line, func.count())
            .where(_CALLS.c.case_id.is_(None), _CALLS.c.ended_at.is_not(None), ~_IS_OURS)
            .where(_CALLS.c.arrived_at >= since, _CALLS.c.arrived_at < until)
            .group_by(_CALLS.c.line)
        )
        return {str(line): int(count) for line, count in self.connection.execute(query)}

    def first_case_at(self) -> datetime | None:
        """When the first case was opened: before it there is no month to report."""
        query = select(CASES.c.opened_at).order_by(CASES.c.opened_at).limit(1)
        found: datetime | None = self.connection.execute(query).scalar()
        return found


def _within(since: datetime, until: datetime, client: str | None) -> ColumnElement[bool]:
    within = and_(CASES.c.opened_at >= since, CASES.c.opened_at < until)
    return within if client is None else and_(CASES.c.client == client, within)
