"""`guardia lines` and `guardia publish`, as typed: against an exchange on loopback."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from werkzeug.serving import make_server

from app.cli import main
from app.clock import SystemClock
from app.sandbox.exchange import Exchange
from app.sandbox.rest import rest_blueprint
from tests.app.voice.shelf import shelf
from tests.protocol import openapi

ROSTERS = Path(__file__).parents[3] / "app" / "wiring" / "demo" / "rosters"
ACCOUNT, TOKEN = "AC" + "1" * 32, "token"
PAGE_FROM = "+541152630099"
INCOMING = "https://guardia.example/voice/incoming#ct=1500&rt=4000&rc=1&rp=ct,rt,5xx"


@dataclass
class Office:
    """An account at the telephone company, and the environment of an operator."""

    exchange: Exchange
    environment: dict[str, str]
    rosters: Path
    published: Path
    api: str

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(
            main, ["--rosters", str(self.rosters), *arguments], env=self.environment, catch_exceptions=False
        )

    def lines(self, *options: str) -> tuple[int, dict[str, Any]]:
        result = self.run("lines", "--json", *options)
        return result.exit_code, json.loads(result.stdout)

    def objections(self) -> list[str]:
        return [
            problem
            for event in self.exchange.story.of("rest")
            for problem in openapi.problems(
                event.detail["method"],
                event.detail["path"],
                [(name, value) for name, values in event.detail["form"].items() for value in values],
            )
        ]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    exchange = Exchange(ACCOUNT, TOKEN, clock=SystemClock())
    rosters, published = tmp_path / "rosters", tmp_path / "published"
    shutil.copytree(ROSTERS, rosters)
    app = Flask("api")
    app.register_blueprint(rest_blueprint(exchange))
    with _served(app) as api, _served(shelf({"": published})) as files:
        with (rosters / "service.yaml").open("a", encoding="utf-8") as service:
            service.write(f'fallback: {{url: "{files}", folder: "{published}"}}\n')
        environment = {
            "DATABASE_URL": f"sqlite:///{tmp_path}/guardia.db",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_API_URL": api,
            "PUBLIC_URL": "https://guardia.example",
            "PAGE_FROM": PAGE_FROM,
            "SECRET_KEY": "secret",
            "SMTP_URL": "smtp://127.0.0.1:2525",
        }
        opened = Office(exchange, environment, rosters, published, api)
        for line in (*_guard_lines(rosters), PAGE_FROM):
            exchange.add_number(line, voice_url="https://demo.twilio.example/welcome", voice_method="GET")
        yield opened
        assert opened.objections() == []


def test_each_number_is_shown_as_it_is_and_as_it_should_be(office: Office) -> None:
    status, found = office.lines()

    assert status == 1
    acme = next(one for one in found["numbers"] if one["for"] == "acme")
    assert acme["settings"]["voice_url"] == {
        "configured": "https://demo.twilio.example/welcome",
        "wanted": INCOMING,
        "differs": True,
    }
    assert acme["settings"]["voice_fallback_method"]["wanted"] == "GET"
    pages = found["numbers"][-1]
    assert (pages["number"], pages["for"]) == (PAGE_FROM, "pages")
    assert pages["settings"]["sms_url"]["wanted"] == "https://guardia.example/sms/incoming"
    assert pages["settings"]["voice_url"]["wanted"] == INCOMING


def test_differences_are_marked_for_people(office: Office) -> None:
    result = office.run("lines")

    assert result.exit_code == 1
    assert "+541152630001  acme  differs" in result.stdout
    assert any(line.startswith("!") and "voice_url" in line for line in result.stdout.splitlines())
    assert f"should be  {INCOMING}" in " ".join(result.stdout.split()).replace("should be ", "should be  ")


def test_applying_sets_everything_and_then_nothing_differs(office: Office) -> None:
    status, found = office.lines("--apply", "--yes")

    line = office.exchange.lines["+541152630001"]
    assert status == 0
    assert all(one["right"] for one in found["numbers"])
    assert (line.voice_url, line.voice_method, line.voice_fallback_method) == (INCOMING, "POST", "GET")
    assert str(line.voice_fallback_url).partition("#")[0].endswith("/main.xml")
    assert office.lines()[0] == 0


def test_applying_changes_only_what_differs(office: Office) -> None:
    office.lines("--apply", "--yes")
    office.exchange.lines[PAGE_FROM].sms_method = "GET"
    office.exchange.story.events.clear()

    office.lines("--apply", "--yes")

    posts = [e.detail["form"] for e in office.exchange.story.of("rest") if e.detail["method"] == "POST"]
    assert posts == [{"SmsMethod": ["POST"]}]


def test_a_number_that_the_account_has_not_and_one_that_nobody_uses_are_told(office: Office) -> None:
    office.lines("--apply", "--yes")
    del office.exchange.lines["+541152630001"]
    office.exchange.add_number("+541152639999")

    status, found = office.lines()

    assert status == 1
    assert [one["number"] for one in found["numbers"] if one["missing"]] == ["+541152630001"]
    assert found["unused"] == ["+541152639999"]
    assert "+541152639999  at Twilio, and nobody uses it" in office.run("lines").stdout


def test_without_a_fallback_in_the_rosters_whatever_is_configured_may_stay(office: Office) -> None:
    shutil.copy(ROSTERS / "service.yaml", office.rosters / "service.yaml")
    office.exchange.lines["+541152630001"].voice_fallback_url = "https://handler.example/bin"

    status, _ = office.lines("--apply", "--yes")

    assert status == 0
    assert office.exchange.lines["+541152630001"].voice_fallback_url == "https://handler.example/bin"


def test_a_wrong_token_is_one_line_and_wrong_configuration(office: Office) -> None:
    office.environment["TWILIO_AUTH_TOKEN"] = "wrong"

    result = office.run("lines")

    assert result.exit_code == 2
    assert result.stderr == "Twilio cannot be asked: misconfigured: Authenticate (20003)\n"


def test_a_telephone_company_that_is_down_is_one_line(office: Office) -> None:
    office.environment["TWILIO_API_URL"] = "http://127.0.0.1:9"

    result = office.run("lines")

    assert result.exit_code == 2
    assert result.stderr.startswith("Twilio cannot be asked: unreachable")
    assert result.stderr.count("\n") == 1


def test_publishing_puts_the_documents_there_and_looks_at_what_is_served(office: Office) -> None:
    result = office.run("publish", "--json")

    told = json.loads(result.stdout)["lines"]
    assert result.exit_code == 0
    assert {one["served"] for one in told} == {"fine"}
    assert all(one["error"] is None for one in told)
    assert len(list(office.published.glob("*/main.xml"))) == len(told)


def test_publishing_where_nobody_serves_it_is_a_no(office: Office) -> None:
    service = office.rosters / "service.yaml"
    service.write_text(
        service.read_text("utf-8").replace(str(office.published), f"{office.published}2"), "utf-8"
    )

    result = office.run("publish")

    assert result.exit_code == 1
    assert "not served: HTTP 404" in result.stdout


def test_publishing_without_a_place_names_what_is_missing(office: Office) -> None:
    shutil.copy(ROSTERS / "service.yaml", office.rosters / "service.yaml")

    result = office.run("publish")

    assert result.exit_code == 2
    assert "`fallback`" in result.stderr


def _guard_lines(rosters: Path) -> list[str]:
    texts = (path.read_text("utf-8") for path in (rosters / "clients").glob("*.yaml"))
    return [text.split('guard_line: "', 1)[1].split('"', 1)[0] for text in texts]


class _served:
    """An application on loopback, by its origin."""

    def __init__(self, app: Flask) -> None:
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self._thread = Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
