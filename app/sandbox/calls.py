"""Calls: from the first ring to the end, with the callbacks that tell the application about it.

outbound   queued -(paced)-> initiated -> ringing -> in-progress -> completed
inbound                                   ringing -> in-progress -> completed
any of them may instead end as busy, no-answer, failed or canceled (silently while still queued)
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from app.sandbox.agenda import Appointment
from app.sandbox.handset import Behaviour, Phone, Spoken
from app.sandbox.parameters import API_VERSION, geography, rfc2822
from app.sandbox.program import Program
from app.sandbox.recordings import HEARD, SAID

if TYPE_CHECKING:
    from app.sandbox.conferences import Conference
    from app.sandbox.exchange import Exchange

FINISHED = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
PROGRESS_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
SETUP = timedelta(milliseconds=500)
API_RING_BUFFER = timedelta(seconds=5)
UNREACHABLE, BUSY, TIMED_OUT = 404, 486, 487


@dataclass(frozen=True, slots=True)
class Callback:
    """Where somebody wants to be told, and of what."""

    url: str
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})


@dataclass(frozen=True, slots=True)
class Order:
    """An outbound call that somebody asked for; ``url`` or ``twiml`` says what it hears once answered."""

    to: str
    from_: str
    url: str | None = None
    method: str = "POST"
    twiml: str | None = None
    fallback_url: str | None = None
    fallback_method: str = "POST"
    callback: Callback | None = None
    timeout: int = 60
    time_limit: int = 14_400
    answered: Callable[["Call"], None] | None = field(default=None, compare=False)


class Call:
    """One leg between the exchange and one phone."""

    def __init__(
        self, exchange: "Exchange", sid: str, direction: str, phone: Phone, from_: str | None, to: str
    ) -> None:
        self.exchange = exchange
        self.sid = sid
        self.direction = direction
        self.phone = phone
        self.from_ = from_
        self.to = to
        self.status = "queued"
        self.parent: Call | None = None
        self.created = self.updated = exchange.now()
        self.started: datetime | None = None
        self.ended: datetime | None = None
        self.queue_milliseconds = 0
        self.order: Order | None = None
        self.callback: Callback | None = None
        self.fallback: tuple[str, str] | None = None
        self.program: Program | None = None
        self.partner: Call | None = None
        self.conference: Conference | None = None
        self.far: Call | None = None  # the other leg of a call between two numbers of ours
        self.on_end: list[Callable[[Call], None]] = []
        self.on_redirect: list[Callable[[Call], None]] = []
        self.deadlines: list[Appointment] = []
        self._sequence = 0

    @property
    def finished(self) -> bool:
        return self.status in FINISHED

    @property
    def phone_direction(self) -> str:
        """Seen from the phone: ``outgoing`` when its owner dialled, else ``incoming``."""
        return "outgoing" if self.direction == "inbound" else "incoming"

    @property
    def other_number(self) -> str:
        """Seen from the phone: whom it dialled, or who it shows as calling."""
        return self.to if self.direction == "inbound" else (self.from_ or "")

    @property
    def seconds(self) -> int:
        """Connected time so far or in all, rounded up as it is billed."""
        if self.started is None:
            return 0
        return math.ceil(((self.ended or self.exchange.now()) - self.started).total_seconds())

    def parameters(self) -> dict[str, str]:
        """The parameters of every webhook about this call."""
        chaos = self.exchange.chaos
        given = {
            "CallSid": self.sid,
            "AccountSid": self.exchange.account_sid,
            "To": self.to,
            "Called": self.to,
            "CallStatus": self.status,
            "ApiVersion": API_VERSION,
            "Direction": self.direction,
        }
        if self.from_ is not None:
            given |= {"From": self.from_, "Caller": self.from_}
        if self.parent is not None:
            given["ParentCallSid"] = self.parent.sid
        if self.direction == "inbound":
            given["CallToken"] = f"token-{self.sid}"
            if chaos.stir_verstat is not None:
                given["StirVerstat"] = chaos.stir_verstat
        if not chaos.missing_geo:
            for role, number in (("From", self.from_ or ""), ("To", self.to)):
                legacy = "Caller" if role == "From" else "Called"
                given |= geography(role, number) | geography(legacy, number)
        return given

    def move(self, status: str) -> None:
        self.status = status
        self.updated = self.exchange.now()
        self.exchange.story.changed()

    def hear(
        self, text: str, language: str, seconds: float, speaker: str | None = None, sound: str = ""
    ) -> None:
        self.exchange.recordings.hear(self, HEARD, text, seconds)
        self.phone.hear(Spoken(self.exchange.now(), text, language, seconds, self.sid, speaker, sound))

    def key(self, key: str) -> None:
        if self.program is not None and not self.finished:
            self.program.key(key)

    def words(self, words: str) -> None:
        seconds = self.exchange.seconds_of(words)
        self.exchange.recordings.hear(self, SAID, words, seconds)
        for other in self.talking_to():
            other.hear(words, "", seconds, speaker=self.phone.number)
        if self.program is not None:
            self.program.words(words, seconds)

    def hum(self) -> None:
        """A sound that is no word yet."""
        if self.program is not None:
            self.program.words("", 0)

    def talking_to(self) -> list["Call"]:
        """The legs that hear what is said on this one."""
        if self.partner is not None:
            return [self.partner]
        if self.conference is not None:
            return self.conference.heard_by(self)
        return []

    def hang_up_by_phone(self) -> None:
        """The person puts the phone down."""
        if self.status == "in-progress":
            self.end("completed")
        elif self.direction == "inbound":
            self.end("no-answer")
        else:
            self.end("busy", sip=BUSY)

    def report(self, event: str, sip: int | None = None) -> None:
        """Tells the status callback of ``event``, if it was asked for."""
        if self.callback is None or event not in self.callback.events:
            return
        given = self.parameters() | {
            "Timestamp": rfc2822(self.exchange.now()),
            "SequenceNumber": str(self._sequence),
            "CallbackSource": "call-progress-events",
        }
        if self.finished:
            given |= {"CallDuration": str(self.seconds), "Duration": str(math.ceil(self.seconds / 60))}
        if sip is not None:
            given["SipResponseCode"] = str(sip)
        if self.direction != "inbound" and self.status in ("ringing", "in-progress"):
            given["StirStatus"] = "A"
        self._sequence += 1
        self.exchange.webhooks.callback(self.callback.url, self.callback.method, given, to=self.phone.number)

    def end(self, status: str, sip: int | None = None) -> None:
        """The end, whatever the reason; a second end changes nothing."""
        if self.finished:
            return
        silent = self.status == "queued"
        self.ended = self.exchange.now()
        self.move(status)
        for deadline in self.deadlines:
            deadline.cancel()
        if self.program is not None:
            self.program.stop("hung-up")
        self.phone.release(self)
        if not silent:
            self.report("completed", sip if sip is not None else (200 if status == "completed" else None))
        for observer in self.on_end:
            observer(self)

    def redirect(self, run: Callable[[Program], None]) -> None:
        """A live update: whatever the call was doing stops, and ``run`` gives it something else to do."""
        if self.program is not None:
            self.program.stop("redirected")
        for observer in self.on_redirect:
            observer(self)
        self.on_redirect.clear()
        self.program = Program(self, "call", finished=self._finish)
        run(self.program)

    def start(self, run: Callable[[Program], None]) -> None:
        self.program = Program(self, "call", finished=self._finish)
        run(self.program)

    def _finish(self) -> None:
        """No verb is left: Twilio hangs up."""
        self.end("completed")


class Calls:
    """All calls of the account, newest last, and the pace at which outbound ones may leave."""

    def __init__(self, exchange: "Exchange", per_second: float) -> None:
        self.by_sid: dict[str, Call] = {}
        self.per_second = per_second
        self._exchange = exchange
        self._next_slot: datetime | None = None

    # Inbound

    def arrive(self, phone: Phone, to: str, withheld: bool) -> Call:
        """A phone dials ``to``; numbers that are not ours are not in service here."""
        exchange = self._exchange
        from_ = exchange.chaos.withheld_as if withheld else phone.number
        call = self._new("inbound", phone, from_, to)
        phone.call = call
        line = exchange.lines.get(to)
        if line is None or not line.voice_url:
            call.move("ringing")
            exchange.later(SETUP, lambda: call.end("failed", sip=UNREACHABLE))
            return call
        if line.status_callback:
            call.callback = Callback(line.status_callback, line.status_callback_method)
        if line.voice_fallback_url:
            call.fallback = (line.voice_fallback_url, line.voice_fallback_method)
        call.move("ringing")
        url, method = line.voice_url, line.voice_method
        exchange.later(
            timedelta(0), lambda: None if call.finished else call.start(lambda it: it.load(url, method))
        )
        return call

    def answer_inbound(self, call: Call) -> None:
        """The first verb that needs a voice path answers an inbound call."""
        if call.status == "ringing" and call.direction == "inbound":
            self._connect(call)

    # Outbound

    def place(self, order: Order) -> Call:
        """Queues an outbound call of the REST API; it leaves when its turn comes."""
        exchange = self._exchange
        call = self._new("outbound-api", exchange.phone(order.to), order.from_, order.to)
        call.callback = order.callback
        if order.fallback_url:
            call.fallback = (order.fallback_url, order.fallback_method)
        now = exchange.now()
        slot = max(now, self._next_slot) if self._next_slot is not None else now
        if self.per_second:
            self._next_slot = slot + timedelta(seconds=1 / self.per_second)
        call.queue_milliseconds = int((slot - now).total_seconds() * 1000)
        call.deadlines.append(
            exchange.later(slot - now, lambda: self._initiate(call, order, API_RING_BUFFER))
        )
        return call

    def dial(self, parent: Call, order: Order) -> Call:
        """A leg of <Dial>: not paced, and without the API's ring buffer."""
        call = self._new("outbound-dial", self._exchange.phone(order.to), order.from_, order.to)
        call.parent = parent
        call.callback = order.callback
        self._initiate(call, order, timedelta(0))
        return call

    def pick_up(self, call: Call) -> None:
        """The phone of an outbound call answers."""
        if call.status != "ringing":
            return
        self._connect(call)

    def cancel(self, call: Call) -> None:
        if not call.finished and call.status != "in-progress":
            call.end("canceled", sip=None if call.status == "queued" else TIMED_OUT)

    def _new(self, direction: str, phone: Phone, from_: str | None, to: str) -> Call:
        call = Call(self._exchange, self._exchange.sid("CA"), direction, phone, from_, to)
        self.by_sid[call.sid] = call
        return call

    def _initiate(self, call: Call, order: Order, buffer: timedelta) -> None:
        if call.finished:
            return
        call.move("initiated")
        call.report("initiated")
        wait = self._exchange.later(SETUP, lambda: self._reach(call, order, buffer))
        call.deadlines.append(wait)

    def _reach(self, call: Call, order: Order, buffer: timedelta) -> None:
        phone = call.phone
        if (line := self._exchange.lines.get(call.to)) is not None and line.voice_url:
            self._reach_ourselves(call, order)
            return
        if phone.behaviour in (Behaviour.OFF, Behaviour.INVALID):
            call.end("failed", sip=UNREACHABLE)
            return
        if phone.behaviour is Behaviour.BUSY or phone.call is not None:
            call.end("busy", sip=BUSY)
            return
        call.move("ringing")
        call.report("ringing", sip=180)
        call.deadlines.append(
            self._exchange.later(timedelta(seconds=order.timeout) + buffer, lambda: self._ring_out(call))
        )
        call.order = order
        phone.ring(call)

    def _reach_ourselves(self, call: Call, order: Order) -> None:
        """A call to a number of ours arrives there as a call of its own: each leg has its webhooks."""
        call.move("ringing")
        call.report("ringing", sip=180)
        call.order = order
        far = self.arrive(self._exchange.phone(order.from_), call.to, withheld=False)
        call.far, far.far = far, call
        far.on_end.append(lambda it: call.end("completed" if call.started else "failed"))
        call.on_end.append(lambda it: far.end("completed" if far.started else "no-answer"))

    def _ring_out(self, call: Call) -> None:
        if call.status == "ringing":
            self._exchange.note("missed", call.phone.number, call=call.sid)
            call.end("no-answer", sip=TIMED_OUT)

    def _connect(self, call: Call) -> None:
        call.started = self._exchange.now()
        call.move("in-progress")
        call.report("answered", sip=200)
        kind = "connected" if call.direction == "inbound" else "answered"
        self._exchange.note(kind, call.phone.number, call=call.sid, other=call.other_number)
        order = call.order
        limit = order.time_limit if order is not None else 14_400
        call.deadlines.append(self._exchange.later(timedelta(seconds=limit), lambda: call.end("completed")))
        if order is not None:
            self._begin(call, order)
        call.phone.connected()
        if call.direction == "inbound" and call.far is not None:
            self.pick_up(call.far)

    def _begin(self, call: Call, order: Order) -> None:
        if order.answered is not None:
            order.answered(call)
        elif order.twiml is not None:
            twiml = order.twiml
            call.start(lambda program: program.run_text(twiml))
        elif order.url is not None:
            url, method = order.url, order.method
            call.start(lambda program: program.load(url, method))
