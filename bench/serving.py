"""Servers to measure, each a process of its own: the guard as ``guardia serve`` runs it, and plain ones."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from time import perf_counter

from bench.outside import MailServer, TelephoneCompany
from bench.towns import Client, write_rosters
from bench.wire import HOST, Connection, Signer, get

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "t" * 32
_GUARDIA = "from app.cli import main; main()"
_LONGEST_START = 60.0  # seconds
_LOOK_AGAIN = 0.005  # seconds


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    process: subprocess.Popen[bytes]
    folder: Path
    started_in: float  # seconds from nothing to the first answer

    def memory(self) -> float:
        """What it holds in memory, in MB: the process and those it forked, shared pages counted once."""
        return sum(_kilobytes(pid, "Pss") for pid in _family(self.process.pid)) / 1024

    def kill(self) -> None:
        """As the kernel kills, and the machine that loses its power."""
        self.process.kill()
        self.process.wait()


@dataclass(frozen=True, slots=True)
class Guard:
    """A guard that is being served, and the world around it."""

    server: Server
    clients: list[Client]
    telephone: TelephoneCompany
    mail: MailServer
    signer: Signer

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def database(self) -> Path:
        return self.server.folder / "guardia.db"

    def call(self, client: Client, sid: str, path: str = "/voice/incoming", digits: str = "") -> bytes:
        """A webhook of a client's call, with every parameter that Twilio sends."""
        form = {
            "CallSid": sid,
            "CallStatus": "in-progress" if digits else "ringing",
            "Direction": "inbound",
            "From": client.caller,
            "To": client.line,
            "Caller": client.caller,
            "Called": client.line,
            "FromCountry": "AR",
            "ToCountry": "AR",
            "CallerCountry": "AR",
            "CalledCountry": "AR",
            "StirVerstat": "TN-Validation-Passed-A",
        }
        return self.signer.request(path, form | ({"Digits": digits, "msg": "Gather End"} if digits else {}))

    def settle(self) -> None:
        """Whoever was rung takes the incident, and has solved it."""
        rung = {arrival.page: arrival for arrival in self.telephone.arrivals("Calls")}
        with Connection(self.port) as connection:
            for page, arrival in rung.items():
                client = next(c for c in self.clients if arrival.to in c.engineers)
                for step, digits in (("key/1", "1"), ("disposition/1", "2")):
                    connection.ask(
                        self.call(client, arrival.sid, f"/voice/pages/{page}/{step}", digits=digits)
                    )


@dataclass(frozen=True, slots=True)
class Place:
    """Rosters, a database and the world outside, where guards can be started, and killed, again and again."""

    folder: Path
    environment: dict[str, str]
    clients: list[Client]
    telephone: TelephoneCompany
    mail: MailServer

    @property
    def port(self) -> int:
        return int(self.environment["PORT"])

    @contextmanager
    def started(self, command: str = "serve", port: int = 0, patch: str = "") -> Iterator[Guard]:
        """A guard that is ready. ``port``: another than that of the public address."""
        port = port or self.port
        environment = self.environment | {"PORT": str(port)}
        ready = "/readyz" if command == "serve" else "/healthz"
        signer = Signer(self.environment["PUBLIC_URL"], ACCOUNT, TOKEN)
        with process(["-c", patch + _GUARDIA, command], self.folder, environment, port, ready) as server:
            yield Guard(server, self.clients, self.telephone, self.mail, signer)


