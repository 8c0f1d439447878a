"""One delivery to the ticket system, as https://www.standardwebhooks.com writes them.

``webhook-id`` is the idempotency key: the same however often a delivery is tried again, and its
body is the same too. ``webhook-signature`` is an HMAC-SHA256 over id, time of sending and body.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import requests
from standardwebhooks.webhooks import Webhook

from app.casebook import entry_line, utc
from oncall.ports import Clock, Misconfigured, Refused, TicketNews, Unreachable

_SECONDS = (5.0, 10.0)  # to connect, and to be answered
_TAKEN = range(200, 300)
_GONE = 410


class WebhookTickets:
    """The port ``oncall.ports.Tickets``; ``address`` gives the URL that is configured now."""

    def __init__(
        self,
        address: Callable[[], str | None],
        secret: str,
        clock: Clock,
        post: Callable[..., requests.Response] = requests.post,
    ) -> None:
        self._address = address
        self._secret = secret
        self._clock = clock
        self._post = post

    def address(self) -> str | None:
        return self._address() if self._secret else None

    def give(self, news: TicketNews) -> None:
        url = self.address()
        if url is None:
            raise Misconfigured("no `ticket_webhook`, or no TICKET_WEBHOOK_SECRET", "settings")
        body = json.dumps(_body(news), ensure_ascii=False, separators=(",", ":"))
        at = self._clock.now().astimezone(UTC)
        headers = {
            "content-type": "application/json",
            "user-agent": "Guardia",
            "webhook-id": news.key,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(self._secret).sign(news.key, at, body),
        }
        try:
            answer = self._post(
                url, data=body.encode(), headers=headers, timeout=_SECONDS, allow_redirects=False
            )
        except requests.RequestException as error:
            host = urlsplit(url).hostname
            raise Unreachable(f"{host} did not answer: {type(error).__name__}", "connection") from error
        _judge(answer.status_code)


def schema() -> dict[str, Any]:
    """The JSON Schema of a delivery's body."""
    found: dict[str, Any] = json.loads(files("app.tickets").joinpath("delivery.json").read_text("utf-8"))
    return found


def _judge(status: int) -> None:
    if status in _TAKEN:
        return
    if status == _GONE:
        raise Refused("the ticket system wants no more of this (410)", str(status))
    # A redirect is not followed: the signature was made for one place. All else may be mended within the day.
    raise Unreachable(f"the ticket system answered {status}", str(status))


def _body(news: TicketNews) -> Mapping[str, Any]:
    return {
        "type": news.kind,
        "timestamp": utc(news.at),
        "data": {
            "case": dict(news.case),
            "first": news.entries[0].number,
            "last": news.entries[-1].number,
            "entries": [entry_line(entry, news.language, news.timezone) for entry in news.entries],
        },
    }
