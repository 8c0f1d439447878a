"""A database that has served for years: any number of closed cases, and some that are open.

One real incident is played to its end, another is taken; then their rows are copied.
"""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from bench.page_out import up_to_the_priority
from bench.serving import Guard, serving
from bench.wire import Connection

_FAR = "'2099-01-01 00:00:00.000000'"
_STRIDE = 1000  # of the numbers of pages, so that copies do not meet

# What must differ from copy to copy; {i} is the number of the copy. What is due is due in another life.
_DIFFERING = {
    "cases": {
        "id": "id + {i} * 2",
        "client": "client || '-' || {i}",
        "due_at": "nullif({far}, due_at IS NULL)",
    },
    "calls": {"sid": "sid || {i}", "case_id": "case_id + {i} * 2", "due_at": "NULL"},
    "pages": {
        "id": f"id + {{i}} * {_STRIDE}",
        "case_id": "case_id + {i} * 2",
        "token": "token || {i}",
        "sid": "sid || {i}",
        "person": "person || '-' || ({i} % 50)",
        "due_at": "NULL",
    },
    "entries": {"case_id": "case_id + {i} * 2"},
    "orders": {
        "id": f"id + {{i}} * {_STRIDE}",
        "once": "once || '-' || {i}",
        "case_id": "case_id + {i} * 2",
        "page_id": f"page_id + {{i}} * {_STRIDE}",
    },
}
_KEY_OF_A_CASE = {"cases": "id"}
# Of a closed case only so much is copied, or a million would be more than ten gigabytes.
_KEPT_OF_CLOSED = {"entries": "number <= 4", "orders": "page_id IS NOT NULL"}
_IN_A_HURRY = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000", "temp_store = MEMORY")


def two_cases(folder: Path) -> Path:
    """A database with an incident that is closed, the first, and one that is taken, the second."""
    with serving(2) as guard:
        for client in guard.clients:
            with Connection(guard.port) as connection:
                connection.ask(up_to_the_priority(guard, connection, client))
                arrival = guard.telephone.wait_for("Calls", client.engineer, 10)
                assert arrival is not None
                page = f"/voice/pages/{_token(guard, client.engineer)}"
                sid = "CA" + "f" * 31 + client.line[-1]
                connection.ask(guard.call(client, sid, f"{page}/key/1", digits="1"))
                if client is guard.clients[0]:
                    connection.ask(guard.call(client, sid, f"{page}/disposition/1", digits="2"))
        copy = folder / "two.db"
        with closing(sqlite3.connect(guard.database)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    with closing(sqlite3.connect(copy)) as database:
        database.execute("UPDATE orders SET state = 'done', leased_until = NULL")
        database.execute("UPDATE calls SET due_at = NULL")
        database.execute("UPDATE pages SET due_at = NULL")
        states = [state for (state,) in database.execute("SELECT state FROM cases ORDER BY id")]
        database.commit()
    assert states == ["closed", "acknowledged"], states
    return copy


def multiply(two: Path, database: Path, closed: int, taken: int) -> None:
    """Fill ``database``, whose tables are empty, with copies of the two cases.

    Indices are made at the end: to sort once takes seconds, to keep a million rows sorted takes minutes.
    """
    with closing(sqlite3.connect(database, isolation_level=None)) as grown:
        for pragma in _IN_A_HURRY:
            grown.execute(f"PRAGMA {pragma}")
        grown.execute("ATTACH ? AS two", (str(two),))
        grown.execute("BEGIN")
        indices = grown.execute("SELECT name, sql FROM main.sqlite_master WHERE type = 'index' AND sql <> ''")
        made = [(name, sql) for name, sql in indices]
        for name, _ in made:
            grown.execute(f'DROP INDEX main."{name}"')
        first, second = (id for (id,) in grown.execute("SELECT id FROM two.cases ORDER BY id"))
        for table in _DIFFERING:
            _copy(grown, table, first, closed, _KEPT_OF_CLOSED.get(table, "1"))
            _copy(grown, table, second, taken)
        for _, sql in made:
            grown.execute(sql)
        grown.execute("COMMIT")
        grown.execute("DETACH two")
        grown.execute("PRAGMA journal_mode = WAL")


def _copy(grown: sqlite3.Connection, table: str, case: int, times: int, kept: str = "1") -> None:
    columns = [row[1] for row in grown.execute(f"PRAGMA two.table_info({table})")]
    values = ", ".join(_value(table, column) for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    grown.execute(
        f"""
        INSERT INTO main.{table} ({names})
        WITH RECURSIVE copies(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM copies WHERE i < ?)
        SELECT {values} FROM copies, two.{table} WHERE {_KEY_OF_A_CASE.get(table, "case_id")} = ? AND {kept}
        """,
        (times, case),
    )


def _value(table: str, column: str) -> str:
    differing = _DIFFERING[table].get(column)
    return f'"{column}"' if differing is None else differing.format(i="i", far=_FAR)


def _token(guard: Guard, number: str) -> str:
    with closing(sqlite3.connect(guard.database)) as database:
        query = "SELECT token FROM pages WHERE \"to\" = ? AND channel = 'call'"
        (token,) = database.execute(query, (number,)).fetchone()
    assert re.fullmatch(r"[0-9a-f]+", token)
    return str(token)
