"""Both databases, migrated and empty, for whatever asks for a ``store``."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, text

from app import migrations
from oncall.records import CaseRow
from oncall.store import Store, engine_for
from tests.oncall.fakes import Stage
from tests.postgres import PATIENCE, be_patient

_TABLES = ", ".join(CaseRow.metadata.tables)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables and nothing in them, to be copied."""
    path = tmp_path_factory.mktemp("store") / "migrated.db"
    engine = engine_for(f"sqlite:///{path}")
    migrations.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> Iterator[Engine]:
    """One PostgreSQL database with all tables, to be emptied for each test."""
    name = "guardia_of_the_store"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    engine = engine_for(postgres_url.replace("/postgres?", f"/{name}?"))
    be_patient(engine)
    migrations.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store on each database."""
    if request.param == "postgresql":
        yield empty_postgres_store(request.getfixturevalue("migrated_postgres"))
        return
    path = tmp_path / "guardia.db"
    shutil.copyfile(request.getfixturevalue("migrated_file"), path)
    engine = engine_for(f"sqlite:///{path}")
    store = Store(engine)
    store.queue_seconds = PATIENCE
    yield store
    engine.dispose()


@pytest.fixture
def postgres_store(migrated_postgres: Engine) -> Store:
    """An empty store on PostgreSQL alone."""
    return empty_postgres_store(migrated_postgres)


def empty_postgres_store(engine: Engine) -> Store:
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {_TABLES} RESTART IDENTITY CASCADE"))
    return Store(engine)


@pytest.fixture
def stage(store: Store) -> Stage:
    """A dispatcher among fakes on an empty store; calls are not paced."""
    return Stage(store)
