"""The report on paper."""

from collections.abc import Iterator, Sequence
from math import ceil

from app.locales import text
from app.paper import Bars, Document
from app.paper import Table as PaperTable
from app.paper import as_pdf as printed
from app.report.months import Month
from app.report.sheets import Chart, Table, sheet
from oncall.report import Report

_ABREAST, _NARROW_ABREAST = 7, 12  # columns of figures side by side
_LONGEST_NAME, _SHORTEST, _GAP = 20, 4, 1.5  # in letters


def as_pdf(report: Report, month: Month, language: str, client_name: str | None = None) -> bytes:
    """All tables and totals, A4; the same bytes for the same report."""
    shown = sheet(report, month, language, client_name)
    summary = PaperTable("", (), shown.key_figures, (0.6, 0.4))
    document = Document(
        language=language,
        reference=f"Guardia {report.month}",
        title=f"{shown.title} · {shown.subtitle}",
        dated=report.made_at,
        tables=(summary, *(part for table in shown.tables for part in _on_paper(table, language))),
        foot=(shown.state, shown.made),
    )
    return printed(document)


def _on_paper(table: Table, language: str) -> Iterator[PaperTable]:
    if table.is_empty:
        yield PaperTable(table.title, (), ((text("report.nothing", language),),), (1.0,))
        return
    columns = range(1, len(table.columns))
    parts = ceil(len(columns) / (_NARROW_ABREAST if table.is_dense else _ABREAST))
    each = ceil(len(columns) / parts)
    portions = [columns[i : i + each] for i in range(0, len(columns), each)]
    for number, portion in enumerate(portions):
        kept = (0, *portion)
        heads = tuple(table.columns[c] for c in kept)
        rows = tuple(tuple(row[c] for c in kept) for row in table.rows)
        title, bars = (table.title, _bars(table.chart)) if number == 0 else ("", None)
        yield PaperTable(title, heads, rows, _widths(heads, rows), bars)


def _bars(chart: Chart | None) -> Bars | None:
    return Bars(chart.labels, chart.series, chart.is_flat) if chart else None


def _widths(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[float, ...]:
    """As parts of the page: room for the longest word of each heading and, but for names, for each cell."""
    letters = []
    for number, head in enumerate(heads):
        cells = [row[number] for row in rows]
        words = max(len(word) for written in (head, *cells) for word in written.split() or [""])
        whole = max(len(cell) for cell in cells)
        wanted = min(_LONGEST_NAME, whole) if number == 0 else max(_SHORTEST, whole)
        letters.append(max(words, wanted) + _GAP)
    return tuple(of / sum(letters) for of in letters)
