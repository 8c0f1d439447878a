"""The anchors: whoever holds one from outside finds any record that was written anew before it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from oncall.dispatcher import Dispatcher
from oncall.record import (
    GENESIS,
    Anchor,
    Draft,
    Head,
    drop_anchor,
    first_broken,
    first_broken_anchor,
    hash_of,
    leaf,
    path_of,
    root_of,
)
from oncall.records import OrderRow
from oncall.store import Store
from oncall.store.tables import table
from tests.oncall.examples import AT
from tests.oncall.fakes import Stage

HASHES = st.binary(min_size=32, max_size=32).map(bytes.hex)
HEADS = st.dictionaries(st.integers(1001, 9999), st.tuples(st.integers(1, 400), HASHES), max_size=40).map(
    lambda found: [Head(case, *of) for case, of in sorted(found.items())]
)
CASE: dict[str, Any] = {"kind": "refusal", "reason": "priority_not_covered", "state": "closed"}
CASE |= {"opened_at": AT, "closed_at": AT}
DAY = timedelta(days=1)


def chain(*days: list[Head]) -> list[tuple[Anchor, list[Head]]]:
    made: list[tuple[Anchor, list[Head]]] = []
    for number, heads in enumerate(days, start=1):
        previous = made[-1][0].hash if made else GENESIS
        made.append((drop_anchor(number, f"2026-11-{number:02}", AT + number * DAY, previous, heads), heads))
    return made


@given(st.lists(HEADS, max_size=4))
def test_anchors_as_they_were_written_hold(days: list[list[Head]]) -> None:
    assert first_broken_anchor(chain(*days)) is None


OTHER: dict[str, Any] = {
    "number": 9,
    "day": "2026-11-09",
    "at": AT,
    "previous": "f" * 64,
    "cases": 7,
    "root": "f" * 64,
    "hash": "f" * 64,
}


@pytest.mark.parametrize("column", list(Anchor.__slots__))
def test_every_column_of_an_anchor_is_covered(column: str) -> None:
    heads = [Head(1001, 3, "a" * 64), Head(1002, 1, "b" * 64)]
    anchors = chain(heads, heads, heads)

    anchors[1] = (replace(anchors[1][0], **{column: OTHER[column]}), heads)

    assert first_broken_anchor(anchors) == 2


@given(HEADS.filter(len), st.data())
def test_no_head_can_be_changed_added_or_removed(heads: list[Head], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(heads) - 1))
    change = data.draw(st.sampled_from(["count", "hash", "case", "remove", "repeat"]))
    before, one, after = heads[:place], heads[place], heads[place + 1 :]
    forged = {
        "count": [*before, replace(one, count=one.count + 1), *after],
        "hash": [*before, replace(one, hash="0" * 64), *after],
        "case": [*before, replace(one, case=one.case + 10_000), *after],
        "remove": [*before, *after],
        "repeat": [*before, one, one, *after],
    }[change]

    ((anchor, _),) = chain(heads)

    assert first_broken_anchor([(anchor, forged)]) == 1


@given(HEADS.filter(len), st.data())
def test_a_client_can_be_shown_that_its_record_is_in_the_anchor_and_nothing_else(
    heads: list[Head], data: st.DataObject
) -> None:
    head = data.draw(st.sampled_from(heads))

    found = leaf(head)
    for side, neighbour in path_of(heads, head.case):
        found = hash_of(["node", neighbour, found] if side == "left" else ["node", found, neighbour])

    assert found == root_of(heads)


# --- once a day ----------------------------------------------------------------------------------


@pytest.fixture
def dispatcher(stage: Stage) -> Dispatcher:
    """One whose anchors go to a notary."""
    book = stage.books.book
    stage.books.book = replace(book, service=replace(book.service, anchors=("notary@law.example",)))
    return stage.dispatcher


def written(store: Store, entries: int = 2) -> int:
    with store.writing() as work:
        case = work.add_case(CASE)
        work.append(case, AT, [Draft("round_ended", {"round": n}) for n in range(entries)])
    return case


def test_each_day_is_anchored_once_though_it_is_asked_every_minute(
    store: Store, dispatcher: Dispatcher
) -> None:
    cases = [written(store), written(store)]

    first = dispatcher.anchor_records(AT)
    again = dispatcher.anchor_records(AT + timedelta(minutes=1))
    with store.writing() as work:
        work.append(cases[0], AT, [Draft("round_ended", {"round": 9})])
    second = dispatcher.anchor_records(AT + DAY)
    quiet = dispatcher.anchor_records(AT + 2 * DAY)

    assert again is None
    assert [a.cases for a in (first, second, quiet) if a] == [2, 1, 0]
    assert first is not None
    assert first.day == (AT - DAY).date().isoformat()
    with store.reading() as work:
        assert first_broken_anchor(work.anchors_with_heads()) is None
        assert [head.count for _, head in work.anchors_of(cases[0])] == [2, 3]
        assert set(work.anchored_hashes()[cases[0]]) == {2, 3}


def test_more_records_than_one_transaction_should_hold_are_anchored_one_after_another(
    store: Store,
) -> None:
    for _ in range(5):
        written(store)

    after: int | None = 0
    while after is not None:
        with store.writing() as work:
            _, after = work.anchor("2026-11-22", AT, after, portion=2)

    with store.reading() as work:
        assert [anchor.cases for anchor in work.anchors()] == [2, 2, 1]
        assert first_broken_anchor(work.anchors_with_heads()) is None


def test_a_record_written_anew_with_hashes_that_fit_is_found_by_its_anchor(
    store: Store, dispatcher: Dispatcher
) -> None:
    case, other = written(store, 3), written(store, 3)
    dispatcher.anchor_records(AT)
    with store.writing() as work:
        work.append(other, AT, [Draft("round_ended", {"round": 8})])
        work.connection.exec_driver_sql(f"DELETE FROM entries WHERE case_id = {case}")
        work.update_case(case, {"head": GENESIS, "entries": 0})
        work.append(case, AT, [Draft("round_ended", {"round": n}) for n in (7, 1, 2, 3)])

    with store.reading() as work:
        row, anchored = work.case(case), work.anchored_hashes()
        assert row is not None
        assert first_broken(work.record(case), row.entries, row.head) is None
        assert first_broken(work.record(case), row.entries, row.head, anchored[case]) == 3
        untouched = work.case(other)
        assert untouched is not None
        assert first_broken(work.record(other), untouched.entries, untouched.head, anchored[other]) is None


def test_the_anchor_is_mailed_to_each_address_outside(store: Store, dispatcher: Dispatcher) -> None:
    written(store)

    anchor = dispatcher.anchor_records(AT)

    assert anchor is not None
    with store.reading() as work:
        orders = work.connection.execute(select(table(OrderRow).c.payload)).scalars().all()
    assert [(o["template"], o["to"], o["facts"]["hash"]) for o in orders] == [
        ("anchor", ["notary@law.example"], anchor.hash)
    ]
