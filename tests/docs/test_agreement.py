"""docs/agreement.md says what the code decides: reasons, clauses, promises, examples to the minute."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.locales import text
from app.rosterbook import read
from oncall.book import Book
from oncall.eligibility import DISPUTABLE, RULES
from oncall.sla import Priority, Promise

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "agreement.md").read_text("utf-8")
WRITTEN = "%a %Y-%m-%d %H:%M"


@pytest.fixture(scope="module")
def book() -> Book:
    found = read(ROOT / "rosters").book
    assert found is not None
    return found


def test_the_reasons_stand_in_order_with_their_clauses() -> None:
    told = [(row[0].strip("`"), row[1], row[3]) for row in _rows("Who is admitted")]

    assert told == [
        (rule.reason.value, rule.clause, "yes" if rule.reason in DISPUTABLE else "no") for rule in RULES
    ]


def test_every_clause_is_told() -> None:
    assert [row[0] for row in _rows("Clauses")] == [f"A{number}" for number in range(1, 14)]


def test_every_priority_is_told_by_its_name() -> None:
    told = [(row[0].strip("`"), row[1]) for row in _rows("Priorities and promises")]

    assert told == [(priority.value, text(f"priority.{priority}", "es")) for priority in Priority]


def test_the_promises_are_those_of_the_example(book: Book) -> None:
    told = {row[0].strip("`"): (row[3], row[4]) for row in _rows("Priorities and promises")}

    for priority, promises in book.service.promises.items():
        assert told[priority] == (_length(promises.first_response, book), _length(promises.resolution, book))


def test_the_worked_examples_are_right(book: Book) -> None:
    zone = ZoneInfo(book.service.working_hours.timezone)
    for call, priority, first_response, resolution in _rows("Worked examples"):
        promises = book.service.promises[Priority(priority)]
        at = datetime.strptime(call, WRITTEN).replace(tzinfo=zone)
        due = [p.due(at, book.service.working_hours) for p in (promises.first_response, promises.resolution)]

        assert [moment.astimezone(zone).strftime(WRITTEN) for moment in due] == [first_response, resolution]


def _rows(start: str) -> Iterator[list[str]]:
    """The rows of the first table after these words, without its head."""
    after = DOCUMENT.split(start, 1)[1]
    table = re.search(r"(?:^\|.*\n)+", after, re.MULTILINE)
    assert table is not None
    for line in table.group().splitlines()[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def _length(promise: Promise, book: Book) -> str:
    parts = []
    if promise.working is not None:
        parts.append(_working(promise.working, book))
    if promise.elapsed is not None:
        hours = promise.elapsed // timedelta(hours=1)
        parts.append(f"{hours} hour{'' if hours == 1 else 's'}")
    return parts[0] if len(parts) == 1 else f"the earlier of {' and '.join(parts)}"


def _working(length: timedelta, book: Book) -> str:
    """Working days are told in days where they come out even."""
    hours = book.service.working_hours
    day = timedelta(hours=hours.closes.hour - hours.opens.hour)
    if length % day:
        return f"{length // timedelta(hours=1)} working hours"
    return f"{length // day} working days"
