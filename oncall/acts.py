"""What a person writes into a case: notes, agreements, waits, corrections, closings; and what each must have.

An act is a value; ``lacks`` says what keeps it from being written, all of it at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from oncall.closing import Closure, Lack, lacks_of

LONGEST_TEXT = 10_000  # letters

# Entries that may be left out of account by a correction; the rest happened whatever anybody says.
WITHDRAWABLE = frozenset({"note", "agreement", "wait_started", "file_attached"})


class Channel(StrEnum):
    """How somebody was spoken or written to."""

    PHONE = "phone"
    VIDEO = "video"
    MAIL = "mail"
    TICKET = "ticket"
    CHAT = "chat"


class Party(StrEnum):
    CLIENT = "client"
    THIRD_PARTY = "third_party"


@dataclass(frozen=True, slots=True)
class Note:
    text: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was agreed by phone or video, and until when (clause A7); or that nothing was."""

    agreed: str = ""
    whom: str = ""
    channel: Channel | None = None
    until: datetime | None = None
    nothing: bool = False


@dataclass(frozen=True, slots=True)
class WaitStart:
    """Something was asked of the client or a third party, and the work waits for it (clause A3)."""

    party: Party | None = None
    asked: str = ""
    whom: str = ""
    channel: Channel | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class WaitEnd:
    """What was asked for has come. ``entry`` is the number of the entry that began the wait."""

    entry: int | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """An earlier entry is not as it was; with ``withdraws`` it counts no more."""

    entry: int | None = None
    text: str = ""
    withdraws: bool = False


@dataclass(frozen=True, slots=True)
class Close:
    closure: Closure = field(default_factory=Closure)


Act = Note | Agreement | WaitStart | WaitEnd | Correction | Close


_TYPED = timedelta(minutes=1)  # times are typed to the minute, and the call came in the middle of one


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of the case and of who acts, at ``at``."""

    at: datetime
    is_incident: bool
    is_taken: bool
    is_closed: bool
    is_theirs: bool  # they have the incident, or had it when it was closed, or are a manager
    opened_at: datetime | None = None  # when the call arrived
    closure_is_owed: bool = False
    running_waits: frozenset[int] = frozenset()
    kinds: Mapping[int, str] = field(default_factory=dict)  # of the entries, by number


def lacks(act: Act, situation: Situation) -> tuple[Lack, ...]:
    """What keeps the act from being written; empty when it may be."""
    return (*_out_of_place(act, situation), *_of_itself(act, situation))


def _out_of_place(act: Act, situation: Situation) -> tuple[Lack, ...]:
    """Whoever may see a case may write a note; the rest is for who has the incident, while they have it."""
    match act:
        case Note() | Correction():
            return ()
        case Agreement() | WaitEnd():
            needs_taken = False
        case Close():
            needs_taken = not situation.closure_is_owed
        case _:
            needs_taken = True
    if not situation.is_incident:
        return (Lack.NOT_AN_INCIDENT,)
    if needs_taken and situation.is_closed:
        return (Lack.CLOSED,)
    if needs_taken and not situation.is_taken:
        return (Lack.NOT_TAKEN,)
    return () if situation.is_theirs else (Lack.NOT_YOURS,)


def _of_itself(act: Act, situation: Situation) -> tuple[Lack, ...]:
    match act:
        case Note(text):
            return _texts((text, Lack.TEXT))
        case Agreement():
            return _of_agreement(act, situation)
        case WaitStart():
            return _of_wait(act, situation)
        case WaitEnd(entry):
            return () if entry in situation.running_waits else (Lack.WAIT,)
        case Correction(entry, text, withdraws):
            return _texts((text, Lack.TEXT)) + _of_corrected(situation.kinds.get(entry or 0), withdraws)
        case Close(closure):
            texts = (closure.cause, closure.done, closure.why, closure.request, closure.response)
            return lacks_of(closure) + _too_long(*texts, closure.notice, closure.evidence)


def _of_agreement(act: Agreement, situation: Situation) -> tuple[Lack, ...]:
    found = list(_texts((act.whom, Lack.WHOM)))
    if act.channel is None:
        found.append(Lack.CHANNEL)
    if act.nothing:
        return tuple(found)
    found = [*_texts((act.agreed, Lack.AGREED)), *found]
    if act.until is None:
        found.append(Lack.UNTIL)
    elif act.until <= situation.at:
        found.append(Lack.UNTIL_PAST)
    return tuple(found)


def _of_wait(act: WaitStart, situation: Situation) -> tuple[Lack, ...]:
    found = [Lack.PARTY] if act.party is None else []
    found += _texts((act.asked, Lack.ASKED), (act.whom, Lack.WHOM))
    if act.channel is None:
        found.append(Lack.CHANNEL)
    if act.since is None:
        found.append(Lack.SINCE)
    elif act.since > situation.at:
        found.append(Lack.SINCE_AHEAD)
    elif situation.opened_at is not None and act.since + _TYPED <= situation.opened_at:
        found.append(Lack.SINCE_BEFORE)
    return tuple(found)


def _of_corrected(kind: str | None, withdraws: bool) -> tuple[Lack, ...]:
    if kind is None:
        return (Lack.ENTRY,)
    return (Lack.NOT_WITHDRAWN,) if withdraws and kind not in WITHDRAWABLE else ()


def _texts(*texts: tuple[str, Lack]) -> tuple[Lack, ...]:
    missing = tuple(lack for text, lack in texts if not text.strip())
    return missing + _too_long(*(text for text, _ in texts))


def _too_long(*texts: str) -> tuple[Lack, ...]:
    return (Lack.TOO_LONG,) if any(len(text) > LONGEST_TEXT for text in texts) else ()
