"""``guardia synthetic`` orders a call to a guard line, and tells how the latest went."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import migrations
from app.cli import main
from oncall.store import Store, engine_for

ROSTERS = Path(__file__).parents[3] / "app/wiring/demo/rosters"
Run = Callable[..., Result]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(engine_for(f"sqlite:///{tmp_path}/guardia.db"))
    migrations.upgrade(store.engine)
    return store


@pytest.fixture
def run(tmp_path: Path) -> Run:
    environment = {"DATABASE_URL": f"sqlite:///{tmp_path}/guardia.db", "GUARDIA_ROSTERS": str(ROSTERS)}
    return lambda *arguments: CliRunner().invoke(main, arguments, env=environment)


def test_a_line_is_dialled_once_at_a_time(run: Run, store: Store) -> None:
    first, again = (run("synthetic", "--client", "acme", "--json") for _ in range(2))

    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout) == {"client": "acme", "line": "+541152630001", "ordered": True}
    assert json.loads(again.stdout)["ordered"] is False
    with store.reading() as work:
        assert work.next_order_due(("synthetic",)) is not None


def test_the_status_tells_each_call_but_not_its_code(run: Run, store: Store) -> None:
    run("synthetic", "--client", "acme")

    told = json.loads(run("synthetic", "--status", "--json").stdout)

    [call] = told["calls"]
    assert (call["client"], call["state"], call["by"], call["why"]) == ("acme", "asked", "command", None)
    assert "code" not in call
    assert "acme" in run("synthetic", "--status").stdout


def test_a_client_that_nobody_knows_is_wrong_usage(run: Run, store: Store) -> None:
    refused = run("synthetic", "--client", "acmee")

    assert refused.exit_code == 2
    assert "did you mean `acme`?" in refused.stderr
