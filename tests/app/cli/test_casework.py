"""The commands that write into a case: the same rules as on its page, told on a terminal and to programs."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.wiring.demo.scripts import describes, reports
from app.wiring.demo.stage import NIGHT, ROSTERS, Stage
from app.wiring.world import open_world


@pytest.fixture
def guardia(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator["Guardia"]:
    """A case that Ana took by the link, in a database that the commands read too."""
    url = f"sqlite:///{tmp_path / 'guardia.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    with open_world(ROSTERS, NIGHT, database_url=url) as world:
        stage = Stage(world)
        stage.phone("ana").on_text(lambda body: stage.after(2, lambda: stage.take_by_link("ana")))
        stage.dial("marta", "acme", describes(reports()).hang_up(hearing="ya lo tiene Ana", after=3))
        stage.run(120)
        yield Guardia(stage)


class Guardia:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(main, ["--rosters", str(ROSTERS), *words])


def test_a_note_stands_in_the_record(guardia: Guardia) -> None:
    result = guardia("note", "G-1001", "El token venció.", "--as", "ana")

    assert (result.exit_code, result.output) == (0, "G-1001: written\n")
    assert guardia.stage.cases()[0]["entries"][-1]["data"]["text"] == "El token venció."


def test_a_closing_that_lacks_something_is_refused_with_all_of_it(guardia: Guardia) -> None:
    result = guardia("close", "1001", "--how", "solved", "--as", "ana", "--json")

    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["lacks"] == ["Falta la causa.", "Falta lo que se hizo."]
    assert guardia.stage.summaries()[0]["state"] == "acknowledged"


def test_attached_waited_ended_and_closed_on_evidence(guardia: Guardia, tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_text("503", "utf-8")
    assert guardia("attach", "1001", str(log), "--as", "ana").exit_code == 0
    asked = ("--on", "client", "--asked", "La clave", "--of", "Marta", "--by", "mail")
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="seconds")
    assert guardia("wait", "start", "1001", *asked, "--since", since, "--as", "ana").exit_code == 0
    entry = str(guardia.stage.cases()[0]["waits"][0]["entry"])
    shown = guardia("case", "1001").output
    assert re.search(r"waiting for the client since 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d: La clave", shown)
    assert guardia("wait", "end", "1001", entry, "--as", "ana").exit_code == 0

    span = ("--from", "2026-03-04 03:00", "--to", "2026-03-04 03:10")
    closed = guardia(
        "close",
        "1001",
        "--how",
        "origin_client",
        "--cause",
        "La clave",
        *span,
        "--told",
        "Marta",
        "--as",
        "lucia",
    )

    assert closed.exit_code == 0, closed.output
    assert guardia.stage.summaries()[0]["state"] == "closed"
    assert [f["name"] for f in guardia.stage.cases()[0]["files"]] == ["log.txt"]


def test_an_agreement_and_a_correction(guardia: Guardia) -> None:
    agreed = guardia(
        "agree", "1001", "--agreed", "Cambian la clave", "--with", "Marta", "--by", "phone",
        "--until", "2099-01-01 10:00", "--as", "ana",
    )  # fmt: skip
    number = str(guardia.stage.cases()[0]["entries"][-1]["number"])

    assert agreed.exit_code == 0, agreed.output
    assert guardia("correct", "1001", number, "Fue Bruno.", "--withdraw", "--as", "ana").exit_code == 0
    assert guardia("correct", "1001", "999", "¿?", "--as", "ana").exit_code == 1


def test_a_case_or_a_person_that_is_not_there_is_said(guardia: Guardia) -> None:
    assert guardia("note", "G-9", "x", "--as", "ana").exit_code == 1
    assert guardia("note", "1001", "x", "--as", "nobody").exit_code == 2
