"""Managers publish a notice, and end it; what it says of an incident stands in that incident's record."""

from datetime import datetime

from oncall.book import Book
from oncall.notices import Flaws, Notice, flaws
from oncall.people import Language
from oncall.record import Draft
from oncall.store import Work


def publish(work: Work, book: Book, notice: Notice, by: str, at: datetime) -> int | Flaws:
    """The number of the notice, or what keeps it from being published. ``by``: a person's id, or guardia."""
    if found := flaws_of(work, book, notice, at):
        return found
    id = work.add_notice(notice, by, at)
    if notice.case is not None:
        facts = {
            "notice": id,
            "text": notice.texts[Language.ES],
            "until": notice.ends_at.isoformat(),
            "name": _name(book, by),
        }
        work.append(notice.case, at, (Draft("notice_published", facts, by),))
    return id


def flaws_of(work: Work, book: Book, notice: Notice, at: datetime) -> Flaws:
    """What keeps it from being published."""
    is_open = notice.case is None or work.is_open_incident(notice.case)
    return flaws(notice, book, at, is_open)


def end(work: Work, book: Book, id: int, by: str, at: datetime) -> bool:
    """Nobody hears it any longer; whether somebody still did."""
    ended = work.end_notice(id, at)
    if ended is not None and ended.case is not None:
        work.append(ended.case, at, (Draft("notice_ended", {"notice": id, "name": _name(book, by)}, by),))
    return ended is not None


def end_with(work: Work, case: int, at: datetime) -> None:
    """The incident is closed: nobody hears any longer that it is being worked on."""
    for notice in work.notices_in_force(at):
        if notice.case == case and work.end_notice(notice.id, at) is not None:
            facts = {"notice": notice.id, "with_incident": True}
            work.append(case, at, (Draft("notice_ended", facts),))


def _name(book: Book, by: str) -> str:
    person = book.people.get(by)
    return person.name if person else by
