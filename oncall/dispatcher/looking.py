"""Conversations are looked at: whoever our state has in one is in it, or what follows is done.

A look is an order like any other: claimed once, due again while the conversation lasts. It changes
nothing by itself. What is found goes through the same tables as what is reported.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from oncall import escalation, intake, sidecalls
from oncall.dispatcher.base import CONTROL_LASTS
from oncall.dispatcher.claimed import Claimed
from oncall.dispatcher.reaching import Reaching
from oncall.dispatcher.talking import ENTERS_AFTER, room_of
from oncall.dispatcher.taping import follow_talk
from oncall.ports import Failure, Gone
from oncall.presence import AFTER_TROUBLE, LOOKS_APART, Leg, Seen, Verdict, Who, judge
from oncall.record import Draft
from oncall.store import Conflict, Work

log = logging.getLogger(__name__)

# Of those who are fetched or taken out: whose leaving ends the conference for nobody goes first.
_ORDER = (Who.ENGINEER, Who.GUEST, Who.LISTENER, Who.CALLER)


class Looking(Reaching):
    def _do(self, order: Claimed, now: Callable[[], datetime]) -> None:
        if order.kind == "room" and order.payload.get("act") == "look":
            self._look(order, now)
        else:
            super()._do(order, now)

    def _move(self, order: Claimed, sid: str, now: Callable[[], datetime]) -> None:
        """A leg that is too late to be moved is over, whatever the telephone company showed before."""
        try:
            super()._move(order, sid, now)
        except Gone:
            if order.payload.get("where") == "room":
                self._in_one_transaction(lambda work: self._is_gone(work, order, sid, now()))
            raise

    def _is_gone(self, work: Work, order: Claimed, sid: str, at: datetime) -> None:
        case = order.case or 0
        work.incident(case)  # the case is locked before what belongs to it
        for leg in self._in_conversation(work, case):
            if leg.sid == sid:
                self._is_over(work, case, leg, at)

    def look_after_conversations(self, at: datetime) -> int:
        """Conversations that nobody looks at, as those of the release before, are looked at from now on."""
        with self.store.reading() as work:
            unseen = [case for case in work.cases_in_conversation() if not work.looks(case)]
        for case in unseen:
            self._in_one_transaction(lambda work, case=case: self._order_look(work, case, at))  # type: ignore[misc]
        return len(unseen)

    def _look(self, order: Claimed, now: Callable[[], datetime]) -> None:
        """Neither Twilio's trouble nor ours ends the looking."""
        what = f"conversation of case {order.case}"

        def later(work: Work) -> None:
            self._order_look(work, order.case or 0, now(), LOOKS_APART)
            work.finish_order(order.id, "failed")
            self._alarm_row(work, what, now())

        if not self._guarded(what, lambda: self._look_and_reconcile(order, now)):
            self._is_written(what, later)

    def _look_and_reconcile(self, order: Claimed, now: Callable[[], datetime]) -> None:
        case = order.case or 0
        with self.store.reading() as work:
            believed = self._in_conversation(work, case)
        try:
            seen = self._see(case, believed)
        except Failure as failure:
            log.info("the conversation of case %s could not be seen: %s", case, failure)
            marks = order.payload.get("marks", {})
            again = partial(self._look_again_after, order=order, after=AFTER_TROUBLE, marks=marks, at=now())
            self._in_one_transaction(again)
        else:
            self._reconcile(order, seen, now())

    def _see(self, case: int, believed: list[Leg]) -> Seen:
        """One list for the conversation; and the state of each call that should be in it and is not."""
        has_room = any(leg.who is Who.CALLER for leg in believed)
        inside = self.telephone.inside(room_of(case)) if has_room else frozenset()
        statuses = {}
        for leg in believed:
            if leg.sid not in inside:
                try:
                    statuses[leg.sid] = self.telephone.fetch(leg.sid)
                except Failure as failure:
                    log.info("call %s could not be seen: %s", leg.sid, failure)
        return Seen(inside, statuses)

    def _in_conversation(self, work: Work, case: int) -> list[Leg]:
        """Who our state has in it. While a caller is on hold the engineer may be outside, as they should be;
        who was brought in has no business there.
        """
        callers = [call for call, _ in work.talking_calls(case)]
        on_its_way = work.brought(case)
        is_held = any(call.on_hold for call in callers)

        def leg(sid: str, who: Who, stay: object) -> Leg:
            may_be_out = is_held and who in (Who.CALLER, Who.ENGINEER)
            return Leg(sid, who, str(stay), may_be_out or sid in on_its_way)

        legs = [leg(call.sid, Who.CALLER, call.turn) for call in callers]
        page = work.talking_page(case)
        if page is not None and page.talk_sid:
            legs.append(leg(page.talk_sid, Who.ENGINEER, page.talks_since.isoformat()))
        for side in work.those_who_joined(case):
            who = Who.GUEST if side.purpose == sidecalls.Purpose.JOIN else Who.LISTENER
            legs += [leg(side.sid, who, side.token)] if side.sid else []
        return legs

    def _reconcile(self, order: Claimed, seen: Seen, at: datetime) -> None:
        def reconcile(work: Work) -> None:
            case = order.case or 0
            work.incident(case)  # the case is locked before what belongs to it
            verdict = judge(self._in_conversation(work, case), seen, order.payload.get("marks", {}))
            for leg in verdict.over:
                self._is_over(work, case, leg, at)
            for leg in sorted(verdict.fetched, key=lambda leg: _ORDER.index(leg.who)):
                self._fetch_again(work, case, leg, at)
            if verdict.parted:
                self._part(work, case, verdict, at)
            self._look_again_after(work, order, verdict.looks_again_after, dict(verdict.marks), at)

        self._in_one_transaction(reconcile)

    def _look_again_after(
        self, work: Work, order: Claimed, after: timedelta, marks: dict[str, Any], at: datetime
    ) -> None:
        """While the conversation lasts; a newer one is looked at by itself."""
        case = order.case or 0
        lasts = bool(work.talking_calls(case)) or work.talking_page(case) is not None
        if lasts and work.looks(case) <= {order.id}:
            self._order_look(work, case, at, after, marks)
        work.finish_order(order.id, "done")

    # --- what follows ----------------------------------------------------------------------------

    def _is_over(self, work: Work, case: int, leg: Leg, at: datetime) -> None:
        """As if it had been reported."""
        match leg.who:
            case Who.CALLER:
                if found := work.call(leg.sid):
                    self._put_to_caller(work, *found, intake.HungUp(), at)
            case Who.ENGINEER:
                self._leg_over(work, leg.sid, at)
            case _:
                self._advance_side(work, leg.stay, sidecalls.Ended("hung_up"), at)

    def _fetch_again(self, work: Work, case: int, leg: Leg, at: datetime) -> None:
        """It enters the room once more; a caller last, whose leaving may end a conference."""
        payload = {"sid": leg.sid, "where": "room"} | self._token_of(work, case, leg)
        due = at + ENTERS_AFTER if leg.who is Who.CALLER else at
        self._order_leg(work, case, payload, at, due)

    def _part(self, work: Work, case: int, verdict: Verdict, at: datetime) -> None:
        """The conversation did not come about: callers wait in our hands, the engineer hears so."""
        parted = {leg.sid for leg in verdict.parted}
        for call, version in work.talking_calls(case):
            if call.sid in parted:
                decision = intake.advance(call, intake.NotConnected(), at)
                if not work.save_call(decision.call, version, at):
                    raise Conflict(f"call {call.sid} changed meanwhile")
                self._order_leg(work, case, {"sid": call.sid}, at, at + ENTERS_AFTER)
        follow_talk(work, case, at)
        if any(leg.who in (Who.CALLER, Who.ENGINEER) for leg in verdict.parted):
            row = work.case(case)
            assert row is not None
            facts = {"person": row.acknowledged_by or "", "name": row.acknowledged_by_name or ""}
            work.append(case, at, (Draft("not_connected", facts),))
        for leg in sorted(verdict.parted, key=lambda leg: leg.who is Who.ENGINEER):  # the last of ours
            if leg.who is not Who.CALLER:
                self._send_out(work, case, leg, at)

    def _send_out(self, work: Work, case: int, leg: Leg, at: datetime) -> None:
        token = self._token_of(work, case, leg)
        page = work.talking_page(case)
        if leg.who is not Who.ENGINEER:
            self._advance_side(work, leg.stay, sidecalls.Ended("not_connected"), at)
        elif page is not None and work.end_talk(page.id):
            self._advance(work, case, escalation.TalkEnded(page.person), at)
        self._order_leg(work, case, {"sid": leg.sid, "where": "apart"} | token, at, at)

    def _token_of(self, work: Work, case: int, leg: Leg) -> dict[str, str]:
        """By which the telephone company is told what this leg hears; a caller's is known by its id."""
        if leg.who is Who.CALLER:
            return {}
        page = work.talking_page(case) if leg.who is Who.ENGINEER else None
        return {"page": page.token} if page is not None else {"side": leg.stay}

    def _order_leg(self, work: Work, case: int, payload: dict[str, Any], at: datetime, due: datetime) -> None:
        once = f"bring:{payload['sid']}:{payload.get('where', '')}:{at.isoformat()}"
        work.order("bring", once, at, CONTROL_LASTS, case=case, payload=payload, urgency=-1, due=due)
