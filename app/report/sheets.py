"""The report for people: a title, key figures, and tables, each perhaps with a chart of the same numbers.

The page, the PDF and the mail are all made from this one value, in the reader's language.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel import Locale
from babel.dates import format_skeleton
from babel.numbers import format_decimal, format_percent

from app.locales import duration, local_time, text, zone_name
from app.locales.entries import word
from app.report.months import Month
from oncall.report import NIGHT, NO_PRIORITY, PRIORITIES, Figures, Promised, Report

_NOTHING = "—"
_CHARTED_CLIENTS = 15
# The chart's colours by meaning; the page knows what they are by day and by night.
_TONES = {"blocker": "red", "high": "amber", "medium": "accent", "low": "green", NO_PRIORITY: "soft"}


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars of one or several series over the same labels, one upon the other."""

    labels: tuple[str, ...]
    series: tuple[tuple[str, str, tuple[int, ...]], ...]  # name, tone, values
    is_flat: bool = False  # bars lie: the labels are long

    def document(self) -> dict[str, Any]:
        return {
            "labels": list(self.labels),
            "flat": self.is_flat,
            "series": [{"name": n, "tone": tone, "values": list(v)} for n, tone, v in self.series],
        }


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under headings; the first cell of each says what the row is of, the others are figures."""

    name: str
    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    chart: Chart | None = None
    chart_label: str = ""  # what is said of the chart to who cannot see it
    leads_to: tuple[str | None, ...] = ()  # for each row the client whose own report it leads to
    is_dense: bool = False  # many narrow columns

    @property
    def is_empty(self) -> bool:
        return not self.rows


@dataclass(frozen=True, slots=True)
class Sheet:
    title: str
    subtitle: str
    state: str  # how final it is
    key_figures: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    made: str
    nothing: str  # in the place of a table without rows


def sheet(report: Report, month: Month, language: str, client_name: str | None = None) -> Sheet:
    """The whole report in one language."""
    writer = _Writer(language)
    of = report.all
    tables = [
        *([writer.clients(report)] if report.client is None else []),
        writer.response(of),
        writer.resolution(of),
        writer.pauses(of),
        writer.refusals(of),
        writer.disputes(of),
        writer.taken(of),
        writer.people(of),
        writer.hours(of),
    ]
    zone = zone_name(report.timezone, language)
    return Sheet(
        title=writer.told("title", month=month_name(month, language)),
        subtitle=client_name or (report.client or writer.told("all_clients")),
        state=writer.told("final" if report.is_final else "not_final", count=of.open),
        key_figures=writer.key_figures(of),
        tables=tuple(tables),
        made=writer.told("made", time=local_time(report.made_at, report.timezone, language), zone=zone),
        nothing=writer.told("nothing"),
    )


def month_name(month: Month, language: str) -> str:
    """``noviembre de 2026``"""
    return str(format_skeleton("yMMMM", month.first, locale=Locale.parse(language)))


class _Writer:
    def __init__(self, language: str) -> None:
        self._language = language

    def told(self, key: str, **facts: object) -> str:
        return text(f"report.{key}", self._language, **facts)

    def key_figures(self, of: Figures) -> tuple[tuple[str, str], ...]:
        refused = sum(r.calls for r in of.refusals.values())
        shown = {
            "incidents": self._number(of.all_incidents),
            "refused": self._number(refused),
            "disputed": self._number(of.disputes.all),
            "abandoned": self._number(of.abandoned),
            "attached": self._number(of.attached),
            "before_known": self._number(of.before_known),
            "response_met": self._share(of.response.values()),
            "resolution_met": self._share(of.resolution.values()),
            "open": self._number(of.open),
        }
        return tuple((self.told(f"key.{name}"), value) for name, value in shown.items())

    def clients(self, report: Report) -> Table:
        rows, labels = [], []
        for of in report.clients:
            f = of.figures
            labels.append(of.name or self.told("no_client"))
            rows.append(
                (
                    labels[-1],
                    *(self._number(f.incidents.get(p, 0)) for p in ("blocker", "high")),
                    self._number(f.all_incidents),
                    self._share(f.response.values()),
                    self._share(f.resolution.values()),
                    self._number(sum(r.calls for r in f.refusals.values())),
                    self._number(f.disputes.all),
                    self._number(f.abandoned),
                    self._number(f.before_known),
                )
            )
        kept, lost = ("response_met", "resolution_met"), ("refused", "disputed", "abandoned", "before_known")
        columns = ("client", "blocker", "high", "incidents", *kept, *lost)
        busiest = sorted(report.clients, key=lambda of: (-of.figures.all_incidents, of.name))
        charted = [of for of in busiest if of.figures.all_incidents][:_CHARTED_CLIENTS]
        chart = Chart(
            tuple(of.name or self.told("no_client") for of in charted),
            tuple(
                (self._priority(p), _TONES[p], tuple(of.figures.incidents.get(p, 0) for of in charted))
                for p in PRIORITIES
                if any(of.figures.incidents.get(p) for of in charted)
            ),
            is_flat=True,
        )
        keys = tuple(of.client for of in report.clients)
        return self._table("clients", columns, rows, chart if charted else None, keys)

    def response(self, of: Figures) -> Table:
        rows = [
            (
                self._priority(p),
                self._number(of.incidents[p]),
                *self._kept(kept),
                _length(kept.gross.median),
                _length(kept.gross.worst),
            )
            for p, kept in of.response.items()
        ]
        columns = ("priority", "incidents", "met", "breached", "running", "median", "worst")
        return self._table("response", columns, rows, self._kept_chart(of.response))

    def resolution(self, of: Figures) -> Table:
        rows = [
            (
                self._priority(p),
                *self._kept(kept),
                _length(kept.gross.median),
                _length(kept.net.median),
                _length(kept.gross.worst),
                _length(kept.net.worst),
            )
            for p, kept in of.resolution.items()
        ]
        spans = ("median_gross", "median_net", "worst_gross", "worst_net")
        columns = ("priority", "met", "breached", "running", *spans)
        return self._table("resolution", columns, rows, self._kept_chart(of.resolution))

    def pauses(self, of: Figures) -> Table:
        rows = [
            (self.told(f"pause.{cause}"), self._number(pause.incidents), _length(pause.seconds))
            for cause, pause in of.pauses.items()
        ]
        return self._table("pauses", ("cause", "incidents", "time"), rows)

    def refusals(self, of: Figures) -> Table:
        rows = [
            (word("reason", reason, self._language), self._number(r.calls), self._number(r.disputed))
            for reason, r in of.refusals.items()
        ]
        settled = tuple(r.calls - r.disputed for r in of.refusals.values())
        disputed = tuple(r.disputed for r in of.refusals.values())
        chart = Chart(
            tuple(row[0] for row in rows),
            (
                (self.told("accepted"), "accent", settled),
                (self.told("column.disputed"), "amber", disputed),
            ),
            is_flat=True,
        )
        return self._table("refusals", ("reason", "refused", "disputed"), rows, chart if rows else None)

    def disputes(self, of: Figures) -> Table:
        counts = of.disputes
        told = {"client": counts.client_right, "guard": counts.guard_right, "nobody": counts.not_judged}
        rows = [(self.told(f"right.{who}"), self._number(count)) for who, count in told.items() if counts.all]
        return self._table("disputes", ("verdict", "disputed"), rows)

    def taken(self, of: Figures) -> Table:
        rows = [
            (self.told("taken_by", how=word("by", how, self._language)), self._number(count))
            for how, count in of.taken.items()
        ]
        if of.rounds:
            rows.append((self.told("rounds"), self._number(of.rounds)))
            rows.append((self.told("rounds_in"), self._number(of.rounds_in)))
        return self._table("taken", ("how", "count"), rows)

    def people(self, of: Figures) -> Table:
        rows = [
            (p.name, *(self._number(n) for n in (p.calls, p.texts, p.at_night, p.taken))) for p in of.pages
        ]
        return self._table("people", ("person", "calls", "texts", "at_night", "taken"), rows)

    def hours(self, of: Figures) -> Table:
        rows = [(p.name, *(str(n) if n else "" for n in p.hours)) for p in of.pages]
        clock = tuple(f"{hour:02d}" for hour in range(24))
        tones = ("accent", "amber", "green", "red", "violet", "soft")
        chart = Chart(
            clock,
            tuple((p.name, tones[n % len(tones)], p.hours) for n, p in enumerate(of.pages)),
        )
        return Table(
            "hours",
            self.told("table.hours"),
            self.told("note.hours"),
            (self.told("column.person"), *(hour + ("*" if int(hour) in NIGHT else "") for hour in clock)),
            tuple(rows),
            chart if rows else None,
            self._label("hours"),
            is_dense=True,
        )

    # --- inside ---

    def _table(
        self,
        name: str,
        columns: Sequence[str],
        rows: Iterable[tuple[str, ...]],
        chart: Chart | None = None,
        keys: tuple[str | None, ...] = (),
    ) -> Table:
        return Table(
            name,
            self.told(f"table.{name}"),
            self.told(f"note.{name}"),
            tuple(self._column(column) for column in columns),
            tuple(rows),
            chart,
            self._label(name) if chart else "",
            keys,
        )

    def _label(self, name: str) -> str:
        return self.told("chart", title=self.told(f"table.{name}"))

    def _column(self, name: str) -> str:
        return self._priority(name) if name in PRIORITIES else self.told(f"column.{name}")

    def _kept(self, of: Promised) -> tuple[str, str, str]:
        return self._number(of.met), self._number(of.breached), self._number(of.running)

    def _kept_chart(self, promised: Mapping[str, Promised]) -> Chart | None:
        if not promised:
            return None
        series = (("met", "green"), ("breached", "red"), ("running", "soft"))
        return Chart(
            tuple(self._priority(p) for p in promised),
            tuple(
                (self.told(f"column.{name}"), tone, tuple(getattr(of, name) for of in promised.values()))
                for name, tone in series
            ),
            is_flat=True,
        )

    def _priority(self, priority: str) -> str:
        return word("priority", None if priority == NO_PRIORITY else priority, self._language)

    def _share(self, promised: Iterable[Promised]) -> str:
        """Of the promises that are decided, how many were kept."""
        kept = list(promised)
        met, late = sum(of.met for of in kept), sum(of.breached for of in kept)
        return format_percent(met / (met + late), locale=self._language) if met + late else _NOTHING

    def _number(self, number: int) -> str:
        return format_decimal(number, locale=self._language)


def _length(seconds: float | None) -> str:
    return _NOTHING if seconds is None else duration(seconds)
