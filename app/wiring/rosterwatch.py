"""Looks at the rosters folder in a process that has no worker."""

from threading import Event, Thread

from app.rosterbook.stored import StoredBooks
from oncall.ports import Clock

_SECONDS = 2.0


class RosterWatch:
    def __init__(self, books: StoredBooks, clock: Clock) -> None:
        self._books = books
        self._clock = clock
        self._stopping = Event()

    def start(self) -> None:
        Thread(target=self._run, name="roster-watch", daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.wait(_SECONDS):
            self._books.refresh(self._clock.now())
