"""Statements that are run for every webhook and every page, handed to SQLite's driver as they are.

SQLAlchemy says what each of them is in SQL, and how its values are written and read: once, at its first
use. To have a statement prepared anew costs several times what SQLite takes to run it. Everything else,
and PostgreSQL, goes through SQLAlchemy as ever.
"""

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, Connection, Dialect, or_
from sqlalchemy.exc import DBAPIError

S = TypeVar("S")
_Values = Mapping[str, Any]
_Process = Callable[[Any], Any]

# Each hot statement, with what was made of it for each set of names it was given values for.
_hot: dict[Any, "dict[tuple[str, ...], _Prepared | None]"] = {}


def hot(statement: S) -> S:
    """Have a statement, which lives as long as the process, prepared once."""
    _hot[statement] = {}
    return statement


def is_one_of(column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """As ``in_``, whose list SQLAlchemy writes out anew each time it is run."""
    return or_(*(column == value for value in values))


class Quick:
    """A connection to SQLite, in a transaction, on which a hot statement costs little."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._driver = cast(sqlite3.Connection, connection.connection.dbapi_connection)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, statement: Any, values: Any = None, **more: Any) -> Any:
        forms = _hot.get(statement)
        if forms is not None:
            rows: Sequence[_Values] = values if isinstance(values, list) else (values or {},)
            names = tuple(rows[0])
            if names not in forms:
                forms[names] = _prepared(statement, names, self._connection.dialect)
            if prepared := forms[names]:
                return prepared.run(self._driver, rows)
        return self._connection.execute(statement, values, **more)


class _Found:
    """What a statement gave; asked as SQLAlchemy's own result is asked."""

    def __init__(self, rows: list[Any], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def first(self) -> Any:
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        (row,) = self._rows
        return row

    def scalar(self) -> Any:
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        return self.one()[0]

    def scalars(self) -> list[Any]:
        return [row[0] for row in self._rows]


class _Prepared:
    def __init__(
        self,
        sql: str,
        writes: Sequence[tuple[str, Any, _Process | None]],
        names: Sequence[str],
        reads: Sequence[tuple[int, _Process]],
        dialect: Dialect,
    ) -> None:
        """``writes``: each value's name, what stands for it where it is not given, and how it is written.

        ``reads``: which columns of a row are not as the driver gives them, and how they are read.
        """
        self._sql = sql
        self._writes = writes
        self._reads = reads
        # As a row of SQLAlchemy's: its columns by name and by place.
        row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # known only here
        self._row: Callable[[Iterable[Any]], Any] = row._make
        self._dialect = dialect

    def run(self, driver: sqlite3.Connection, rows: Sequence[_Values]) -> _Found:
        written = [self._written(row) for row in rows]
        try:
            if len(written) > 1:
                return _Found([], driver.executemany(self._sql, written).rowcount)
            cursor = driver.execute(self._sql, written[0])
            found = cursor.fetchall()
        except sqlite3.Error as error:
            raise cast(
                Exception,
                DBAPIError.instance(self._sql, written, error, sqlite3.Error, dialect=self._dialect),
            ) from error
        return _Found([self._row(self._read(row)) for row in found], cursor.rowcount)

    def _written(self, row: _Values) -> list[Any]:
        return [
            value if process is None else process(value)
            for name, default, process in self._writes
            for value in (row.get(name, default),)
        ]

    def _read(self, row: tuple[Any, ...]) -> Sequence[Any]:
        if not self._reads:
            return row
        changed = list(row)
        for place, process in self._reads:
            if row[place] is not None:
                changed[place] = process(row[place])
        return changed


def _prepared(statement: Any, names: Sequence[str], dialect: Dialect) -> _Prepared | None:
    """None where only SQLAlchemy can run it: a list is to be written out, or a default to be worked out."""
    made = statement.compile(dialect=dialect, column_keys=list(names))
    filled = [*(getattr(made, "insert_prefetch", ())), *(getattr(made, "update_prefetch", ()))]
    if made.post_compile_params or not all(column.default.is_scalar for column in filled):
        return None
    defaults = {column.key: column.default.arg for column in filled}
    writes = []
    for name in made.positiontup:
        bound = made.binds[name]
        process = bound.type.dialect_impl(dialect).bind_processor(dialect)
        writes.append((name, defaults.get(name, bound.value), process))
    columns = list(getattr(statement, "exported_columns", ()))
    reads = [
        (place, process)
        for place, column in enumerate(columns)
        if (process := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
    ]
    keys = [column.key or f"column_{place}" for place, column in enumerate(columns)]
    return _Prepared(str(made), writes, keys, reads, dialect)
