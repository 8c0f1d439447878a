"""The shelf: where sounds and files are kept, each under the SHA-256 of what is in it.

In the database unless ``service.yaml`` names a folder or a bucket. What was put
into the database before is still found there.
"""

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from app.buckets import BucketUnusable, Keys, bucket_client, is_absent, key_in, told
from app.wholefile import replace_whole
from oncall.book import Bucket, Shelving
from oncall.ports import Misconfigured, Refused, Shelf, Unreachable

_OURS_ALONE = 0o600
_LARGEST = 512_000_000  # bytes: more than the longest conversation takes


class ConfiguredShelf:
    """The shelf that is configured now; the configuration is asked for each time, as it may change.

    ``database`` is the shelf that every process reaches, and the one from before another was chosen.
    """

    def __init__(self, configured: Callable[[], Shelving], database: Shelf, keys: Keys) -> None:
        self._configured = configured
        self._database = database
        self._keys = keys
        self._open: tuple[Shelving, Shelf] | None = None

    def put(self, content: bytes) -> str:
        return self._current().put(content)

    def get(self, digest: str) -> bytes | None:
        shelf = self._current()
        found = shelf.get(digest)
        if found is None and shelf is not self._database:
            return self._database.get(digest)
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


class FolderShelf:
    """A folder, which only we may read: nothing serves it, and what is in it is personal."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        digest = sha256(content).hexdigest()
        path = self._path(digest)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not path.exists() or path.read_bytes() != content:
                replace_whole(path, content, _OURS_ALONE)
        except OSError as error:
            raise Unreachable(f"{path.parent}: {error.strerror or error}", "shelf") from error
        return digest

    def get(self, digest: str) -> bytes | None:
        path = self._path(digest)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unreachable(f"{path}: {error.strerror or error}", "shelf") from error
        return _unaltered(content, digest, str(path))

    def remove(self, digest: str) -> None:
        path = self._path(digest)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise Unreachable(f"{path}: {error.strerror or error}", "shelf") from error

    def _path(self, digest: str) -> Path:
        return self._folder / _name(digest)


class BucketShelf:
    """A private bucket. Raises Misconfigured where what it needs is not installed or not set."""

    def __init__(self, bucket: Bucket, keys: Keys) -> None:
        self._bucket = bucket
        try:
            self._client = bucket_client(bucket, keys)
        except BucketUnusable as error:
            raise Misconfigured(str(error), "shelf") from error

    def put(self, content: bytes) -> str:
        digest = sha256(content).hexdigest()
        try:
            self._client.put_object(self._bucket.name, self._key(digest), BytesIO(content), len(content))
        except Exception as error:  # the library raises what urllib3 does, and ValueError
            raise Unreachable(told(self._bucket, error), "shelf") from error
        return digest

    def get(self, digest: str) -> bytes | None:
        try:
            answer = self._client.get_object(self._bucket.name, self._key(digest))
            with answer:
                content: bytes = answer.read(_LARGEST)
        except Exception as error:
            if is_absent(error):
                return None
            raise Unreachable(told(self._bucket, error), "shelf") from error
        return _unaltered(content, digest, f"bucket {self._bucket.name}")

    def remove(self, digest: str) -> None:
        try:
            self._client.remove_object(self._bucket.name, self._key(digest))
        except Exception as error:
            if not is_absent(error):
                raise Unreachable(told(self._bucket, error), "shelf") from error

    def _key(self, digest: str) -> str:
        return key_in(self._bucket, _name(digest))


def _name(digest: str) -> str:
    """Under two letters of it, so that no folder grows too large. Raises Refused for what is no digest."""
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise Refused("what is kept is named by a SHA-256 in hexadecimal", "shelf")
    return f"{digest[:2]}/{digest}"


def _unaltered(content: bytes, digest: str, where: str) -> bytes:
    """What somebody changed behind our back is not handed out for what was put."""
    if sha256(content).hexdigest() != digest:
        raise Refused(f"{where}: what stands there under {digest[:12]}… is not what was put", "shelf")
    return content
