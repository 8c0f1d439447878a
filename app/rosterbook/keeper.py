"""Holds the book in force: the last good one, replaced whole or not at all (I13)."""

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock

from app.rosterbook.findings import Finding
from app.rosterbook.reading import read
from oncall.book import Book
from oncall.contracts import Client

log = logging.getLogger(__name__)


class Unusable(Exception):
    """The rosters folder cannot be used at all; ``findings`` say why, one line each."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("the rosters cannot be used")
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Refresh:
    """What a look at the folder brought: a new book in force, or findings that refuse it."""

    changed: bool
    findings: tuple[Finding, ...] = ()


class FolderBooks:
    """The books of one folder. Raises Unusable where there is no good one to begin with."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._print = _fingerprint(folder)
        reading = read(folder)
        if reading.book is None:
            raise Unusable(reading.errors())
        self._book = reading.book
        self.findings: tuple[Finding, ...] = ()
        self.refused_since: datetime | None = None

    def current(self) -> Book:
        return self._book

    def client_on_line(self, line: str) -> Client | None:
        return self._book.client_on_line(line)

    def refresh(self, at: datetime) -> Refresh:
        """Look at the folder; take a changed one whole if it is good, else keep what is in force."""
        with self._lock:
            seen = _fingerprint(self._folder)
            if seen == self._print:
                return Refresh(changed=False)
            self._print = seen
            reading = read(self._folder)
            if reading.book is None:
                self.findings, self.refused_since = reading.errors(), self.refused_since or at
                log.error("the rosters were changed and refused: %s", "; ".join(map(str, self.findings)))
                return Refresh(changed=False, findings=self.findings)
            self.findings, self.refused_since = (), None
            changed = reading.book.version != self._book.version
            self._book = reading.book
            log.info("rosters %s are in force", self._book.version)
            return Refresh(changed=changed)


def _fingerprint(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Names, times and sizes: enough to notice a change without reading every file."""
    found = []
    for path in sorted(folder.rglob("*.y*ml")):
        try:
            status = path.stat()
        except OSError:
            continue  # removed while we looked: the next look sees it gone
        found.append((str(path), status.st_mtime_ns, status.st_size))
    return tuple(found)
