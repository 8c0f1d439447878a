"""After a million cases: a manager opens one, searches, and asks for the report of a month.

The million is made by SQL: five years of a hundred clients, half of the cases incidents with
their entries and pages, and a night's worth of them with a wait, so that entries are read too.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app import migrations
from app.report import Month, Reports, gather
from app.rosterbook.keeper import FolderBooks
from app.web.office import DeskLinks, Office, office_blueprint
from app.web.office.casepages import CasePages
from app.web.office.reportpages import ReportPages
from app.web.pages import pages_blueprint
from bench.harness import Progress, Result, milliseconds, percentile
from oncall.dispatcher import Dispatcher
from oncall.ports import BookKeeper
from oncall.store import Store, engine_for

CASES = 1_000_000
CLIENTS = 100
_MONTHS = 60
_AT = datetime(2026, 11, 15, 12, tzinfo=UTC)
_ROSTERS = Path(__file__).parents[1] / "rosters"
_PAGE_WITHIN, _CLIENT_WITHIN, _ALL_WITHIN = 50.0, 1_000.0, 10_000.0  # milliseconds
_TIMES = 20
_SECRET, _ORIGIN = "secret of the bench", "http://127.0.0.1"

# The moment of case {i}, in seconds before _AT: evenly over the years.
_BACK = f"({_MONTHS} * 2629800.0 * ({CASES} - i) / {CASES})"


def run(progress: Progress) -> list[Result]:
    with TemporaryDirectory(prefix="guardia-bench-") as name, _open(Path(name) / "guardia.db") as store:
        _fill(Path(name) / "guardia.db", lambda done: progress(done * 0.6))
        desk = DeskLinks(_SECRET, "").address("lucia")
        books = FolderBooks(_ROSTERS)
        browser = _desk(store, books)

        def shown(place: str) -> Callable[[], None]:
            def show() -> None:
                assert browser.get(desk + place, base_url=_ORIGIN).status_code == 200

            return show

        of_case = milliseconds(shown(f"/cases/G-{1000 + CASES // 2}"), _TIMES, _silent)
        front = milliseconds(shown(""), _TIMES, _silent)
        search = milliseconds(shown("?client=c7&month=2024-03"), _TIMES, _silent)
        progress(0.7)
        month = Month.read("2026-10", books.current().service.working_hours.timezone)
        assert month is not None
        one = min(_report(store, books, month, "c7", _silent) for _ in range(3))
        progress(0.8)
        everybody = min(_report(store, books, month, None, _silent) for _ in range(2))
        progress(1)
    return [
        Result("cases", "", CASES),
        Result("case page p50", "ms", percentile(of_case, 50), _PAGE_WITHIN),
        Result("case page p95", "ms", percentile(of_case, 95)),
        Result("front page p50", "ms", percentile(front, 50)),
        Result("search p50", "ms", percentile(search, 50)),
        Result("monthly report of one client", "ms", one, _CLIENT_WITHIN),
        Result("monthly report of all", "ms", everybody, _ALL_WITHIN),
    ]


def _silent(_share: float) -> None:
    """Parts of a measurement that are told as one."""


def _report(store: Store, books: BookKeeper, month: Month, client: str | None, tell: Progress) -> float:
    start = perf_counter()
    found = gather(store, books.current(), month, client, _AT, tell)
    took = (perf_counter() - start) * 1000
    assert found.all.cases > CASES // _MONTHS // CLIENTS // 2, found.all.cases
    return took


class _Clock:
    def now(self) -> datetime:
        return _AT


class _Nobody:
    """Telephone, mail and PINs: nobody who reads asks for them."""


@contextmanager
def _open(database: Path) -> Iterator[Store]:
    store = Store(engine_for(f"sqlite:///{database}"))
    migrations.upgrade(store.engine)
    try:
        yield store
    finally:
        store.engine.dispose()


def _desk(store: Store, books: BookKeeper) -> FlaskClient:
    """The managers' desk alone, over a database."""
    nobody: Any = _Nobody()
    dispatcher = Dispatcher(store, books, nobody, nobody, nobody, str, str)
    clock, app = _Clock(), Flask("bench")
    app.secret_key = _SECRET
    pages = CasePages(dispatcher), ReportPages(Reports(store, books, clock))
    app.register_blueprint(pages_blueprint(nobody, clock))
    app.register_blueprint(office_blueprint(Office(books, clock, DeskLinks(_SECRET, ""), *pages)))
    return app.test_client()


def _fill(database: Path, progress: Progress) -> None:
    steps = [_cases(), *_entries(), _pages(), _waits()]
    with closing(sqlite3.connect(database)) as grown:
        grown.execute("PRAGMA synchronous=OFF")
        for number, step in enumerate(steps, start=1):
            grown.execute(step)
            grown.commit()
            progress(number / len(steps))
        grown.execute("ANALYZE")
        grown.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _moment(after: str = "0") -> str:
    seconds = f"({_AT.timestamp()} - {_BACK} + {after})"
    return f"strftime('%Y-%m-%d %H:%M:%f000', {seconds}, 'unixepoch')"