@contextmanager
def place(
    clients: int,
    calls_per_second: float = 0,
    lasts: str = "10 minutes",
    levels: int = 1,
    database_url: str = "",
) -> Iterator[Place]:
    """A place with ``clients`` contracts; on an SQLite file of its own, unless there is a ``database_url``.

    Each contract has ``levels`` engineers of its own, paged for ``lasts`` each.
    """
    telephone, mail = TelephoneCompany(), MailServer()
    with TemporaryDirectory(prefix="guardia-bench-") as name:
        folder, port = Path(name), free_port()
        known = write_rosters(folder / "rosters", clients, lasts, levels)
        environment = {
            "DATABASE_URL": database_url or f"sqlite:///{folder / 'guardia.db'}",
            "PUBLIC_URL": f"http://{HOST}:{port}",
            "PORT": str(port),
            "SECRET_KEY": "s" * 32,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_API_URL": telephone.origin,
            "PAGE_FROM": "+541152630099",
            "CALLS_PER_SECOND": str(calls_per_second),
            "SMTP_URL": mail.url,
            "MAIL_FROM": "guardia@aivo.example",
            "GUARDIA_ROSTERS": str(folder / "rosters"),
        }
        _run(["-c", _GUARDIA, "migrate"], folder, environment)
        try:
            yield Place(folder, environment, known, telephone, mail)
        finally:
            mail.close()
            telephone.close()


@contextmanager
def serving(
    clients: int,
    command: str = "serve",
    calls_per_second: float = 0,
    lasts: str = "10 minutes",
    levels: int = 1,
    before: Callable[[Path], None] = lambda database: None,
    patch: str = "",
) -> Iterator[Guard]:
    """A guard at a place of its own: see ``place``.

    ``before`` may fill the database; ``patch`` is Python that the process runs first.
    """
    with place(clients, calls_per_second, lasts, levels) as here:
        before(here.folder / "guardia.db")
        with here.started(command, patch=patch) as guard:
            yield guard


@contextmanager
def plain(kind: str) -> Iterator[Server]:
    """A bare Flask application of ``bench.plain``, served as the guard is."""
    with TemporaryDirectory(prefix="guardia-bench-") as folder:
        port = free_port()
        with process(["-m", "bench.plain", kind, str(port)], Path(folder), {}, port, "/") as server:
            yield server


@contextmanager
def process(
    arguments: list[str], folder: Path, environment: dict[str, str], port: int, ready: str
) -> Iterator[Server]:
    """A server in a process of its own, once it answers; what it says is kept in ``folder/log``."""
    began = perf_counter()
    with (folder / "log").open("wb") as log:
        started = subprocess.Popen(
            [sys.executable, *arguments], cwd=folder, env=_environment(environment), stdout=log, stderr=log
        )
    try:
        _wait_until_ready(started, port, ready, folder)
        yield Server(port, started, folder, perf_counter() - began)
    finally:
        started.terminate()
        started.wait(timeout=30)


def free_port() -> int:
    with socket.create_server((HOST, 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _environment(more: dict[str, str]) -> dict[str, str]:
    # Without bytecode each start would compile the guard anew, which whoever installs it is spared.
    ours = ("TWILIO_", "GUARDIA_", "SMTP_", "DATABASE_", "PUBLIC_", "PYTHONDONTWRITEBYTECODE")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return inherited | {"PYTHONPATH": str(Path(__file__).parent.parent)} | more


def _run(arguments: list[str], folder: Path, environment: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=_environment(environment),
        check=True,
        capture_output=True,
    )


def _wait_until_ready(started: subprocess.Popen[bytes], port: int, path: str, folder: Path) -> None:
    until = perf_counter() + _LONGEST_START
    while perf_counter() < until:
        if started.poll() is not None:
            break
        if _answers(port, path):
            return
        Event().wait(_LOOK_AGAIN)
    raise AssertionError(f"the server did not start:\n{(folder / 'log').read_text('utf-8')[-4000:]}")


def _answers(port: int, path: str) -> bool:
    """Whether the server answers what is asked for; a plain one knows no other path than its webhook."""
    try:
        with Connection(port) as connection:
            connection.ask(get(path))
    except AssertionError as refused:
        return path == "/" and "404" in str(refused)
    except OSError:
        return False
    return True


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return [pid, *(found for child in children for found in _family(int(child)))]


def _kilobytes(pid: int, size: str) -> int:
    """In ``Pss`` what processes share is shared in the sum too."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
        if line.startswith(f"{size}:"):
            return int(line.split()[1])
    return 0
