"""How moments, spans, lists, hours and numbers are written for people, in each language."""

from collections.abc import Collection, Sequence
from datetime import datetime, time
from functools import cache

from babel import Locale
from babel.dates import format_datetime, format_time, get_timezone, get_timezone_location
from babel.lists import format_list
from babel.numbers import format_decimal

from app.locales.catalog import text
from oncall.sla import WorkingHours

_MOMENT = "EEE d MMM y, HH:mm"
_SHORT_MOMENT = "EEE d MMM, HH:mm"
_MOMENT_WITH_SECONDS = "d MMM, HH:mm:ss"
_SHOWN_DIGITS = 4


def local_time(at: datetime, zone: str, language: str) -> str:
    """``lun 23 nov 2026, 07:05``: an aware moment as people in ``zone`` read it."""
    return format_datetime(at, _MOMENT, tzinfo=get_timezone(zone), locale=_locale(language))


def local_short(at: datetime, zone: str, language: str) -> str:
    """``lun 23 nov, 07:05``: the same without the year, for texts."""
    return format_datetime(at, _SHORT_MOMENT, tzinfo=get_timezone(zone), locale=_locale(language))


def local_second(at: datetime, zone: str, language: str) -> str:
    """``23 nov, 07:05:09``: the same to the second, without the year, for lines of a record."""
    return format_datetime(at, _MOMENT_WITH_SECONDS, tzinfo=get_timezone(zone), locale=_locale(language))


def zone_name(zone: str, language: str) -> str:
    """``Buenos Aires``: the city by which a time zone is known."""
    city = get_timezone_location(get_timezone(zone), locale=_locale(language), return_city=True)
    return city.rpartition("/")[2]


def duration(seconds: float) -> str:
    """``42 s``, ``3 min 5 s``, ``1 h 20 min``: the two largest units; the symbols are international."""
    left, parts = max(0, round(seconds)), list[str]()
    for symbol, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count or parts:
            parts.append(f"{count} {symbol}" if count else "")
    return " ".join(filter(None, parts[:2])) or "0 s"


def file_size(size: int, language: str) -> str:
    """``12.3 kB``: bytes as people read them; a kB is 1000 of them."""
    for symbol, unit in (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)):
        if size >= unit:
            return f"{format_decimal(round(size / unit, 1), locale=_locale(language))} {symbol}"
    return f"{size} B"


def in_list(items: Sequence[str], language: str) -> str:
    """``Ana, Bruno y Carla``; the word for nobody when there are none."""
    if not items:
        return text("voice.nobody", language)
    joined = format_list(items, locale=_locale(language))
    if language == "es" and len(items) > 1 and _sounds_like_i(items[-1]):
        return joined.removesuffix(f" y {items[-1]}") + f" e {items[-1]}"
    return joined


def working_hours(hours: WorkingHours, language: str) -> str:
    """``de lunes a viernes, de 9 a 18 horas``: good to be said and to be written."""
    return opening_hours(hours.days, hours.opens, hours.closes, language)


def opening_hours(days: Collection[int], opens: time, closes: time, language: str) -> str:
    """The same from its parts; days are 0 for Monday to 6."""
    return text(
        "hours.open",
        language,
        days=_days(days, language),
        opens=_hour(opens, language),
        closes=_hour(closes, language),
    )


def masked(number: str) -> str:
    """``…0101``: enough of a phone number to tell it from the person's other one."""
    return number if len(number) <= _SHOWN_DIGITS else f"…{number[-_SHOWN_DIGITS:]}"


def _days(days: Collection[int], language: str) -> str:
    wide = _locale(language).days["format"]["wide"]
    names = {day: name.removesuffix("-feira") for day, name in wide.items()}
    ordered = sorted(days)
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return text("hours.from_day_to_day", language, first=names[ordered[0]], last=names[ordered[-1]])
    return in_list([names[day] for day in ordered], language)


def _hour(moment: time, language: str) -> str:
    if language == "en":
        return format_time(moment, "h a" if moment.minute == 0 else "h:mm a", locale=_locale(language))
    return str(moment.hour) if moment.minute == 0 else format_time(moment, "H:mm", locale=_locale(language))


def _sounds_like_i(name: str) -> bool:
    """Before the sound of i, Spanish says "e" where it says "y" elsewhere: Ana e Inés."""
    start = name.casefold().removeprefix("h").replace("í", "i")
    return start.startswith("i") and not start.startswith(("ia", "ie", "io"))


@cache
def _locale(language: str) -> Locale:
    return Locale.parse({"es": "es_419", "pt": "pt_BR", "en": "en"}[language])
