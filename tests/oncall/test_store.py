"""What the database refuses, and what it keeps apart when everybody writes at once; on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from oncall.record import GENESIS
from oncall.records import CallRow, EntryRow, OrderRow, PageRow, RecordingRow
from oncall.store import Conflict, Store, Work, engine_for
from oncall.store.orders import LEASE
from oncall.store.tables import table
from tests.oncall.examples import AT, seconds

MINUTE = timedelta(minutes=1)
OPEN: dict[str, Any] = {
    "kind": "incident",
    "state": "open",
    "client": "acme",
    "integration": "crm",
    "opened_at": AT,
    "due_at": AT,
}
CLOSED = OPEN | {"state": "closed", "closed_at": AT, "due_at": None}
TAKEN = OPEN | {"state": "acknowledged", "acknowledged_by": "ana", "acknowledged_at": AT}
PAGE: dict[str, Any] = {
    "key": "1.1.ana.1",
    "token": "t1",
    "person": "ana",
    "name": "Ana Paz",
    "language": "es",
    "channel": "call",
    "to": "+5491155550101",
    "round": 1,
    "level": 0,
    "phone": 0,
    "state": "requested",
    "roster": "",
    "sequence": -1,
}
ORDER: dict[str, Any] = {
    "kind": "call",
    "once": "page:1",
    "payload": {},
    "urgency": 0,
    "state": "waiting",
    "created_at": AT,
    "due_at": AT,
    "expires_at": AT + MINUTE,
    "attempts": 0,
    "outcome": "",
}
ENTRY: dict[str, Any] = {
    "number": 1,
    "at": AT,
    "kind": "opened",
    "actor": "guardia",
    "data": {},
    "previous": GENESIS,
    "hash": "h",
}
KINDS = ("call", "page_text", "news", "cancel", "bring", "mail", "recording")


def add_case(store: Store, values: dict[str, Any]) -> int:
    with store.writing() as work:
        return work.add_case(values)


def add(store: Store, row: type[Any], **values: Any) -> None:
    with store.writing() as work:
        work.connection.execute(insert(table(row)).values(**values))


# --- impossible states ---------------------------------------------------------------------------


@pytest.mark.parametrize("values", [OPEN, CLOSED, TAKEN])
def test_what_may_be_is_kept(store: Store, values: dict[str, Any]) -> None:
    assert add_case(store, values) == 1001


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        (CLOSED | {"kind": "complaint"}, "kind_is_known"),
        (OPEN | {"state": "forgotten"}, "state_is_known"),
        (OPEN | {"priority": "urgent"}, "priority_is_known"),
        (OPEN | {"kind": "refusal", "reason": "unknown_line"}, "only_incidents_stay_open"),
        (OPEN | {"kind": "abandoned"}, "only_incidents_stay_open"),
        (CLOSED | {"kind": "refusal"}, "a_refusal_has_a_reason"),
        (OPEN | {"due_at": None}, "an_open_incident_never_rests"),
        (OPEN | {"acknowledged_by": "ana"}, "an_open_incident_has_no_holder"),
        (TAKEN | {"acknowledged_by": None}, "a_taken_incident_has_a_holder"),
        (TAKEN | {"acknowledged_at": None}, "a_taken_incident_has_a_holder"),
        (CLOSED | {"closed_at": None}, "closed_has_its_time"),
        (OPEN | {"closed_at": AT}, "closed_has_its_time"),
    ],
)
def test_the_database_refuses_a_case_that_cannot_be(
    store: Store, values: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        add_case(store, values)


@pytest.mark.parametrize(
    ("row", "first", "second"),
    [
        (PageRow, None, PAGE | {"channel": "pigeon"}),
        (PageRow, None, PAGE | {"state": "lost"}),
        (PageRow, None, PAGE | {"case_id": 7}),
        (PageRow, None, PAGE | {"leg": 99}),
        (PageRow, PAGE, PAGE | {"token": "t2"}),
        (PageRow, PAGE, PAGE | {"key": "1.1.ana.2"}),
        (OrderRow, None, ORDER | {"kind": "fax"}),
        (OrderRow, None, ORDER | {"state": "maybe"}),
        (OrderRow, None, ORDER | {"case_id": 7}),
        (OrderRow, None, ORDER | {"page_id": 7}),
        (OrderRow, ORDER, ORDER),
        (EntryRow, None, ENTRY | {"case_id": 7}),
        (EntryRow, ENTRY, ENTRY | {"kind": "closed"}),
        (RecordingRow, None, {"sid": "RE1", "case_id": 7, "at": AT, "token": "r1"}),
        (
            RecordingRow,
            {"sid": "RE1", "seconds": 1, "at": AT, "token": "r1"},
            {"sid": "RE2", "seconds": 1, "at": AT, "token": "r1"},
        ),
        (CallRow, None, {"sid": "CA1", "case_id": 7, "line": "", "step": "pin", "arrived_at": AT}),
    ],
)
def test_the_database_refuses_a_row_that_cannot_be(
    store: Store, row: type[Any], first: dict[str, Any] | None, second: dict[str, Any]
) -> None:
    case = {"case_id": add_case(store, OPEN)}
    more = {"state": {}, "notes": [], "version": 0} if row is CallRow else {}
    if first:
        add(store, row, **case | first)

    with pytest.raises(IntegrityError):
        add(store, row, **case | more | second)


# --- one incident per integration ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (OPEN, OPEN),
        (TAKEN, OPEN),
        (OPEN | {"integration": None}, OPEN | {"integration": None}),
    ],
)
def test_a_client_has_one_incident_for_an_integration_at_a_time(
    store: Store, first: dict[str, Any], second: dict[str, Any]
) -> None:
    add_case(store, first)

    with pytest.raises(IntegrityError):
        add_case(store, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (CLOSED, OPEN),
        (OPEN, OPEN | {"integration": "erp"}),
        (OPEN, OPEN | {"integration": None}),
        (OPEN, OPEN | {"client": "aurora"}),
        (OPEN, OPEN | {"disputed": True}),
        (OPEN | {"client": None}, OPEN | {"client": None}),
        (OPEN, CLOSED | {"kind": "refusal", "reason": "priority_not_covered"}),
    ],
)
def test_any_other_case_stands_beside_it(store: Store, first: dict[str, Any], second: dict[str, Any]) -> None:
    add_case(store, first)

    assert add_case(store, second) == 1002


# --- references ----------------------------------------------------------------------------------


def in_threads(count: int, step: Callable[[int], Any]) -> list[Any]:
    """What ``step`` gave in each of ``count`` threads that began together."""
    together = Barrier(count)

    def run(number: int) -> Any:
        together.wait()
        return step(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_references_have_no_gaps_when_everybody_calls_at_once(store: Store) -> None:
    ids = in_threads(8, lambda n: [add_case(store, OPEN | {"integration": f"{n}-{k}"}) for k in range(3)])

    assert sorted(id for found in ids for id in found) == list(range(1001, 1025))


def test_a_case_that_was_undone_leaves_no_gap(store: Store) -> None:
    def add_two_of_one() -> None:
        with store.writing() as work:
            work.add_case(OPEN)
            work.add_case(OPEN)

    with pytest.raises(IntegrityError):
        add_two_of_one()

    assert add_case(store, OPEN) == 1001


# --- orders --------------------------------------------------------------------------------------


def order(work: Work, once: str, kind: str = "mail", urgency: int = 0) -> None:
    work.order(kind, once, AT, MINUTE, urgency=urgency)


def claim(store: Store, after: float = 0, rate: float = 0) -> str | None:
    with store.writing() as work:
        taken = work.claim_order(AT + seconds(after), rate, KINDS)
        return str(taken[0].once) if taken else None


def test_two_workers_never_get_the_same_order(store: Store) -> None:
    with store.writing() as work:
        for number in range(24):
            order(work, f"mail:{number}")

    def claim_all(_: int) -> list[str]:
        found = []
        while once := claim(store):
            found.append(once)
        return found

    claimed = [once for mine in in_threads(4, claim_all) for once in mine]

    assert sorted(claimed) == sorted(f"mail:{n}" for n in range(24))


def test_a_lease_that_ran_out_is_claimed_again_and_not_before(store: Store) -> None:
    with store.writing() as work:
        order(work, "mail:1")
    assert claim(store) == "mail:1"

    before = claim(store, LEASE.total_seconds() - 1)
    after = claim(store, LEASE.total_seconds())

    assert (before, after) == (None, "mail:1")


def test_the_most_urgent_order_leaves_first_then_the_oldest(store: Store) -> None:
    with store.writing() as work:
        for once, urgency in (("late", 50), ("first", 0), ("second", 0)):
            order(work, once, urgency=urgency)

    assert [claim(store) for _ in range(4)] == ["first", "second", "late", None]


def test_the_same_order_twice_is_one_order(store: Store) -> None:
    for _ in range(2):
        with store.writing() as work:
            order(work, "page:1")

    assert [claim(store), claim(store)] == ["page:1", None]


def test_an_order_that_is_done_void_or_put_off_is_not_claimed(store: Store) -> None:
    with store.writing() as work:
        for once in ("done", "later"):
            order(work, once)
    with store.writing() as work:
        for _ in range(2):
            taken = work.claim_order(AT, 0, KINDS)
            assert taken is not None
            row = taken[0]
            if row.once == "done":
                work.finish_order(row.id, "done")
            else:
                work.postpone_order(row.id, AT + seconds(30), "not processed")

    assert [claim(store), claim(store, 29), claim(store, 30)] == [None, None, "later"]


def test_calls_are_paced_for_all_workers_together_and_texts_are_not(store: Store) -> None:
    with store.writing() as work:
        for number in range(3):
            order(work, f"call:{number}", "call")
        order(work, "text", "page_text", urgency=9)

    together = in_threads(3, lambda _: claim(store, rate=1))

    assert sorted(map(str, together)) == ["None", "call:0", "text"]
    assert [claim(store, 0.9, 1), claim(store, 1, 1), claim(store, 1, 1), claim(store, 2, 1)] == [
        None,
        "call:1",
        None,
        "call:2",
    ]


def test_without_pacing_every_call_leaves_at_once(store: Store) -> None:
    with store.writing() as work:
        for number in range(3):
            order(work, f"call:{number}", "call")

    assert [claim(store) for _ in range(3)] == ["call:0", "call:1", "call:2"]


def test_when_the_next_order_is_due_counts_leases_and_the_pacing(store: Store) -> None:
    with store.writing() as work:
        order(work, "call:0", "call")
        order(work, "call:1", "call")
    assert claim(store, rate=0.5) == "call:0"

    with store.reading() as work:
        assert work.next_order_due(("call",)) == AT + seconds(2)
        assert work.next_order_due(("mail",)) is None


# --- guarded updates -----------------------------------------------------------------------------


def test_whoever_writes_a_case_with_an_old_version_writes_nothing(store: Store) -> None:
    case = add_case(store, OPEN)
    with store.writing() as work:
        found = work.incident(case)
        assert found is not None
        incident, row = found
        assert work.save_incident(case, incident, incident, row.version, {"due_at": AT, "priority": "high"})

    with store.writing() as work:
        late = work.save_incident(
            case, incident, incident, row.version, {"due_at": AT, "priority": "blocker"}
        )

    assert late is False
    with store.reading() as work:
        assert work.case(case).priority == "high"  # type: ignore[union-attr]


def test_status_callbacks_are_applied_by_their_number(store: Store) -> None:
    add(store, PageRow, case_id=add_case(store, OPEN), **PAGE)

    with store.writing() as work:
        applied = [work.advance_sequence(1, number) for number in (0, 2, 1, 2, 3)]

    assert applied == [True, True, False, False, True]


def test_what_is_written_wakes_the_worker_once_it_is_committed(store: Store) -> None:
    woken: list[str] = []
    store.on_orders(lambda: woken.append("orders"))

    with store.writing() as work:
        order(work, "mail:1")
        assert woken == []

    assert woken == ["orders"]
    with store.writing() as work:
        work.beat("worker", AT)
    assert woken == ["orders"]


# --- told once, done once ------------------------------------------------------------------------


def test_an_alarm_is_told_once_by_whoever_is_first_and_again_only_if_it_lasts(store: Store) -> None:
    def tells(after: float) -> bool:
        with store.writing() as work:
            return work.first_in_a_while("provider", AT + seconds(after), MINUTE)

    assert sorted(in_threads(4, lambda _: tells(0))) == [False, False, False, True]
    assert [tells(59), tells(60), tells(60)] == [False, True, False]


def test_a_chore_is_done_by_one_worker(store: Store) -> None:
    def does(_: int) -> bool:
        with store.writing() as work:
            return work.first_to_do("handoff:2026-11-23", AT)

    assert sorted(in_threads(4, does)) == [False, False, False, True]


def test_sqlite_takes_up_the_connection_that_was_used_last(tmp_path: Path) -> None:
    """Each keeps pages and statements of its own, and those of the one just used are warm."""
    engine = engine_for(f"sqlite:///{tmp_path / 'guardia.db'}")
    together = [engine.connect() for _ in range(3)]
    last = together[-1].connection.dbapi_connection
    for connection in together:
        connection.close()

    for _ in range(5):
        with engine.connect() as connection:
            assert connection.connection.dbapi_connection is last
    engine.dispose()


@pytest.mark.postgres
def test_a_transaction_that_the_server_undid_while_we_were_held_up_is_done_again(
    postgres_store: Store,
) -> None:
    def is_there(pid: int) -> bool:
        with postgres_store.reading() as work:
            found = work.connection.execute(
                text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid"), {"pid": pid}
            )
            return bool(found.scalar())

    def held_up() -> None:
        with postgres_store.writing() as work:
            pid = work.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            work.connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = '1ms'"))
            while is_there(pid):
                pass
            work.connection.execute(text("SELECT 1"))

    with pytest.raises(Conflict):
        held_up()
