"""The requests that the exchange makes to the application: signed, retried, redirected, given up, as Twilio
does.

An URL's fragment (``#ct=1500&rt=4000&rc=1&rp=ct,rt,5xx``) overrides how it is requested;
it is neither sent nor signed.
A request for TwiML that cannot be had falls back to the fallback URL, then to a generic apology.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from twilio.request_validator import RequestValidator

from app.sandbox.chaos import WebhookFault
from app.sandbox.transports import ConnectFailed, ReadTimedOut

if TYPE_CHECKING:
    from app.sandbox.exchange import Exchange

HARD_CAP_MS = 15_000
MAX_REDIRECTS = 10
CONNECTION_FAILED = 11205
RETRIEVAL_FAILED = 11200
TOO_MANY_REDIRECTS = 11215
_RANGES = {
    "ct": (100, 10_000, 5_000),
    "rt": (100, 15_000, 15_000),
    "tt": (100, 15_000, 15_000),
    "rc": (0, 5, 1),
}
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Overrides:
    """Connection settings of one URL, in milliseconds; ``retry_on`` holds ``4xx 5xx ct rt``."""

    connect: int = 5_000
    read: int = 15_000
    total: int = 15_000
    retries: int = 1
    retry_on: frozenset[str] = frozenset({"ct"})

    @classmethod
    def of(cls, url: str) -> tuple[str, "Overrides"]:
        """The URL without its fragment, and what the fragment says; values out of range are brought into
        it.
        """
        parts = urlsplit(url)
        said = dict(parse_qsl(parts.fragment))
        numbers = {key: _within(said.get(key), *bounds) for key, bounds in _RANGES.items()}
        retry_on = frozenset(said.get("rp", "ct").split(","))
        if "all" in retry_on:
            retry_on = frozenset({"4xx", "5xx", "ct", "rt"})
        overrides = cls(numbers["ct"], numbers["rt"], numbers["tt"], numbers["rc"], retry_on)
        return urlunsplit(parts._replace(fragment="")), overrides


def _within(value: str | None, least: int, most: int, default: int) -> int:
    return min(max(int(value), least), most) if value is not None and value.isdigit() else default


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``failure`` is how the attempt failed (``ct rt 4xx 5xx``), ``code`` Twilio's error
    for it.
    """

    status: int = 0
    content_type: str = ""
    body: bytes = b""
    failure: str | None = None
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One webhook: where, how, with what; ``token`` stays the same over its retries and duplicates."""

    url: str
    method: str
    parameters: Mapping[str, str]
    token: str


class Courier(Protocol):
    """Carries out the waiting part of a delivery and hands the result to ``then`` under the exchange's
    lock.
    """

    def carry(self, errand: Callable[[], Answer], then: Callable[[Answer], None]) -> None: ...


class Inline:
    """Virtual time: the application answers before anything else happens."""

    def carry(self, errand: Callable[[], Answer], then: Callable[[Answer], None]) -> None:
        then(errand())


class Webhooks:
    """Makes and delivers the exchange's requests."""

    def __init__(self, exchange: "Exchange") -> None:
        self.exchange = exchange
        self._validator = RequestValidator(exchange.auth_token)
        self.courier: Courier = Inline()

    def callback(self, url: str, method: str, parameters: Mapping[str, str], to: str = "") -> None:
        """Tells the application something; its answer does not matter."""
        request = self._request(url, method, parameters)
        self.exchange.note("callback", to, url=url, parameters=dict(request.parameters))

        def glance(answer: Answer) -> None:
            self.exchange.retrieval.glance(answer, url)

        for wait in self.exchange.chaos.callbacks.departures(self.exchange.chance):
            self.exchange.later(wait, lambda: Delivery(self, request, glance).attempt())

    def fetch(
        self,
        url: str,
        method: str,
        parameters: Mapping[str, str],
        then: Callable[[Answer], None],
        to: str = "",
    ) -> None:
        """Asks the application for a document; ``then`` gets the last attempt's answer."""
        request = self._request(url, method, parameters)
        self.exchange.note("webhook", to, url=url, parameters=dict(request.parameters))
        departures = self.exchange.chaos.webhooks.departures(self.exchange.chance)
        if not departures:
            timed_out = Answer(failure="rt", code=CONNECTION_FAILED)
            self.exchange.later(timedelta(milliseconds=HARD_CAP_MS), lambda: then(timed_out))
            return
        first, *copies = departures
        self.exchange.later(first + self.exchange.latency, lambda: Delivery(self, request, then).attempt())
        for wait in copies:
            self.exchange.later(wait, lambda: Delivery(self, request, _unheeded).attempt())

    def send(self, request: Request, overrides: Overrides) -> Answer:
        """One attempt, redirects followed. Runs outside the exchange's lock in real time."""
        url, method, parameters = request.url, request.method, request.parameters
        for _ in range(MAX_REDIRECTS + 1):
            answer, location = self._send_once(
                replace(request, url=url, method=method, parameters=parameters), overrides
            )
            if location is None:
                return answer
            if answer.status not in (307, 308):
                method, parameters = "GET", {}
            url = urljoin(url, location)
        return Answer(failure="4xx", code=TOO_MANY_REDIRECTS)

    def sign(self, url: str, form: Mapping[str, str]) -> str:
        """The X-Twilio-Signature over the URL as it is sent and the posted form."""
        return str(self._validator.compute_signature(url, dict(form)))

    def _request(self, url: str, method: str, parameters: Mapping[str, str]) -> Request:
        everything = {**parameters, **self.exchange.chaos.extra_parameters}
        return Request(url, method.upper(), everything, self.exchange.token())

    def _send_once(self, request: Request, overrides: Overrides) -> tuple[Answer, str | None]:
        fault = self.exchange.chaos.take_webhook_fault(request.url)
        if fault is WebhookFault.REFUSED:
            return Answer(failure="ct", code=CONNECTION_FAILED), None
        if fault is WebhookFault.TIMED_OUT:
            return Answer(failure="rt", code=CONNECTION_FAILED), None
        if fault is WebhookFault.SERVER_ERROR:
            return Answer(status=500, failure="5xx", code=RETRIEVAL_FAILED), None
        url, headers, body = self._on_the_wire(request)
        timeout = (overrides.connect / 1000, min(overrides.read, overrides.total) / 1000)
        try:
            status, answered, content = self.exchange.transport.send(
                request.method, url, headers, body, timeout
            )
        except ConnectFailed:
            return Answer(failure="ct", code=CONNECTION_FAILED), None
        except ReadTimedOut:
            return Answer(failure="rt", code=CONNECTION_FAILED), None
        if status in _REDIRECTS and "location" in answered:
            return Answer(status=status), answered["location"]
        failure = f"{status // 100}xx" if status >= 400 else None
        code = RETRIEVAL_FAILED if failure else None
        return Answer(status, answered.get("content-type", ""), content, failure, code), None

    def _on_the_wire(self, request: Request) -> tuple[str, dict[str, str], bytes]:
        url, _ = Overrides.of(request.url)
        headers = {
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "I-Twilio-Idempotency-Token": request.token,
        }
        if request.method == "GET":
            if request.parameters:
                url += ("&" if urlsplit(url).query else "?") + urlencode(request.parameters)
            headers["X-Twilio-Signature"] = self.sign(url, {})
            return url, headers, b""
        headers["X-Twilio-Signature"] = self.sign(url, request.parameters)
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
        return url, headers, urlencode(request.parameters).encode()


