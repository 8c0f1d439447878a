"""How people read a record: in the order in which things happened, and under which rosters.

Numbers are those of writing, and nothing moves them. What was noted of a call before it
had a case, or before it joined one, is written when it does: with its own moment, after
what the case had by then. So whoever reads sorts by the moment, then by the number.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from oncall.record.chain import Entry


@dataclass(frozen=True, slots=True)
class RosterSpan:
    """Entries ``first`` to ``last`` were written under this version of the rosters; None: none is known."""

    version: str | None
    first: int
    last: int


def in_order_of_time(entries: Iterable[Entry]) -> list[Entry]:
    """The entries by their moment, those of one moment by their number."""
    return sorted(entries, key=lambda entry: (entry.at, entry.number))


def roster_spans(entries: Iterable[Entry]) -> list[RosterSpan]:
    """Each version of the rosters once, and again where it changed, in the order of writing."""
    spans = []
    written = sorted(entries, key=lambda entry: entry.number)
    for version, under in groupby(written, key=lambda entry: entry.roster):
        numbers = [entry.number for entry in under]
        spans.append(RosterSpan(version, numbers[0], numbers[-1]))
    return spans
