"""The shelf: where sounds and files are kept, each under the SHA-256 of what is in it.

In the database unless ``service.yaml`` names a folder or a bucket. What was put
into the database before is still found there. Nothing large is ever whole in memory.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from hashlib import file_digest
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

from app.buckets import BucketUnusable, Keys, bucket_client, is_absent, key_in, told
from app.wholefile import SCRATCH, put_in_place, scratch_in
from oncall.book import Bucket, Shelving
from oncall.pieces import Filling, filled_aside, in_pieces
from oncall.ports import Misconfigured, Refused, Shelf, Unreachable

_OURS_ALONE = 0o600
_LEFT_BEHIND_SECONDS = 24 * 3600  # no filling takes so long: who wrote it was killed


class ConfiguredShelf(Shelf):
    """The shelf that is configured now; the configuration is asked for each time, as it may change.

    ``database`` is the shelf that every process reaches, and the one from before another was chosen.
    """

    def __init__(self, configured: Callable[[], Shelving], database: Shelf, keys: Keys) -> None:
        self._configured = configured
        self._database = database
        self._keys = keys
        self._open: tuple[Shelving, Shelf] | None = None

    def filling(self) -> AbstractContextManager[Filling]:
        return self._current().filling()

    def open(self, digest: str) -> BinaryIO | None:
        shelf = self._current()
        found = shelf.open(digest)
        if found is None and shelf is not self._database:
            return self._database.open(digest)
        return found

    def remove(self, digest: str) -> None:
        shelf = self._current()
        shelf.remove(digest)
        if shelf is not self._database:
            self._database.remove(digest)

    def _current(self) -> Shelf:
        configured = self._configured()
        if self._open is None or self._open[0] != configured:
            self._open = (configured, self._shelf_of(configured))
        return self._open[1]

    def _shelf_of(self, configured: Shelving) -> Shelf:
        if configured.bucket is not None:
            return BucketShelf(configured.bucket, self._keys)
        if configured.folder is not None:
            return FolderShelf(Path(configured.folder))
        return self._database


class FolderShelf(Shelf):
    """A folder, which only we may read: nothing serves it, and what is in it is personal."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._unaltered = _Unaltered()

    @contextmanager
    def filling(self) -> Iterator[Filling]:
        """In the folder itself, so that what is whole only has to be moved."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with scratch_in(self._folder) as file:
                self._sweep(Path(file.name))
                yield Filling(file, self._keep)
        except OSError as error:
            raise _unreachable(self._folder, error) from error

    def open(self, digest: str) -> BinaryIO | None:
        path = self._path(digest)
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreachable(path, error) from error
        try:
            found = os.fstat(file.fileno())
            state = (found.st_ino, found.st_size, found.st_ctime_ns)
            self._unaltered.ensure(digest, state, str(path), lambda: file)
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file

    def remove(self, digest: str) -> None:
        path = self._path(digest)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise _unreachable(path, error) from error

    def _keep(self, filling: Filling) -> None:
        path = self._path(filling.digest)
        path.parent.mkdir(exist_ok=True, mode=0o700)
        put_in_place(filling.file, path, _OURS_ALONE)

    def _sweep(self, ours: Path) -> None:
        """Remove what was left when somebody was killed who wrote it."""
        now = ours.stat().st_mtime
        for left in self._folder.glob(SCRATCH):
            with suppress(OSError):
                if now - left.stat().st_mtime > _LEFT_BEHIND_SECONDS:
                    left.unlink()

    def _path(self, digest: str) -> Path:
        return self._folder / _name(digest)


class BucketShelf(Shelf):
    """A private bucket. Raises Misconfigured where what it needs is not installed or not set."""

    def __init__(self, bucket: Bucket, keys: Keys) -> None:
        self._bucket = bucket
        self._unaltered = _Unaltered()
        try:
            self._client = bucket_client(bucket, keys)
        except BucketUnusable as error:
            raise Misconfigured(str(error), "shelf") from error

    def filling(self) -> AbstractContextManager[Filling]:
        return filled_aside(self._keep)

    def open(self, digest: str) -> BinaryIO | None:
        key, where = self._key(digest), f"bucket {self._bucket.name}"
        try:
            found = self._client.stat_object(self._bucket.name, key)
        except Exception as error:
            if is_absent(error):
                return None
            raise self._unreachable(error) from error
        size, etag = found.size or 0, found.etag or ""

        def read(offset: int, length: int) -> bytes:
            return self._piece(key, etag, offset, length)

        self._unaltered.ensure(digest, (size, etag), where, lambda: in_pieces(size, read))
        return in_pieces(size, read)

    def remove(self, digest: str) -> None:
        try:
            self._client.remove_object(self._bucket.name, self._key(digest))
        except Exception as error:
            if not is_absent(error):
                raise self._unreachable(error) from error

    def _keep(self, filling: Filling) -> None:
        """What is large goes up in parts of 5 MB, one after the other: several would be in memory at once."""
        name, key = self._bucket.name, self._key(filling.digest)
        try:
            file = cast(BinaryIO, filling.file)
            self._client.put_object(name, key, file, filling.size, num_parallel_uploads=1)
        except Exception as error:  # the library raises what urllib3 does, and ValueError
            raise self._unreachable(error) from error

    def _piece(self, key: str, etag: str, offset: int, length: int) -> bytes:
        """Of what was looked at, and not of what somebody put in its place meanwhile."""
        only: dict[str, str | list[str] | tuple[str]] = {"If-Match": f'"{etag}"'}
        try:
            answer = self._client.get_object(self._bucket.name, key, offset, length, request_headers=only)
            with answer:
                piece: bytes = answer.read(length)
                return piece
        except Exception as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> Unreachable:
        return Unreachable(told(self._bucket, error), "shelf")

    def _key(self, digest: str) -> str:
        return key_in(self._bucket, _name(digest))


class _Unaltered:
    """What somebody changed behind our back is not handed out for what was put.

    A player asks for the same sound part by part, so each is read through once, and again only when its
    ``state`` is another one.
    """

    _MOST = 1_000

    def __init__(self) -> None:
        self._seen: dict[str, object] = {}

    def ensure(self, digest: str, state: object, where: str, content: Callable[[], BinaryIO]) -> None:
        """Raise Refused where it is not what was put."""
        if self._seen.get(digest) == state:
            return
        if file_digest(cast(BufferedReader, content()), "sha256").hexdigest() != digest:
            raise Refused(f"{where}: what stands there under {digest[:12]}… is not what was put", "shelf")
        if len(self._seen) >= self._MOST:
            self._seen.clear()
        self._seen[digest] = state


def _unreachable(path: Path, error: OSError) -> Unreachable:
    return Unreachable(f"{path}: {error.strerror or error}", "shelf")


def _name(digest: str) -> str:
    """Under two letters of it, so that no folder grows too large. Raises Refused for what is no digest."""
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise Refused("what is kept is named by a SHA-256 in hexadecimal", "shelf")
    return f"{digest[:2]}/{digest}"
