"""Recordings: what was said, how long, and an audio file for it that any player opens."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from app.sandbox.parameters import rfc2822

if TYPE_CHECKING:
    from app.sandbox.calls import Call
    from app.sandbox.exchange import Exchange

READY_AFTER = timedelta(milliseconds=1_500)


@dataclass(slots=True)
class Recording:
    """One recording. ``words`` is what people said into it: the sandbox's own transcript, unknown to the
    protocol.
    """

    sid: str
    call_sid: str
    source: str
    started: datetime
    conference_sid: str | None = None
    channels: int = 1
    status: str = "in-progress"
    seconds: int = 0
    updated: datetime | None = None
    words: list[str] = field(default_factory=list)


class Recordings:
    """All recordings of the account."""

    def __init__(self, exchange: "Exchange") -> None:
        self.by_sid: dict[str, Recording] = {}
        self._exchange = exchange

    def begin(
        self, call: "Call", element: Element, source: str, conference_sid: str | None = None
    ) -> Recording:
        sid = self._exchange.sid("RE")
        call_sid = call.parent.sid if call.parent is not None else call.sid
        channels = 2 if element.get("record", "").endswith("-dual") else 1
        recording = Recording(sid, call_sid, source, self._exchange.now(), conference_sid, channels)
        self.by_sid[sid] = recording
        if "in-progress" in _events(element):
            self._tell(recording, element, "in-progress")
        return recording

    def end(self, recording: Recording, element: Element) -> None:
        """Recording stops now; the file is ready a little later."""
        exchange = self._exchange
        recording.seconds = max(0, round((exchange.now() - recording.started).total_seconds()))
        recording.status = "processing"
        exchange.later(READY_AFTER, lambda: self._ready(recording, element))

    def url(self, recording: Recording) -> str:
        return f"{self._exchange.api_url}/Accounts/{self._exchange.account_sid}/Recordings/{recording.sid}"

    def delete(self, recording: Recording) -> None:
        recording.status = "deleted"

    def _ready(self, recording: Recording, element: Element) -> None:
        if recording.status != "processing":
            return
        recording.status = "absent" if self._exchange.chaos.recording_absent else "completed"
        recording.updated = self._exchange.now()
        if recording.status in _events(element):
            self._tell(recording, element, recording.status)

    def _tell(self, recording: Recording, element: Element, status: str) -> None:
        url = element.get("recordingStatusCallback", "")
        if not url:
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
            "RecordingTrack": "both",
            "ErrorCode": "0",
        }
        if recording.conference_sid is not None:
            given["ConferenceSid"] = recording.conference_sid
        method = element.get("recordingStatusCallbackMethod", "POST")
        self._exchange.webhooks.callback(url, method, given)


def _events(element: Element) -> set[str]:
    """Which recording events were asked for; Twilio's default is completed alone."""
    return set(element.get("recordingStatusCallbackEvent", "completed").split())
