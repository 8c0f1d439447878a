"""Who is in a conversation: the client's callers, who has the incident, and who was brought in.

Our own state is the truth. Nobody's leaving ends it for another: it is over for the callers when
nobody of ours who talks is left, and for ours when no caller is.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from oncall import escalation, intake
from oncall.dispatcher.base import CONTROL_LASTS
from oncall.dispatcher.owing import AGREEMENT, Owing
from oncall.dispatcher.taping import TAPING_LASTS, follow_talk
from oncall.escalation import Incident
from oncall.intake import Call, Step
from oncall.presence import FIRST_LOOK
from oncall.record import Draft
from oncall.sidecalls import Purpose, SideState
from oncall.store import Conflict, Work

# A conference that ends by itself lets its people go: only who is still there then is fetched.
_BY_ITSELF = timedelta(seconds=2)
# A caller who is alone ends the conference by leaving it: whoever else is fetched from it goes first.
ENTERS_AFTER = timedelta(seconds=1)


def room_of(case: int) -> str:
    """The conference in which a case's people meet."""
    return f"guardia-{case}"


class Talking(Owing):
    def _talk_begins(self, work: Work, case: int, incident: Incident, at: datetime) -> None:
        super()._talk_begins(work, case, incident, at)
        self._order_look(work, case, at)

    def _order_look(
        self,
        work: Work,
        case: int,
        at: datetime,
        after: timedelta = FIRST_LOOK,
        marks: dict[str, Any] | None = None,
    ) -> None:
        """Have the conversation looked at (see ``presence``), with what is remembered of the look before."""
        work.void_looks(case)
        payload = {"act": "look", "marks": marks or {}}
        once, due = f"look:{case}:{(at + after).isoformat()}", at + after
        work.order("room", once, at, CONTROL_LASTS, case=case, payload=payload, urgency=90, due=due)

    # --- callers ---------------------------------------------------------------------------------

    def _tell_callers(self, work: Work, case: int, event: intake.Event, at: datetime, move: bool) -> bool:
        """Put an event to the callers in conversation; with ``move`` their legs ask what comes next."""
        callers = work.talking_calls(case)
        for call, version in callers:
            decision = intake.advance(call, _of_turn(event, call), at)
            if not work.save_call(decision.call, version, at):
                raise Conflict(f"call {call.sid} changed meanwhile")
            work.append(case, at, decision.entries)
            if move:
                once = f"bring:{call.sid}:{decision.call.turn}"
                payload = {"sid": call.sid}
                work.order("bring", once, at, CONTROL_LASTS, case=case, payload=payload, urgency=-1)
        follow_talk(work, case, at)
        return bool(callers)

    def _release_callers(self, work: Work, case: int, calling: tuple[str, ...], at: datetime) -> None:
        """Nobody has the incident any more: who talks waits in our hands, and nobody is forgotten.

        Whom somebody who was brought in talks to goes on talking, until who takes it comes in.
        """
        released = intake.Released(calling)
        if not self._guests(work, case):
            self._tell_callers(work, case, released, at, move=True)
        for call, version in work.waiting_calls(case):
            decision = intake.advance(call, released, at) if call.step is not Step.DESCRIBING else None
            if decision and decision.call != call and not work.save_call(decision.call, version, at):
                raise Conflict(f"call {call.sid} changed meanwhile")

    def _hold_callers(
        self, work: Work, case: int, on: bool, by: Row[Any], at: datetime, is_certain: bool = True
    ) -> bool:
        """Put who talks on hold, or take them back, as the person of ``by``, a page or side call, wants it.

        Gives whether there was anybody. What is not certain is not written yet.
        """
        changed = [call for call, _ in work.talking_calls(case) if call.on_hold != on]
        for call in changed:
            act = {"act": "hold" if on else "resume", "sid": call.sid, "language": str(call.language)}
            self._order_in_room(work, case, f"{act['act']}:{call.sid}:{at.isoformat()}", act, at)
        if changed and is_certain:
            self._write_hold(work, case, on, by, at)
        return self._tell_callers(work, case, intake.HoldChanged(on), at, move=False)

    def _write_hold(self, work: Work, case: int, on: bool, by: Row[Any], at: datetime) -> None:
        facts = {"person": by.person, "name": by.name}
        work.append(case, at, (Draft("client_on_hold" if on else "client_off_hold", facts, by.person),))

    def _is_hold_written(self, work: Work, case: int) -> bool:
        on, off = (work.last_entry(case, f"client_{which}_hold") for which in ("on", "off"))
        return on is not None and (off is None or on.number > off.number)

    def _has_ended(self, work: Work, case: int) -> bool:
        began, ended = (work.last_entry(case, kind) for kind in ("connected", "conversation_ended"))
        return ended is not None and (began is None or ended.number > began.number)

    def _order_in_room(
        self,
        work: Work,
        case: int,
        once: str,
        act: dict[str, Any],
        at: datetime,
        lasts: timedelta = CONTROL_LASTS,
    ) -> None:
        payload = act | {"room": room_of(case)}
        work.order("room", once, at, lasts, case=case, payload=payload, urgency=-1)

    # --- ours ------------------------------------------------------------------------------------

    def _join_callers(self, work: Work, case: int, incident: Incident, connects: bool, at: datetime) -> None:
        heard = self._who_heard_of_tape(work, case)
        if connects and work.waiting_calls(case):
            self._no_longer_alone(work, case, at)
        super()._join_callers(work, case, incident, connects, at)
        self._tell_unrecorded(work, case, heard, at)

    def _no_longer_alone(self, work: Work, case: int, at: datetime) -> None:
        """Others come into a conversation: it does not end for them when who was there alone leaves."""
        for call, version in work.talking_calls(case):
            if not call.alone:
                continue
            if not work.save_call(replace(call, alone=False), version, at):
                raise Conflict(f"call {call.sid} changed meanwhile")
            act = {"act": "let_go_on", "sid": call.sid, "language": str(call.language)}
            self._order_in_room(work, case, f"let_go_on:{call.sid}:{call.turn}", act, at)

    def _who_heard_of_tape(self, work: Work, case: int) -> list[tuple[str, str]]:
        """Those of ours in the conversation who know it to be recorded: leg and language of each."""
        if not intake.is_to_be_recorded(call for call, _ in work.talking_calls(case)):
            return []
        page = work.talking_page(case)
        legs = [(side.sid, side.language) for side in work.those_who_joined(case)]
        legs += [(page.talk_sid, page.language)] if page is not None else []
        return [(sid, language) for sid, language in legs if sid]

    def _tell_unrecorded(self, work: Work, case: int, heard: list[tuple[str, str]], at: datetime) -> None:
        """Who ``heard`` that the conversation is recorded hears that it is not any more: a client refused."""
        refused = [call for call, _ in work.talking_calls(case) if call.refused_recording] if heard else []
        for sid, language in heard if refused else ():
            act = {"act": "announce", "sid": sid, "language": language}
            self._order_in_room(work, case, f"unrecorded:{refused[-1].sid}:{sid}", act, at, TAPING_LASTS)

    def _engineer_leaves(self, work: Work, page: Row[Any], at: datetime) -> None:
        """The engineer's call left the conversation. Whoever was brought in may go on with the client."""
        if not work.end_talk(page.id):
            return
        goes_on = bool(work.talking_calls(page.case_id)) and self._guests(work, page.case_id)
        left = Draft("conversation_left", {"person": page.person, "name": page.name}, page.person)
        ended = self._ended(work, page)
        work.append(page.case_id, at, (left if goes_on else ended,))
        self._owe(work, page, AGREEMENT, at)
        self._talk_over(work, page, at)

    def _ended(self, work: Work, row: Row[Any]) -> Draft:
        """That a conversation ended with the person of ``row``, a page or side call, and who hung up.

        Where a client is still on the line, in it or handed over to who comes next, it was not the client.
        """
        case: int = row.case_id
        passed_on = [call for call, _ in work.waiting_calls(case) if call.is_passed_on]
        if work.talking_calls(case) or passed_on:
            facts = {"by": "engineer", "person": row.person, "name": row.name}
        else:
            facts = {"by": "client"}
        return Draft("conversation_ended", facts, row.person)

    def _talk_over(self, work: Work, page: Row[Any], at: datetime) -> None:
        case: int = page.case_id
        self._advance(work, case, escalation.TalkEnded(page.person), at)
        guests = self._guests(work, case)
        if guests:
            self._hold_callers(work, case, False, guests[0], at)
        else:
            self._end_for_callers(work, case, at)

    def _guests(self, work: Work, case: int) -> list[Row[Any]]:
        """Who was brought in to talk, and is there."""
        return [side for side in work.those_who_joined(case) if side.purpose == Purpose.JOIN]

    def _end_for_callers(self, work: Work, case: int, at: datetime) -> None:
        self._tell_callers(work, case, intake.ConversationEnded(0), at, move=True)

    def _leg_over(self, work: Work, sid: str, at: datetime) -> None:
        """A leg of an engineer's is over: if they talked to a client on it, they do no more."""
        page = work.page_that_talks_on(sid)
        if page is not None:
            self._engineer_leaves(work, page, at)

    def _caller_left(self, work: Work, call: Call, at: datetime) -> None:
        """When no caller is left the engineer, and who was brought in, hear how it goes on."""
        if call.case is None or work.talking_calls(call.case):
            return
        holder = work.talking_page(call.case)
        if holder is not None and holder.talk_sid:
            payload = {"sid": holder.talk_sid, "page": holder.token}
            self._order_out(work, call, payload, at)
        for side in work.those_who_joined(call.case):
            if side.sid:
                self._order_out(work, call, {"sid": side.sid, "side": side.token}, at)

    def _order_out(self, work: Work, call: Call, payload: dict[str, Any], at: datetime) -> None:
        once = f"bring:{payload['sid']}:{call.sid}:{call.turn}"
        later = at + _BY_ITSELF if call.alone else at
        work.order("bring", once, at, CONTROL_LASTS, case=call.case, payload=payload, urgency=-1, due=later)

    def _is_excused(self, work: Work, case: int, at: datetime) -> bool:
        """Nothing need be heard from who has the incident now: they talk, or the client is waited for."""
        talking = work.talking_page(case)
        if talking is not None and at - talking.talks_since < intake.LONGEST_CONVERSATION:
            return True
        return any(wait.ended_at is None and wait.until > at for wait in work.waits(case))

    def _still_to_be_brought(self, work: Work, payload: dict[str, Any]) -> bool:
        """Whether a leg of ours that is to be fetched from a conversation is still there."""
        if payload.get("where") == "apart":
            page = work.page_with_token(payload.get("page", ""))
            return page is None or page.talks_since is None
        if "side" in payload:
            side = work.side_call(payload["side"])
            return side is not None and side[0].state is SideState.JOINED
        page = work.page_with_token(payload.get("page", ""))
        return page is None or page.talks_since is not None


def _of_turn(event: intake.Event, call: Call) -> intake.Event:
    """The event as it is put to this call: its conversation is the one that ended."""
    return intake.ConversationEnded(call.turn) if isinstance(event, intake.ConversationEnded) else event
