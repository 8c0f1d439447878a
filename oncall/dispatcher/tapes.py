"""Recordings of conversations begin, pause and end. Whatever becomes of them, the conversation goes on."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from oncall.dispatcher.claimed import Claimed
from oncall.dispatcher.hands import backoff
from oncall.dispatcher.reaching import Reaching
from oncall.dispatcher.taping import wanted_of
from oncall.intake import Tape
from oncall.ports import Failure, Gone
from oncall.record import Draft

# Begun, and meanwhile on hold, and meanwhile over: nobody is faster than that.
_STEPS = 4


class Tapes(Reaching):
    def _do(self, order: Claimed, now: Callable[[], datetime]) -> None:
        if order.kind == "room" and order.payload["act"] == "record":
            self._keep_tape(order, now)
        else:
            super()._do(order, now)

    def _keep_tape(self, order: Claimed, now: Callable[[], datetime]) -> None:
        """Step by step, until the recording is as it should be; what should be is asked before each."""
        try:
            for _ in range(_STEPS):
                if self._is_as_wanted(order, now):
                    break
        except Gone:
            self._tape_ended(order, now())  # the leg is over, and with it what was made of it
        except Failure as failure:
            self._retry_or_fail(order, failure, now(), backoff(order.attempts), _unrecorded(order, failure))
            return
        self._finish(order, "done")

    def _is_as_wanted(self, order: Claimed, now: Callable[[], datetime]) -> bool:
        """One step towards it; true when there is nothing left to do."""
        leg, turn = order.payload["sid"], order.payload["turn"]
        with self.store.reading() as work:
            wanted, made = wanted_of(work, leg, turn), work.recording_of_turn(leg, turn)
        if made is None:
            return not order.payload["begins"] or self._is_not_begun(order, wanted, now)
        if made.running is None or made.running == wanted:
            return True
        self.telephone.run_recording(leg, made.sid, wanted)
        if wanted is Tape.OFF:
            self._tape_ended(order, now())
        else:
            with self.store.writing() as work:
                work.run_recording(made.sid, wanted)
        return False

    def _is_not_begun(self, order: Claimed, wanted: Tape, now: Callable[[], datetime]) -> bool:
        """Begin it, or adopt what an attempt without an answer has begun; true where there is none."""
        leg, turn = order.payload["sid"], order.payload["turn"]
        sid = self._begun_unheard(leg) if order.may_have_been_done else None
        if sid is None and wanted is Tape.OFF:
            self._write_unrecorded(order, now())
            return True
        sid = sid or self.telephone.start_recording(leg)
        with self.store.writing() as work:
            known = work.recording(sid)  # it was over so soon that its callback came first
            other = work.recording_of_turn(leg, turn)  # we were held up, and another worker was faster
            if known is None and other is None:
                work.begin_recording(sid, order.case or 0, leg, turn, self.new_token(), now())
                work.append(order.case or 0, now(), (Draft("recording_began"),))
        if other is not None and other.sid != sid:
            self.telephone.run_recording(leg, sid, Tape.OFF)
        return known is not None

    def _write_unrecorded(self, order: Claimed, at: datetime) -> None:
        """They talked, and what was tried meanwhile failed."""
        if order.attempts and order.case is not None:
            with self.store.writing() as work:
                work.append(order.case, at, (Draft("conversation_unrecorded", {"code": order.outcome}),))

    def _begun_unheard(self, leg: str) -> str | None:
        found = self.telephone.find_recordings(leg)
        with self.store.reading() as work:
            return next((sid for sid in found if not work.has_recording(sid)), None)

    def _tape_ended(self, order: Claimed, at: datetime) -> None:
        with self.store.writing() as work:
            made: Row[Any] | None = work.recording_of_turn(order.payload["sid"], order.payload["turn"])
            if made is not None and made.running is not None:
                work.run_recording(made.sid, None)
                self._look_for_recording(work, made.case_id, made.sid, at)


def _unrecorded(order: Claimed, failure: Failure) -> Draft:
    code = failure.code or type(failure).__name__
    if order.payload["begins"]:
        return Draft("conversation_unrecorded", {"code": code})
    return Draft("provider_error", {"what": order.kind, "code": code})
