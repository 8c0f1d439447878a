"""How a wait ends: its row and its entry, once; whoever is to be told of it is told by the caller."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from oncall.people import Person
from oncall.record import Draft
from oncall.store import Work


def end_wait(
    work: Work,
    wait: Row[Any],
    ended_by: str,
    at: datetime,
    author: Person | None = None,
    ended_at: datetime | None = None,
) -> bool:
    """End a wait and write that it did; false where it had ended before.

    ``ended_at`` is when it ended, where that was before it was written down.
    """
    if not work.end_wait(wait.case_id, wait.entry, max(ended_at or at, wait.since), ended_by):
        return False
    facts: dict[str, Any] = {"wait": wait.entry, "ended_by": ended_by}
    if ended_at is not None:
        facts["ended_at"] = ended_at.isoformat()
    if author is not None:
        facts |= {"person": author.id, "name": author.name}
    work.append(wait.case_id, at, (Draft("wait_ended", facts, author.id if author else "guardia"),))
    return True


def end_all(work: Work, case: int, ended_by: str, at: datetime) -> list[Mapping[str, Any]]:
    """End every wait of a case that runs; gives what a letter tells of each."""
    running = [wait for wait in work.waits(case) if wait.ended_at is None]
    return [told_of(wait) for wait in running if end_wait(work, wait, ended_by, at)]


def told_of(wait: Row[Any]) -> Mapping[str, Any]:
    return {"asked": wait.asked, "whom": wait.whom, "party": wait.party, "since": wait.since.isoformat()}
