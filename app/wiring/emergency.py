"""Keeps the emergency line current, minute by minute, and has managers told when it is not."""

import logging
from datetime import datetime, timedelta

from app.voice.fallback import Publisher
from app.voice.fallback.publisher import failed
from oncall.dispatcher import Dispatcher
from oncall.ports import BookKeeper

log = logging.getLogger(__name__)

_LOOK_EVERY = timedelta(minutes=10)


class EmergencyLine:
    """A chore for every worker: what one has published, the others find in its place."""

    def __init__(self, publisher: Publisher, dispatcher: Dispatcher, books: BookKeeper) -> None:
        self.publisher = publisher
        self._dispatcher = dispatcher
        self._books = books
        self._next_look: datetime | None = None

    def keep_current(self, at: datetime) -> None:
        """Publish what has changed; look at what is served now and then."""
        book = self._books.current()
        if book.service.fallback is None:
            return
        done = self.publisher.publish(book, at)
        written = [one.line for one in done if one.written]
        if written:
            log.info("the emergency documents of %d lines were published", len(written))
        if failures := failed(done):
            self._dispatcher.alarm_fallback("fallback_unpublished", failures, at)
        if self._next_look is None or at >= self._next_look:
            self._next_look = at + _LOOK_EVERY
            self._look_at_what_is_served(at)

    def _look_at_what_is_served(self, at: datetime) -> None:
        stale = self.publisher.stale(self._books.current(), at)
        if stale:
            self.publisher.forget()  # perhaps it is gone: the next minute puts it there again
            self._dispatcher.alarm_fallback("fallback_stale", stale, at)
