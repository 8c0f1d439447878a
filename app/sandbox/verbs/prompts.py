"""What a caller hears from the machine: sentences, sounds and pauses, each taking its time."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from app.sandbox.agenda import Appointment
from app.sandbox.sound import listen
from app.sandbox.webhooks import Answer

if TYPE_CHECKING:
    from app.sandbox.calls import Call

DIGITS_SECONDS = 1.0
DIGIT_SECONDS = 0.5
ENDLESS = 1000


class Prompts:
    """Plays a list of Say, Play and Pause to one call, then calls ``then``."""

    def __init__(self, call: "Call", elements: list[Element], then: Callable[[], None]) -> None:
        self._call = call
        self._waiting = _repeated(elements)
        self._then = then
        self._pending: Appointment | None = None
        self.playing = False

    def start(self) -> None:
        self.playing = True
        self._next()

    def stop(self) -> None:
        self.playing = False
        if self._pending is not None:
            self._pending.cancel()

    def _next(self) -> None:
        if not self._waiting:
            self.playing = False
            self._then()
            return
        element = self._waiting.pop(0)
        url = (element.text or "").strip()
        if element.tag == "Play" and url:
            number = self._call.phone.number
            self._call.exchange.webhooks.fetch(url, "GET", {}, lambda answer: self._play(url, answer), number)
        else:
            self._go_on_after(self._utter(element))

    def _go_on_after(self, seconds: float) -> None:
        self._pending = self._call.exchange.later(timedelta(seconds=seconds), self._next)

    def _utter(self, element: Element) -> float:
        """What the caller hears of one element, and for how many seconds."""
        if element.tag == "Pause":
            return float(element.get("length", "1"))
        if element.tag == "Play":
            digits = element.get("digits", "")
            self._call.hear(f"♪ {digits}", "", DIGITS_SECONDS)
            return self._key_at_the_far_end(digits) if self._call.far else DIGITS_SECONDS
        text = spoken(element)
        seconds = self._call.exchange.seconds_of(text)
        self._call.hear(text, element.get("language", ""), seconds)
        return seconds

    def _key_at_the_far_end(self, digits: str) -> float:
        """What one leg plays as keys, the other one receives as keys; ``w`` waits half a second."""
        after = 0.0
        for digit in digits:
            if digit != "w" and self._call.far is not None:
                self._call.exchange.later(timedelta(seconds=after), partial(self._call.far.key, digit))
            after += DIGIT_SECONDS
        return after

    def _play(self, url: str, answer: Answer) -> None:
        """A sound was fetched; what is no sound is passed over, as on the real thing."""
        if not self.playing:
            return
        try:
            seconds, words = listen(answer.body)
        except ValueError as error:
            self._call.exchange.retrieval.blame_sound(url, answer, str(error))
            self._go_on_after(0)
            return
        self._call.hear(f"♪ {words}".strip(), "", seconds, sound=url)
        self._go_on_after(seconds)


def spoken(element: Element) -> str:
    """The words of a Say, markup removed and blanks as they are heard."""
    return " ".join("".join(element.itertext()).split())


def _repeated(elements: list[Element]) -> list[Element]:
    played: list[Element] = []
    for element in elements:
        loop = element.get("loop", "1")
        times = int(loop) if loop.isdigit() else 1
        played.extend([element] * (times or ENDLESS))
    return played
