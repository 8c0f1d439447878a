"""Calls on the side, as a table: about an incident that somebody has.

They take nothing and page nobody: one asks who has the incident whether they are still on it; others
bring a second engineer or a manager into the conversation, to talk or to listen; and one calls the
client back. Only a person who presses a key is let in: a mailbox never is. Every state that waits has
a ``due_at``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from oncall.record import Draft

# An order that never left does not hold the next phone up for ever.
SENDING_ALLOWANCE = timedelta(seconds=60)
PLACING_ALLOWANCE = timedelta(seconds=10)
# Somebody answered and then nothing more was heard of that call.
LISTENING_ALLOWANCE = timedelta(minutes=2)
LONGEST_STAY = timedelta(hours=4)
# Of the client who is called back: how long their phone rings, and for how long we wait for a key there.
CLIENT_RINGS = timedelta(seconds=30)
CLIENT_LISTENS = timedelta(seconds=45)


class Purpose(StrEnum):
    CHECK = "check"  # who has it is asked whether they are still on it
    JOIN = "join"
    LISTEN = "listen"  # hears, and is not heard
    CLIENT = "client"  # is called back; with the key they are a caller like the others


class SideState(StrEnum):
    REQUESTED = "requested"
    RINGING = "ringing"
    ANSWERED = "answered"
    JOINED = "joined"
    DECLINED = "declined"
    FAILED = "failed"
    CANCELLED = "cancelled"
    OVER = "over"


UNDECIDED = frozenset({SideState.REQUESTED, SideState.RINGING, SideState.ANSWERED})
LIVE = UNDECIDED | {SideState.JOINED}


@dataclass(frozen=True, slots=True)
class SideCall:
    """One call to one phone. ``others`` are called if this person is not reached, one after the other.

    Of a call to the client, ``person`` is who has them called, and ``returns`` the call that is returned.
    """

    key: str
    purpose: Purpose
    person: str
    name: str
    to: str
    phone: int
    others: tuple[str, ...]
    asked_by: str
    ring: timedelta
    ordered_at: datetime
    state: SideState = SideState.REQUESTED
    due_at: datetime | None = None
    sid: str | None = None
    joined_at: datetime | None = None
    ended_at: datetime | None = None
    returns: str | None = None

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def reached(self) -> dict[str, object]:
        """Which phone its entries say it rings: a person's first is not told apart."""
        return {"to": self.to} | ({"phone": self.phone + 1} if self.phone else {})


def new(
    key: str,
    purpose: Purpose,
    person: tuple[str, str, str, int],
    others: tuple[str, ...],
    asked_by: str,
    ring: timedelta,
    at: datetime,
) -> SideCall:
    """A call that is ordered at ``at``; ``person`` is id, name, number, and which of their phones it is."""
    id, name, to, phone = person
    due = at + ring + SENDING_ALLOWANCE
    return SideCall(key, purpose, id, name, to, phone, others, asked_by, ring, at, due_at=due)


def to_client(key: str, engineer: tuple[str, str], to: str, returns: str, at: datetime) -> SideCall:
    """A call to the client that ``engineer``, by id and name, has made, and which ``returns`` theirs."""
    id, name = engineer
    return replace(new(key, Purpose.CLIENT, (id, name, to, 0), (), id, CLIENT_RINGS, at), returns=returns)


# --- what happens, and what is to be done --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Placed:
    sid: str


@dataclass(frozen=True, slots=True)
class NotPlaced:
    why: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Ringing:
    pass


@dataclass(frozen=True, slots=True)
class Answered:
    """Something answered, whether a person is not known yet."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A person pressed the key that accepts; ``sid``: on this leg, should two have been placed."""

    sid: str | None = None


@dataclass(frozen=True, slots=True)
class Declined:
    """A person pressed the key that declines."""


