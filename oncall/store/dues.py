"""When something is due next, of all that the worker attends to: one question, not one for each table."""

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, Select, func, select

from oncall.records import OwedRow, WaitRow
from oncall.store.asides import NEXT_SIDE_CALL
from oncall.store.calls import NEXT_CALL
from oncall.store.cases import NEXT_CASE
from oncall.store.drills import NEXT_DRILL
from oncall.store.quick import hot
from oncall.store.synthetic import NEXT_SYNTHETIC
from oncall.store.tables import table


@dataclass(frozen=True, slots=True)
class Due:
    """The next instant of each kind; None where there is none."""

    calls: datetime | None
    cases: datetime | None
    side_calls: datetime | None
    waits: datetime | None
    owed: datetime | None
    drills: datetime | None
    synthetics: datetime | None

    @property
    def first(self) -> datetime | None:
        return min((due for name in _NAMES if (due := getattr(self, name)) is not None), default=None)


_NAMES = tuple(field.name for field in fields(Due))
_NEXT: dict[str, Select[tuple[datetime]]] = {
    "calls": NEXT_CALL,
    "cases": NEXT_CASE,
    "side_calls": NEXT_SIDE_CALL,
    "waits": select(func.min(table(WaitRow).c.due_at)),
    "owed": select(func.min(table(OwedRow).c.due_at)),
    "drills": NEXT_DRILL,
    "synthetics": NEXT_SYNTHETIC,
}
_DUE = hot(select(*(_NEXT[name].scalar_subquery().label(name) for name in _NAMES)))


class Dues:
    connection: Connection

    def due(self) -> Due:
        return Due(*self.connection.execute(_DUE).one())
