"""What a change of the folder changes: span by span, who is on call before it and after it."""

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from app.rosterbook.reading import Reading
from oncall.people import Person
from oncall.rosters import Team, timeline


class NoSuchVersion(Exception):
    """Neither a folder nor a revision of the folder's repository."""


@dataclass(frozen=True, slots=True)
class Change:
    """A span, aware, UTC, in which other people hold a rotation than before."""

    team: str
    rotation: str
    start: datetime
    end: datetime
    before: tuple[str, ...]
    after: tuple[str, ...]


@contextmanager
def version_of(folder: Path, name: str) -> Iterator[Path]:
    """The folder called ``name``, or ``folder`` as it was in a git revision called so."""
    if Path(name).is_dir():
        yield Path(name)
        return
    if name.startswith("-"):
        raise NoSuchVersion(name)
    with TemporaryDirectory(prefix="guardia-rosters-") as scratch:
        prefix = _git(folder, "rev-parse", "--show-prefix").decode().strip()
        top = Path(_git(folder, "rev-parse", "--show-toplevel").decode().strip())
        archive = _git(top, "archive", "--format=tar", f"{name}:{prefix}")
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(scratch, filter="data")
        yield Path(scratch)


def _git(folder: Path, *words: str) -> bytes:
    try:
        return subprocess.run(["git", "-C", str(folder), *words], capture_output=True, check=True).stdout
    except subprocess.CalledProcessError as error:
        raise NoSuchVersion(error.stderr.decode(errors="replace").strip()) from error
    except OSError as error:
        raise NoSuchVersion(f"git cannot be run: {error.strerror}") from error


def changes(before: Reading, after: Reading, start: datetime, end: datetime) -> list[Change]:
    """Every span between two instants in which a rotation's people differ, sorted by start."""
    found: list[Change] = []
    rotations = {
        (t.id, r) for reading in (before, after) for t in reading.teams.values() for r in t.rotations
    }
    for team, rotation in sorted(rotations):
        old = _holders(before.teams.get(team), rotation, start, end, dict(before.people))
        new = _holders(after.teams.get(team), rotation, start, end, dict(after.people))
        found += _different(team, rotation, old, new, start, end)
    return sorted(found, key=lambda change: (change.start, change.team, change.rotation))


_Held = list[tuple[datetime, datetime, tuple[str, ...]]]


def _holders(
    team: Team | None, rotation: str, start: datetime, end: datetime, people: dict[str, Person]
) -> _Held:
    if team is None:
        return []
    line = timeline(team, rotation, start, end, people)
    return [(s, e, tuple(sorted(h.person for h in holders))) for s, e, holders in line]


def _different(
    team: str, rotation: str, old: _Held, new: _Held, start: datetime, end: datetime
) -> Iterator[Change]:
    moments = {m for held in (old, new) for s, e, _ in held for m in (s, e)}
    open_change: Change | None = None
    cuts = sorted({start, end, *moments})
    for begin, finish in pairwise(cuts):
        before, after = _at(old, begin), _at(new, begin)
        if open_change and (open_change.end, open_change.before, open_change.after) == (begin, before, after):
            open_change = Change(team, rotation, open_change.start, finish, before, after)
            continue
        if open_change:
            yield open_change
        open_change = Change(team, rotation, begin, finish, before, after) if before != after else None
    if open_change:
        yield open_change


def _at(held: _Held, at: datetime) -> tuple[str, ...]:
    while held and held[0][1] <= at:
        held.pop(0)
    return held[0][2] if held and held[0][0] <= at else ()
