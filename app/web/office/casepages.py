"""The cases as managers see them: those that are open, those that were, and one with all there is of it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from app.casebook import clocks_of, detail, lines_in_order
from app.locales import duration, text
from app.locales.entries import rosters
from app.paper.export import VERIFIER
from app.web.office.sections import NoSuchMonth, Visit, client_asked
from oncall.dispatcher import Dispatcher
from oncall.escalation import State, may_be_paged
from oncall.record import roster_spans
from oncall.rosters import to_instant
from oncall.store.cases import case_of, number_of, reference_of
from oncall.store.desk import Sought

ON_A_PAGE = 50
RECORD_FORMS = {"pdf": "application/pdf", "txt": "text/plain", "json": "application/json"}
VERIFIER_FORM = "py"  # the program that proves the JSON
_OPEN_AT_ONCE = 200
_KINDS = ("incident", "refusal", "abandoned")
_CALLING = ("requested", "ringing", "answered")
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Line:
    """A case in a list."""

    reference: str
    kind: str
    state: str
    priority: str | None
    reason: str | None
    client: str | None
    integration: str | None
    opened_at: datetime
    who: tuple[str, ...]  # who has it, or who is being called
    clock: str | None  # of an incident that is not over: what is owed next, and how long there is
    is_late: bool
    disputed: bool
    unverified: bool


class CasePages:
    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    def list(self, visit: Visit) -> str:
        """The front page: what is open, and a search in what was."""
        sought = _sought(visit)
        with self._dispatcher.store.reading() as work:
            reference = _asked_for(visit.query)
            found = case_of(reference) if reference else None
            row = work.case(found) if found is not None else None
            live = work.live_cases(_OPEN_AT_ONCE)
            rows = [row] if row is not None else [] if reference else work.sought_cases(sought, ON_A_PAGE + 1)
            shown = rows[:ON_A_PAGE]
            untaken = {r.id for r in (*live, *shown) if r.state == State.OPEN}
            calling = work.names_called(untaken, _CALLING)
            running = {r.id: r for r in (*live, *shown) if r.kind == "incident" and r.state != State.CLOSED}
            clocks = {
                id: clocks_of(running[id], work.record(id), visit.book.service, visit.at)
                for id in work.stood_still(running)
            }
        return visit.render(
            "office/front.html",
            place="",
            live=[_line(r, visit, calling.get(r.id, ()), clocks.get(r.id)) for r in live],
            found=[_line(r, visit, calling.get(r.id, ()), clocks.get(r.id)) for r in shown],
            older=_older(visit.query, shown[-1].id) if len(rows) > ON_A_PAGE else None,
            is_first_page=sought.before is None,
            clients={client.id: client.name for client in visit.book.clients.values()},
            kinds=_KINDS,
            asked=visit.query,
        )

    def show(self, visit: Visit, reference: str) -> str | None:
        """One case; None where there is none of this reference."""
        id = case_of(reference)
        with self._dispatcher.store.reading() as work:
            row = work.case(id) if id is not None else None
            if row is None:
                return None
            found = detail(work, row, visit.at, visit.book.service, visit.language)
            spans = roster_spans(work.record(row.id))
            recordings = tuple(sound.kind for sound in work.recordings_at_home(row.id))
            files = work.files(row.id)
            calling = work.names_called([row.id], _CALLING).get(row.id, ())
            incident = work.incident(row.id, lock=False)
        return visit.render(
            "office/case.html",
            place="",
            case=found,
            row=row,
            line=_line(row, visit, calling if row.state == State.OPEN else (), found["clocks"]),
            clocks=_clocks(found["clocks"], visit),
            entries=[e | {"at": _moment(e["at"])} for e in lines_in_order(found["entries"])],
            rosters=rosters(spans, visit.language),
            pages=[
                page | {"requested_at": _moment(page["requested_at"]), "person": _named(visit, page)}
                for page in found["pages"]
            ],
            recordings=recordings,
            files=files,
            forms=(*RECORD_FORMS, VERIFIER_FORM),
            verdict=_verdict(found["entries"]),
            may_be_paged=incident is not None and may_be_paged(incident[0], visit.manager),
        )

    def recording(self, reference: str, number: int) -> BinaryIO | None:
        """The sound of a case's recording, counted from 1."""
        id = case_of(reference)
        if id is None:
            return None
        with self._dispatcher.store.reading() as work:
            tokens = [sound.token for sound in work.recordings_at_home(id)]
        return self._dispatcher.recording(tokens[number - 1]) if 1 <= number <= len(tokens) else None

    def file(self, reference: str, token: str) -> tuple[bytes, str, str] | None:
        """A file of a case: its content, type and name."""
        id = case_of(reference)
        found = self._dispatcher.file(id, token) if id is not None else None
        return (found[1], found[0].media_type, found[0].name) if found else None

    def record(self, visit: Visit, reference: str, form: str) -> tuple[bytes, str, str] | None:
        """The whole record on paper, in the manager's language: its content, type and name."""
        if form == VERIFIER_FORM:
            return VERIFIER.read_bytes(), "text/x-python", VERIFIER.name
        id, kind = case_of(reference), RECORD_FORMS.get(form)
        if id is None or kind is None:
            return None
        with self._dispatcher.store.reading() as work:
            if work.case(id) is None:
                return None
        printed = self._dispatcher.paper.record(id, visit.language)
        found = next((one for one in printed if one.media_type == kind and one.content is not None), None)
        return (found.content, kind, found.name) if found and found.content is not None else None

    def page(self, visit: Visit, reference: str) -> bool:
        """The manager is paged for an incident that nobody has taken; false where there is no such case.

        Taken meanwhile, or paged already, nothing is done: the page that follows shows it.
        """
        id = case_of(reference)
        with self._dispatcher.store.reading() as work:
            row = work.case(id) if id is not None else None
        if row is None or row.kind != "incident":
            return False
        self._dispatcher.page_manager(row.id, visit.manager.id, visit.at)
        return True

    def judge(self, visit: Visit, reference: str, form: Mapping[str, str]) -> bool:
        """A manager says who was right in a dispute; false where there is none, or no such verdict."""
        id = case_of(reference)
        if id is None:
            return False
        return self._dispatcher.judge_dispute(
            id,
            visit.manager,
            form.get("verdict", ""),
            form.get("note", "").replace("\0", "").strip()[:500],
            visit.at,
        )


