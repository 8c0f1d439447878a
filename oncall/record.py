"""The written record: entries that are appended and never changed, each holding the hash of the one before.

The hash covers every column of an entry, so one changed letter anywhere is
found; the case keeps the count and the last hash, so a removed tail is too.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it has its place: what happened (``kind``), to whom, by whom (``actor``)."""

    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)
    actor: str = "guardia"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a case's record; ``at`` is aware, UTC; ``number`` counts from 1 within the case."""

    case: int
    number: int
    at: datetime
    kind: str
    actor: str
    data: Mapping[str, Any]
    previous: str
    hash: str

    def computed_hash(self) -> str:
        return _hash(self.case, self.number, self.at, self.kind, self.actor, self.data, self.previous)


def seal(case: int, number: int, at: datetime, draft: Draft, previous: str) -> Entry:
    """The entry that ``draft`` becomes: number ``number`` of its case, after the one hashed ``previous``."""
    digest = _hash(case, number, at, draft.kind, draft.actor, draft.data, previous)
    return Entry(case, number, at, draft.kind, draft.actor, draft.data, previous, digest)


def first_broken(entries: Iterable[Entry], count: int, head: str) -> int | None:
    """The number of the first entry that was changed, removed or added; None for an unaltered record.

    ``count`` and ``head`` are what the case says of its record: how many
    entries, and the hash of the last.
    """
    previous, expected = GENESIS, 1
    for entry in entries:
        if (
            entry.number != expected
            or entry.previous != previous
            or entry.hash != entry.computed_hash()
            or entry.number > count
        ):
            return expected
        previous, expected = entry.hash, expected + 1
    if expected - 1 != count:
        return expected
    return None if previous == head else max(count, 1)


def _hash(
    case: int, number: int, at: datetime, kind: str, actor: str, data: Mapping[str, Any], previous: str
) -> str:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    content = [case, number, moment, kind, actor, dict(data), previous]
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
