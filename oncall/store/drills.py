"""Who was asked to prove that a page reaches them, how far it came, and who passed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, insert, or_, select, update

from oncall.drills import GOING_ON
from oncall.escalation import LIVE, Channel
from oncall.records import CaseRow, DrillRow, PageRow
from oncall.store.calls import A_FEW
from oncall.store.quick import hot, is_one_of
from oncall.store.tables import table

_DRILLS = table(DrillRow)
_PAGES = table(PageRow)
_CASES = table(CaseRow)
_GOES_ON = is_one_of(_DRILLS.c.state, sorted(GOING_ON))

# Made once: these are asked for every page, and by the worker at every turn.
_DRILL_OF = hot(select(_DRILLS).where(_DRILLS.c.person == bindparam("whose"), _GOES_ON).limit(1))
_OVERDUE = (
    select(_DRILLS.c.id)
    .where(_GOES_ON, _DRILLS.c.due_at <= bindparam("at"))
    .order_by(_DRILLS.c.due_at)
    .limit(A_FEW)
)
NEXT_DRILL = (
    select(_DRILLS.c.due_at)
    .where(_GOES_ON, _DRILLS.c.due_at.is_not(None))
    .order_by(_DRILLS.c.due_at)
    .limit(1)
)


class Drills:
    connection: Connection

    def add_drill(self, values: Mapping[str, Any]) -> int:
        id: int = self.connection.execute(
            insert(_DRILLS).values(**values).returning(_DRILLS.c.id)
        ).scalar_one()
        return id

    def drill(self, id: int) -> Row[Any] | None:
        return self.connection.execute(select(_DRILLS).where(_DRILLS.c.id == id)).first()

    def drill_with_token(self, token: str) -> Row[Any] | None:
        return self.connection.execute(select(_DRILLS).where(_DRILLS.c.token == token)).first()

    def drill_of(self, person: str) -> Row[Any] | None:
        """The person's drill that is going on."""
        return self.connection.execute(_DRILL_OF, {"whose": person}).first()

    def change_drill(self, row: Row[Any], **values: Any) -> bool:
        """False where another was faster."""
        same = (_DRILLS.c.id == row.id, _DRILLS.c.state == row.state, _DRILLS.c.phone == row.phone)
        return self.connection.execute(update(_DRILLS).where(*same).values(**values)).rowcount == 1

    def drills(self, since: datetime | None = None) -> list[Row[Any]]:
        """Each person's latest drill of each team, newest first."""
        newest = select(func.max(_DRILLS.c.id)).group_by(_DRILLS.c.team, _DRILLS.c.person)
        query = select(_DRILLS).where(_DRILLS.c.id.in_(newest)).order_by(_DRILLS.c.id.desc())
        return list(
            self.connection.execute(query if since is None else query.where(_DRILLS.c.asked_at >= since))
        )

    def drills_passed(self) -> dict[str, datetime]:
        """When each person last passed one."""
        query = select(_DRILLS.c.person, func.max(_DRILLS.c.passed_at)).where(
            _DRILLS.c.passed_at.is_not(None)
        )
        found = self.connection.execute(query.group_by(_DRILLS.c.person))
        return {row[0]: row[1] for row in found}

    def overdue_drills(self, at: datetime) -> list[int]:
        return list(self.connection.execute(_OVERDUE, {"at": at}).scalars())

    def is_in_a_page(self, person: str) -> bool:
        """Whether somebody is being paged, or has an incident in hands."""
        paged = select(_PAGES.c.id).where(
            _PAGES.c.person == person, _PAGES.c.channel == Channel.CALL, _PAGES.c.state.in_(tuple(LIVE))
        )
        query = (
            select(_CASES.c.id)
            .where(
                or_(
                    and_(_CASES.c.state == "acknowledged", _CASES.c.acknowledged_by == person),
                    and_(_CASES.c.state == "open", paged.where(_PAGES.c.case_id == _CASES.c.id).exists()),
                )
            )
            .limit(1)
        )
        return self.connection.execute(query).first() is not None
