"""A switchboard for tests: the page of phones, a real exchange behind it, and a guard of three sentences."""

import smtplib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

from flask import Flask, Response
from werkzeug.serving import make_server

from app.sandbox.calls import Order
from app.sandbox.exchange import Exchange
from app.sandbox.mailsink import MailSink
from app.sandbox.phones import GuardLine, PhonesBlueprint, Subscriber, phones_blueprint
from app.sandbox.realtime import RealTime
from app.sandbox.transports import HttpTransport

LINE, GUARD = "+541152630001", "+14155550100"
MARTA, STRANGER = "+5491155550201", "+5491155550299"
ANA, BRUNO = "+5491155550101", "+5491155550102"
PEOPLE = [
    Subscriber(MARTA, "Marta Ruiz", "client", "ACME Seguros", "es"),
    Subscriber("+5511988880211", "Renata Alves", "client", "Banco Ipê", "pt"),
    Subscriber(STRANGER, "—", "stranger"),
    Subscriber(ANA, "Ana Paz", "engineer"),
    Subscriber("+541148120101", "Ana Paz", "engineer"),
    Subscriber(BRUNO, "Bruno Díaz", "engineer"),
    Subscriber("+5491155550105", "Lucía Herrera", "manager"),
]
LINES = [GuardLine(LINE, "ACME Seguros"), GuardLine("+551140000002", "Banco Ipê")]


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class Switchboard:
    """One case, G-1042, that begins when the caller presses 1 and is taken by pressing 1."""

    def __init__(self) -> None:
        self.cases: list[dict[str, Any]] = []
        self.sink = MailSink()
        self.exchange = Exchange(
            "AC" + "0" * 32, "token", clock=SystemClock(), transport=HttpTransport(), seed=None
        )
        self.phones = phones_blueprint(self.exchange, PEOPLE, self.sink, lambda: self.cases, LINES)
        self.app = Flask(__name__)
        self.app.register_blueprint(self.phones)
        for path, answer in (("incoming", self._greet), ("menu", self._page), ("page", self._ask)):
            self.app.add_url_rule(f"/voice/{path}", path, answer, methods=["POST"])
        self.app.add_url_rule("/voice/take", "take", self._take, methods=["POST"])
        self.origin = ""

    @property
    def url(self) -> str:
        return f"{self.origin}/sandbox/"

    def write_case(self, reference: str, around: dict[str, list[str]]) -> None:
        """One more case; ``around``: the phones and calls that have to do with it."""
        self.cases.insert(0, _case() | {"reference": reference} | around)
        self._write("opened", "Se abrió el incidente.")

    def mail(self, subject: str, html: str) -> None:
        """Somebody is written to."""
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = subject, "guardia@aivo.example", "m@acme.example"
        message.set_content("Solo texto")
        message.add_alternative(html, subtype="html")
        with smtplib.SMTP("127.0.0.1", self.sink.port, local_hostname="localhost") as smtp:
            smtp.send_message(message)

    def _greet(self) -> Response:
        return _twiml(_gather(f"{self.origin}/voice/menu", "Guardia de Aivo. Marque 1."))

    def _page(self) -> Response:
        self.cases.insert(0, _case())
        self._write("opened", "Se abrió el incidente.")
        self.exchange.calls.place(Order(to=ANA, from_=GUARD, url=f"{self.origin}/voice/page"))
        return _twiml(_say("Estamos llamando a Ana.") + _conference())

    def _ask(self) -> Response:
        return _twiml(_gather(f"{self.origin}/voice/take", "Para tomarlo, marque 1."))

    def _take(self) -> Response:
        self.cases[0].update(
            state="acknowledged", acknowledged_by="Ana Paz", acknowledged_at=datetime.now(UTC).isoformat()
        )
        self._write("acknowledged", "Ana Paz tomó el incidente.")
        return _twiml(_conference())

    def _write(self, kind: str, text: str) -> None:
        self.cases[0]["entries"].append({"at": datetime.now(UTC).isoformat(), "kind": kind, "text": text})
        assert isinstance(self.phones, PhonesBlueprint)
        self.phones.board.touch()


@contextmanager
def a_switchboard() -> Iterator[Switchboard]:
    """It answers on a free port of loopback until the end of the block."""
    switchboard = Switchboard()
    server = make_server("127.0.0.1", 0, switchboard.app, threaded=True)
    server.daemon_threads = True  # type: ignore[attr-defined]
    switchboard.origin = f"http://127.0.0.1:{server.server_port}"
    exchange = switchboard.exchange
    exchange.add_number(LINE, voice_url=f"{switchboard.origin}/voice/incoming")
    exchange.add_number(GUARD)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    switchboard.sink.start()
    try:
        with RealTime(exchange):
            yield switchboard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        switchboard.sink.stop()


def _case() -> dict[str, Any]:
    return {
        "reference": "G-1042",
        "kind": "incident",
        "state": "open",
        "client": "ACME Seguros",
        "integration": "CRM Salesforce",
        "priority": "blocker",
        "reason": None,
        "opened_at": datetime.now(UTC).isoformat(),
        "acknowledged_by": None,
        "acknowledged_at": None,
        "closed_at": None,
        "entries": [],
    }


def _gather(action: str, words: str) -> str:
    return f'<Gather numDigits="1" timeout="30" action="{action}">{_say(words)}</Gather><Hangup/>'


def _say(words: str) -> str:
    return f'<Say voice="Polly.Mia-Neural" language="es-MX">{words}</Say>'


def _conference() -> str:
    return "<Dial><Conference>G-1042</Conference></Dial><Hangup/>"


def _twiml(verbs: str) -> Response:
    return Response(
        f"<?xml version='1.0' encoding='UTF-8'?><Response>{verbs}</Response>", content_type="text/xml"
    )
