"""``guardia notice``: published in three languages or not at all, listed, ended."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.migrations import upgrade
from app.wiring.demo.stage import ROSTERS
from oncall.store import engine_for

_ALL = ("--es", "Sabemos.", "--pt", "Sabemos disso.", "--en", "We know.")


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'guardia.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    upgrade(engine_for(url))


def guardia(*words: str) -> Result:
    return CliRunner().invoke(main, ["--rosters", str(ROSTERS), "notice", *words])


def test_a_notice_is_published_listed_and_ended() -> None:
    published = guardia("publish", *_ALL, "--until", "2099-01-01T04:00", "--client", "acme")
    listed = json.loads(guardia("list", "--json").stdout)["notices"]
    ended = guardia("end", "1")
    again = guardia("end", "1")

    assert published.exit_code == 0, published.output
    assert [(n["notice"], n["is_heard"], n["clients"], n["texts"]["en"]) for n in listed] == [
        (1, True, ["acme"], "We know.")
    ]
    assert (ended.exit_code, again.exit_code) == (0, 1)
    assert json.loads(guardia("list", "--json").stdout)["notices"][0]["is_heard"] is False


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--es", "Sabemos.", "--pt", "Sabemos disso."), "missing: en"),
        ((*_ALL, "--client", "nadie"), "unknown client: nadie"),
        ((*_ALL, "--integration", "nada"), "no client has this integration: nada"),
        ((*_ALL, "--case", "G-1042"), "not an incident that is open: G-1042"),
    ],
)
def test_what_is_not_right_is_refused_with_its_reason(words: tuple[str, ...], said: str) -> None:
    refused = guardia("publish", *words, "--until", "2099-01-01T04:00")

    assert refused.exit_code == 1
    assert said in refused.output
    assert json.loads(guardia("list", "--json").stdout)["notices"] == []


def test_what_ends_before_it_begins_is_refused() -> None:
    assert guardia("publish", *_ALL, "--until", "2020-01-01T04:00").exit_code == 1


def test_a_case_is_named_by_its_reference() -> None:
    assert guardia("publish", *_ALL, "--until", "2099-01-01T04:00", "--case", "soon").exit_code == 2


@pytest.mark.parametrize("until", ["soon", "9999-12-31T23:59-14:00", "0001-01-01T00:00+14:00"])
def test_an_end_that_is_no_time_is_wrong_usage(until: str) -> None:
    refused = guardia("publish", *_ALL, "--until", until)

    assert refused.exit_code == 2
    assert "is not a time" in refused.output


def test_a_database_that_is_not_there_is_told_and_none_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = tmp_path / "elsewhere" / "guardia.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{nowhere}")

    told = guardia("list")

    assert told.exit_code == 2
    assert f"DATABASE_URL: there is no file {nowhere}" in told.output
    assert not nowhere.parent.exists()


@pytest.mark.parametrize("number", ["0", "9" * 26, "x"])
def test_a_number_that_no_notice_can_have_is_wrong_usage(number: str) -> None:
    assert guardia("end", number).exit_code == 2


def test_a_report_that_cannot_be_written_is_told_in_a_line() -> None:
    told = CliRunner().invoke(
        main, ["--rosters", str(ROSTERS), "report", "--month", "2026-03", "--out", "/nowhere/r.csv"]
    )

    assert told.exit_code == 2
    assert (
        told.stderr.splitlines()[-1] == "--out: /nowhere/r.csv cannot be written: No such file or directory"
    )
