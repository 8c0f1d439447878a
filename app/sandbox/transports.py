"""How a webhook of the exchange reaches the application: over loopback HTTP, or in process."""

import ipaddress
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote_to_bytes, urlsplit

import requests
from werkzeug.test import create_environ, run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Reply = tuple[int, dict[str, str], bytes]


class ConnectFailed(Exception):
    """Nobody answered at that address; the request was not seen."""


class ReadTimedOut(Exception):
    """The request was sent and no answer came in time; it may have been acted upon."""


class Transport(Protocol):
    """Sends one request and gives the status, the headers (names in lower case) and the body of its answer.

    ``timeout`` is (connect, read) in seconds. Raises ConnectFailed or ReadTimedOut; never follows redirects.
    """

    def send(
        self, method: str, url: str, headers: dict[str, str], body: bytes, timeout: tuple[float, float]
    ) -> Reply: ...


class HttpTransport:
    """Real HTTP, to this machine only: a sandbox must never post to somebody else's server."""

    def send(
        self, method: str, url: str, headers: dict[str, str], body: bytes, timeout: tuple[float, float]
    ) -> Reply:
        if not is_loopback(url):
            raise ConnectFailed(f"{url} is not on this machine; the sandbox calls loopback addresses only")
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.request(
                    method, url, headers=headers, data=body, timeout=timeout, allow_redirects=False
                )
        except requests.exceptions.ReadTimeout as error:
            raise ReadTimedOut(str(error)) from error
        except requests.exceptions.RequestException as error:
            raise ConnectFailed(str(error)) from error
        return (
            answer.status_code,
            {name.lower(): value for name, value in answer.headers.items()},
            answer.content,
        )


class WsgiTransport:
    """Calls a WSGI application directly, with the raw path in the environment as gunicorn and werkzeug put
    it there.

    With ``origin`` (``https://guardia.example``) only that origin answers; any other is a failed connection.
    """

    def __init__(self, app: "WSGIApplication", origin: str | None = None) -> None:
        self._app = app
        self._origin = origin.rstrip("/") if origin else None

    def send(
        self, method: str, url: str, headers: dict[str, str], body: bytes, timeout: tuple[float, float]
    ) -> Reply:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if self._origin is not None and origin != self._origin:
            raise ConnectFailed(f"nobody answers at {origin}")
        return in_process(self._app, method, url, headers, body)


def in_process(app: "WSGIApplication", method: str, url: str, headers: dict[str, str], body: bytes) -> Reply:
    """One request to a WSGI application without a socket; percent-encoding of the path stays as it was
    sent.
    """
    parts = urlsplit(url)
    environ = create_environ(
        path="/", base_url=f"{parts.scheme}://{parts.netloc}", method=method, headers=headers, data=body
    )
    raw = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    environ["PATH_INFO"] = unquote_to_bytes(parts.path or "/").decode("latin-1")
    environ["QUERY_STRING"] = parts.query
    environ["REQUEST_URI"] = environ["RAW_URI"] = raw
    environ["REMOTE_ADDR"] = "127.0.0.1"
    chunks, status, answered = run_wsgi_app(app, environ, buffered=True)
    code = int(status.split(" ", 1)[0])
    return code, {name.lower(): value for name, value in answered}, b"".join(chunks)


def is_loopback(url: str) -> bool:
    """Whether this URL's host is the machine itself."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
