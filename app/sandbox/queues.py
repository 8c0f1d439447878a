"""Queues: callers who wait, in their order, and those who come to take the next one."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.sandbox.exchange import Exchange
    from app.sandbox.verbs.enqueue import Enqueue

DEFAULT_SIZE = 1000


class Queue:
    """One queue; whoever dials it takes the first in line, or waits for one."""

    def __init__(self, sid: str, name: str, created: datetime) -> None:
        self.sid = sid
        self.name = name
        self.created = created
        self.max_size = DEFAULT_SIZE
        self.waiting: list[Enqueue] = []
        self._takers: list[Callable[[Enqueue], None]] = []

    def enter(self, entry: "Enqueue") -> None:
        self.waiting.append(entry)
        if self._takers:
            taker = self._takers.pop(0)
            self.waiting.remove(entry)
            taker(entry)

    def exit(self, entry: "Enqueue") -> None:
        if entry in self.waiting:
            self.waiting.remove(entry)

    def position(self, entry: "Enqueue") -> int:
        return self.waiting.index(entry) + 1 if entry in self.waiting else 0

    def take(self, taker: "Callable[[Enqueue], None]") -> None:
        """``taker`` gets the first caller, at once or when one comes."""
        if self.waiting:
            taker(self.waiting.pop(0))
        else:
            self._takers.append(taker)

    def give_up(self, taker: "Callable[[Enqueue], None]") -> None:
        if taker in self._takers:
            self._takers.remove(taker)

    def entry_of(self, call_sid: str) -> "Enqueue | None":
        return next((entry for entry in self.waiting if entry.call.sid == call_sid), None)


class Queues:
    """All queues of the account, made when they are first named."""

    def __init__(self, exchange: "Exchange") -> None:
        self.by_sid: dict[str, Queue] = {}
        self._exchange = exchange

    def named(self, name: str) -> Queue:
        for queue in self.by_sid.values():
            if queue.name == name:
                return queue
        queue = Queue(self._exchange.sid("QU"), name, self._exchange.now())
        self.by_sid[queue.sid] = queue
        return queue
