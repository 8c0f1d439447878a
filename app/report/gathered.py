"""From the record to the report: the facts of a month, day by day, so that it can be told how far it is."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from app.report.months import Month
from oncall.book import Book
from oncall.clocks import Clock, clocks, facts_of
from oncall.report import CaseFact, Kept, PageFact, Report, Tally, Timed, timed
from oncall.store import Store, Work
from oncall.store.figures import SpanOfCases

Progress = Callable[[float], None]  # called with the share that is done, 0 to 1


def gather(
    store: Store,
    book: Book,
    month: Month,
    client: str | None,
    at: datetime,
    progress: Progress = lambda share: None,
) -> Report:
    """The report of a month as things stand at ``at``; of one client, or of all.

    Each day is read in a transaction of its own: nobody who writes waits for it.
    """
    tally, zone = Tally(), ZoneInfo(month.timezone)
    days = list(month.days())
    for number, (since, until) in enumerate(days, start=1):
        with store.reading() as work:
            found = work.span_of_cases(since, until, client)
            tally.add(_facts(work, book, found, zone, at))
            for line, calls in work.calls_before_known(since, until).items():
                of = book.client_on_line(line)
                if client is None or (of is not None and of.id == client):
                    tally.add_before_known(of.id if of else None, of.name if of else "", calls)
        progress(number / len(days))
    return Report(
        str(month),
        month.timezone,
        month.since,
        month.until,
        at,
        client,
        tally.figures(),
        tally.clients(),
    )


def _facts(work: Work, book: Book, found: SpanOfCases, zone: ZoneInfo, at: datetime) -> Iterator[CaseFact]:
    hour_of = _Hours(zone)
    for row in found.cases:
        told = found.entries.get(row.id, ())
        # Who joined a major incident owns no clocks: it is answered and closed where it joined.
        is_incident = row.kind == "incident" and row.attached_to is None
        response, resolution, pauses = (
            _clocks(work, book, row, found, at) if is_incident else (None, None, {})
        )
        yield CaseFact(
            client=row.client,
            name=row.client_name or "",
            kind=row.kind if row.attached_to is None else "attached",
            priority=row.priority,
            reason=row.reason,
            is_open=row.state != "closed",
            unverified=row.unverified,
            disputed=row.disputed,
            verdict=_last(told, "dispute_judged", "verdict"),
            taken_by=_first(told, "acknowledged", "by"),
            response=response,
            resolution=resolution,
            pauses=pauses,
            rounds=sum(kind == "round_ended" for kind, _ in told),
            pages=tuple(
                PageFact(
                    page.person,
                    page.name,
                    page.channel == "call",
                    hour_of(page.requested_at),
                    page.state == "acknowledged",
                )
                for page in found.pages.get(row.id, ())
            ),
        )


def _clocks(
    work: Work, book: Book, row: Row[Any], found: SpanOfCases, at: datetime
) -> tuple[Timed, Timed, Mapping[str, float]]:
    """Both clocks of an incident, and what paused the second: as ``guardia case`` tells them.

    Nearly all incidents are opened, taken and closed: their case says it all. Where the clocks
    stood still, or the promise stands in the record only, the entries are read.
    """
    stood_still = row.id in found.waited or any(
        kind == "reopened" for kind, _ in found.entries.get(row.id, ())
    )
    if stood_still or row.respond_by is None:
        facts = facts_of(work.record(row.id), book.service.promises)
        if facts is not None:
            told = clocks(facts, book.service.working_hours, at)
            pauses = {str(c): p.total_seconds() for c, p in told.resolution.pauses.items() if p}
            return _as_told(told.first_response), _as_told(told.resolution), pauses
    return (
        timed(row.opened_at, row.respond_by, row.first_taken_at, at),
        timed(row.opened_at, row.resolve_by, row.closed_at, at),
        {},
    )


def _as_told(clock: Clock) -> Timed:
    is_over = clock.stopped_at is not None
    kept = Kept.BREACHED if clock.breached else Kept.MET if is_over else Kept.RUNNING
    if not is_over:
        return Timed(kept)
    return Timed(kept, clock.gross.total_seconds(), clock.net.total_seconds())


class _Hours:
    """The hour of the local clock; offsets change on the quarter of an hour, if at all."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._known: dict[int, int] = {}

    def __call__(self, at: datetime) -> int:
        quarter = int(at.timestamp()) // 900
        if quarter not in self._known:
            self._known[quarter] = at.astimezone(self._zone).hour
        return self._known[quarter]


def _first(told: Any, kind: str, fact: str) -> str | None:
    return next((data.get(fact) for of, data in told if of == kind), None)


def _last(told: Any, kind: str, fact: str) -> str | None:
    return _first(reversed(told), kind, fact) if told else None
