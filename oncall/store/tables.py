"""The tables of the records, as SQLAlchemy sees them."""

from importlib import import_module
from typing import Any

from sqlalchemy import Connection, Table
from sqlmodel import SQLModel


def table(record: type[SQLModel]) -> Table:
    found: Table = record.__table__  # type: ignore[attr-defined]
    return found


def dialect_of(connection: Connection) -> str:
    """``sqlite`` or ``postgresql``."""
    return connection.dialect.name


def insert_of(dialect: str, into: Table) -> Any:
    """An INSERT that may say what becomes of a conflict; of the other kind of database nothing is loaded."""
    return import_module(f"sqlalchemy.dialects.{dialect}").insert(into)
