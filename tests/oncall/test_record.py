"""The record: any letter changed, any line removed, added or moved, is found, and by its number."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.record import GENESIS, Draft, Entry, first_broken, seal

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
        entries.append(seal(1042, number, AT + timedelta(seconds=number), draft, previous))
    return entries


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


def test_the_same_moment_in_another_zone_is_the_same_entry() -> None:
    elsewhere = STORY[0].at.astimezone(timezone(timedelta(hours=-3)))

    assert replace(STORY[0], at=elsewhere).computed_hash() == STORY[0].hash


def test_the_order_of_keys_in_the_data_does_not_matter_since_databases_do_not_keep_it() -> None:
    one = seal(1, 1, AT, Draft("opened", {"a": 1, "b": 2}), GENESIS)
    other = seal(1, 1, AT, Draft("opened", {"b": 2, "a": 1}), GENESIS)

    assert one.hash == other.hash
