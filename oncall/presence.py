"""Who we believe is in a conversation, and whom the telephone company shows in it: what follows, as a table.

Our own state is the truth; the lists are for reconciling. A leg that is over is over: that cannot be
stale. That a leg is missing can: lists lag behind, and legs are on their way. So a missing leg is fetched
again only when two looks agree, and taken out of the conversation only when it is missing even then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from oncall.ports import ENDED

FIRST_LOOK = timedelta(seconds=20)  # by then everybody has heard who they are put through to
LOOKS_APART = timedelta(seconds=60)
SECOND_LOOK = timedelta(seconds=15)  # where somebody is missing
AFTER_TROUBLE = timedelta(seconds=30)  # where nothing could be seen


class Who(StrEnum):
    CALLER = "caller"
    ENGINEER = "engineer"
    GUEST = "guest"
    LISTENER = "listener"


class Mark(StrEnum):
    """What is remembered of a leg until the next look."""

    MISSING = "missing"
    FETCHED = "fetched"


@dataclass(frozen=True, slots=True)
class Leg:
    """A call that our state has in the conversation.

    ``stay`` tells one stay in it from the next of the same call. ``is_moving``: it is on its way in, or
    outside for a moment, as it should be.
    """

    sid: str
    who: Who
    stay: str = ""
    is_moving: bool = False

    @property
    def key(self) -> str:
        return f"{self.sid}:{self.stay}"


@dataclass(frozen=True, slots=True)
class Seen:
    """``inside``: the calls that are in the conference. ``statuses``: of those that are not, where known."""

    inside: frozenset[str] = frozenset()
    statuses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Legs that are over, that are to be fetched again, and that are taken out. The rest stays."""

    over: tuple[Leg, ...] = ()
    fetched: tuple[Leg, ...] = ()
    parted: tuple[Leg, ...] = ()
    marks: Mapping[str, Mark] = field(default_factory=dict)

    @property
    def looks_again_after(self) -> timedelta:
        return SECOND_LOOK if self.marks else LOOKS_APART


def judge(believed: Iterable[Leg], seen: Seen, remembered: Mapping[str, str]) -> Verdict:
    """``remembered``: the marks of the look before."""
    legs = tuple(believed)
    is_conversation = any(leg.who is Who.CALLER for leg in legs)
    over, fetched, parted = [], [], []
    marks: dict[str, Mark] = {}
    for leg in legs:
        status = seen.statuses.get(leg.sid)
        before = remembered.get(leg.key)
        if leg.sid in seen.inside:
            continue
        if status in ENDED:
            over.append(leg)
        elif leg.is_moving or not is_conversation:
            continue
        elif status != "in-progress":  # not known this time: what was seen before is still to be confirmed
            marks |= {leg.key: Mark(before)} if before else {}
        elif before is None:
            marks[leg.key] = Mark.MISSING
        elif before == Mark.MISSING:
            fetched.append(leg)
            marks[leg.key] = Mark.FETCHED
        else:
            parted.append(leg)
    gone = {*over, *parted}
    rest = _left_alone([leg for leg in legs if leg not in gone], parted)
    marks = {key: mark for key, mark in marks.items() if key not in {leg.key for leg in rest}}
    kept = tuple(leg for leg in fetched if leg not in rest)
    return Verdict(tuple(over), kept, (*parted, *rest), marks)


def _left_alone(staying: list[Leg], parted: list[Leg]) -> tuple[Leg, ...]:
    """With nobody to talk to, because the others could not be brought in, who stays is taken out as well."""
    if not parted:
        return ()
    callers = [leg for leg in staying if leg.who is Who.CALLER]
    ours = [leg for leg in staying if leg.who in (Who.ENGINEER, Who.GUEST)]
    return () if callers and ours else tuple(staying)
