"""A local telephone exchange that speaks Twilio's protocol: lines of ours, phones of everybody else.

It is passive. Something outside gives it time: in tests and the demonstration a loop that takes the earliest
of all due moments, sets a virtual clock and calls ``run_due``; in ``make run`` the ``RealTime`` thread of
app.sandbox.realtime.

    exchange = Exchange("AC…", "token", clock=clock, transport=WsgiTransport(app), seed=7)
    exchange.add_number("+541152630001", voice_url=…, voice_fallback_url=…, status_callback=…, sms_url=…)
    marta = exchange.phone("+5491155550201")           # every number that is not a line of ours is a phone
    ana = exchange.phone("+5491155550101")
    ana.behave(Script.answering(8).press("1", hearing="marque 1"))
    ana.behaviour = Behaviour.VOICEMAIL                 # normal off busy voicemail asleep invalid
    marta.dial("+541152630001", script=Script().press("1", hearing="CRM").hang_up(after=60))
    while (due := exchange.next_due()) is not None:     # or exchange.play(until, clock.set)
        clock.set(due)
        exchange.run_due(due)

    phone.dial(to, withheld=False, script=None) · answer() · reject() · press("1#") · say(words) · hang_up()
    phone.text(to, body) · behave(*scripts) · on_text(lambda body: reply or None, after=5.0)
    phone.behaviour · call · heard · texts · ended
    exchange.story     ordered events: story.of("heard", number=…), story.events, story.listen(f)
    exchange.faults    what the strict check found in documents; tests assert that it is empty
    exchange.chaos     switches for everything that goes wrong
    exchange.calls.by_sid · messages.by_sid · recordings.by_sid · queues.by_sid · conferences.by_sid
    app.sandbox.rest.rest_blueprint(exchange)           the REST API under /2010-04-01
    app.sandbox.loopback.InProcessClient(wsgi_app)      for the Twilio SDK, without a socket
    app.sandbox.loopback.LoopbackClient(origin)         for the Twilio SDK, over loopback HTTP

With ``seed=None`` identifiers are random: use it wherever a database outlives the exchange.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random, SystemRandom
from typing import Any, Protocol

from app.sandbox.agenda import Agenda, Appointment
from app.sandbox.calls import Call, Calls
from app.sandbox.chaos import Chaos
from app.sandbox.conferences import Conferences
from app.sandbox.handset import Phone
from app.sandbox.messages import Messages
from app.sandbox.queues import Queues
from app.sandbox.recordings import Recordings
from app.sandbox.retrieval import Fault, Retrieval
from app.sandbox.story import Event, Story
from app.sandbox.transports import Transport
from app.sandbox.verbs import VERBS
from app.sandbox.webhooks import Webhooks

CHARACTERS_PER_SECOND = 15
WEBHOOK_LATENCY = timedelta(milliseconds=20)


class Clock(Protocol):
    def now(self) -> datetime: ...


@dataclass(slots=True)
class Line:
    """A number of ours and what is configured on it."""

    number: str
    sid: str
    created: datetime
    friendly_name: str = ""
    voice_url: str | None = None
    voice_method: str = "POST"
    voice_fallback_url: str | None = None
    voice_fallback_method: str = "POST"
    status_callback: str | None = None
    status_callback_method: str = "POST"
    sms_url: str | None = None
    sms_method: str = "POST"
    sms_fallback_url: str | None = None
    sms_fallback_method: str = "POST"


class Exchange:
    """The whole telephone company. All its doors take ``lock``.

    ``strict``: documents with problems are refused as if they were unreadable. ``calls_per_second``: the
    pace of outbound API calls, 0 for no pacing. ``latency``: what a request for TwiML takes in virtual time.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        *,
        clock: Clock,
        transport: Transport | None = None,
        seed: int | None = 0,
        strict: bool = True,
        calls_per_second: float = 1.0,
        latency: timedelta = WEBHOOK_LATENCY,
        api_origin: str = "https://api.twilio.com",
    ) -> None:
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.api_keys: dict[str, str] = {}
        self.clock = clock
        self.strict = strict
        self.latency = latency
        self.api_url = f"{api_origin}/2010-04-01"
        self.lock = threading.RLock()
        self.verbs = VERBS
        self.story = Story()
        self.faults: list[Fault] = []
        self.chance: Random = SystemRandom() if seed is None else Random(seed)
        self.chaos = Chaos(self.chance)
        self.lines: dict[str, Line] = {}
        self.phones: dict[str, Phone] = {}
        self.agenda = Agenda()
        self._transport = transport
        self._moment: datetime | None = None
        self._latest: datetime | None = None
        self.webhooks = Webhooks(self)
        self.retrieval = Retrieval(self)
        self.calls = Calls(self, calls_per_second)
        self.queues = Queues(self)
        self.conferences = Conferences(self)
        self.recordings = Recordings(self)
        self.messages = Messages(self)

    # What exists

    def add_number(self, number: str, **configuration: Any) -> Line:
        """A line of ours; ``configuration`` sets the attributes of Line."""
        line = Line(number, self.sid("PN"), self.now(), friendly_name=number)
        for name, value in configuration.items():
            if not hasattr(line, name):
                raise TypeError(f"a line has no {name}")
            setattr(line, name, value)
        self.lines[number] = line
        return line

    def phone(self, number: str) -> Phone:
        """The phone with this number, made when it is first named."""
        with self.lock:
            if number not in self.phones:
                self.phones[number] = Phone(self, number)
            return self.phones[number]

    @property
    def transport(self) -> Transport:
        if self._transport is None:
            raise RuntimeError("the exchange has no transport: nothing can be told to the application")
        return self._transport

    @transport.setter
    def transport(self, transport: Transport) -> None:
        self._transport = transport

    # Time

    def now(self) -> datetime:
        """The moment of the event being run, else the clock's; it never runs backwards."""
        now = self._moment if self._moment is not None else self.clock.now()
        if self._latest is None or now > self._latest:
            self._latest = now
        return self._latest

    def next_due(self) -> datetime | None:
        """When something will happen next, aware, in UTC; None when nothing is planned."""
        with self.lock:
            return self.agenda.next_due()

    def run_due(self, at: datetime) -> None:
        """Runs everything due at ``at`` or before, in order, each at its own moment."""
        with self.lock:
            while (appointment := self.agenda.take_due(at)) is not None:
                self._moment = max(appointment.due, self._latest or appointment.due)
                try:
                    appointment.action()
                finally:
                    self._moment = None

    def play(
        self, until: datetime | None = None, set_clock: Callable[[datetime], None] | None = None
    ) -> None:
        """Runs event after event until nothing is planned (or ``until``), setting the clock to each."""
        while (due := self.next_due()) is not None and (until is None or due <= until):
            if set_clock is not None:
                set_clock(due)
            self.run_due(due)
        if until is not None and set_clock is not None:
            set_clock(until)

    def later(self, wait: timedelta, action: Callable[[], None]) -> Appointment:
        return self.agenda.add(self.now() + wait, action)

    # What the parts need of each other

    def note(self, kind: str, number: str, **detail: Any) -> None:
        """Adds an event to the story."""
        self.story.add(Event(self.now(), kind, number, detail))

    def sid(self, prefix: str) -> str:
        return prefix + f"{self.chance.getrandbits(128):032x}"

    def token(self) -> str:
        """An idempotency token, one per request however often it is retried."""
        bits = f"{self.chance.getrandbits(128):032x}"
        return f"{bits[:8]}-{bits[8:12]}-{bits[12:16]}-{bits[16:20]}-{bits[20:]}"

    def seconds_of(self, words: str) -> float:
        """How long it takes to say that."""
        return len(words) / CHARACTERS_PER_SECOND

    def connect(self, one: Call, other: Call) -> None:
        """Two legs hear each other."""
        one.partner, other.partner = other, one
        for call, partner in ((one, other), (other, one)):
            self.note("talking", call.phone.number, to=[partner.phone.number], call=call.sid)

    def disconnect(self, call: Call) -> None:
        if call.partner is not None:
            call.partner.partner = None
            call.partner = None
            self.story.changed()
