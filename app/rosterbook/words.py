"""How managers write lengths, moments, days and telephones, and what they mean.

Each function takes the text and raises ``ValueError`` with what is wrong and
how it is written.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import phonenumbers
from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError

from app.rosterbook.findings import nearest, shown
from oncall.rosters import Length, Unit, Window
from oncall.sla import Promise

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 24 * 3600
_WEEK = 7 * _DAY
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": _DAY, "week": _WEEK}
_LENGTH = re.compile(r"([0-9]{1,6}) *(working +)?([a-z]+)")
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T]+(\d\d?):(\d\d)(?::(\d\d)(\.\d{1,6})?)? *(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_TIME = re.compile(r"(\d\d?):(\d\d)(?::(\d\d))?", re.ASCII)
_ID = re.compile(r"[a-z0-9_-]{1,64}")


def identifier(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError(f"{shown(text)} is not an id: use lower-case letters, digits, `-` and `_`")
    return text


def elapsed(text: str) -> timedelta:
    """A length of real time: ``30 seconds``, ``3 minutes``, ``1 day``."""
    count, working, unit = _counted(text, "`30 seconds`, `3 minutes` or `1 hour`")
    if working or unit not in _SECONDS:
        raise ValueError(
            f"{shown(text)} cannot be used here: write it as `30 seconds`, `3 minutes` or `1 hour`"
        )
    return timedelta(seconds=count * _SECONDS[unit])


def turn(text: str) -> Length:
    """The length of a turn on the wall clock: ``12 hours``, ``1 week``, ``1 month``."""
    count, working, unit = _counted(text, "`12 hours`, `1 day`, `1 week` or `1 month`")
    if working or unit not in ("hour", "day", "week", "month") or count > 9999:
        raise ValueError(f"a turn of {shown(text)} is not possible: count it in hours, days, weeks or months")
    return Length(count, Unit(unit + "s"))


@dataclass(frozen=True, slots=True)
class Term:
    """One length of a promise; working days are as long as the working hours say."""

    count: int
    unit: str
    working: bool

    def length(self, working_day: timedelta) -> timedelta:
        if self.working and self.unit == "day":
            return working_day * self.count
        return timedelta(seconds=self.count * _SECONDS[self.unit])


def term(text: str) -> Term:
    """A length of a promise: ``6 hours``, ``8 working hours``, ``5 working days``."""
    count, working, unit = _counted(text, "`6 hours`, `8 working hours` or `5 working days`")
    if unit not in _SECONDS or (working and unit not in ("minute", "hour", "day")):
        raise ValueError(
            f"{shown(text)} cannot be promised: write `6 hours`, `8 working hours` or `5 working days`"
        )
    return Term(count, unit, working)


def promise(terms: tuple[Term, ...], working_day: timedelta) -> Promise:
    """The earliest of several terms, kept apart as elapsed and as working time."""
    real = [t.length(working_day) for t in terms if not t.working]
    working = [t.length(working_day) for t in terms if t.working]
    return Promise(min(real, default=None), min(working, default=None))


def _counted(text: str, example: str) -> tuple[int, bool, str]:
    found = _LENGTH.fullmatch(text.strip().lower())
    unit = found[3].removesuffix("s") if found else ""
    if not found or unit not in (*_SECONDS, "month"):
        raise ValueError(f"{shown(text)} is not a length of time: write {example}")
    if int(found[1]) == 0:
        raise ValueError(f"{shown(text)} is no time at all: the least is 1")
    return int(found[1]), bool(found[2]), unit


def moment(text: str) -> datetime:
    """A local time without zone, or an instant where an offset was written."""
    found = _MOMENT.fullmatch(text.strip())
    how = "write it as `2026-01-05 09:00`"
    if not found:
        raise ValueError(f"{shown(text)} is not a local time: {how}")
    day, hour, minute, second, fraction, offset = found.groups()
    written = f"{day}T{hour:0>2}:{minute}:{second or '00'}{fraction or ''}{offset or ''}"
    try:
        value = datetime.fromisoformat(written)
    except ValueError as error:
        raise ValueError(f"{shown(text)} does not exist ({error}): {how}") from None
    if not value.year >= 1900:
        raise ValueError(f"{shown(text)} is too long ago: {how}")
    return value


def day(text: str) -> date:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text.strip(), re.ASCII):
            return date.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(f"{shown(text)} does not exist ({error}): write it as `2026-12-31`") from None
    raise ValueError(f"{shown(text)} is not a date: write it as `2026-12-31`")


def second_of_day(text: str) -> int:
    """Seconds since midnight of ``18:00``; ``24:00`` is the end of the day."""
    found = _TIME.fullmatch(text.strip())
    hour, minute, second = (int(g or 0) for g in found.groups()) if found else (99, 0, 0)
    seconds = hour * 3600 + minute * 60 + second
    if minute > 59 or second > 59 or seconds > _DAY:
        raise ValueError(f'{shown(text)} is not a time of day: write it as "18:00"')
    return seconds


def time_of_day(text: str) -> time:
    seconds = second_of_day(text)
    if seconds == _DAY:
        raise ValueError('"24:00" cannot be used here: the latest is "23:59"')
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def weekdays(items: list[str]) -> frozenset[int]:
    """Days of the week, 0 for Monday: ``mon-fri``, ``sun``, ``sat-mon``."""
    found: set[int] = set()
    for item in items:
        first, dash, last = item.strip().lower().partition("-")
        start = _weekday(first.strip(), item)
        end = _weekday(last.strip(), item) if dash else start
        found.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    return frozenset(found)


def _weekday(name: str, whole: str) -> int:
    if name not in DAYS:
        remedy = "" if name in whole and name == whole else f" in {shown(whole)}"
        raise ValueError(
            f"{shown(name)}{remedy} is not a day: write mon, tue, wed, thu, fri, sat, sun or `mon-fri`"
        )
    return DAYS.index(name)


def daily_windows(days: frozenset[int], opens: str, closes: str) -> tuple[Window, ...]:
    """A window on each of some days; ``closes`` at or before ``opens`` is on the next day."""
    start, end = second_of_day(opens), second_of_day(closes)
    if start == _DAY:
        raise ValueError('a window cannot begin at "24:00": write "00:00" and the next day')
    length = end - start if end > start else end + _DAY - start
    return tuple(Window(d * _DAY + start, d * _DAY + start + length) for d in sorted(days))


def weekly_window(opens: str, closes: str) -> Window:
    """A span of the week; an end at or before the start is in the following week."""
    start, end = _point(opens) % _WEEK, _point(closes)
    length = (end - start) % _WEEK or _WEEK
    return Window(start, start + length)


def moment_of_week(text: str) -> timedelta:
    """How long after the Monday before it begins ``wed 11:00`` is."""
    return timedelta(seconds=_point(text))


def _point(text: str) -> int:
    name, _, clock = text.strip().partition(" ")
    if not clock:
        raise ValueError(f"{shown(text)} is not a moment of the week: write `sat 00:00`, or add `days`")
    return _weekday(name.lower(), name) * _DAY + second_of_day(clock)


def phone(text: str) -> str:
    """The number as E.164; raises where it is none."""
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        raise ValueError(f'{shown(text)} is not a phone number: write it as "+5491155550101"') from None
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if written != text:
        raise ValueError(f'{shown(text)} is not in E.164: write it as "{written}"')
    if not phonenumbers.is_possible_number(number):
        raise ValueError(f"{shown(text)} has too few or too many digits: check them")
    return text


def is_assigned_phone(text: str) -> bool:
    """Whether the country's numbering plan knows a number such as this."""
    return phonenumbers.is_valid_number(phonenumbers.parse(text))


def pin_hash(text: str) -> str:
    """An argon2 hash made by ``guardia pin``; the PIN itself never stands in a file."""
    try:
        extract_parameters(text)
    except (InvalidHashError, ValueError):
        raise ValueError(
            "this is not a PIN's hash: make one with `guardia pin`, never write the PIN"
        ) from None
    return text


def zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{shown(text)} is not a time zone: {_nearest_zone(text)}") from None
    return text


def _nearest_zone(text: str) -> str:
    remedy = nearest(text, available_timezones())
    return (
        remedy if remedy.startswith("did") else "write an IANA name such as `America/Argentina/Buenos_Aires`"
    )
