"""What stories ask of a record and of the requests that left."""

import re
from datetime import datetime
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.wiring.demo.stage import Stage
from app.wiring.world import ORIGIN
from oncall.records import CaseRow


def entries(stage: Stage, kind: str, **facts: str | int) -> list[dict[str, Any]]:
    """The entries of a kind in the first case's record, of which ``facts`` are true."""
    return [
        entry
        for entry in stage.cases()[0]["entries"]
        if entry["kind"] == kind and all(entry["data"].get(name) == value for name, value in facts.items())
    ]


def moment(stage: Stage, kind: str, **facts: str) -> datetime:
    """When the first such entry was written."""
    return datetime.fromisoformat(entries(stage, kind, **facts)[0]["at"])


def seconds_between(first: datetime, second: datetime) -> float:
    return (second - first).total_seconds()


def rang_at(stage: Stage, who: str) -> datetime:
    """When a phone first rang."""
    return stage.world.exchange.story.of("ringing", number=stage.numbers[who])[0].at


def written(stage: Stage) -> dict[str, int]:
    """How many rows each table has: equal before and after, nothing was written."""
    with stage.world.guard.store.engine.connect() as connection:
        return {
            table.name: len(connection.execute(table.select()).all())
            for table in CaseRow.metadata.sorted_tables
        }


def browser(stage: Stage) -> FlaskClient:
    return stage.world.guard.app.test_client()


def press_on(pages: FlaskClient, address: str, action: str, **fields: str) -> int:
    """Open a page and send one of its forms, with its token, as a browser would."""
    page = pages.get(address, base_url=ORIGIN).get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    form = {"csrf_token": token[1], **fields}
    return pages.post(action, base_url=ORIGIN, data=form, headers={"Referer": ORIGIN}).status_code


def post(stage: Stage, path: str, form: dict[str, str], signature: str | None = None) -> TestResponse:
    """A webhook, signed as Twilio signs it unless a signature is given."""
    exchange = stage.world.exchange
    given = {"AccountSid": exchange.account_sid, "ApiVersion": "2010-04-01"} | form
    signed = exchange.webhooks.sign(f"{ORIGIN}{path}", given) if signature is None else signature
    headers = {"X-Twilio-Signature": signed} if signed else {}
    return browser(stage).post(path, data=given, headers=headers, base_url=ORIGIN)
