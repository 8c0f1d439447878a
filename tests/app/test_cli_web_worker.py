"""`guardia web` and `guardia worker` side by side on one database: from the caller's key to the page."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

import pytest

from tests.app.processes import (
    Caller,
    FakeTwilio,
    free_port,
    run,
    scratch,
    started,
    status,
    telephone_settings,
    until,
)
from tests.mailserver import SmtpSink


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'shared.db'}"
    else:
        yield request.getfixturevalue("empty_postgres_url")


def test_a_page_leaves_at_once_after_the_priority_key(
    database_url: str, tmp_path: Path, smtp_sink: SmtpSink
) -> None:
    twilio, port, folder = FakeTwilio(), free_port(), scratch(tmp_path)
    origin = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        api = stack.enter_context(twilio.served())
        settings = telephone_settings(api, smtp_sink.port, port, database_url)
        assert run(folder, "migrate", **settings).returncode == 0
        web = stack.enter_context(started(folder, "web", "--host", "127.0.0.1", **settings))
        worker = stack.enter_context(started(folder, "worker", **settings))
        assert until(lambda: status(f"{origin}/readyz") == 200), web.said + worker.said

        caller = Caller(origin)
        dialled = monotonic()
        priorities = caller.press(caller.dial(), "1")
        pressed = monotonic()
        caller.press(priorities, "1")

        assert until(lambda: twilio.orders("Calls") and twilio.orders("Messages")), worker.said
        assert "G, 1, 0, 0, 1" in caller.heard
        (called_at, call), (_, text) = twilio.orders("Calls")[0], twilio.orders("Messages")[0]
        # Measured against the two answers before, for the machine may be busy: the benches have figures.
        assert called_at - pressed < 1.0 + 10 * (pressed - dialled)
        assert call["To"] == text["To"]
        assert call["Url"].startswith(f"{origin}/voice/pages/")
        assert until(lambda: smtp_sink.to("marta@acme.example"))
        assert worker.stop() == 0
        assert web.stop() == 0
        assert "Traceback" not in web.said + worker.said
