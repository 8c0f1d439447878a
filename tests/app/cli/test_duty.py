"""``guardia rosters``, ``links``, ``override pending``: what was in force, is handed out, may be merged."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from app import migrations
from app.cli import main
from app.clock import SystemClock
from app.rosterbook import read
from app.rosterbook.stored import StoredBooks
from app.web.dutylinks import DutyLinks, Of
from app.web.office import DeskLinks, generations
from oncall.rosters import on_call
from oncall.store import Store, engine_for
from oncall.swaps import Swap

ROSTERS = Path(__file__).parents[3] / "app/wiring/demo/rosters"
Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ana is always on call, whenever the test is run."""
    folder = Path(shutil.copytree(ROSTERS, tmp_path / "rosters"))
    file = folder / "teams" / "integrations.yaml"
    file.write_text(file.read_text("utf-8").replace("people: [ana, carla]", "people: [ana]"), "utf-8")
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(engine_for(f"sqlite:///{tmp_path}/guardia.db"))
    migrations.upgrade(store.engine)
    return store


@pytest.fixture
def run(folder: Path, store: Store) -> Run:
    def run(*arguments: str, **environment: str) -> Result:
        known = {"DATABASE_URL": str(store.engine.url), "GUARDIA_ROSTERS": str(folder)}
        return CliRunner().invoke(main, arguments, env=known | environment)

    return run


def now() -> datetime:
    return SystemClock().now()


def holder(folder: Path, at: datetime) -> str:
    reading = read(folder)
    (person,) = on_call(reading.teams["integrations"], "primary", at, reading.people)
    return person


def agree(store: Store, folder: Path, person: str = "lucia", hours: float = 8) -> Swap:
    """Somebody took over, an hour ago."""
    at = now() - timedelta(hours=1)
    ends = at + timedelta(hours=hours)
    giver = holder(folder, at)
    swap = Swap("integrations", "primary", person, giver, at, ends, person, giver)
    with store.writing() as work:
        work.answer_swap(work.add_swap(swap, "4711", at), "in_force", at)
    return swap


def test_a_swap_is_printed_as_the_yaml_to_merge(run: Run, store: Store, folder: Path) -> None:
    swap = agree(store, folder)
    file = folder / "teams" / "integrations.yaml"

    done = run("override", "pending")

    assert done.exit_code == 0, done.output
    (entry,) = YAML(typ="safe").load(done.stdout)["overrides"]
    assert (entry["person"], entry["instead_of"]) == ("lucia", swap.instead_of)
    assert entry["reason"] == f"SMS lucia → {swap.instead_of}"
    file.write_text(file.read_text("utf-8") + done.stdout, "utf-8")
    assert read(folder).errors() == ()
    assert holder(folder, now()) == "lucia"
    assert holder(folder, swap.ends + timedelta(minutes=1)) != "lucia"


def test_what_was_merged_is_pending_no_more(run: Run, store: Store, folder: Path) -> None:
    agree(store, folder)
    file = folder / "teams" / "integrations.yaml"
    file.write_text(file.read_text("utf-8") + run("override", "pending").stdout, "utf-8")

    done = run("override", "pending")

    assert (done.exit_code, done.stdout) == (0, "")
    assert "no swap" in done.stderr


def test_a_swap_that_is_over_is_not_pending(run: Run, store: Store, folder: Path) -> None:
    agree(store, folder, hours=0.5)

    assert json.loads(run("override", "pending", "--json").stdout) == {"overrides": [], "replaced": []}


def test_a_swap_of_an_overrides_turn_says_what_it_stands_in_place_of(
    run: Run, store: Store, folder: Path
) -> None:
    begins, ends = now() - timedelta(hours=3), now() + timedelta(hours=20)
    span = f"from: {begins:%Y-%m-%dT%H:%M:%SZ}, to: {ends:%Y-%m-%dT%H:%M:%SZ}"
    entry = f"{{rotation: primary, person: diego, {span}}}"
    file = folder / "teams" / "integrations.yaml"
    file.write_text(file.read_text("utf-8") + f"overrides:\n  - {entry}\n", "utf-8")
    agree(store, folder)

    told = json.loads(run("override", "pending", "--json").stdout)
    printed = run("override", "pending").stdout

    assert [o["person"] for o in told["replaced"]] == ["diego"]
    assert [o["person"] for o in told["overrides"]] == ["diego", "lucia", "diego", "lucia"]
    assert "# in place of {rotation: primary, person: diego," in printed


def test_json_is_in_utc(run: Run, store: Store, folder: Path) -> None:
    swap = agree(store, folder)

    (entry,) = json.loads(run("--json", "override", "pending").stdout)["overrides"]

    assert datetime.fromisoformat(entry["to"]) == swap.ends
    assert entry["to"].endswith("Z")
    assert entry["kind"] == "replace"


