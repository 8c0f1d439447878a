"""``guardia demo``: every scenario passes, and what does not hold is not passed."""

import json
import subprocess
import sys
from datetime import datetime

import pytest
from click.testing import CliRunner

from app.cli import main
from app.sandbox.scripts import Script
from app.wiring.demo import SCENARIOS, Scenario, play
from app.wiring.demo.expectations import Expectations
from app.wiring.demo.stage import NIGHT, ROSTERS, Stage

_ASKED_FOR = 25  # scenarios that issue 2 names


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_scenario_passes(scenario: Scenario) -> None:
    played = play(scenario)

    assert [f"{e.claim}: {e.found}" for e in played.expectations if not e.holds] == []
    assert played.passed


def test_there_are_as_many_as_were_asked_for_each_with_its_own_name() -> None:
    names = [scenario.name for scenario in SCENARIOS]

    assert len(set(names)) == len(names) >= _ASKED_FOR
    assert all(scenario.title and scenario.arranged for scenario in SCENARIOS)


def test_the_list_is_json_where_that_is_asked_for() -> None:
    done = CliRunner().invoke(main, ["demo", "--list", "--json"])

    assert json.loads(done.stdout)["scenarios"][0] == {"name": "taken-at-once", "title": "Taken at once"}


def test_the_json_tells_the_name_the_verdict_and_the_record() -> None:
    done = CliRunner().invoke(main, ["demo", "taken-at-once", "--json"])

    assert done.exit_code == 0, done.output
    (told,) = json.loads(done.stdout)["scenarios"]
    assert set(told) == {"name", "passed", "seconds", "reference", "entries"}
    assert (told["name"], told["passed"], told["reference"]) == ("taken-at-once", True, "G-1001")
    assert 0 < told["seconds"] < 30
    assert [entry["kind"] for entry in told["entries"]][:2] == ["call_arrived", "caller_identified"]
    assert {"at", "kind", "text"} <= set(told["entries"][0])
    assert told["entries"][0]["at"].endswith("Z")
    assert datetime.fromisoformat(told["entries"][0]["at"]) > NIGHT


def test_the_terminal_tells_who_heard_pressed_rang_and_was_mailed() -> None:
    done = CliRunner().invoke(main, ["demo", "taken-at-once"])

    assert done.exit_code == 0, done.output
    for told in (
        "Guardia de Aivo para ACME Seguros",
        "presses 1",
        "phone rings",
        "Mail",
        "The record of G-1001",
    ):
        assert told in done.output
    assert "1 of 1 scenarios passed" in done.output
    assert "✗" not in done.output


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    done = CliRunner().invoke(main, ["demo", "taken-by-tekst"])

    assert done.exit_code == 2
    assert "taken-by-text" in done.output


def test_a_claim_that_does_not_hold_fails_the_scenario() -> None:
    def plot(stage: Stage, expect: Expectations) -> None:
        stage.dial("marta", "acme", Script())
        stage.run(5)
        expect.rang(ana=1)

    played = play(_scenario(plot))

    assert not played.passed
    assert [e.claim for e in played.expectations if not e.holds] == ["rang: ana once; nothing else"]


def test_a_story_that_cannot_go_on_fails_the_scenario() -> None:
    played = play(_scenario(lambda stage, expect: stage.phone("ana").answer()))

    assert not played.passed


def test_a_scenario_that_did_not_pass_is_exit_1(monkeypatch: pytest.MonkeyPatch) -> None:
    failing = _scenario(lambda stage, expect: expect.rang(ana=1))
    monkeypatch.setattr("app.cli.demo.SCENARIOS", (failing,))

    done = CliRunner().invoke(main, ["demo"])

    assert done.exit_code == 1
    assert "✗" in done.output
    assert "0 of 1 scenarios passed" in done.output


def test_the_rosters_of_the_demonstration_are_proven() -> None:
    at = NIGHT.isoformat()
    done = CliRunner().invoke(main, ["--rosters", str(ROSTERS), "check", "--from", at, "--json"])

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["findings"] == []


def test_it_needs_neither_settings_nor_rosters_of_the_user(tmp_path: object) -> None:
    command = [sys.executable, "-c", "from app.cli import main; main()", "demo", "wrong-pin"]

    done = subprocess.run(command, cwd=str(tmp_path), capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""


def _scenario(plot: object) -> Scenario:
    return Scenario("made-up", "Made up", "Nothing.", plot, lambda books: books, lambda guard: guard, False)  # type: ignore[arg-type]
