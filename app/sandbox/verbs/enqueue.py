"""Enqueue: a caller waits in a line of its own, hears the wait document again and again, until somebody
comes.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from app.sandbox.program import Activity, Program

if TYPE_CHECKING:
    from app.sandbox.queues import Queue

LEAST_ROUND = timedelta(seconds=1)
HOLD_MUSIC = "♪ hold music"


class Enqueue(Activity):
    """Ends with a ``QueueResult``: bridged, leave, hangup, redirected, queue-full or error."""

    queue: "Queue"
    entered: datetime
    wait: Program | None = None
    _over = False
    _bridged = False

    def start(self) -> None:
        self.queue = self.exchange.queues.named((self.element.text or "").strip())
        self.entered = self.exchange.now()
        self.on_close: Callable[[], None] = lambda: None
        self._joined = False
        if len(self.queue.waiting) >= self.queue.max_size:
            self.leave("queue-full")
            return
        self._joined = True
        self.exchange.note("queued", self.call.phone.number, call=self.call.sid, queue=self.queue.name)
        self.queue.enter(self)
        if not self._bridged and not self._over:
            self._wait()

    def key(self, key: str) -> None:
        if self.wait is not None:
            self.wait.key(key)

    def words(self, words: str, seconds: float) -> None:
        if self.wait is not None:
            self.wait.words(words, seconds)

    def stop(self, reason: str) -> None:
        if self._over:
            return
        if self._bridged:
            result = "bridged" if reason == "hung-up" else "redirected-from-bridged"
        else:
            result = "hangup" if reason == "hung-up" else "redirected"
        self._close(result)
        self.program.tell(self.element, self._result(result))

    def leave(self, result: str) -> None:
        """Out of the queue; ``action``, or the next verb, follows."""
        if self._over:
            return
        self._close(result)
        if self.element.get("action"):
            self.program.follow(self.element, self._result(result))
        else:
            self.program.proceed()

    def bridge(self) -> None:
        """Somebody took this caller from the queue: the wait ends, the conversation begins."""
        self._bridged = True
        if self.wait is not None:
            self.wait.stop("redirected")
        self.wait = None

    def _wait(self) -> None:
        url = self.element.get("waitUrl")
        if not url:
            self.call.hear(HOLD_MUSIC, "", 5)
            return
        began = self.exchange.now()
        self.wait = Program(
            self.call,
            "queue-wait",
            finished=lambda: self._again(began),
            failed=lambda: self.leave("error"),
            extra=self._progress,
        )
        self.wait.enqueued = self
        self.wait.load(self.program.resolve(url), self.element.get("waitUrlMethod", "POST"))

    def _again(self, began: datetime) -> None:
        """The wait document ended: it is requested again, though never in a rush."""
        self.wait = None
        rest = max(LEAST_ROUND - (self.exchange.now() - began), timedelta(0))
        self.exchange.later(rest, lambda: None if self._over or self._bridged else self._wait())

    def _progress(self) -> dict[str, str]:
        return {
            "QueueSid": self.queue.sid,
            "QueuePosition": str(self.queue.position(self)),
            "QueueTime": str(self._seconds()),
            "AvgQueueTime": str(self._seconds()),
            "CurrentQueueSize": str(len(self.queue.waiting)),
            "MaxQueueSize": str(self.queue.max_size),
        }

    def _result(self, result: str) -> dict[str, str]:
        return {"QueueResult": result, "QueueTime": str(self._seconds()), "QueueSid": self.queue.sid}

    def _seconds(self) -> int:
        return int((self.exchange.now() - self.entered).total_seconds())

    def _close(self, why: str) -> None:
        self._over = True
        if self.wait is not None:
            self.wait.stop("redirected")
        if self._joined:
            self.queue.exit(self)
            self.exchange.note(
                "left_queue", self.call.phone.number, call=self.call.sid, queue=self.queue.name, result=why
            )
            self.on_close()


class Leave(Activity):
    """Inside a wait document: out of the queue, on with the call."""

    def start(self) -> None:
        enqueued = self.program.enqueued
        if enqueued is None:
            self.program.proceed()
        else:
            enqueued.leave("leave")
