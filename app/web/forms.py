"""The forms of a case's page as the acts they ask for."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from app.web.refused import WHOLE
from oncall.acts import (
    LONGEST_TEXT,
    Act,
    Agreement,
    Channel,
    Close,
    Correction,
    Note,
    Party,
    WaitEnd,
    WaitStart,
)
from oncall.closing import Closure, How, Lack
from oncall.rosters import to_instant

Form = Mapping[str, str]
_Kind = TypeVar("_Kind", bound=StrEnum)

# The acts that a form may ask for by its field ``act``; ``file`` is no act: it has its own way in.
ACTS = ("note", "agreement", "wait", "wait_end", "correction", "close", "file")


# The field in which a lack stands, where it is not called as the lack is; those of no field are of the whole.
_FIELDS = {
    Lack.WINDOW: "window_from",
    Lack.WINDOW_ORDER: "window_to",
    Lack.DUPLICATE_UNKNOWN: "duplicate_of",
    Lack.UNTIL_PAST: "until",
    Lack.SINCE_AHEAD: "since",
    Lack.SINCE_BEFORE: "since",
    Lack.NOT_WITHDRAWN: "withdraws",
    Lack.WAIT: WHOLE,
    Lack.NOT_TAKEN: WHOLE,
    Lack.NOT_YOURS: WHOLE,
    Lack.CLOSED: WHOLE,
    Lack.NOT_AN_INCIDENT: WHOLE,
}


class UnreadableDate(Exception):
    """A date in a form that is none; ``field`` names where it stands."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def field_of(lack: str, form: Form) -> str:
    """The field of a form beside which a lack is told."""
    if lack == Lack.TOO_LONG:
        return next((name for name, value in form.items() if len(value) > LONGEST_TEXT), WHOLE)
    return _FIELDS.get(Lack(lack), lack)


def act_of(form: Form, timezone: str) -> Act:
    """What a form asks for; local times are those of ``timezone``. Raises UnreadableDate."""

    def said(name: str) -> str:
        return form.get(name, "").replace("\0", "").strip()  # which PostgreSQL does not take

    def moment(name: str) -> datetime | None:
        try:
            return _moment(said(name), timezone)
        except ValueError as error:
            raise UnreadableDate(name) from error

    match form.get("act"):
        case "agreement":
            channel, nothing = _one(Channel, said("channel")), bool(said("nothing"))
            return Agreement(said("agreed"), said("whom"), channel, moment("until"), nothing)
        case "wait":
            party, channel = _one(Party, said("party")), _one(Channel, said("channel"))
            return WaitStart(party, said("asked"), said("whom"), channel, moment("since"))
        case "wait_end":
            return WaitEnd(_number(said("entry")))
        case "correction":
            return Correction(_number(said("entry")), said("text"), bool(said("withdraws")))
        case "close":
            return Close(
                Closure(
                    _one(How, said("how")),
                    cause=said("cause"),
                    done=said("done"),
                    why=said("why"),
                    owner=said("owner"),
                    window_from=moment("window_from"),
                    window_to=moment("window_to"),
                    request=said("request"),
                    response=said("response"),
                    notice=said("notice"),
                    evidence=said("evidence"),
                    told=said("told"),
                    duplicate_of=said("duplicate_of"),
                )
            )
    return Note(said("text"))


def _one(kinds: type[_Kind], value: str) -> _Kind | None:
    return kinds(value) if value in set(kinds) else None


def _number(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else None


def _moment(value: str, timezone: str) -> datetime | None:
    if not value:
        return None
    return to_instant(datetime.fromisoformat(value), ZoneInfo(timezone))
