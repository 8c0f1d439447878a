"""``guardia drill`` asks, tells who passed, and ``guardia check`` knows who has not."""

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import migrations
from app.cli import main
from app.clock import SystemClock
from oncall.drills import State
from oncall.store import Store, engine_for

ROSTERS = Path(__file__).parents[3] / "app/wiring/demo/rosters"
EVERYBODY = ["ana", "carla", "bruno", "diego", "lucia"]
Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demonstration's team, which holds a drill every four weeks."""
    folder = Path(shutil.copytree(ROSTERS, tmp_path / "rosters"))
    team = folder / "teams" / "integrations.yaml"
    drill = "drill: {every: 4 weeks, at: wed 11:00, passes_for: 30 days}\n"
    team.write_text(team.read_text("utf-8") + drill, "utf-8")
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(engine_for(f"sqlite:///{tmp_path}/guardia.db"))
    migrations.upgrade(store.engine)
    return store


@pytest.fixture
def run(folder: Path, tmp_path: Path) -> Run:
    def run(*arguments: str, **environment: str) -> Result:
        known = {"DATABASE_URL": f"sqlite:///{tmp_path}/guardia.db", "GUARDIA_ROSTERS": str(folder)}
        return CliRunner().invoke(main, arguments, env=known | environment)

    return run


def passed(store: Store, person: str, days_ago: int) -> None:
    at = SystemClock().now() - timedelta(days=days_ago)
    values = {"token": f"{person}{days_ago}", "team": "integrations", "person": person, "name": person}
    with store.writing() as work:
        work.add_drill(
            values | {"by": "schedule", "state": State.PASSED, "asked_at": at, "passed_at": at, "phone": 0}
        )


def test_everybody_of_the_team_is_asked_once(run: Run, store: Store) -> None:
    asked = run("drill", "--at-night", "--json")
    again = run("drill", "--at-night", "--json")

    assert asked.exit_code == 0, asked.output
    assert [one["person"] for one in json.loads(asked.stdout)["asked"]] == EVERYBODY
    assert json.loads(again.stdout) == {"asked": []}
    with store.reading() as work:
        assert work.next_order_due(("drill",)) is not None


def test_one_person_may_be_asked_alone(run: Run, store: Store) -> None:
    asked = run("drill", "--person", "diego", "--at-night")

    assert "Diego Walker" in asked.stdout
    assert "1 asked" in asked.stdout


def test_an_unknown_person_is_wrong_usage(run: Run, store: Store) -> None:
    refused = run("drill", "--person", "dieg")

    assert refused.exit_code == 2
    assert "did you mean `diego`?" in refused.stderr


def test_the_status_tells_who_passed_and_who_has_lapsed(run: Run, store: Store) -> None:
    passed(store, "ana", 3)
    passed(store, "bruno", 31)

    status = {one["person"]: one for one in json.loads(run("drill", "--status", "--json").stdout)["drills"]}

    assert list(status) == EVERYBODY
    assert [id for id, one in status.items() if one["lapsed"]] == ["carla", "bruno", "diego", "lucia"]
    assert status["ana"]["state"] == "passed"
    assert status["carla"]["passed_at"] is None
    assert "never passed" in run("drill", "--status").stdout


def test_who_has_not_passed_is_a_warning_of_check(run: Run, store: Store, folder: Path) -> None:
    passed(store, "ana", 3)
    passed(store, "bruno", 31)

    checked = run("check")

    lapsed = [line for line in checked.stdout.splitlines() if "[drill-lapsed]" in line]
    assert len(lapsed) == 4
    assert all(line.startswith(f"{folder / 'people.yaml'}:") and " warning: " in line for line in lapsed)
    assert any("Bruno Lima has not passed a drill since" in line for line in lapsed)
    assert any("Carla Gómez has not passed a drill yet" in line for line in lapsed)
    assert checked.exit_code == 0


@pytest.mark.parametrize(
    "database", ["sqlite:///{tmp}/none.db", "postgresql://127.0.0.1:1/nothing", "nonsense"]
)
def test_check_does_without_a_database(run: Run, tmp_path: Path, database: str) -> None:
    checked = run("check", DATABASE_URL=database.format(tmp=tmp_path))

    assert "[drill-lapsed]" not in checked.stdout
    assert checked.exit_code == 0
    assert not (tmp_path / "none.db").exists()
