"""What is kept in the database when nothing else is configured: sounds and files, by their SHA-256."""

from contextlib import AbstractContextManager
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO

from sqlalchemy import Connection, delete, func, insert, select

from oncall.pieces import Filling, filled_aside, in_pieces
from oncall.ports import Shelf
from oncall.records import BlobRow
from oncall.store.tables import table

if TYPE_CHECKING:
    from oncall.store import Store

# Bytes. A row goes through memory whole, and on SQLite nobody else writes meanwhile.
LARGEST_BLOB = 64_000_000

_BLOBS = table(BlobRow)


class Blobs:
    connection: Connection

    def add_blob(self, digest: str, content: bytes) -> None:
        if self.connection.execute(select(_BLOBS.c.digest).where(_BLOBS.c.digest == digest)).first() is None:
            self.connection.execute(insert(_BLOBS).values(digest=digest, content=content))

    def blob_size(self, digest: str) -> int | None:
        """In bytes; None where there is none."""
        size = select(func.length(_BLOBS.c.content)).where(_BLOBS.c.digest == digest)
        found: int | None = self.connection.execute(size).scalar()
        return found

    def blob_piece(self, digest: str, offset: int, length: int) -> bytes:
        piece = select(func.substr(_BLOBS.c.content, offset + 1, length)).where(_BLOBS.c.digest == digest)
        return self.connection.execute(piece).scalar() or b""

    def remove_blob(self, digest: str) -> None:
        self.connection.execute(delete(_BLOBS).where(_BLOBS.c.digest == digest))


class DatabaseShelf(Shelf):
    """A shelf in the database: every process reaches it, every backup holds it.

    Each act is a transaction of its own: it is done before or after another one, never inside.
    """

    def __init__(self, store: "Store", largest: int = LARGEST_BLOB) -> None:
        self._store = store
        self._largest = largest
        self._turn = Lock()  # two of the largest at once would be twice the memory

    def filling(self) -> AbstractContextManager[Filling]:
        return filled_aside(self._keep, self._largest)

    def open(self, digest: str) -> BinaryIO | None:
        with self._store.reading() as work:
            size = work.blob_size(digest)
        return None if size is None else in_pieces(size, lambda at, count: self._piece(digest, at, count))

    def remove(self, digest: str) -> None:
        with self._store.writing() as work:
            work.remove_blob(digest)

    def _piece(self, digest: str, offset: int, length: int) -> bytes:
        with self._store.reading() as work:
            return work.blob_piece(digest, offset, length)

    def _keep(self, filling: Filling) -> None:
        with self._store.reading() as work:
            is_there = work.blob_size(filling.digest) is not None
        if is_there:
            return
        with self._turn:
            content = filling.file.read()
            with self._store.writing() as work:
                work.add_blob(filling.digest, content)
