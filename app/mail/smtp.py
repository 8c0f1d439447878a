"""Mail by SMTP, with what a mail server answers sorted by what can be done about it.

    recipient, sender or content refused for good (5xx)     Refused
    our login or a missing extension                        Misconfigured
    no connection, a time-out, "try later" (4xx)            Unreachable

A letter may arrive twice when an answer was lost and it was sent again; it then
carries the same Message-ID, by which mail programs and ticket systems know it.
"""

import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import parse_qs, unquote, urlsplit

from app.clock import SystemClock
from app.mail.letters import address, compose, domain_of
from oncall.ports import Clock, Handed, Letter, Misconfigured, Refused, Unreachable

_PORTS = {"smtp": 25, "smtps": 465}
_FALSE = ("", "0", "no", "false")


@dataclass(frozen=True, slots=True)
class Server:
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    is_tls: bool = False
    starttls: bool = False


def server_at(url: str) -> Server:
    """The server of ``smtp://user:pass@host:587?starttls=1`` or ``smtps://…``. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("SMTP_URL must look like smtp://user:pass@host:587?starttls=1 or smtps://host")
    starttls = parse_qs(parts.query).get("starttls", [""])[-1].lower() not in _FALSE
    if starttls and parts.scheme == "smtps":
        raise ValueError("SMTP_URL: smtps:// is encrypted from the start, leave starttls out")
    return Server(
        host=parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        is_tls=parts.scheme == "smtps",
        starttls=starttls,
    )


class SmtpMail:
    """The port ``oncall.ports.Mail`` over SMTP; one connection a letter.

    ``reply_to`` is the mailbox that is read, where it is not the sender's own.
    ``timeout`` is in seconds and holds for each step of the exchange. ``tls``
    replaces the usual trust in the machine's certificate authorities.
    """

    def __init__(
        self,
        url: str,
        sender: str,
        timeout: float = 10.0,
        *,
        reply_to: str = "",
        clock: Clock | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._server = server_at(url)
        self._sender = sender
        self._domain = domain_of(sender)
        self._reply_to = reply_to
        self._timeout = timeout
        self._clock = clock or SystemClock()
        self._tls = tls

    def send(self, letter: Letter) -> Handed:
        """Hand the letter over for all its recipients. Raises Refused or Unreachable."""
        recipients = [address(recipient).addr_spec for recipient in (*letter.to, *letter.bcc)]
        if not recipients:
            raise Refused("the letter has no recipients", "address")
        mail = compose(letter, self._sender, self._clock.now(), self._reply_to)
        # Its boundaries are chosen at the first flattening: what is handed over are these very bytes.
        content = mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))
        with _sorted_errors(), self._connected() as connection:
            refused = connection.send_message(mail, to_addrs=recipients)
        if refused:
            raise _refusal_of(refused)
        return Handed(str(mail["Message-ID"]), sha256(content).hexdigest())

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        server = self._server
        # Our own name in the greeting: the default is a DNS lookup that may hang.
        if server.is_tls:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, self._domain, timeout=self._timeout, context=self._trust()
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, self._domain, timeout=self._timeout)
        try:
            if server.starttls:
                connection.starttls(context=self._trust())
            if server.user:
                connection.login(server.user, server.password)
            yield connection
            # The letter was accepted: a goodbye that fails changes nothing.
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
        finally:
            connection.close()

    def _trust(self) -> ssl.SSLContext:
        return self._tls or ssl.create_default_context()


@contextmanager
def _sorted_errors() -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        raise _refusal_of(error.recipients) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Misconfigured(f"the mail server cannot do what SMTP_URL asks: {error}") from error
    except smtplib.SMTPAuthenticationError as error:
        raise _failure(error.smtp_code, "our login", Misconfigured) from error
    except smtplib.SMTPResponseException as error:
        raise _failure(error.smtp_code, _words(error.smtp_error)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(f"no mail server: {error}", type(error).__name__) from error


def _refusal_of(refused: Mapping[str, tuple[int, bytes]]) -> Refused | Unreachable:
    """Recipients of whom even one may be accepted later are tried again, together."""
    codes = [code for code, _ in refused.values()]
    said = ", ".join(f"{recipient}: {_words(words)}" for recipient, (_, words) in refused.items())
    return _failure(min(codes), said)


def _failure(code: int, said: str, permanent: type[Refused] = Refused) -> Refused | Unreachable:
    kind = permanent if code >= 500 else Unreachable
    return kind(f"the mail server answered {code} to {said}", str(code))


def _words(answer: bytes | str) -> str:
    return answer if isinstance(answer, str) else answer.decode("utf-8", "replace")
