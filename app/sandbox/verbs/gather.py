"""Gather: prompts with a keypad (and perhaps speech) listening from the first word on."""

from datetime import timedelta

from app.sandbox.agenda import Appointment
from app.sandbox.program import Activity
from app.sandbox.verbs.prompts import Prompts

DEFAULT_TIMEOUT = 5
SPEECH_PAUSE = timedelta(seconds=1)


class Gather(Activity):
    """The timeout runs once the nested prompts have ended, anew after each key."""

    _timer: Appointment | None = None
    _over = False

    def start(self) -> None:
        self._digits = ""
        self._most = self.number("numDigits", 0)
        self._finish_key = self.attribute("finishOnKey", "#")
        self._input = self.attribute("input", "dtmf").split()
        self.call.exchange.story.changed()
        self._prompts = Prompts(self.call, list(self.element), self._listen)
        self._prompts.start()

    def key(self, key: str) -> None:
        if self._over or "dtmf" not in self._input:
            return
        self._prompts.stop()
        if key in self._finish_key:
            self._done(key)
            return
        self._digits += key
        if self._most and len(self._digits) >= self._most:
            self._done("")
        else:
            self._listen()

    def words(self, words: str, seconds: float) -> None:
        if self._over or not words or "speech" not in self._input or self._digits:
            return
        self._prompts.stop()
        self._rest()
        result = {"SpeechResult": words, "Confidence": "0.9"}
        self._timer = self.exchange.later(
            timedelta(seconds=seconds) + SPEECH_PAUSE, lambda: self._leave(result)
        )

    def stop(self, reason: str) -> None:
        self._over = True
        self._prompts.stop()
        self._rest()

    def _listen(self) -> None:
        self._rest()
        wait = timedelta(seconds=self.number("timeout", DEFAULT_TIMEOUT))
        self._timer = self.exchange.later(wait, lambda: self._done(""))

    def _done(self, finished_on: str) -> None:
        """Input is complete, or there was none: then the next verb runs, unless ``actionOnEmptyResult``."""
        if self._digits or self.flag("actionOnEmptyResult", False):
            self._leave({"Digits": self._digits, "FinishedOnKey": finished_on, "msg": "Gather End"})
        else:
            self._over = True
            self._rest()
            self.program.proceed()

    def _leave(self, result: dict[str, str]) -> None:
        self._over = True
        self._rest()
        self.program.follow(self.element, result)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
