"""Requests as the telephone company sends them: signed, over connections that stay open, and timed."""

import selectors
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter_ns
from types import TracebackType
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from bench.harness import Progress

HOST = "127.0.0.1"
_HEAD_ENDS = b"\r\n\r\n"
_LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


class Connection:
    """One connection that stays open. An answer that is not a success stops the bench."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> "Connection":
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.socket.close()

    def ask(self, request: bytes) -> bytes:
        """Send a request, and give the body of the answer."""
        self.socket.sendall(request)
        received = b""
        while (answer := parsed(received)) is None:
            received += _some(self.socket)
        return _successful(answer)

    def timed(self, request: bytes) -> float:
        """How long the answer took, in milliseconds."""
        start = perf_counter_ns()
        self.ask(request)
        return (perf_counter_ns() - start) / 1e6


class Signer:
    """Makes the webhooks of one account, as raw requests."""

    def __init__(self, origin: str, account: str, token: str) -> None:
        self._origin = origin
        self._account = account
        self._validator = RequestValidator(token)

    def request(self, path: str, form: Mapping[str, str]) -> bytes:
        complete = {"AccountSid": self._account, "ApiVersion": "2010-04-01", **form}
        signature = self._validator.compute_signature(self._origin + path, complete)
        return post(path, complete, {"X-Twilio-Signature": signature})


def post(path: str, form: Mapping[str, str], headers: Mapping[str, str]) -> bytes:
    body = urlencode(form).encode()
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {HOST}",
        "User-Agent: TwilioProxy/1.1",
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()


def parsed(received: bytes) -> Answer | None:
    """The answer, once all of it has come."""
    head, found, body = received.partition(_HEAD_ENDS)
    if not found:
        return None
    lowered = head.lower()
    start = lowered.find(_LENGTH)
    length = int(lowered[start + len(_LENGTH) :].split(b"\r\n", 1)[0]) if start >= 0 else 0
    return Answer(int(head[9:12]), body) if len(body) >= length else None


def at_once(port: int, requests: Sequence[bytes], connections: int, progress: Progress) -> list[float]:
    """Keep ``connections`` busy until every request is answered; how long each took, in milliseconds."""
    taken: list[float] = []
    waiting = iter(requests)
    with _opened(port, connections) as (selector, opened):
        for connection in opened:
            _send_next(connection, waiting, selector)
        while selector.get_map():
            for key, _ in selector.select(timeout=30):
                conversation: _Conversation = key.data
                conversation.received += _some(conversation.socket)
                answer = parsed(conversation.received)
                if answer is not None:
                    taken.append((perf_counter_ns() - conversation.began) / 1e6)
                    _successful(answer)
                    _send_next(conversation, waiting, selector)
            progress(len(taken) / len(requests))
    return taken


@dataclass(slots=True)
class _Conversation:
    socket: socket.socket
    began: int = 0  # of the request that is being answered, in nanoseconds
    received: bytes = b""


@contextmanager
def _opened(port: int, number: int) -> Iterator[tuple[selectors.BaseSelector, list[_Conversation]]]:
    selector = selectors.DefaultSelector()
    opened = [_Conversation(Connection(port).socket) for _ in range(number)]
    for conversation in opened:
        selector.register(conversation.socket, selectors.EVENT_READ, conversation)
    try:
        yield selector, opened
    finally:
        for conversation in opened:
            conversation.socket.close()
        selector.close()


def _send_next(
    conversation: _Conversation, waiting: Iterator[bytes], selector: selectors.BaseSelector
) -> None:
    request = next(waiting, None)
    if request is None:
        selector.unregister(conversation.socket)
        return
    conversation.received = b""
    conversation.began = perf_counter_ns()
    conversation.socket.sendall(request)


def _some(connection: socket.socket) -> bytes:
    received = connection.recv(65536)
    if not received:
        raise ConnectionError("the server closed the connection before it had answered")
    return received


def _successful(answer: Answer) -> bytes:
    if not 200 <= answer.status < 300:
        raise AssertionError(f"answered {answer.status}: {answer.body[:300]!r}")
    return answer.body
