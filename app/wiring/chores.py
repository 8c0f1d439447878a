"""What the worker does without being asked: the calendar of chores, in one place.

Each is safe to do at any moment and by any number of workers: what must happen
once in the cluster is claimed in the database.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.rosterbook.stored import StoredBooks
from app.wiring import Guard


@dataclass(frozen=True, slots=True)
class Chore:
    """``do`` is given the moment, once every so many seconds."""

    name: str
    seconds: float
    do: Callable[[Guard, datetime], object]


def _look_at_rosters(guard: Guard, at: datetime) -> None:
    if not isinstance(guard.books, StoredBooks):
        return
    refresh = guard.books.refresh(at)
    if refresh.findings:
        guard.dispatcher.alarm_rosters([str(finding) for finding in refresh.findings], at)


CHORES = (
    Chore("rosters", 2, _look_at_rosters),
    Chore("tickets", 2, lambda guard, at: guard.dispatcher.order_tickets(at)),
    Chore("clocks", 10, lambda guard, at: guard.dispatcher.warn_of_breaches(at)),
    Chore("inbox", 20, lambda guard, at: guard.inbox.look(at)),
    Chore("handoffs", 60, lambda guard, at: guard.dispatcher.notify_handoffs(at)),
    Chore("taken incidents", 60, lambda guard, at: guard.dispatcher.look_after_the_taken(at)),
    Chore("conversations", 60, lambda guard, at: guard.dispatcher.look_after_conversations(at)),
    Chore("anchors", 60, lambda guard, at: guard.dispatcher.anchor_records(at)),
    Chore("monthly report", 60, lambda guard, at: guard.monthly.send_when_due(at)),
    Chore("emergency line", 60, lambda guard, at: guard.emergency.keep_current(at)),
    Chore("drills", 60, lambda guard, at: guard.dispatcher.hold_drills(at)),
    Chore("call to ourselves", 60, lambda guard, at: guard.dispatcher.make_synthetic_call(at)),
    Chore("missed calls", 120, lambda guard, at: guard.dispatcher.look_for_missed_calls(at)),
    Chore("recordings", 600, lambda guard, at: guard.dispatcher.remove_old_recordings(at)),
    Chore("forgetting", 600, lambda guard, at: guard.dispatcher.forget_old_cases(at)),
)
