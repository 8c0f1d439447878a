"""PINs are never stored and never logged, and numbers are masked in the log (I12)."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.logs import MaskNumbers
from app.wiring.world import World, open_world
from tests.app.voice.test_signature import ROSTERS

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LINE = "+541152630001"
PIN, WRONG_PINS = "2580", ("864209753", "975310864")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(ROSTERS, AT, database_url=f"sqlite:///{tmp_path / 'guardia.db'}") as world:
        yield world


def asks(world: World, phone: str, words: str) -> bool:
    """Let time pass until the phone has just heard a sentence with these words."""
    handset = world.phone(phone)
    count = len(handset.heard)
    return world.run(60, until=lambda: any(words in line.text for line in handset.heard[count:]))


def test_a_pin_leaves_no_trace_in_the_database_the_log_or_the_record(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    phone = world.phone("+5491155550201")
    phone.dial(LINE, withheld=True)
    for digits in (*WRONG_PINS, PIN):
        assert asks(world, phone.number, "PIN")
        phone.press(f"{digits}#")
    assert asks(world, phone.number, "CRM Salesforce")
    phone.hang_up()
    world.run(30)

    with world.guard.store.reading() as work:
        (case,) = work.cases()
        record = [(entry.kind, dict(entry.data)) for entry in work.record(case.id)]
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert [kind for kind, _ in record].count("pin_rejected") == 2
    assert ("caller_identified", {"contact": "", "how": "pin"}) in record
    for digits in WRONG_PINS:
        assert digits.encode() not in stored
        assert digits not in caplog.text
    assert PIN not in caplog.text
    assert f'"{PIN}'.encode() not in stored
    assert all(PIN not in str(data) for _, data in record)


def test_what_the_guard_logs_of_a_whole_call_holds_no_number_in_full(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    caplog.handler.addFilter(MaskNumbers())
    phone = world.phone("+5491155550201")
    phone.dial(LINE)
    assert asks(world, phone.number, "CRM")
    phone.press("1")
    assert asks(world, phone.number, "algo crítico")
    phone.press("1")
    world.run(60)

    ours = [record.getMessage() for record in caplog.records if record.name.startswith(("app", "oncall"))]

    assert [line for line in ours if "+549" in line or "+541" in line] == []
