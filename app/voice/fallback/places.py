"""Where the emergency documents are put: a folder, or a bucket of an S3-compatible store."""

from io import BytesIO
from pathlib import Path
from typing import Protocol

from app.buckets import BucketUnusable, Keys, bucket_client, is_absent, key_in, told
from app.wholefile import replace_whole
from oncall.book import Bucket, Fallback

_SERVED = 0o644  # another program reads it
_LARGEST = 1_000_000
# A server of files tells nobody to keep an old plan.
_NOT_KEPT = {"Cache-Control": "no-store"}


class PlaceError(Exception):
    """The place cannot be read or written; the message is one line."""


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
            replace_whole(path, content, _SERVED)
        except OSError as error:
            raise PlaceError(f"{path}: {error.strerror or error}") from error


class BucketPlace:
    def __init__(self, bucket: Bucket, keys: Keys) -> None:
        self._bucket = bucket
        try:
            self._client = bucket_client(bucket, keys)
        except BucketUnusable as error:
            raise PlaceError(str(error)) from error

    def read(self, name: str) -> bytes | None:
        try:
            answer = self._client.get_object(self._bucket.name, key_in(self._bucket, name))
        except Exception as error:  # the library raises what urllib3 does, and ValueError
            if is_absent(error):
                return None
            raise PlaceError(told(self._bucket, error)) from error
        with answer:
            content: bytes = answer.read(_LARGEST)
            return content

    def write(self, name: str, content: bytes, kind: str) -> None:
        try:
            self._client.put_object(
                self._bucket.name,
                key_in(self._bucket, name),
                BytesIO(content),
                len(content),
                content_type=kind,
                metadata=dict(_NOT_KEPT),
            )
        except Exception as error:
            raise PlaceError(told(self._bucket, error)) from error
