"""A guard as real processes, and a telephone company and a mail server that the test can break.

The processes are killed as an operator's machine kills them; the exchange runs
in the test, on real HTTP, and keeps the log that everything is judged by.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from time import monotonic
from typing import Any

import requests
from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from app import migrations
from app.clock import SystemClock
from app.sandbox.exchange import Exchange
from app.sandbox.realtime import RealTime
from app.sandbox.rest import rest_blueprint
from app.sandbox.scripts import Script
from app.sandbox.transports import HttpTransport
from bench.towns import Client, write_rosters
from oncall.store import Store, engine_for
from tests.app.processes import free_port, until
from tests.faults.people import is_all_taken
from tests.faults.promises import accepted_callers
from tests.mailserver import SmtpSink
from tests.postgres import be_patient

IS_LONG = os.environ.get("GUARDIA_FAULTS") == "long"
# A leg whose order crossed the ack on the wire; it is cancelled, and hears who has it.
# The machine may be busy; the next level, which must not leave any more, would begin after twenty seconds.
RACE = timedelta(seconds=8)
TAKEN_WITHIN = 180.0
SOON = 60.0
ROOT = Path(__file__).parents[2]
ACCOUNT, TOKEN = "AC" + "1" * 32, "token-of-the-town"
PAGE_FROM = "+541152630099"
CALLS = (
    Script()
    .press("1", hearing="marque 1", after=0.02, early=True)
    .press("1", hearing="marque 1", after=0.02, early=True)
)
TAKES = Script.answering(0.2).press("1", hearing="marque 1", after=0.05, early=True)
_PUT_THROUGH = "Le comunicamos con la guardia"
_GUARDIA = "from app.cli import main; main()"
_START_SECONDS = 240.0  # five processes at once, on a machine that runs other tests too


class Gate:
    """Stands before the exchange's REST side: each order passes ``before`` and ``after`` it."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self.before: Callable[[str], None] = lambda path: None
        self.after: Callable[[str], None] = lambda path: None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path, is_order = environ["PATH_INFO"], environ["REQUEST_METHOD"] == "POST"
        if is_order:
            # Whole, so that who is killed or frozen now has sent all of it.
            length = int(environ.get("CONTENT_LENGTH") or 0)
            environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(length))
            self.before(path)
        answer = list(self._app(environ, start_response))
        if is_order:
            self.after(path)
        return answer


@dataclass
class Town:
    """``web`` and ``worker`` by name; ``call`` has client number n call about a Blocker."""

    folder: Path
    database_url: str
    exchange: Exchange
    gate: Gate
    mail: SmtpSink
    clients: list[Client]
    settings: dict[str, str]
    store: Store
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, *names: str) -> None:
        """``web`` answers when this returns; a worker (``worker``, ``worker-2``…) beats."""
        said_before = {name: len(self._log(name)) for name in names}
        for name in names:
            log = (self.folder / f"{name}.log").open("ab")
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-c", _GUARDIA, name.partition("-")[0]],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
            log.close()
        for name in names:
            beats = partial(self._beats, name, said_before[name])
            assert until(self._answers if name == "web" else beats, _START_SECONDS), self.said(name)

    def kill(self, name: str) -> None:
        """As the kernel kills: no goodbye, and its children with it."""
        process = self.processes.pop(name)
        for pid in (process.pid, *_children(process.pid)):  # it would start another child
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait(SOON)

    def freeze(self, name: str) -> None:
        self.processes[name].send_signal(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        self.processes[name].send_signal(signal.SIGCONT)

    def call(self, n: int) -> None:
        """The caller of client ``n`` dials and asks for help; who is on call takes it when it rings."""
        client = self.clients[n]
        with self.exchange.lock:
            phone = self.exchange.phone(client.caller)
            if phone.call is None:
                phone.dial(client.line, script=CALLS)

    def answered_by(self, script: Script = TAKES) -> None:
        for client in self.clients:
            for engineer in client.engineers:
                self.exchange.phone(engineer).behave(*[script] * 500)  # they are asked after it, too

    def all_taken(self, at_least: int, seconds: float) -> bool:
        return until(lambda: is_all_taken(self.store, at_least), seconds)

    def all_get_through(self, clients: Iterable[int], seconds: float) -> bool:
        """Whether each of these clients gets an incident, and all of them are taken.

        Who called while the machine was too busy to answer within Twilio's four seconds, or was put through
        without the database, calls again.
        """
        numbers = list(clients)

        def done() -> bool:
            if is_all_taken(self.store, len(numbers)):
                return True
            accepted = accepted_callers(self.exchange)
            for n in numbers:
                if self.clients[n].caller not in accepted:
                    self._hang_up_if_put_through(n)
                    self.call(n)
            return False

        return until(done, seconds)

    def _hang_up_if_put_through(self, n: int) -> None:
        phone = self.exchange.phone(self.clients[n].caller)
        with self.exchange.lock:
            call = phone.call
            if call and any(_PUT_THROUGH in said.text for said in phone.heard if said.call == call.sid):
                phone.hang_up()

    def call_orders(self) -> int:
        """How often a call was asked for; lists of calls are asked for by themselves, too."""
        asked = [e.detail for e in list(self.exchange.story.events) if e.kind == "rest"]
        return sum(d["method"] == "POST" and d["path"].endswith("/Calls.json") for d in asked)

    def said(self, name: str) -> str:
        return self._log(name)[-3000:]

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """A command that ends by itself."""
        return subprocess.run(
            [sys.executable, "-c", _GUARDIA, command],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=SOON,
        )

    def verify(self) -> int:
        """The exit status of ``guardia verify``."""
        return self.run("verify").returncode

    def serving(self, name: str) -> int:
        """The process that answers: gunicorn's child."""
        return _children(self.processes[name].pid)[0]

    def _log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def _beats(self, name: str, since: int) -> bool:
        return "is running" in self._log(name)[since:]

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.settings['PUBLIC_URL']}/healthz", timeout=20).ok
        except requests.RequestException:
            return False

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | {"PYTHONPATH": str(ROOT)} | self.settings


