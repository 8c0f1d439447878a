"""Anchors: once a day, one hash over the heads of all records, so that none can be written anew.

An anchor covers the head of every record that grew since the anchor before, as
the root of a Merkle tree: a client can be shown that its own record is in it
without seeing anybody else's. It holds the hash of the anchor before, so the
latest covers them all. Mailed to people outside, it is out of our reach.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from oncall.record.chain import GENESIS, hash_of


@dataclass(frozen=True, slots=True)
class Head:
    """How far the record of a case had come: how many entries, and the hash of the last."""

    case: int
    count: int
    hash: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """``day`` is the UTC day that it ends, as YYYY-MM-DD; ``cases`` counts the heads under its ``root``."""

    number: int
    day: str
    at: datetime
    previous: str
    cases: int
    root: str
    hash: str

    def computed_hash(self) -> str:
        moment = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return hash_of(["anchor", self.number, self.day, moment, self.previous, self.cases, self.root])


def drop_anchor(number: int, day: str, at: datetime, previous: str, heads: Sequence[Head]) -> Anchor:
    """The anchor over these heads, in the order of their cases, after the one hashed ``previous``."""
    anchor = Anchor(number, day, at, previous, len(heads), root_of(heads), "")
    return Anchor(number, day, at, previous, anchor.cases, anchor.root, anchor.computed_hash())


def root_of(heads: Iterable[Head]) -> str:
    """The root of the tree over the heads; over none, zeros."""
    level = [leaf(head) for head in heads]
    while len(level) > 1:
        level = _above(level)
    return level[0] if level else GENESIS


def path_of(heads: Sequence[Head], case: int) -> list[tuple[str, str]]:
    """From the leaf of ``case`` to the root: at each step the side of its neighbour, and its neighbour."""
    level = [leaf(head) for head in heads]
    place = next(i for i, head in enumerate(heads) if head.case == case)
    path = []
    while len(level) > 1:
        neighbour = place ^ 1
        if neighbour < len(level):
            path.append(("left" if neighbour < place else "right", level[neighbour]))
        level, place = _above(level), place // 2
    return path


def leaf(head: Head) -> str:
    return hash_of(["head", head.case, head.count, head.hash])


def first_broken_anchor(anchors: Iterable[tuple[Anchor, Sequence[Head]]]) -> int | None:
    """The number of the first anchor that was changed, removed or added; None where all hold."""
    previous, expected = GENESIS, 1
    for anchor, heads in anchors:
        if (
            anchor.number != expected
            or anchor.previous != previous
            or anchor.cases != len(heads)
            or anchor.root != root_of(heads)
            or anchor.hash != anchor.computed_hash()
        ):
            return expected
        previous, expected = anchor.hash, expected + 1
    return None


def _above(level: Sequence[str]) -> list[str]:
    """Two by two; who is left alone goes up as it is."""
    pairs = [hash_of(["node", level[i], level[i + 1]]) for i in range(0, len(level) - 1, 2)]
    return [*pairs, level[-1]] if len(level) % 2 else pairs
