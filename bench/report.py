"""What people read of the results: the table and the picture in ``docs/performance.md``."""

from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

_DOCS = Path(__file__).parent.parent / "docs"
PAGE = _DOCS / "performance.md"
PICTURE = _DOCS / "performance.svg"

_BEGIN = "<!-- make bench writes what follows -->"
_END = "<!-- and no further -->"

_BAR, _LABEL, _ROW, _WIDEST = 300, 330, 20, 1.5  # pixels; the share of the target at which a bar is cut
_COLOURS = {True: "#2e7d32", False: "#c62828"}


def write(document: dict[str, Any]) -> None:
    """Bring the page and its picture to the results."""
    before, _, rest = PAGE.read_text("utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    PAGE.write_text(f"{before}{_BEGIN}\n\n{table(document)}\n\n{_END}{after}", "utf-8")
    PICTURE.write_text(picture(document), "utf-8")


def table_of_page() -> str:
    """The table as it stands in the page."""
    return PAGE.read_text("utf-8").partition(_BEGIN)[2].partition(_END)[0].strip()


def table(document: dict[str, Any]) -> str:
    """The results as a table in Markdown, and under which circumstances they were measured."""
    lines = [
        "| bench | measured | value | target | holds | reference | ratio |",
        "|---|---|--:|--:|:-:|--:|--:|",
    ]
    lines += [f"| {' | '.join(_cells(row))} |" for row in document["results"]]
    lines += ["", f"{document['machine']}, Python {document['python']}, {_when(document)}."]
    runs: dict[str, list[str]] = {}
    for name, run in document.get("measured", {}).items():
        runs.setdefault(_when(run), []).append(name)
    if len(runs) > 1:
        lines += ["", "Not all were measured in one run:", ""]
        lines += [f"* {when}: {', '.join(names)}" for when, names in sorted(runs.items())]
    return "\n".join(lines)


def _when(run: dict[str, Any]) -> str:
    return f"{run['at']}, commit {run['commit']}" if run["commit"] else str(run["at"])


def picture(document: dict[str, Any]) -> str:
    """Every result that has a limit, as a share of it: a bar that stays left of the line holds."""
    rows = [row for row in document["results"] if _has_limit(row)]
    height, line = _ROW * (len(rows) + 1), _LABEL + _BAR / _WIDEST
    bars = "\n".join(_bar(row, (number + 1) * _ROW) for number, row in enumerate(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LABEL + _BAR + 60}" height="{height}"'
        ' font-family="sans-serif" font-size="11">\n'
        '<rect width="100%" height="100%" fill="#fff"/>\n'
        f'<text x="{line:.0f}" y="12" text-anchor="middle">target</text>\n{bars}\n'
        f'<line x1="{line:.0f}" x2="{line:.0f}" y1="16" y2="{height}" stroke="#000" stroke-dasharray="3"/>\n'
        "</svg>\n"
    )


def _cells(row: dict[str, Any]) -> list[str]:
    unit = row["unit"]
    return [
        row["bench"],
        row["metric"],
        _number(row["value"], unit),
        _number(row["target"], unit),
        {True: "yes", False: "**no**", None: ""}[row["holds"]],
        _number(row["reference"], unit),
        "" if row["ratio"] is None else f"{row['ratio']:.2f}",
    ]


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    shown = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{shown} {unit}".strip()


def _has_limit(row: dict[str, Any]) -> bool:
    """A limit that a share can be taken of; and one that is not to be exceeded, unlike calls a second."""
    return bool(row["target"]) and row["holds"] is (row["value"] <= row["target"])


def _bar(row: dict[str, Any], y: int) -> str:
    share = min(max(row["value"], 0.0) / row["target"], _WIDEST)
    width = max(1.0, share * _BAR / _WIDEST)
    label = escape(f"{row['bench']}: {row['metric']}")
    value = escape(_number(row["value"], row["unit"]))
    return (
        f'<text x="{_LABEL - 6}" y="{y + 12}" text-anchor="end">{label}</text>'
        f'<rect x="{_LABEL}" y="{y + 3}" width="{width:.0f}" height="12" fill="{_COLOURS[row["holds"]]}"/>'
        f'<text x="{_LABEL + width + 5:.0f}" y="{y + 12}">{value}</text>'
    )