def month_span(month: str, timezone: str) -> tuple[datetime, datetime] | None:
    """From the first instant of ``2026-11`` to the first of the next, in ``timezone``; None for another."""
    found = _MONTH.fullmatch(month)
    if found is None or not 1900 <= int(found[1]) <= 9000:
        return None
    first = datetime(int(found[1]), int(found[2]), 1)  # noqa: DTZ001 - a wall time
    following = (first + timedelta(days=32)).replace(day=1)
    zone = ZoneInfo(timezone)
    return to_instant(first, zone), to_instant(following, zone)


def _sought(visit: Visit) -> Sought:
    asked = visit.query
    month = asked.get("month", "")
    span = month_span(month, visit.timezone)
    if month and span is None:
        raise NoSuchMonth
    return Sought(
        client=client_asked(asked),
        kind=asked["kind"] if asked.get("kind") in _KINDS else None,
        since=span[0] if span else None,
        until=span[1] if span else None,
        before=number_of(asked.get("before", "")),
    )


def _asked_for(query: Mapping[str, str]) -> str | None:
    return query.get("reference", "").strip() or None


def _older(query: Mapping[str, str], last: int) -> dict[str, str]:
    """What to ask for the cases before the last one that is shown."""
    kept = {name: query[name] for name in ("client", "month", "kind") if query.get(name)}
    return kept | {"before": str(last)}


def _line(
    row: Row[Any], visit: Visit, calling: Iterable[str], clocks: Mapping[str, Any] | None = None
) -> Line:
    clock, is_late = _owed(row, visit, clocks or {}) if row.kind == "incident" else (None, False)
    holder = (row.acknowledged_by_name,) if row.acknowledged_by_name else ()
    return Line(
        reference=reference_of(row.id),
        kind=row.kind,
        state=row.state,
        priority=row.priority,
        reason=row.reason,
        client=row.client_name or row.client,
        integration=row.integration_name or row.integration,
        opened_at=row.opened_at,
        who=tuple(dict.fromkeys(holder or calling)),
        clock=clock,
        is_late=is_late,
        disputed=row.disputed,
        unverified=row.unverified,
    )


def _owed(row: Row[Any], visit: Visit, clocks: Mapping[str, Any]) -> tuple[str | None, bool]:
    """What an incident that is not over owes next, and whether it is late with it.

    ``clocks`` are those of ``guardia case``, for one whose clocks stood still; else the row says it all.
    """
    if row.state == State.CLOSED:
        return None, False
    of, due = "first_response", row.respond_by
    if row.first_taken_at is not None:
        of, due = "resolution", row.resolve_by
    due = _moment(clocks[of]["due_at"]) if of in clocks else due
    if due is None:
        return None, False
    told = f"{text(f'web.office.{of}', visit.language)}: {text_left(due, visit.at, visit.language)}"
    if clocks.get("paused_by"):
        told += f" · {text('web.office.paused', visit.language)}"
    return told, due < visit.at


def text_left(due: datetime, at: datetime, language: str) -> str:
    """``quedan 58 min``, or since when it is overdue."""
    seconds = (due - at).total_seconds()
    key = "web.case.left" if seconds >= 0 else "web.case.overdue"
    return text(key, language, time=duration(abs(seconds)))


def _clocks(clocks: Mapping[str, Any], visit: Visit) -> list[dict[str, Any]]:
    """First response and resolution: due when, stopped when or how long there is, kept or not."""
    told = []
    for name in ("first_response", "resolution"):
        clock = clocks.get(name)
        if clock and clock["due_at"]:
            due, stopped = _moment(clock["due_at"]), _moment(clock["stopped_at"])
            assert due is not None
            left = None if stopped else text_left(due, visit.at, visit.language)
            told.append(
                {
                    "name": name,
                    "due": due,
                    "stopped": stopped,
                    "left": left,
                    "breached": clock["breached"],
                    "pauses": {c: duration(s) for c, s in clock.get("pauses", {}).items() if s},
                    "lengths": {n: duration(clock.get(f"{n}_seconds", 0)) for n in ("gross", "net")},
                }
            )
    return told


def _verdict(entries: Iterable[Mapping[str, Any]]) -> str | None:
    """What was said last of who was right."""
    said = [entry["data"]["verdict"] for entry in entries if entry["kind"] == "dispute_judged"]
    return str(said[-1]) if said else None


def _named(visit: Visit, page: Mapping[str, Any]) -> str:
    person = visit.book.people.get(page["person"])
    return person.name if person else str(page["person"])


def _moment(at: str | None) -> datetime | None:
    return datetime.fromisoformat(at) if at else None
