"""The tables of the records, as SQLAlchemy sees them."""

from sqlalchemy import Table
from sqlmodel import SQLModel


def table(record: type[SQLModel]) -> Table:
    found: Table = record.__table__  # type: ignore[attr-defined]
    return found
