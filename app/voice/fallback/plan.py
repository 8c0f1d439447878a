"""Whom a guard line rings while we are down, in which order, and until when that is right."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import zip_longest
from zoneinfo import ZoneInfo

from oncall.book import Book
from oncall.contracts import Client, Contract
from oncall.people import Language, Person
from oncall.rosters import DEFAULT_RING, Team, timeline, to_instant

# Nothing is looked at beyond: what changes later is published when it is nearer.
_HORIZON = timedelta(days=35)


@dataclass(frozen=True, slots=True)
class Ring:
    """One phone of somebody who may be reached."""

    phone: str
    language: Language


@dataclass(frozen=True, slots=True)
class Plan:
    """What a line's documents say; ``right_until`` (aware, UTC) is when a shift, or the contract, changes."""

    line: str
    client: str
    language: Language
    is_in_force: bool
    rings: tuple[Ring, ...]
    ring: timedelta
    right_until: datetime


def plan(book: Book, client: Client, at: datetime) -> Plan:
    """The emergency plan of a client's guard line, as it is at ``at``.

    One phone after the other: of several that ring together the first to pick up
    wins, and a mailbox picks up first. Managers come last: no other way would tell
    them at once that the client reached nobody.
    """
    contract = client.contract
    team = book.teams.get(contract.team)
    horizon = (at + _HORIZON).replace(hour=0, minute=0, second=0, microsecond=0)
    levels = [book.people_of_level(team, level, at) for level in team.escalation] if team else []
    phones = dict.fromkeys(
        Ring(phone, person.language)
        for level in (*levels, book.managers())
        for phone, person in _phones_in_turn(level)
    )
    return Plan(
        line=contract.guard_line,
        client=client.name,
        language=client.language,
        is_in_force=contract.is_in_force_on(_day(contract, at)),
        rings=tuple(phones),
        ring=team.ring if team else DEFAULT_RING,
        right_until=min((horizon, *_shift_changes(book, team, at, horizon), _contract_change(contract, at))),
    )


def _phones_in_turn(people: tuple[Person, ...]) -> Iterator[tuple[str, Person]]:
    """Everybody's first phone, then everybody's second, as a level is paged."""
    for phones in zip_longest(*(person.phones for person in people)):
        yield from ((phone, person) for phone, person in zip(phones, people, strict=True) if phone)


def _shift_changes(book: Book, team: Team | None, at: datetime, horizon: datetime) -> Iterator[datetime]:
    for level in team.escalation if team else ():
        if team and isinstance(level.page, str):
            yield _shift_change(book, team, level.page, at, horizon)


def _shift_change(book: Book, team: Team, rotation: str, at: datetime, horizon: datetime) -> datetime:
    """When other people than now hold a rotation; ``horizon`` if they do not before."""
    before: frozenset[str] | None = None
    end = at
    for stretch in timeline(team, rotation, at, horizon, book.people):
        if stretch.start > end:  # nobody in between
            if before:
                return end
            before = frozenset()
        holders = frozenset(holder.person for holder in stretch.holders)
        if before is None:
            before = holders
        elif holders != before:
            return stretch.start
        end = stretch.end
    return min(end, horizon) if before else horizon


def _contract_change(contract: Contract, at: datetime) -> datetime:
    """The next midnight on which the contract begins, ends or rests; the horizon's if there is none."""
    today = _day(contract, at)
    is_in_force = contract.is_in_force_on(today)
    days = (today + timedelta(days=n) for n in range(1, _HORIZON.days + 1))
    last = today + _HORIZON
    day = next((day for day in days if contract.is_in_force_on(day) is not is_in_force), last)
    return to_instant(datetime.combine(day, time()), ZoneInfo(contract.timezone))


def _day(contract: Contract, at: datetime) -> date:
    return at.astimezone(ZoneInfo(contract.timezone)).date()
