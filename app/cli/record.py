"""``guardia verify`` and ``verifier``: the record, proven unaltered by its chains and each day's anchors."""

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from app.cli.cases import case_named, print_json
from app.cli.database import reading
from app.cli.options import Options, json_option
from oncall.record import Anchor, Entry, first_broken, first_broken_anchor
from oncall.store import Work
from oncall.store.cases import reference_of

_EXIT_NO = 1
_EXIT_USAGE = 2
_HASH = re.compile(r"\b[0-9a-f]{64}\b")


@dataclass(frozen=True, slots=True)
class _Broken:
    """What is not as it was written: an entry of a case, or an anchor."""

    case: int = 0
    entry: int = 0
    anchor: int | None = None

    def __str__(self) -> str:
        if self.anchor is not None:
            return f"anchor {self.anchor} is not what was written"
        return f"{reference_of(self.case)} entry {self.entry} is not what was written"

    def as_json(self) -> dict[str, Any]:
        if self.anchor is not None:
            return {"reference": None, "entry": None, "anchor": self.anchor}
        return {"reference": reference_of(self.case), "entry": self.entry}


@click.command()
@click.argument("reference", metavar="[REF]", required=False)
@click.option(
    "--anchor",
    "mailed",
    metavar="HASH",
    help="Look for this anchor too: the hash, or a file that holds it, such as the mail.",
)
@json_option
@click.pass_obj
def verify(options: Options, reference: str | None, mailed: str | None) -> None:
    """Check that no entry of the record was changed, removed or added, and that the anchors hold it."""
    wanted = None if mailed is None else _hash_in(mailed)
    with reading(snapshot=True) as work:
        anchors = work.anchors()
        found = next((anchor for anchor in anchors if anchor.hash == wanted), None)
        count, broken = _check_one(work, reference) if reference else check_all(work)
    is_unknown = wanted is not None and found is None
    if options.json:
        answer = {"unaltered": broken is None, "cases": count, "broken": broken.as_json() if broken else None}
        print_json(answer | _told_of(anchors) | ({"anchor_found": not is_unknown} if wanted else {}))
    else:
        click.echo(str(broken) if broken else _praise(count, anchors))
        if wanted:
            click.echo(_told_anchor(wanted, found))
    sys.exit(_EXIT_NO if broken or is_unknown else 0)


@click.command()
def verifier() -> None:
    """Print the program with which anyone can check an exported record, on any machine with Python."""
    from app.paper import VERIFIER  # only here: what prints is slow to read

    click.echo(VERIFIER.read_text("utf-8"), nl=False)


# --- checking ------------------------------------------------------------------------------------


def check_all(work: Work) -> tuple[int, _Broken | None]:
    anchored, known = work.anchored_hashes(), work.heads()
    empty, found = set(known) | set(anchored), list[_Broken]()
    for case, entries in work.records():
        empty.discard(case)
        if broken := _check(case, entries, known.get(case), anchored.get(case, {})):
            found.append(broken)
            break
    for case in sorted(empty):  # which have no entry at all, or come after the first that is broken
        if found and case > found[0].case:
            break
        if broken := _check(case, (), known.get(case), anchored.get(case, {})):
            found.append(broken)
            break
    first = min(found, key=lambda broken: broken.case, default=None)
    return len(known), first or _check_anchors(work, known, anchored)


def _check_one(work: Work, reference: str) -> tuple[int, _Broken | None]:
    row = case_named(work, reference)
    anchored = {head.count: head.hash for _, head in work.anchors_of(row.id)}
    head = (row.entries, row.head, row.anchored)
    broken = _check(row.id, _readable(work, row.id), head, anchored)
    return 1, broken or _check_anchors(work, {row.id: head}, {row.id: anchored})


def _check(
    case: int,
    entries: Iterable[Entry | None],
    head: tuple[int, str, int] | None,
    anchored: Mapping[int, str],
) -> _Broken | None:
    """``head``: how many entries the case has, the hash of the last, and how many are under an anchor."""
    if head is None:  # entries without their case
        return _Broken(case, 1)
    read: list[Entry] = []
    for entry in entries:
        if entry is None:  # a column that does not even parse any more
            shorter = first_broken(read, len(read), read[-1].hash if read else head[1])
            return _Broken(case, shorter if read and shorter else len(read) + 1)
        read.append(entry)
    number = first_broken(read, head[0], head[1], anchored)
    return _Broken(case, number) if number is not None else None


def _check_anchors(
    work: Work, heads: Mapping[int, tuple[int, str, int]], anchored: Mapping[int, Mapping[int, str]]
) -> _Broken | None:
    number = first_broken_anchor(work.anchors_with_heads())
    remembered = any(head[2] != max(anchored.get(case) or (0,)) for case, head in heads.items())
    if number is None and (remembered or work.has_heads_without_anchor()):
        number = len(work.anchors()) + 1  # one that is gone
    return _Broken(anchor=number) if number is not None else None


def _readable(work: Work, case: int) -> Iterable[Entry | None]:
    return next((list(entries) for _, entries in work.records(case)), ())


# --- telling -------------------------------------------------------------------------------------


def _hash_in(mailed: str) -> str:
    """The hash itself, or the first in a file: a mail as it was saved."""
    text = mailed if _HASH.fullmatch(mailed) else ""
    if not text and Path(mailed).is_file():
        text = Path(mailed).read_text("utf-8", errors="replace")
    found = _HASH.search(text)
    if found is None:
        click.echo(f"--anchor {mailed!r}: neither a hash of 64 digits nor a file that holds one", err=True)
        sys.exit(_EXIT_USAGE)
    return found[0]


def _told_of(anchors: list[Anchor]) -> dict[str, Any]:
    if not anchors:
        return {}
    latest = anchors[-1]
    return {"anchors": len(anchors), "anchor": {"day": latest.day, "hash": latest.hash}}


def _praise(count: int, anchors: list[Anchor]) -> str:
    said = f"unaltered: {count} case{'' if count == 1 else 's'}"
    if not anchors:
        return said
    return f"{said}, {len(anchors)} anchor{'' if len(anchors) == 1 else 's'}, the last of {anchors[-1].day}"


def _told_anchor(wanted: str, found: Anchor | None) -> str:
    if found is None:
        return f"no anchor has the hash {wanted}: the record was written anew, or this is another guard's"
    return f"the anchor of {found.day} is in the record: nothing until then was written anew"
