"""Names and numbers leave the database, and the record still proves itself."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from oncall.dispatcher import Dispatcher
from oncall.record import Draft, first_broken
from oncall.record.erasure import mentions, without
from oncall.records import CallRow, CaseRow, OrderRow, PageRow
from oncall.store import Store
from oncall.store.tables import table
from tests.oncall.examples import AT
from tests.oncall.fakes import Stage

YEAR = timedelta(days=365)
MARTA, MARTAS_PHONE, MARTAS_MAIL = "Marta Ruiz", "+5491155550201", "marta@acme.example"
OTHER = "+5491155550299"
ANA = {"person": "ana", "name": "Ana"}
CLOSED: dict[str, Any] = {
    "kind": "refusal",
    "state": "closed",
    "reason": "priority_not_covered",
    "opened_at": AT,
    "closed_at": AT,
}


def written(store: Store, caller: str = MARTAS_PHONE, contact: str = MARTA) -> int:
    """A closed case that holds a person wherever the guard writes one."""
    with store.writing() as work:
        case = work.add_case(CLOSED | {"caller": caller, "contact": contact})
        facts = {"line": "+541152630001", "caller": caller, "withheld": False}
        work.append(
            case,
            AT,
            [
                Draft("call_arrived", facts, "caller"),
                Draft("caller_identified", {"contact": contact, "how": "number"}),
                Draft("priority_chosen", {"priority": "low"}, "caller"),
                Draft("mailed", {"template": "refusal", "to": [MARTAS_MAIL, "lucia@aivo.example"]}),
                Draft(
                    "note", {"person": "ana", "name": "Ana", "text": f"Hablé con {contact.upper()}."}, "ana"
                ),
            ],
        )
        call = {
            "sid": f"CA{case}",
            "line": "+541152630001",
            "caller": caller,
            "step": "over",
            "case_id": case,
        }
        call |= {"arrived_at": AT, "state": {"caller": caller, "contact": contact}, "notes": [], "version": 1}
        work.connection.execute(insert(table(CallRow)).values(call))
        page = {"case_id": case, "key": "k", "token": f"t{case}", "person": "marta", "name": contact}
        page |= {"channel": "call", "to": caller, "round": 1, "level": 0, "state": "failed"}
        page |= {"language": "es", "phone": 0, "roster": "", "sequence": -1}
        work.connection.execute(
            insert(table(PageRow)).values(page | {"phone": 0, "roster": "", "sequence": -1})
        )
        order = {"kind": "mail", "once": f"mail:{case}", "case_id": case, "state": "done", "outcome": ""}
        order |= {"payload": {"facts": {"contact": contact, "entries": [{"data": {"caller": caller}}]}}}
        order |= {"created_at": AT, "due_at": AT, "expires_at": AT, "attempts": 1, "urgency": 0}
        work.connection.execute(insert(table(OrderRow)).values(order))
    return case


def everything(store: Store) -> str:
    """All that the database holds, as text."""
    with store.reading() as work:
        names = [name for name in CaseRow.metadata.tables if name not in ("rosters", "blobs")]
        return repr([work.connection.execute(text(f'SELECT * FROM "{n}"')).all() for n in names])


def whole(store: Store, case: int) -> bool:
    with store.reading() as work:
        row = work.case(case)
        assert row is not None
        return first_broken(work.record(case), row.entries, row.head) is None


def erase(store: Store, case: int, words: list[str] | None) -> int:
    with store.writing() as work:
        return work.erase(case, words, "request" if words else "retention", AT + YEAR)


def test_on_request_nothing_that_names_the_person_is_left_and_the_chain_is_whole(store: Store) -> None:
    case, other = written(store), written(store, OTHER, "Otra Persona")

    count = erase(store, case, [MARTA, MARTAS_PHONE])

    assert count == 3
    assert whole(store, case)
    assert whole(store, other)
    left = everything(store)
    for word in (MARTA, MARTA.upper(), MARTAS_PHONE):
        assert word not in left
    assert OTHER in left
    assert MARTAS_MAIL in left  # nobody asked for it


def test_an_erasure_is_an_entry_that_names_entries_and_fields_and_nobody(store: Store) -> None:
    case = written(store)

    erase(store, case, [MARTA, MARTAS_PHONE])

    with store.reading() as work:
        last = list(work.record(case))[-1]
    assert last.kind == "erased"
    assert last.data["fields"] == {"1": ["caller"], "2": ["contact"], "5": ["text"]}
    assert (last.data["count"], last.data["ground"]) == (3, "request")


def test_what_was_erased_once_can_be_erased_further(store: Store) -> None:
    case = written(store)

    erase(store, case, [MARTA])
    erase(store, case, [MARTAS_PHONE, MARTAS_MAIL])
    again = erase(store, case, [MARTAS_PHONE])

    assert again == 0
    assert whole(store, case)


def test_an_entry_of_guardia_0_1_can_be_erased_too(store: Store) -> None:
    case = written(store)
    with store.writing() as work:
        head = "0" * 64
        for entry in list(work.record(case)):
            old = replace(entry, previous=head, format=1, salts={})
            head = old.computed_hash()
            values = {"p": old.previous, "h": head, "c": case, "n": entry.number}
            change = "UPDATE entries SET format = 1, salts = '{}', previous = :p, hash = :h"
            work.connection.execute(text(f"{change} WHERE case_id = :c AND number = :n"), values)
        work.update_case(case, {"head": head})
    assert whole(store, case)

    erase(store, case, [MARTAS_PHONE])
    erase(store, case, None)

    assert whole(store, case)
    assert MARTAS_PHONE not in everything(store)
    with store.writing() as work:
        work.connection.execute(text("UPDATE entries SET kind = 'x' WHERE number = 1"))
    assert not whole(store, case)


def test_a_call_that_never_became_a_case_is_looked_through_too(store: Store) -> None:
    with store.writing() as work:
        call = {"sid": "CA9", "line": "+541152630001", "caller": MARTAS_PHONE, "step": "over", "version": 1}
        call |= {"arrived_at": AT, "state": {"caller": MARTAS_PHONE}, "notes": []}
        work.connection.execute(insert(table(CallRow)).values(call))

        assert work.erase_outside_cases([MARTAS_PHONE]) == 1

    assert MARTAS_PHONE not in everything(store)


def test_cases_that_mention_somebody_are_found_in_any_letter_case(store: Store) -> None:
    case = written(store)
    written(store, OTHER, "Otra Persona")

    with store.reading() as work:
        assert work.cases_mentioning(["marta ruiz"]) == [case]
        assert work.cases_mentioning(["nobody at all"]) == []


def test_the_content_of_one_file_goes_and_its_hash_stays(store: Store, stage: Stage) -> None:
    case, other = written(store), written(store)
    mine, shared = stage.shelf.put(b"mine"), stage.shelf.put(b"shared")
    with store.writing() as work:
        for token, (of, digest) in enumerate(((case, mine), (case, shared), (other, shared))):
            file = {"digest": digest, "name": "a.txt", "media_type": "text/plain", "size": 4}
            work.add_file(of, file | {"by": "ana", "at": AT, "token": str(token)})

    done = [stage.dispatcher.erase_file(case, digest, AT + YEAR) for digest in (mine, shared, mine)]

    assert done == [True, True, False]
    assert (stage.shelf.get(mine), stage.shelf.get(shared)) == (None, b"shared")
    with store.reading() as work:
        assert (work.files(case), len(work.files(other))) == ([], 1)
        assert [e.data["sha256"] for e in work.record(case) if e.kind == "file_erased"] == [mine, shared]
    assert whole(store, case)


def test_a_file_of_a_case_that_is_held_stays(store: Store, stage: Stage) -> None:
    case = written(store)
    digest = stage.shelf.put(b"evidence")
    with store.writing() as work:
        file = {"digest": digest, "name": "a.txt", "media_type": "text/plain", "size": 8}
        work.add_file(case, file | {"by": "ana", "at": AT, "token": "f"})
        work.hold(case, "Juicio 12/26", AT)

    assert not stage.dispatcher.erase_file(case, digest, AT + YEAR)
    assert stage.shelf.get(digest) == b"evidence"


# --- when their time is over ---------------------------------------------------------------------


@pytest.fixture
def dispatcher(stage: Stage) -> Dispatcher:
    """One that keeps personal data for a year."""
    book = stage.books.book
    stage.books.book = replace(book, service=replace(book.service, personal_data_kept=YEAR))
    return stage.dispatcher


def test_when_their_time_is_over_all_that_is_personal_is_erased_once(
    store: Store, stage: Stage, dispatcher: Dispatcher
) -> None:
    case = written(store)
    digest = stage.shelf.put(b"a file of the case")
    with store.writing() as work:
        file = {"digest": digest, "name": "marta.txt", "media_type": "text/plain", "size": 18}
        work.add_file(case, file | {"by": "ana", "at": AT, "token": "f"})

    early = dispatcher.forget_old_cases(AT + YEAR - timedelta(hours=2))
    late = dispatcher.forget_old_cases(AT + YEAR + timedelta(hours=2))
    again = dispatcher.forget_old_cases(AT + YEAR + timedelta(hours=4))

    assert (early, late, again) == (0, 1, 0)
    left = everything(store)
    for word in (MARTA, MARTAS_PHONE, MARTAS_MAIL, "marta.txt"):
        assert word not in left
    assert stage.shelf.get(digest) is None
    assert whole(store, case)


def test_what_is_held_or_not_closed_is_not_forgotten(store: Store, dispatcher: Dispatcher) -> None:
    held = written(store)
    with store.writing() as work:
        work.hold(held, "Juicio 12/26", AT)
        live = work.add_case(
            CLOSED | {"kind": "incident", "state": "open", "closed_at": None, "due_at": AT, "contact": MARTA}
        )

    assert dispatcher.forget_old_cases(AT + 2 * YEAR) == 0
    with store.writing() as work:
        work.hold(held, None, AT)
    assert dispatcher.forget_old_cases(AT + 3 * YEAR) == 1

    with store.reading() as work:
        assert work.case(live).contact == MARTA  # type: ignore[union-attr]
    assert whole(store, held)


def test_without_a_word_in_service_yaml_nothing_is_forgotten(store: Store, stage: Stage) -> None:
    written(store)

    assert stage.dispatcher.forget_old_cases(AT + 90 * YEAR) == 0


def test_a_value_mentions_somebody_however_deep_it_lies() -> None:
    value = {"facts": [{"to": ["x", "MARTA ruiz"]}, 7, None, True]}

    assert mentions(value, ["Marta Ruiz"])
    assert not mentions(value, ["Ana"])
    assert without(value, ["Marta Ruiz"]) == {"facts": [{"to": ["x", ""]}, 7, None, True]}
