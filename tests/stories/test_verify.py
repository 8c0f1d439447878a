"""The record proves itself: one changed letter is found, whatever the column, and so is what is missing."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.wiring.demo.scripts import describes, reports, solves, takes
from app.wiring.demo.stage import NIGHT, ROSTERS, Stage
from app.wiring.world import open_world

_COLUMNS = ["number", "at", "kind", "actor", "data", "previous", "hash", "format", "salts", "erased"]
_MIDDLE = 7
Sql = Callable[..., list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which two calls were played to their end: G-1001 and G-1002."""
    path = tmp_path_factory.mktemp("record") / "guardia.db"
    with open_world(ROSTERS, NIGHT, database_url=f"sqlite:///{path}") as world:
        stage = Stage(world)
        stage.phone("ana").behave(solves(takes(3)))
        for client in range(2):
            stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=10))
            stage.run(200)
            assert len(stage.summaries()) == client + 1
    return path


@pytest.fixture
def database(played: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, which the command reads."""
    copy = tmp_path / "guardia.db"
    with sqlite3.connect(played) as original, sqlite3.connect(copy) as target:
        original.backup(target)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{copy}")
    return copy


@pytest.fixture
def sql(database: Path) -> Iterator[Sql]:
    """What somebody with a hand in the database can do."""
    connection = sqlite3.connect(database, isolation_level=None)
    yield lambda statement, *values: connection.execute(statement, values).fetchall()
    connection.close()


def _verify(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["verify", *arguments])


def test_what_nobody_touched_is_unaltered(database: Path) -> None:
    done = _verify("--json")

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"unaltered": True, "cases": 2, "broken": None}


@pytest.mark.parametrize("column", [c for c in _COLUMNS if c != "number"])
def test_one_changed_letter_is_found_in_each_column_of_each_entry(sql: Sql, column: str) -> None:
    for (number,) in sql("SELECT number FROM entries WHERE case_id = 1001"):
        where = "WHERE case_id = 1001 AND number = ?"
        ((before,),) = sql(f"SELECT {column} FROM entries {where}", number)
        sql(f"UPDATE entries SET {column} = ? {where}", _one_letter_changed(str(before)), number)

        done = _verify("--json")

        assert done.exit_code == 1, (column, number, before)
        assert json.loads(done.stdout)["broken"] == {"reference": "G-1001", "entry": number}
        sql(f"UPDATE entries SET {column} = ? {where}", before, number)
    assert _verify().exit_code == 0


def test_the_case_of_an_entry_counts_too(sql: Sql) -> None:
    sql("PRAGMA foreign_keys = OFF")
    sql("UPDATE entries SET case_id = 1003 WHERE case_id = 1001 AND number = 5")

    done = _verify()

    assert done.exit_code == 1
    assert "G-1001 entry 5" in done.output


def test_another_number_is_found(sql: Sql) -> None:
    sql("UPDATE entries SET number = 99 WHERE case_id = 1001 AND number = ?", _MIDDLE)

    assert _broken() == ("G-1001", _MIDDLE)


def test_a_removed_entry_in_the_middle_is_found(sql: Sql) -> None:
    sql("DELETE FROM entries WHERE case_id = 1001 AND number = ?", _MIDDLE)

    assert _broken() == ("G-1001", _MIDDLE)


def test_a_removed_entry_is_found_even_when_the_rest_is_numbered_anew(sql: Sql) -> None:
    sql("DELETE FROM entries WHERE case_id = 1001 AND number = ?", _MIDDLE)
    sql("UPDATE entries SET number = number - 1 WHERE case_id = 1001 AND number > ?", _MIDDLE)

    assert _broken() == ("G-1001", _MIDDLE)


def test_a_removed_tail_is_found(sql: Sql) -> None:
    ((count,),) = sql("SELECT max(number) FROM entries WHERE case_id = 1001")
    assert isinstance(count, int)
    sql("DELETE FROM entries WHERE case_id = 1001 AND number > ?", count - 2)

    assert _broken() == ("G-1001", count - 1)


def test_an_added_entry_is_found(sql: Sql) -> None:
    ((count,),) = sql("SELECT max(number) FROM entries WHERE case_id = 1002")
    assert isinstance(count, int)
    sql(
        "INSERT INTO entries SELECT case_id, number + 1, at, kind, actor, data, hash, hash,"
        " format, salts, erased FROM entries WHERE case_id = 1002 AND number = ?",
        count,
    )

    assert _broken() == ("G-1002", count + 1)


def test_two_entries_that_changed_places_are_found(sql: Sql) -> None:
    for number, place in ((4, -4), (5, 4), (-4, 5)):
        sql("UPDATE entries SET number = ? WHERE case_id = 1001 AND number = ?", place, number)

    assert _broken() == ("G-1001", 4)


def test_a_record_without_its_case_is_found(sql: Sql) -> None:
    sql("PRAGMA foreign_keys = OFF")
    sql("DELETE FROM cases WHERE id = 1002")

    assert _broken() == ("G-1002", 1)


def test_a_case_without_its_record_is_found(sql: Sql) -> None:
    sql("DELETE FROM entries WHERE case_id = 1002")

    assert _broken() == ("G-1002", 1)


def test_one_case_is_verified_by_its_reference(sql: Sql) -> None:
    sql("UPDATE entries SET kind = 'abandonee' WHERE case_id = 1001 AND number = 1")

    assert _verify("G-1002").exit_code == 0
    done = _verify("G-1001")
    assert done.exit_code == 1
    assert done.output.strip() == "G-1001 entry 1 is not what was written"


def test_a_case_that_does_not_exist_is_said_not_to(database: Path) -> None:
    done = _verify("G-4242")

    assert done.exit_code == 1
    assert "G-4242" in done.output


def _broken() -> tuple[str, int]:
    done = _verify("--json")
    assert done.exit_code == 1, done.output
    broken = json.loads(done.stdout)["broken"]
    return broken["reference"], broken["entry"]


def _one_letter_changed(text: str) -> str:
    """The text with its last letter or digit another one: a date stays a date, JSON stays JSON."""
    index = max(i for i, character in enumerate(text) if character.isalnum()) if text != "{}" else 0
    if text == "{}":
        return '{"x": 1}'
    letter = text[index]
    other = chr(ord(letter) - 1) if letter in "z9fZ" else chr(ord(letter) + 1)
    return text[:index] + other + text[index + 1 :]
