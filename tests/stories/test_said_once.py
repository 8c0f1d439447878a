"""What must be said is said once: the reference of a call that joins, and whose guard this is."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.locales import text
from app.sandbox.handset import Phone
from app.wiring.world import World, open_world

ROSTERS = Path(__file__).parents[2] / "rosters"
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
LINE = "+541152630001"
MARTA, PABLO = "+5491155550201", "+5491155550202"


@pytest.fixture
def world() -> Iterator[World]:
    with open_world(ROSTERS, AT) as world:
        yield world


def test_a_call_that_joins_hears_its_reference_however_often_the_key_was_wrong(world: World) -> None:
    _dial(world, MARTA, "1", "1")

    pablo = _dial(world, PABLO, "9", "9", "1")

    assert text("voice.joined_open", "es", reference="G, 1, 0, 0, 1") in pablo.heard[-1].text


def test_who_is_refused_after_a_question_is_not_greeted_again(world: World) -> None:
    marta = _dial(world, MARTA, "0")

    greeting = text("voice.greeting", "es", client="ACME Seguros")
    assert [greeting in line.text for line in marta.heard] == [True, False]


def _dial(world: World, number: str, *keys: str) -> Phone:
    """A call to ACME's guard line, with these keys, one prompt after the other."""
    phone = world.phone(number)
    phone.dial(LINE)
    for key in keys:
        world.run(3)
        phone.press(key)
    world.run(3)
    return phone
