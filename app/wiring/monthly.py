"""On the first of each month: the service report of the month that is over, to each manager by mail."""

from datetime import datetime, timedelta
from typing import Any

from app.report import as_csv, gather, last_month, sheet
from app.report.months import Month
from app.report.printed import as_pdf
from app.report.sheets import month_name
from app.web.office import DeskLinks
from oncall.dispatcher import Dispatcher
from oncall.people import Person
from oncall.ports import BookKeeper
from oncall.report import Report

# Not at midnight: what came in the last hours of the month is mostly settled by then, and people are asleep.
_FROM = timedelta(hours=6)
# A guard that was down catches up; one that is set up in the middle of a month does not report the last.
_UNTIL = timedelta(days=7)


class MonthlyReport:
    def __init__(self, dispatcher: Dispatcher, books: BookKeeper, desks: DeskLinks) -> None:
        self._dispatcher = dispatcher
        self._books = books
        self._desks = desks

    def send_when_due(self, at: datetime) -> bool:
        """Order the letters of last month's report, once in the cluster; whether it was now, and here.

        To be called every minute. Nothing is reported of a month in which the guard was not in service.
        """
        month = last_month(at, self._books.current().service.working_hours.timezone)
        if not month.until + _FROM <= at < month.until + _UNTIL:
            return False
        name = f"service_report:{month}"
        with self._dispatcher.store.reading() as work:
            if work.done_already([name]) or not work.was_in_service_before(month.until):
                return False
        found = gather(self._dispatcher.store, self._books.current(), month, None, at)
        written: dict[str, tuple[dict[str, Any], ...]] = {}
        letters = {}
        for manager in self._books.current().managers():
            language = str(manager.language)
            if language not in written:
                written[language] = self._files(found, month, language)
            letters[manager.id] = (self._facts(found, month, manager), written[language])
        return self._dispatcher.mail_report(name, letters, at)

    def _files(self, found: Report, month: Month, language: str) -> tuple[dict[str, Any], ...]:
        """What goes along, put on the shelf: the tables as PDF, and the figures for a spreadsheet."""
        made = {
            f"guardia-{month}.pdf": ("application/pdf", as_pdf(found, month, language)),
            f"guardia-{month}.csv": ("text/csv", as_csv(found).encode("utf-8-sig")),
        }
        return tuple(
            {"name": name, "media_type": kind, "digest": self._dispatcher.shelf.put(content)}
            for name, (kind, content) in made.items()
        )

    def _facts(self, found: Report, month: Month, manager: Person) -> dict[str, Any]:
        language = str(manager.language)
        shown = sheet(found, month, language)
        return {
            "month": month_name(month, language),
            "figures": [list(figure) for figure in shown.key_figures],
            "state": shown.state,
            "desk": f"{self._desks.address(manager.id)}/report?month={month}",
        }
