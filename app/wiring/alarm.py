"""Tells the managers when not even the database can be written: by mail, straight away."""

import logging
from threading import Thread

from oncall.ports import BookKeeper, Failure, Letter, Mail

log = logging.getLogger(__name__)


class DirectAlarm:
    def __init__(self, mail: Mail, books: BookKeeper) -> None:
        self._mail = mail
        self._books = books

    def __call__(self, where: str, what: str = "internal_error") -> None:
        """Send in a thread of its own: the caller must hear an answer at once."""
        Thread(target=self._send, args=(where, what), name="direct-alarm", daemon=True).start()

    def _send(self, where: str, what: str) -> None:
        book = self._books.current()
        for manager in book.managers():
            if not manager.email:
                continue
            facts = {
                "what": what,
                "where": where,
                "timezone": book.service.working_hours.timezone,
            }
            letter = Letter("alarm", manager.language, (manager.email,), (), None, 1, facts)
            try:
                self._mail.send(letter)
            except Failure:
                log.exception("the alarm about %s could not be mailed", where)
