"""The world outside the guard while it is measured: telephone company and mail, answering at once.

They run in the bench's own process and note when each request arrived.
"""

import asyncio
import itertools
import json
import socket
import sys
from collections.abc import Coroutine
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event, Thread
from time import perf_counter_ns, time_ns
from typing import Any
from urllib.parse import parse_qs

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from bench.wire import HOST

_CALENDAR_AHEAD = time_ns() - perf_counter_ns()


@dataclass(frozen=True, slots=True)
class Arrival:
    """A REST request: when it arrived (nanoseconds of ``perf_counter_ns``), and for whom."""

    at: int
    resource: str  # Calls or Messages; Moves of a leg, named by its id in ``to``
    to: str
    page: str = ""  # of a call, the token in our URL
    sid: str = ""

    @property
    def moment(self) -> float:
        """When it arrived, in seconds of the calendar's clock."""
        return (self.at + _CALENDAR_AHEAD) / 1e9


class TelephoneCompany:
    """Takes every call and text, and lets none of them ring. While it hangs, it answers nothing."""

    def __init__(self) -> None:
        self.answers = Event()
        self.answers.set()
        self._arrivals: list[Arrival] = []
        self._changed = Condition()
        self._server = _Server((HOST, 0), _Rest)
        self._server.company = self
        Thread(target=self._server.serve_forever, name="telephone-company", daemon=True).start()

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self._server.server_address[1]}"

    def note(self, arrival: Arrival) -> None:
        with self._changed:
            self._arrivals.append(arrival)
            self._changed.notify_all()

    def arrivals(self, resource: str) -> list[Arrival]:
        with self._changed:
            return [a for a in self._arrivals if a.resource == resource]

    def wait_for(self, resource: str, to: str, seconds: float) -> Arrival | None:
        """The first request for a number, or None if none came in time."""

        def found() -> Arrival | None:
            return next((a for a in self._arrivals if a.resource == resource and a.to == to), None)

        with self._changed:
            self._changed.wait_for(found, timeout=seconds)
            return found()

    def wait_for_many(self, resource: str, number: int, seconds: float) -> list[Arrival]:
        """The requests of a kind, once there are ``number`` of them or the time is up."""

        def all_came() -> bool:
            return sum(a.resource == resource for a in self._arrivals) >= number

        with self._changed:
            self._changed.wait_for(all_came, timeout=seconds)
        return self.arrivals(resource)

    def forget(self) -> None:
        with self._changed:
            self._arrivals.clear()

    def close(self) -> None:
        self.answers.set()
        self._server.shutdown()
        self._server.server_close()


class MailServer:
    """Takes every mail and keeps none. While it hangs, it takes none either."""

    def __init__(self) -> None:
        self.hangs = False
        self._listening = socket.create_server((HOST, 0))
        self.url = f"smtp://{HOST}:{self._listening.getsockname()[1]}"
        self._controller = _ControllerOn(self._listening, self)
        self._controller.start()

    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:
        while self.hangs:
            await asyncio.sleep(0.1)
        return "250 taken"

    def close(self) -> None:
        self.hangs = False
        self._controller.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A killed guard's connection breaks: that is measured elsewhere."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    request_queue_size = 256
    company: TelephoneCompany


class _Rest(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one answer, one packet
    _numbers = itertools.count(1)

    def do_POST(self) -> None:
        at = perf_counter_ns()
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:
            return  # whoever was asking died meanwhile
        form = parse_qs(body.decode())
        resource = self.path.removesuffix(".json").rsplit("/", 1)[-1]
        assert isinstance(self.server, _Server)
        sid = f"{'CA' if resource == 'Calls' else 'SM'}{next(self._numbers):032x}"
        if resource in ("Calls", "Messages"):
            page = form["Url"][0].split("/pages/")[1].split("/")[0] if resource == "Calls" else ""
            self.server.company.note(Arrival(at, resource, form["To"][0], page, sid))
        elif "/Calls/" in self.path and "Url" in form:
            self.server.company.note(Arrival(at, "Moves", resource))
        self._answer(201, {"sid": sid, "status": "queued"})

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        resource, to = path.removesuffix(".json").rsplit("/", 1)[-1], parse_qs(query).get("To", [""])[0]
        assert isinstance(self.server, _Server)
        made = [a for a in self.server.company.arrivals(resource) if a.to == to]
        found = [{"sid": a.sid, "status": "queued"} for a in reversed(made)]
        self._answer(200, {resource.lower(): found})

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are counted, not told."""

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        assert isinstance(self.server, _Server)
        self.server.company.answers.wait()
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


class _ControllerOn(Controller):
    """aiosmtpd's controller, serving a socket that is bound already."""

    def __init__(self, listening: socket.socket, handler: MailServer) -> None:
        host, port = listening.getsockname()
        super().__init__(handler, hostname=host, port=port)
        self._listening = listening

    def _create_server(self) -> Coroutine[Any, Any, Any]:
        return self.loop.create_server(self._factory_invoker, sock=self._listening)
