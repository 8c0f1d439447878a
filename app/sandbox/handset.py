"""The phones of clients, engineers and managers: what a person can do with one, and what they hear.

A phone is driven by a human (the browser), by a ``Script`` (tests, the demonstration), or by its
behaviour alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from app.sandbox.scripts import Performance, Script

if TYPE_CHECKING:
    from app.sandbox.calls import Call
    from app.sandbox.exchange import Exchange

VOICEMAIL_ANSWERS_AFTER = timedelta(seconds=15)
VOICEMAIL_GREETING = timedelta(seconds=6)


class Behaviour(StrEnum):
    """How a phone answers when nobody touches it."""

    NORMAL = "normal"
    OFF = "off"  # unreachable: the call fails, a text is undelivered
    BUSY = "busy"
    VOICEMAIL = "voicemail"
    ASLEEP = "asleep"  # rings and rings
    INVALID = "invalid"  # no such number


class NotPossible(Exception):
    """The phone cannot do that now: nothing rings, nobody is on the line, or it is already in use."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence heard on a phone; ``speaker`` is the other person's number, None for the machine.

    Of a file that was played, ``sound`` is the address.
    """

    at: datetime
    text: str
    language: str
    seconds: float
    call: str
    speaker: str | None = None
    sound: str = ""

    @property
    def until(self) -> datetime:
        return self.at + timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Text:
    """A text message seen on a phone; ``direction`` is ``received`` or ``sent``."""

    at: datetime
    sender: str
    to: str
    body: str
    direction: str


@dataclass(frozen=True, slots=True)
class EndedCall:
    """What a phone shows of its last call."""

    sid: str
    other: str
    direction: str
    status: str
    seconds: int
    at: datetime
    spoken: tuple[Spoken, ...]


class Phone:
    """One phone. Its actions happen now, by the exchange's clock; they raise NotPossible when they make no
    sense.
    """

    def __init__(self, exchange: "Exchange", number: str) -> None:
        self.number = number
        self.behaviour = Behaviour.NORMAL
        self.call: Call | None = None
        self.heard: list[Spoken] = []
        self.texts: list[Text] = []
        self.ended: EndedCall | None = None
        self.voicemail_after = VOICEMAIL_ANSWERS_AFTER
        self._exchange = exchange
        self._scripts: list[Script] = []
        self._performance: Performance | None = None
        self._reply: tuple[Callable[[str], str | None], timedelta] | None = None

    # What a person does

    def dial(self, to: str, withheld: bool = False, script: Script | None = None) -> "Call":
        with self._exchange.lock:
            if self.call is not None:
                raise NotPossible(f"{self.number} is already on a call")
            self._exchange.note("dialled", self.number, to=to, withheld=withheld)
            call = self._exchange.calls.arrive(self, to, withheld)
            if script is not None and not call.finished:
                self._performance = Performance(self._exchange, self, call, script)
            return call

    def answer(self) -> None:
        with self._exchange.lock:
            call = self._ringing()
            self._exchange.calls.pick_up(call)

    def reject(self) -> None:
        """Declines a ringing call; the caller hears busy."""
        with self._exchange.lock:
            call = self._ringing()
            self._exchange.note("rejected", self.number, call=call.sid)
            call.end("busy", sip=486)

    def press(self, digits: str) -> None:
        """Keys, one after the other: 0-9, ``*``, ``#``."""
        with self._exchange.lock:
            call = self._talking()
            if not digits or set(digits) - set("0123456789*#"):
                raise NotPossible(f"{digits!r} are not keys of a telephone")
            self._exchange.note("pressed", self.number, call=call.sid, digits=digits)
            for key in digits:
                call.key(key)

    def say(self, words: str) -> None:
        """Speaks: into a recording, to whoever is connected, or to nobody."""
        with self._exchange.lock:
            call = self._talking()
            self._exchange.note("said", self.number, call=call.sid, words=words)
            call.words(words)

    def hum(self) -> None:
        """A sound without words: the person is about to speak, and a recording waits for its silence anew."""
        with self._exchange.lock:
            self._talking().hum()

    def hang_up(self) -> None:
        with self._exchange.lock:
            if self.call is None:
                raise NotPossible(f"{self.number} is not on a call")
            call = self.call
            self._exchange.note("hung_up", self.number, call=call.sid)
            call.hang_up_by_phone()

    def text(self, to: str, body: str) -> None:
        with self._exchange.lock:
            now = self._exchange.now()
            self.texts.append(Text(now, self.number, to, body, "sent"))
            self._exchange.note("text_sent", self.number, to=to, body=body)
            self._exchange.messages.arrive(self.number, to, body)

    # How it behaves by itself

    def behave(self, *scripts: Script) -> None:
        """The person's plan for incoming calls: one script for each, the last one for all further calls."""
        self._scripts = list(scripts)

    def on_text(self, reply: Callable[[str], str | None], after: float = 5.0) -> None:
        """Answers each text received with what ``reply(body)`` gives (None: no answer) ``after`` seconds."""
        self._reply = (reply, timedelta(seconds=after))

    # What the exchange does to it

    def ring(self, call: "Call") -> None:
        self.call = call
        self._exchange.note("ringing", self.number, call=call.sid, other=call.other_number)
        if self.behaviour is Behaviour.VOICEMAIL:
            self._exchange.later(self.voicemail_after, lambda: self._voicemail(call))
        elif self.behaviour is Behaviour.NORMAL and self._scripts:
            script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
            self._performance = Performance(self._exchange, self, call, script)

    def hear(self, spoken: Spoken) -> None:
        self.heard.append(spoken)
        self._exchange.note(
            "heard",
            self.number,
            call=spoken.call,
            text=spoken.text,
            language=spoken.language,
            seconds=round(spoken.seconds, 3),
            speaker=spoken.speaker,
        )
        if self._performance is not None:
            self._performance.notice()

    def connected(self) -> None:
        """The call this phone is on was answered, by either side."""
        if self._performance is not None:
            self._performance.notice()

    def release(self, call: "Call") -> None:
        """The call is over."""
        if self.call is not call:
            return
        spoken = tuple(line for line in self.heard if line.call == call.sid)
        now = self._exchange.now()
        self.ended = EndedCall(
            call.sid, call.other_number, call.phone_direction, call.status, call.seconds, now, spoken
        )
        self.call = None
        self._exchange.note("ended", self.number, call=call.sid, status=call.status, seconds=call.seconds)
        if self._performance is not None:
            self._performance.stop()
            self._performance = None

    def receive(self, sender: str, body: str) -> None:
        now = self._exchange.now()
        self.texts.append(Text(now, sender, self.number, body, "received"))
        self._exchange.note("text_received", self.number, sender=sender, body=body)
        if self._reply is not None:
            reply, after = self._reply
            answer = reply(body)
            if answer is not None:
                self._exchange.later(after, lambda: self.text(sender, answer))

    def _voicemail(self, call: "Call") -> None:
        if self.call is call and call.status == "ringing":
            self._exchange.calls.pick_up(call)
            self._exchange.note(
                "voicemail", self.number, call=call.sid, greeting=VOICEMAIL_GREETING.total_seconds()
            )

    def _ringing(self) -> "Call":
        if self.call is None or self.call.status != "ringing" or self.call.phone_direction == "outgoing":
            raise NotPossible(f"{self.number} is not ringing")
        return self.call

    def _talking(self) -> "Call":
        if self.call is None or self.call.status != "in-progress":
            raise NotPossible(f"{self.number} is not connected")
        return self.call
