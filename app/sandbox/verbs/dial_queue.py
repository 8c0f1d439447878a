"""Dialling a queue: the first caller in line is connected, perhaps after hearing a document of its own."""

from datetime import timedelta
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from app.sandbox.program import Program

if TYPE_CHECKING:
    from app.sandbox.verbs.dial import Dial
    from app.sandbox.verbs.enqueue import Enqueue


class QueueSession:
    """The one who comes and the one who waited."""

    def __init__(self, dial: "Dial", noun: Element) -> None:
        self._dial = dial
        self._call = dial.call
        self._exchange = dial.exchange
        self._noun = noun
        self._entry: Enqueue | None = None
        self._bridged = False
        self._over = False

    def start(self) -> None:
        self._queue = self._exchange.queues.named((self._noun.text or "").strip())
        patience = self._dial.number("timeout", 0)
        if patience:
            self._exchange.later(timedelta(seconds=patience), self._give_up)
        self._queue.take(self._meet)

    def abandon(self, reason: str) -> dict[str, str]:
        result = self._result()
        self._close()
        if self._entry is not None:
            self._entry.leave("bridged")
        return result

    def _give_up(self) -> None:
        if self._entry is None and not self._over:
            self._close()
            self._dial.done({"DialCallStatus": "no-answer"})

    def _meet(self, entry: "Enqueue") -> None:
        self._entry = entry
        entry.bridge()
        entry.on_close = self._caller_gone
        url = self._noun.get("url")
        if url is None:
            self._connect()
            return
        announcement = Program(entry.call, "queue-url", finished=self._connect, failed=self._connect)
        entry.wait = announcement
        announcement.load(self._dial.program.resolve(url), self._noun.get("method", "POST"))

    def _connect(self) -> None:
        if self._over or self._entry is None or self._entry.call.finished:
            return
        self._entry.wait = None
        self._bridged = True
        self._exchange.connect(self._call, self._entry.call)

    def _caller_gone(self) -> None:
        if not self._over:
            result = self._result()
            self._close()
            self._dial.done(result)

    def _close(self) -> None:
        self._over = True
        self._queue.give_up(self._meet)
        self._exchange.disconnect(self._call)

    def _result(self) -> dict[str, str]:
        status = "completed" if self._bridged else "no-answer"
        result = {"DialCallStatus": status, "DialBridged": "true" if self._bridged else "false"}
        if self._entry is not None:
            result["DialCallSid"] = self._entry.call.sid
        return result
