"""The synthetic call: the guard dials a guard line of its own and walks to the end of the menu.

It is known for a test by a code of one use that only the call we placed can key, where anybody else would
key a PIN; never by the number it shows, which anybody can show. Until the code is heard it is a
call like any other, and afterwards nothing is opened and nobody is paged.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from oncall.book import Book, Synthetic
from oncall.contracts import BuiltBy, Client
from oncall.rosters import to_instant

LASTS = timedelta(minutes=4)  # from the order to the end of the menu; later, managers are told
MADE_UP_FOR = timedelta(hours=2)
CODE_DIGITS = 12
_KEYS = "123456789"
_WEEKS_COUNT_FROM = date(2026, 1, 5)  # a Monday
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Walk:
    """What the call we place does: seconds of silence, then keys, one after the other."""

    keys: tuple[tuple[int, str], ...]


def due(plan: Synthetic | None, timezone: str, at: datetime) -> datetime | None:
    """The moment of the call that is to be made at ``at``; None for none."""
    if plan is None:
        return None
    zone = ZoneInfo(timezone)
    today = at.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    for week in (monday, monday - _WEEK):
        if ((week - _WEEKS_COUNT_FROM) // _WEEK) % (plan.every // _WEEK) == 0:
            moment = to_instant(datetime.combine(week, time()) + plan.at, zone)
            if moment <= at < moment + MADE_UP_FOR:
                return moment
    return None


def name_of(moment: datetime) -> str:
    """The same for every worker that finds the same call due."""
    return f"synthetic:{moment.astimezone(UTC).isoformat()}"


def walkable(book: Book, at: datetime) -> tuple[Client, ...]:
    """The clients whose line can be walked: in force, with a PIN to be asked for, and a key to press."""
    return tuple(c for _, c in sorted(book.clients.items()) if _can_be_walked(c, at))


def next_line(clients: Iterable[Client], called: Iterable[str]) -> Client | None:
    """The one whose line was called longest ago; ``called`` are client ids, the latest first."""
    latest = {id: n for n, id in reversed(list(enumerate(called)))}
    never = len(latest) + 1
    return max(clients, key=lambda client: latest.get(client.id, never), default=None)


def walk(client: Client, code: str) -> Walk:
    """To the end of the menu: the code for a PIN, an integration that Aivo built, Blocker."""
    return Walk(((8, f"{code}#"), (6, _integration_key(client) or "1"), (6, "1"), (8, "")))


def _can_be_walked(client: Client, at: datetime) -> bool:
    contract = client.contract
    is_in_force = contract.is_in_force_on(at.astimezone(ZoneInfo(contract.timezone)).date())
    return is_in_force and contract.pin_hash is not None and _integration_key(client) is not None


def _integration_key(client: Client) -> str | None:
    if len(client.integrations) == 1:
        return "1" if client.integrations[0].built_by is BuiltBy.AIVO else None
    pairs = zip(_KEYS, client.integrations, strict=False)
    return next((key for key, integration in pairs if integration.built_by is BuiltBy.AIVO), None)
