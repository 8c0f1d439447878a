"""Rule by rule: what a rotation means, as docs/rosters.md and the managers' files have it."""

# ruff: noqa: DTZ001 - wall times have no zone

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from oncall.people import Away, Person
from oncall.rosters import (
    Kind,
    Layer,
    Length,
    Override,
    Reason,
    Rotation,
    Team,
    Unit,
    Window,
    gaps,
    on_call,
    shifts,
    to_instant,
)

DAY, HOUR = 86400, 3600
ABC = (("ana",), ("bruno",), ("carla",))
WEEK = Length(1, Unit.WEEKS)
DAILY = Length(1, Unit.DAYS)
MONDAY = datetime(2026, 1, 5, 9)
PEOPLE = {name: Person(name, name.title(), ()) for name in ("ana", "bruno", "carla", "diego", "elsa")}


def a_layer(**changes: object) -> Layer:
    values = {"people": ABC, "shift": WEEK, "starts": MONDAY, **changes}
    return Layer(**values)  # type: ignore[arg-type]


def a_team(*layers: Layer, zone: str = "UTC", overrides: tuple[Override, ...] = ()) -> Team:
    return Team("guard", zone, {"primary": Rotation(layers)}, overrides)


def an_override(start: datetime, end: datetime, **values: object) -> Override:
    return Override("primary", start.replace(tzinfo=UTC), end.replace(tzinfo=UTC), **values)  # type: ignore[arg-type]


def who(team: Team, wall: datetime, people: Mapping[str, Person] = PEOPLE) -> tuple[str, ...]:
    return on_call(team, "primary", to_instant(wall, ZoneInfo(team.timezone)), people)


def told(team: Team, start: datetime, end: datetime, people: Mapping[str, Person] = PEOPLE) -> list[str]:
    """Rows as ``person from to``, in the team's own time."""
    zone = ZoneInfo(team.timezone)
    rows = shifts(team, "primary", to_instant(start, zone), to_instant(end, zone), people)
    return [f"{r.person} {r.start.astimezone(zone):%d.%H:%M} {r.end.astimezone(zone):%d.%H:%M}" for r in rows]


def test_nobody_is_on_call_before_the_start_and_after_the_end() -> None:
    team = a_team(a_layer(until=datetime(2026, 2, 1)))

    assert who(team, MONDAY - timedelta(seconds=1)) == ()
    assert who(team, MONDAY) == ("ana",)
    assert who(team, datetime(2026, 1, 31, 23, 59, 59)) == ("ana",)
    assert who(team, datetime(2026, 2, 1)) == ()


def test_an_unknown_rotation_has_nobody() -> None:
    assert on_call(a_team(a_layer()), "secondary", datetime(2026, 3, 1, tzinfo=UTC), PEOPLE) == ()


@pytest.mark.parametrize(
    ("shift", "moment", "holder"),
    [
        (Length(12, Unit.HOURS), datetime(2026, 1, 5, 20, 59, 59), "ana"),
        (Length(12, Unit.HOURS), datetime(2026, 1, 5, 21), "bruno"),
        (Length(5, Unit.HOURS), datetime(2026, 1, 5, 19), "carla"),
        (DAILY, datetime(2026, 1, 7, 9), "carla"),
        (Length(2, Unit.DAYS), datetime(2026, 1, 8, 9), "bruno"),
        (WEEK, datetime(2026, 1, 26, 8, 59), "carla"),
        (WEEK, datetime(2026, 1, 26, 9), "ana"),
        (Length(2, Unit.WEEKS), datetime(2026, 1, 19, 9), "bruno"),
        (Length(1, Unit.MONTHS), datetime(2026, 2, 5, 8, 59), "ana"),
        (Length(1, Unit.MONTHS), datetime(2026, 2, 5, 9), "bruno"),
        (Length(3, Unit.MONTHS), datetime(2026, 10, 5, 9), "ana"),
    ],
)
def test_turns_of_every_unit_hand_off_at_their_wall_time(
    shift: Length, moment: datetime, holder: str
) -> None:
    assert who(a_team(a_layer(shift=shift)), moment) == (holder,)


