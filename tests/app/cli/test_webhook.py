"""``guardia webhook replay``: which of the deliveries that were never taken leave again."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.wiring.demo.scripts import reports
from app.wiring.demo.stage import NIGHT, ROSTERS, Stage
from app.wiring.world import open_world


def replay(*words: str) -> Result:
    return CliRunner().invoke(main, ["--rosters", str(ROSTERS), "webhook", "replay", *words])


def test_a_case_alone_or_a_time_alone_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'guardia.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    with open_world(ROSTERS, NIGHT, database_url=url) as world:
        stage = Stage(world)
        stage.dial("marta", "acme", reports().hang_up(after=1))
        stage.run(30)

        told = [replay("G-1001"), replay("1001", "--all"), replay("--since", "2000-01-01")]

    said = "0 deliveries leave again; 1 cases have entries that were never sent\n"
    assert [(one.exit_code, one.output) for one in told] == [(0, said)] * 3


def test_without_either_it_is_said_what_to_give() -> None:
    told = replay()

    assert (told.exit_code, told.stdout) == (2, "")
    assert "say which case, as G-1042, or since when, as --since 2026-01-05T09:00" in told.stderr
