"""The notices that managers published."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from oncall.notices import Notice
from oncall.people import Language
from oncall.records import CaseRow, PublishedNoticeRow
from oncall.store.quick import hot
from oncall.store.tables import table

_NOTICES = table(PublishedNoticeRow)
_CASES = table(CaseRow)

# Asked for by every call, so it is made once.
_IN_FORCE = hot(
    select(_NOTICES)
    .where(_NOTICES.c.ends_at > bindparam("at"), _NOTICES.c.ended_at.is_(None))
    .order_by(_NOTICES.c.id)
)


class PublishedNotices:
    connection: Connection

    def add_notice(self, notice: Notice, by: str, at: datetime) -> int:
        values = {
            "texts": {str(language): text.strip() for language, text in notice.texts.items()},
            "clients": list(notice.clients),
            "integrations": list(notice.integrations),
            "case_id": notice.case,
            "published_at": at,
            "published_by": by,
            "ends_at": notice.ends_at,
        }
        made = self.connection.execute(insert(_NOTICES).values(values).returning(_NOTICES.c.id))
        return int(made.scalar_one())

    def end_notice(self, id: int, at: datetime) -> Notice | None:
        """The notice, which is heard no longer; None for one that is unknown or was over already."""
        of = (_NOTICES.c.id == id, _NOTICES.c.ended_at.is_(None), _NOTICES.c.ends_at > at)
        if self.connection.execute(update(_NOTICES).where(*of).values(ended_at=at)).rowcount == 0:
            return None
        return _notice(self.connection.execute(select(_NOTICES).where(_NOTICES.c.id == id)).one())

    def notices_in_force(self, at: datetime) -> list[Notice]:
        return [_notice(row) for row in self.connection.execute(_IN_FORCE, {"at": at})]

    def notices(self, limit: int = 50) -> list[Notice]:
        """Newest first, those that are over too."""
        query = select(_NOTICES).order_by(_NOTICES.c.id.desc()).limit(limit)
        return [_notice(row) for row in self.connection.execute(query)]

    def is_open_incident(self, case: int) -> bool:
        query = select(_CASES.c.id).where(
            _CASES.c.id == case, _CASES.c.kind == "incident", _CASES.c.state != "closed"
        )
        return self.connection.execute(query).first() is not None

    def attached_cases(self, case: int) -> list[int]:
        """The cases of callers who joined this major incident instead of opening one of their own."""
        query = select(_CASES.c.id).where(_CASES.c.attached_to == case).order_by(_CASES.c.id)
        return list(self.connection.execute(query).scalars())


def _notice(row: Row[Any]) -> Notice:
    texts: Mapping[str, str] = row.texts
    return Notice(
        {Language(language): text for language, text in texts.items()},
        row.ends_at,
        tuple(row.clients),
        tuple(row.integrations),
        row.case_id,
        row.id,
        row.published_at,
        row.published_by,
        row.ended_at,
    )
