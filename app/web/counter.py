"""The desk behind the pages: what a signed link shows, and what its button does."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import Row

from app.locales.entries import sentence
from app.web.desk import (
    Answer,
    CaseView,
    EntryLine,
    FileLine,
    Given,
    Taken,
    TalkAct,
    TalkView,
    WaitLine,
)
from app.web.links import Links
from oncall import escalation
from oncall.acts import Act
from oncall.clocks import clocks, facts_of, wait_ends
from oncall.dispatcher import Dispatcher, PageCall
from oncall.dispatcher.casework import Upload
from oncall.dispatcher.conversing import Who
from oncall.escalation import By, State
from oncall.people import Person
from oncall.record import Entry, in_order_of_time
from oncall.sidecalls import Purpose, SideState
from oncall.store import Work


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
        return self._view(seen, at) if seen else None

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

    def eta_by_link(self, token: str, hours: int, at: datetime) -> bool:
        page = self._links.page(token)
        return bool(page) and self._dispatcher.give_eta(page or "", hours, By.LINK, at) is not None

    def act_by_link(self, token: str, act: TalkAct, at: datetime) -> bool:
        page = self._links.page(token)
        if page is None or self._dispatcher.page(page) is None:
            return False
        if act in (TalkAct.HOLD, TalkAct.RESUME):
            self._dispatcher.hold(page, act is TalkAct.HOLD, at)
        else:
            self._dispatcher.bring_in(page, Who.NEXT if act is TalkAct.NEXT else Who.MANAGER, at)
        return True

    def _talk(self, seen: PageCall) -> TalkView | None:
        """Of who has the case, while they talk to its client on any of their calls."""
        if not seen.is_mine or not seen.client_is_waiting:
            return None
        with self._dispatcher.store.reading() as work:
            page = work.talking_page(seen.case)
            if page is None or page.person != seen.person:
                return None
            sides = work.live_side_calls(seen.case, Purpose.JOIN, Purpose.LISTEN)
        joined = [side for side in sides if side.state == SideState.JOINED]
        return TalkView(
            is_held=seen.is_held,
            calling=tuple(side.name for side in sides if side.state != SideState.JOINED),
            inside=tuple(side.name for side in joined if side.purpose == Purpose.JOIN),
            listening=tuple(side.name for side in joined if side.purpose == Purpose.LISTEN),
        )

    def write_by_link(self, token: str, act: Act, at: datetime, once: str) -> tuple[str, ...] | None:
        seen = self._seen(token)
        author = self._person(seen) if seen else None
        if seen is None or author is None:
            return None
        return tuple(str(lack) for lack in self._dispatcher.write(seen.case, author, act, at, once))

    def attach_by_link(self, token: str, file: Upload, at: datetime) -> bool:
        seen = self._seen(token)
        if seen is not None:
            self._dispatcher.attach(seen.case, seen.person, seen.name, file, at)
        return seen is not None

    def file_by_link(self, token: str, file: str) -> Given | None:
        seen = self._seen(token)
        found = self._dispatcher.file(seen.case, file) if seen else None
        return Given(found[0].name, found[0].media_type, found[1]) if found else None

    def sound_by_link(self, token: str, number: int, at: datetime) -> BinaryIO | None:
        seen = self._seen(token)
        if seen is None or not self._view(seen, at).sounds:
            return None
        with self._dispatcher.store.reading() as work:
            tokens = [sound.token for sound in work.recordings_at_home(seen.case)]
        return self._dispatcher.recording(tokens[number - 1]) if 1 <= number <= len(tokens) else None

    def _seen(self, token: str) -> PageCall | None:
        page = self._links.page(token)
        return self._dispatcher.page(page) if page else None

    def _person(self, seen: PageCall) -> Person | None:
        return self._dispatcher.books.current().people.get(seen.person)

    def _view(self, seen: PageCall, at: datetime) -> CaseView:
        service = self._dispatcher.books.current().service
        with self._dispatcher.store.reading() as work:
            row: Any = work.case(seen.case)
            found = work.incident(seen.case, lock=False)
            code = work.code_of(seen.case, seen.person)
            record = list(work.record(seen.case))
            waits = _running_waits(work.waits(seen.case), record, at)
            owed = work.owed(seen.case)
            files = work.files(seen.case)
            sounds = tuple(sound.kind for sound in work.recordings_at_home(seen.case))
            is_calling = _has_client_called(work, seen)
        facts = facts_of(record, service.promises) if row.kind == "incident" else None
        resolution = clocks(facts, service.working_hours, at).resolution if facts else None
        talks = seen.client_is_waiting or is_calling
        may_act = row.kind == "incident" and (
            row.acknowledged_by == seen.person
            or seen.person in service.managers
            or any(o.person == seen.person for o in owed)
        )
        return CaseView(
            reference=seen.reference,
            kind=row.kind,
            state=row.state,
            language=seen.language,
            timezone=seen.timezone,
            client_timezone=seen.client_timezone,
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
            resolve_by=resolution.due_at if resolution else row.resolve_by,
            calling=found[0].calling if found else (),
            taken_by=seen.holder_name,
            taken_at=seen.acknowledged_at,
            is_viewers=seen.is_mine,
            # Who waits on our line is not called on their own: that would be busy.
            call_back=seen.caller if seen.is_mine and not (talks or seen.client_holds_on) else None,
            call_back_name=seen.caller_name,
            is_calling=is_calling,
            dial_in=self._page_from if seen.is_mine and not talks and code else None,
            code=code,
            closed_at=row.closed_at,
            eta=row.eta,
            talk=self._talk(seen),
            entries=_lines(record, seen),
            may_act=may_act,
            waits=waits,
            owed=tuple(o.what for o in owed),
            sounds=sounds if may_act else (),
            files=tuple(FileLine(f.token, f.name, f.size, f.by) for f in files),
        )


def _running_waits(rows: Iterable[Row[Any]], record: Sequence[Entry], at: datetime) -> tuple[WaitLine, ...]:
    """The waits that nobody ended, and that the clocks have not ended by themselves."""
    ends = wait_ends(record)
    return tuple(
        WaitLine(w.entry, w.party, w.asked, w.whom, w.until)
        for w in rows
        if w.ended_at is None and (w.entry not in ends or ends[w.entry][0] > at)
    )


def _lines(record: list[Entry], seen: PageCall) -> tuple[EntryLine, ...]:
    return tuple(
        EntryLine(e.at, e.kind, sentence(e.kind, e.data, seen.language, seen.timezone, e.erased), e.number)
        for e in in_order_of_time(record)
    )


def _has_client_called(work: Work, seen: PageCall) -> bool:
    """Whether the person of the page is having the client called back just now."""
    awaited = work.live_side_calls(seen.case, Purpose.CLIENT)
    return seen.is_mine and any(side.person == seen.person for side in awaited)
