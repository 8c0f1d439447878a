"""When everybody calls at once: a person is never rung by two calls at the same time.

While a page's call rings, or is being read, the pages that other incidents have
for the same person join it: they share its fate, and one key takes them all.
Texts that would follow each other within seconds are bundled into one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from oncall import escalation
from oncall.dispatcher.base import Base
from oncall.dispatcher.legs import on_leg, waits
from oncall.escalation import Incident, PageState, TakeAsked
from oncall.record import Draft
from oncall.store import Work
from oncall.store.cases import reference_of


@dataclass(frozen=True, slots=True)
class Heard:
    """What an event on a leg came to: each page's incident, and which page is to be spoken of first."""

    pages: tuple[Row[Any], ...]
    first: Row[Any]


class Storm(Base):
    # --- joining ---------------------------------------------------------------------------------

    def _join_legs(self, work: Work, at: datetime) -> None:
        """Calls that are ordered for somebody who is being called already join that call."""
        for found in work.joinable_calls():
            page, lead = work.page_with_id(found.page_id), work.page_with_id(found.lead_id)
            assert page is not None
            assert lead is not None
            self._carry(work, page, lead, at)
            if lead.state in (PageState.RINGING, PageState.ANSWERED):
                self._advance(work, page.case_id, escalation.PageRinging(page.key), at)
            if lead.state == PageState.ANSWERED:
                self._advance(work, page.case_id, escalation.PageAnswered(page.key), at)
            work.join_leg(page.id, lead.id)
            work.finish_order(found.order_id, "done", f"joined {reference_of(lead.case_id)}")

    def _bundle_texts(self, work: Work, lead: Row[Any], at: datetime) -> None:
        """What else waits to be texted to this person goes with this text, under its code and its link."""
        for found in work.texts_waiting_for(lead.person, lead.id):
            page = work.page_with_id(found.page_id)
            assert page is not None
            self._carry(work, page, lead, at)
            work.join_leg(page.id, lead.id, code=lead.code)
            work.finish_order(found.order_id, "done", f"bundled with {reference_of(lead.case_id)}")

    def _carry(self, work: Work, page: Row[Any], lead: Row[Any], at: datetime) -> None:
        """The page counts as requested; its record tells with which other it went."""
        self._advance(work, page.case_id, escalation.PageRequested(page.key), at)
        facts = {"person": page.person, "name": page.name, "with": reference_of(lead.case_id)}
        work.append(page.case_id, at, (Draft("page_joined", facts),))

    # --- hearing ---------------------------------------------------------------------------------

    def _hear_leg(
        self, work: Work, stored: Row[Any], event: Callable[[str], escalation.Event], at: datetime
    ) -> Heard:
        """Put an event to each incident of the leg that still waits; one caller is connected."""
        waiting = [page for page in on_leg(work, stored) if waits(work, page)] or [stored]
        outcomes: list[tuple[Row[Any], Incident | None]] = []
        is_connected = False
        for page in waiting:
            put = event(page.key)
            if isinstance(put, TakeAsked) and is_connected:
                put = replace(put, connects=False)
            incident = self._advance(work, page.case_id, put, at)
            is_taken = incident is not None and incident.holder == page.person
            is_connected = is_connected or is_taken
            outcomes.append((page, incident))
        mine = [page for page, incident in outcomes if incident and incident.holder == page.person]
        return Heard(tuple(waiting), (mine or waiting)[0])
