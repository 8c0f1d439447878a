"""Bars beside a table of figures, drawn with rectangles: the same bytes for the same figures."""

from abc import abstractmethod
from collections.abc import Iterator

from fpdf import FPDF

from app.paper.document import Bars

# For paper: apart from each other in colour, and in grey by how dark they are.
_TONES = {
    "red": (178, 42, 42),
    "amber": (226, 160, 60),
    "accent": (62, 104, 178),
    "green": (112, 172, 124),
    "violet": (120, 84, 160),
    "soft": (190, 190, 190),
}
_LABEL, _BAR = 0.33, 0.57  # parts of the width; what is left is for the sum
_LINE, _THICK = 5.0, 3.4  # mm
_TALL, _BELOW = 26.0, 4.5  # mm: of standing bars, and of their labels
_SIZE = 8.0


class BarSheet(FPDF):
    """A sheet that draws bars; pens and page ends are those of the sheet."""

    @abstractmethod
    def pen(self, size: float, bold: bool = False, grey: bool = False) -> None: ...

    @abstractmethod
    def room(self, height: float) -> None: ...

    @abstractmethod
    def drawable(self, words: str) -> str: ...

    def bars_of(self, bars: Bars) -> None:
        """The bars under their legend; nothing where every value is zero."""
        longest = max((sum(values) for values in _stacks(bars)), default=0)
        if not longest:
            return
        self.room(_LINE * 3 if bars.is_flat else _LINE + _TALL + _BELOW)
        self._legend(bars)
        if bars.is_flat:
            self._lying(bars, longest)
        else:
            self._standing(bars, longest)
        self.ln(2)

    def _legend(self, bars: Bars) -> None:
        self.pen(_SIZE, grey=True)
        x = self.l_margin
        for name, tone, values in bars.series:
            if not any(values):
                continue
            words = self.drawable(name)
            wide = 4.2 + self.get_string_width(words) + 5
            if x + wide > self.w - self.r_margin:
                self.ln(_LINE)
                self.room(_LINE)
                x = self.l_margin
            self._block(x, self.get_y() + 1, 2.6, 2.6, tone)
            self.set_x(x + 3.6)
            self.cell(wide - 3.6, _LINE - 0.4, words)
            x += wide
        self.ln(_LINE + 0.6)

    def _lying(self, bars: Bars, longest: int) -> None:
        for label, values in zip(bars.labels, _stacks(bars), strict=True):
            self.room(_LINE)
            self.pen(_SIZE)
            self.cell(self.epw * _LABEL, _LINE, self._shortened(label, self.epw * _LABEL - 2))
            x = self.l_margin + self.epw * _LABEL
            for (_, tone, _), value in zip(bars.series, values, strict=True):
                wide = self.epw * _BAR * value / longest
                self._block(x, self.get_y() + (_LINE - _THICK) / 2, wide, _THICK, tone)
                x += wide
            self.set_x(x + 1)
            self.cell(0, _LINE, str(sum(values)))
            self.ln(_LINE)

    def _standing(self, bars: Bars, longest: int) -> None:
        self.room(_TALL + _BELOW)  # the legend of a large team is long
        top, slot = self.get_y(), self.epw / len(bars.labels)
        for place, (label, values) in enumerate(zip(bars.labels, _stacks(bars), strict=True)):
            x, y = self.l_margin + place * slot, top + _TALL
            for (_, tone, _), value in zip(bars.series, values, strict=True):
                high = (_TALL - _LINE) * value / longest
                y -= high
                self._block(x + slot * 0.15, y, slot * 0.7, high, tone)
            self.pen(_SIZE - 1, grey=True)
            if sum(values):
                self.set_xy(x, y - 3.6)
                self.cell(slot, 3.6, str(sum(values)), align="C")
            self.set_xy(x, top + _TALL)
            self.cell(slot, _BELOW, self.drawable(label), align="C")
        self.set_xy(self.l_margin, top + _TALL + _BELOW)

    def _block(self, x: float, y: float, wide: float, high: float, tone: str) -> None:
        if wide > 0 and high > 0:
            self.set_fill_color(*_TONES.get(tone, _TONES["soft"]))
            self.rect(x, y, wide, high, style="F")

    def _shortened(self, words: str, room: float) -> str:
        kept = self.drawable(words)
        if self.get_string_width(kept) <= room:
            return kept
        while kept and self.get_string_width(f"{kept}…") > room:
            kept = kept[:-1]
        return f"{kept.rstrip()}…"


def _stacks(bars: Bars) -> Iterator[tuple[int, ...]]:
    """For each label its value in each series."""
    return zip(*(values for _, _, values in bars.series), strict=True)
