"""How references, digits, names and hours are said aloud, so that nobody has to ask twice."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from app.locales.catalog import text
from app.locales.written import in_list


def spoken_digits(digits: str) -> str:
    """``"1042"`` as ``"1, 0, 4, 2"``: a synthetic voice says each by itself, with a breath between."""
    return ", ".join(character for character in digits if character.isalnum())


def spoken_reference(reference: str) -> str:
    """``"G-1042"`` as ``"G, 1, 0, 4, 2"``: letter and digits apart."""
    return spoken_digits(reference.upper())


def spoken_names(names: Sequence[str], language: str) -> str:
    """``["Ana", "Bruno"]`` as ``"Ana y Bruno"``; the word for nobody when there are none."""
    return in_list(names, language)


def spoken_time(at: datetime, zone: str, language: str, since: datetime | None = None) -> str:
    """``las 4 y 12``, ``as 4 e 12``, ``4:12 AM``: an aware moment as people in ``zone`` say it.

    With ``since`` the day of the week is added where it is another day than that moment's.
    """
    local = at.astimezone(ZoneInfo(zone))
    told = _clock_time(local, language)
    if since is None or since.astimezone(ZoneInfo(zone)).date() == local.date():
        return told
    return text("voice.time_of_day", language, time=told, day=format_date(local, "EEEE", locale=language))


def _clock_time(local: datetime, language: str) -> str:
    if language == "en":
        return str(format_time(local.time(), "h:mm a", locale="en_US")).replace("\u202f", " ")
    form = "voice.time_one" if local.hour == 1 else "voice.time_many"
    key = form if local.minute else f"{form}_sharp"
    return text(key, language, hour=local.hour, minute=local.minute)
