"""What the database keeps of files, waits and what is owed, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from oncall.store import Store
from tests.oncall.examples import AT

HOUR = timedelta(hours=1)
CLOSED: dict[str, Any] = {"kind": "refusal", "state": "closed", "reason": "priority_not_covered"}
LOG: dict[str, Any] = {
    "digest": "9f" * 32,
    "name": "log.txt",
    "media_type": "text/plain",
    "size": 12,
    "by": "ana",
    "at": AT,
    "token": "t1",
}
WAIT: dict[str, Any] = {
    "party": "client",
    "asked": "El certificado",
    "whom": "Marta Ruiz",
    "channel": "mail",
    "since": AT,
    "until": AT + HOUR,
    "due_at": AT + HOUR,
}
OWED: dict[str, Any] = {
    "what": "agreement",
    "person": "ana",
    "name": "Ana Paz",
    "page": "p1",
    "since": AT,
    "due_at": AT + HOUR,
}


@pytest.fixture
def case(store: Store) -> int:
    with store.writing() as work:
        return work.add_case(CLOSED | {"opened_at": AT, "closed_at": AT})


def test_a_file_that_comes_twice_is_kept_once(store: Store, case: int) -> None:
    with store.writing() as work:
        added = [work.add_file(case, LOG), work.add_file(case, LOG | {"token": "t2"})]
        assert added == [True, False]
        assert work.add_file(case, LOG | {"token": "t3", "name": "other.txt"})

    with store.reading() as work:
        assert [file.name for file in work.files(case)] == ["log.txt", "other.txt"]


def test_a_wait_ends_once_and_is_due_until_then(store: Store, case: int) -> None:
    with store.writing() as work:
        work.add_wait(case, 3, WAIT)
        assert work.due().first == work.due().waits == AT + HOUR
        assert [wait.entry for wait in work.overdue_waits(AT + HOUR)] == [3]
        assert work.end_wait(case, 3, AT + HOUR / 2, "person")
        assert not work.end_wait(case, 3, AT + HOUR, "limit")
        assert work.due().waits is None

    with store.reading() as work:
        assert [(w.ended_at, w.ended_by) for w in work.waits(case)] == [(AT + HOUR / 2, "person")]


def test_a_wait_that_never_ends_is_refused(store: Store, case: int) -> None:
    with pytest.raises(IntegrityError), store.writing() as work:
        work.add_wait(case, 3, WAIT | {"due_at": None})


def test_what_is_owed_is_asked_for_once_by_whoever_is_first_and_never_after(store: Store, case: int) -> None:
    with store.writing() as work:
        work.owe(case, OWED)
        [owed] = work.owed(case)
        assert work.overdue_writings(AT + HOUR) == [owed.id]
        assert work.ask_again(owed.id, 0, AT + 2 * HOUR)
        assert not work.ask_again(owed.id, 0, AT + 3 * HOUR)
        work.settle(case, "agreement", AT + HOUR)
        assert not work.ask_again(owed.id, 1, AT + 3 * HOUR)

    with store.reading() as work:
        assert work.owed(case) == []
        assert work.due().owed is None