def _series(columns: str, where: str = "1") -> str:
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {CASES})"
    return f"{numbers} SELECT {columns} FROM n WHERE {where}"


_IS_INCIDENT = "i % 2 = 0"


def _cases() -> str:
    def if_incident(value: str) -> str:
        return f"CASE WHEN {_IS_INCIDENT} THEN {value} END"

    taken, closed = "60 + i % 300", "600 + (i % 40) * 900"
    values = {
        "id": "1000 + i",
        "kind": f"CASE WHEN {_IS_INCIDENT} THEN 'incident'"
        " WHEN i % 5 = 1 THEN 'abandoned' ELSE 'refusal' END",
        "state": "'closed'",
        "client": f"'c' || ((i * 7919) % {CLIENTS})",
        "client_name": f"'Client ' || ((i * 7919) % {CLIENTS})",
        "integration": "'crm'",
        "integration_name": "'CRM Salesforce'",
        "priority": if_incident("CASE i % 4 WHEN 0 THEN 'blocker' ELSE 'high' END"),
        "reason": f"CASE WHEN NOT {_IS_INCIDENT} AND i % 5 <> 1 THEN 'priority_not_covered' END",
        "language": "'es'",
        "timezone": "'America/Argentina/Buenos_Aires'",
        "opened_at": _moment(),
        "acknowledged_at": if_incident(_moment(taken)),
        "acknowledged_by": if_incident("'ana'"),
        "acknowledged_by_name": if_incident("'Ana Paz'"),
        "first_taken_at": if_incident(_moment(taken)),
        "closed_at": _moment(closed),
        "respond_by": if_incident(_moment("3600")),
        "resolve_by": if_incident(_moment("6 * 3600")),
        "entries": f"CASE WHEN {_IS_INCIDENT} THEN 4 ELSE 1 END",
        "head": "'0'",
    }
    zero = ("unverified", "disputed", "round", "level", "is_resting", "letters", "version", "ticketed")
    constant = dict.fromkeys(zero, "0") | {"line": "''", "team": "'integrations'", "roster": "''"}
    constant |= {"policy": "'[]'", "ring": "25", "caller": "NULL", "contact": "'Marta Ruiz'"}
    return _insert("cases", values | constant)


def _entries() -> Iterator[str]:
    promised = '{"first_response": {"elapsed": 3600}, "resolution": {"elapsed": 21600}}'
    told = {
        1: ("CASE WHEN i % 2 = 0 THEN 'call_arrived' ELSE 'refused' END", "{}", "0", "1"),
        2: ("'opened'", f'{{"priority": "blocker", "promised": {promised}}}', "0", _IS_INCIDENT),
        3: (
            "'acknowledged'",
            '{"person": "ana", "name": "Ana Paz", "by": "key"}',
            "60 + i % 300",
            _IS_INCIDENT,
        ),
        4: ("'closed'", '{"how": "solved"}', "600 + (i % 40) * 900", _IS_INCIDENT),
    }
    for number, (kind, data, after, where) in told.items():
        values = {
            "case_id": "1000 + i",
            "number": str(number),
            "at": _moment(after),
            "kind": kind,
            "actor": "'guardia'",
            "data": f"'{data}'",
            "previous": "'0'",
            "hash": "'0'",
            "format": "2",
            "salts": "'{}'",
            "erased": "'{}'",
        }
        yield _insert("entries", values, where)


def _pages() -> str:
    values = {
        "case_id": "1000 + i",
        "key": "'1'",
        "token": "'t' || i",
        "person": "'p' || (i % 12)",
        "name": "'Person ' || (i % 12)",
        "language": "'es'",
        "channel": "CASE i % 4 WHEN 0 THEN 'call' ELSE 'sms' END",
        '"to"': "'+5491155550101'",
        "round": "1",
        "level": "0",
        "phone": "0",
        "state": "'acknowledged'",
        "requested_at": _moment("5"),
        "roster": "''",
        "sequence": "-1",
    }
    return _insert("pages", values, _IS_INCIDENT)


def _waits() -> str:
    values = {
        "case_id": "1000 + i",
        "entry": "3",
        "party": "'client'",
        "asked": "'logs'",
        "whom": "'Marta'",
        "channel": "'mail'",
        "since": _moment("300"),
        "until": _moment("900"),
        "ended_at": _moment("500"),
        "ended_by": "'person'",
    }
    return _insert("waits", values, "i % 100 = 0")


def _insert(table: str, values: dict[str, str], where: str = "1") -> str:
    return f"INSERT INTO {table} ({', '.join(values)}) {_series(', '.join(values.values()), where)}"
