"""Sounds and files are kept by what is in them: in the database, a folder or a bucket."""

import os
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest

from app import migrations
from app.buckets import Keys
from app.shelf import BucketShelf, ConfiguredShelf, FolderShelf
from oncall.book import Bucket, Shelving
from oncall.pieces import PIECE, TOO_LARGE, Filling
from oncall.ports import Misconfigured, Refused, Shelf, Unreachable
from oncall.store import DatabaseShelf, Store, engine_for
from tests.app.buckets import Objects, a_bucket

SOUND = b"RIFF what Marta said"
DIGEST = sha256(SOUND).hexdigest()
KEYS = Keys("key", "secret of the key")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[DatabaseShelf]:
    engine = engine_for(f"sqlite:///{tmp_path / 'guardia.db'}")
    migrations.upgrade(engine)
    yield DatabaseShelf(Store(engine))
    engine.dispose()


@pytest.fixture
def bucket() -> Iterator[tuple[str, Objects]]:
    with a_bucket() as served:
        yield served


@pytest.fixture
def postgresql(empty_postgres_url: str) -> Iterator[DatabaseShelf]:
    engine = engine_for(empty_postgres_url)
    migrations.upgrade(engine)
    yield DatabaseShelf(Store(engine))
    engine.dispose()


@pytest.fixture(
    params=["database", pytest.param("postgresql", marks=pytest.mark.postgres), "folder", "bucket"]
)
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    if request.param == "folder":
        return FolderShelf(tmp_path / "shelf")
    if request.param == "bucket":
        origin, _ = request.getfixturevalue("bucket")
        return BucketShelf(Bucket("guardia", origin, "sa-east-1", "kept"), KEYS)
    kept: Shelf = request.getfixturevalue(request.param)
    return kept


def test_what_was_put_is_found_under_its_hash_until_it_is_removed(shelf: Shelf) -> None:
    assert shelf.get(DIGEST) is None
    assert shelf.put(SOUND) == shelf.put(SOUND) == DIGEST
    assert shelf.get(DIGEST) == SOUND

    shelf.remove(DIGEST)
    shelf.remove(DIGEST)

    assert shelf.get(DIGEST) is None


def test_a_part_of_it_is_read_from_wherever_it_is_wanted(shelf: Shelf) -> None:
    content = bytes(range(256)) * 10_000
    digest = shelf.put(content)

    file = shelf.open(digest)

    assert file is not None
    with file:
        assert file.seek(0, os.SEEK_END) == len(content)
        file.seek(2_000_000)
        assert file.read(1_000) == content[2_000_000:2_001_000]
        file.seek(-3, os.SEEK_END)
        assert file.read() == content[-3:]
    assert shelf.get(digest) == content


def test_what_was_begun_and_not_kept_leaves_nothing(shelf: Shelf, tmp_path: Path) -> None:
    with suppress(ZeroDivisionError), shelf.filling() as filling:
        filling.write(SOUND)
        raise ZeroDivisionError

    assert shelf.get(DIGEST) is None
    assert list(tmp_path.glob("shelf/*")) == []


