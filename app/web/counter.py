"""The desk behind the pages: what a signed link shows, and what its button does."""

from datetime import datetime
from typing import Any

from app.locales.entries import sentence
from app.web.desk import Answer, CaseView, EntryLine, Taken
from app.web.links import Links
from oncall import escalation
from oncall.dispatcher import Dispatcher, PageCall
from oncall.escalation import State


class Counter:
    """The port ``app.web.desk.Desk`` over the dispatcher."""

    def __init__(self, dispatcher: Dispatcher, links: Links, page_from: str) -> None:
        """``page_from``: the number that pages, which the staff may call back."""
        self._dispatcher = dispatcher
        self._page_from = page_from
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

    def answer_by_link(self, token: str, answer: Answer, at: datetime) -> bool:
        page = self._links.page(token)
        seen = self._dispatcher.page(page) if page else None
        if seen is None:
            return False
        if seen.is_mine:
            self._dispatcher.disposition(seen.token, escalation.Answer(answer.value), at)
        return True

    def _view(self, seen: PageCall) -> CaseView:
        with self._dispatcher.store.reading() as work:
            row: Any = work.case(seen.case)
            found = work.incident(seen.case, lock=False)
            code = work.code_of(seen.case, seen.person)
            entries = tuple(
                EntryLine(e.at, e.kind, sentence(e.kind, e.data, seen.language, seen.timezone, e.erased))
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
            dial_in=self._page_from if seen.is_mine and not talks and code else None,
            code=code,
            closed_at=row.closed_at,
            entries=entries,
        )
