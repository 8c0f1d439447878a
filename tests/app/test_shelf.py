"""Sounds and files are kept by what is in them: in the database, a folder or a bucket."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from app import migrations
from app.buckets import Keys
from app.shelf import BucketShelf, ConfiguredShelf, FolderShelf
from oncall.book import Bucket, Shelving
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


@pytest.fixture(params=["database", "folder", "bucket"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    if request.param == "folder":
        return FolderShelf(tmp_path / "shelf")
    if request.param == "bucket":
        origin, _ = request.getfixturevalue("bucket")
        return BucketShelf(Bucket("guardia", origin, "sa-east-1", "kept"), KEYS)
    kept: Shelf = request.getfixturevalue("database")
    return kept


def test_what_was_put_is_found_under_its_hash_until_it_is_removed(shelf: Shelf) -> None:
    assert shelf.get(DIGEST) is None
    assert shelf.put(SOUND) == shelf.put(SOUND) == DIGEST
    assert shelf.get(DIGEST) == SOUND

    shelf.remove(DIGEST)
    shelf.remove(DIGEST)

    assert shelf.get(DIGEST) is None


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
