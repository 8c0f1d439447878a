"""Which of the calls of an incident is returned, and to whom."""

from collections.abc import Iterable

from oncall.intake.model import Call, Farewell, Step

_OWED = (Farewell.CALLBACK, Farewell.PROMISED)


def to_call_back(calls: Iterable[Call]) -> Call | None:
    """The call that an engineer should return: the latest to which one is owed; else the latest at all.

    ``calls`` are those about one incident, oldest first. Whoever is still on the line counts too: their
    number is known, should they hang up the next moment.
    """
    known = [call for call in calls if call.call_back]
    owed = [call for call in known if call.step is Step.OVER and call.farewell in _OWED]
    return next(iter((owed or known)[::-1]), None)


def is_owed(call: Call | None) -> bool:
    """Whether a call back was asked for, or promised."""
    return call is not None and call.step is Step.OVER and call.farewell in _OWED
