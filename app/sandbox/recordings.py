"""Recordings: what was said, how long, and an audio file for it that any player opens.

A recording that the REST API begins on a call holds both its directions: what the phone says, and
what the phone hears. The real one has them in two channels; so has the file here.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from app.sandbox.parameters import rfc2822
from app.sandbox.sound import Span

if TYPE_CHECKING:
    from app.sandbox.calls import Call
    from app.sandbox.exchange import Exchange

READY_AFTER = timedelta(milliseconds=1_500)
STARTED_BY_API = "StartCallRecordingAPI"
RUNNING = ("in-progress", "paused")
SAID, HEARD = 0, 1  # the channels: what comes from the phone, what goes to it


@dataclass(frozen=True, slots=True)
class Teller:
    """Who is told what becomes of a recording; Twilio's default is ``completed`` alone."""

    url: str = ""
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})


@dataclass(slots=True)
class Recording:
    """One recording. ``words`` is what people said into it: the sandbox's own transcript, unknown to the
    protocol; ``spans`` when somebody was heard, by channel.
    """

    sid: str
    call_sid: str
    source: str
    started: datetime
    teller: Teller
    conference_sid: str | None = None
    channels: int = 1
    track: str = "both"
    status: str = "in-progress"
    seconds: int = 0
    updated: datetime | None = None
    words: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    paused_at: datetime | None = None
    skips: bool = False  # what is paused is left out, and not silent
    skipped: timedelta = timedelta(0)

    def lasts(self, at: datetime) -> float:
        """How many seconds of it there are by now."""
        until = self.paused_at if self.paused_at is not None and self.skips else at
        return max(0.0, (until - self.started - self.skipped).total_seconds())

    def go_on(self, at: datetime) -> None:
        if self.paused_at is not None and self.skips:
            self.skipped += at - self.paused_at
        self.paused_at = None


class Recordings:
    """All recordings of the account."""

    def __init__(self, exchange: "Exchange") -> None:
        self.by_sid: dict[str, Recording] = {}
        self._live: list[Recording] = []  # of those that the API began
        self._exchange = exchange

    def begin(
        self, call: "Call", element: Element, source: str, conference_sid: str | None = None
    ) -> Recording:
        """As a verb says."""
        call_sid = call.parent.sid if call.parent is not None else call.sid
        channels = 2 if element.get("record", "").endswith("-dual") else 1
        teller = Teller(
            element.get("recordingStatusCallback", ""),
            element.get("recordingStatusCallbackMethod", "POST"),
            frozenset(element.get("recordingStatusCallbackEvent", "completed").split()),
        )
        return self._add(call_sid, source, teller, channels, conference_sid=conference_sid)

    def begin_by_api(self, call: "Call", teller: Teller, channels: int, track: str) -> Recording:
        """Of a call that goes on, until it ends or somebody stops it."""
        recording = self._add(call.sid, STARTED_BY_API, teller, channels, track)
        self._live.append(recording)
        call.on_end.append(lambda _: self.stop(recording))
        self._note("recording_began", call, recording)
        return recording

    def _add(
        self,
        call_sid: str,
        source: str,
        teller: Teller,
        channels: int,
        track: str = "both",
        conference_sid: str | None = None,
    ) -> Recording:
        sid, now = self._exchange.sid("RE"), self._exchange.now()
        recording = Recording(sid, call_sid, source, now, teller, conference_sid, channels, track)
        self.by_sid[sid] = recording
        if "in-progress" in teller.events:
            self._tell(recording, "in-progress")
        return recording

    def end(self, recording: Recording) -> None:
        """Recording stops now; the file is ready a little later."""
        exchange = self._exchange
        recording.seconds = round(recording.lasts(exchange.now()))
        recording.status = "processing"
        exchange.later(READY_AFTER, lambda: self._ready(recording))

    # What the API does to one that goes on

    def running(self, call: "Call") -> Recording | None:
        """The newest that the API began on this call and that is not over: ``Twilio.CURRENT``."""
        return next((r for r in reversed(self._live) if r.call_sid == call.sid), None)

    def pause(self, recording: Recording, skips: bool) -> None:
        if recording.status == "in-progress":
            recording.status, recording.skips = "paused", skips
            recording.paused_at = recording.updated = self._exchange.now()

    def resume(self, recording: Recording) -> None:
        if recording.status == "paused":
            recording.go_on(self._exchange.now())
            recording.status, recording.updated = "in-progress", self._exchange.now()

    def stop(self, recording: Recording) -> None:
        if recording in self._live:
            self._live.remove(recording)
            self.end(recording)

    def hear(self, call: "Call", channel: int, words: str, seconds: float) -> None:
        """Something is said on a call, by its phone or to it."""
        recording = self.running(call)
        wanted = {"inbound": (SAID,), "outbound": (HEARD,)}
        if recording is None or recording.status == "paused":
            return
        if channel in wanted.get(recording.track, (SAID, HEARD)) and words:
            at = recording.lasts(self._exchange.now())
            side = channel if recording.channels > 1 else 0
            recording.spans.append(Span(at, seconds, side))
            recording.words.append(words)

    # What becomes of it

    def url(self, recording: Recording) -> str:
        return f"{self._exchange.api_url}/Accounts/{self._exchange.account_sid}/Recordings/{recording.sid}"

    def delete(self, recording: Recording) -> None:
        recording.status = "deleted"

    def _ready(self, recording: Recording) -> None:
        if recording.status != "processing":
            return
        recording.status = "absent" if self._exchange.chaos.recording_absent else "completed"
        recording.updated = self._exchange.now()
        if recording.status in recording.teller.events:
            self._tell(recording, recording.status)

    def _note(self, kind: str, call: "Call", recording: Recording) -> None:
        self._exchange.note(kind, call.phone.number, call=call.sid, recording=recording.sid)

    def _tell(self, recording: Recording, status: str) -> None:
        if not recording.teller.url:
            return
        given = {
            "AccountSid": self._exchange.account_sid,
            "CallSid": recording.call_sid,
            "RecordingSid": recording.sid,
            "RecordingUrl": self.url(recording),
            "RecordingStatus": status,
            "RecordingDuration": str(recording.seconds),
            "RecordingChannels": str(recording.channels),
            "RecordingStartTime": rfc2822(recording.started),
            "RecordingSource": recording.source,
            "RecordingTrack": recording.track,
            "ErrorCode": "0",
        }
        if recording.conference_sid is not None:
            given["ConferenceSid"] = recording.conference_sid
        self._exchange.webhooks.callback(recording.teller.url, recording.teller.method, given)
