"""Letters handed to a real mail server, and what its answers mean for the outbox."""

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from app.mail import SmtpMail
from app.mail.smtp import server_at
from oncall.ports import Misconfigured, Refused, Unreachable
from tests.app.mail.letters import CALLED, letter
from tests.machine import missing
from tests.mailserver import STARTS_WITHIN, SmtpSink

SENDER = "Guardia <guardia@aivo.example>"


class StoppedClock:
    def now(self) -> datetime:
        return CALLED


class ChoosyServer:
    """Answers a recipient as its local part says: ``r550@…`` is refused with 550."""

    def __init__(self) -> None:
        self.accepted: list[str] = []

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        local = address.partition("@")[0]
        if local.startswith("r"):
            return f"{local[1:]} not here"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.accepted.extend(envelope.rcpt_tos)
        return "250 kept"


def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, said: Any) -> AuthResult:
    right = isinstance(said, LoginPassword) and said == LoginPassword(b"guardia", b"p@ss/word")
    return AuthResult(success=right, handled=False)


class BoundController(Controller):
    """aiosmtpd's controller on a port of loopback that is ours before anybody is told of it."""

    def __init__(self, handler: object, **settings: Any) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        host, port = self._listening.getsockname()
        super().__init__(handler, hostname=host, port=port, ready_timeout=STARTS_WITHIN, **settings)

    def _create_server(self) -> Coroutine[Any, Any, asyncio.Server]:
        return self.loop.create_server(self._factory_invoker, sock=self._listening, ssl=self.ssl_context)


@contextmanager
def serving(handler: object, **settings: Any) -> Iterator[int]:
    controller = BoundController(handler, **settings)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@pytest.fixture
