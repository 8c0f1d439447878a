"""A small town for the exchange's tests: a virtual clock, a few numbers, an application that obeys."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Response, request
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from app.sandbox.exchange import Exchange
from app.sandbox.handset import Phone
from app.sandbox.loopback import InProcessClient
from app.sandbox.rest import rest_blueprint
from app.sandbox.scripts import Script
from app.sandbox.transports import WsgiTransport

ACCOUNT = "AC" + "0" * 32
TOKEN = "12345"
ORIGIN = "https://guard.example"
LINE = "+541152630001"
MARTA = "+5491155550201"
ANA = "+5491155550101"
BRUNO = "+5491155550102"
START = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
SAY = '<Say voice="Polly.Mia-Neural" language="es-MX">{}</Say>'
EVERY_EVENT = ["initiated", "ringing", "answered", "completed"]

Told = str | tuple[Any, ...] | Callable[[dict[str, str]], Any]


class VirtualClock:
    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def set(self, at: datetime) -> None:
        self.at = at


@dataclass
class Asked:
    """One request that the application got."""

    path: str
    form: dict[str, str]
    method: str
    token: str
    at: datetime
    signed: bool


@dataclass
class Town:
    """``tell(path, document)`` decides the answer; ``asked(path)`` gives the requests that came."""

    exchange: Exchange
    clock: VirtualClock
    answers: dict[str, Told] = field(default_factory=dict)
    requests: list[Asked] = field(default_factory=list)
    client: Client | None = None

    def tell(self, path: str, answer: Told) -> None:
        self.answers[path] = answer

    def asked(self, path: str) -> list[dict[str, str]]:
        return [one.form for one in self.requests if one.path == path]

    def phone(self, number: str) -> Phone:
        return self.exchange.phone(number)

    def dial(self, script: Script | None = None, withheld: bool = False) -> str:
        """Marta dials the line; the call's sid."""
        return self.phone(MARTA).dial(LINE, withheld=withheld, script=script).sid

    def run(self, seconds: float = 300) -> None:
        self.exchange.play(self.clock.now() + timedelta(seconds=seconds), self.clock.set)

    def heard(self, number: str) -> list[str]:
        return [line.text for line in self.phone(number).heard]

    def call(self, to: str = ANA, **options: Any) -> str:
        """An outbound call through the real SDK; its sid."""
        assert self.client is not None
        options = {"url": f"{ORIGIN}/page", **options}
        return str(self.client.calls.create(to=to, from_=LINE, **options).sid)

    def seconds(self) -> float:
        return (self.clock.now() - START).total_seconds()


def say(words: str) -> str:
    return SAY.format(words)


def document(*verbs: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{"".join(verbs)}</Response>'


def gather(path: str, words: str, **attributes: str) -> str:
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<Gather action="{ORIGIN}{path}"{more}>{say(words)}</Gather>'


def found_town(**options: Any) -> Town:
    clock = VirtualClock()
    exchange = Exchange(ACCOUNT, TOKEN, clock=clock, **options)
    town = Town(exchange, clock)
    app = _application(town)
    app.register_blueprint(rest_blueprint(exchange))
    exchange.transport = WsgiTransport(app, ORIGIN)
    exchange.add_number(
        LINE, voice_url=f"{ORIGIN}/in", status_callback=f"{ORIGIN}/over", sms_url=f"{ORIGIN}/sms"
    )
    town.client = Client(ACCOUNT, TOKEN, http_client=InProcessClient(app))
    return town


def _application(town: Town) -> Flask:
    app = Flask("town")
    validator = RequestValidator(TOKEN)

    @app.route("/<path:path>", methods=["GET", "POST"])
    def answer(path: str) -> Response:
        form = request.form.to_dict()
        url = ORIGIN + request.environ["RAW_URI"]
        signed = bool(validator.validate(url, form, request.headers.get("X-Twilio-Signature", "")))
        token = request.headers.get("I-Twilio-Idempotency-Token", "")
        town.requests.append(Asked("/" + path, form, request.method, token, town.clock.now(), signed))
        told = town.answers.get("/" + path, ("", 204))
        if callable(told):
            told = told(form)
        if isinstance(told, tuple):
            return app.make_response(told)
        return Response(told, content_type="text/xml")

    return app
