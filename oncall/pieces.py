"""What is too large to be held in memory: written in pieces on its way to the shelf, and read in pieces."""

import io
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import IO, Any, BinaryIO, cast

from oncall.ports import Refused, Unreachable

PIECE = 64 * 1024  # bytes
LARGEST = 500_000_000  # bytes: four hours of both channels of a conversation
TOO_LARGE = "too_large"
_READ_AHEAD = 1024 * 1024
# Of a disk that others write to, too: the database, perhaps. Only what is large can take their room.
_LEFT_TO_OTHERS = 256_000_000
_SMALL = 16_000_000
_ON_DISK = "/var/tmp"  # /tmp may be memory


class Filling:
    """Something on its way to the shelf, in a file of its own; its SHA-256 is known as it grows."""

    def __init__(self, file: IO[bytes], keep: Callable[["Filling"], None], largest: int = LARGEST) -> None:
        """``keep`` puts what is in the file on the shelf; more than ``largest`` bytes are refused."""
        self.file = file
        self.size = 0
        self._keep = keep
        self._largest = largest
        self._hash = sha256()

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def expect(self, more: int) -> None:
        """Raise Refused where so many more bytes are too many, Unreachable where there is no room now."""
        size = self.size + more
        if size > self._largest:
            raise Refused(f"more than the {self._largest // 1_000_000} MB that are kept here", TOO_LARGE)
        if size > _SMALL:
            disk = os.fstatvfs(self.file.fileno())
            if disk.f_bavail * disk.f_frsize < more + _LEFT_TO_OTHERS:
                raise Unreachable("the disk is too full to fetch it", "disk_full")

    def write(self, piece: bytes) -> None:
        self.expect(len(piece))
        self.file.write(piece)
        self._hash.update(piece)
        self.size += len(piece)

    def keep(self) -> str:
        """It is whole: put it on the shelf; gives its SHA-256 in hexadecimal."""
        self.file.seek(0)
        self._keep(self)
        return self.digest


@contextmanager
def filled_aside(keep: Callable[[Filling], None], largest: int = LARGEST) -> Iterator[Filling]:
    """Filled in a file without a name, so that not even a kill leaves anything: TMPDIR says where."""
    where = os.environ.get("TMPDIR") or (_ON_DISK if os.access(_ON_DISK, os.W_OK) else None)
    try:
        with tempfile.TemporaryFile(dir=where) as file:
            yield Filling(file, keep, largest)
    except OSError as error:
        raise Unreachable(f"temporary file: {error.strerror or error}", "shelf") from error


def in_pieces(size: int, read: Callable[[int, int], bytes]) -> BinaryIO:
    """Content of ``size`` bytes as a file: ``read`` gives those from an offset on, so many at most."""
    return cast(BinaryIO, io.BufferedReader(_Pieces(size, read), _READ_AHEAD))


class _Pieces(io.RawIOBase):
    def __init__(self, size: int, read: Callable[[int, int], bytes]) -> None:
        self._size = size
        self._read = read
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        room = memoryview(buffer).cast("B")
        piece = self._piece(len(room))
        room[: len(piece)] = piece
        return len(piece)

    def readall(self) -> bytes:
        return b"".join(iter(lambda: self._piece(_READ_AHEAD), b""))

    def _piece(self, most: int) -> bytes:
        wanted = min(most, self._size - self._at, _READ_AHEAD)
        piece = self._read(self._at, wanted) if wanted > 0 else b""
        self._at += len(piece)
        return piece
