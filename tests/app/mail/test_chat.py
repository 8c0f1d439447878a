"""Notices through Apprise, to a real server on loopback."""

import http.server
import json
import threading
from collections.abc import Iterator

import pytest

from app.mail import AppriseChat
from oncall.ports import Refused, Unreachable
from tests.app.mail.letters import letter


class _Notices(http.server.ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[dict[str, str]] = []
        self.status = 200


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert isinstance(self.server, _Notices)
        self.server.received.append(json.loads(body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def notices() -> Iterator[_Notices]:
    server = _Notices()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def address(server: _Notices) -> str:
    return f"json://127.0.0.1:{server.server_address[1]}/guard"


def test_an_alarm_is_told_with_its_reference_and_what_to_do(notices: _Notices) -> None:
    chat = AppriseChat(lambda: [address(notices)])
    (channel,) = chat.channels()

    chat.tell(channel, letter("alarm", "es", facts={"entries": []}))

    (told,) = notices.received
    assert told["title"].startswith("[G-1042]")
    assert "integrations / backup" in told["message"]


def test_a_channel_is_known_by_its_kind_and_never_by_its_address(notices: _Notices) -> None:
    chat = AppriseChat(lambda: [address(notices)])

    ((channel, kind),) = chat.channels().items()

    assert kind == "json"
    assert "127.0.0.1" not in channel


def test_a_service_that_does_not_take_it_is_tried_again_later(notices: _Notices) -> None:
    notices.status = 503
    chat = AppriseChat(lambda: [address(notices)])
    (channel,) = chat.channels()

    with pytest.raises(Unreachable):
        chat.tell(channel, letter("alarm"))


def test_an_address_that_is_none_is_refused() -> None:
    chat = AppriseChat(lambda: ["nonsense://somewhere"])
    (channel,) = chat.channels()

    with pytest.raises(Refused):
        chat.tell(channel, letter("alarm"))


def test_a_channel_that_was_taken_out_meanwhile_is_refused() -> None:
    with pytest.raises(Refused):
        AppriseChat(list).tell("0" * 16, letter("alarm"))
