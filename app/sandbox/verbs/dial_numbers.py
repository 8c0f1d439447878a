"""Dialling telephones: all at once (or in turn), the first to pick up wins, perhaps after being asked to
accept.
"""

from datetime import timedelta
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from app.sandbox.agenda import Appointment
from app.sandbox.calls import Callback, Order
from app.sandbox.program import Program
from app.sandbox.recordings import Recording

if TYPE_CHECKING:
    from app.sandbox.calls import Call
    from app.sandbox.verbs.dial import Dial

DEFAULT_TIMEOUT = 30
BAD_CALLER_ID = 13214


class NumbersSession:
    """The legs of one Dial."""

    def __init__(self, dial: "Dial", numbers: list[Element]) -> None:
        self._dial = dial
        self._call = dial.call
        self._exchange = dial.exchange
        self._numbers = numbers
        self._legs: list[Call] = []
        self._winner: Call | None = None
        self._bridged = False
        self._over = False
        self._recording: Recording | None = None
        self._timer: Appointment | None = None

    def start(self) -> None:
        caller_id = self._dial.attribute("callerId") or self._call.from_ or self._call.to
        if caller_id not in self._exchange.lines and caller_id not in (self._call.from_, self._call.to):
            self._exchange.note("fault", "", code=BAD_CALLER_ID, problem=f"callerId {caller_id}")
            self._finish("failed")
            return
        self._caller_id = caller_id
        self._timeout = self._dial.number("timeout", DEFAULT_TIMEOUT)
        self._in_turn = self._dial.flag("sequential", False)
        if self._dial.attribute("record").startswith("record-from-ringing"):
            self._record()
        self._dial_next()

    def abandon(self, reason: str) -> dict[str, str]:
        """The caller left (or asked to): every leg ends."""
        result = self._result("completed" if self._bridged else "no-answer")
        self._close()
        for leg in self._legs:
            leg.end("completed" if leg.status == "in-progress" else "canceled")
        return result

    def _dial_next(self) -> None:
        batch, self._numbers = (
            (self._numbers[:1], self._numbers[1:]) if self._in_turn else (self._numbers, [])
        )
        for number in batch:
            leg = self._exchange.calls.dial(self._call, self._order(number))
            leg.on_end.append(self._leg_ended)
            leg.on_redirect.append(self._leg_taken_away)
            self._legs.append(leg)
        self._timer = self._exchange.later(timedelta(seconds=self._timeout), self._ring_out)

    def _order(self, number: Element) -> Order:
        url = number.get("statusCallback")
        events = frozenset(number.get("statusCallbackEvent", "completed").split())
        callback = Callback(url, number.get("statusCallbackMethod", "POST"), events) if url else None
        return Order(
            to=(number.text or "").strip(),
            from_=self._caller_id,
            callback=callback,
            timeout=600,
            time_limit=self._dial.number("timeLimit", 14_400),
            answered=lambda leg: self._picked_up(leg, number),
        )

    def _picked_up(self, leg: "Call", number: Element) -> None:
        if self._winner is not None or self._over:
            leg.end("canceled")
            return
        self._winner = leg
        if self._timer is not None:
            self._timer.cancel()
        for other in self._legs:
            if other is not leg:
                other.end("canceled")
        url = number.get("url")
        if url is None:
            self._bridge(leg)
            return
        leg.program = Program(
            leg, "number-screen", finished=lambda: self._bridge(leg), failed=lambda: leg.end("failed")
        )
        leg.program.load(self._dial.program.resolve(url), number.get("method", "POST"))

    def _bridge(self, leg: "Call") -> None:
        if leg.finished or self._over:
            return
        self._exchange.calls.answer_inbound(self._call)
        self._bridged = True
        if self._dial.attribute("record").startswith("record-from-answer"):
            self._record()
        self._exchange.connect(self._call, leg)

    def _leg_ended(self, leg: "Call") -> None:
        if self._over or (self._winner is not None and leg is not self._winner):
            return
        if leg is self._winner:
            self._finish("completed")
        elif all(other.finished for other in self._legs):
            if self._numbers:
                self._dial_next()
            else:
                self._finish(leg.status)

    def _leg_taken_away(self, leg: "Call") -> None:
        """A live update gave the answered leg something else to do: this Dial is over, the leg is not."""
        if not self._over and leg is self._winner:
            self._finish("completed")

    def _ring_out(self) -> None:
        if self._winner is None and not self._over:
            for leg in list(self._legs):
                leg.end("no-answer")

    def _finish(self, status: str) -> None:
        result = self._result(status)
        self._close()
        self._dial.done(result)

    def _close(self) -> None:
        self._over = True
        if self._timer is not None:
            self._timer.cancel()
        self._exchange.disconnect(self._call)
        if self._recording is not None:
            self._exchange.recordings.end(self._recording)

    def _record(self) -> None:
        self._recording = self._exchange.recordings.begin(self._call, self._dial.element, "DialVerb")

    def _result(self, status: str) -> dict[str, str]:
        result = {"DialCallStatus": status, "DialBridged": "true" if self._bridged else "false"}
        leg = self._winner or (self._legs[-1] if self._legs else None)
        if leg is not None:
            result["DialCallSid"] = leg.sid
        if leg is not None and leg.started is not None:
            result["DialCallDuration"] = str(leg.seconds)
        if self._recording is not None:
            result["RecordingUrl"] = self._exchange.recordings.url(self._recording)
        return result
