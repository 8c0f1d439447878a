"""The guard as real processes in a scratch folder, and a telephone company that does all it is asked."""

import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom
from time import monotonic
from urllib.parse import parse_qs, urldefrag, urlsplit
from xml.etree import ElementTree

import requests
from twilio.request_validator import RequestValidator

ROOT = Path(__file__).parents[2]
GUARDIA = str(Path(sys.executable).parent / "guardia")
ACCOUNT, TOKEN = "AC" + "1" * 32, "token-of-the-test"
# A machine that runs much else starts a process in a minute; what hangs fails all the same.
SECONDS_TO_START = 120.0
SECONDS_TO_STOP = 60.0
# Below those that the kernel gives to whoever asks for any port.
_PORTS = range(10_000, 32_000)
_CLAIMS: list[socket.socket] = []


def until(condition: Callable[[], object], seconds: float = SECONDS_TO_START) -> bool:
    """Whether ``condition`` comes true in time."""
    pause, end = threading.Event(), monotonic() + seconds
    while not condition():
        if monotonic() > end:
            return False
        pause.wait(0.02)
    return True


def free_port() -> int:
    """A port of loopback that is free, and that no other test gets until this process ends.

    Who has bound a port's namesake for UDP has claimed it.
    """
    while True:
        port = SystemRandom().choice(_PORTS)
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            claim.bind(("127.0.0.1", port))
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            claim.close()
            continue
        _CLAIMS.append(claim)
        return port


def scratch(folder: Path) -> Path:
    """An empty folder with a copy of the example rosters, as a stranger's checkout."""
    shutil.copytree(ROOT / "rosters", folder / "rosters")
    return folder


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """What a process starts with: the settings, and nothing else of this machine's."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"PYTHONWARNINGS": "ignore"} | dict(settings)


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    return subprocess.run(
        [GUARDIA, *arguments],
        cwd=folder,
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=SECONDS_TO_START,
        stdin=subprocess.DEVNULL,
    )


@dataclass
class Process:
    """A command that goes on until it is told to stop."""

    running: subprocess.Popen[bytes]
    output: Path

    @property
    def said(self) -> str:
        return self.output.read_text("utf-8")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; gives its exit status."""
        self.running.send_signal(number)
        return self.running.wait(SECONDS_TO_STOP)


@contextmanager
def started(folder: Path, *arguments: str, **settings: str) -> Iterator[Process]:
    output = folder / f"{arguments[0]}-{free_port()}.log"
    with output.open("wb") as file:
        running = subprocess.Popen(
            [GUARDIA, *arguments],
            cwd=folder,
            env=environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Process(running, output)
    finally:
        if running.poll() is None:
            running.kill()
        running.wait(SECONDS_TO_STOP)


def status(url: str) -> int:
    """The status of a GET; 0 while nobody answers."""
    try:
        return requests.get(url, timeout=20).status_code
    except requests.RequestException:
        return 0


@dataclass
class FakeTwilio:
    """Takes every order, says it was done, and remembers when it came."""

    asked: list[tuple[float, str, dict[str, str]]] = field(default_factory=list)

    def orders(self, resource: str) -> list[tuple[float, dict[str, str]]]:
        return [(at, form) for at, path, form in list(self.asked) if path.endswith(f"/{resource}.json")]

    @contextmanager
    def served(self) -> Iterator[str]:
        """Its address, while it answers."""
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                fake.asked.append((monotonic(), urlsplit(self.path).path, form))
                letters = "CA" if "/Calls" in self.path else "SM"
                self._answer({"sid": f"{letters}{len(fake.asked):032x}", "status": "queued"})

            def do_GET(self) -> None:
                self._answer({"calls": [], "messages": [], "next_page_uri": None})

            def _answer(self, document: object) -> None:
                content = json.dumps(document).encode()
                self.send_response(200 if self.command == "GET" else 201)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        return Handler


class Caller:
    """A caller, as the web process sees one: signed webhooks, and the next address out of each answer."""

    def __init__(self, origin: str, caller: str = "+5491155550201", line: str = "+541152630001") -> None:
        self._origin = origin
        self._form = {"CallSid": "CA" + "9" * 32, "AccountSid": ACCOUNT, "From": caller, "To": line}
        self.heard = ""

    def post(self, path: str, **more: str) -> ElementTree.Element:
        url, form = self._origin + path, self._form | more
        signature = RequestValidator(TOKEN).compute_signature(url, form)
        answer = requests.post(url, data=form, headers={"X-Twilio-Signature": signature}, timeout=60)
        assert answer.status_code == 200, answer.text
        self.heard = answer.text
        return ElementTree.fromstring(answer.text)

    def dial(self) -> ElementTree.Element:
        return self.post("/voice/incoming", CallStatus="ringing")

    def press(self, document: ElementTree.Element, digits: str) -> ElementTree.Element:
        gather = document.find("Gather")
        assert gather is not None, self.heard
        address = urlsplit(urldefrag(gather.get("action", "")).url)
        return self.post(address.path, Digits=digits)


def telephone_settings(api_url: str, smtp_port: int, port: int, database_url: str) -> dict[str, str]:
    """The settings of a guard with a telephone company at ``api_url``."""
    return {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_URL": api_url,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "PAGE_FROM": "+541152630099",
        "SECRET_KEY": "secret of the test",
        "SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
        "DATABASE_URL": database_url,
    }
