"""The kinds of column that our tables are made of: JSON, moments in UTC, and words of a fixed list."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Connection, Dialect, MetaData, event, text
from sqlalchemy.types import TypeDecorator, TypeEngine
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
SQLModel.model_config["defer_build"] = True  # rows are SQLAlchemy's: nobody has one validated


class _Json(TypeDecorator[Any]):
    """JSON, which PostgreSQL keeps as JSONB; its dialect is large, and loaded only by who has it."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return super().load_dialect_impl(dialect)
        from sqlalchemy.dialects.postgresql import JSONB

        return dialect.type_descriptor(JSONB())


def json_column(nullable: bool = False, default: str | None = None) -> Any:
    return Field(sa_column=Column(_Json(), nullable=nullable, server_default=default))


def only_where(condition: str) -> dict[str, Any]:
    """Of an index: only the rows of which this is true."""
    return {"sqlite_where": text(condition)}


@event.listens_for(SQLModel.metadata, "before_create")
def _say_it_to_postgresql(metadata: MetaData, connection: Connection, **_: object) -> None:
    """The same of its indexes, and not before: to name its words loads the whole dialect."""
    if connection.dialect.name != "postgresql":
        return
    for index in (index for table in metadata.tables.values() for index in table.indexes):
        index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]


def moment(nullable: bool = True, index: bool = False) -> Any:
    return Field(default=None, sa_column=Column(UtcDateTime(), nullable=nullable, index=index))


def one_of(column: str, *values: str, nullable: bool = False) -> CheckConstraint:
    listed = ", ".join(f"'{v}'" for v in values)
    or_null = f"{column} IS NULL OR " if nullable else ""
    return CheckConstraint(f"{or_null}{column} IN ({listed})", name=f"{column}_is_known")
