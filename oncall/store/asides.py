"""The calls on the side: about an incident that somebody has."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from oncall.records import SideCallRow
from oncall.sidecalls import LIVE, Purpose, SideCall, SideState
from oncall.store.calls import A_FEW
from oncall.store.quick import hot
from oncall.store.tables import table

_SIDE_CALLS = table(SideCallRow)
_WITH_TOKEN = hot(select(_SIDE_CALLS).where(_SIDE_CALLS.c.token == bindparam("of")))
_OF_CASE = hot(select(_SIDE_CALLS).where(_SIDE_CALLS.c.case_id == bindparam("of")).order_by(_SIDE_CALLS.c.id))
_OVERDUE = hot(
    select(_SIDE_CALLS.c.token)
    .where(_SIDE_CALLS.c.due_at <= bindparam("at"))
    .order_by(_SIDE_CALLS.c.due_at)
    .limit(A_FEW)
)
NEXT_SIDE_CALL = select(func.min(_SIDE_CALLS.c.due_at))


class Asides:
    connection: Connection
    is_postgres: bool

    def add_side_call(self, case: int, call: SideCall, token: str, language: str) -> None:
        values = _values(call) | {
            "case_id": case,
            "key": call.key,
            "token": token,
            "purpose": call.purpose,
            "person": call.person,
            "name": call.name,
            "language": language,
            "to": call.to,
            "phone": call.phone,
            "others": list(call.others),
            "asked_by": call.asked_by,
            "ring": call.ring.total_seconds(),
            "ordered_at": call.ordered_at,
            "sequence": -1,
            "returns": call.returns,
        }
        self.connection.execute(insert(_SIDE_CALLS), values)

    def side_call(self, token: str, lock: bool = True) -> tuple[SideCall, Row[Any]] | None:
        """The call with this token; on PostgreSQL its row is locked."""
        query = _WITH_TOKEN.with_for_update() if lock and self.is_postgres else _WITH_TOKEN
        row = self.connection.execute(query, {"of": token}).first()
        return (_side_call(row), row) if row else None

    def side_calls(self, case: int) -> list[Row[Any]]:
        """The calls on the side of a case, oldest first."""
        return list(self.connection.execute(_OF_CASE, {"of": case}))

    def live_side_calls(self, case: int, *purposes: Purpose) -> list[Row[Any]]:
        return [
            r for r in self.side_calls(case) if r.state in LIVE and (not purposes or r.purpose in purposes)
        ]

    def calls_to_client(self, case: int) -> list[Row[Any]]:
        """Those by which the client was called back, oldest first."""
        return [row for row in self.side_calls(case) if row.purpose == Purpose.CLIENT]

    def those_who_joined(self, case: int) -> list[Row[Any]]:
        """Who is in the conversation besides the client and who has the case; listeners, too."""
        return [row for row in self.side_calls(case) if row.state == SideState.JOINED]

    def save_side_call(self, id: int, call: SideCall) -> None:
        self.connection.execute(update(_SIDE_CALLS).where(_SIDE_CALLS.c.id == id), _values(call))

    def advance_side_sequence(self, id: int, sequence: int) -> bool:
        """Note a status callback's number; false when a later one was applied before."""
        newer = update(_SIDE_CALLS).where(_SIDE_CALLS.c.id == id, _SIDE_CALLS.c.sequence < sequence)
        return self.connection.execute(newer.values(sequence=sequence)).rowcount == 1

    def overdue_side_calls(self, at: datetime) -> list[str]:
        return list(self.connection.execute(_OVERDUE, {"at": at}).scalars())

    def postpone_side_call(self, token: str, until: datetime) -> None:
        postponed = update(_SIDE_CALLS).where(_SIDE_CALLS.c.token == token)
        self.connection.execute(postponed.values(due_at=until))


def _values(call: SideCall) -> dict[str, Any]:
    return {
        "state": call.state,
        "sid": call.sid,
        "joined_at": call.joined_at,
        "ended_at": call.ended_at,
        "due_at": call.due_at,
    }


def _side_call(row: Row[Any]) -> SideCall:
    return SideCall(
        key=row.key,
        purpose=Purpose(row.purpose),
        person=row.person,
        name=row.name,
        to=row.to,
        phone=row.phone,
        others=tuple(row.others),
        asked_by=row.asked_by,
        ring=timedelta(seconds=row.ring),
        ordered_at=row.ordered_at,
        state=SideState(row.state),
        due_at=row.due_at,
        sid=row.sid,
        joined_at=row.joined_at,
        ended_at=row.ended_at,
        returns=row.returns,
    )
