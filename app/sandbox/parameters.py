"""The parameters that every webhook about a call or a message carries, geographic guesses included."""

from datetime import datetime
from email.utils import format_datetime

API_VERSION = "2010-04-01"
_COUNTRIES = (
    ("+52", "MX"),
    ("+54", "AR"),
    ("+55", "BR"),
    ("+56", "CL"),
    ("+57", "CO"),
    ("+34", "ES"),
    ("+1", "US"),
)


def rfc2822(at: datetime) -> str:
    return format_datetime(at)


def country_of(number: str) -> str:
    """The country Twilio would guess from a number; empty when it would not."""
    return next((country for prefix, country in _COUNTRIES if number.startswith(prefix)), "")


def geography(role: str, number: str) -> dict[str, str]:
    """``FromCity FromState FromZip FromCountry`` for the role ``From``; cities are seldom known outside the
    US.
    """
    return {
        f"{role}City": "",
        f"{role}State": "",
        f"{role}Zip": "",
        f"{role}Country": country_of(number),
    }
