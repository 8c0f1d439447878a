"""How far each mailbox was read, and the mails that were taken in: each once, whoever reads."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, select

from oncall.records import MailboxRow, ReceivedRow
from oncall.store.tables import dialect_of, insert_of, table

_MAILBOXES = table(MailboxRow)
_RECEIVED = table(ReceivedRow)


@cache
def _keep(dialect: str) -> Any:
    keeping = insert_of(dialect, _MAILBOXES)
    return keeping.on_conflict_do_update(
        index_elements=["name"],
        set_={"validity": keeping.excluded.validity, "last": keeping.excluded.last},
        where=(_MAILBOXES.c.validity != keeping.excluded.validity)
        | (_MAILBOXES.c.last < keeping.excluded.last),
    )


@cache
def _note(dialect: str) -> Any:
    noting = insert_of(dialect, _RECEIVED).on_conflict_do_nothing(index_elements=["message_id"])
    return noting.returning(_RECEIVED.c.message_id)


class Mailboxes:
    connection: Connection

    def mailbox_position(self, name: str) -> tuple[int, int] | None:
        """The validity of the mailbox's numbers, and the last that was read."""
        query = select(_MAILBOXES.c.validity, _MAILBOXES.c.last).where(_MAILBOXES.c.name == name)
        found = self.connection.execute(query).first()
        return (found.validity, found.last) if found else None

    def keep_mailbox_position(self, name: str, validity: int, last: int) -> None:
        """Never backwards, while the numbers are the same."""
        position = {"name": name, "validity": validity, "last": last}
        self.connection.execute(_keep(dialect_of(self.connection)), position)

    def first_received(self, message_id: str, verdict: str, case: int | None, at: datetime) -> bool:
        """Note a mail; false for one that was taken in before."""
        values = {"message_id": message_id, "verdict": verdict, "case_id": case, "at": at}
        return self.connection.execute(_note(dialect_of(self.connection)), values).first() is not None

    def was_received(self, message_id: str) -> bool:
        query = select(_RECEIVED.c.message_id).where(_RECEIVED.c.message_id == message_id)
        return self.connection.execute(query).first() is not None
