"""A recording is answered in pieces, and the part of it that a player asks for."""

import tracemalloc
from pathlib import Path
from typing import BinaryIO

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.playing import sound

SIZE = 200_000_000


@pytest.fixture
def hours(tmp_path: Path) -> BinaryIO:
    """Hours of a conversation; its last four bytes are told from the rest."""
    path = tmp_path / "hours.wav"
    with path.open("wb") as file:
        file.seek(SIZE - 4)
        file.write(b"ends")
    return path.open("rb")


def asked(file: BinaryIO, part: str = "", method: str = "GET") -> TestResponse:
    app = Flask("player")
    app.add_url_rule("/", view_func=lambda: sound(file))
    return app.test_client().open("/", method=method, headers={"Range": part} if part else {})


def test_it_is_never_whole_in_memory(hours: BinaryIO) -> None:
    tracemalloc.start()
    try:
        answer = asked(hours)
        size = sum(len(piece) for piece in answer.response)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    answer.close()

    assert (answer.status_code, answer.content_length, size) == (200, SIZE, SIZE)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"] == "no-store"
    assert peak < 8_000_000
    assert hours.closed


@pytest.mark.parametrize(
    ("part", "content"),
    [("bytes=0-3", bytes(4)), (f"bytes={SIZE - 6}-", b"\0\0ends"), ("bytes=-4", b"ends")],
)
def test_a_player_gets_the_part_it_asks_for(hours: BinaryIO, part: str, content: bytes) -> None:
    with asked(hours, part) as answer:
        assert (answer.status_code, answer.data) == (206, content)

    assert answer.headers["Content-Range"].endswith(f"/{SIZE}")
    assert hours.closed


def test_a_part_that_is_not_there_is_told_so(hours: BinaryIO) -> None:
    assert asked(hours, f"bytes={SIZE}-").status_code == 416
    assert hours.closed


def test_who_only_asks_how_long_it_is_gets_no_sound(hours: BinaryIO) -> None:
    with asked(hours, method="HEAD") as answer:
        assert (answer.content_length, answer.data) == (SIZE, b"")

    assert hours.closed
