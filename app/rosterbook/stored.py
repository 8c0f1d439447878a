"""The rosters of every process on every machine: the newest version that was accepted, from the database.

A folder is only where a version enters: it is read whole, checked, and kept
with its content, hash and moment; or refused whole, and what is in force stays
(I13). Turns swapped by text are laid over it until they are over.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

from sqlalchemy import Row

from app.rosterbook.keeper import FolderBooks, Refresh
from app.rosterbook.reading import read
from oncall.book import Book
from oncall.contracts import Client
from oncall.store import Store
from oncall.swaps import Swap, all_laid_over

log = logging.getLogger(__name__)


class StoredBooks:
    """The port ``oncall.ports.BookKeeper`` over the database. Raises Unusable as ``FolderBooks`` does."""

    def __init__(self, store: Store, folder: Path, source: str, at: datetime) -> None:
        """``source`` names this folder among all that rosters enter through: a host and a path."""
        self._store = store
        self._folder_path = folder
        self._folder = FolderBooks(folder)
        self._source = source
        self._lock = Lock()
        self._mark: tuple[int, int, int] | None = None
        self._plain = self._folder.current()
        self._book = self._plain
        self._enter(at)
        self._load(at)

    def current(self) -> Book:
        return self._book

    def client_on_line(self, line: str) -> Client | None:
        return self._book.client_on_line(line)

    @property
    def refused_since(self) -> datetime | None:
        """Since when the folder holds something that was refused; None while it is good."""
        return self._folder.refused_since

    def refresh(self, at: datetime) -> Refresh:
        """Look at the folder and at the database; gives what the folder brought."""
        with self._lock:
            seen = self._folder.refresh(at)
            if seen.changed:
                self._enter(at)
            with self._store.reading() as work:
                mark = work.roster_mark()
            if mark != self._mark or self._has_swap_that_ended(at):
                self._load(at)
            return seen

    def catch_up(self, at: datetime) -> None:
        """Look at the database only: a swap was agreed, and the next page must know it."""
        with self._lock:
            self._load(at)

    def _enter(self, at: datetime) -> None:
        book = self._folder.current()
        with self._store.writing() as work:
            if work.enter_roster(self._source, book.version, _files(self._folder_path), at):
                log.info("rosters %s entered from %s", book.version, self._source)

    def _load(self, at: datetime) -> None:
        """Put the newest version in force, with the swaps that are not over."""
        with self._store.reading() as work:
            mark, newest, swaps = work.roster_mark(), work.newest_roster(), work.swaps_from(at)
        if newest is not None and newest.version != self._plain.version:
            self._plain = self._book_of(newest) or self._plain
        self._book = _with_swaps(self._plain, swaps)
        self._mark = mark
        self._swaps = tuple(swaps)

    def _book_of(self, row: Row[Any]) -> Book | None:
        """The book of a stored version; None, and the one in force stays, if this release cannot read it."""
        if row.version == self._folder.current().version:
            return self._folder.current()
        book = book_of_files(row.files)
        if book is None:
            log.error("rosters %s cannot be read by this release", row.version)
        return book

    def _has_swap_that_ended(self, at: datetime) -> bool:
        return any(swap.ends <= at for swap in self._swaps)


def book_of_files(files: Mapping[str, str]) -> Book | None:
    """The book of a version's files, by their paths; None where this release cannot read them."""
    with TemporaryDirectory(prefix="guardia-") as scratch:
        for name, content in files.items():
            path = Path(scratch) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return read(Path(scratch)).book


def _with_swaps(book: Book, swaps: Sequence[Swap]) -> Book:
    """The book with each swap laid over; the version says that there are some."""
    if not swaps:
        return book
    return replace(all_laid_over(book, swaps), version=f"{book.version}+{len(swaps)}")


def _files(folder: Path) -> Mapping[str, str]:
    """What the folder says, file by file, as it is kept."""
    found = {}
    for path in sorted((*folder.glob("*.yaml"), *folder.glob("*/*.yaml"), *folder.glob("*/*.yml"))):
        if not any(part.startswith(".") for part in path.relative_to(folder).parts):
            found[path.relative_to(folder).as_posix()] = path.read_text(encoding="utf-8")
    return found