def test_months_from_the_31st_are_clamped_without_drift() -> None:
    team = a_team(a_layer(shift=Length(1, Unit.MONTHS), starts=datetime(2027, 12, 31, 12)))

    rows = shifts(
        team, "primary", datetime(2027, 12, 1, tzinfo=UTC), datetime(2028, 6, 1, tzinfo=UTC), PEOPLE
    )

    assert [f"{r.start:%m-%d}" for r in rows] == ["12-31", "01-31", "02-29", "03-31", "04-30", "05-31"]


@pytest.mark.parametrize(
    ("zone", "night", "rows"),
    [  # forward: the turn that would begin in the gap begins after it
        ("Europe/Madrid", datetime(2026, 3, 29), ["ana 28.20:30 29.08:30", "bruno 29.08:30 29.20:30"]),
        ("America/New_York", datetime(2026, 11, 1), ["ana 31.20:30 01.08:30", "bruno 01.08:30 01.20:30"]),
    ],
)
def test_twelve_hour_shifts_hand_off_at_the_same_hours_on_both_sides_of_a_clock_change(
    zone: str, night: datetime, rows: list[str]
) -> None:
    starts = night - timedelta(days=1, hours=-20, minutes=-30)
    team = a_team(a_layer(people=ABC[:2], shift=Length(12, Unit.HOURS), starts=starts), zone=zone)

    assert told(team, starts, starts + timedelta(days=1)) == rows


