"""The kinds of column that our tables are made of: JSON, moments in UTC, and words of a fixed list."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine
from sqlalchemy_utc import UtcDateTime
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING

_JSON: TypeEngine[Any] = JSON().with_variant(JSONB(), "postgresql")


def json_column(nullable: bool = False, default: str | None = None) -> Any:
    return Field(sa_column=Column(_JSON, nullable=nullable, server_default=default))


def moment(nullable: bool = True, index: bool = False) -> Any:
    return Field(default=None, sa_column=Column(UtcDateTime(), nullable=nullable, index=index))


def one_of(column: str, *values: str, nullable: bool = False) -> CheckConstraint:
    listed = ", ".join(f"'{v}'" for v in values)
    or_null = f"{column} IS NULL OR " if nullable else ""
    return CheckConstraint(f"{or_null}{column} IN ({listed})", name=f"{column}_is_known")
