"""The record for programs: all that whoever proves it needs, and nothing of any other case."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from oncall.record import Anchor, Entry, digest_of, path_of
from oncall.store import Work
from oncall.store.cases import reference_of

VERIFIER = Path(__file__).with_name("verify_record.py")


def export(work: Work, row: Row[Any]) -> bytes:
    """The record as JSON: entries with their salts, and the anchors from the first that covers them on."""
    points = work.anchors_of(row.id)
    anchors = work.anchors_from(points[0][0]) if points else []
    document = {
        "guardia": "record",
        "reference": reference_of(row.id),
        "case": row.id,
        "count": row.entries,
        "head": row.head,
        "entries": [_entry(entry) for entry in work.record(row.id)],
        "anchors": [_anchor(anchor) for anchor in anchors],
        "anchored": [
            {
                "anchor": number,
                "count": head.count,
                "head": head.hash,
                "path": path_of(work.heads_under(number), row.id),
            }
            for number, head in points
        ],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _entry(entry: Entry) -> dict[str, Any]:
    """The numbers of our own people are withheld, as on the page: their digests prove them all the same."""
    withheld = {
        name: digest_of(salt, name, entry.data[name])
        for name, salt in entry.salts.items()
        if name == "to" and str(entry.data[name]).startswith("+")
    }
    return {
        "number": entry.number,
        "at": _moment(entry.at),
        "kind": entry.kind,
        "actor": entry.actor,
        "roster": entry.roster,
        "data": {name: value for name, value in entry.data.items() if name not in withheld},
        "format": entry.format,
        "salts": {name: salt for name, salt in entry.salts.items() if name not in withheld},
        "withheld": withheld,
        "erased": dict(entry.erased),
        "previous": entry.previous,
        "hash": entry.hash,
    }


def _anchor(anchor: Anchor) -> dict[str, Any]:
    return {
        "number": anchor.number,
        "day": anchor.day,
        "at": _moment(anchor.at),
        "previous": anchor.previous,
        "cases": anchor.cases,
        "root": anchor.root,
        "hash": anchor.hash,
    }


def _moment(at: datetime) -> str:
    """As it was hashed."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
