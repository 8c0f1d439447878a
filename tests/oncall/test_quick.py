"""Hot statements: what is handed to SQLite's driver directly gives what SQLAlchemy would have given."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.exc import IntegrityError, OperationalError

from oncall.record import Draft
from oncall.records import CaseRow, EntryRow, OrderRow, PageRow
from oncall.store import Store, Work, engine_for
from oncall.store.quick import Quick, _hot, _prepared, hot
from oncall.store.tables import table
from tests.oncall.fakes import Stage

AT = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
TABLES = [table(record) for record in (CaseRow, PageRow, EntryRow, OrderRow)]
_ALL = {rows.name: hot(select(rows)) for rows in TABLES}


@pytest.fixture
def quick_stage(tmp_path: Path, migrated_file: Path) -> Iterator[Stage]:
    """A stage on SQLite, of which every hot statement is handed to the driver."""
    path = tmp_path / "guardia.db"
    path.write_bytes(migrated_file.read_bytes())
    engine = engine_for(f"sqlite:///{path}")
    yield Stage(Store(engine))
    engine.dispose()


@pytest.mark.parametrize("name", list(_ALL))
def test_a_row_read_quickly_is_the_row_that_sqlalchemy_reads(quick_stage: Stage, name: str) -> None:
    quick_stage.open_incident()
    quick_stage.tick()

    with quick_stage.store.reading() as work:
        quickly = list(work.connection.execute(_ALL[name]))
        plainly = list(plain(work).execute(select(next(t for t in TABLES if t.name == name))))

    assert plainly
    assert [tuple(row) for row in quickly] == [tuple(row) for row in plainly]
    assert [row._fields for row in quickly] == [row._fields for row in plainly]
    assert [list(map(type, row)) for row in quickly] == [list(map(type, row)) for row in plainly]


def test_every_hot_statement_that_only_reads_can_be_prepared() -> None:
    reading = [statement for statement in _hot if statement.is_select]

    assert len(reading) > 20
    for statement in reading:
        assert _prepared(statement, [], dialect(paramstyle="qmark")) is not None, str(statement)


def test_what_the_database_refuses_is_told_as_sqlalchemy_tells_it(quick_stage: Stage) -> None:
    quick_stage.open_incident()

    with pytest.raises(IntegrityError, match=r"entries\.case_id"):
        write(quick_stage.store, written_twice)
    with pytest.raises(OperationalError, match="readonly"):
        write(quick_stage.store, while_nothing_may_be_written)


def test_a_moment_without_a_zone_is_refused_here_too(quick_stage: Stage) -> None:
    with quick_stage.store.writing() as work, pytest.raises(ValueError, match="naive"):
        work.order("mail", "mail:1", AT.replace(tzinfo=None), timedelta(minutes=1))


def test_what_was_written_quickly_is_undone_with_its_transaction(quick_stage: Stage) -> None:
    with pytest.raises(Stumbled):
        write(quick_stage.store, stumbling)

    with quick_stage.store.reading() as work:
        assert not list(work.connection.execute(_ALL["orders"]))


class Stumbled(Exception):
    pass


def write(store: Store, step: Callable[[Work], None]) -> None:
    with store.writing() as work:
        step(work)


def written_twice(work: Work) -> None:
    """The first line of a record that has one already."""
    work.ends[1001] = 0, "0" * 64
    work.append(1001, AT, (Draft("hold_released"),))


def while_nothing_may_be_written(work: Work) -> None:
    plain(work).exec_driver_sql("PRAGMA query_only=ON")
    try:
        work.finish_order(1, "done")
    finally:
        plain(work).exec_driver_sql("PRAGMA query_only=OFF")


def stumbling(work: Work) -> None:
    work.order("mail", "mail:1", AT, timedelta(minutes=1))
    raise Stumbled


def plain(work: Work) -> Connection:
    return cast(Any, cast(Quick, work.connection))._connection