@dataclass
class Delivery:
    """One request with its retries. Failed attempts cost the time that they would have cost."""

    webhooks: Webhooks
    request: Request
    then: Callable[[Answer], None]
    attempts: int = 0
    spent: int = 0
    overrides: Overrides = field(init=False)

    def __post_init__(self) -> None:
        _, self.overrides = Overrides.of(self.request.url)

    def attempt(self) -> None:
        self.attempts += 1
        started = self.webhooks.exchange.now()
        self.webhooks.courier.carry(
            lambda: self.webhooks.send(self.request, self.overrides),
            lambda answer: self._judge(answer, started),
        )

    def _judge(self, answer: Answer, started: datetime) -> None:
        exchange = self.webhooks.exchange
        elapsed = int((exchange.now() - started).total_seconds() * 1000)
        cost = max(elapsed, self._cost(answer))
        self.spent += cost
        wait = timedelta(milliseconds=cost - elapsed)
        if answer.failure:
            exchange.note(
                "fault",
                "",
                url=self.request.url,
                code=answer.code,
                failure=answer.failure,
                attempt=self.attempts,
            )
        if self._may_retry(answer):
            exchange.later(wait, self.attempt)
        elif wait:
            exchange.later(wait, lambda: self.then(answer))
        else:
            self.then(answer)

    def _cost(self, answer: Answer) -> int:
        if answer.failure == "rt":
            return min(self.overrides.read, self.overrides.total)
        return 0

    def _may_retry(self, answer: Answer) -> bool:
        return (
            answer.failure is not None
            and answer.code != TOO_MANY_REDIRECTS
            and answer.failure in self.overrides.retry_on
            and self.attempts <= self.overrides.retries
            and self.spent < min(self.overrides.total, HARD_CAP_MS)
        )


def _unheeded(answer: Answer) -> None:
    """The answer to a duplicate changes nothing."""
