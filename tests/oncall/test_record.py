"""The record: any letter changed, any line removed, added or moved, is found, and by its number."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.record import (
    GENESIS,
    GRAMMAR,
    Draft,
    Entry,
    digest_of,
    erased,
    first_broken,
    in_order_of_time,
    misfits,
    roster_spans,
    seal,
)

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
DATA = st.dictionaries(
    WORDS,
    WORDS | st.integers(-(2**40), 2**40) | st.booleans() | st.none() | st.lists(WORDS, max_size=3),
    max_size=4,
)
DRAFTS = st.builds(Draft, WORDS, DATA, WORDS)
RECORDS = st.lists(DRAFTS, min_size=1, max_size=8)


def written(drafts: Sequence[Draft]) -> list[Entry]:
    entries: list[Entry] = []
    for number, draft in enumerate(drafts, start=1):
        previous = entries[-1].hash if entries else GENESIS
        salts = {name: f"salt {number} {name}" for name in draft.data}
        entries.append(seal(1042, number, AT + timedelta(seconds=number), draft, previous, salts, "r1"))
    return entries


def second_format(drafts: Sequence[Draft]) -> list[Entry]:
    """The same as it was written before entries named their rosters."""
    entries: list[Entry] = []
    for entry in written(drafts):
        previous = entries[-1].hash if entries else GENESIS
        before = replace(entry, previous=previous, format=2, roster=None)
        entries.append(replace(before, hash=before.computed_hash()))
    return entries


def first_format(drafts: Sequence[Draft]) -> list[Entry]:
    """The same as Guardia 0.1 wrote it."""
    entries: list[Entry] = []
    for number, d in enumerate(drafts, start=1):
        previous = entries[-1].hash if entries else GENESIS
        at = AT + timedelta(seconds=number)
        entry = Entry(1042, number, at, d.kind, d.actor, dict(d.data), previous, "")
        entries.append(replace(entry, hash=entry.computed_hash()))
    return entries


def with_erasure(entries: Sequence[Entry], number: int, names: Sequence[str]) -> list[Entry]:
    """The record after these fields of an entry were erased, and an entry said so."""
    changed = erased(entries[number - 1], names)
    rests = {str(number): changed.rest_hash()} if changed.format == 1 else None
    data = {"fields": {str(number): sorted(changed.erased)}, "count": 1, "ground": "request"}
    draft = Draft("erased", data | ({"rests": rests} if rests else {}))
    last = seal(1042, len(entries) + 1, AT, draft, entries[-1].hash)
    return [*entries[: number - 1], changed, *entries[number:], last]


def broken(found: Sequence[Entry], original: Sequence[Entry]) -> int | None:
    """What a check of ``found`` says when the case was left as it was."""
    return first_broken(found, len(original), original[-1].hash if original else GENESIS)


STORY = written(
    [Draft("opened", {"priority": "blocker"}), Draft("page_requested", {"person": "ana"}), Draft("closed")]
)


def test_the_first_entry_stands_on_nothing_and_each_other_on_the_one_before() -> None:
    assert STORY[0].previous == GENESIS
    assert [e.previous for e in STORY[1:]] == [e.hash for e in STORY[:-1]]


def test_an_empty_record_is_whole() -> None:
    assert first_broken([], 0, GENESIS) is None


@given(RECORDS)
def test_a_record_as_it_was_written_is_whole(drafts: list[Draft]) -> None:
    entries = written(drafts)

    assert broken(entries, entries) is None


CHANGES: dict[str, Any] = {
    "case": 1043,
    "number": 7,
    "at": STORY[1].at + timedelta(microseconds=1),
    "kind": "page_requeste",
    "actor": "ana",
    "data": {"person": "ama"},
    "previous": GENESIS,
    "hash": "f" * 64,
    "format": 1,
    "salts": {"person": "another salt"},
    "erased": {"person": "f" * 64},
    "roster": "r2",
}


@pytest.mark.parametrize("column", list(Entry.__slots__))
def test_every_column_of_an_entry_is_covered(column: str) -> None:
    changed = [STORY[0], replace(STORY[1], **{column: CHANGES[column]}), STORY[2]]

    assert broken(changed, STORY) == 2


@given(RECORDS, st.data())
def test_a_changed_entry_is_named_by_its_number(drafts: list[Draft], data: st.DataObject) -> None:
    entries = written(drafts)
    at = data.draw(st.integers(0, len(entries) - 1))
    other = data.draw(DRAFTS.filter(lambda d: (d.kind, dict(d.data), d.actor) != _content(entries[at])))

    changed = replace(entries[at], kind=other.kind, data=other.data, actor=other.actor)

    assert broken([*entries[:at], changed, *entries[at + 1 :]], entries) == at + 1


def _content(entry: Entry) -> tuple[str, dict[str, Any], str]:
    return entry.kind, dict(entry.data), entry.actor


@given(RECORDS, st.data())
def test_a_removed_entry_is_missed(drafts: list[Draft], data: st.DataObject) -> None:
    entries = written(drafts)
    at = data.draw(st.integers(0, len(entries) - 1))

    assert broken(entries[:at] + entries[at + 1 :], entries) == at + 1


@given(RECORDS, DRAFTS)
def test_an_entry_added_at_the_end_is_found_although_its_hash_is_right(
    drafts: list[Draft], extra: Draft
) -> None:
    entries = written(drafts)
    added = seal(1042, len(entries) + 1, AT, extra, entries[-1].hash)

    assert broken([*entries, added], entries) == len(entries) + 1


@given(RECORDS.filter(lambda drafts: len(drafts) > 1), st.data())
def test_two_swapped_entries_are_found(drafts: list[Draft], data: st.DataObject) -> None:
    entries = written(drafts)
    at = data.draw(st.integers(0, len(entries) - 2))
    swapped = [*entries]
    swapped[at], swapped[at + 1] = swapped[at + 1], swapped[at]

    assert broken(swapped, entries) == at + 1


def test_a_record_rewritten_from_the_middle_is_found_by_the_head_that_the_case_keeps() -> None:
    forged = written(
        [Draft("opened", {"priority": "blocker"}), Draft("page_requested", {"person": "ana"}), Draft("x")]
    )

    assert broken(forged, STORY) == 3


def test_a_record_emptied_whole_is_found() -> None:
    assert broken([], STORY) == 1


@pytest.mark.parametrize("roster", [None, "", "r1", "r1+1"])
def test_under_which_rosters_an_entry_was_written_is_covered_also_where_none_was_known(
    roster: str | None,
) -> None:
    entry = seal(1042, 1, AT, Draft("opened"), GENESIS, roster=roster)

    others = [other for other in (None, "", "r1", "r1+1") if other != roster]

    assert all(replace(entry, roster=other).computed_hash() != entry.hash for other in others)


@pytest.mark.parametrize("write", [first_format, second_format])
def test_an_entry_of_before_rosters_were_noted_may_not_be_given_one(
    write: Callable[[Sequence[Draft]], list[Entry]],
) -> None:
    entries = write([Draft("opened"), Draft("closed")])
    assert broken(entries, entries) is None

    entries[1] = replace(entries[1], roster="r1")

    assert broken(entries, entries) == 2


def test_the_same_moment_in_another_zone_is_the_same_entry() -> None:
    elsewhere = STORY[0].at.astimezone(timezone(timedelta(hours=-3)))

    assert replace(STORY[0], at=elsewhere).computed_hash() == STORY[0].hash


def test_the_order_of_keys_in_the_data_does_not_matter_since_databases_do_not_keep_it() -> None:
    one = seal(1, 1, AT, Draft("opened", {"a": 1, "b": 2}), GENESIS)
    other = seal(1, 1, AT, Draft("opened", {"b": 2, "a": 1}), GENESIS)

    assert one.hash == other.hash


# --- as people read it ---------------------------------------------------------------------------


def test_people_read_what_happened_first_first_whatever_was_written_first() -> None:
    late = [replace(entry, at=AT - timedelta(seconds=3)) for entry in STORY[2:]]

    assert [e.number for e in in_order_of_time([*STORY[:2], *late])] == [3, 1, 2]
    assert [e.number for e in in_order_of_time(replace(e, at=AT) for e in reversed(STORY))] == [1, 2, 3]


def test_the_rosters_of_a_record_are_told_once_and_again_where_they_changed() -> None:
    versions = [None, "r1", "r1", "r2", "r1"]
    entries = [replace(STORY[0], number=n, roster=version) for n, version in enumerate(versions, start=1)]

    spans = roster_spans(reversed(entries))

    assert [(s.version, s.first, s.last) for s in spans] == [
        (None, 1, 1),
        ("r1", 2, 3),
        ("r2", 4, 4),
        ("r1", 5, 5),
    ]


# --- what was erased -----------------------------------------------------------------------------

CALLED = Draft("joined", {"caller": "+5491155550201"}, "caller")


@pytest.mark.parametrize("write", [written, second_format, first_format])
@given(RECORDS, st.data())
def test_what_is_erased_leaves_the_chain_whole(
    write: Callable[[Sequence[Draft]], list[Entry]], drafts: list[Draft], data: st.DataObject
) -> None:
    entries = write(drafts)
    number = data.draw(st.integers(1, len(entries)))
    names = data.draw(st.lists(st.sampled_from([*entries[number - 1].data, "no such field"])))

    after = with_erasure(entries, number, names)

    assert not set(names) & set(after[number - 1].data)
    assert broken(after, after) is None


@pytest.mark.parametrize("write", [written, second_format, first_format])
@pytest.mark.parametrize("column", list(Entry.__slots__))
def test_an_entry_of_which_something_was_erased_is_covered_in_every_column_still(
    write: Callable[[Sequence[Draft]], list[Entry]], column: str
) -> None:
    drafts = [CALLED, Draft("page_ringing", {"person": "ana", "name": "Ana", "to": "+54"}), CALLED]
    after = with_erasure(write(drafts), 2, ["name"])
    other = (after[1].format % 3) + 1 if column == "format" else CHANGES[column]

    after[1] = replace(after[1], **{column: other})

    assert broken(after, after) == 2


def test_a_value_emptied_in_silence_is_found_however_well_it_was_done() -> None:
    entries = written([CALLED, CALLED, CALLED])

    entries[1] = erased(entries[1], ["caller"])

    assert entries[1].hash == entries[1].computed_hash()
    assert broken(entries, entries) == 2


def test_an_erasure_allows_nothing_but_what_it_names() -> None:
    after = with_erasure(written([CALLED, CALLED, CALLED]), 2, ["caller"])

    after[2] = erased(after[2], ["caller"])

    assert broken(after, after) == 3


def test_an_erasure_says_nothing_of_what_was_written_after_it() -> None:
    ahead = Draft("erased", {"fields": {"3": ["caller"]}, "count": 1, "ground": "request"})
    entries = written([CALLED])
    entries.append(seal(1042, 2, AT, ahead, entries[-1].hash))
    entries.append(erased(seal(1042, 3, AT, CALLED, entries[-1].hash, {"caller": "salt"}), ["caller"]))

    assert broken(entries, entries) == 3


def test_nothing_of_an_erased_value_is_left_but_a_digest_that_cannot_be_guessed() -> None:
    entry = erased(written([CALLED])[0], ["caller"])

    assert "+5491155550201" not in repr(entry)
    assert entry.salts == {}
    assert entry.erased["caller"] not in (
        digest_of("", "caller", "+5491155550201"),
        digest_of("0", "caller", ""),
    )


# --- the grammar ---------------------------------------------------------------------------------

WRONG: list[tuple[Draft, str]] = [
    (Draft("teleported"), "no entry of kind 'teleported'"),
    (Draft("joined", {}, "caller"), "caller is missing"),
    (Draft("joined", {"caller": "", "mood": "bad"}, "caller"), "mood is not of this kind"),
    (Draft("joined", {"caller": None}, "caller"), "caller may not be NoneType"),
    (Draft("pin_rejected", {"tries": True}, "caller"), "tries may not be bool"),
    (Draft("pin_rejected", {"tries": 1}, "ana"), "ana may not be its actor"),
    (
        Draft("disposition", {"person": "ana", "name": "Ana", "answer": "solved"}),
        "guardia may not be its actor",
    ),
]


@pytest.mark.parametrize(("draft", "said"), WRONG)
def test_a_draft_that_does_not_fit_the_grammar_is_told_why(draft: Draft, said: str) -> None:
    assert said in "; ".join(misfits(draft))


def test_a_draft_that_fits_has_nothing_wrong() -> None:
    assert misfits(CALLED) == []
    assert misfits(Draft("integration_chosen", {"integration": None}, "caller")) == []


def test_names_and_numbers_of_people_can_be_erased_wherever_they_stand() -> None:
    always = {"caller", "contact", "to", "bcc", "taken_by", "people", "whom", "text"}

    for kind, form in GRAMMAR.items():
        assert always & form.facts.keys() <= set(form.personal), kind
        assert "person" not in form.facts or "name" in form.personal, kind
