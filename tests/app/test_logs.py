"""What is logged: one line each, no telephone number in full, not even in a traceback."""

import io
import logging
from collections.abc import Iterator

import pytest

from app import logs

NUMBER = "+5491155550101"
MASKED = "+…0101"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the log writes to stderr, with a root logger of its own."""
    stream, root = io.StringIO(), logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers[:] = []
    monkeypatch.setattr("sys.stderr", stream)
    logs.set_up()
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def test_numbers_in_a_message_are_masked(written: io.StringIO) -> None:
    logging.getLogger("guardia.test").info(f"calling {NUMBER} from +541152630001")  # noqa: G004

    assert NUMBER not in written.getvalue()
    assert f"calling {MASKED} from +…0001" in written.getvalue()


def test_numbers_handed_over_as_arguments_are_masked(written: io.StringIO) -> None:
    logging.getLogger("guardia.test").warning("%s did not answer %s", {"to": NUMBER}, (NUMBER,))

    assert NUMBER not in written.getvalue()
    assert written.getvalue().count(MASKED) == 2


def test_numbers_in_a_traceback_are_masked(written: io.StringIO) -> None:
    try:
        raise ValueError(f"no route to {NUMBER}") from KeyError(NUMBER)
    except ValueError:
        logging.getLogger("guardia.test").exception("a page to %s failed", NUMBER)

    assert NUMBER not in written.getvalue()
    assert written.getvalue().count(MASKED) == 3


def test_numbers_in_an_address_are_masked_however_they_are_written(written: io.StringIO) -> None:
    logging.getLogger("guardia.test").info("GET /Calls.json?To=%%2B5491155550101&From=%s", NUMBER)

    assert "5491155550101" not in written.getvalue()


def test_what_is_no_number_stays_readable(written: io.StringIO) -> None:
    logging.getLogger("guardia.test").info("G-1042 took 1.5 s, 2+2=4, rosters 5491")

    assert "G-1042 took 1.5 s, 2+2=4, rosters 5491" in written.getvalue()


def test_times_are_in_utc_and_a_line_is_an_event(written: io.StringIO) -> None:
    logging.getLogger("guardia.test").info("one")

    line = written.getvalue()
    assert line.endswith("Z INFO guardia.test: one\n")
    assert line.count("\n") == 1


def test_setting_up_twice_writes_each_line_once(written: io.StringIO) -> None:
    logs.set_up()

    logging.getLogger("guardia.test").info("once")

    assert written.getvalue().count("once") == 1


def test_the_http_client_of_the_telephone_does_not_log_whom_it_calls(written: io.StringIO) -> None:
    logging.getLogger("twilio.http_client").info("POST /Calls.json To=%s", NUMBER)

    assert written.getvalue() == ""
