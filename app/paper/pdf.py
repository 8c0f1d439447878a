"""The document as a PDF, A4, with fonts of its own: the same bytes for the same document."""

import unicodedata
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from fpdf.enums import MethodReturnValue, XPos, YPos

from app.locales import text
from app.paper.bars import BarSheet
from app.paper.document import Document, Table

_FONTS = Path(__file__).with_name("fonts")
_FAMILY = "Noto Sans"
_MARGIN, _FOOT = 18.0, 16.0  # mm
_GAP = 2.0  # between columns
_GREY, _BLACK, _LINE = 105, 25, 210
# What the fonts cannot draw, an emoji or a name in another script; the text and the export hold it.
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"


def as_pdf(document: Document) -> bytes:
    """The whole document; long records go on over as many pages as they need."""
    sheet = _Sheet(document)
    sheet.add_page()
    sheet.title_line(document.title)
    for table in document.tables:
        sheet.table_of(table)
    sheet.foot_lines(document.foot)
    return bytes(sheet.output())


class _Sheet(BarSheet):
    def __init__(self, document: Document) -> None:
        super().__init__(format="A4")
        self.document = document
        self.set_margins(_MARGIN, _MARGIN)
        self.set_auto_page_break(False)
        for style, name in (("", "NotoSans-Regular.ttf"), ("B", "NotoSans-Bold.ttf")):
            self.add_font(_FAMILY, style, _FONTS / name)
        self.set_lang(document.language)
        self.set_title(_drawable(document.title))
        self.set_creator("Guardia")
        self.set_producer("Guardia")
        self.set_creation_date(document.dated)
        self.alias_nb_pages("{pages}")

    # Called by the library at the end of each page.
    def footer(self) -> None:
        self.set_y(-_FOOT + 4)
        self.pen(8, grey=True)
        page = text(
            "paper.page_of", self.document.language, number=self.page_no(), count=self.str_alias_nb_pages
        )
        self.cell(0, 5, f"{self.document.reference} · {page}", align="R")

    def title_line(self, title: str) -> None:
        self.pen(17, bold=True)
        self.multi_cell(0, 9, _drawable(title), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(2)

    def foot_lines(self, lines: tuple[str, ...]) -> None:
        self.ln(5)
        for line in lines:
            self._row((line,), (1.0,), size=8, grey=True)

    def table_of(self, table: Table) -> None:
        self.room(18)
        if table.title:
            self.ln(5)
            self.pen(12, bold=True)
            self.cell(0, 7, _drawable(table.title), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        if table.bars:
            self.bars_of(table.bars)
        if table.heads:
            self._row(table.heads, table.widths, size=8, grey=True)
        for row in table.rows:
            self._row(row, table.widths)

    def _row(
        self, cells: tuple[str, ...], widths: tuple[float, ...], size: float = 9.5, grey: bool = False
    ) -> None:
        """One row, line by line: the highest cell may be longer than a page."""
        height = size * 0.5
        columns = [self._lines(cell, width, size) for cell, width in zip(cells, widths, strict=True)]
        for number in range(max(len(lines) for lines in columns)):
            self.room(height)
            self.pen(size, grey=grey)
            x = self.l_margin
            for lines, width in zip(columns, widths, strict=True):
                if number < len(lines):
                    self.set_x(x)
                    self.cell(self.epw * width - _GAP, height, lines[number])
                x += self.epw * width
            self.ln(height)
        self.set_draw_color(_LINE)
        self.line(self.l_margin, self.get_y() + 0.5, self.w - self.r_margin, self.get_y() + 0.5)
        self.ln(1.4)

    def _lines(self, words: str, width: float, size: float) -> list[str]:
        self.pen(size)
        broken = self.multi_cell(
            self.epw * width - _GAP,
            size * 0.5,
            _drawable(words),
            dry_run=True,
            output=MethodReturnValue.LINES,
        )
        assert isinstance(broken, list)
        return broken or [""]

    def drawable(self, words: str) -> str:
        return _drawable(words)

    def room(self, height: float) -> None:
        """A new page where this one has no room for ``height`` mm more."""
        if self.get_y() + height > self.h - _FOOT - 4:
            self.add_page()

    def pen(self, size: float, bold: bool = False, grey: bool = False) -> None:
        self.set_font(_FAMILY, "B" if bold else "", size)
        self.set_text_color(_GREY if grey else _BLACK)


@cache
def _drawn() -> frozenset[int]:
    with TTFont(_FONTS / "NotoSans-Regular.ttf") as font:
        return frozenset(font.getBestCmap())


def _drawable(words: str) -> str:
    """The words without what no font of ours can draw, and without what is no letter."""
    composed = unicodedata.normalize("NFC", words).replace("\t", " ").replace("\r", "")
    return "".join(
        c if c == "\n" or ord(c) in _drawn() else _UNKNOWN
        for c in composed
        if c == "\n" or unicodedata.category(c)[0] != "C"
    )
