"""What is owed and until when: the examples of the agreement, holidays, clock changes, and promises that
hold for every instant."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.sla import Promise, WorkingHours, add_working_time

BUENOS_AIRES = ZoneInfo("America/Argentina/Buenos_Aires")
HOURS = WorkingHours(
    frozenset(range(5)), time(9), time(18), "America/Argentina/Buenos_Aires", frozenset({date(2026, 12, 25)})
)
BLOCKER_RESPONSE, BLOCKER_RESOLUTION = Promise(timedelta(hours=1)), Promise(timedelta(hours=6))
HIGH_RESPONSE = Promise(timedelta(hours=2))
HIGH_RESOLUTION = Promise(timedelta(hours=16), timedelta(hours=8))
QUESTION = Promise(working=timedelta(hours=4))

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 366 * 24 * 3600).map(lambda seconds: NEW_YEAR + timedelta(seconds=seconds))
ZONES = st.sampled_from(["America/New_York", "Europe/Madrid", "America/Sao_Paulo", "Australia/Lord_Howe"])
LENGTHS = st.integers(0, 100 * 3600).map(lambda seconds: timedelta(seconds=seconds))


def local(text: str, zone: str = "America/Argentina/Buenos_Aires") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("called", "due"),
    [
        ("2026-11-23 09:00", "2026-11-23 17:00"),  # Monday: eight working hours
        ("2026-11-20 17:00", "2026-11-21 09:00"),  # Friday: sixteen hours
        ("2026-11-21 03:00", "2026-11-21 19:00"),  # Saturday: sixteen hours
        ("2026-11-23 12:00", "2026-11-24 04:00"),  # Monday noon: sixteen hours come first
        ("2026-12-24 17:00", "2026-12-25 09:00"),  # the eve of a holiday
    ],
)
def test_a_high_is_resolved_at_the_earlier_of_eight_working_and_sixteen_hours(called: str, due: str) -> None:
    assert HIGH_RESOLUTION.due(local(called), HOURS) == local(due)


def test_a_blocker_counts_elapsed_hours_whatever_the_day() -> None:
    saturday = local("2026-11-21 23:30")

    assert BLOCKER_RESPONSE.due(saturday, HOURS) == local("2026-11-22 00:30")
    assert BLOCKER_RESOLUTION.due(saturday, HOURS) == local("2026-11-22 05:30")
    assert HIGH_RESPONSE.due(saturday, HOURS) == local("2026-11-22 01:30")


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("2026-11-23 10:00", "2026-11-23 14:00"),
        ("2026-11-23 16:00", "2026-11-24 11:00"),  # over the night
        ("2026-11-20 16:00", "2026-11-23 11:00"),  # over the weekend
        ("2026-11-21 12:00", "2026-11-23 13:00"),  # asked on a Saturday
        ("2026-11-23 05:00", "2026-11-23 13:00"),  # asked before the doors open
        ("2026-11-23 14:00", "2026-11-23 18:00"),  # to the minute of closing
        ("2026-12-24 16:00", "2026-12-28 11:00"),  # over Christmas and the weekend
    ],
)
def test_working_time_passes_only_in_working_hours(asked: str, due: str) -> None:
    assert QUESTION.due(local(asked), HOURS) == local(due)


def test_due_times_are_in_utc() -> None:
    due = QUESTION.due(local("2026-11-23 10:00"), HOURS)

    assert due.tzinfo is UTC


def test_a_holiday_is_no_working_day_and_the_doors_are_closed() -> None:
    assert not HOURS.is_working_day(date(2026, 12, 25))
    assert not HOURS.is_open(local("2026-12-25 12:00"))
    assert HOURS.is_open(local("2026-12-24 12:00"))


def test_the_doors_are_open_at_nine_and_closed_at_six() -> None:
    assert HOURS.is_open(local("2026-11-23 09:00"))
    assert not HOURS.is_open(local("2026-11-23 18:00"))


def test_working_hours_over_a_change_of_clock_are_hours_on_the_wall_of_a_clock() -> None:
    nights = WorkingHours(frozenset(range(7)), time(0), time(8), "America/New_York")

    # 2026-03-08 02:00 does not exist there: the working day has seven hours.
    due = add_working_time(local("2026-03-08 00:00", "America/New_York"), timedelta(hours=7), nights)

    assert due == local("2026-03-08 08:00", "America/New_York")


def test_a_night_on_which_the_hour_repeats_is_an_hour_longer() -> None:
    nights = WorkingHours(frozenset(range(7)), time(0), time(8), "America/New_York")

    due = add_working_time(local("2026-11-01 00:00", "America/New_York"), timedelta(hours=9), nights)

    assert due == local("2026-11-01 08:00", "America/New_York")


def test_elapsed_hours_take_no_notice_of_a_change_of_clock() -> None:
    before = local("2026-03-08 01:30", "America/New_York")

    assert BLOCKER_RESPONSE.due(before, HOURS) - before == timedelta(hours=1)


def test_working_hours_without_a_day_are_refused() -> None:
    with pytest.raises(ValueError, match="without a working day"):
        add_working_time(
            local("2026-11-23 10:00"), timedelta(hours=1), WorkingHours(frozenset(), time(9), time(18), "UTC")
        )


@given(MOMENTS, LENGTHS, ZONES)
def test_nothing_is_due_before_it_was_asked(since: datetime, length: timedelta, zone: str) -> None:
    hours = WorkingHours(frozenset(range(5)), time(9), time(18), zone)

    assert add_working_time(since, length, hours) >= since + length


@given(MOMENTS, LENGTHS, LENGTHS, ZONES)
def test_who_asks_later_is_never_served_earlier(
    since: datetime, later: timedelta, length: timedelta, zone: str
) -> None:
    hours = WorkingHours(frozenset(range(5)), time(9), time(18), zone)

    assert add_working_time(since + later, length, hours) >= add_working_time(since, length, hours)


@given(MOMENTS, LENGTHS, LENGTHS)
def test_a_longer_promise_is_never_due_earlier(since: datetime, length: timedelta, more: timedelta) -> None:
    assert add_working_time(since, length + more, HOURS) >= add_working_time(since, length, HOURS)


@given(MOMENTS, LENGTHS.filter(bool))
def test_working_time_ends_within_working_hours(since: datetime, length: timedelta) -> None:
    due = add_working_time(since, length, HOURS).astimezone(BUENOS_AIRES)

    assert HOURS.is_working_day(due.date())
    assert time(9) < due.time() <= time(18)


@given(MOMENTS)
def test_with_two_lengths_the_earlier_end_counts(since: datetime) -> None:
    elapsed, working = Promise(timedelta(hours=16)), Promise(working=timedelta(hours=8))

    assert HIGH_RESOLUTION.due(since, HOURS) == min(elapsed.due(since, HOURS), working.due(since, HOURS))


@given(MOMENTS, ZONES)
def test_working_spans_follow_each_other_and_never_overlap(since: datetime, zone: str) -> None:
    hours = WorkingHours(frozenset({0, 2, 6}), time(0), time(12), zone)

    spans = list(islice(hours.spans(since), 12))

    assert all(opens < closes for opens, closes in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert spans[0][0] >= since
