"""Teams to measure with: any number of people who take turns, with a swap now and then."""

from datetime import UTC, datetime, timedelta

from oncall.people import Person
from oncall.rosters import Layer, Length, Override, Rotation, Team, Unit

ZONE = "America/Argentina/Buenos_Aires"
STARTS = datetime(2026, 1, 5, 9)  # noqa: DTZ001  # wall time in the team's zone
A_WEEK = Length(1, Unit.WEEKS)


def a_team(
    id: str, people: int, shift: Length = A_WEEK, overrides: int = 0
) -> tuple[Team, dict[str, Person]]:
    """A team with one rotation, ``primary``, and ``overrides`` swaps of a day, a month apart."""
    persons = {f"p{n}": Person(f"p{n}", f"Person {n}", (f"+54911555{n:05}",)) for n in range(people)}
    rotation = Rotation((Layer(tuple((p,) for p in persons), shift, STARTS),))
    swaps = tuple(_swap(month, f"p{month % people}") for month in range(overrides))
    return Team(id, ZONE, {"primary": rotation}, swaps), persons


def _swap(month: int, person: str) -> Override:
    begins = datetime(2026, 1, 20, 12, tzinfo=UTC) + month * timedelta(days=30)
    return Override("primary", begins, begins + timedelta(days=1), person)
