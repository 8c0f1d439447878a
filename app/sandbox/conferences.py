"""Conferences: rooms in which calls meet. A room needs two people and somebody who may start it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from app.sandbox.parameters import rfc2822
from app.sandbox.program import Program
from app.sandbox.recordings import Recording

if TYPE_CHECKING:
    from app.sandbox.calls import Call
    from app.sandbox.exchange import Exchange

HOLD_MUSIC = "♪ hold music"
_EVENT_NAMES = {
    "start": "conference-start",
    "end": "conference-end",
    "join": "participant-join",
    "leave": "participant-leave",
    "mute": "participant-mute",
    "hold": "participant-hold",
}


@dataclass(slots=True, eq=False)
class Participant:
    """A call inside a conference and what its entering and leaving do to the room."""

    call: "Call"
    label: str | None
    starts: bool
    ends: bool
    muted: bool
    on_start: Callable[[], None]
    on_out: Callable[[], None]
    hold: bool = False
    conference: "Conference | None" = None
    # What is played to this participant alone: the hold document, or an announcement.
    played: "Program | None" = None
    entered: datetime | None = None

    def leave(self, reason: str) -> None:
        if self.conference is not None:
            self.conference.leave(self, reason)

    def play(self, context: str, url: str, method: str) -> None:
        """Nobody else hears it; a document that cannot be had is silence."""
        self.hush()
        self.played = Program(self.call, context, finished=lambda: None, failed=lambda: None)
        self.played.load(url, method)

    def hush(self) -> None:
        if self.played is not None:
            self.played.stop("redirected")
            self.played = None


@dataclass(slots=True)
class _Teller:
    """The status callback of a conference: fixed by whoever enters first."""

    url: str
    method: str
    events: frozenset[str]
    sequence: int = 0


@dataclass(slots=True, eq=False)
class Conference:
    """One room, from the first to the last participant; the same name later is another room."""

    exchange: "Exchange"
    sid: str
    name: str
    created: datetime
    status: str = "init"
    updated: datetime | None = None
    participants: list[Participant] = field(default_factory=list)
    most: int = 250
    reason_ended: str | None = None
    ended_by: str | None = None
    is_stuck: bool = False
    _teller: _Teller | None = None
    _recording: Recording | None = None
    _record: Element | None = None
    _why_left: str = ""

    @property
    def is_live(self) -> bool:
        return self.status == "in-progress"

    @property
    def is_full(self) -> bool:
        return len(self.participants) >= self.most

    def is_label_taken(self, label: str | None) -> bool:
        return label is not None and any(participant.label == label for participant in self.participants)

    def join(self, participant: Participant, noun: Element, resolve: Callable[[str], str]) -> None:
        """``noun`` is the Conference element by which the participant comes in."""
        if not self.participants and self.status == "init":
            self._settle(noun, resolve)
        participant.conference = self
        participant.entered = self.exchange.now()
        participant.call.conference = self
        self.participants.append(participant)
        number = participant.call.phone.number
        self.exchange.note("joined", number, call=participant.call.sid, conference=self.name)
        self.tell("join", participant)
        may_start = len(self.participants) > 1 and any(one.starts for one in self.participants)
        if not self.is_live and may_start and not self.is_stuck:
            self._start()
        elif self.is_live:
            participant.on_start()
            self._note_talking()

    def leave(self, participant: Participant, reason: str, how: str = "left") -> None:
        if participant not in self.participants:
            return
        self._remove(participant, reason)
        if self.status == "completed":
            return
        if participant.ends:
            self.finish(f"participant-with-end-conference-on-exit-{how}", participant)
        elif not self.participants:
            self.finish(f"last-participant-{how}", participant)

    def kick(self, participant: Participant) -> None:
        """Removed by the REST API: the call goes on with its own document."""
        out = participant.on_out
        self.leave(participant, "participant_removed_via_api", "kicked")
        out()

    def finish(self, reason: str, by: Participant | None = None) -> None:
        if self.status == "completed":
            return
        self.status = "completed"
        self.updated = self.exchange.now()
        self.reason_ended = reason
        self.ended_by = by.call.sid if by is not None else None
        if self._recording is not None:
            self.exchange.recordings.end(self._recording)
        rest = list(self.participants)
        for participant in rest:
            self._remove(participant, "conference_ended")
        self.tell("end", by)
        for participant in rest:
            participant.on_out()

    def heard_by(self, call: "Call") -> list["Call"]:
        speaker = self.participant_of(call)
        if not self.is_live or speaker is None or speaker.muted or speaker.hold:
            return []
        return [one.call for one in self.participants if one is not speaker and not one.hold]

    def participant_of(self, call: "Call") -> Participant | None:
        return next((one for one in self.participants if one.call is call), None)

    def hold(self, participant: Participant, on: bool, url: str = "", method: str = "GET") -> None:
        """On hold somebody hears what ``url`` says, and neither hears the others nor is heard."""
        if participant.hold == on:
            return
        participant.hold = on
        number = participant.call.phone.number
        self.exchange.note("held" if on else "resumed", number, conference=self.name)
        if on and url:
            participant.play("conference-hold", url, method)
        elif on:
            participant.call.hear(HOLD_MUSIC, "", 5)
        else:
            participant.hush()
        self.tell("hold", participant)

    def tell(self, event: str, participant: Participant | None) -> None:
        teller = self._teller
        if teller is None or event not in teller.events:
            return
        given = {
            "AccountSid": self.exchange.account_sid,
            "ConferenceSid": self.sid,
            "FriendlyName": self.name,
            "StatusCallbackEvent": _EVENT_NAMES[event],
            "SequenceNumber": str(teller.sequence),
            "Timestamp": rfc2822(self.exchange.now()),
        }
        teller.sequence += 1
        if participant is not None and event != "end":
            given |= _of(participant)
        if event == "end":
            given["ReasonConferenceEnded"] = self.reason_ended or ""
            if self.ended_by is not None:
                given["CallSidEndingConference"] = self.ended_by
        if event == "leave" and participant is not None:
            given["ReasonParticipantLeft"] = self._why_left
        self.exchange.webhooks.callback(teller.url, teller.method, given)

    def _settle(self, noun: Element, resolve: Callable[[str], str]) -> None:
        """What the first participant fixes for the whole conference."""
        url = noun.get("statusCallback")
        if url:
            events = frozenset(noun.get("statusCallbackEvent", "start end").split())
            self._teller = _Teller(resolve(url), noun.get("statusCallbackMethod", "POST"), events)
        most = noun.get("maxParticipants", "250")
        self.most = int(most) if most.isdigit() else 250
        self._record = noun if noun.get("record") == "record-from-start" else None

    def _start(self) -> None:
        self.status = "in-progress"
        self.updated = self.exchange.now()
        if self._record is not None:
            first = self.participants[0].call
            self._recording = self.exchange.recordings.begin(first, self._record, "Conference", self.sid)
        for participant in self.participants:
            participant.on_start()
        self.tell("start", self.participants[-1])
        self._note_talking()

    def _remove(self, participant: Participant, reason: str) -> None:
        self.participants.remove(participant)
        participant.hush()
        participant.call.conference = None
        self.exchange.note(
            "left",
            participant.call.phone.number,
            call=participant.call.sid,
            conference=self.name,
            reason=reason,
        )
        self._why_left = reason
        self.tell("leave", participant)

    def _note_talking(self) -> None:
        for one in self.participants:
            number = one.call.phone.number
            others = [other.call.phone.number for other in self.participants if other is not one]
            kind = "listening" if one.muted else "talking"
            self.exchange.note(kind, number, to=others, conference=self.name)


class Conferences:
    """All conferences of the account."""

    def __init__(self, exchange: "Exchange") -> None:
        self.by_sid: dict[str, Conference] = {}
        self._exchange = exchange

    def open(self, name: str) -> Conference:
        """The room of that name that is not over yet, or a new one."""
        for conference in self.by_sid.values():
            if conference.name == name and conference.status != "completed":
                return conference
        conference = Conference(self._exchange, self._exchange.sid("CF"), name, self._exchange.now())
        conference.is_stuck = self._exchange.chaos.is_next_room_stuck()
        self.by_sid[conference.sid] = conference
        return conference


def _of(participant: Participant) -> dict[str, str]:
    given = {
        "CallSid": participant.call.sid,
        "Muted": str(participant.muted).lower(),
        "Hold": str(participant.hold).lower(),
        "Coaching": "false",
        "EndConferenceOnExit": str(participant.ends).lower(),
        "StartConferenceOnEnter": str(participant.starts).lower(),
    }
    return given | ({"ParticipantLabel": participant.label} if participant.label else {})
