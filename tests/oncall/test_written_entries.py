"""The record in the database: one whole chain whoever writes, every column covered, under its rosters."""

import logging

import pytest
from sqlalchemy import text, update

from oncall.record import GENESIS, Draft, Entry, first_broken
from oncall.records import EntryRow
from oncall.store import Store
from oncall.store.tables import table
from tests.oncall.examples import AT
from tests.oncall.test_store import OPEN, add_case, in_threads


def whole(store: Store, case: int) -> int | None:
    with store.reading() as work:
        row = work.case(case)
        assert row is not None
        return first_broken(work.record(case), row.entries, row.head)


def test_a_record_that_everybody_writes_at_once_is_one_whole_chain(store: Store) -> None:
    case = add_case(store, OPEN)

    def write(number: int) -> None:
        for step in range(5):
            with store.writing() as work:
                work.append(case, AT, (Draft("round_ended", {"round": number * 10 + step}),))

    in_threads(6, write)

    assert whole(store, case) is None
    with store.reading() as work:
        assert [entry.number for entry in work.record(case)] == list(range(1, 31))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2026-11-23 03:00:00.000001"),
        ("kind", "'closes'"),
        ("actor", "'bruno'"),
        ("data", '{"person": "bruno", "ñ": 1.5}'),
        ("previous", "'0'"),
        ("hash", "'0'"),
        ("number", "7"),
        ("format", "1"),
        ("format", "2"),
        ("format", "4"),
        ("roster", "another"),
        ("salts", "{}"),
        ("salts", '{"name": "0"}'),
        ("erased", '{"name": "0"}'),
    ],
)
def test_one_changed_column_of_one_entry_is_found(store: Store, column: str, value: str) -> None:
    case = add_case(store, OPEN)
    with store.writing() as work:
        odd = Draft("mailed", {"template": "ñ", "to": [1, None, True, 1.5, "\N{PEOPLE HUGGING}"]})
        work.append(case, AT, [odd, Draft("client_called", {"person": "ana", "name": "Ana"}, "ana"), odd])
    assert whole(store, case) is None

    with store.writing() as work:
        changed = text(f"UPDATE entries SET {column} = {_quoted(value)} WHERE number = 2")
        work.connection.execute(changed)

    assert whole(store, case) == 2


def test_each_entry_names_the_rosters_in_force_as_it_is_written(store: Store) -> None:
    case, versions = add_case(store, OPEN), iter(["r1", "r2+1", None])
    with store.writing() as work:
        work.append(case, AT, [Draft("round_ended", {"round": 1})])
        work.enter_roster("folder", "r0", {}, AT)
    with store.writing() as work:  # who has no book takes the newest that was accepted
        work.append(case, AT, [Draft("round_ended", {"round": 2})])
    store.name_rosters(lambda: next(versions))

    for round_ in (3, 4, 5):
        with store.writing() as work:
            work.append(case, AT, [Draft("round_ended", {"round": round_})])

    with store.reading() as work:
        assert [entry.roster for entry in work.record(case)] == [None, "r0", "r1", "r2+1", None]
    assert whole(store, case) is None


def test_what_does_not_fit_the_grammar_is_written_all_the_same_and_said_to_us(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    case = add_case(store, OPEN)
    log = logging.getLogger("oncall.store.entries")
    strict, log.handlers = log.handlers, []  # what lets no other test pass

    with store.writing() as work:
        work.append(case, AT, [Draft("teleported", {"to": "Mars"}), Draft("closed", {}, "ana")])
    log.handlers = strict

    assert whole(store, case) is None
    with store.reading() as work:
        assert [(e.kind, sorted(e.salts)) for e in work.record(case)] == [
            ("teleported", ["to"]),
            ("closed", []),
        ]
    assert "teleported" in caplog.text
    assert "how is missing" in caplog.text


def test_a_record_of_guardia_0_1_still_holds_and_goes_on(store: Store) -> None:
    case = add_case(store, OPEN)
    draft = Draft("round_ended", {"round": 1})
    with store.writing() as work:
        work.append(case, AT, [draft])
        old = Entry(case, 1, AT, draft.kind, draft.actor, dict(draft.data), GENESIS, "")
        columns = {"format": 1, "hash": old.computed_hash()}
        work.connection.execute(update(table(EntryRow)).values(columns))
        work.update_case(case, {"head": old.computed_hash()})

    with store.writing() as work:
        work.append(case, AT, [Draft("joined", {"caller": "+5491155550201"}, "caller")])

    assert whole(store, case) is None


def _quoted(value: str) -> str:
    return value if value.startswith("'") or value.isdigit() else f"'{value}'"
