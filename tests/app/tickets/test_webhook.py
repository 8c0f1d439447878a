"""What a ticket system is sent: signed, described by the schema, and verified by the example of the docs."""

import importlib.util
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
import requests
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from app.clock import SystemClock
from app.tickets import WebhookTickets, schema
from oncall.ports import Misconfigured, Refused, TicketNews, Unreachable
from oncall.record import GENESIS, Draft, seal

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
_RECEIVER = Path(__file__).parents[3] / "docs" / "ticket_receiver.py"
_CASE = dict.fromkeys(schema()["properties"]["data"]["properties"]["case"]["properties"]) | {
    "reference": "G-1042",
    "kind": "incident",
    "state": "open",
    "client_name": "ACME Seguros",
    "integration_name": "CRM",
    "unverified": False,
    "disputed": False,
    "opened_at": "2026-11-23T03:00:00Z",
}


def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ticket_receiver", _RECEIVER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def news(**changes: Any) -> TicketNews:
    entry = seal(1042, 1, AT, Draft("caller_hung_up", {}, "caller"), GENESIS)
    values: dict[str, Any] = {
        "key": "G-1042.1-1",
        "kind": "case.opened",
        "at": AT,
        "case": _CASE,
        "entries": (entry,),
        "language": "es",
        "timezone": "UTC",
    }
    return TicketNews(**(values | changes))


class _Answering:
    """Keeps each request, and answers with ``status``."""

    def __init__(self, status: int = 204) -> None:
        self.status = status
        self.requests: list[tuple[dict[str, str], bytes]] = []

    def __call__(self, url: str, *, data: bytes, headers: dict[str, str], **_more: Any) -> requests.Response:
        self.requests.append((headers, data))
        answer = requests.Response()
        answer.status_code = self.status
        return answer


def tickets(post: Any, secret: str = SECRET) -> WebhookTickets:
    return WebhookTickets(lambda: "https://tickets.example/guardia", secret, SystemClock(), post)


@pytest.fixture
def receiver() -> Iterator[tuple[str, Any]]:
    """The example of the docs, running."""
    module = example()
    module.Receiver.secret = SECRET
    module.Receiver.log_message = lambda *_args: None
    server = ThreadingHTTPServer(("127.0.0.1", 0), module.Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/", module.Receiver.tickets
    server.shutdown()
    server.server_close()


def test_a_delivery_is_signed_as_standard_webhooks_are() -> None:
    sent = _Answering()

    tickets(sent).give(news())

    ((headers, body),) = sent.requests
    assert Webhook(SECRET).verify(body, headers)["data"]["case"]["reference"] == "G-1042"
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body.replace(b"G-1042", b"G-1043"), headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(body, headers)


def test_tried_again_it_is_the_same_under_the_same_key() -> None:
    sent = _Answering()

    tickets(sent).give(news())
    tickets(sent).give(news())

    (first, body), (second, again) = sent.requests
    assert first["webhook-id"] == second["webhook-id"] == "G-1042.1-1"
    assert body == again


def test_the_schema_describes_it_and_refuses_less() -> None:
    sent = _Answering()
    tickets(sent).give(news())
    delivery = json.loads(sent.requests[0][1])
    jsonschema.Draft202012Validator.check_schema(schema())

    jsonschema.validate(delivery, schema())
    for missing in ("reference", "state", "opened_at"):
        case = {name: value for name, value in delivery["data"]["case"].items() if name != missing}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(delivery | {"data": delivery["data"] | {"case": case}}, schema())


@pytest.mark.parametrize(
    ("status", "error"),
    [(500, Unreachable), (401, Unreachable), (302, Unreachable), (429, Unreachable), (410, Refused)],
)
def test_only_gone_is_for_good(status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        tickets(_Answering(status)).give(news())


def test_nothing_leaves_without_a_secret() -> None:
    unsigned = tickets(_Answering(), secret="")

    assert unsigned.address() is None
    with pytest.raises(Misconfigured):
        unsigned.give(news())


def test_a_system_that_does_not_answer_is_tried_again() -> None:
    def down(*_args: Any, **_more: Any) -> requests.Response:
        raise requests.ConnectionError

    with pytest.raises(Unreachable):
        tickets(down).give(news())


def test_the_example_of_the_docs_takes_it_once_and_turns_forgeries_away(receiver: tuple[str, Any]) -> None:
    url, taken = receiver
    real = WebhookTickets(lambda: url, SECRET, SystemClock())

    real.give(news())
    real.give(news())

    assert [entry["kind"] for entry in taken.entries["G-1042"]] == ["caller_hung_up"]
    with pytest.raises(Unreachable, match="401"):
        WebhookTickets(lambda: url, OTHER, SystemClock()).give(news(key="forged"))
    assert taken.seen == {"G-1042.1-1"}


def test_the_example_refuses_what_is_old() -> None:
    sent = _Answering()
    tickets(sent).give(news())
    headers, body = sent.requests[0]
    now = float(headers["webhook-timestamp"])

    assert example().verified(SECRET, headers, body, now + 10)
    assert not example().verified(SECRET, headers, body, now + 600)
