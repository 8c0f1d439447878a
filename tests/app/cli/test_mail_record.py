"""``guardia case REF --mail-record``: the worker finds a letter with the record to the client."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.wiring.demo.scripts import reports
from app.wiring.demo.stage import NIGHT, ROSTERS, Stage
from app.wiring.world import open_world


def test_the_record_is_ordered_once_and_leaves_on_paper_and_for_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'guardia.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    with open_world(ROSTERS, datetime.now(UTC), database_url=url) as world:
        stage = Stage(world)
        stage.dial("marta", "acme", reports().hang_up(after=1))
        stage.run(30)
        command = ["--rosters", str(ROSTERS), "case", "G-1001", "--mail-record"]

        done = CliRunner().invoke(main, command)
        stage.run(30)

        letter = next(m for m in reversed(stage.world.mails) if list(m.message.iter_attachments()))
        names = [part.get_filename() for part in letter.message.iter_attachments()]
    assert done.exit_code == 0
    assert done.output == "the record of G-1001 leaves by mail to marta@acme.example\n"
    assert letter.to == ("marta@acme.example",)
    assert names == ["G-1001.pdf", "G-1001.txt", "G-1001.json"]


def test_a_case_that_is_not_there_is_a_no(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'guardia.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    with open_world(ROSTERS, NIGHT, database_url=url):
        done = CliRunner().invoke(main, ["case", "G-9", "--mail-record"])

    assert done.exit_code == 1
