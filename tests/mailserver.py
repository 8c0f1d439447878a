"""A mail server for the tests: it takes what is sent on loopback and keeps it."""

import asyncio
import socket
from collections.abc import Coroutine
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

# aiosmtpd's own five seconds are too few for a machine that runs much else.
STARTS_WITHIN = 60.0


class SmtpSink:
    """``url`` is for SMTP_URL; ``messages`` and ``envelopes`` keep what arrived, in order.

    With ``refusal`` set (``"550 no such mailbox"``) nothing is taken, and the sender hears that.
    """

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.refusal: str | None = None
        # Bound here, so that the port is ours before anybody is told of it.
        listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = listening.getsockname()[1]
        self._controller = _ControllerOn(listening, self)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    def to(self, address: str) -> list[EmailMessage]:
        """The messages whose envelope names ``address``."""
        pairs = zip(self.messages, self.envelopes, strict=True)
        return [message for message, envelope in pairs if address in envelope.rcpt_tos]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """aiosmtpd calls this for each message."""
        if self.refusal is not None:
            return self.refusal
        content = envelope.content
        assert isinstance(content, bytes)
        self.messages.append(message_from_bytes(content, policy=policy.default))
        self.envelopes.append(envelope)
        return "250 kept"


class _ControllerOn(Controller):
    """aiosmtpd's controller, serving a socket that is bound already."""

    def __init__(self, listening: socket.socket, handler: SmtpSink) -> None:
        host, port = listening.getsockname()
        super().__init__(handler, hostname=host, port=port, ready_timeout=STARTS_WITHIN)
        self._listening = listening

    def _create_server(self) -> Coroutine[Any, Any, asyncio.Server]:
        return self.loop.create_server(self._factory_invoker, sock=self._listening)