def test_hourly_turns_lose_the_skipped_one_and_keep_the_repeated_one_longer() -> None:
    hourly = Length(1, Unit.HOURS)
    spring = a_team(a_layer(shift=hourly, starts=datetime(2026, 3, 29)), zone="Europe/Madrid")
    autumn = a_team(a_layer(shift=hourly, starts=datetime(2026, 10, 25)), zone="Europe/Madrid")

    skipped = told(spring, datetime(2026, 3, 29), datetime(2026, 3, 29, 5))
    repeated = shifts(
        autumn,
        "primary",
        datetime(2026, 10, 24, 22, tzinfo=UTC),
        datetime(2026, 10, 25, 3, tzinfo=UTC),
        PEOPLE,
    )

    assert skipped == ["ana 29.00:00 29.01:00", "bruno 29.01:00 29.03:00", "ana 29.03:00 29.04:00",
                       "bruno 29.04:00 29.05:00"]  # fmt: skip
    assert [(r.person, (r.end - r.start) // timedelta(hours=1)) for r in repeated] == [
        ("ana", 1), ("bruno", 1), ("carla", 2), ("ana", 1)]  # fmt: skip


def test_lord_howe_changes_by_half_an_hour() -> None:
    team = a_team(
        a_layer(shift=Length(1, Unit.HOURS), starts=datetime(2026, 10, 4)), zone="Australia/Lord_Howe"
    )

    assert told(team, datetime(2026, 10, 4), datetime(2026, 10, 4, 4)) == [
        "ana 04.00:00 04.01:00", "bruno 04.01:00 04.02:30", "carla 04.02:30 04.03:00", "ana 04.03:00 04.04:00"
    ]  # fmt: skip


def test_a_day_that_never_was_takes_its_person_with_it() -> None:
    midnight = a_team(a_layer(shift=DAILY, starts=datetime(2011, 12, 28)), zone="Pacific/Apia")
    morning = a_team(a_layer(shift=DAILY, starts=datetime(2011, 12, 28, 9)), zone="Pacific/Apia")

    assert told(midnight, datetime(2011, 12, 28), datetime(2012, 1, 2)) == [
        "ana 28.00:00 29.00:00", "bruno 29.00:00 31.00:00", "ana 31.00:00 01.00:00", "bruno 01.00:00 02.00:00"
    ]  # fmt: skip
    assert told(morning, datetime(2011, 12, 28, 9), datetime(2012, 1, 1, 9)) == [
        "ana 28.09:00 29.09:00", "bruno 29.09:00 31.00:00", "carla 31.00:00 31.09:00", "ana 31.09:00 01.09:00"
    ]  # fmt: skip


def test_a_first_handoff_ends_the_first_turn_and_later_turns_count_from_it() -> None:
    early = a_team(a_layer(first_handoff=datetime(2026, 1, 7, 18)))
    late = a_team(a_layer(first_handoff=datetime(2026, 1, 30, 18)))

    assert told(early, MONDAY, datetime(2026, 1, 15)) == [
        "ana 05.09:00 07.18:00", "bruno 07.18:00 14.18:00", "carla 14.18:00 15.00:00"
    ]  # fmt: skip
    assert told(late, MONDAY, datetime(2026, 2, 7)) == ["ana 05.09:00 30.18:00", "bruno 30.18:00 06.18:00",
                                                        "carla 06.18:00 07.00:00"]  # fmt: skip


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    friday = a_team(a_layer(active=(Window(4 * DAY + 18 * HOUR, 4 * DAY + 33 * HOUR),)))

    assert told(friday, MONDAY, datetime(2026, 1, 12, 9)) == ["ana 09.18:00 10.09:00"]


def test_a_window_over_sunday_midnight_changes_hands_with_the_turn() -> None:
    sunday = a_team(a_layer(active=(Window(6 * DAY + 18 * HOUR, 7 * DAY + 12 * HOUR),)))

    assert told(sunday, MONDAY, datetime(2026, 1, 13)) == [
        "ana 05.09:00 05.12:00", "ana 11.18:00 12.09:00", "bruno 12.09:00 12.12:00"
    ]  # fmt: skip


def test_windows_are_united() -> None:
    touching = (Window(0, 12 * HOUR), Window(10 * HOUR, 20 * HOUR), Window(20 * HOUR, DAY))
    team = a_team(a_layer(active=touching, shift=DAILY, starts=datetime(2026, 1, 5)))

    assert told(team, datetime(2026, 1, 5), datetime(2026, 1, 12)) == ["ana 05.00:00 06.00:00"]


def test_turns_without_duty_are_used_up_unless_told_otherwise() -> None:
    weekend = (Window(5 * DAY, 7 * DAY),)
    starts = datetime(2026, 1, 5)
    used = a_team(a_layer(shift=DAILY, starts=starts, active=weekend))
    kept = a_team(a_layer(shift=DAILY, starts=starts, active=weekend, skip_empty_turns=True))

    assert told(used, starts, datetime(2026, 1, 19)) == [
        "carla 10.00:00 11.00:00", "ana 11.00:00 12.00:00", "ana 17.00:00 18.00:00", "bruno 18.00:00 19.00:00"
    ]  # fmt: skip
    assert told(kept, starts, datetime(2026, 1, 19)) == [
        "ana 10.00:00 11.00:00", "bruno 11.00:00 12.00:00", "carla 17.00:00 18.00:00", "ana 18.00:00 19.00:00"
    ]  # fmt: skip


def test_years_later_turns_without_duty_are_still_not_counted() -> None:
    weekdays = tuple(Window(d * DAY + 8 * HOUR, d * DAY + 16 * HOUR) for d in range(5))
    layer = a_layer(
        shift=Length(8, Unit.HOURS), starts=datetime(2026, 1, 5), active=weekdays, skip_empty_turns=True
    )

    days = [datetime(2029, 1, 1, 10) + timedelta(days=n) for n in range(5)]
    holders = [who(a_team(layer), day)[0] for day in days]

    used = 156 * 5  # weeks since the start
    assert holders == [ABC[(used + n) % 3][0] for n in range(5)]


def test_later_layers_win_where_they_have_somebody() -> None:
    sundays = a_layer(people=(("diego",),), active=(Window(6 * DAY, 7 * DAY),))
    away = Person("diego", "Diego", (), away=(Away(datetime(2026, 1, 11, 12), datetime(2026, 1, 20)),))
    team = a_team(a_layer(), sundays)

    assert told(team, datetime(2026, 1, 10), datetime(2026, 1, 13)) == [
        "ana 10.00:00 11.00:00", "diego 11.00:00 12.00:00", "ana 12.00:00 12.09:00", "bruno 12.09:00 13.00:00"
    ]  # fmt: skip
    assert told(team, datetime(2026, 1, 10), datetime(2026, 1, 12), {**PEOPLE, "diego": away}) == [
        "ana 10.00:00 11.00:00", "diego 11.00:00 11.12:00", "ana 11.12:00 12.00:00"
    ]  # fmt: skip


def test_several_at_once_are_a_row_each() -> None:
    team = a_team(a_layer(people=(("ana", "bruno"), ("carla",))))

    assert who(team, MONDAY) == ("ana", "bruno")
    assert told(team, MONDAY, datetime(2026, 1, 13)) == [
        "ana 05.09:00 12.09:00", "bruno 05.09:00 12.09:00", "carla 12.09:00 13.00:00"
    ]  # fmt: skip


def test_turns_that_follow_one_another_stay_apart_whoever_has_them() -> None:
    alone = a_team(a_layer(people=(("ana",),)))

    assert told(alone, MONDAY, datetime(2026, 1, 19, 9)) == ["ana 05.09:00 12.09:00", "ana 12.09:00 19.09:00"]


NIGHTS = tuple(Window(d * DAY + 18 * HOUR, d * DAY + 33 * HOUR) for d in range(7))  # 18:00 to 09:00
NOON, EVENING, LATE = datetime(2026, 1, 6, 12), datetime(2026, 1, 6, 20), datetime(2026, 1, 7, 2)


@pytest.mark.parametrize(
    ("overrides", "noon", "evening"),
    [  # on call at noon (not active) and in the evening (active, ana's and bruno's turn)
        ([], (), ("ana", "bruno")),
        ([{"person": "carla"}], (), ("carla",)),
        ([{"person": "carla", "instead_of": "ana"}], (), ("carla", "bruno")),
        ([{"person": "carla", "instead_of": "elsa"}], (), ("ana", "bruno")),
        ([{"person": "carla", "kind": Kind.COVER}], ("carla",), ("carla",)),
        ([{"person": "carla", "kind": Kind.ADD}], ("carla",), ("ana", "bruno", "carla")),
        ([{"instead_of": "ana", "kind": Kind.REMOVE}], (), ("bruno",)),
        ([{"person": "ana", "kind": Kind.ADD}], ("ana",), ("ana", "bruno")),
        # two covers at once: both
        (
            [{"person": "carla", "kind": Kind.COVER}, {"person": "diego", "kind": Kind.COVER}],
            ("carla", "diego"),
            ("carla", "diego"),
        ),
        # replacing is not chained
        (
            [{"person": "carla", "instead_of": "ana"}, {"person": "diego", "instead_of": "carla"}],
            (),
            ("carla", "bruno"),
        ),
        (
            [{"person": "bruno", "instead_of": "ana"}, {"person": "ana", "instead_of": "bruno"}],
            (),
            ("bruno", "ana"),
        ),
        # first cover, then replace
        (
            [{"person": "carla", "kind": Kind.COVER}, {"person": "diego", "instead_of": "carla"}],
            ("carla",),
            ("diego",),
        ),
        # whoever an override brought in is not removed
        (
            [{"person": "carla", "instead_of": "ana"}, {"instead_of": "carla", "kind": Kind.REMOVE}],
            (),
            ("carla", "bruno"),
        ),
        (
            [{"person": "carla", "kind": Kind.COVER}, {"instead_of": "carla", "kind": Kind.REMOVE}],
            ("carla",),
            ("carla",),
        ),
        # add comes last
        (
            [{"instead_of": "ana", "kind": Kind.REMOVE}, {"person": "ana", "kind": Kind.ADD}],
            ("ana",),
            ("bruno", "ana"),
        ),
        ([{"person": "diego", "kind": Kind.ADD}, {"person": "carla"}], ("diego",), ("carla", "diego")),
    ],
)
def test_overrides_cover_then_replace_then_remove_then_add(
    overrides: list[dict[str, object]], noon: tuple[str, ...], evening: tuple[str, ...]
) -> None:
    span = (datetime(2026, 1, 6), datetime(2026, 1, 8))
    exceptions = tuple(an_override(*span, **values) for values in overrides)
    layer = a_layer(people=(("ana", "bruno"),), active=NIGHTS)

    for order in (exceptions, exceptions[::-1]):
        team = a_team(layer, overrides=order)
        assert sorted(who(team, NOON)) == sorted(noon)
        assert sorted(who(team, EVENING)) == sorted(evening)


def test_an_override_is_one_row_and_leaves_the_rest_of_the_turn() -> None:
    override = an_override(datetime(2026, 1, 11), datetime(2026, 1, 13), person="diego")
    team = a_team(a_layer(), overrides=(override,))
    window = (datetime(2026, 1, 5, 9, tzinfo=UTC), datetime(2026, 1, 19, 9, tzinfo=UTC))

    rows = shifts(team, "primary", *window, PEOPLE)

    assert [(r.person, r.reason) for r in rows] == [
        ("ana", Reason.ROTATION), ("diego", Reason.OVERRIDE), ("bruno", Reason.ROTATION)
    ]  # fmt: skip


def test_a_replacement_comes_in_where_the_rotation_is_active_and_everybody_is_away() -> None:
    away = {"ana": Person("ana", "Ana", (), away=(Away(MONDAY, datetime(2026, 2, 1)),))}
    override = an_override(datetime(2026, 1, 6), datetime(2026, 1, 7), person="diego")
    team = a_team(a_layer(people=(("ana",),), active=NIGHTS), overrides=(override,))

    assert who(team, NOON, {**PEOPLE, **away}) == ()
    assert who(team, EVENING, {**PEOPLE, **away}) == ("diego",)
    assert who(team, LATE, {**PEOPLE, **away}) == ()


def away_from(start: datetime, end: datetime, *names: str) -> dict[str, Person]:
    absent = {name: Person(name, name.title(), (), away=(Away(start, end),)) for name in names}
    return {**PEOPLE, **absent}


def test_the_next_in_order_stands_in_and_the_order_does_not_shift() -> None:
    people = away_from(datetime(2026, 1, 8), datetime(2026, 1, 14), "ana", "bruno")
    team = a_team(a_layer())
    window = (MONDAY.replace(tzinfo=UTC), datetime(2026, 1, 26, 9, tzinfo=UTC))

    rows = shifts(team, "primary", *window, people)

    assert [(r.person, r.reason.value, f"{r.start:%d.%H}") for r in rows] == [
        ("ana", "rotation", "05.09"),
        ("carla", "substitute", "08.00"),
        ("carla", "substitute", "12.09"),
        ("bruno", "rotation", "14.00"),
        ("carla", "rotation", "19.09"),
    ]


def test_when_nobody_is_left_there_is_a_gap() -> None:
    people = away_from(datetime(2026, 1, 8), datetime(2026, 1, 9), "ana", "bruno", "carla")
    window = (datetime(2026, 1, 7, tzinfo=UTC), datetime(2026, 1, 10, tzinfo=UTC))

    holes = gaps(a_team(a_layer()), "primary", *window, people)

    assert [(g.start.day, g.end.day) for g in holes] == [(8, 9)]


@pytest.mark.parametrize(
    ("absent", "holders"),
    [
        (("ana",), ("carla", "bruno")),
        (("ana", "bruno"), ("carla", "diego")),
        (("ana", "carla"), ("diego", "bruno")),
        (("ana", "carla", "diego"), ("bruno",)),
        (("ana", "bruno", "carla"), ("diego",)),
    ],
)
def test_of_several_at_once_each_is_substituted_by_somebody_else(
    absent: tuple[str, ...], holders: tuple[str, ...]
) -> None:
    people = away_from(MONDAY, datetime(2026, 2, 1), *absent)
    team = a_team(a_layer(people=(("ana", "bruno"), ("carla",), ("diego",))))

    assert who(team, MONDAY, people) == holders


def test_an_absence_with_an_offset_is_the_same_instant_in_every_zone() -> None:
    instant = datetime(2026, 1, 6, 12, tzinfo=UTC)
    people = away_from(instant, instant + timedelta(hours=1), "ana")

    for zone in ("Asia/Tokyo", "America/Lima"):
        team = a_team(a_layer(), zone=zone)
        assert on_call(team, "primary", instant, people) == ("bruno",)
        assert on_call(team, "primary", instant + timedelta(hours=1), people) == ("ana",)


def test_a_gap_is_every_span_with_nobody_whatever_the_reason() -> None:
    team = a_team(a_layer(active=(Window(0, DAY),), until=datetime(2026, 1, 20)))
    window = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))

    holes = gaps(team, "primary", *window, PEOPLE)

    assert [f"{g.start:%d.%H}-{g.end:%d.%H}" for g in holes] == ["01.00-05.09", "06.00-12.00", "13.00-19.00",
                                                                 "20.00-01.00"]  # fmt: skip
