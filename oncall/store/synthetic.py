"""The synthetic calls: which line was dialled when, by which code it was known, and how it ended."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, insert, or_, select, update

from oncall.records import SyntheticRow
from oncall.store.quick import is_one_of
from oncall.store.tables import table

_CALLS = table(SyntheticRow)
_GOES_ON = is_one_of(_CALLS.c.state, ("asked", "placed", "known"))
_OVERDUE = select(_CALLS.c.id).where(_GOES_ON, _CALLS.c.due_at <= bindparam("at"))
NEXT_SYNTHETIC = select(_CALLS.c.due_at).where(_GOES_ON).order_by(_CALLS.c.due_at).limit(1)
_WAITS_FOR_CODE = _CALLS.c.state.in_(("asked", "placed"))


class SyntheticCalls:
    connection: Connection

    def add_synthetic(self, values: Mapping[str, Any]) -> int:
        id: int = self.connection.execute(insert(_CALLS).values(**values).returning(_CALLS.c.id)).scalar_one()
        return id

    def synthetic(self, id: int) -> Row[Any] | None:
        return self.connection.execute(select(_CALLS).where(_CALLS.c.id == id)).first()

    def synthetic_with_token(self, token: str) -> Row[Any] | None:
        return self.connection.execute(select(_CALLS).where(_CALLS.c.token == token)).first()

    def synthetics(self, limit: int = 50) -> list[Row[Any]]:
        """The latest first."""
        return list(self.connection.execute(select(_CALLS).order_by(_CALLS.c.id.desc()).limit(limit)))

    def awaited_synthetic(self, line: str, at: datetime) -> Row[Any] | None:
        """The synthetic call to a line that has not keyed its code yet."""
        query = select(_CALLS).where(_WAITS_FOR_CODE, _CALLS.c.line == line, _CALLS.c.due_at > at)
        return self.connection.execute(query.order_by(_CALLS.c.id.desc()).limit(1)).first()

    def claim_synthetic(self, line: str, code: str, call: str, at: datetime) -> bool:
        """Bind the call that keyed the code: once, and only on the line that we dialled."""
        claim = (
            update(_CALLS)
            .where(or_(_WAITS_FOR_CODE, and_(_CALLS.c.state == "known", _CALLS.c.call == call)))
            .where(_CALLS.c.line == line, _CALLS.c.code == code, _CALLS.c.due_at > at)
            .values(state="known", call=call)
        )
        return self.connection.execute(claim).rowcount == 1

    def place_synthetic(self, id: int, sid: str) -> None:
        self.connection.execute(update(_CALLS).where(_CALLS.c.id == id).values(sid=sid))
        asked = update(_CALLS).where(_CALLS.c.id == id, _CALLS.c.state == "asked")
        self.connection.execute(asked.values(state="placed"))

    def end_synthetic_of(self, call: str, passed: bool, why: str | None, at: datetime) -> bool:
        """The call that keyed the code is over; whether this was news."""
        ending = update(_CALLS).where(_CALLS.c.call == call, _CALLS.c.state == "known")
        state = "passed" if passed else "failed"
        return self.connection.execute(ending.values(state=state, ended_at=at, why=why)).rowcount == 1

    def fail_synthetic(self, id: int, why: str, at: datetime) -> bool:
        ending = update(_CALLS).where(_CALLS.c.id == id, _GOES_ON)
        return self.connection.execute(ending.values(state="failed", ended_at=at, why=why)).rowcount == 1

    def overdue_synthetics(self, at: datetime) -> list[int]:
        return list(self.connection.execute(_OVERDUE, {"at": at}).scalars())