@dataclass(frozen=True, slots=True)
class Ended:
    why: str  # busy, no_answer, failed, hung_up, no_key


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Nobody wants it any more."""


@dataclass(frozen=True, slots=True)
class TimeUp:
    pass


Event = Placed | NotPlaced | Ringing | Answered | Accepted | Declined | Ended | Withdrawn | TimeUp


class Effect(StrEnum):
    CANCEL_LEG = "cancel_leg"
    TRY_NEXT = "try_next"  # this person's next phone, else the next person
    NEXT_PERSON = "next_person"
    LET_IN = "let_in"
    GONE = "gone"  # who had joined has left
    MISSED = "missed"  # the client was not reached: who waits for them hears so
    SEND_OFF = "send_off"  # the client answered, and hears that nobody is there any more


@dataclass(frozen=True, slots=True)
class Decision:
    call: SideCall
    effects: tuple[Effect, ...] = ()
    entries: tuple[Draft, ...] = ()


def advance(call: SideCall, event: Event, at: datetime) -> Decision:
    """What ``event`` makes of ``call``; what the table does not expect changes nothing."""
    rule = TABLE.get((call.state, type(event)))
    return rule(call, event, at) if rule else Decision(call)


# --- the rules -----------------------------------------------------------------------------------


def _placed(call: SideCall, event: Placed, at: datetime) -> Decision:
    due = at + call.ring + PLACING_ALLOWANCE if call.state is SideState.REQUESTED else call.due_at
    return Decision(replace(call, sid=event.sid, due_at=due))


def _placed_too_late(call: SideCall, event: Placed, _at: datetime) -> Decision:
    return Decision(replace(call, sid=event.sid), (Effect.CANCEL_LEG,))


def _not_placed(call: SideCall, event: NotPlaced, at: datetime) -> Decision:
    return _failed(call, event.why, at, event.code)


def _ringing(call: SideCall, _event: Ringing, at: datetime) -> Decision:
    due = at + call.ring + PLACING_ALLOWANCE
    return Decision(replace(call, state=SideState.RINGING, due_at=due))


def _answered(call: SideCall, _event: Answered, at: datetime) -> Decision:
    allowance = CLIENT_LISTENS if call.purpose is Purpose.CLIENT else LISTENING_ALLOWANCE
    return Decision(replace(call, state=SideState.ANSWERED, due_at=at + allowance))


def _accepted(call: SideCall, event: Accepted, at: datetime) -> Decision:
    if call.purpose in (Purpose.CHECK, Purpose.CLIENT):
        over = replace(call, state=SideState.OVER, due_at=None, ended_at=at, sid=event.sid or call.sid)
        met = Draft("connected", {"person": call.person, "name": call.name})
        return Decision(over, (Effect.LET_IN,), (met,) if call.purpose is Purpose.CLIENT else ())
    joined = replace(call, state=SideState.JOINED, joined_at=at, due_at=at + LONGEST_STAY)
    return Decision(joined, (Effect.LET_IN,), (_draft("side_joined", call, call.person),))


def _declined(call: SideCall, _event: Declined, at: datetime) -> Decision:
    declined = replace(call, state=SideState.DECLINED, due_at=None, ended_at=at)
    return Decision(declined, (Effect.NEXT_PERSON,), (_draft("side_declined", call, call.person),))


def _ended(call: SideCall, event: Ended, at: datetime) -> Decision:
    why = "hung_up" if call.state is SideState.ANSWERED and event.why != "no_key" else event.why
    return _failed(call, why, at)


def _overdue(call: SideCall, _event: TimeUp, at: datetime) -> Decision:
    decision = _failed(call, "no_answer", at)
    return replace(decision, effects=(Effect.CANCEL_LEG, *decision.effects))


def _left(call: SideCall, _event: Ended | TimeUp | Withdrawn, at: datetime) -> Decision:
    over = replace(call, state=SideState.OVER, due_at=None, ended_at=at)
    return Decision(over, (Effect.GONE,), (_draft("side_left", call, call.person),))


def _withdrawn(call: SideCall, _event: Withdrawn, at: datetime) -> Decision:
    cancelled = replace(call, state=SideState.CANCELLED, due_at=None, ended_at=at)
    if call.purpose is not Purpose.CLIENT:
        return Decision(cancelled, (Effect.CANCEL_LEG,))
    effect = Effect.SEND_OFF if call.state is SideState.ANSWERED else Effect.CANCEL_LEG
    return Decision(cancelled, (effect,), (_missed(call, "withdrawn"),))


def _failed(call: SideCall, why: str, at: datetime, code: str = "") -> Decision:
    failed = replace(call, state=SideState.FAILED, due_at=None, ended_at=at)
    if call.purpose is Purpose.CLIENT:
        return Decision(failed, (Effect.MISSED,), (_missed(call, why, code),))
    facts = call.reached | {"why": why} | ({"code": code} if code else {})
    return Decision(failed, (Effect.TRY_NEXT,), (_draft("side_failed", call, "guardia", **facts),))


def _missed(call: SideCall, why: str, code: str = "") -> Draft:
    """No person at the client pressed a key."""
    facts = {"person": call.person, "name": call.name, "why": why} | ({"code": code} if code else {})
    return Draft("client_not_reached", facts, call.person)


def _draft(kind: str, call: SideCall, actor: str, **more: object) -> Draft:
    return Draft(kind, {"person": call.person, "name": call.name, "purpose": call.purpose, **more}, actor)


_Rule = Callable[[SideCall, Any, datetime], Decision]  # each takes the event of its key

# The whole of it. A pair that is not here comes late, and changes nothing.
TABLE: Mapping[tuple[SideState, type[Event]], _Rule] = MappingProxyType(
    {
        (SideState.REQUESTED, Ringing): _ringing,
        (SideState.REQUESTED, Answered): _answered,
        (SideState.RINGING, Answered): _answered,
        (SideState.ANSWERED, Answered): _answered,  # still listening: a key that repeats gives more time
        **{(state, Placed): _placed for state in LIVE},
        **{(state, Placed): _placed_too_late for state in (SideState.FAILED, SideState.CANCELLED)},
        **{
            (state, event): rule
            for state in UNDECIDED
            for event, rule in (
                (NotPlaced, _not_placed),
                (Accepted, _accepted),
                (Declined, _declined),
                (Ended, _ended),
                (TimeUp, _overdue),
                (Withdrawn, _withdrawn),
            )
        },
        **{(SideState.JOINED, event): _left for event in (Ended, TimeUp, Withdrawn)},
    }
)
