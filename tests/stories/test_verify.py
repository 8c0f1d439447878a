"""The record proves itself: one changed letter is found, whatever the column, and so is what is missing."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from app.cli import main
from app.wiring.demo.scripts import describes, reports, solves, takes
from app.wiring.demo.stage import NIGHT, ROSTERS, Stage
from app.wiring.world import open_world
from oncall.record import GENESIS, Anchor, Draft, seal
from oncall.records import EntryRow
from oncall.store import Store, engine_for
from oncall.store.tables import table

_COLUMNS = [
    *("number", "at", "kind", "actor", "data", "previous"),
    *("hash", "format", "salts", "erased", "roster"),
]
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
        " format, salts, erased, roster FROM entries WHERE case_id = 1002 AND number = ?",
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


def _rewrite(sql: Sql, case: int, number: int) -> None:
    """What somebody does who knows the chain: one word changed, and every hash after it made anew."""
    store = Store(engine_for(f"sqlite:///{sql('PRAGMA database_list')[0][2]}"))
    with store.writing() as work:
        entries, head = list(work.record(case)), GENESIS
        for entry in entries:
            kind = "message_missing" if entry.number == number else entry.kind
            draft = Draft(kind, entry.data, entry.actor)
            forged = seal(case, entry.number, entry.at, draft, head, entry.salts, entry.roster)
            head = forged.hash
            values = {"kind": kind, "previous": forged.previous, "hash": head}
            row = table(EntryRow)
            changed = update(row).where(row.c.case_id == case, row.c.number == entry.number)
            work.connection.execute(changed.values(values))
        work.update_case(case, {"head": head})
    store.engine.dispose()


def _anchor(database: Path, at: datetime = NIGHT) -> Anchor:
    store = Store(engine_for(f"sqlite:///{database}"))
    with store.writing() as work:
        anchor, _ = work.anchor("2026-03-03", at)
    store.engine.dispose()
    return anchor


def test_a_record_written_anew_fits_itself_but_not_the_anchor(database: Path, sql: Sql) -> None:
    _anchor(database)
    ((count,),) = sql("SELECT entries FROM cases WHERE id = 1002")

    _rewrite(sql, 1002, 3)

    assert _broken() == ("G-1002", count)
    assert _verify("G-1001").exit_code == 0
    assert _verify("G-1002").exit_code == 1


def test_an_anchor_written_anew_is_not_the_one_that_was_mailed(
    database: Path, sql: Sql, tmp_path: Path
) -> None:
    mailed = tmp_path / "anchor.eml"
    mailed.write_text(f"Subject: anchor\n\n  {_anchor(database).hash}\n", encoding="utf-8")
    assert _verify("--anchor", str(mailed)).exit_code == 0

    _rewrite(sql, 1002, 3)
    sql("DELETE FROM anchored")
    sql("DELETE FROM anchors")
    sql("UPDATE cases SET anchored = 0")
    _anchor(database)

    assert _verify().exit_code == 0
    done = _verify("--anchor", str(mailed))
    assert done.exit_code == 1
    assert "written anew" in done.output


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE anchors SET day = '2026-03-02'",
        "UPDATE anchors SET cases = 1",
        "UPDATE anchored SET count = 3 WHERE case_id = 1001",
        "DELETE FROM anchored",
        "DELETE FROM anchors",
    ],
)
def test_a_changed_anchor_is_found(database: Path, sql: Sql, change: str) -> None:
    _anchor(database)
    assert json.loads(_verify("--json").stdout)["anchors"] == 1

    sql(change)

    assert _verify().exit_code == 1


def test_what_cannot_be_an_anchor_is_refused(database: Path) -> None:
    assert _verify("--anchor", "today").exit_code == 2
    assert _verify("--anchor", "").exit_code == 2  # a variable that is not set


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
