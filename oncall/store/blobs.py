"""What is kept in the database when nothing else is configured: sounds and files, by their SHA-256."""

from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, insert, select

from oncall.records import BlobRow
from oncall.store.tables import table

if TYPE_CHECKING:
    from oncall.store import Store

_BLOBS = table(BlobRow)


class Blobs:
    connection: Connection

    def add_blob(self, digest: str, content: bytes) -> None:
        if self.connection.execute(select(_BLOBS.c.digest).where(_BLOBS.c.digest == digest)).first() is None:
            self.connection.execute(insert(_BLOBS).values(digest=digest, content=content))

    def blob(self, digest: str) -> bytes | None:
        found: bytes | None = self.connection.execute(
            select(_BLOBS.c.content).where(_BLOBS.c.digest == digest)
        ).scalar()
        return found

    def remove_blob(self, digest: str) -> None:
        self.connection.execute(delete(_BLOBS).where(_BLOBS.c.digest == digest))


class DatabaseShelf:
    """A ``Shelf`` (oncall.ports) in the database: every process reaches it, every backup holds it.

    Each act is a transaction of its own: it is done before or after another one, never inside.
    """

    def __init__(self, store: "Store") -> None:
        self._store = store

    def put(self, content: bytes) -> str:
        digest = sha256(content).hexdigest()
        if self.get(digest) is None:
            self._add(digest, content)
        return digest

    def get(self, digest: str) -> bytes | None:
        with self._store.reading() as work:
            return work.blob(digest)

    def remove(self, digest: str) -> None:
        with self._store.writing() as work:
            work.remove_blob(digest)

    def _add(self, digest: str, content: bytes) -> None:
        with self._store.writing() as work:
            work.add_blob(digest, content)
