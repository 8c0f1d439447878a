"""What is wrong with the rosters folder, where, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"  # the folder is refused
    WARNING = "warning"  # a manager should know


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One mistake or remark; line and column count from 1, ``code`` is explained in docs/rosters.md."""

    path: str
    line: int
    column: int
    severity: Severity
    code: str
    message: str

    def __str__(self) -> str:
        note = "" if self.severity is Severity.ERROR else "warning: "
        return f"{self.path}:{self.line}:{self.column}: {note}{self.message} [{self.code}]"


def nearest(name: str, known: Iterable[str]) -> str:
    """The remedy for a name that is unknown: the nearest one that is not, or all there are."""
    names = sorted(set(known))
    close = get_close_matches(name[:80], names, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    if not names:
        return "there is none yet"
    listed = ", ".join(f"`{n}`" for n in names[:12])
    return f"known: {listed}" + (" and others" if len(names) > 12 else "")


def shown(text: object) -> str:
    """What somebody wrote, in quotes and short enough to be read."""
    words = str(text).replace("\n", " ")
    words = "".join(c if c.isprintable() else "?" for c in words)
    return f"`{words if len(words) <= 60 else words[:57] + '…'}`"
