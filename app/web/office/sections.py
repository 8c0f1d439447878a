"""What stands on the managers' desk beside the cases: a list that any room adds to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flask import url_for

from app.web.refused import NOTHING_REFUSED, Flaw, Refused
from app.web.rendering import render
from oncall.book import Book
from oncall.people import Person


@dataclass(frozen=True, slots=True)
class Visit:
    """A manager at the desk: who, when (aware, UTC), and how pages are made for them."""

    manager: Person
    secret: str  # of the address they came by
    at: datetime
    book: Book
    query: Mapping[str, str]  # what stands behind the question mark
    csrf_token: Callable[[], str]
    refused: Refused = NOTHING_REFUSED  # the form by which they come, where it was not done

    @property
    def language(self) -> str:
        return str(self.manager.language)

    @property
    def timezone(self) -> str:
        """Of the service: one clock for everything on the desk."""
        return self.book.service.working_hours.timezone

    def address(self, place: str = "") -> str:
        """The path of a place on this manager's desk; without one, of its front page."""
        front = url_for("office.front", secret=self.secret)
        return f"{front}/{place}" if place else front

    def render(self, template: str, **facts: object) -> str:
        """A template of ``templates/web``, with ``visit`` and the words of the manager's language."""
        return render(template, self.language, visit=self, **facts)


def client_asked(query: Mapping[str, str]) -> str | None:
    """The client that a query names, perhaps a former one; None for all, or for what cannot be an id."""
    client = query.get("client", "")
    return client if client.isprintable() and client else None


class NoSuchMonth(Exception):
    """What was asked for is no month: nothing else is shown in its place, for it may be sent to a client."""


class Section(Protocol):
    """Something managers see, and perhaps do."""

    name: str  # its place in the address; ``web.office.<name>`` in the catalogs is its title

    def show(self, visit: Visit) -> str:
        """The section as HTML (a template that extends ``web/office/base.html``). Changes nothing.

        After a form that was not done, ``visit.refused`` has what was typed and what is wrong.
        """
        ...

    def act(self, visit: Visit, form: Mapping[str, str]) -> Sequence[Flaw]:
        """What a form of the section asks for. Nothing: done, and the section is shown again.

        Else what keeps it from being done, field by field: the section is shown with it, with status 400.
        """
        ...