def choosy() -> Iterator[tuple[ChoosyServer, int]]:
    server = ChoosyServer()
    with serving(server) as port:
        yield server, port


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A key and a certificate for 127.0.0.1, trusted by nobody else."""
    if shutil.which("openssl") is None:
        missing("openssl")
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    order = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    subprocess.run(
        [*order.split(), "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
        check=True,
        capture_output=True,
    )
    return key, cert


def server_side(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    key, cert = certificate
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    return context


def client_side(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate[1]))


def test_a_letter_arrives_with_everybody_in_its_envelope(smtp_sink: SmtpSink) -> None:
    SmtpMail(smtp_sink.url, SENDER, clock=StoppedClock()).send(letter())

    (mail,) = smtp_sink.messages
    assert smtp_sink.envelopes[0].rcpt_tos == ["marta@acme.example", "support@aivo.example"]
    assert smtp_sink.envelopes[0].mail_from == "guardia@aivo.example"
    assert mail["To"] == "marta@acme.example"
    assert mail["Bcc"] is None
    assert mail["Subject"] == "[G-1042] ACME Seguros · CRM Salesforce"
    assert mail["Message-ID"] == "<g-1042.3@aivo.example>"
    assert mail["Date"].datetime == CALLED


def test_a_letter_to_nobody_in_the_open_arrives(smtp_sink: SmtpSink) -> None:
    SmtpMail(smtp_sink.url, SENDER).send(letter(to=()))

    assert smtp_sink.envelopes[0].rcpt_tos == ["support@aivo.example"]


def test_a_letter_without_recipients_is_refused(smtp_sink: SmtpSink) -> None:
    with pytest.raises(Refused):
        SmtpMail(smtp_sink.url, SENDER).send(letter(to=(), bcc=()))


def test_a_recipient_cannot_bring_another_along(smtp_sink: SmtpSink) -> None:
    with pytest.raises(Refused):
        SmtpMail(smtp_sink.url, SENDER).send(letter(bcc=("a@b.example>\r\nRCPT TO:<thief@evil.example",)))

    assert smtp_sink.envelopes == []


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [("550 no such mailbox", Refused), ("554 spam", Refused), ("451 try later", Unreachable)],
)
def test_what_the_server_says_of_the_content(
    smtp_sink: SmtpSink, answer: str, meaning: type[Exception]
) -> None:
    smtp_sink.refusal = answer

    with pytest.raises(meaning) as failure:
        SmtpMail(smtp_sink.url, SENDER).send(letter())

    assert type(failure.value) is meaning
    assert getattr(failure.value, "code", None) == answer.split()[0]


@pytest.mark.parametrize(
    ("to", "meaning", "reached"),
    [
        (("r550@b.example",), Refused, []),
        (("r450@b.example",), Unreachable, []),
        (("marta@b.example", "r550@b.example"), Refused, ["marta@b.example"]),
        # One of them may be accepted later: all are tried again, with the same Message-ID.
        (("marta@b.example", "r450@b.example", "r550@b.example"), Unreachable, ["marta@b.example"]),
    ],
)
def test_what_the_server_says_of_the_recipients(
    choosy: tuple[ChoosyServer, int], to: tuple[str, ...], meaning: type[Exception], reached: list[str]
) -> None:
    server, port = choosy

    with pytest.raises(meaning, match=to[-1].split("@")[0]):
        SmtpMail(f"smtp://127.0.0.1:{port}", SENDER).send(letter(to=to, bcc=()))

    assert server.accepted == reached


def test_a_server_that_is_not_there_may_come_back() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(Unreachable):
        SmtpMail(f"smtp://127.0.0.1:{port}", SENDER).send(letter())


def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"smtp://127.0.0.1:{mute.getsockname()[1]}"

        with pytest.raises(Unreachable):
            SmtpMail(url, SENDER, timeout=0.05).send(letter())


@pytest.mark.parametrize(
    ("user", "password", "meaning"),
    [("guardia", "p%40ss%2Fword", None), ("guardia", "wrong", Misconfigured)],
)
def test_a_server_that_asks_for_a_login(user: str, password: str, meaning: type[Exception] | None) -> None:
    server = ChoosyServer()
    with serving(server, authenticator=authenticate, auth_require_tls=False) as port:
        mail = SmtpMail(f"smtp://{user}:{password}@127.0.0.1:{port}", SENDER)

        if meaning is None:
            mail.send(letter())
        else:
            with pytest.raises(meaning):
                mail.send(letter())

    assert bool(server.accepted) == (meaning is None)


def test_a_server_without_the_login_that_is_asked_for_is_a_setting_to_correct(smtp_sink: SmtpSink) -> None:
    url = smtp_sink.url.replace("smtp://", "smtp://guardia:secret@")

    with pytest.raises(Misconfigured):
        SmtpMail(url, SENDER).send(letter())


def test_starttls_is_never_left_out(smtp_sink: SmtpSink) -> None:
    with pytest.raises(Misconfigured):
        SmtpMail(f"{smtp_sink.url}?starttls=1", SENDER).send(letter())

    assert smtp_sink.messages == []


def test_a_letter_goes_through_starttls(certificate: tuple[Path, Path]) -> None:
    server = ChoosyServer()
    with serving(server, tls_context=server_side(certificate), require_starttls=True) as port:
        url = f"smtp://127.0.0.1:{port}?starttls=1"

        SmtpMail(url, SENDER, tls=client_side(certificate)).send(letter())

    assert "marta@acme.example" in server.accepted


def test_a_letter_goes_through_tls_from_the_start(certificate: tuple[Path, Path]) -> None:
    server = ChoosyServer()
    with serving(server, ssl_context=server_side(certificate)) as port:
        SmtpMail(f"smtps://127.0.0.1:{port}", SENDER, tls=client_side(certificate)).send(letter())

    assert "marta@acme.example" in server.accepted


def test_a_server_that_cannot_prove_its_name_gets_no_letter(certificate: tuple[Path, Path]) -> None:
    server = ChoosyServer()
    with (
        serving(server, tls_context=server_side(certificate), require_starttls=True) as port,
        pytest.raises(Unreachable),
    ):
        SmtpMail(f"smtp://127.0.0.1:{port}?starttls=1", SENDER).send(letter())

    assert server.accepted == []


@pytest.mark.parametrize(
    ("url", "port", "is_tls", "starttls"),
    [
        ("smtp://mail.example", 25, False, False),
        ("smtp://mail.example:587?starttls=1", 587, False, True),
        ("smtp://mail.example:587/?starttls=0", 587, False, False),
        ("smtps://mail.example", 465, True, False),
    ],
)
def test_an_smtp_url_is_understood(url: str, port: int, is_tls: bool, starttls: bool) -> None:
    server = server_at(url)

    assert (server.host, server.port, server.is_tls, server.starttls) == (
        "mail.example",
        port,
        is_tls,
        starttls,
    )


@pytest.mark.parametrize(
    "url", ["mail.example:25", "http://mail.example", "smtp://", "smtps://mail.example?starttls=1", ""]
)
def test_an_smtp_url_that_is_none_is_refused_by_name(url: str) -> None:
    with pytest.raises(ValueError, match="SMTP_URL"):
        server_at(url)


def test_a_password_is_not_shown() -> None:
    assert "hunter2" not in repr(server_at("smtp://guardia:hunter2@mail.example"))
