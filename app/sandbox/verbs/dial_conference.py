"""Dialling into a conference: the call stays there until it leaves, is removed, or the conference ends."""

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from app.sandbox.conferences import HOLD_MUSIC, Participant
from app.sandbox.program import Program

if TYPE_CHECKING:
    from app.sandbox.verbs.dial import Dial

LABEL_TAKEN = 16025


class ConferenceSession:
    """One participant's stay."""

    def __init__(self, dial: "Dial", noun: Element) -> None:
        self._dial = dial
        self._call = dial.call
        self._exchange = dial.exchange
        self._noun = noun
        self._participant: Participant | None = None
        self._wait: Program | None = None

    def start(self) -> None:
        noun, name = self._noun, (self._noun.text or "").strip()
        conference = self._exchange.conferences.open(name)
        label = noun.get("participantLabel")
        if conference.is_label_taken(label) or conference.is_full:
            self._exchange.note(
                "fault", self._call.phone.number, code=LABEL_TAKEN, problem=f"label {label} in {name}"
            )
            self._dial.done({"DialCallStatus": "failed"})
            return
        self._participant = Participant(
            call=self._call,
            label=label,
            starts=noun.get("startConferenceOnEnter", "true") == "true",
            ends=noun.get("endConferenceOnExit") == "true",
            muted=noun.get("muted") == "true",
            on_start=self._silence,
            on_out=self._out,
        )
        conference.join(self._participant, noun, self._dial.program.resolve)
        if not conference.is_live:
            self._play_wait()

    def abandon(self, reason: str) -> dict[str, str]:
        """The call itself leaves: hung up, redirected, or by the star key."""
        self._silence()
        if self._participant is not None:
            why = "participant_hung_up" if reason == "hung-up" else "participant_updated_via_api"
            self._participant.on_out = lambda: None
            self._participant.leave(why)
        return {"DialCallStatus": "answered"}

    def _out(self) -> None:
        """The conference ended, or somebody removed this participant."""
        self._silence()
        self._dial.done({"DialCallStatus": "answered"})

    def _silence(self) -> None:
        if self._wait is not None:
            self._wait.stop("redirected")
            self._wait = None

    def _play_wait(self) -> None:
        url = self._noun.get("waitUrl")
        if url is None:
            self._call.hear(HOLD_MUSIC, "", 5)
        elif url:
            self._wait = Program(
                self._call, "conference-wait", finished=lambda: None, failed=self._not_established
            )
            self._wait.load(self._dial.program.resolve(url), self._noun.get("waitMethod", "POST"))

    def _not_established(self) -> None:
        """Twilio 13238 and its like: without its wait document the conference does not come about."""
        result = self.abandon("redirected")
        self._dial.done({**result, "DialCallStatus": "failed"})
