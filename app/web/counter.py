"""The desk behind the pages: what a signed link shows, and what its button does."""

from datetime import datetime
from typing import Any

from app.locales.entries import sentence
from app.web.desk import CaseView, EntryLine, Taken
from app.web.links import Links
from oncall.dispatcher import Dispatcher, PageCall
from oncall.escalation import State


class Counter:
    """The port ``app.web.desk.Desk`` over the dispatcher."""

    def __init__(self, dispatcher: Dispatcher, links: Links) -> None:
        self._dispatcher = dispatcher
        self._links = links

    def case_by_link(self, token: str, at: datetime) -> CaseView | None:
        page = self._links.page(token)
        seen = self._dispatcher.page(page) if page else None
        return self._view(seen) if seen else None

    def take_by_link(self, token: str, at: datetime) -> Taken | None:
        page = self._links.page(token)
        seen = self._dispatcher.take_by_link(page, at) if page else None
        if seen is None:
            return None
        if seen.state is State.CLOSED:
            return Taken.OVER
        return Taken.YOURS if seen.is_mine else Taken.SOMEBODY_ELSES

    def _view(self, seen: PageCall) -> CaseView:
        with self._dispatcher.store.reading() as work:
            row: Any = work.case(seen.case)
            found = work.incident(seen.case, lock=False)
            entries = tuple(
                EntryLine(e.at, e.kind, sentence(e.kind, e.data, seen.language, seen.timezone))
                for e in work.record(seen.case)
            )
        talks = seen.client_is_waiting
        return CaseView(
            reference=seen.reference,
            kind=row.kind,
            state=row.state,
            language=seen.language,
            timezone=seen.timezone,
            viewer=seen.name,
            opened_at=seen.opened_at,
            priority=row.priority,
            client=seen.client or None,
            integration=seen.integration or None,
            contact=row.contact,
            reason=row.reason,
            unverified=seen.unverified,
            disputed=seen.disputed,
            respond_by=row.respond_by,
            resolve_by=row.resolve_by,
            calling=found[0].calling if found else (),
            taken_by=seen.holder_name,
            taken_at=seen.acknowledged_at,
            is_viewers=seen.is_mine,
            call_back=seen.caller if seen.is_mine and not talks else None,
            closed_at=row.closed_at,
            entries=entries,
        )