@contextmanager
def town(
    folder: Path,
    clients: int = 2,
    database_url: str = "",
    lasts: str = "20 seconds",
    levels: int = 2,
    teams: int | None = None,
) -> Iterator[Town]:
    known = write_rosters(folder / "rosters", clients, lasts, levels, teams)
    url = database_url or f"sqlite:///{folder / 'guardia.db'}"
    port, mail = free_port(), SmtpSink()
    mail.start()
    origin = f"http://127.0.0.1:{port}"
    exchange = Exchange(
        ACCOUNT, TOKEN, clock=SystemClock(), transport=HttpTransport(), seed=None, calls_per_second=1000.0
    )
    for client in known:
        exchange.add_number(
            client.line, voice_url=f"{origin}/voice/incoming", status_callback=f"{origin}/voice/status"
        )
    exchange.add_number(PAGE_FROM, sms_url=f"{origin}/sms/incoming")
    store = Store(engine_for(url))
    be_patient(store.engine)
    migrations.upgrade(store.engine)
    with _served(exchange) as (gate, api_url), RealTime(exchange, threads=16):
        settings = {
            "DATABASE_URL": url,
            "PUBLIC_URL": origin,
            "PORT": str(port),
            "SECRET_KEY": "s" * 32,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_API_URL": api_url,
            "PAGE_FROM": PAGE_FROM,
            "CALLS_PER_SECOND": "0",
            "SMTP_URL": mail.url,
            "MAIL_FROM": "guardia@aivo.example",
            "GUARDIA_ROSTERS": str(folder / "rosters"),
        }
        built = Town(folder, url, exchange, gate, mail, known, settings, store)
        try:
            yield built
        finally:
            for name in list(built.processes):
                built.kill(name)
            mail.stop()
            store.engine.dispose()


@contextmanager
def _served(exchange: Exchange) -> Iterator[tuple[Gate, str]]:
    api = Flask("exchange")
    api.register_blueprint(rest_blueprint(exchange))
    gate = Gate(api)
    server: BaseWSGIServer = make_server("127.0.0.1", 0, gate, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield gate, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """What was asked stands in the exchange's story."""

    def log_error(self, format: str, *args: Any) -> None:
        """A killed worker's connection breaks: that is the test."""


def _children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    return [int(child) for child in found.split()]


class Once:
    """Something that happens the first time a path of the exchange is asked for, and not again."""

    def __init__(self, ending: str, act: Callable[[], None]) -> None:
        self._ending = ending
        self._act = act
        self.happened = threading.Event()
        self.at = 0.0

    def __call__(self, path: str) -> None:
        if path.endswith(self._ending) and not self.happened.is_set():
            self.happened.set()
            self.at = monotonic()
            self._act()
