"""The real rosters against the account by the minute, in ten zones across their clock changes."""

# ruff: noqa: DTZ001 - wall times have no zone

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.people import Away, Person
from oncall.rosters import (
    Kind,
    Layer,
    Length,
    Override,
    Rotation,
    Team,
    Unit,
    Window,
    on_call,
    shifts,
    to_instant,
)
from oncall.rosters.walltime import to_wall
from tests.oncall.rosters_by_the_minute import ByTheMinute, steady_clock

CHANGES = [
    ("Europe/Madrid", datetime(2026, 3, 29)),
    ("Europe/Madrid", datetime(2026, 10, 25)),
    ("America/New_York", datetime(2026, 3, 8)),
    ("America/New_York", datetime(2026, 11, 1)),
    ("Australia/Lord_Howe", datetime(2026, 4, 5)),  # half an hour back
    ("Australia/Lord_Howe", datetime(2026, 10, 4)),
    ("America/Argentina/Buenos_Aires", datetime(2026, 10, 4)),  # none at all
    ("America/Santiago", datetime(2026, 4, 5)),  # at midnight
    ("America/Santiago", datetime(2026, 9, 6)),
    ("Pacific/Apia", datetime(2011, 12, 30)),  # a day that never was
    ("Africa/Casablanca", datetime(2026, 2, 15)),  # back for Ramadan
    ("America/Sao_Paulo", datetime(2018, 11, 4)),  # rules since given up
    ("Asia/Pyongyang", datetime(2018, 5, 5)),  # a new offset
    ("Europe/Dublin", datetime(2026, 3, 29)),  # winter is the exception
    ("America/Caracas", datetime(2016, 5, 1)),
]
HOUR, DAY = 3600, 86400
NAMES = ("ana", "bruno", "carla", "diego", "elsa")


def seconds(draw: st.DrawFn, low: int, high: int) -> int:
    return draw(st.integers(low // 1800, high // 1800)) * 1800


@st.composite
def windows(draw: st.DrawFn) -> Window:
    start = seconds(draw, 0, 7 * DAY - 1800)
    return Window(start, start + seconds(draw, 1800, 7 * DAY))


@st.composite
def layers(draw: st.DrawFn, around: datetime) -> Layer:
    unit = draw(st.sampled_from(list(Unit)))
    most = {Unit.HOURS: 30, Unit.DAYS: 9, Unit.WEEKS: 2, Unit.MONTHS: 2}[unit]
    starts = around - timedelta(seconds=seconds(draw, -DAY, 20 * DAY))
    items = st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True).map(tuple)
    later = st.integers(1, 400).map(lambda n: starts + n * timedelta(minutes=30))
    return Layer(
        people=tuple(draw(st.lists(items, min_size=1, max_size=5))),
        shift=Length(draw(st.integers(1, most)), unit),
        starts=starts,
        first_handoff=draw(st.none() | later),
        until=draw(st.none() | later),
        active=draw(st.none() | st.lists(windows(), min_size=1, max_size=3).map(tuple)),
        skip_empty_turns=draw(st.booleans()),
    )


@st.composite
def overrides(draw: st.DrawFn, around: datetime, zone: str) -> Override:
    kind = draw(st.sampled_from(list(Kind)))
    start = around + timedelta(seconds=seconds(draw, -2 * DAY, 2 * DAY))
    end = start + timedelta(seconds=seconds(draw, 1800, 2 * DAY))
    somebody = st.sampled_from(NAMES)
    given_up = {Kind.REMOVE: somebody, Kind.REPLACE: st.none() | somebody}.get(kind, st.none())
    return Override(
        rotation="primary",
        start=to_instant(start, ZoneInfo(zone)),
        end=to_instant(end, ZoneInfo(zone)),
        person=None if kind is Kind.REMOVE else draw(somebody),
        instead_of=draw(given_up),
        kind=kind,
    )


@st.composite
def teams(draw: st.DrawFn) -> tuple[Team, dict[str, Person], datetime]:
    zone, around = draw(st.sampled_from(CHANGES))
    rotation = Rotation(tuple(draw(st.lists(layers(around), min_size=1, max_size=2))))
    exceptions = tuple(draw(st.lists(overrides(around, zone), max_size=3)))
    people = {}
    for name in NAMES:
        away = ()
        if draw(st.integers(0, 3)) == 0:
            start = around + timedelta(seconds=seconds(draw, -3 * DAY, 2 * DAY))
            away = (Away(start, start + timedelta(seconds=seconds(draw, 1800, 3 * DAY))),)
        people[name] = Person(name, name.title(), (), away=away)
    return Team("t", zone, {"primary": rotation}, exceptions), people, around


@given(teams())
def test_every_tenth_minute_around_a_clock_change_agrees(
    case: tuple[Team, dict[str, Person], datetime],
) -> None:
    team, people, around = case
    start = around.replace(tzinfo=UTC) - timedelta(hours=30)
    model = ByTheMinute(team, people)

    for at, shown in steady_clock(team.timezone, start, start + timedelta(days=3)):
        if at.minute % 10 == 0:
            assert sorted(on_call(team, "primary", at, people)) == model.who("primary", shown), at


@pytest.mark.parametrize(("zone", "around"), CHANGES)
@pytest.mark.parametrize("shift", [Length(1, Unit.HOURS), Length(12, Unit.HOURS), Length(1, Unit.DAYS)])
def test_every_minute_around_a_clock_change_agrees(zone: str, around: datetime, shift: Length) -> None:
    nights = tuple(Window(d * DAY + 18 * HOUR, d * DAY + 26 * HOUR + 1800) for d in range(7))
    base = Layer(
        (("ana",), ("bruno",), ("carla",)), shift, around - timedelta(days=20, hours=-2, minutes=-30)
    )
    upper = Layer((("diego",), ("elsa",)), shift, around - timedelta(days=9, hours=1), active=nights)
    people = {name: Person(name, name, ()) for name in NAMES}
    team = Team("t", zone, {"plain": Rotation((base,)), "layered": Rotation((base, upper))})
    model = ByTheMinute(team, people)
    start = around.replace(tzinfo=UTC) - timedelta(hours=20)

    for rotation in team.rotations:
        rows = shifts(team, rotation, start, start + timedelta(hours=44), people)
        for at, shown in steady_clock(zone, start, start + timedelta(hours=44)):
            holding = [row.person for row in rows if row.start <= at < row.end]
            assert holding == model.who(rotation, shown), (rotation, at)


@pytest.mark.parametrize(("zone", "around"), CHANGES)
def test_every_wall_time_around_a_clock_change_has_its_instant(zone: str, around: datetime) -> None:
    start = around.replace(tzinfo=UTC) - timedelta(hours=30)
    reached: list[tuple[datetime, datetime]] = list(steady_clock(zone, start, start + timedelta(hours=60)))
    wall, i = reached[0][1], 0

    while wall < reached[-1][1]:
        while reached[i][1] < wall:
            i += 1
        instant = to_instant(wall, ZoneInfo(zone))
        assert instant == reached[i][0], wall
        assert to_wall(instant, ZoneInfo(zone)) >= wall
        wall += timedelta(minutes=10)
