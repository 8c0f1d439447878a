"""Reading the forms of the REST API: numbers, URLs and whole numbers, or Twilio's refusal."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.sandbox.handset import Behaviour
from app.sandbox.rest.errors import RestError

if TYPE_CHECKING:
    from app.sandbox.exchange import Exchange

_E164 = re.compile(r"\+[1-9]\d{6,14}")


def recipient(exchange: "Exchange", form: Mapping[str, str], missing: int) -> str:
    """The ``To`` of a call or message; 21211 and its kin for numbers that cannot be reached."""
    to = form.get("To", "").strip()
    if not to:
        raise RestError(missing)
    if not _E164.fullmatch(to):
        raise RestError(21211, to)
    if to in exchange.chaos.unusable_numbers:
        raise RestError(exchange.chaos.unusable_numbers[to], to)
    if to in exchange.phones and exchange.phones[to].behaviour is Behaviour.INVALID:
        raise RestError(21211, to)
    return to


def our_number(
    exchange: "Exchange", form: Mapping[str, str], missing: int, malformed: int, foreign: int
) -> str:
    """The ``From``: it must be a line of the account."""
    number = form.get("From", "").strip()
    if not number:
        raise RestError(missing)
    if not _E164.fullmatch(number):
        raise RestError(malformed, number)
    if number not in exchange.lines:
        raise RestError(foreign, number)
    return number


def url(form: Mapping[str, str], name: str, code: int) -> str | None:
    """An absolute URL whose host has no underscore, or None when it is absent."""
    value = form.get(name, "").strip()
    if not value:
        return None
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or "_" in parts.hostname:
        raise RestError(code, value)
    return value


def method(form: Mapping[str, str], name: str) -> str:
    value = form.get(name, "POST").upper()
    if value not in ("GET", "POST"):
        raise RestError(21206, value)
    return value


def whole(form: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    value = form.get(name, str(default))
    if not value.isdigit() or not least <= int(value) <= most:
        raise RestError(20001, f"{name}={value}")
    return int(value)
