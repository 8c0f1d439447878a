"""What holds for every rotation in every time zone of the world."""

# ruff: noqa: DTZ001 - wall times have no zone

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given
from hypothesis import strategies as st

from oncall.people import Away, Person
from oncall.rosters import (
    Layer,
    Length,
    Override,
    Rotation,
    Team,
    Unit,
    Window,
    gaps,
    on_call,
    shifts,
    to_instant,
    to_wall,
)

ZONES = sorted(available_timezones() - {"localtime", "posixrules", "Factory"})
NAMES = ("ana", "bruno", "carla")
PEOPLE = {name: Person(name, name, ()) for name in NAMES}
HOURS = timedelta(hours=1)

zones = st.sampled_from(ZONES)
walls = st.datetimes(datetime(1950, 1, 1), datetime(2080, 1, 1)).map(lambda w: w.replace(microsecond=0))
lengths = st.builds(Length, st.integers(1, 40), st.sampled_from(Unit))


def plain(zone: str, starts: datetime, shift: Length, people: int = 3) -> Team:
    layer = Layer(tuple((name,) for name in NAMES[:people]), shift, starts)
    return Team("t", zone, {"r": Rotation((layer,))})


def after(moment: datetime, hours: int) -> datetime:
    return moment + hours * HOURS


@given(zones, walls, st.integers(0, 100_000))
def test_a_later_wall_time_is_never_an_earlier_instant(zone: str, wall: datetime, seconds: int) -> None:
    later = wall + timedelta(seconds=seconds)

    assert to_instant(wall, ZoneInfo(zone)) <= to_instant(later, ZoneInfo(zone))


@given(zones, walls)
def test_the_wall_time_reached_at_an_instant_is_the_last_one(zone: str, wall: datetime) -> None:
    at = wall.replace(tzinfo=UTC)
    reached = to_wall(at, ZoneInfo(zone))

    assert to_instant(reached, ZoneInfo(zone)) <= at
    assert to_instant(reached + timedelta(microseconds=1), ZoneInfo(zone)) > at


@given(zones, walls, lengths, st.integers(0, 20_000))
def test_consecutive_shifts_meet(zone: str, starts: datetime, shift: Length, hours: int) -> None:
    start = after(to_instant(starts, ZoneInfo(zone)), hours)
    rows = shifts(plain(zone, starts, shift), "r", start, after(start, 24 * 60), PEOPLE)

    assert rows[0].start == start
    assert rows[-1].end == after(start, 24 * 60)
    assert all(one.end == other.start for one, other in pairwise(rows))


@given(zones, walls, lengths, st.integers(-200, 20_000))
def test_there_is_exactly_one_turn_at_each_instant_and_none_before(
    zone: str, starts: datetime, shift: Length, hours: int
) -> None:
    team, first = plain(zone, starts, shift), to_instant(starts, ZoneInfo(zone))
    at = after(first, hours)

    assert len(on_call(team, "r", at, PEOPLE)) == (1 if at >= first else 0)


@given(zones, walls, lengths, st.integers(0, 400))
def test_a_turn_begins_at_its_wall_time_whatever_the_clock_did(
    zone: str, starts: datetime, shift: Length, number: int
) -> None:
    wall = starts
    if shift.unit is Unit.MONTHS:
        return
    wall = starts + shift.as_wall_time() * number
    at, then = to_instant(wall, ZoneInfo(zone)), to_instant(wall + shift.as_wall_time(), ZoneInfo(zone))

    if at < then:
        assert on_call(plain(zone, starts, shift), "r", at, PEOPLE) == (NAMES[number % 3],)


