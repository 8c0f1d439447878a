"""A ticket system that was down for hours gets all of a case, once and in order, and can verify it."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import jsonschema
import requests

from app.tickets import WebhookTickets, schema
from app.wiring.demo.answers import writes
from app.wiring.demo.scripts import reports, takes
from app.wiring.demo.stage import Stage
from oncall.acts import Note
from tests.stories.telling import entries, moment

_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_EXAMPLE = Path(__file__).parents[2] / "docs" / "ticket_receiver.py"


class TicketSystem:
    """The receiver of the docs, that answers only while it ``is_up``."""

    def __init__(self, stage: Stage) -> None:
        spec = importlib.util.spec_from_file_location("ticket_receiver", _EXAMPLE)
        assert spec is not None
        assert spec.loader is not None
        self._receiver = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self._receiver)
        self._clock = stage.world.clock
        self.tickets = self._receiver.Tickets()
        self.is_up = True
        self.requests = 0
        guard = stage.world.guard
        url = "https://tickets.example/guardia"
        guard.dispatcher.tickets = WebhookTickets(lambda: url, _SECRET, guard.clock, self._post)

    def _post(self, _url: str, *, data: bytes, headers: dict[str, str], **_more: Any) -> requests.Response:
        self.requests += 1
        if not self.is_up:
            raise requests.ConnectionError
        answer = requests.Response()
        now = self._clock.now().timestamp()
        answer.status_code = 204 if self._receiver.verified(_SECRET, headers, data, now) else 401
        if answer.status_code == 204:
            delivery = json.loads(data)
            jsonschema.validate(delivery, schema())
            self.tickets.take(headers["webhook-id"], delivery)
        return answer

    def numbers(self) -> list[int]:
        return [entry["number"] for entry in self.tickets.entries.get("G-1001", [])]


def let_pass(stage: Stage, hours: float) -> None:
    """Time passes, and the worker looks every ten minutes at what is to be given."""
    for _ in range(round(hours * 6)):
        stage.run(600)
        stage.world.guard.dispatcher.order_tickets(stage.world.now)
    stage.run(30)


def test_what_was_written_while_it_was_down_arrives_once_and_in_order(stage: Stage) -> None:
    system = TicketSystem(stage)
    system.is_up = False
    stage.phone("ana").behave(takes(3))
    stage.dial("marta", "acme", reports().hang_up(after=1))
    for hour in range(3):
        let_pass(stage, 1)
        assert writes(stage, "ana", Note(f"Hora {hour}: sigo.")) == ()
    missed = system.requests

    system.is_up = True
    let_pass(stage, 1)

    numbers = system.numbers()
    said = [entry["text"] for entry in system.tickets.entries["G-1001"] if entry["kind"] == "note"]
    assert missed > 5
    assert numbers == list(range(1, len(numbers) + 1))
    assert [f"Hora {hour}" in text for hour, text in enumerate(said)] == [True] * 3
    assert entries(stage, "ticket_failed") == []


def test_a_page_never_waits_for_it(stage: Stage) -> None:
    TicketSystem(stage).is_up = False
    stage.phone("ana").behave(takes(3))

    stage.dial("marta", "acme", reports().hang_up(after=1))
    stage.run(60)

    assert moment(stage, "page_requested") == moment(stage, "opened")
