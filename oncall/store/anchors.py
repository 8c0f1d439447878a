"""The anchors in the database: each covers the records that grew since the one before."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection, bindparam, insert, select, update

from oncall.record import GENESIS, Anchor, Head, drop_anchor
from oncall.records import AnchoredRow, AnchorRow, CaseRow
from oncall.store.tables import table

_ANCHORS = table(AnchorRow)
_ANCHORED = table(AnchoredRow)
_CASES = table(CaseRow)

# So many records are anchored in one transaction: a page never waits for more.
A_PORTION = 1000


class Anchors:
    connection: Connection

    def anchor(
        self, day: str, at: datetime, after: int = 0, portion: int = A_PORTION
    ) -> tuple[Anchor, int | None]:
        """Write an anchor over the records that grew, of cases ``after`` this one.

        Gives it, and the case after which the next has to go on; None when all are anchored.
        """
        latest = self.latest_anchor()
        heads = self._heads_that_moved(after, portion)
        anchor = drop_anchor(
            latest.number + 1 if latest else 1, day, at, latest.hash if latest else GENESIS, heads
        )
        self.connection.execute(insert(_ANCHORS), _anchor_values(anchor))
        if heads:
            rows = [
                {"anchor": anchor.number, "case_id": h.case, "count": h.count, "head": h.hash} for h in heads
            ]
            self.connection.execute(insert(_ANCHORED), rows)
            moved = update(_CASES).where(_CASES.c.id == bindparam("of")).values(anchored=bindparam("now"))
            self.connection.execute(moved, [{"of": h.case, "now": h.count} for h in heads])
        return anchor, heads[-1].case if len(heads) == portion else None

    def _heads_that_moved(self, after: int, portion: int) -> list[Head]:
        query = (
            select(_CASES.c.id, _CASES.c.entries, _CASES.c.head)
            .where(_CASES.c.id > after, _CASES.c.entries > _CASES.c.anchored)
            .order_by(_CASES.c.id)
            .limit(portion)
        )
        return [Head(*row) for row in self.connection.execute(query)]

    def latest_anchor(self) -> Anchor | None:
        found = self.connection.execute(select(_ANCHORS).order_by(_ANCHORS.c.number.desc()).limit(1)).first()
        return Anchor(*found) if found else None

    def anchors(self) -> list[Anchor]:
        """All of them, oldest first: one a day."""
        return [Anchor(*row) for row in self.connection.execute(select(_ANCHORS).order_by(_ANCHORS.c.number))]

    def anchors_from(self, number: int) -> list[Anchor]:
        """Those from this one on, oldest first."""
        query = select(_ANCHORS).where(_ANCHORS.c.number >= number).order_by(_ANCHORS.c.number)
        return [Anchor(*row) for row in self.connection.execute(query)]

    def heads_under(self, anchor: int) -> list[Head]:
        query = select(_ANCHORED.c.case_id, _ANCHORED.c.count, _ANCHORED.c.head)
        query = query.where(_ANCHORED.c.anchor == anchor).order_by(_ANCHORED.c.case_id)
        return [Head(*row) for row in self.connection.execute(query)]

    def anchors_with_heads(self) -> Iterator[tuple[Anchor, list[Head]]]:
        for anchor in self.anchors():
            yield anchor, self.heads_under(anchor.number)

    def anchors_of(self, case: int) -> list[tuple[int, Head]]:
        """The anchors that cover a case, by number, each with how far its record had come; oldest first."""
        query = select(_ANCHORED).where(_ANCHORED.c.case_id == case).order_by(_ANCHORED.c.anchor)
        return [(row[0], Head(row[1], row[2], row[3])) for row in self.connection.execute(query)]

    def has_heads_without_anchor(self) -> bool:
        """Whether an anchor is gone whose heads are still there."""
        query = select(_ANCHORED.c.anchor).where(_ANCHORED.c.anchor.not_in(select(_ANCHORS.c.number)))
        return self.connection.execute(query.limit(1)).first() is not None

    def anchored_hashes(self) -> dict[int, dict[int, str]]:
        """For each case, the hashes that anchors hold of its entries, by their numbers."""
        query = select(_ANCHORED.c.case_id, _ANCHORED.c.count, _ANCHORED.c.head).order_by(_ANCHORED.c.case_id)
        rows = self.connection.execute(query)
        return {case: {r[1]: r[2] for r in of} for case, of in groupby(rows, key=lambda row: row[0])}


def _anchor_values(anchor: Anchor) -> dict[str, object]:
    return {
        "number": anchor.number,
        "day": anchor.day,
        "at": anchor.at,
        "previous": anchor.previous,
        "cases": anchor.cases,
        "root": anchor.root,
        "hash": anchor.hash,
    }
