"""One call, or one text, that carries several incidents: which pages share it, and who still needs it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from oncall.escalation import LIVE, State
from oncall.store import Work

# A person who was texted a moment ago is not texted again at once: what comes
# meanwhile goes out together. The call, which is what wakes people, does not wait.
TEXTS_APART = timedelta(seconds=20)


def on_leg(work: Work, page: Row[Any]) -> list[Row[Any]]:
    """Every page that the call, or text, of this one carries, by case."""
    return work.pages_on_leg(page.leg or page.id)


def lead_of(work: Work, page: Row[Any]) -> Row[Any]:
    """The page whose call, or text, carries this one: often itself."""
    lead = work.page_with_id(page.leg) if page.leg else None
    return lead if lead is not None else page


def waits(work: Work, page: Row[Any]) -> bool:
    """Whether the page's incident is still to be taken, and the page may bring that about."""
    row = work.case(page.case_id)
    return row is not None and row.state == State.OPEN and page.state in LIVE


def is_last_on_leg(work: Work, page: Row[Any]) -> bool:
    """Whether no other incident needs the call of this page any more."""
    return not any(waits(work, other) for other in on_leg(work, page) if other.id != page.id)


def text_due(work: Work, person: str, at: datetime) -> datetime:
    """When a person may be texted about a page: now, or a while after the last text."""
    last = work.last_text_to(person)
    return max(at, last + TEXTS_APART) if last is not None else at