def test_nothing_is_found_under_what_is_no_hash(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("not for anybody")

    with pytest.raises(Refused):
        FolderShelf(tmp_path / "shelf").get("../secret")


def test_a_file_is_ours_alone_and_lies_under_two_letters_of_its_name(tmp_path: Path) -> None:
    FolderShelf(tmp_path).put(SOUND)

    path = tmp_path / DIGEST[:2] / DIGEST
    assert path.read_bytes() == SOUND
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == [DIGEST]


def test_what_a_kill_left_behind_in_the_folder_is_swept_away_a_day_later(tmp_path: Path) -> None:
    shelf = FolderShelf(tmp_path)
    left, fresh = tmp_path / ".left.new", tmp_path / ".fresh.new"
    for file in (left, fresh):
        file.write_bytes(SOUND)
    two_days_ago = fresh.stat().st_mtime - 2 * 24 * 3600
    os.utime(left, (two_days_ago, two_days_ago))

    shelf.put(SOUND)

    assert not left.exists()
    assert fresh.exists()


def test_what_is_large_goes_through_no_memory_on_its_way_to_a_folder_and_back(tmp_path: Path) -> None:
    shelf, piece = FolderShelf(tmp_path), bytes(PIECE)
    tracemalloc.start()
    try:
        with shelf.filling() as filling:
            for _ in range(200_000_000 // PIECE):
                filling.write(piece)
            digest = filling.keep()
        file = shelf.open(digest)
        assert file is not None
        with file:
            size = sum(len(read) for read in iter(lambda: file.read(PIECE), b""))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert size > 199_000_000
    assert peak < 4_000_000


def test_what_is_large_goes_up_to_a_bucket_in_parts_and_comes_back_in_pieces(
    bucket: tuple[str, Objects],
) -> None:
    shelf = BucketShelf(Bucket("guardia", bucket[0], "sa-east-1"), KEYS)
    content = os.urandom(1_000) * 12_000

    digest = shelf.put(content)

    assert bucket[1][f"/guardia/{digest[:2]}/{digest}"][1] == content
    assert shelf.get(digest) == content


def test_what_was_changed_in_a_bucket_is_not_handed_out(bucket: tuple[str, Objects]) -> None:
    shelf = BucketShelf(Bucket("guardia", bucket[0], "sa-east-1"), KEYS)
    shelf.put(SOUND)
    assert shelf.get(DIGEST) == SOUND
    file = shelf.open(DIGEST)
    assert file is not None

    bucket[1][f"/guardia/{DIGEST[:2]}/{DIGEST}"] = ("", b"RIFF something else")

    with pytest.raises(Unreachable, match="PreconditionFailed"):
        file.read()
    with pytest.raises(Refused, match="is not what was put"):
        shelf.get(DIGEST)


def test_the_database_takes_nothing_that_is_too_large(database: DatabaseShelf) -> None:
    with pytest.raises(Refused, match="64 MB") as refused, database.filling() as filling:
        filling.expect(64_000_001)

    assert refused.value.code == TOO_LARGE


def test_a_disk_that_is_too_full_for_it_is_left_to_others(tmp_path: Path) -> None:
    with FolderShelf(tmp_path).filling() as filling:
        free = os.fstatvfs(filling.file.fileno())
        whole = Filling(filling.file, lambda _: None, largest=10**18)
        with pytest.raises(Unreachable, match="the disk is too full"):
            whole.expect(free.f_bavail * free.f_frsize)


def test_what_was_changed_behind_our_back_is_not_handed_out(tmp_path: Path) -> None:
    shelf = FolderShelf(tmp_path)
    shelf.put(SOUND)
    (tmp_path / DIGEST[:2] / DIGEST).write_bytes(b"RIFF something else")

    with pytest.raises(Refused, match="is not what was put"):
        shelf.get(DIGEST)
    shelf.put(SOUND)

    assert shelf.get(DIGEST) == SOUND


def test_a_folder_that_cannot_be_written_may_be_tried_again(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")

    with pytest.raises(Unreachable, match=str(in_the_way)):
        FolderShelf(in_the_way).put(SOUND)


def test_a_bucket_that_refuses_may_be_tried_again(bucket: tuple[str, Objects]) -> None:
    shelf = BucketShelf(Bucket("another", bucket[0], "sa-east-1"), KEYS)

    for act in (lambda: shelf.put(SOUND), lambda: shelf.get(DIGEST)):
        with pytest.raises(Unreachable, match=r"bucket another at .*AccessDenied"):
            act()


def test_a_bucket_without_keys_is_a_mistake_of_ours() -> None:
    with pytest.raises(Misconfigured, match="BUCKET_ACCESS_KEY and BUCKET_SECRET_KEY"):
        BucketShelf(Bucket("guardia", "https://s3.example"), Keys())


def test_who_moves_to_a_folder_still_finds_what_the_database_holds(
    database: DatabaseShelf, tmp_path: Path
) -> None:
    configured = Shelving()
    shelf = ConfiguredShelf(lambda: configured, database, KEYS)
    shelf.put(SOUND)

    configured = Shelving(folder=str(tmp_path / "shelf"))
    later = shelf.put(b"later")

    assert shelf.get(DIGEST) == SOUND
    assert shelf.get(later) == b"later"
    assert database.get(later) is None
    shelf.remove(DIGEST)
    assert database.get(DIGEST) is None


def test_a_bucket_holds_it_where_one_is_configured(
    database: DatabaseShelf, bucket: tuple[str, Objects]
) -> None:
    origin, objects = bucket
    configured = Shelving(bucket=Bucket("guardia", origin, "sa-east-1", "kept"))

    ConfiguredShelf(lambda: configured, database, KEYS).put(SOUND)

    assert objects[f"/guardia/kept/{DIGEST[:2]}/{DIGEST}"][1] == SOUND
    assert database.get(DIGEST) is None
