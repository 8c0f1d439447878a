"""``guardia erase`` and ``hold``: asked first, refused where the case lives or is held, and told plainly."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app import migrations
from app.cli import main
from oncall.record import Draft
from oncall.store import DatabaseShelf, Store, engine_for

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
ROSTERS = Path(__file__).parents[3] / "rosters"
PHONE = "+5491155550201"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """G-1001 is closed, G-1002 open."""
    url = f"sqlite:///{tmp_path}/guardia.db"
    monkeypatch.setenv("DATABASE_URL", url)
    store = Store(engine_for(url))
    migrations.upgrade(store.engine)
    closed: dict[str, Any] = {"kind": "incident", "state": "closed", "opened_at": AT, "closed_at": AT}
    with store.writing() as work:
        for values in (closed, closed | {"state": "open", "closed_at": None, "due_at": AT}):
            case = work.add_case(values)
            work.append(case, AT, [Draft("joined", {"caller": PHONE}, "caller")])
    yield store
    store.engine.dispose()


def guardia(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(main, arguments, input=answer)


def test_what_is_closed_is_erased_and_what_lives_is_left(store: Store) -> None:
    done = guardia("erase", PHONE, "--yes", "--json")

    assert done.exit_code == 1  # not all of it
    assert json.loads(done.stdout) == {
        "erased": [{"reference": "G-1001", "entries": 1}],
        "files": [],
        "refused": [{"reference": "G-1002", "why": "it is open"}],
        "others": 0,
    }
    assert guardia("verify").exit_code == 0
    told = guardia("case", "G-1001", "--language", "en").output
    assert "[erased]" in told
    assert PHONE not in told


def test_it_asks_first(store: Store) -> None:
    done = guardia("erase", PHONE, "--case", "G-1001", answer="n\n")

    assert done.exit_code == 1
    assert PHONE in guardia("case", "G-1001").output


def test_it_asks_nothing_where_nothing_would_be_erased(store: Store) -> None:
    unnamed = guardia("erase", "Nobody", "--case", "G-1001")
    alive = guardia("erase", PHONE, "--case", "G-1002")

    assert (unnamed.exit_code, unnamed.output) == (1, "nothing mentions it\n")
    assert alive.exit_code == 1
    assert "Erase" not in alive.output
    assert "nothing was erased" in alive.output


def test_it_says_that_only_calls_outside_cases_are_left_to_erase(store: Store) -> None:
    assert "No case that may be erased mentions it" in guardia("erase", "Nobody", answer="n\n").output


def test_one_case_alone_is_erased_whole(store: Store) -> None:
    done = guardia("erase", PHONE, "--case", "G-1001", answer="y\n")

    assert done.exit_code == 0, done.output
    assert "G-1001: erased from 1 entry" in done.output


def test_what_is_held_is_left_until_it_is_released(store: Store) -> None:
    assert guardia("hold", "G-1001", "--why", "Juicio 12/26").exit_code == 0
    held = guardia("erase", PHONE, "--case", "G-1001", "--yes")
    assert held.exit_code == 1
    assert "Juicio 12/26" in held.output

    assert guardia("hold", "G-1001", "--release").exit_code == 0
    assert guardia("hold", "G-1001", "--release").exit_code == 1
    assert guardia("erase", PHONE, "--case", "G-1001", "--yes").exit_code == 0
    assert guardia("verify").exit_code == 0


def test_files_are_named_for_somebody_to_decide_and_one_of_them_is_erased(store: Store) -> None:
    digest = DatabaseShelf(store).put(b"Marta Ruiz called")
    with store.writing() as work:
        file = {"digest": digest, "name": "log.txt", "media_type": "text/plain", "size": 17}
        work.add_file(1001, file | {"by": "ana", "at": AT, "token": "f"})

    told = guardia("erase", PHONE, "--case", "G-1001", "--yes").output
    assert "G-1001 has files, which were not looked into:\n  log.txt (17 bytes, by ana)" in told
    assert f"guardia erase --case G-1001 --file {digest[:12]}" in told

    done = guardia(
        "--rosters", str(ROSTERS), "erase", "--case", "G-1001", "--file", digest[:12], answer="y\n"
    )

    assert done.exit_code == 0, done.output
    assert DatabaseShelf(store).get(digest) is None
    assert guardia("verify").exit_code == 0
    assert digest in guardia("case", "G-1001").output
    assert guardia("erase", "--case", "G-1001", "--file", digest, "--yes").exit_code == 1


def test_wrong_usage_is_told(store: Store) -> None:
    assert guardia("erase", "ab", "--yes").exit_code == 2
    assert guardia("erase", "--yes").exit_code == 2
    assert guardia("erase", "--file", "9f86d081").exit_code == 2
    assert guardia("hold", "G-1001").exit_code == 2
    assert guardia("hold", "G-1001", "--why", "x", "--release").exit_code == 2
    assert guardia("erase", "nobody at all", "--yes").exit_code == 1
