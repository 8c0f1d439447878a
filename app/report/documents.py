"""The report for programs: JSON, and CSV with one figure a line."""

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from oncall.report import Figures, Promised, Report

COLUMNS = ("month", "client", "name", "figure", "of", "measure", "value")

Cell = tuple[str, str, str, int | float | None]  # figure, of, measure, value


def as_json(report: Report) -> dict[str, Any]:
    """One document: what is absent is null, lengths are seconds, times are UTC with Z."""
    return {
        "month": report.month,
        "timezone": report.timezone,
        "from": _utc(report.since),
        "to": _utc(report.until),
        "made_at": _utc(report.made_at),
        "final": report.is_final,
        "client": report.client,
        "all": _figures(report.all),
        "clients": [{"client": of.client, "name": of.name} | _figures(of.figures) for of in report.clients],
    }


def as_csv(report: Report) -> str:
    """One figure a line, of all together (client ``*``) and of each client; for spreadsheets."""
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\r\n")
    lines.writerow(COLUMNS)
    groups = [("*", "", report.all)] if report.client is None else []
    groups += [(of.client or "", of.name, of.figures) for of in report.clients]
    for client, name, figures in groups:
        for figure, of, measure, value in _cells(figures):
            number = "" if value is None else f"{value:.15g}"
            cells = (_harmless(client), _harmless(name), figure, _harmless(of), measure, number)
            lines.writerow((report.month, *cells))
    return written.getvalue()


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "cases": figures.cases,
        "incidents": dict(figures.incidents),
        "open": figures.open,
        "unverified": figures.unverified,
        "first_response": {p: _promise(of, with_net=False) for p, of in figures.response.items()},
        "resolution": {p: _promise(of, with_net=True) for p, of in figures.resolution.items()},
        "pauses": {cause: asdict(pause) for cause, pause in figures.pauses.items()},
        "refusals": {reason: asdict(refused) for reason, refused in figures.refusals.items()},
        "disputes": asdict(figures.disputes),
        "abandoned": figures.abandoned,
        "attached": figures.attached,
        "before_known": figures.before_known,
        "pages": [
            {
                "person": of.person,
                "name": of.name,
                "calls": of.calls,
                "texts": of.texts,
                "taken": of.taken,
                "at_night": of.at_night,
                "hours": list(of.hours),
            }
            for of in figures.pages
        ],
        "rounds": {"nobody_answered": figures.rounds, "incidents": figures.rounds_in},
        "taken_by": dict(figures.taken),
    }


def _promise(of: Promised, with_net: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "met": of.met,
        "breached": of.breached,
        "running": of.running,
        "unpromised": of.unpromised,
        "gross": asdict(of.gross),
    }
    return found | ({"net": asdict(of.net)} if with_net else {})


def _cells(figures: Figures) -> Iterator[Cell]:
    yield from _plain(_figures(figures))
    for of in figures.pages:
        for hour, count in enumerate(of.hours):
            if count:
                yield "pages", of.person, f"hour_{hour:02d}", count
        for measure in ("calls", "texts", "taken", "at_night"):
            yield "pages", of.person, measure, getattr(of, measure)


def _plain(document: dict[str, Any]) -> Iterator[Cell]:
    """What is not about people, flat: figure, of what, which measure."""
    for figure, value in document.items():
        if figure == "pages":
            continue
        if not isinstance(value, dict):
            yield figure, "", "count", value
            continue
        for of, inner in value.items():
            if not isinstance(inner, dict):
                yield figure, of, "count", inner
                continue
            for measure, number in inner.items():
                if isinstance(number, dict):
                    for which, seconds in number.items():
                        yield figure, of, f"{measure}_{which}_seconds", seconds
                else:
                    yield figure, of, measure, number


def _harmless(text: str) -> str:
    """Spreadsheets take what begins so for a formula; a name is none."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
