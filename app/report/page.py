"""The report as one HTML file that needs nothing else: its style, its charts and their library are in it."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from app.report.sheets import Sheet

_STATIC = files("app.report").joinpath("static")


def as_html(sheet: Sheet, language: str) -> str:
    return (
        _environment()
        .get_template("report/file.html")
        .render(
            sheet=sheet,
            language=language,
            link=lambda client: None,
            style=_static("file.css") + _static("report.css"),
            charts=_static("chart.umd.min.js") + "\n" + _static("report.js"),
        )
    )


def _static(name: str) -> str:
    return _STATIC.joinpath(name).read_text(encoding="utf-8").replace("//# sourceMappingURL", "// map")


@cache
def _environment() -> Environment:
    return Environment(loader=PackageLoader("app.report"), autoescape=True, undefined=StrictUndefined)
