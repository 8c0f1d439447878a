"""How each value of the rosters folder is written: a phone, a length, a moment, days of the week."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)

from app.rosterbook import words
from app.rosterbook.words import Term
from oncall.rosters import Length


def written(read: Callable[[str], Any]) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not isinstance(value, str):
            raise ValueError("a text is expected here" if value is not None else "this is empty")
        return read(value)

    return check


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _text(read: Callable[[str], Any], **schema: Any) -> tuple[PlainValidator, WithJsonSchema]:
    return PlainValidator(written(read)), WithJsonSchema({"type": "string", **schema})


def _several(items: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [items, {"type": "array", "minItems": 1, "items": items}]})


_LENGTH = r"^ *[0-9]{1,6} *(working +)?(second|minute|hour|day|week|month)s? *$"
_MOMENT = r"^\d{4}-\d\d-\d\d[ T]+\d\d?:\d\d(:\d\d(\.\d{1,6})?)? *(Z|[+-]\d\d:?\d\d)?$"
_DAYS = {"type": "string", "pattern": r"^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?$"}
_ID = {"type": "string", "pattern": "^[a-z0-9_-]{1,64}$"}

_read_id, _id_schema = _text(words.identifier, pattern="^[a-z0-9_-]{1,64}$")
_read_moment, _moment_schema = _text(words.moment, pattern=_MOMENT, examples=["2026-01-05 09:00"])
_read_day, _day_schema = _text(words.day, pattern=r"^\d{4}-\d\d-\d\d$", examples=["2026-12-31"])
_read_time, _time_schema = _text(words.time_of_day, pattern=r"^\d\d?:\d\d(:\d\d)?$")
_read_week_moment, _week_moment_schema = _text(
    words.moment_of_week, pattern=r"^ *(mon|tue|wed|thu|fri|sat|sun) +\d\d?:\d\d *$", examples=["wed 11:00"]
)
_read_elapsed, _elapsed_schema = _text(words.elapsed, pattern=_LENGTH, examples=["3 minutes"])
_read_turn, _turn_schema = _text(words.turn, pattern=_LENGTH, examples=["12 hours", "1 week", "1 month"])
_read_phone, _phone_schema = _text(words.phone, pattern=r"^\+[1-9][0-9]{6,14}$")
_read_pin, _pin_schema = _text(words.pin_hash, pattern=r"^\$argon2")
_read_zone, _zone_schema = _text(words.zone, examples=["America/Argentina/Buenos_Aires"])

Id = Annotated[str, _read_id, _id_schema]
Line = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=500, strip_whitespace=True)]
Email = Annotated[str, StringConstraints(strict=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Url = Annotated[str, StringConstraints(strict=True, max_length=500, pattern=r"^https?://\S+$")]
# Twilio asks for documents over https, and refuses a host name with an underscore.
_SECURE = r"^http(s://[A-Za-z0-9.:-]+|://(127\.0\.0\.1|localhost)(:[0-9]+)?)(/[^\s?#]*)?$"
SecureUrl = Annotated[str, StringConstraints(strict=True, max_length=500, pattern=_SECURE)]
# An address as Apprise writes them: what it stands for is known only to who sends.
NotifyUrl = Annotated[str, StringConstraints(strict=True, max_length=500, pattern=r"^[a-z][a-z0-9]+://\S+$")]
Percent = Annotated[str, StringConstraints(strict=True, pattern=r"^[1-9][0-9]?%$")]
Moment = Annotated[datetime, _read_moment, _moment_schema]
Day = Annotated[date, _read_day, _day_schema]
TimeOfDay = Annotated[time, _read_time, _time_schema]
Elapsed = Annotated[timedelta, _read_elapsed, _elapsed_schema]
Turn = Annotated[Length, _read_turn, _turn_schema]
Phone = Annotated[str, _read_phone, _phone_schema]
PinHash = Annotated[str, _read_pin, _pin_schema]
Zone = Annotated[str, _read_zone, _zone_schema]
WeekMoment = Annotated[timedelta, _read_week_moment, _week_moment_schema]
Flag = Annotated[
    bool, BeforeValidator(lambda v: {"true": True, "false": False}.get(v, v) if isinstance(v, str) else v)
]


def _days(value: Any) -> frozenset[int]:
    items = _listed(value)
    if not isinstance(items, list) or not items or not all(isinstance(i, str) for i in items):
        raise ValueError("days are `mon-fri`, `sun`, `sat-mon` or a list of these")
    return words.weekdays(items)


def _terms(value: Any) -> tuple[Term, ...]:
    items = _listed(value)
    if not isinstance(items, list) or not items or not all(isinstance(i, str) for i in items):
        raise ValueError("a promise is `6 hours`, or a list of which the earliest counts")
    return tuple(words.term(item) for item in items)


def _standing_together(value: Any) -> Any:
    if value == [] or (isinstance(value, list) and len(set(map(str, value))) < len(value)):
        raise ValueError("several at once are different people, as in `[ana, bruno]`")
    return _listed(value)


def _page(value: Any) -> str | tuple[str, ...]:
    if isinstance(value, str):
        return words.identifier(value)
    if not isinstance(value, list) or not value or not all(isinstance(i, str) for i in value):
        raise ValueError("who is paged is the name of a rotation, or a list of people: `[lucia]`")
    return tuple(dict.fromkeys(words.identifier(item) for item in value))


def none_yet(value: Any) -> Any:
    return () if value is None else value


Days = Annotated[frozenset[int], PlainValidator(_days), _several(_DAYS)]
Terms = Annotated[tuple[Term, ...], PlainValidator(_terms), _several({"type": "string", "pattern": _LENGTH})]
Item = Annotated[
    tuple[Id, ...],
    BeforeValidator(_standing_together),
    _several(_ID),
]
Page = Annotated[
    str | tuple[str, ...],
    PlainValidator(_page),
    _several(_ID),
]
Holidays = Annotated[
    tuple[Line, ...], BeforeValidator(_listed), _several({"type": "string", "examples": ["AR", "BR-SP"]})
]
