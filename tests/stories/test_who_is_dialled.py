"""Nothing that a caller types is ever dialled: only phones of the roster, and the case's caller (I9)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.wiring.world import World, open_world

ROSTERS = Path(__file__).parents[2] / "rosters"
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
LINE = "+541152630001"
MARTA = "+5491155550201"
STRANGERS = "5490055559999"


@pytest.fixture
def world() -> Iterator[World]:
    with open_world(ROSTERS, AT) as world:
        yield world


def test_a_number_typed_as_a_pin_is_only_a_wrong_pin(world: World) -> None:
    _dial(world, *(f"{STRANGERS}#" for _ in range(3)), withheld=True)
    world.run(60)

    assert _rung(world) == set()


def test_a_number_typed_after_the_menu_rings_the_roster_only(world: World) -> None:
    _dial(world, "1", "1", *f"{STRANGERS[3:]}#{STRANGERS[3:]}")
    world.run(300)

    staff = {phone for person in world.guard.books.current().people.values() for phone in person.phones}
    assert _rung(world)
    assert _rung(world) <= staff


def _dial(world: World, *keys: str, withheld: bool = False) -> None:
    """A call to ACME's guard line, with these keys, one after the other while it lasts."""
    marta = world.phone(MARTA)
    marta.dial(LINE, withheld=withheld)
    for key in keys:
        world.run(9)
        if marta.call is not None:
            marta.press(key)


def _rung(world: World) -> set[str]:
    return {event.number for event in world.exchange.story.of("ringing")}
