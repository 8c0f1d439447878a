"""Record: a message after the tone."""

from datetime import timedelta

from app.sandbox.agenda import Appointment
from app.sandbox.program import Activity
from app.sandbox.recordings import Recording

ALL_KEYS = "1234567890*#"
BEEP = timedelta(seconds=1)


class Record(Activity):
    """Ends by key, by silence, by length, or by hang-up (``Digits=hangup``); ``action`` is requested each
    time.
    """

    recording: Recording | None = None
    _over = False

    def start(self) -> None:
        self._timers: list[Appointment] = []
        self._silence: Appointment | None = None
        if self.flag("playBeep", True):
            self.call.hear("♪ beep", "", BEEP.total_seconds())
            self._timers.append(self.exchange.later(BEEP, self._begin))
        else:
            self._begin()

    def key(self, key: str) -> None:
        if not self._over and self.recording is not None and key in self.attribute("finishOnKey", ALL_KEYS):
            self._complete(key)

    def words(self, words: str, seconds: float) -> None:
        if self._over or self.recording is None:
            return
        if words:
            self.recording.words.append(words)
        self._expect_silence(seconds)

    def stop(self, reason: str) -> None:
        if self._over:
            return
        self._close()
        if reason == "hung-up" and self.recording is not None:
            self.program.tell(self.element, self._result("hangup"))

    def _begin(self) -> None:
        self.recording = self.exchange.recordings.begin(self.call, self.element, "RecordVerb")
        self.exchange.note(
            "recording", self.call.phone.number, call=self.call.sid, recording=self.recording.sid
        )
        longest = timedelta(seconds=self.number("maxLength", 3600))
        self._timers.append(self.exchange.later(longest, lambda: self._complete("")))
        self._expect_silence(0)

    def _expect_silence(self, after_seconds: float) -> None:
        if self._silence is not None:
            self._silence.cancel()
        patience = self.number("timeout", 5)
        if patience:
            wait = timedelta(seconds=after_seconds + patience)
            self._silence = self.exchange.later(wait, lambda: self._complete(""))

    def _complete(self, key: str) -> None:
        if self._over:
            return
        self._close()
        self.program.follow(self.element, self._result(key))

    def _close(self) -> None:
        self._over = True
        for timer in [*self._timers, *([self._silence] if self._silence is not None else [])]:
            timer.cancel()
        if self.recording is not None:
            self.exchange.recordings.end(self.recording)
            self.exchange.note(
                "recorded",
                self.call.phone.number,
                call=self.call.sid,
                recording=self.recording.sid,
                seconds=self.recording.seconds,
                words=" ".join(self.recording.words),
            )

    def _result(self, digits: str) -> dict[str, str]:
        assert self.recording is not None
        result = {
            "RecordingSid": self.recording.sid,
            "RecordingUrl": self.exchange.recordings.url(self.recording),
            "RecordingDuration": str(self.recording.seconds),
        }
        return result | ({"Digits": digits} if digits else {})
