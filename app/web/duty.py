"""What an engineer subscribes to and keeps: the calendar of their shifts, and the guard's numbers.

The address is the key. One that was not made here, or whose person or team is
gone, is a 404 that reveals nothing.
"""

from typing import Protocol
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request

from app.web.dutylinks import DutyLinks, Of
from oncall.book import Book
from oncall.ports import Clock

_HEADERS = {
    "Cache-Control": "private, max-age=300",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


class Roll(Protocol):
    """Where it is asked who is on call."""

    def current(self) -> Book:
        """The book in force, swaps included."""
        ...


def duty_blueprint(roll: Roll, links: DutyLinks, clock: Clock, page_from: str, public_url: str) -> Blueprint:
    """``/calendar/<secret>.ics`` of a person or a team, and ``/contact/<secret>.vcf``.

    The libraries of their formats are large, and no caller waits for them: they are loaded by who asks.
    """
    duty = Blueprint("duty", __name__)
    host = urlsplit(public_url).hostname or "guardia"

    @duty.get("/calendar/<secret>.ics")
    def calendar(secret: str) -> Response:
        from app.web.calendars import calendar_of_person, calendar_of_team

        of, id = links.read("calendar", secret) or abort(404)
        book, at = roll.current(), clock.now()
        if of is Of.PERSON and id in book.people:
            return _file(calendar_of_person(book, book.people[id], at, host), "text/calendar", f"{id}.ics")
        if of is Of.TEAM and id in book.teams:
            return _file(calendar_of_team(book, book.teams[id], at, host), "text/calendar", f"{id}.ics")
        abort(404)

    @duty.get("/contact/<secret>.vcf")
    def contact(secret: str) -> Response:
        from app.web.cards import card_for

        _, id = links.read("contact", secret) or abort(404)
        book = roll.current()
        person = book.people.get(id) or abort(404)
        return _file(card_for(book, person, page_from, host), "text/vcard", "guardia.vcf")

    return duty


def _file(content: bytes, kind: str, name: str) -> Response:
    """A file that is sent again only when it changed."""
    response = Response(content, content_type=f"{kind}; charset=utf-8", headers=_HEADERS)
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.add_etag()
    response.make_conditional(request)
    return response
