"""A bucket of an S3-compatible store, for whatever is kept in one."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from oncall.book import Bucket

if TYPE_CHECKING:
    from minio import Minio

_CONNECT_SECONDS, _READ_SECONDS = 3.0, 8.0
_ABSENT = ("NoSuchKey", "NoSuchObject")


class BucketUnusable(Exception):
    """What a bucket needs is not installed or not set; the message is one line."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What opens a bucket."""

    access: str = ""
    secret: str = field(default="", repr=False)


def bucket_client(bucket: Bucket, keys: Keys) -> "Minio":
    """A client with time-outs, that tries twice in all. Raises BucketUnusable."""
    if not (keys.access and keys.secret):
        raise BucketUnusable("BUCKET_ACCESS_KEY and BUCKET_SECRET_KEY are not set: the bucket needs both")
    try:
        import urllib3
        from minio import Minio
    except ImportError as error:
        raise BucketUnusable("a bucket needs the extra `s3`: pip install 'guardia[s3]'") from error
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


def key_in(bucket: Bucket, name: str) -> str:
    """The object's key: under the prefix, where there is one."""
    return f"{bucket.prefix}/{name}" if bucket.prefix else name


def is_absent(error: Exception) -> bool:
    """Whether the store said that nothing stands under the key."""
    return getattr(error, "code", None) in _ABSENT


def told(bucket: Bucket, error: Exception) -> str:
    """What a bucket answered, in one line."""
    reason = getattr(error, "code", None) or type(error).__name__
    return f"bucket {bucket.name} at {bucket.endpoint}: {reason}"
