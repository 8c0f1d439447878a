"""How those who talk are reached: legs moved, put on hold and told things; and people called aside."""

from collections.abc import Callable
from datetime import datetime

from oncall import intake, sidecalls
from oncall.dispatcher.asides import is_wanted
from oncall.dispatcher.claimed import NOT_PROCESSED, Claimed
from oncall.dispatcher.hands import (
    CALL_SETTLES,
    CLOCKS_APART,
    NOT_KNOWN,
    Hands,
    backoff,
)
from oncall.ports import ENDED, Ambiguous, Failure, Gone, Misconfigured, Refused, Unreachable
from oncall.sidecalls import Purpose, SideCall
from oncall.store import Work


class Reaching(Hands):
    def _do(self, order: Claimed, now: Callable[[], datetime]) -> None:
        match order.kind:
            case "call" if "side" in order.payload:
                self._place_aside(order, now)
            case "bring":
                self._bring(order, now)
            case "room":
                self._act_in_room(order, now)
            case _:
                super()._do(order, now)

    def _bring(self, order: Claimed, now: Callable[[], datetime]) -> None:
        with self.store.reading() as work:
            is_wanted = self._still_to_be_brought(work, order.payload)
        if not is_wanted:
            self._finish(order, "void")
            return
        self._tell_telephone(order, now, lambda sid: self._move(order, sid, now))

    def _move(self, order: Claimed, sid: str, now: Callable[[], datetime]) -> None:
        page, side, where = (order.payload.get(name) for name in ("page", "side", "where"))
        client = order.payload.get("client") if page is None else None
        self.telephone.bring(sid, page, side, where or "", client)

    def _act_in_room(self, order: Claimed, now: Callable[[], datetime]) -> None:
        payload = order.payload

        def act(sid: str) -> None:
            room, language = payload["room"], payload["language"]
            match payload["act"]:
                case "hold":
                    self._hold(room, sid, language, now)
                case "resume":
                    self.telephone.resume(room, sid)
                case "let_go_on":
                    self.telephone.let_go_on(room, sid)
                case "announce":
                    self._tell_in_room(order, now())

        self._tell_telephone(order, now, act)

    def _hold(self, room: str, sid: str, language: str, now: Callable[[], datetime]) -> None:
        """Who is not there to be put on hold may have hung up, and the report of it been lost."""
        try:
            self.telephone.hold(room, sid, language)
        except Gone:
            if self.telephone.fetch(sid) in ENDED:
                self._caller_is_gone(sid, now())

    def _caller_is_gone(self, sid: str, at: datetime) -> None:
        def gone(work: Work) -> None:
            if found := work.call(sid):
                self._put_to_caller(work, *found, intake.HungUp(), at)

        self._in_one_transaction(gone)

    def _tell_in_room(self, order: Claimed, at: datetime) -> None:
        """Who stepped out of a conversation is told once they are back; who left it, never."""
        payload = order.payload
        if self._is_on_hold(payload["sid"]):
            return  # an announcement would end what they hear there, which tells the same
        try:
            self.telephone.announce(payload["room"], payload["sid"], payload.get("side"), payload["language"])
        except Gone as gone:
            if at + backoff(order.attempts) < order.expires_at:
                raise Unreachable(str(gone), gone.code) from gone

    def _is_on_hold(self, sid: str) -> bool:
        with self.store.reading() as work:
            found = work.call(sid, lock=False)
        return found is not None and found[0].on_hold

    def _place_aside(self, order: Claimed, now: Callable[[], datetime]) -> None:
        """Call somebody aside; after an attempt whose answer is not known, look for what it made first."""
        token = order.payload["side"]
        with self.store.reading() as work:
            found = work.side_call(token, lock=False)
            case = work.case(found[1].case_id) if found else None
            until = work.lease_of(order.id, order.attempts + 1)
        self._hold_on(order, until, now())
        if found is None or case is None or not is_wanted(found[0]):
            self._finish(order, "void")
            return
        call = found[0]
        line = case.line if call.purpose is Purpose.CLIENT else None
        try:
            made = None
            if order.may_have_been_done:
                since = call.ordered_at - CLOCKS_APART
                made = self._unknown(self.telephone.find_calls(call.to, since, line))
                if made is None:
                    self._hold_on_still(order, now())
            sid = made or self._ring_side(call, token, line)
        except Failure as failure:
            self._aside_failed(order, token, failure, now())
            return
        with self.store.writing() as work:
            self._advance_side(work, token, sidecalls.Placed(sid), now())
            work.finish_order(order.id, "done", sid)

    def _ring_side(self, call: SideCall, token: str, line: str | None) -> str:
        if line is not None:
            return self.telephone.call_client(call.to, token, call.ring, line)
        return self.telephone.call_aside(call.to, token, call.ring)

    def _aside_failed(self, order: Claimed, token: str, failure: Failure, at: datetime) -> None:
        is_passing = isinstance(failure, Unreachable | Ambiguous)
        wait = CALL_SETTLES if isinstance(failure, Ambiguous) else backoff(order.attempts)
        with self.store.writing() as work:
            if is_passing and at + wait < order.expires_at:
                in_doubt = isinstance(failure, Ambiguous) or order.may_have_been_done
                work.postpone_order(order.id, at + wait, NOT_KNOWN if in_doubt else NOT_PROCESSED)
                return
            found = work.side_call(token, lock=False)
            if found is not None and isinstance(failure, Misconfigured):
                self._alarm_refusal(work, found[1], failure, at)
            elif (
                found is not None and isinstance(failure, Refused) and found[0].purpose is not Purpose.CLIENT
            ):
                self._alarm_unreachable(work, found[1], failure.code, at)
            why = "not_sent" if is_passing else "refused"
            self._advance_side(work, token, sidecalls.NotPlaced(why, failure.code), at)
            work.finish_order(order.id, "failed", failure.code or str(failure))
