"""The managers' desk, put together: its cases, and the sections that other rooms have to show."""

from app.report import Reports
from app.web.office import DeskLinks, Office, Section
from app.web.office.casepages import CasePages
from app.web.office.conversations import ConversationsSection
from app.web.office.notices import NoticesSection
from app.web.office.reportpages import ReportPages
from oncall.dispatcher import Dispatcher
from oncall.ports import BookKeeper, Clock


def office(dispatcher: Dispatcher, books: BookKeeper, clock: Clock, links: DeskLinks) -> Office:
    reports = Reports(dispatcher.store, books, clock)
    sections: tuple[Section, ...] = (  # in the order of the menu
        ConversationsSection(dispatcher),
        NoticesSection(dispatcher.store),
    )
    return Office(books, clock, links, CasePages(dispatcher), ReportPages(reports), sections)
