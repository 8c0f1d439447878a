"""A drill that rings somebody who is to be paged is over: the page goes first."""

from datetime import datetime, timedelta

from oncall.drills import State
from oncall.store import Work

_CANCEL_LASTS = timedelta(minutes=2)
# As long as "at once" may take: the phone is free before the page rings it.
HANGS_UP = timedelta(seconds=1)


def drill_gives_way(work: Work, person: str, at: datetime) -> bool:
    """Whether a drill had the person's phone: it failed, and its call ends. What has not rung waits."""
    row = work.drill_of(person)
    if row is None or row.state == State.ASKED:
        return False
    work.change_drill(row, state=State.FAILED, why="gave_way", due_at=None)
    if row.sid:
        payload = {"sid": row.sid, "answered_too": True}
        work.order("cancel", f"cancel:{row.sid}", at, _CANCEL_LASTS, payload=payload, urgency=-1)
    return True