def test_every_accepted_version_is_listed(run: Run, store: Store, folder: Path) -> None:
    books = StoredBooks(store, folder, "here:rosters", datetime(2026, 3, 1, tzinfo=UTC))
    file = folder / "people.yaml"
    file.write_text(file.read_text("utf-8").replace("Ana Paz", "Ana María Paz"), "utf-8")
    books.refresh(datetime(2026, 3, 2, tzinfo=UTC))

    told = json.loads(run("rosters", "--json").stdout)

    assert [row["accepted_at"] for row in told] == ["2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z"]
    assert told[0]["version"] == books.current().version != told[1]["version"]
    assert {row["source"] for row in told} == {"here:rosters"}
    assert run("rosters").stdout.count("here:rosters") == 2


def test_links_are_those_that_the_server_answers_to(run: Run) -> None:
    settings = {"SECRET_KEY": "a secret", "PUBLIC_URL": "https://guardia.example"}
    links = DutyLinks("a secret", "https://guardia.example")

    told = json.loads(run("links", "--json", **settings).stdout)
    one = run("links", "--person", "ana", **settings).stdout

    assert told["people"]["ana"] == dict(links.of_person("ana"))
    assert told["teams"] == {"integrations": {"calendar": links.calendar(Of.TEAM, "integrations")}}
    assert [url in one for url in links.of_person("ana").values()] == [True, True]
    desks = {id: urls["desk"] for id, urls in told["people"].items() if "desk" in urls}
    made = DeskLinks("a secret", "https://guardia.example")
    assert desks == {id: made.address(id) for id in ("lucia", "marcos")}
    assert one.count("https://") == 2


def test_a_desk_that_is_given_a_new_address_opens_by_that_one_alone(run: Run, store: Store) -> None:
    settings = {"SECRET_KEY": "a secret", "PUBLIC_URL": "https://guardia.example"}
    served = DeskLinks("a secret", "https://guardia.example", generations(store))
    first = {id: served.address(id) for id in ("lucia", "marcos")}

    done = run("links", "--new-desk", "lucia", "--json", **settings)
    told = json.loads(done.stdout)["people"]
    again = json.loads(run("links", "--new-desk", "lucia", "--json", **settings).stdout)["people"]
    listed = json.loads(run("links", "--json", **settings).stdout)["people"]

    def opens(address: str) -> str | None:
        return served.manager(address.rpartition("/")[2])

    assert list(told) == ["lucia"]
    assert "the old address of the desk of Lucía Ferrer (lucia) opens nothing any more" in done.stderr
    assert len({first["lucia"], told["lucia"]["desk"], again["lucia"]["desk"]}) == 3
    assert (opens(first["lucia"]), opens(told["lucia"]["desk"])) == (None, None)
    assert opens(again["lucia"]["desk"]) == "lucia"
    assert listed["lucia"]["desk"] == again["lucia"]["desk"] == served.address("lucia")
    assert (listed["marcos"]["desk"], opens(first["marcos"])) == (first["marcos"], "marcos")


def test_links_are_told_before_there_is_a_database(run: Run, tmp_path: Path) -> None:
    settings = {"SECRET_KEY": "a secret", "PUBLIC_URL": "https://guardia.example"}
    nowhere = f"sqlite:///{tmp_path}/none.db"

    done = run("links", "--json", DATABASE_URL=nowhere, **settings)
    renewed = run("links", "--new-desk", "lucia", DATABASE_URL=nowhere, **settings)

    assert "desk" in json.loads(done.stdout)["people"]["lucia"]
    assert (renewed.exit_code, renewed.stdout) == (2, "")
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (("links", "--new-desk", "ana"), {"SECRET_KEY": "s", "PUBLIC_URL": "https://g.example"}, "lucia"),
        (("links",), {"PUBLIC_URL": "https://guardia.example"}, "SECRET_KEY"),
        (("links",), {"SECRET_KEY": "a secret"}, "PUBLIC_URL"),
        (("links", "--person", "anna"), {"SECRET_KEY": "s", "PUBLIC_URL": "https://g.example"}, "ana"),
        (("links", "--team", "x"), {"SECRET_KEY": "s", "PUBLIC_URL": "https://g.example"}, "integrations"),
        (("rosters",), {"DATABASE_URL": "mysql://nowhere"}, "DATABASE_URL"),
    ],
)
def test_wrong_use_is_told_in_one_line(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    environment: dict[str, str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)

    done = run(*arguments, **environment)

    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stdout == ""
