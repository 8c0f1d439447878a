"""The clock that everything goes by: never backwards, whatever somebody does to the machine's."""

from datetime import UTC, datetime, timedelta

from app.clock import SystemClock

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Machine:
    """A wall clock that anybody may set, and seconds that nobody can."""

    def __init__(self) -> None:
        self.wall = NOON
        self.ticks = 100.0
        self.clock = SystemClock(lambda: self.wall, lambda: self.ticks)

    def passes(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.ticks += seconds


def test_the_clock_is_the_machines() -> None:
    machine = Machine()

    machine.passes(90)

    assert machine.clock.now() == NOON + timedelta(seconds=90)


def test_a_clock_set_forward_is_followed() -> None:
    machine = Machine()

    machine.wall += timedelta(hours=1)

    assert machine.clock.now() == NOON + timedelta(hours=1)


def test_a_clock_set_back_holds_up_no_deadline() -> None:
    machine = Machine()
    machine.wall -= timedelta(hours=1)

    first = machine.clock.now()
    machine.passes(100)

    assert first == NOON
    assert machine.clock.now() == NOON + timedelta(seconds=90)


def test_the_machines_clock_is_caught_up_with() -> None:
    machine = Machine()
    machine.wall -= timedelta(hours=1)
    machine.clock.now()

    for _ in range(12):
        machine.passes(3600)
        machine.clock.now()

    assert machine.clock.now() == machine.wall
