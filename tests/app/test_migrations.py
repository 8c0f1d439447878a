"""The migrations make exactly the tables that the code knows, on both databases, there and back."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData, Table, insert, inspect, text
from sqlmodel import SQLModel

from app import migrations
from app.cli.record import check_all
from oncall.record import Draft
from oncall.records import CaseRow
from oncall.store import Store, engine_for

TABLES = set(CaseRow.metadata.tables)
_AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)

# SQLAlchemy cannot reflect an index over an expression on SQLite: here its own text is compared.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Skipped unsupported reflection"),
    pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index"),
]
SCHEMA_OF_POSTGRES = """
    SELECT 'constraint', conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
    UNION ALL
    SELECT 'index', indexname::text, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT 'column', table_name || '.' || column_name,
           data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '-')
    FROM information_schema.columns WHERE table_schema = 'public'
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        engine = engine_for(f"sqlite:///{tmp_path / 'empty.db'}")
    else:
        engine = engine_for(request.getfixturevalue("empty_postgres_url"))
    yield engine
    engine.dispose()


def differences(engine: Engine) -> list[Any]:
    """What alembic would still change."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found: list[Any] = compare_metadata(context, SQLModel.metadata)
    return found


def schema(engine: Engine) -> dict[tuple[str, str], str]:
    """Every table, column, constraint and index with its definition: what reflection leaves out as well."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            rows = connection.execute(text(SCHEMA_OF_POSTGRES)).all()
        found = {(kind, name): definition for kind, name, definition in rows}
    else:
        found = _schema_of_sqlite(engine)
    return {key: value for key, value in found.items() if "alembic_version" not in key[1]}


def _schema_of_sqlite(engine: Engine) -> dict[tuple[str, str], str]:
    inspector, found = inspect(engine), {}
    for name in sorted(TABLES):
        for column in inspector.get_columns(name):
            key = ("column", f"{name}.{column['name']}")
            found[key] = f"{column['type']!r} {column['nullable']} {column['default']}"
        for check in inspector.get_check_constraints(name):
            found["check", f"{name} {check['name']}"] = str(check["sqltext"])
        for unique in inspector.get_unique_constraints(name):
            found["unique", f"{name} {unique['name']}"] = str(unique["column_names"])
        for foreign in inspector.get_foreign_keys(name):
            columns = foreign["constrained_columns"], foreign["referred_columns"]
            found["foreign", f"{name} {foreign['name']}"] = f"{foreign['referred_table']} {columns}"
        found["primary", name] = str(inspector.get_pk_constraint(name))
    with engine.connect() as connection:
        indexes = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql <> ''")
        )
        found |= {("index", name): " ".join(sql.split()) for name, sql in indexes}
    return found


def emptied(engine: Engine) -> None:
    with engine.connect() as connection, connection.execution_options(guardia_writes=True).begin():
        SQLModel.metadata.drop_all(connection)
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))


def test_the_migrations_leave_nothing_to_change(engine: Engine) -> None:
    migrations.upgrade(engine)

    assert differences(engine) == []


def test_the_migrations_make_the_tables_of_the_code_to_the_letter(engine: Engine) -> None:
    migrations.upgrade(engine)
    migrated = schema(engine)
    emptied(engine)

    with engine.connect() as connection, connection.execution_options(guardia_writes=True).begin():
        SQLModel.metadata.create_all(connection)

    assert schema(engine) == migrated
    assert any("one_incident_per_integration" in name for _, name in migrated)
    assert sum("ck_" in name for _, name in migrated) >= 13


def test_an_upgrade_done_again_changes_nothing(engine: Engine) -> None:
    assert migrations.is_empty(engine)
    migrations.upgrade(engine)
    before = schema(engine)

    migrations.upgrade(engine)

    assert schema(engine) == before
    assert migrations.is_current(engine)
    assert not migrations.is_empty(engine)


def test_the_way_back_leaves_nothing_behind_and_can_be_gone_again(engine: Engine) -> None:
    migrations.upgrade(engine)

    with engine.connect() as connection, connection.execution_options(guardia_writes=True).begin():
        command.downgrade(migrations._config(connection), "base")

    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    migrations.upgrade(engine)
    assert differences(engine) == []


def test_a_record_of_before_every_entry_named_its_rosters_still_holds_and_goes_on(engine: Engine) -> None:
    with engine.connect() as connection, connection.execution_options(guardia_writes=True).begin():
        command.upgrade(migrations._config(connection), "0014")
        _write_as_before(connection)

    migrations.upgrade(engine)

    store = Store(engine)
    with store.reading() as work:
        assert check_all(work) == (1, None)
    with store.writing() as work:
        work.append(1042, _AT, [Draft("round_ended", {"round": 2})])
    with store.reading() as work:
        assert check_all(work) == (1, None)
        assert [entry.format for entry in work.record(1042)] == [1, 2, 3]


def _write_as_before(connection: Connection) -> None:
    """One entry of Guardia 0.1 and one under salts, each hashed here as those releases hashed it."""
    moment = _AT.isoformat(timespec="microseconds")
    called, salt = {"caller": "+5491155550201"}, "5a" * 16
    first = _sha256([1042, 1, moment, "round_ended", "guardia", {"round": 1}, "0" * 64])
    digest = _sha256([salt, "caller", called["caller"]])
    second = _sha256([2, 1042, 2, moment, "joined", "caller", {}, {"caller": digest}, first])
    tables = MetaData()
    cases, entries = (Table(name, tables, autoload_with=connection) for name in ("cases", "entries"))
    fields = CaseRow.model_fields.items()
    usual = {name: f.default for name, f in fields if not f.is_required() and name in cases.c}
    case = {"id": 1042, "kind": "refusal", "state": "closed", "reason": "unknown_line", "closed_at": _AT}
    case |= {"opened_at": _AT, "entries": 2, "head": second, "policy": []}
    connection.execute(insert(cases).values(usual | case))
    common = {"case_id": 1042, "at": _AT, "erased": {}}
    old = {"number": 1, "kind": "round_ended", "actor": "guardia", "data": {"round": 1}, "format": 1}
    salted = {"number": 2, "kind": "joined", "actor": "caller", "data": called, "format": 2}
    old |= {"previous": "0" * 64, "hash": first, "salts": {}}
    salted |= {"previous": first, "hash": second, "salts": {"caller": salt}}
    connection.execute(insert(entries), [common | old, common | salted])


def _sha256(content: object) -> str:
    said = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def test_a_new_database_is_not_current(engine: Engine) -> None:
    assert not migrations.is_current(engine)
