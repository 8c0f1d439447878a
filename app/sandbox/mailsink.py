"""A post office that delivers nothing and keeps everything: mails sent to it can be read in their order."""

import email
import itertools
from asyncio import Server
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from threading import Lock
from types import TracebackType

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

_STARTS_WITHIN = 60.0  # aiosmtpd's own five seconds are too few for a machine that runs much else


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as its readers see it; ``to`` are the envelope's recipients, blind copies included."""

    id: int
    at: datetime
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str | None
    message: EmailMessage


class MailSink:
    """An SMTP server on loopback. ``port`` 0 takes a free one; ``url`` is what ``SMTP_URL`` wants.

    ``now`` gives the moment of arrival, so that virtual time shows in the mails too.
    """

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.mails: list[Mail] = []
        self._host, self._port, self._now = host, port, now
        self._controller: _AnyPort | None = None
        self._numbers = itertools.count(1)
        self._listeners: list[Callable[[], None]] = []
        self._lock = Lock()
        self._refusals: list[str] = []

    @property
    def port(self) -> int:
        return self._controller.bound_port if self._controller is not None else self._port

    @property
    def url(self) -> str:
        return f"smtp://{self._host}:{self.port}"

    def start(self) -> None:
        self._controller = _AnyPort(
            self,
            hostname=self._host,
            port=self._port,
            server_hostname="localhost",
            ready_timeout=_STARTS_WITHIN,
        )
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._port = self.port
            self._controller.stop()
            self._controller = None

    def __enter__(self) -> "MailSink":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def listen(self, listener: Callable[[], None]) -> None:
        """``listener`` is called after each mail, in the server's thread."""
        self._listeners.append(listener)

    def refuse_next(self, *answers: str) -> None:
        """The next mails get these SMTP answers instead of being taken, such as ``451 try later``."""
        self._refusals.extend(answers)

    def keep(self, envelope: Envelope) -> None:
        content = (
            envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        )
        message = email.message_from_bytes(content, policy=default)
        mail = Mail(
            id=next(self._numbers),
            at=self._now(),
            sender=envelope.mail_from or "",
            to=tuple(str(recipient) for recipient in envelope.rcpt_tos),
            subject=str(message["subject"] or ""),
            text=_part(message, "plain") or "",
            html=_part(message, "html"),
            message=message,
        )
        with self._lock:
            self.mails.append(mail)
        for listener in self._listeners:
            listener()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd's hook: a whole message has arrived."""
        if self._refusals:
            return self._refusals.pop(0)
        self.keep(envelope)
        return "250 Message accepted for delivery"


class _AnyPort(Controller):
    """aiosmtpd proves its start by connecting to the port it was given; with 0 that port is known only
    then.
    """

    @property
    def bound_port(self) -> int:
        assert isinstance(self.server, Server)
        return int(self.server.sockets[0].getsockname()[1])

    def _trigger_server(self) -> None:
        self.port = self.bound_port
        super()._trigger_server()  # type: ignore[no-untyped-call]


def _part(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body(preferencelist=(kind,))
    content = part.get_content() if part is not None else None
    return str(content) if content is not None else None
