"""Tells the managers when not even the database can be written: by mail and by chat, straight away."""

import logging
from threading import Thread

from oncall.people import Language
from oncall.ports import BookKeeper, Chat, Failure, Letter, Mail

log = logging.getLogger(__name__)


class DirectAlarm:
    def __init__(self, mail: Mail, books: BookKeeper, chat: Chat) -> None:
        self._mail = mail
        self._chat = chat
        self._books = books

    def __call__(self, where: str, what: str = "internal_error") -> None:
        """Send in a thread of its own: the caller must hear an answer at once."""
        Thread(target=self._send, args=(where, what), name="direct-alarm", daemon=True).start()

    def _send(self, where: str, what: str) -> None:
        book = self._books.current()
        facts = {"what": what, "where": where, "timezone": book.service.working_hours.timezone}
        for manager in book.managers():
            if not manager.email:
                continue
            letter = Letter("alarm", manager.language, (manager.email,), (), None, 1, facts)
            try:
                self._mail.send(letter)
            except Failure:
                log.exception("the alarm about %s could not be mailed", where)
        self._tell_chats(Letter("alarm", Language.ES, (), (), None, 1, facts))

    def _tell_chats(self, letter: Letter) -> None:
        for channel, kind in self._chat.channels().items():
            try:
                self._chat.tell(channel, letter)
            except Failure:
                log.exception("the alarm could not be told by %s", kind)
