"""Dial: the call is put through to telephones, to a queue's first caller, or into a conference."""

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from app.sandbox.program import Activity
from app.sandbox.verbs.dial_conference import ConferenceSession
from app.sandbox.verbs.dial_numbers import NumbersSession
from app.sandbox.verbs.dial_queue import QueueSession


class Dial(Activity):
    """One session, depending on the noun; afterwards ``action``, or the next verb."""

    _over = False

    def start(self) -> None:
        conference = self.element.find("Conference")
        queue = self.element.find("Queue")
        self.session: ConferenceSession | QueueSession | NumbersSession
        if conference is not None:
            self.session = ConferenceSession(self, conference)
        elif queue is not None:
            self.session = QueueSession(self, queue)
        else:
            self.session = NumbersSession(self, self._numbers())
        self.session.start()

    def stop(self, reason: str) -> None:
        if self._over:
            return
        self._over = True
        result = self.session.abandon(reason)
        if reason == "hung-up":
            self.program.tell(self.element, result)

    def key(self, key: str) -> None:
        if key == "*" and self.flag("hangupOnStar", False) and not self._over:
            self.done(self.session.abandon("star"))

    def done(self, result: Mapping[str, str]) -> None:
        """The session is over and the call is still there."""
        if self._over:
            return
        self._over = True
        if self.element.get("action"):
            self.program.follow(self.element, result)
        else:
            self.program.proceed()

    def _numbers(self) -> list[Element]:
        numbers = self.element.findall("Number")
        if numbers:
            return numbers
        plain = Element("Number")
        plain.text = self.element.text
        return [plain]
