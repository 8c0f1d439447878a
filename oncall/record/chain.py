"""The chain: what the hash of an entry covers, and where a record was changed.

The hash covers every column of an entry, so one changed letter anywhere is
found; the case keeps the count and the last hash, so a removed tail is too.
Names and numbers are covered by salted digests: they can be erased, salt and
all, and the chain still holds. An erasure is an entry itself, so that nothing
disappears in silence. ``docs/record.md`` says all this for whoever checks it.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64

# How an entry is hashed: 1 is that of Guardia 0.1, over the data as they are; 2 over salted digests;
# 3 over the version of the rosters too. New entries have the last; the others stay as they were written.
FIRST_FORMAT, SALTED_FORMAT, FORMAT = 1, 2, 3

_NOTHING: Mapping[Any, Any] = {}
# Made once: to make an encoder costs as much as to hash an entry.
_canonical = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), check_circular=False
).encode
_quoted = json.encoder.encode_basestring


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it has its place: what happened (``kind``), to whom, by whom (``actor``)."""

    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)
    actor: str = "guardia"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a case's record; ``at`` is aware, UTC; ``number`` counts from 1 within the case.

    ``salts`` are those of the fields of ``data`` that can be erased; ``erased``
    holds the digests of those that were. ``roster`` is the version of the rosters
    in force when it was written; None where none could be read, or none was noted.
    """

    case: int
    number: int
    at: datetime
    kind: str
    actor: str
    data: Mapping[str, Any]
    previous: str
    hash: str
    format: int = FIRST_FORMAT
    salts: Mapping[str, str] = field(default_factory=dict)
    erased: Mapping[str, str] = field(default_factory=dict)
    roster: str | None = None

    def computed_hash(self) -> str:
        """What the hash has to be; empty where the columns contradict each other."""
        if not (
            isinstance(self.data, dict) and isinstance(self.salts, dict) and isinstance(self.erased, dict)
        ):
            return ""  # as nothing of ours writes it
        if self.format == FIRST_FORMAT:
            if self.salts or self.erased or self.roster is not None:
                return ""
            return hash_of([*self._head(), dict(self.data), self.previous])
        if not (self.salts.keys() <= self.data.keys() and self.erased.keys().isdisjoint(self.data)):
            return ""
        covered = (self._open_data(), self._digests(), self.previous)
        if self.format == FORMAT:
            return hash_of([FORMAT, *self._head(), self.roster, *covered])
        if self.format != SALTED_FORMAT or self.roster is not None:
            return ""
        return hash_of([SALTED_FORMAT, *self._head(), *covered])

    def rest_hash(self) -> str:
        """What stands for an entry of the first format once something of it was erased."""
        return hash_of([*self._head(), dict(self.data), dict(self.erased), self.previous, self.hash])

    def _head(self) -> tuple[int, int, str, str, str]:
        at = self.at if self.at.tzinfo is UTC else self.at.astimezone(UTC)
        moment = at.isoformat(timespec="microseconds")
        return self.case, self.number, moment, self.kind, self.actor

    def _open_data(self) -> dict[str, Any]:
        if not self.salts:
            return dict(self.data)
        return {name: value for name, value in self.data.items() if name not in self.salts}

    def _digests(self) -> dict[str, str]:
        return {n: digest_of(salt, n, self.data[n]) for n, salt in self.salts.items()} | dict(self.erased)


def digest_of(salt: str, name: str, value: object) -> str:
    """What the chain covers of a value that can be erased: without its salt it cannot be guessed."""
    if type(value) is str and type(salt) is str:  # nearly all are: the same, in half the time
        words = f"[{_quoted(salt)},{_quoted(name)},{_quoted(value)}]"
        return hashlib.sha256(words.encode()).hexdigest()
    return hash_of([salt, name, value])


def seal(
    case: int,
    number: int,
    at: datetime,
    draft: Draft,
    previous: str,
    salts: Mapping[str, str] = _NOTHING,
    roster: str | None = None,
) -> Entry:
    """The entry that ``draft`` becomes: number ``number`` of its case, after the one hashed ``previous``.

    ``salts`` are random, one for each field of the data that can be erased; ``roster``
    is the version of the rosters in force.
    """
    entry = Entry(
        case,
        number,
        at,
        draft.kind,
        draft.actor,
        dict(draft.data),
        previous,
        "",
        FORMAT,
        dict(salts),
        roster=roster,
    )
    return replace(entry, hash=entry.computed_hash())


def erased(entry: Entry, names: Collection[str]) -> Entry:
    """The entry without the values of these fields and without their salts; its hash stays.

    An entry of the first format has no digests: there, only ``rest_hash`` covers what is left.
    """
    gone = {name for name in names if name in entry.data}
    if entry.format != FIRST_FORMAT:
        gone &= entry.salts.keys()
    digests = {
        name: digest_of(entry.salts[name], name, entry.data[name]) if name in entry.salts else ""
        for name in gone
    }
    return replace(
        entry,
        data={name: value for name, value in entry.data.items() if name not in gone},
        salts={name: salt for name, salt in entry.salts.items() if name not in gone},
        erased=dict(entry.erased) | digests,
    )


def first_broken(
    entries: Iterable[Entry], count: int, head: str, anchored: Mapping[int, str] = _NOTHING
) -> int | None:
    """The number of the first entry that was changed, removed or added; None for an unaltered record.

    ``count`` and ``head`` are what the case says of its record: how many
    entries, and the hash of the last. ``anchored`` are the hashes that anchors
    hold of its entries. What was erased without an entry that says so counts
    as changed.
    """
    entries = list(entries)
    allowed = _Erasures(entries)
    previous, expected = GENESIS, 1
    for entry in entries:
        if (
            entry.number != expected
            or entry.previous != previous
            or not (entry.hash == entry.computed_hash() or allowed.covers_rest(entry))
            or entry.number > count
            or not allowed.covers(entry)
            or anchored.get(expected, entry.hash) != entry.hash
        ):
            return expected
        previous, expected = entry.hash, expected + 1
    if expected - 1 != count or any(number > count for number in anchored):
        return expected
    return None if previous == head else max(count, 1)


class _Erasures:
    """What the entries of kind ``erased`` say was erased of the entries before them."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._fields: dict[str, set[str]] = {}
        self._rests: dict[str, str] = {}
        for entry in entries:
            if entry.kind == "erased" and entry.hash == entry.computed_hash():
                self._note(entry)

    def _note(self, entry: Entry) -> None:
        for number, names in entry.data["fields"].items():
            if int(number) < entry.number:
                self._fields.setdefault(number, set()).update(names)
        self._rests |= entry.data.get("rests", {})

    def covers(self, entry: Entry) -> bool:
        return not entry.erased or entry.erased.keys() <= self._fields.get(str(entry.number), set())

    def covers_rest(self, entry: Entry) -> bool:
        """An entry of the first format of which something was erased: what is left is as it was then."""
        is_old = (
            entry.format == FIRST_FORMAT and bool(entry.erased) and not entry.salts and entry.roster is None
        )
        return is_old and self._rests.get(str(entry.number)) == entry.rest_hash()


def hash_of(content: object) -> str:
    """SHA-256 of the content as JSON: keys in order, no spaces, letters as they are, in UTF-8."""
    return hashlib.sha256(_canonical(content).encode()).hexdigest()
