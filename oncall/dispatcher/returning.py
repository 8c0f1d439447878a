"""The client is called back: their phone rings while the engineer waits in the conference.

A person who presses a key there is a caller in conversation from then on, like those who waited for it.
Who is not reached is not waited for: the engineer is fetched from the conference and hears so.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from oncall import escalation, intake, sidecalls
from oncall.dispatcher.asides import Asides
from oncall.dispatcher.base import CALL_LASTS, CONTROL_LASTS
from oncall.dispatcher.opening import Opening
from oncall.dispatcher.taping import follow_talk
from oncall.escalation import Incident
from oncall.intake import Call
from oncall.sidecalls import LIVE, UNDECIDED, Effect, Purpose, SideCall, SideState
from oncall.store import Work

_URGENCY = -1  # before every other call: somebody is on the phone, and waits for just this


class Returning(Asides, Opening):
    def _carry_out(
        self, work: Work, row: Row[Any], incident: Incident, effect: escalation.Effect, at: datetime
    ) -> None:
        super()._carry_out(work, row, incident, effect, at)
        if isinstance(effect, escalation.HoldCallers):
            self._nobody_waits_for_client(work, row.id, at)

    # --- ordering --------------------------------------------------------------------------------

    def _ring_client(self, work: Work, page: Row[Any], owed: Call, at: datetime) -> None:
        """Have the client called for the engineer of ``page``, to return the call that is ``owed`` one."""
        assert owed.call_back is not None
        case: int = page.case_id
        number, token = len(work.side_calls(case)) + 1, self.new_token()
        key, engineer = f"{number}.{Purpose.CLIENT}", (page.person, page.name)
        call = sidecalls.to_client(key, engineer, owed.call_back, owed.sid, at)
        work.add_side_call(case, call, token, owed.language)
        once, payload = f"side:{case}:{key}", {"side": token}
        work.order("call", once, at, CALL_LASTS, case=case, payload=payload, urgency=_URGENCY)

    def _tried(self, work: Work, case: int) -> dict[str, datetime]:
        """The numbers of a case's client that were called back, and when the last time."""
        return {row.to: row.ordered_at for row in work.calls_to_client(case)}

    # --- hearing ---------------------------------------------------------------------------------

    def _carry_out_aside(
        self, work: Work, row: Row[Any], call: SideCall, effect: Effect, at: datetime
    ) -> None:
        if call.purpose is not Purpose.CLIENT:
            super()._carry_out_aside(work, row, call, effect, at)
            return
        match effect:
            case Effect.LET_IN:
                self._client_enters(work, row.case_id, call, at)
            case Effect.MISSED:
                self._fetch_engineer(work, row, at)
            case Effect.CANCEL_LEG if call.sid:
                payload = {"sid": call.sid, "answered_too": True}
                once = f"cancel:{call.sid}"
                work.order("cancel", once, at, CONTROL_LASTS, case=row.case_id, payload=payload)
            case Effect.SEND_OFF if call.sid:
                sent, once = {"sid": call.sid, "client": row.token}, f"bring:{call.sid}:off"
                work.order("bring", once, at, CONTROL_LASTS, case=row.case_id, payload=sent, urgency=-1)

    def _client_enters(self, work: Work, case: int, call: SideCall, at: datetime) -> None:
        """They are a caller in conversation: of the call that is returned, on the leg that we placed."""
        found = work.call(call.returns or "", lock=False)
        if found is None or not call.sid or work.call(call.sid, lock=False) is not None:
            return
        alone, by = not work.talking_calls(case), call.name.split()[0]
        heard = self._who_heard_of_tape(work, case)
        self._no_longer_alone(work, case, at)
        work.add_call(intake.returned(found[0], call.sid, by, alone, at), (), at)
        follow_talk(work, case, at)
        self._tell_unrecorded(work, case, heard, at)
        self._order_look(work, case, at)

    def _client_hung_up(self, work: Work, sid: str, at: datetime) -> None:
        """The leg by which the client was called back is over: if they came in, they have left."""
        if found := work.call(sid):
            self._put_to_caller(work, *found, intake.HungUp(), at)

    # --- who waits for the client ----------------------------------------------------------------

    def _call_of_talk(self, work: Work, page: Row[Any]) -> Row[Any] | None:
        """The latest call to the client of the conversation that goes on, or is to begin, on this page."""
        if page.talks_since is None:
            return None
        made = [r for r in work.calls_to_client(page.case_id) if r.ordered_at >= page.talks_since]
        return made[-1] if made else None

    def _awaited(self, work: Work, page: Row[Any]) -> Row[Any] | None:
        """The call to the client of whom nothing is decided yet, and whom the engineer waits for."""
        made = self._call_of_talk(work, page)
        return made if made is not None and made.state in UNDECIDED else None

    def _engineer_leaves(self, work: Work, page: Row[Any], at: datetime) -> None:
        """Before the client was there, no conversation ends: nobody waits for them any more."""
        awaited = self._call_of_talk(work, page)
        if awaited is None or awaited.state == SideState.OVER:
            super()._engineer_leaves(work, page, at)
        elif work.end_talk(page.id):
            self._withdraw(work, page.case_id, Purpose.CLIENT, at)
            self._talk_over(work, page, at)

    def _nobody_waits_for_client(self, work: Work, case: int, at: datetime) -> None:
        """The incident is somebody else's by now: who waits for the client hears so, and they are let be."""
        for row in work.live_side_calls(case, Purpose.CLIENT):
            self._advance_side(work, row.token, sidecalls.Withdrawn(), at)
            self._fetch_engineer(work, row, at)

    def _fetch_engineer(self, work: Work, row: Row[Any], at: datetime) -> None:
        page = work.talking_page(row.case_id)
        if page is None or not page.talk_sid or page.person != row.person:
            return
        payload = {"sid": page.talk_sid, "page": page.token, "client": row.token}
        once = f"bring:{page.talk_sid}:{row.token}"
        work.order("bring", once, at, CONTROL_LASTS, case=row.case_id, payload=payload, urgency=-1)

    def _still_to_be_brought(self, work: Work, payload: dict[str, Any]) -> bool:
        if not {"client", "page"} <= payload.keys():
            return super()._still_to_be_brought(work, payload)
        page, found = work.page_with_token(payload["page"]), work.side_call(payload["client"], lock=False)
        if page is None or found is None or page.talk_sid != payload["sid"]:
            return False
        is_latest = work.calls_to_client(page.case_id)[-1].token == payload["client"]
        is_there = page.talks_since is not None or found[0].state is SideState.CANCELLED
        return is_latest and is_there and found[0].state not in LIVE
