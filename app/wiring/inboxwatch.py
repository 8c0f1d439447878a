"""Looks into the mailbox where answers arrive: one process of the cluster at a time, each mail once."""

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from oncall.dispatcher import Dispatcher
from oncall.ports import Failure
from oncall.store import Store

if TYPE_CHECKING:
    from app.mail.mailbox import ImapMailbox

log = logging.getLogger(__name__)

# Several workers look at the same moment: one of them does.
_APART = timedelta(seconds=15)
# A mail server that restarts is nobody's business.
_PATIENCE = timedelta(minutes=5)


class InboxWatch:
    def __init__(
        self, mailbox: "ImapMailbox | None", dispatcher: Dispatcher, store: Store, domain: str
    ) -> None:
        """``domain`` is that of our own Message-IDs; without a ``mailbox`` nothing is read."""
        self._mailbox = mailbox
        self._dispatcher = dispatcher
        self._store = store
        self._domain = domain
        self._failing_since: datetime | None = None

    def look(self, at: datetime) -> int:
        """Take in what is new; gives how many mails were read."""
        if self._mailbox is None:
            return 0
        with self._store.writing() as work:
            if not work.first_in_a_while(f"inbox:{self._mailbox.name}", at, _APART):
                return 0
        try:
            count = self._read(self._mailbox, at)
        except Failure as failure:
            self._note_failure(failure, at)
            return 0
        self._failing_since = None
        return count

    def _read(self, mailbox: "ImapMailbox", at: datetime) -> int:
        with self._store.reading() as work:
            validity, last = work.mailbox_position(mailbox.name) or (None, 0)
        current, arrived = mailbox.look(validity, last)
        for mail in arrived:
            self._dispatcher.receive(mail.mail, self._domain, at)
            with self._store.writing() as work:
                work.keep_mailbox_position(mailbox.name, current, mail.uid)
        if arrived:
            mailbox.mark_seen([mail.uid for mail in arrived])
        return len(arrived)

    def _note_failure(self, failure: Failure, at: datetime) -> None:
        log.warning("the mailbox was not read: %s", failure)
        self._failing_since = self._failing_since or at
        if at - self._failing_since >= _PATIENCE:
            self._dispatcher.alarm_inbox(str(failure), at)
