"""What has to be done for the recording of a conversation, whenever somebody enters, leaves, or is on hold.

Only one order begins the recording of a leg's conversation, so it begins once. All others bring what
is being made into the state that is wanted by then, whichever of them is carried out first.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from oncall import intake
from oncall.intake import Tape
from oncall.store import Work

TAPING_LASTS = timedelta(minutes=10)
_AFTER_THE_LEGS_MOVED = 0


def follow_talk(work: Work, case: int, at: datetime, entered: Collection[str] = ()) -> None:
    """To be called after whatever changed who is in a case's conversation, or who is on hold there.

    Only with a caller who ``entered`` it can a recording begin: what was none when they came in does not
    become one because another, who had refused, is gone. Ours were told nothing of it.
    """
    talking = [call for call, _ in work.talking_calls(case)]
    for call in talking:
        if call.sid in entered and intake.tape_of(call, talking) is not Tape.OFF:
            _order(work, case, f"record:{call.sid}:{call.turn}", call.sid, call.turn, at, begins=True)
    for made in work.running_recordings(case):
        wanted = wanted_of(work, made.leg, made.turn)
        if wanted != made.running:
            once = f"record:{made.sid}:{wanted}:{at.isoformat()}"
            _order(work, case, once, made.leg, made.turn, at, begins=False)


def wanted_of(work: Work, leg: str, turn: int) -> Tape:
    """How the recording of this turn of a caller's leg should be now."""
    found = work.call(leg, lock=False)
    if found is None or found[0].case is None or found[0].turn != turn:
        return Tape.OFF
    talking = [call for call, _ in work.talking_calls(found[0].case)]
    return intake.tape_of(found[0], talking)


def _order(work: Work, case: int, once: str, leg: str, turn: int, at: datetime, begins: bool) -> None:
    payload = {"act": "record", "sid": leg, "turn": turn, "begins": begins}
    urgency = _AFTER_THE_LEGS_MOVED
    work.order("room", once, at, TAPING_LASTS, case=case, payload=payload, urgency=urgency)
