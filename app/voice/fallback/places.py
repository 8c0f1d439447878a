"""Where the emergency documents are put: a folder, or a bucket of an S3-compatible store."""

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from oncall.book import Bucket, Fallback

if TYPE_CHECKING:
    from minio import Minio

_CONNECT_SECONDS, _READ_SECONDS = 3.0, 8.0
_LARGEST = 1_000_000
# A server of files tells nobody to keep an old plan.
_NOT_KEPT = {"Cache-Control": "no-store"}


class PlaceError(Exception):
    """The place cannot be read or written; the message is one line."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What opens a bucket."""

    access: str = ""
    secret: str = field(default="", repr=False)


class Place(Protocol):
    def read(self, name: str) -> bytes | None:
        """What stands under a name, None for nothing. Raises PlaceError."""
        ...

    def write(self, name: str, content: bytes, kind: str) -> None:
        """Replace what stands under a name, whole or not at all. Raises PlaceError."""
        ...


def open_place(fallback: Fallback, keys: Keys) -> Place:
    """Raises PlaceError where what a bucket needs is not installed or not set."""
    if fallback.bucket is not None:
        return BucketPlace(fallback.bucket, keys)
    return FolderPlace(Path(fallback.folder or "."))


class FolderPlace:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> bytes | None:
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise PlaceError(f"{self._folder}: {error.strerror or error}") from error

    def write(self, name: str, content: bytes, kind: str) -> None:
        path = self._folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, content)
        except OSError as error:
            raise PlaceError(f"{path}: {error.strerror or error}") from error


def _replace(path: Path, content: bytes) -> None:
    """A reader sees the old file or the new one, and after a power cut one of both."""
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(scratch, 0o644)  # another program serves it
        os.replace(scratch, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(scratch)
        raise


class BucketPlace:
    def __init__(self, bucket: Bucket, keys: Keys) -> None:
        self._bucket = bucket
        self._client = _client(bucket, keys)

    def read(self, name: str) -> bytes | None:
        from minio.error import S3Error

        try:
            answer = self._client.get_object(self._bucket.name, self._key(name))
        except S3Error as error:
            if error.code in ("NoSuchKey", "NoSuchObject"):
                return None
            raise self._failed(error) from error
        except Exception as error:  # the library raises what urllib3 does, and ValueError
            raise self._failed(error) from error
        with answer:
            content: bytes = answer.read(_LARGEST)
            return content

    def write(self, name: str, content: bytes, kind: str) -> None:
        try:
            self._client.put_object(
                self._bucket.name,
                self._key(name),
                BytesIO(content),
                len(content),
                content_type=kind,
                metadata=dict(_NOT_KEPT),
            )
        except Exception as error:
            raise self._failed(error) from error

    def _key(self, name: str) -> str:
        return f"{self._bucket.prefix}/{name}" if self._bucket.prefix else name

    def _failed(self, error: Exception) -> PlaceError:
        reason = getattr(error, "code", None) or type(error).__name__
        return PlaceError(f"bucket {self._bucket.name} at {self._bucket.endpoint}: {reason}")


def _client(bucket: Bucket, keys: Keys) -> "Minio":
    if not (keys.access and keys.secret):
        raise PlaceError("BUCKET_ACCESS_KEY and BUCKET_SECRET_KEY are not set: the bucket needs both")
    try:
        import urllib3
        from minio import Minio
    except ImportError as error:
        raise PlaceError("a bucket needs the extra `s3`: pip install 'guardia[s3]'") from error
    origin = urlsplit(bucket.endpoint)
    return Minio(
        origin.netloc,
        access_key=keys.access,
        secret_key=keys.secret,
        secure=origin.scheme == "https",
        region=bucket.region,
        http_client=urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS),
            retries=urllib3.Retry(total=1, backoff_factor=0),
        ),
    )
