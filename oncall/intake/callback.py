"""Which of the calls of an incident is returned, to whom, and what becomes of who answers."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from oncall.intake.model import Call, Farewell, Step
from oncall.intake.rules import LONGEST_CONVERSATION

_OWED = (Farewell.CALLBACK, Farewell.PROMISED)

Tried = Mapping[str, datetime]  # the numbers that were called back, and when the last time
_NOBODY: Tried = MappingProxyType({})


def to_call_back(calls: Iterable[Call], tried: Tried = _NOBODY) -> Call | None:
    """The call that an engineer should return: the latest to which one is owed, first of those that
    nobody ``tried`` to return; else the latest at all.

    ``calls`` are those about one incident, oldest first. Whoever is still on the line counts too: their
    number is known, should they hang up the next moment.
    """
    known = [call for call in calls if call.call_back]
    owed = _owed(known)
    return next(iter((_untried(owed, tried) or owed or known)[::-1]), None)


def still_to_call_back(calls: Iterable[Call], tried: Tried = _NOBODY) -> Call | None:
    """The latest call that is owed one, and that nobody tried to return since."""
    return next(iter(_untried(_owed([call for call in calls if call.call_back]), tried)[::-1]), None)


def find(calls: Iterable[Call], sid: str | None) -> Call | None:
    """The call with this id among these."""
    return next((call for call in calls if call.sid == sid), None)


def is_owed(call: Call | None) -> bool:
    """Whether a call back was asked for, or promised."""
    return call is not None and call.step is Step.OVER and call.farewell in _OWED


def returned(call: Call, sid: str, by: str, alone: bool, at: datetime) -> Call:
    """Who was called back pressed a key: from now on they are a caller in conversation, on the leg ``sid``.

    ``call`` is the one that is returned; ``by`` the first name of who had them called. Who answers may be
    somebody else: what is to be told of recordings is told once more, and a refusal stays one.
    """
    return replace(
        call,
        sid=sid,
        returns=call.sid,
        caller=call.call_back,
        arrived_at=at,
        step=Step.CONVERSATION,
        turn=0,
        tries=0,
        taken_by=by,
        alone=alone,
        on_hold=False,
        joined=False,
        is_parted=False,
        heard_of_recording=False,
        rounds=0,
        round_began_at=None,
        wait_ends_at=None,
        promised_by=None,
        closed=None,
        closing=None,
        notices=(),
        farewell=None,
        due_at=at + LONGEST_CONVERSATION,
    )


def _owed(known: list[Call]) -> list[Call]:
    """Who was called back, and answered, since they were promised a call is owed none any more."""
    back: dict[str | None, datetime] = {}
    for call in known:
        if call.returns is not None:
            back[call.call_back] = call.arrived_at
    return [c for c in known if is_owed(c) and not _is_since(back.get(c.call_back), c)]


def _untried(owed: list[Call], tried: Tried) -> list[Call]:
    return [call for call in owed if not _is_since(tried.get(call.call_back or ""), call)]


def _is_since(moment: datetime | None, call: Call) -> bool:
    return moment is not None and moment > call.arrived_at