@st.composite
def any_team(draw: st.DrawFn) -> tuple[Team, dict[str, Person], datetime]:
    zone, starts = draw(zones), draw(walls)
    week = st.integers(0, 7 * 24 - 1).map(lambda h: h * 3600)
    window = st.builds(lambda s, n: Window(s, s + n * 3600), week, st.integers(1, 100))
    active = draw(st.none() | st.lists(window, min_size=1, max_size=4).map(tuple))
    items = tuple(draw(st.lists(st.sampled_from(NAMES).map(lambda n: (n,)), min_size=1, max_size=4)))
    handoff = draw(st.none() | st.integers(1, 500).map(lambda h: after(starts, h)))
    layer = Layer(items, draw(lengths), starts, handoff, None, active, draw(st.booleans()))
    upper = Layer((("bruno",), ("carla",)), draw(lengths), starts, None, None, (Window(0, 3600 * 40),))
    around = after(to_instant(starts, ZoneInfo(zone)), draw(st.integers(0, 30_000)))
    override = Override("r", after(around, draw(st.integers(-50, 50))), after(around, 60), "ana", "bruno")
    away = Away(around.replace(tzinfo=None), after(around.replace(tzinfo=None), 30))
    people = {**PEOPLE, "carla": Person("carla", "Carla", (), away=(away,))}
    layers = (layer, upper) if draw(st.booleans()) else (layer,)
    return Team("t", zone, {"r": Rotation(layers)}, (override,)), people, around


@given(any_team(), st.lists(st.integers(0, 24 * 60 * 14), min_size=1, max_size=20))
def test_who_agrees_with_shifts_and_gaps(
    case: tuple[Team, dict[str, Person], datetime], minutes: list[int]
) -> None:
    team, people, around = case
    start, end = after(around, -24 * 7), after(around, 24 * 7 + 1)
    rows, holes = shifts(team, "r", start, end, people), gaps(team, "r", start, end, people)

    for minute in minutes:
        at = start + timedelta(minutes=minute)
        held = on_call(team, "r", at, people)
        assert sorted(r.person for r in rows if r.start <= at < r.end) == sorted(held)
        assert any(g.start <= at < g.end for g in holes) == (not held)


@given(any_team(), st.lists(st.integers(1, 24 * 60 * 14), min_size=1, max_size=6, unique=True))
def test_expansion_in_pieces_equals_expansion_in_one(
    case: tuple[Team, dict[str, Person], datetime], minutes: list[int]
) -> None:
    team, people, around = case
    start, end = after(around, -24 * 7), after(around, 24 * 7 + 1)
    cuts = [start, *(start + timedelta(minutes=m) for m in sorted(minutes)), end]
    whole = shifts(team, "r", start, end, people)
    clipped = [
        (r.person, r.reason, max(r.start, s), min(r.end, e))
        for s, e in pairwise(cuts)
        for r in whole
        if r.start < e and s < r.end
    ]

    pieces = [
        (r.person, r.reason, r.start, r.end)
        for s, e in pairwise(cuts)
        for r in shifts(team, "r", s, e, people)
    ]

    assert sorted(pieces) == sorted(clipped)


@given(any_team())
def test_gaps_are_as_long_as_can_be_and_fill_what_shifts_leave(
    case: tuple[Team, dict[str, Person], datetime],
) -> None:
    team, people, around = case
    start, end = after(around, -24 * 7), after(around, 24 * 7)
    rows, holes = shifts(team, "r", start, end, people), gaps(team, "r", start, end, people)

    assert all(one.end < other.start for one, other in pairwise(holes))
    assert not any(g.start < r.end and r.start < g.end for g in holes for r in rows)
    edges = {start, end} | {m for r in rows for m in (r.start, r.end)}
    assert all(g.start in edges and g.end in edges for g in holes)


@given(zones, walls, lengths)
def test_rows_have_length_and_are_sorted(zone: str, starts: datetime, shift: Length) -> None:
    start = to_instant(starts, ZoneInfo(zone))
    rows = shifts(plain(zone, starts, shift), "r", after(start, -50), after(start, 2000), PEOPLE)

    assert all(row.start < row.end for row in rows)
    assert [row.start for row in rows] == sorted(row.start for row in rows)
