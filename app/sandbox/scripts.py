"""People who know beforehand what they will do: used by tests and by the demonstration.

    Script.answering(8).press("1", after=3)                    # answers after 8 s, presses 1 three later
    Script.answering(4).press("1", hearing="marque 1")             # once that sentence has ended
    Script.answering(4).press("1", hearing="marque 1", early=True)  # in the middle of it
    Script().press("4821#", hearing="PIN").say("Se cayó el CRM", hearing="describ").hang_up(after=5)

Steps happen one after the other; ``after`` counts in seconds from the previous step or from the sentence
heard.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.sandbox.agenda import Appointment
    from app.sandbox.calls import Call
    from app.sandbox.exchange import Exchange
    from app.sandbox.handset import Phone

Act = Callable[["Phone"], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One act, ``after`` seconds after its cue: a sentence that matches ``hearing`` (ignoring case), or the
    last step.
    """

    act: Act
    after: float
    hearing: str | None = None
    early: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """What a person does on one call. ``answers_after`` is None for somebody who lets it ring."""

    answers_after: float | None = 2.0
    rejects_after: float | None = None
    steps: tuple[Step, ...] = ()

    @classmethod
    def answering(cls, after: float) -> "Script":
        return cls(answers_after=after)

    @classmethod
    def rejecting(cls, after: float) -> "Script":
        return cls(answers_after=None, rejects_after=after)

    @classmethod
    def ignoring(cls) -> "Script":
        return cls(answers_after=None)

    def press(
        self, digits: str, after: float = 1.0, hearing: str | None = None, early: bool = False
    ) -> "Script":
        return self.do(lambda phone: phone.press(digits), after, hearing, early)

    def say(self, words: str, after: float = 1.0, hearing: str | None = None) -> "Script":
        return self.do(lambda phone: phone.say(words), after, hearing)

    def hang_up(self, after: float = 1.0, hearing: str | None = None, early: bool = False) -> "Script":
        return self.do(lambda phone: phone.hang_up(), after, hearing, early)

    def text(self, to: str, body: str, after: float = 1.0, hearing: str | None = None) -> "Script":
        return self.do(lambda phone: phone.text(to, body), after, hearing)

    def do(self, act: Act, after: float = 1.0, hearing: str | None = None, early: bool = False) -> "Script":
        """Any other act: a function of the phone."""
        return replace(self, steps=(*self.steps, Step(act, after, hearing, early)))


class Performance:
    """A script being played on one call."""

    def __init__(self, exchange: "Exchange", phone: "Phone", call: "Call", script: Script) -> None:
        self._exchange = exchange
        self._phone = phone
        self._call = call
        self._steps = list(script.steps)
        self._cursor = len(phone.heard)
        self._pending: Appointment | None = None
        self._stopped = False
        if phone.call is call and call.phone_direction == "incoming":
            if script.answers_after is not None:
                self._pending = exchange.later(timedelta(seconds=script.answers_after), self._answer)
            elif script.rejects_after is not None:
                self._pending = exchange.later(timedelta(seconds=script.rejects_after), self._reject)

    def notice(self) -> None:
        """Something was heard, or the call was answered: perhaps the next step's cue."""
        if self._stopped or self._pending is not None or self._call.status != "in-progress":
            return
        self._prepare()

    def stop(self) -> None:
        self._stopped = True
        if self._pending is not None:
            self._pending.cancel()

    def _prepare(self) -> None:
        if not self._steps:
            return
        step = self._steps[0]
        wait = timedelta(seconds=step.after)
        if step.hearing is not None:
            cue = self._cue(step.hearing)
            if cue is None:
                return
            line = self._phone.heard[cue]
            self._cursor = cue + 1
            ends = line.at if step.early else line.until
            wait += max(ends - self._exchange.now(), timedelta(0))
        self._pending = self._exchange.later(wait, lambda: self._perform(step))

    def _cue(self, hearing: str) -> int | None:
        wanted = re.compile(re.escape(hearing), re.IGNORECASE)
        for index in range(self._cursor, len(self._phone.heard)):
            if wanted.search(self._phone.heard[index].text):
                return index
        return None

    def _perform(self, step: Step) -> None:
        self._pending = None
        if self._stopped:
            return
        self._steps.pop(0)
        step.act(self._phone)
        if not self._stopped:
            self._prepare()

    def _answer(self) -> None:
        self._pending = None
        if not self._stopped and self._call.status == "ringing":
            self._phone.answer()

    def _reject(self) -> None:
        self._pending = None
        if not self._stopped and self._call.status == "ringing":
            self._phone.reject()
