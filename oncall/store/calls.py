"""The phone calls to the guard lines, and how far each conversation has come."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, insert, select, update

from oncall.intake import Call, Step
from oncall.record import Draft
from oncall.records import CallRow
from oncall.store.quick import hot
from oncall.store.tables import table

_CODEC: TypeAdapter[Call] = TypeAdapter(Call)
CALLS = table(CallRow)

# Overdue rows are attended to in portions, so that what follows from the first is not held up by the last.
A_FEW = 10

# Made once: to build and key a statement costs more than to run it, and these are run for every webhook.
_CALL = hot(select(CALLS.c.state, CALLS.c.version).where(CALLS.c.sid == bindparam("of")))
_CALL_LOCKED = _CALL.with_for_update()
_ADD = hot(insert(CALLS))
_SAVE = hot(update(CALLS).where(CALLS.c.sid == bindparam("of"), CALLS.c.version == bindparam("seen")))
_NOTES = hot(select(CALLS.c.notes).where(CALLS.c.sid == bindparam("of")))
_OVERDUE = hot(
    select(CALLS.c.sid).where(CALLS.c.due_at <= bindparam("at")).order_by(CALLS.c.due_at).limit(A_FEW)
)
NEXT_CALL = select(CALLS.c.due_at).where(CALLS.c.due_at.is_not(None)).order_by(CALLS.c.due_at).limit(1)

_OF_CASE = hot(select(CALLS.c.state).where(CALLS.c.case_id == bindparam("of")).order_by(CALLS.c.arrived_at))

Note = tuple[datetime, Draft]


class Calls:
    connection: Connection
    is_postgres: bool

    def call(self, sid: str, lock: bool = True) -> tuple[Call, int] | None:
        """The call and its version, or None for one never seen; on PostgreSQL its row is locked."""
        query = _CALL_LOCKED if lock and self.is_postgres else _CALL
        row = self.connection.execute(query, {"of": sid}).first()
        return (_read(row.state), row.version) if row else None

    def add_call(self, call: Call, notes: tuple[Note, ...], at: datetime) -> None:
        values = _row(call, at) | {"notes": _dump_notes(notes), "arrived_at": call.arrived_at, "version": 1}
        self.connection.execute(_ADD, {"sid": call.sid, **values})

    def save_call(
        self, call: Call, version: int, at: datetime, notes: tuple[Note, ...] | None = None
    ) -> bool:
        """Write the call if nobody else did since ``version``; whether it was written."""
        values = _row(call, at) | {"version": version + 1}
        if notes is not None:
            values["notes"] = _dump_notes(notes)
        return self.connection.execute(_SAVE, {"of": call.sid, "seen": version, **values}).rowcount == 1

    def notes(self, sid: str) -> tuple[Note, ...]:
        """What was noted of a call before it had a case to write it in."""
        dumped = self.connection.execute(_NOTES, {"of": sid}).scalar_one()
        return tuple(
            (datetime.fromisoformat(n["at"]), Draft(n["kind"], n["data"], n["actor"])) for n in dumped
        )

    def waiting_calls(self, case: int) -> list[tuple[Call, int]]:
        """The callers who are in our hands for this case and not in a conversation yet."""
        return self._calls_of(case, (Step.DESCRIBING, Step.WAITING, Step.MESSAGE))

    def talking_calls(self, case: int) -> list[tuple[Call, int]]:
        return self._calls_of(case, (Step.CONVERSATION,))

    def calls_of_case(self, case: int) -> list[Call]:
        """Every call about a case, oldest first."""
        return [_read(state) for state in self.connection.execute(_OF_CASE, {"of": case}).scalars()]

    def cases_in_conversation(self) -> list[int]:
        """The cases whose callers talk to somebody now."""
        query = select(CALLS.c.case_id).where(
            CALLS.c.step == Step.CONVERSATION, CALLS.c.due_at.is_not(None), CALLS.c.case_id.is_not(None)
        )
        return list(self.connection.execute(query.distinct()).scalars())

    def overdue_calls(self, at: datetime) -> list[str]:
        return list(self.connection.execute(_OVERDUE, {"at": at}).scalars())

    def _calls_of(self, case: int, steps: tuple[Step, ...]) -> list[tuple[Call, int]]:
        query = (
            select(CALLS.c.state, CALLS.c.version)
            .where(CALLS.c.case_id == case, CALLS.c.step.in_(steps))
            .order_by(CALLS.c.arrived_at)
        )
        return [(_read(r.state), r.version) for r in self.connection.execute(query)]


def _read(state: Mapping[str, Any]) -> Call:
    """A call as it was written; one of an earlier version is called back where it came from."""
    return _CODEC.validate_python({"call_back": state.get("caller")} | dict(state))


def _row(call: Call, at: datetime) -> dict[str, Any]:
    return {
        "line": call.line,
        "caller": call.caller,
        "step": call.step,
        "case_id": call.case,
        "due_at": call.due_at,
        "ended_at": at if call.step is Step.OVER else None,
        "state": _CODEC.dump_python(call, mode="json"),
    }


def _dump_notes(notes: tuple[Note, ...]) -> list[Mapping[str, Any]]:
    return [
        {"at": at.isoformat(), "kind": draft.kind, "data": dict(draft.data), "actor": draft.actor}
        for at, draft in notes
    ]
