"""The service report on the managers' desk: a page with charts, and files to take along."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

from babel.numbers import format_percent

from app.report import Month, Reports, as_csv, as_json, sheet
from app.report.printed import as_pdf
from app.web.office.sections import NoSuchMonth, Visit, client_asked
from app.web.refused import Flaw
from oncall.report import Report

FORMS = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8", "json": "application/json"}
_OTHER_MONTHS = 12
_FILE_PATIENCE = 20.0  # seconds; a file cannot say how far it is


class ReportPages:
    """The section ``report``."""

    name = "report"

    def __init__(self, reports: Reports) -> None:
        self._reports = reports

    def show(self, visit: Visit) -> str:
        month, client = _asked(visit)
        found = self._reports.ask(month, client)
        query = {"month": str(month)} | ({"client": client} if client else {})
        if isinstance(found, float):
            share = format_percent(found, locale=visit.language)
            return visit.render("office/computing.html", place=self.name, share=share, done=found)
        return visit.render(
            "office/report.html",
            place=self.name,
            sheet=sheet(found, month, visit.language, _name(visit, client)),
            month=month,
            client=client,
            clients={of.id: of.name for of in visit.book.clients.values()},
            query=query,
            forms=tuple(FORMS),
            link=lambda of: (
                f"{visit.address(self.name)}?{urlencode({'month': month, 'client': of})}" if of else None
            ),
            months=_months(visit.at, visit.timezone),
        )

    def act(self, visit: Visit, form: Mapping[str, str]) -> Sequence[Flaw]:
        """Nothing is done here."""
        return ()

    def file(self, visit: Visit, form: str) -> tuple[bytes, str] | None:
        """The report as a file, and its name; None while it is not made yet."""
        month, client = _asked(visit)
        found = self._reports.ask(month, client, _FILE_PATIENCE)
        if isinstance(found, float):
            return None
        name = f"guardia-{month}{f'-{client}' if client else ''}.{form}"
        return _written(found, month, form, visit, _name(visit, client)), name


def _written(report: Report, month: Month, form: str, visit: Visit, client_name: str | None) -> bytes:
    if form == "pdf":
        return as_pdf(report, month, visit.language, client_name)
    if form == "csv":
        return as_csv(report).encode("utf-8-sig")  # the mark tells spreadsheets that accents are UTF-8
    return (json.dumps(as_json(report), ensure_ascii=False, indent=2) + "\n").encode()


def _asked(visit: Visit) -> tuple[Month, str | None]:
    """The month and the client that were asked for; if none was, the month that runs, and all clients."""
    written = visit.query.get("month", "")
    month = Month.read(written, visit.timezone) if written else Month.of(visit.at, visit.timezone)
    if month is None:
        raise NoSuchMonth
    return month, client_asked(visit.query)


def _months(at: datetime, timezone: str) -> list[Month]:
    """The month that runs and those before it."""
    months = [Month.of(at, timezone)]
    while len(months) < _OTHER_MONTHS:
        months.append(months[-1].before())
    return months


def _name(visit: Visit, client: str | None) -> str | None:
    known = visit.book.clients.get(client or "")
    return known.name if known else client
