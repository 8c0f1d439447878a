"""Who is told that a shift begins, when, and that nobody is told while nothing changes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from oncall.book import Book, Service, SupportCenter
from oncall.handoffs import By, Notice, due_notices
from oncall.people import Person
from oncall.rosters import Kind, Layer, Length, Notices, Override, Rotation, Team, Unit, Window
from oncall.sla import WorkingHours

HANDOFF = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)  # a Monday
STARTS = datetime(2026, 1, 5, 9, 0)  # noqa: DTZ001 - a wall time, as managers write it
HOUR = timedelta(hours=1)
WEEK = timedelta(weeks=1)
NIGHTS = (*(Window((d * 24 + 18) * 3600, (d * 24 + 33) * 3600) for d in range(5)),)


def book(
    *people: str | tuple[str, ...],
    active: tuple[Window, ...] | None = None,
    overrides: Sequence[Override] = (),
) -> Book:
    items = tuple((p,) if isinstance(p, str) else p for p in people)
    rotation = Rotation((Layer(items, Length(1, Unit.WEEKS), STARTS, active=active),))
    known = {id: Person(id, id.title(), ("+5491155550101",)) for id in ("ana", "bruno", "carla")}
    team = Team("integrations", "UTC", {"primary": rotation}, tuple(overrides))
    service = Service(WorkingHours(frozenset(range(5)), time(9), time(18), "UTC"), SupportCenter("", ""), {})
    return Book(service, known, {"integrations": team})


def told(of: Book, at: datetime) -> set[tuple[By, str, datetime]]:
    return {(notice.by, notice.person, notice.starts) for notice in due_notices(of, at)}


def test_a_mail_a_day_before_and_a_text_an_hour_before() -> None:
    weekly = book("ana", "bruno")  # ana's turn ends on HANDOFF

    assert told(weekly, HANDOFF - 25 * HOUR) == set()
    assert told(weekly, HANDOFF - 24 * HOUR) == {(By.MAIL, "bruno", HANDOFF)}
    assert told(weekly, HANDOFF - HOUR) == {(By.MAIL, "bruno", HANDOFF), (By.TEXT, "bruno", HANDOFF)}
    assert told(weekly, HANDOFF) == set()


def test_a_team_says_how_long_before() -> None:
    weekly = book("ana", "bruno")
    notices = Notices(mail=48 * HOUR, text=3 * HOUR)
    early = replace(weekly, teams={"integrations": replace(weekly.teams["integrations"], notices=notices)})

    assert told(early, HANDOFF - 48 * HOUR) == {(By.MAIL, "bruno", HANDOFF)}
    assert told(early, HANDOFF - 3 * HOUR) == {(By.MAIL, "bruno", HANDOFF), (By.TEXT, "bruno", HANDOFF)}


def test_a_notice_says_until_when() -> None:
    (notice,) = due_notices(book("ana", "bruno"), HANDOFF - 2 * HOUR)

    assert notice == Notice(By.MAIL, "integrations", "primary", "bruno", HANDOFF, HANDOFF + WEEK)


@pytest.mark.parametrize("moment", [HANDOFF - 2 * HOUR, HANDOFF - HOUR / 2])
def test_turns_of_one_person_that_follow_one_another_are_one_shift(moment: datetime) -> None:
    assert told(book("ana"), moment) == set()
    assert told(book(("ana", "bruno"), ("bruno", "carla")), moment) >= {(By.MAIL, "carla", HANDOFF)}
    assert "bruno" not in {
        person for _, person, _ in told(book(("ana", "bruno"), ("bruno", "carla")), moment)
    }


def test_the_nights_of_one_week_are_one_shift() -> None:
    nightly = book("ana", "bruno", active=NIGHTS)
    monday, wednesday = HANDOFF + 9 * HOUR, HANDOFF + 57 * HOUR

    (notice,) = due_notices(nightly, monday - 2 * HOUR)

    assert (notice.person, notice.starts) == ("bruno", monday)
    assert notice.ends == HANDOFF + 5 * 24 * HOUR
    assert told(nightly, wednesday - HOUR / 2) == set()


def test_a_new_rotation_tells_its_first() -> None:
    first = STARTS.replace(tzinfo=UTC)

    assert told(book("ana"), first - HOUR) == {(By.MAIL, "ana", first), (By.TEXT, "ana", first)}


def test_an_override_is_told_to_who_comes_in_and_who_comes_back() -> None:
    begins, ends = HANDOFF + 48 * HOUR, HANDOFF + 56 * HOUR
    swapped = Override("primary", begins, ends, "carla", "bruno", Kind.REPLACE)
    found = book("ana", "bruno", overrides=[swapped])

    assert told(found, begins - HOUR) == {
        (By.MAIL, "carla", begins),
        (By.TEXT, "carla", begins),
        (By.MAIL, "bruno", ends),
    }


def test_a_shift_without_an_end_in_sight_is_told_without_one() -> None:
    forever = Override("primary", HANDOFF, HANDOFF + 60 * WEEK, "carla", None, Kind.COVER)

    (notice,) = due_notices(book("ana", "bruno", overrides=[forever]), HANDOFF - 2 * HOUR)

    assert (notice.person, notice.ends) == ("carla", None)


def test_the_same_notice_has_the_same_name_whoever_finds_it() -> None:
    weekly = book("ana", "bruno")

    early = {notice.name for notice in due_notices(weekly, HANDOFF - HOUR)}
    late = {notice.name for notice in due_notices(weekly, HANDOFF - HOUR / 3)}

    assert early == late
    assert len(early) == 2
