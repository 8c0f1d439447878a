"""The versions of the rosters that were accepted, and the turns swapped by text, for every process."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from oncall.records import NoticeRow, RosterRow, RosterSourceRow, SwapRow
from oncall.store.quick import hot
from oncall.store.tables import dialect_of, insert_of, table
from oncall.swaps import Swap

_ROSTERS = table(RosterRow)
_SOURCES = table(RosterSourceRow)
_SWAPS = table(SwapRow)
_NOTICES = table(NoticeRow)
_SWAP_WITH_CODE = hot(
    select(_SWAPS.c.id)
    .where(_SWAPS.c.code == bindparam("of"), _SWAPS.c.asked_at >= bindparam("since"))
    .limit(1)
)


class Rosters:
    connection: Connection
    ordered: bool
    swapped: bool  # a swap came into force: processes look at the rosters at once

    def newest_roster(self) -> Row[Any] | None:
        """The version in force."""
        return self.connection.execute(select(_ROSTERS).order_by(_ROSTERS.c.id.desc()).limit(1)).first()

    def roster_mark(self) -> tuple[int, int, int]:
        """Changes whenever a version entered or a swap was agreed: cheap to ask again and again."""
        newest = select(func.coalesce(func.max(_ROSTERS.c.id), 0)).scalar_subquery()
        swaps = select(func.count()).where(_SWAPS.c.state == "in_force").scalar_subquery()
        latest = select(func.coalesce(func.max(_SWAPS.c.id), 0)).where(_SWAPS.c.state == "in_force")
        row = self.connection.execute(select(newest, swaps, latest.scalar_subquery())).one()
        return int(row[0]), int(row[1]), int(row[2])

    def enter_roster(self, source: str, version: str, files: Mapping[str, str], at: datetime) -> bool:
        """Accept what a folder holds now, unless the folder brought it before; whether it is new."""
        last = self.connection.execute(select(_SOURCES.c.version).where(_SOURCES.c.source == source)).scalar()
        if last == version:
            return False
        self._remember_source(source, version)
        newest = self.newest_roster()
        if newest is not None and newest.version == version:
            return False
        self.connection.execute(
            insert(_ROSTERS).values(version=version, files=dict(files), accepted_at=at, source=source)
        )
        self.ordered = True  # other processes are woken, and look
        return True

    def rosters(self) -> list[Row[Any]]:
        """Every accepted version, newest first, without the files."""
        query = select(_ROSTERS.c.id, _ROSTERS.c.version, _ROSTERS.c.accepted_at, _ROSTERS.c.source)
        return list(self.connection.execute(query.order_by(_ROSTERS.c.id.desc())))

    def _remember_source(self, source: str, version: str) -> None:
        """Of two processes that start together, the second waits here, and then finds the first's version."""
        seen = insert_of(dialect_of(self.connection), _SOURCES).values(source=source, version=version)
        self.connection.execute(
            seen.on_conflict_do_update(index_elements=["source"], set_={"version": version})
        )

    # --- swaps ---

    def add_swap(self, swap: Swap, code: str, at: datetime) -> int:
        """Note a swap that waits for the other side's answer; gives its number."""
        values = {
            "team": swap.team,
            "rotation": swap.rotation,
            "person": swap.person,
            "instead_of": swap.instead_of,
            "starts": swap.starts,
            "ends": swap.ends,
            "asked_by": swap.asked_by,
            "asked_of": swap.asked_of,
            "state": "asked",
            "code": code,
            "asked_at": at,
        }
        id: int = self.connection.execute(insert(_SWAPS).values(**values).returning(_SWAPS.c.id)).scalar_one()
        return id

    def swap_with_code(self, code: str, asked_of: str, since: datetime) -> tuple[int, str, Swap] | None:
        """The newest swap asked of this person with this code: its number, its state, and itself."""
        query = select(_SWAPS).where(
            _SWAPS.c.code == code, _SWAPS.c.asked_of == asked_of, _SWAPS.c.asked_at >= since
        )
        row = self.connection.execute(query.order_by(_SWAPS.c.id.desc()).limit(1)).first()
        return (row.id, row.state, _swap(row)) if row else None

    def swaps_asked(self, asked_by: str, since: datetime) -> list[Swap]:
        """The swaps this person asked for that nobody has answered."""
        query = select(_SWAPS).where(
            _SWAPS.c.asked_by == asked_by, _SWAPS.c.state == "asked", _SWAPS.c.asked_at >= since
        )
        return [_swap(row) for row in self.connection.execute(query)]

    def swap_code_in_use(self, code: str, since: datetime) -> bool:
        """Whether a swap asked since then has this code."""
        found = self.connection.execute(_SWAP_WITH_CODE, {"of": code, "since": since})
        return found.first() is not None

    def answer_swap(self, id: int, state: str, at: datetime) -> bool:
        """Agree to a swap, which begins then, or refuse it, once; whether this was the answer that counts."""
        waiting = update(_SWAPS).where(_SWAPS.c.id == id, _SWAPS.c.state == "asked")
        values = {"state": state, "answered_at": at} | ({"starts": at} if state == "in_force" else {})
        counts = self.connection.execute(waiting.values(**values)).rowcount == 1
        if counts and state == "in_force":
            self.ordered = self.swapped = True
        return counts

    def swaps_from(self, at: datetime) -> list[Swap]:
        """The swaps in force that are not over at ``at``, in the order in which they were agreed."""
        query = select(_SWAPS).where(_SWAPS.c.state == "in_force", _SWAPS.c.ends > at)
        ordered = query.order_by(_SWAPS.c.answered_at, _SWAPS.c.id)
        return [_swap(row) for row in self.connection.execute(ordered)]

    # --- chores ---

    def first_to_do(self, name: str, at: datetime) -> bool:
        """Claim a chore that is done once in the cluster; false when somebody did it already."""
        claim = insert_of(dialect_of(self.connection), _NOTICES).values(name=name, at=at)
        mine = claim.on_conflict_do_nothing().returning(_NOTICES.c.name)
        return self.connection.execute(mine).first() is not None  # psycopg does not count an INSERT

    def was_in_service_before(self, at: datetime) -> bool:
        """Whether rosters had been accepted by then."""
        query = select(_ROSTERS.c.id).where(_ROSTERS.c.accepted_at < at).limit(1)
        return self.connection.execute(query).first() is not None

    def done_already(self, names: Sequence[str]) -> frozenset[str]:
        """Which of these chores somebody did."""
        query = select(_NOTICES.c.name).where(_NOTICES.c.name.in_(names))
        return frozenset(self.connection.execute(query).scalars())


def _swap(row: Row[Any]) -> Swap:
    return Swap(
        team=row.team,
        rotation=row.rotation,
        person=row.person,
        instead_of=row.instead_of,
        starts=row.starts,
        ends=row.ends,
        asked_by=row.asked_by,
        asked_of=row.asked_of,
    )
