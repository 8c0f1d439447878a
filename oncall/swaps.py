"""Turns that change hands by text: ``take primary 8h``, ``give 8h bruno``.

Here it is read what an engineer asks, and said whether it can be. Nothing is
in force before the other side has agreed; what was agreed is laid over the
team's turns until it ends by itself.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from oncall.book import Book
from oncall.people import Person
from oncall.rosters import Gap, Kind, Override, Team, gaps, on_call, timeline, to_instant

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=31)
WAITS = timedelta(hours=2)  # a request that nobody answered is void after this
ASKED_TWICE = timedelta(minutes=2)  # the same request again within this is the same request

_VERBS = {
    "take": ("take", "tomar", "tomo", "assumir", "assumo"),
    "give": ("give", "dar", "doy", "dou", "ceder", "passar", "passo"),
}
_UNITS = {
    "minutes": ("m", "min", "mins", "minute", "minutes", "minuto", "minutos"),
    "hours": ("h", "hs", "hr", "hrs", "hour", "hours", "hora", "horas"),
    "days": ("d", "day", "days", "dia", "dias"),
}
# Words that people write between the ones that count.
_FILLERS = re.compile(
    r"al?|os?|as|el|las?|los|the|to|for|from|of|de|do|da|del|por|para|durante|team|equipo|equipe"
)
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words}
_LENGTH = re.compile(
    rf"(?<!\S)(?:\d{{1,5}}\s*(?:{'|'.join(sorted(_UNIT_OF, key=len, reverse=True))})\s*)+(?!\S)"
)
_PART = re.compile(r"(\d+)\s*([a-z]+)")


class Verb(StrEnum):
    TAKE = "take"
    GIVE = "give"


@dataclass(frozen=True, slots=True)
class Command:
    """A text as it was understood; ``lasts`` is None where it gives no length of time."""

    verb: Verb
    lasts: timedelta | None
    words: tuple[str, ...]  # names of a rotation, a team, a person, in any order


@dataclass(frozen=True, slots=True)
class Swap:
    """A turn that somebody else takes over, from ``starts`` to just before ``ends``, aware, UTC."""

    team: str
    rotation: str
    person: str
    instead_of: str
    starts: datetime
    ends: datetime
    asked_by: str
    asked_of: str

    @property
    def origin(self) -> str:
        """Where it comes from, for whoever reads a roster or a calendar."""
        return f"SMS {self.asked_by} → {self.asked_of}"


class Why(StrEnum):
    """Why a swap cannot be, or not yet: the key of the sentence that says so."""

    HELP = "sms.swap_help"  # it could not be read
    WHICH = "sms.swap_which"  # several rotations: name one
    WHO = "sms.swap_who"  # several people: name one
    UNKNOWN = "sms.swap_unknown"  # a word is neither a rotation, nor a team, nor a person
    NOT_ON_CALL = "sms.swap_not_on_call"  # who gives has nothing to give
    NOBODY = "sms.swap_nobody"  # there is nobody to take it from
    ALREADY = "sms.swap_already"  # who would take it over stands there already
    AWAY = "sms.swap_away"  # who would take it over is away: the rotation would have nobody
    CHANGED = "sms.swap_changed"  # meanwhile somebody else is on call there, or it is over


@dataclass(frozen=True, slots=True)
class Refusal:
    why: Why
    facts: Mapping[str, str] = field(default_factory=dict)


def read_command(body: str) -> Command | None:
    """The command of a text, in any of the three languages; None for a text that is none."""
    words = _folded(body).strip(" \t\r\n.!?").split(maxsplit=1)
    verb = next((v for v, spellings in _VERBS.items() if words and words[0] in spellings), None)
    if verb is None:
        return None
    rest = words[1] if len(words) > 1 else ""
    lengths = [_length(found.group()) for found in _LENGTH.finditer(rest)]
    names = re.split(r"[\s,;:]+", _LENGTH.sub(" ", rest))
    return Command(
        Verb(verb),
        lengths[0] if len(lengths) == 1 else None,
        tuple(name for name in names if name and not _FILLERS.fullmatch(name)),
    )


def propose(book: Book, asker: Person, command: Command, at: datetime) -> Swap | Refusal:
    """The swap that ``asker`` wants from ``at`` on, if it is clear and can be.

    It ends where the turn of who gives it ends, if that is earlier: nobody
    gives away the turn of somebody who was not asked.
    """
    if command.lasts is None or not SHORTEST <= command.lasts <= LONGEST:
        return Refusal(Why.HELP)
    named = _Named.of(book, command.words)
    if named.unknown:
        return Refusal(Why.UNKNOWN, {"word": named.unknown})
    choose = _taken if command.verb is Verb.TAKE else _given
    chosen = choose(book, asker, named, at)
    if isinstance(chosen, Refusal):
        return chosen
    team, rotation, person, instead_of = chosen
    until = (at + command.lasts).replace(microsecond=0)  # as a team's file can say it
    ends = _last_moment(book, team, rotation, instead_of, at, until)
    asked_of = instead_of if command.verb is Verb.TAKE else person
    swap = Swap(team.id, rotation, person, instead_of, at, ends, asker.id, asked_of)
    return obstacle(book, swap, at) or swap


def obstacle(book: Book, swap: Swap, at: datetime) -> Refusal | None:
    """Why a swap cannot come into force at ``at``; asked again when the other side agrees."""
    team, person = book.teams.get(swap.team), book.people.get(swap.person)
    if team is None or person is None or swap.ends <= at:
        return Refusal(Why.CHANGED)
    holders = on_call(team, swap.rotation, at, book.people)
    if swap.person in holders:
        return Refusal(Why.ALREADY, {"name": person.name, "rotation": label(book, team.id, swap.rotation)})
    if swap.instead_of not in holders:
        return Refusal(Why.CHANGED)
    if _is_away(person, team, at, swap.ends) or _opens_gap(book, team, swap, at):
        return Refusal(Why.AWAY, {"name": person.name})
    return None


def laid_over(team: Team, swap: Swap) -> Team:
    """The team with the swap in force.

    A turn is replaced. An override that had brought in who gives now (a swap
    before this one, perhaps) is cut, and for the span brings in who takes:
    overrides are never chained.
    """
    changed: list[Override] = []
    for override in team.overrides:
        is_theirs = override.rotation == swap.rotation and override.person == swap.instead_of
        if is_theirs and override.start < swap.ends and swap.starts < override.end:
            changed += _cut(override, swap)
        else:
            changed.append(override)
    taken_over = Override(
        rotation=swap.rotation,
        start=swap.starts,
        end=swap.ends,
        person=swap.person,
        instead_of=swap.instead_of,
        kind=Kind.REPLACE,
        reason=swap.origin,
    )
    return replace(team, overrides=(*changed, taken_over))


def all_laid_over(book: Book, swaps: Sequence[Swap]) -> Book:
    """The book with swaps in force, in the order in which they were agreed."""
    teams = dict(book.teams)
    for swap in swaps:
        if swap.team in teams and swap.person in book.people:
            teams[swap.team] = laid_over(teams[swap.team], swap)
    return replace(book, teams=teams)


def held_besides(book: Book, swap: Swap) -> tuple[str, ...]:
    """The other rotations of the team that who takes over holds as it begins: managers should know."""
    team = book.teams[swap.team]
    others = (rotation for rotation in team.rotations if rotation != swap.rotation)
    return tuple(r for r in others if swap.person in on_call(team, r, swap.starts, book.people))


def label(book: Book, team: str, rotation: str) -> str:
    """A rotation as people write it: with its team where there is more than one."""
    return rotation if len(book.teams) == 1 else f"{team}/{rotation}"


# --- what was meant ------------------------------------------------------------------------------

_Turn = tuple[Team, str]
_Chosen = tuple[Team, str, str, str]  # team, rotation, who takes over, instead of whom


@dataclass(frozen=True, slots=True)
class _Named:
    """What the words of a command name."""

    turns: tuple[_Turn, ...]  # every rotation that agrees with the words
    people: tuple[Person, ...]  # everybody who does; empty where nobody is named
    names_team: bool
    unknown: str = ""

    @classmethod
    def of(cls, book: Book, words: Sequence[str]) -> "_Named":
        turns = [(team, rotation) for team in book.teams.values() for rotation in team.rotations]
        people: list[Person] | None = None
        names_team = False
        for word in words:
            teams = [t for t in turns if word in (_folded(t[0].id), _folded(f"{t[0].id}/{t[1]}"))]
            rotations = [t for t in turns if word == _folded(t[1])]
            same = [p for p in book.people.values() if _is_called(p, word)]
            if teams or rotations:
                turns = teams or rotations
                names_team = names_team or bool(teams)
            elif same:
                people = [p for p in same if people is None or p in people]
            else:
                return cls((), (), False, unknown=word)
        return cls(tuple(turns), tuple(people or ()), names_team)


def _taken(book: Book, asker: Person, named: _Named, at: datetime) -> _Chosen | Refusal:
    """Somebody takes over a rotation of their team from whoever is on call there."""
    own = [turn for turn in named.turns if named.names_team or asker.id in _members(turn[0])]
    turns = own or list(named.turns)
    others = [turn for turn in turns if asker.id not in on_call(*turn, at, book.people)]
    if turns and not others:
        team, rotation = turns[0]
        return Refusal(Why.ALREADY, {"name": asker.name, "rotation": label(book, team.id, rotation)})
    wanted = {person.id for person in named.people}
    if wanted:
        others = [turn for turn in others if wanted & set(on_call(*turn, at, book.people))]
    if len(others) != 1:
        return _which(book, others or turns)
    team, rotation = others[0]
    holders = [id for id in on_call(team, rotation, at, book.people) if not wanted or id in wanted]
    if not holders:
        return Refusal(Why.NOBODY, {"rotation": label(book, team.id, rotation)})
    if len(holders) > 1:
        return Refusal(Why.WHO, {"names": ", ".join(holders)})
    return team, rotation, asker.id, holders[0]


def _given(book: Book, asker: Person, named: _Named, at: datetime) -> _Chosen | Refusal:
    """Somebody on call gives their turn to a person."""
    held = [turn for turn in named.turns if asker.id in on_call(*turn, at, book.people)]
    if not held:
        return Refusal(Why.NOT_ON_CALL)
    if len(held) > 1:
        return _which(book, held)
    team, rotation = held[0]
    takers = [person for person in named.people if person.id != asker.id]
    takers = [person for person in takers if person.id in _members(team)] or takers
    if not takers:
        return Refusal(Why.HELP)
    if len(takers) > 1:
        return Refusal(Why.WHO, {"names": ", ".join(person.id for person in takers)})
    return team, rotation, takers[0].id, asker.id


def _which(book: Book, turns: Sequence[_Turn]) -> Refusal:
    return Refusal(
        Why.WHICH, {"names": ", ".join(label(book, team.id, rotation) for team, rotation in turns)}
    )


def _members(team: Team) -> frozenset[str]:
    """Everybody who takes turns in a team, or stands in its escalation by name."""
    in_turn = {id for rotation in team.rotations.values() for id in rotation.everybody()}
    by_name = {id for level in team.escalation if not isinstance(level.page, str) for id in level.page}
    return frozenset(in_turn | by_name)


def _is_called(person: Person, word: str) -> bool:
    return word == _folded(person.id) or word in _folded(person.name).split()


# --- what would follow ---------------------------------------------------------------------------


def _last_moment(
    book: Book, team: Team, rotation: str, person: str, at: datetime, until: datetime
) -> datetime:
    """When ``person`` is on call for the last time before ``until``."""
    line = timeline(team, rotation, at, until, book.people)
    theirs = (stretch.end for stretch in line if person in [holder.person for holder in stretch.holders])
    return max(theirs, default=until)


def _is_away(person: Person, team: Team, start: datetime, end: datetime) -> bool:
    zone = ZoneInfo(team.timezone)
    return any(to_instant(a.start, zone) < end and start < to_instant(a.end, zone) for a in person.away)


def _opens_gap(book: Book, team: Team, swap: Swap, at: datetime) -> bool:
    before = gaps(team, swap.rotation, at, swap.ends, book.people)
    after = gaps(laid_over(team, swap), swap.rotation, at, swap.ends, book.people)
    return _length_of(after) > _length_of(before)


def _length_of(holes: Sequence[Gap]) -> timedelta:
    return sum((hole.end - hole.start for hole in holes), timedelta())


def _cut(override: Override, swap: Swap) -> list[Override]:
    """The parts of an override before, during and after a swap."""
    start, end = max(override.start, swap.starts), min(override.end, swap.ends)
    parts = [
        replace(override, end=start),
        replace(override, start=start, end=end, person=swap.person, reason=swap.origin),
        replace(override, start=end),
    ]
    return [part for part in parts if part.start < part.end]


# --- letters and lengths -------------------------------------------------------------------------


def _folded(text: str) -> str:
    """Without accents and capitals: how people write in a hurry."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in plain if not unicodedata.combining(character))


def _length(text: str) -> timedelta:
    parts = ((int(count), _UNIT_OF[unit]) for count, unit in _PART.findall(text))
    return sum((timedelta(**{unit: count}) for count, unit in parts), timedelta())
