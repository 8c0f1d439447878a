"""Which calls were ever seen, and until when the telephone company was last asked for others."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from oncall.records import NoticeRow
from oncall.store.calls import CALLS
from oncall.store.tables import table

_NOTICES = table(NoticeRow)
_ASKED = "missed_calls:asked_until"


class Missed:
    connection: Connection

    def seen_calls(self, sids: Iterable[str]) -> set[str]:
        """Those of these calls that have a row."""
        query = select(CALLS.c.sid).where(CALLS.c.sid.in_(list(sids)))
        return set(self.connection.execute(query).scalars())

    def asked_until(self) -> datetime | None:
        """When every call of before had been asked for and taken in; None before the first time."""
        return self.connection.execute(select(_NOTICES.c.at).where(_NOTICES.c.name == _ASKED)).scalar()

    def ask_from(self, at: datetime) -> None:
        asked = update(_NOTICES).where(_NOTICES.c.name == _ASKED).values(at=at)
        if self.connection.execute(asked).rowcount == 0:
            self.connection.execute(insert(_NOTICES).values(name=_ASKED, at=at))
