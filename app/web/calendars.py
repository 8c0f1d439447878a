"""Shifts as a calendar that any program subscribes to: iCalendar (RFC 5545), in the team's time zone."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event
from icalendar.enums import TRANSP

from app.locales import text
from oncall.book import Book
from oncall.people import Language, Person
from oncall.rosters import Reason, Shift, Team, shifts
from oncall.swaps import label

BACK = timedelta(days=30)
AHEAD = timedelta(days=180)
_LONGEST_TURN = timedelta(days=62)  # so that a turn keeps its beginning as the window moves on
_ASK_AGAIN = timedelta(hours=1)


def calendar_of_person(book: Book, person: Person, at: datetime, host: str) -> bytes:
    """Every shift of a person, in all their teams, in their language."""
    found = [(team, shift) for team, shift in _shifts(book, at) if shift.person == person.id]
    name = text("web.duty.calendar", person.language, name=person.name)
    events = [
        _event(
            book,
            team,
            shift,
            text("web.duty.shift", person.language, rotation=label(book, team.id, shift.rotation)),
            person.language,
            host,
            at,
        )
        for team, shift in found
    ]
    return _calendar(name, f"person.{person.id}@{host}", events, at)


def calendar_of_team(book: Book, team: Team, at: datetime, host: str) -> bytes:
    """Every shift of a team: who holds which rotation."""
    events = [
        _event(book, team, shift, f"{shift.rotation}: {_name(book, shift.person)}", Language.ES, host, at)
        for known, shift in _shifts(book, at)
        if known.id == team.id
    ]
    name = text("web.duty.calendar", Language.ES, name=team.id)
    return _calendar(name, f"team.{team.id}@{host}", events, at)


def _calendar(name: str, uid: str, events: Iterable[Event], at: datetime) -> bytes:
    """The same bytes all day long, unless somebody's shift changes."""
    calendar = Calendar.new(
        prodid="-//Guardia//on call//ES",
        uid=uid,
        name=name,
        refresh_interval=_ASK_AGAIN,
        subcomponents=list(events),
    )
    calendar["REFRESH-INTERVAL"].params["VALUE"] = "DURATION"  # RFC 7986 wants it said
    calendar.add("X-PUBLISHED-TTL", "PT1H")
    calendar.add_missing_timezones((at - BACK - _LONGEST_TURN).date(), (at + 2 * AHEAD).date())
    for timezone in calendar.timezones:
        for observance in timezone.subcomponents:
            _begin_in_old_time(observance, ZoneInfo(timezone.tz_name))
    return bytes(calendar.to_ical())


def _begin_in_old_time(observance: Mapping[str, Any], zone: ZoneInfo) -> None:
    """A clock that goes forward does so at a time of the old offset (RFC 5545, 3.6.5).

    The library gives the first time after the gap.
    """
    begins = observance["DTSTART"]
    onset: datetime = begins.dt
    forward: timedelta = observance["TZOFFSETTO"].td - observance["TZOFFSETFROM"].td
    before = (onset - forward).replace(tzinfo=zone)
    if before.astimezone(UTC).astimezone(zone) != before:
        begins.dt = onset - forward


def _shifts(book: Book, at: datetime) -> list[tuple[Team, Shift]]:
    """Whatever is not over before the window begins; turns are whole at its beginning."""
    midnight = datetime.combine(at.date(), time(), at.tzinfo)
    start, end = midnight - BACK, midnight + AHEAD
    found = [
        (team, shift)
        for team in book.teams.values()
        for rotation in team.rotations
        for shift in shifts(team, rotation, start - _LONGEST_TURN, end, book.people)
        if shift.end > start
    ]
    return sorted(found, key=lambda pair: (pair[1].start, pair[1].rotation, pair[1].person))


def _event(
    book: Book, team: Team, shift: Shift, summary: str, language: Language, host: str, at: datetime
) -> Event:
    zone = ZoneInfo(team.timezone)
    return Event.new(
        uid=f"{shift.start:%Y%m%dT%H%M%SZ}.{shift.person}.{shift.rotation}.{team.id}@{host}",
        stamp=datetime.combine(at.date(), time(), at.tzinfo),
        start=shift.start.astimezone(zone),
        end=shift.end.astimezone(zone),
        summary=summary,
        description=_why(team, shift, language),
        transparency=TRANSP.TRANSPARENT,  # on call is not busy: meetings may still be planned
    )


def _why(team: Team, shift: Shift, language: Language) -> str | None:
    """Where a shift comes from that is not a turn of the rotation."""
    if shift.reason is Reason.SUBSTITUTE:
        return text("web.duty.substitute", language)
    if shift.reason is not Reason.OVERRIDE:
        return None
    reasons = (
        override.reason
        for override in team.overrides
        if override.rotation == shift.rotation
        and override.person == shift.person
        and override.start < shift.end
        and shift.start < override.end
    )
    return text("web.duty.override", language, reason=next(reasons, "")).strip()


def _name(book: Book, id: str) -> str:
    return book.people[id].name if id in book.people else id
