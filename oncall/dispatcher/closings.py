"""What who still waits is told of an incident that was closed: by whom, and whether it was solved."""

from oncall.closing import How
from oncall.escalation import State
from oncall.intake import Closing
from oncall.store import Work


def closing_of(work: Work, case: int) -> Closing | None:
    """How this case was closed; None while it is not."""
    row = work.case(case)
    if row is None or row.state != State.CLOSED:
        return None
    written = work.last_entry(case, "closed")
    facts = written.data if written is not None else {}
    name = (facts.get("name") or row.acknowledged_by_name or "").split()  # by key: who had it
    return Closing(name[0] if name else "", facts.get("how") == How.SOLVED)
