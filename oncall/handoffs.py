"""Who is to be told that a shift of theirs begins: by mail (a day before) and by text (an hour before).

A shift begins where somebody comes on call who was not before. Turns of the
same person that follow one another, nights of one week among them, are one
shift: nothing changes, and nobody is told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from oncall.book import Book
from oncall.rosters import Stretch, Team, timeline


class By(StrEnum):
    MAIL = "mail"
    TEXT = "text"


_TICK = timedelta(microseconds=1)
_LOOK_BACK = timedelta(days=8)  # weekly windows: whoever was on call before was so within a week
_LOOK_FORWARD = timedelta(days=35)  # a longer shift is told without its end


@dataclass(frozen=True, slots=True)
class Notice:
    """What one person is told once: their shift begins at ``starts``. Aware, UTC."""

    by: By
    team: str
    rotation: str
    person: str
    starts: datetime
    ends: datetime | None  # None where it is far away

    @property
    def name(self) -> str:
        """The same for every worker that finds the same notice due."""
        return f"handoff:{self.by}:{self.team}:{self.rotation}:{self.person}:{self.starts.isoformat()}"


def due_notices(book: Book, at: datetime) -> tuple[Notice, ...]:
    """Every notice whose time has come at ``at`` and whose shift has not begun; told once or not yet."""
    return tuple(
        notice
        for team in book.teams.values()
        for rotation in team.rotations
        for notice in _of_rotation(book, team, rotation, at)
    )


def _of_rotation(book: Book, team: Team, rotation: str, at: datetime) -> Iterator[Notice]:
    ahead = {By.MAIL: team.notices.mail, By.TEXT: team.notices.text}
    horizon = at + max(ahead.values())
    line = [s for s in timeline(team, rotation, at - _LOOK_BACK, horizon + _TICK, book.people) if s.holders]
    before: frozenset[str] = frozenset()
    for stretch in line:
        now = frozenset(holder.person for holder in stretch.holders)
        if at < stretch.start:
            for person in sorted(now - before):
                ends = _end(book, team, rotation, person, stretch.start)
                for by, lead in ahead.items():
                    if stretch.start - lead <= at:
                        yield Notice(by, team.id, rotation, person, stretch.start, ends)
        before = now


def _end(book: Book, team: Team, rotation: str, person: str, start: datetime) -> datetime | None:
    """When the shift that begins at ``start`` is over; None beyond what is looked at."""
    until = start + _LOOK_FORWARD
    end = start
    for stretch in timeline(team, rotation, start, until, book.people):
        if not stretch.holders:
            continue
        if not _holds(person, stretch):
            return end
        end = stretch.end
    return end if end < until else None


def _holds(person: str, stretch: Stretch) -> bool:
    return any(holder.person == person for holder in stretch.holders)
