"""The Twilio SDK's way to the exchange: in process for virtual time, over loopback HTTP otherwise."""

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import requests
from twilio.http import HttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response

from app.sandbox.rest import FAULT_HEADER
from app.sandbox.transports import in_process, is_loopback

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class InProcessClient(HttpClient):  # type: ignore[misc]
    """For ``twilio.rest.Client(http_client=…)``: calls the WSGI application that carries ``rest_blueprint``.

    Chaos that breaks the connection comes out as the exceptions of ``requests``, as with the SDK's own
    client.
    """

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        sent = dict(headers or {})
        body = urlencode(data or {}, doseq=True).encode()
        if auth is not None:
            sent["Authorization"] = "Basic " + base64.b64encode(":".join(auth).encode()).decode()
        if params:
            url += ("&" if urlsplit(url).query else "?") + urlencode(params, doseq=True)
        status, answered, content = in_process(self._app, method, url, sent, body)
        broken = answered.get(FAULT_HEADER.lower())
        if broken == "refused":
            raise requests.exceptions.ConnectionError("connection refused")
        if broken == "timeout":
            raise requests.exceptions.ReadTimeout("read timed out")
        return Response(status, content.decode(), answered)


class LoopbackClient(TwilioHttpClient):  # type: ignore[misc]
    """The SDK's own client, with Twilio's host replaced by an origin on this machine."""

    def __init__(self, origin: str, timeout: float = 10) -> None:
        super().__init__(timeout=timeout)
        if not is_loopback(origin):
            raise ValueError(f"{origin} is not on this machine")
        self._origin = urlsplit(origin)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        parts = urlsplit(url)
        here = urlunsplit((self._origin.scheme, self._origin.netloc, parts.path, parts.query, ""))
        return super().request(method, here, *args, **kwargs)

    def close(self) -> None:
        if self.session is not None:
            self.session.close()
