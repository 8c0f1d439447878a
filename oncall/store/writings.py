"""What is written of a case beside its entries: its files, its waits, and what is still owed in writing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from oncall.records import FileRow, OwedRow, WaitRow
from oncall.store.calls import A_FEW
from oncall.store.tables import table

_FILES = table(FileRow)
_WAITS = table(WaitRow)
_OWED = table(OwedRow)

_FILES_OF = select(_FILES).where(_FILES.c.case_id == bindparam("of")).order_by(_FILES.c.id)
_SAME_FILE = select(_FILES).where(
    _FILES.c.case_id == bindparam("of"),
    _FILES.c.digest == bindparam("hash"),
    _FILES.c.name == bindparam("named"),
)
_WAITS_OF = select(_WAITS).where(_WAITS.c.case_id == bindparam("of")).order_by(_WAITS.c.entry)
_WAITS_OVERDUE = (
    select(_WAITS).where(_WAITS.c.due_at <= bindparam("at")).order_by(_WAITS.c.due_at).limit(A_FEW)
)
_OWED_OF = (
    select(_OWED).where(_OWED.c.case_id == bindparam("of"), _OWED.c.settled_at.is_(None)).order_by(_OWED.c.id)
)
_OWED_OVERDUE = (
    select(_OWED.c.id).where(_OWED.c.due_at <= bindparam("at")).order_by(_OWED.c.due_at).limit(A_FEW)
)


class Writings:
    connection: Connection

    # --- files ---

    def add_file(self, case: int, values: Mapping[str, Any]) -> bool:
        """Note a file of a case: digest, name, media_type, size, by, at, token.

        False for one that the case has already, by the same name: nothing is written.
        """
        same = {"of": case, "hash": values["digest"], "named": values["name"]}
        if self.connection.execute(_SAME_FILE, same).first() is not None:
            return False
        self.connection.execute(insert(_FILES).values(case_id=case, **values))
        return True

    def files(self, case: int) -> list[Row[Any]]:
        """The files of a case, oldest first."""
        return list(self.connection.execute(_FILES_OF, {"of": case}))

    # --- waits ---

    def add_wait(self, case: int, entry: int, values: Mapping[str, Any]) -> None:
        """A wait begins; ``entry`` is the number of its entry, which names it."""
        self.connection.execute(insert(_WAITS).values(case_id=case, entry=entry, **values))

    def waits(self, case: int) -> list[Row[Any]]:
        """Every wait of a case, in the order in which they were written."""
        return list(self.connection.execute(_WAITS_OF, {"of": case}))

    def end_wait(self, case: int, entry: int, at: datetime, by: str) -> bool:
        """False where it had ended before."""
        running = update(_WAITS).where(
            _WAITS.c.case_id == case, _WAITS.c.entry == entry, _WAITS.c.ended_at.is_(None)
        )
        ended = self.connection.execute(running.values(ended_at=at, ended_by=by, due_at=None))
        return ended.rowcount == 1

    def overdue_waits(self, at: datetime) -> list[Row[Any]]:
        return list(self.connection.execute(_WAITS_OVERDUE, {"at": at}))

    # --- what is owed ---

    def owe(self, case: int, values: Mapping[str, Any]) -> None:
        """A person owes something in writing: what, person, name, page, since, due_at."""
        self.connection.execute(insert(_OWED).values(case_id=case, asked=0, **values))

    def owed(self, case: int) -> list[Row[Any]]:
        """What is still owed of a case, oldest first."""
        return list(self.connection.execute(_OWED_OF, {"of": case}))

    def owed_with_id(self, id: int) -> Row[Any] | None:
        return self.connection.execute(select(_OWED).where(_OWED.c.id == id)).first()

    def settle(self, case: int, what: str, at: datetime) -> None:
        """It was written: nobody is asked for it any more."""
        owing = update(_OWED).where(
            _OWED.c.case_id == case, _OWED.c.what == what, _OWED.c.settled_at.is_(None)
        )
        self.connection.execute(owing.values(settled_at=at, due_at=None))

    def ask_again(self, id: int, asked: int, due_at: datetime | None) -> bool:
        """Note that it was asked for, and when it will be again; false where another process was faster."""
        seen = update(_OWED).where(_OWED.c.id == id, _OWED.c.asked == asked, _OWED.c.settled_at.is_(None))
        return self.connection.execute(seen.values(asked=asked + 1, due_at=due_at)).rowcount == 1

    def overdue_writings(self, at: datetime) -> list[int]:
        """What is owed and to be asked for again, by id."""
        return list(self.connection.execute(_OWED_OVERDUE, {"at": at}).scalars())
