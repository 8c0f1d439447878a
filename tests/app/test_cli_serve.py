"""`guardia serve` as strangers start it: a real process in a folder of its own."""

import json
import socket
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from app.cli import main
from tests.app.processes import Process, free_port, run, scratch, started, status, until

TELEPHONE = {"TWILIO_ACCOUNT_SID": "AC" + "1" * 32}


@dataclass
class Served:
    process: Process
    folder: Path
    url: str


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A sandbox that serves, with one call in its record."""
    folder, port = scratch(tmp_path_factory.mktemp("served")), free_port()
    with started(folder, "serve", "--port", str(port)) as process:
        url = f"http://127.0.0.1:{port}"
        assert until(lambda: status(f"{url}/readyz") == 200), process.said
        yield Served(process, folder, url)


def test_it_prints_its_address_who_is_on_call_and_which_numbers_to_dial(served: Served) -> None:
    assert until(lambda: "Guard lines" in served.process.said)

    said = served.process.said
    assert f"{served.url}/sandbox/" in said
    assert "integrations / primary: " in said
    assert "+541152630001  ACME Seguros (es)" in said
    assert "nobody" not in said


def test_it_is_alive_and_ready(served: Served) -> None:
    ready = requests.get(f"{served.url}/readyz", timeout=60)

    assert status(f"{served.url}/healthz") == 200
    assert ready.json()["ready"] is True
    assert ready.json()["database"] == "ok"
    assert ready.json()["worker_beat_seconds"] < 60


def test_its_figures_are_for_prometheus(served: Served) -> None:
    figures = requests.get(f"{served.url}/metrics", timeout=60)

    assert figures.headers["Content-Type"].startswith("text/plain")
    assert "# TYPE" in figures.text


def test_an_unsigned_webhook_is_refused_over_http_too(served: Served) -> None:
    answer = requests.post(f"{served.url}/voice/incoming", data={"CallSid": "CA1"}, timeout=60)

    assert answer.status_code == 403


def test_the_record_is_read_and_proven_while_it_serves(served: Served) -> None:
    """Nora calls on a contract that has ended: refused before a question, and a case at once."""
    phones, guarded = f"{served.url}/sandbox/api", {"X-Guardia-Sandbox": "1"}
    dialled = requests.post(
        f"{phones}/phones/+5491155550231/dial", json={"to": "+541152630002"}, headers=guarded, timeout=60
    )
    assert dialled.ok
    assert until(lambda: requests.get(f"{phones}/state", headers=guarded, timeout=60).json()["cases"])

    cases = run(served.folder, "cases", "--json")
    case = run(served.folder, "case", "G-1001", "--json")
    verified = run(served.folder, "--json", "verify")

    assert [found["reference"] for found in json.loads(cases.stdout)] == ["G-1001"]
    found = json.loads(case.stdout)
    assert (found["kind"], found["state"], found["reason"]) == ("refusal", "closed", "contract_not_in_force")
    assert "refused" in [entry["kind"] for entry in found["entries"]]
    assert json.loads(verified.stdout)["unaltered"] is True
    assert (cases.returncode, case.returncode, verified.returncode) == (0, 0, 0)


def test_a_case_that_is_not_there_is_a_no(served: Served) -> None:
    done = run(served.folder, "case", "G-9999", "--json")

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1


def test_it_stops_cleanly_when_asked(tmp_path: Path) -> None:
    port = free_port()
    with started(scratch(tmp_path), "serve", "--port", str(port)) as process:
        assert until(lambda: status(f"http://127.0.0.1:{port}/readyz") == 200), process.said

        code = process.stop()

    assert code == 0
    assert "Traceback" not in process.said
    assert sqlite3.connect(tmp_path / "var" / "guardia.db").execute("pragma integrity_check").fetchone() == (
        "ok",
    )


def test_rosters_that_cannot_be_used_stop_the_start_with_a_line_for_each_finding(tmp_path: Path) -> None:
    folder = scratch(tmp_path)
    team = folder / "rosters" / "teams" / "integrations.yaml"
    team.write_text(team.read_text("utf-8").replace("people: [ana,", "people: [anna,"), "utf-8")
    people = folder / "rosters" / "people.yaml"
    people.write_text(people.read_text("utf-8").replace("language: pt", "language: fr", 1), "utf-8")

    done = run(folder, "serve", "--port", str(free_port()))

    lines = done.stderr.splitlines()
    assert done.returncode == 2
    assert len(lines) >= 2
    assert all(line.split(":")[0].endswith(".yaml") and line.split(":")[1].isdigit() for line in lines)
    assert not (folder / "var").exists(), "nothing is half-started"


def test_a_folder_without_rosters_stops_the_start(tmp_path: Path) -> None:
    done = run(tmp_path, "serve", "--port", str(free_port()))

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "rosters" in done.stderr
    assert not (tmp_path / "var").exists()


def test_a_port_in_use_is_one_line_that_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.logs.set_up", lambda: None)  # this process has its own log
    monkeypatch.chdir(scratch(tmp_path))

    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = CliRunner().invoke(main, ["serve", "--port", str(port)])

    assert done.exit_code == 2
    assert done.stderr.startswith(f"PORT: 127.0.0.1:{port} is in use: ")
    assert "PORT=" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not Path("var").exists()


def test_links_are_at_the_port_that_it_serves_at(served: Served) -> None:
    assert until(lambda: "Guard lines" in served.process.said)

    done = run(served.folder, "links", "--person", "lucia", "--json")

    addresses = json.loads(done.stdout)["people"]["lucia"]
    assert {url.split("/", 3)[:3] == served.url.split("/") for url in addresses.values()} == {True}
    assert served.url in done.stderr
    assert addresses["desk"] in served.process.said
    assert status(addresses["desk"]) == 200


def test_a_missing_setting_is_one_line_that_names_it(tmp_path: Path) -> None:
    done = run(scratch(tmp_path), "serve", "--port", str(free_port()), **TELEPHONE)

    assert done.returncode == 2
    assert done.stderr.startswith("TWILIO_AUTH_TOKEN is not set")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    ("command", "settings", "named"),
    [
        (["serve", "--no-sandbox"], {}, "TWILIO_ACCOUNT_SID"),
        (["web"], {}, "TWILIO_ACCOUNT_SID"),
        (["worker"], TELEPHONE | {"TWILIO_AUTH_TOKEN": "t"}, "PUBLIC_URL"),
        (["serve"], {"PORT": "eighty"}, "PORT"),
        (["migrate"], {"DATABASE_URL": "oracle://x/y"}, "DATABASE_URL"),
        (["migrate"], {"DATABASE_URL": "postgresql://guardia@127.0.0.1:1/guardia"}, "DATABASE_URL"),
    ],
)
def test_each_command_refuses_settings_that_cannot_be_right(
    command: list[str], settings: dict[str, str], named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.logs.set_up", lambda: None)  # this process has its own log
    monkeypatch.chdir(scratch(tmp_path))

    done = CliRunner().invoke(main, command, env=settings)

    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1, done.stderr
    assert named in done.stderr
    assert not Path("var").exists()


def test_migrating_twice_is_migrating_once(tmp_path: Path) -> None:
    first = run(tmp_path, "migrate")
    second = run(tmp_path, "migrate")

    assert (first.returncode, second.returncode) == (0, 0)
    assert (first.stdout, second.stdout) == ("", "")
    assert sqlite3.connect(tmp_path / "var" / "guardia.db").execute(
        "select count(*) from cases"
    ).fetchone() == (0,)


def test_an_old_database_is_not_served(tmp_path: Path) -> None:
    (scratch(tmp_path) / "var").mkdir()
    sqlite3.connect(tmp_path / "var" / "guardia.db").execute(
        "create table cases (id integer)"
    ).connection.close()

    done = run(tmp_path, "serve", "--port", str(free_port()))

    assert done.returncode == 2
    assert "guardia migrate" in done.stderr
