"""What callers hear before the menu about a major incident: managers publish it, and end it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.locales import text
from app.web.office.sections import Visit
from app.web.refused import WHOLE, Flaw
from oncall.dispatcher.publishing import end, flaws_of, publish
from oncall.notices import LONGEST, Flaws, Notice
from oncall.notices import Flaw as NoticeFlaw
from oncall.people import Language
from oncall.rosters import to_instant
from oncall.store import Store
from oncall.store.cases import number_of, reference_of

_MOST = 100  # open incidents to choose from
_ANY_TIME = timedelta(hours=1)  # stands for an end that was not given, so that what else is wrong is told too
_FIELDS = {NoticeFlaw.IS_OVER: "until", NoticeFlaw.NO_OPEN_INCIDENT: "case"}


class NoticesSection:
    name = "notices"

    def __init__(self, store: Store) -> None:
        self._store = store

    def show(self, visit: Visit) -> str:
        with self._store.reading() as work:
            notices, live = work.notices(), work.live_cases(_MOST)
        names = {person.id: person.name for person in visit.book.people.values()}
        return visit.render(
            "office/notices.html",
            place=self.name,
            heard=[one for one in notices if _is_heard(one, visit.at)],
            over=[one for one in notices if not _is_heard(one, visit.at)],
            by={one.id: names.get(one.published_by, one.published_by) for one in notices},
            incidents=[(row.id, reference_of(row.id), row.client_name, row.integration_name) for row in live],
            reference_of=reference_of,
            clients={client.id: client.name for client in visit.book.clients.values()},
            integrations=_integrations(visit),
            languages=tuple(Language),
            longest=LONGEST,
        )

    def act(self, visit: Visit, form: Mapping[str, str]) -> Sequence[Flaw]:
        """``end`` names the notice that is to end; without it one is published."""
        if "end" in form:
            return self._end(visit, form["end"])
        ends_at = _moment(form.get("until", ""), visit.timezone)
        draft = Notice(
            {language: form.get(f"text_{language}", "").replace("\0", "") for language in Language},
            ends_at or visit.at + _ANY_TIME,
            tuple(id for id in visit.book.clients if f"client_{id}" in form),
            tuple(id for id in _integrations(visit) if f"integration_{id}" in form),
            # A case that nobody has is refused as one that is not open.
            (number_of(form["case"]) or 0) if form.get("case") else None,
        )
        if ends_at is None:
            with self._store.reading() as work:
                found = flaws_of(work, visit.book, draft, visit.at)
            return (*_told(found, visit), _flaw(visit, "until", "no_end"))
        with self._store.writing() as work:
            made = publish(work, visit.book, draft, visit.manager.id, visit.at)
        return _told(made, visit) if isinstance(made, Flaws) else ()

    def _end(self, visit: Visit, number: str) -> Sequence[Flaw]:
        id = number_of(number)
        if id is not None:
            with self._store.writing() as work:
                if end(work, visit.book, id, visit.manager.id, visit.at):
                    return ()
        return (Flaw(WHOLE, text("web.office.notice_gone", visit.language)),)


def _told(flaws: Flaws, visit: Visit) -> tuple[Flaw, ...]:
    """Each flaw beside the field that has it."""
    return tuple(
        _flaw(visit, field, flaw) for flaw, having in flaws.found.items() for field in _fields(flaw, having)
    )


def _flaw(visit: Visit, field: str, flaw: str) -> Flaw:
    return Flaw(field, text(f"web.office.notice_flaw.{flaw}", visit.language))


def _fields(flaw: NoticeFlaw, having: Sequence[str]) -> Sequence[str]:
    if flaw in (NoticeFlaw.TEXT_MISSING, NoticeFlaw.TEXT_TOO_LONG):
        return [f"text_{language}" for language in having]
    return [_FIELDS.get(flaw, WHOLE)]


def _is_heard(notice: Notice, at: datetime) -> bool:
    return notice.ended_at is None and at < notice.ends_at


def _integrations(visit: Visit) -> dict[str, str]:
    """The name of each integration that a client has."""
    return {i.id: i.name for client in visit.book.clients.values() for i in client.integrations}


def _moment(written: str, timezone: str) -> datetime | None:
    """What a field for a local time holds, as an instant; None for anything else."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return None
    return to_instant(at, ZoneInfo(timezone)) if 1900 <= at.year <= 9000 else None
