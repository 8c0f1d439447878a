"""What is known of a caller's call: how far it has come, what may happen to it, what is to be done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from oncall.contracts import Client, Contact, Integration
from oncall.eligibility import DISPUTABLE, Reason
from oncall.people import Language
from oncall.record import Draft
from oncall.sla import Priority

OPTIONS_A_PAGE = 9
# How long somebody waits in our hands before they are promised a call and freed.
LONGEST_WAIT = timedelta(minutes=10)


class Step(StrEnum):
    PIN = "pin"
    NOTICE = "notice"
    INTEGRATION = "integration"
    PRIORITY = "priority"
    DISPUTE = "dispute"
    DESCRIBING = "describing"
    WAITING = "waiting"
    MESSAGE = "message"
    CONVERSATION = "conversation"
    OVER = "over"


class Farewell(StrEnum):
    """The last words of a call that is over."""

    GOODBYE = "goodbye"
    REFUSED = "refused"
    CALLBACK = "callback"
    MESSAGE = "message"
    CONVERSATION = "conversation"
    TEST = "test"
    ATTACHED = "attached"  # to a major incident that a notice told of
    PROMISED = "promised"  # the whole wait was too long: the call is returned
    CLOSED = "closed"  # the whole wait is over, and the incident was closed meanwhile


class News(StrEnum):
    """What an engineer is told of the client of an incident that is theirs."""

    CALLED_AGAIN = "client_called_again"
    LEFT_MESSAGE = "client_left_message"
    ASKED_CALL = "callback_asked"


class CaseKind(StrEnum):
    INCIDENT = "incident"
    REFUSAL = "refusal"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class ClosedIncident:
    """An incident of this client that a call about the same integration may have reopened."""

    case: int
    reference: str
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Closing:
    """How the incident that somebody waits for was closed meanwhile."""

    by: str  # first name; empty where nobody is named
    is_solved: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as this caller hears it; ``case`` and ``reference``: of the incident they may join."""

    notice: int
    text: str
    case: int | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One phone call to a guard line, as far as it has come."""

    sid: str
    line: str
    caller: str | None  # E.164, or None where it is withheld or unusable
    language: Language
    arrived_at: datetime
    step: Step
    turn: int = 0
    tries: int = 0
    menu_page: int = 0
    client: str | None = None
    client_name: str = ""
    integrations: tuple[Integration, ...] = ()
    contact: str | None = None
    notices: tuple[Told, ...] = ()
    verified: bool = False
    integration: str | None = None
    priority: Priority | None = None
    reason: Reason | None = None
    unverified: bool = False
    case: int | None = None
    reference: str | None = None
    calling: tuple[str, ...] = ()  # first names, as they were right after the case was opened
    joined: bool = False
    taken_by: str | None = None  # first name
    alone: bool = True  # in the conversation with the engineer
    on_hold: bool = False
    is_parted: bool = False  # could not be brought to the engineer
    is_passed_on: bool = False  # talked to somebody who has the incident no longer
    eta: datetime | None = None  # when who has it expects it to be solved
    # Whom an engineer may call for this call, and how that person is called; nothing that was typed.
    call_back: str | None = None  # E.164
    call_back_name: str = ""
    refused_recording: bool = False
    records_conversation: bool = False  # as service.yaml said when the call arrived
    heard_of_recording: bool = False  # of the conversation's, and could have refused it
    rounds: int = 0  # of the wait, heard so far
    round_began_at: datetime | None = None
    longest_wait: timedelta = LONGEST_WAIT
    wait_ends_at: datetime | None = None  # of the whole wait, from the order to page on
    respond_by: datetime | None = None  # the first response that is owed to this call's incident
    promised_by: datetime | None = None  # when a call back was promised at the latest
    timezone: str = ""  # in which the caller is told times
    is_written_to: bool = False  # whether the contract has an address for what is promised by mail
    test_awaited: bool = False  # it shows our own number, while we are dialling this line
    is_test: bool = False  # it keyed the code that only our own call knows
    closing: Closing | None = None  # of the incident that they wait for, as it stood at the last event
    closed: ClosedIncident | None = None  # the one before of the chosen integration, closed not long ago
    farewell: Farewell | None = None
    due_at: datetime | None = None
    returns: str | None = None  # it did not arrive: we placed it, to return the call with this id

    @property
    def options(self) -> tuple[Integration, ...]:
        """The integrations on the page of the menu that is being heard."""
        start = self.menu_page * OPTIONS_A_PAGE
        return self.integrations[start : start + OPTIONS_A_PAGE]

    @property
    def has_more_options(self) -> bool:
        return len(self.integrations) > OPTIONS_A_PAGE

    @property
    def major(self) -> Told | None:
        """The first notice whose incident the caller may join."""
        return next((told for told in self.notices if told.case is not None), None)

    @property
    def may_leave_message(self) -> bool:
        return not self.refused_recording

    @property
    def is_recordable(self) -> bool:
        """Their conversations are recorded, once they have heard so."""
        return self.records_conversation and not self.refused_recording

    @property
    def is_to_be_asked(self) -> bool:
        """They have to hear of the recording before they talk to anybody."""
        return self.is_recordable and not self.heard_of_recording

    @property
    def is_answered_by_another(self) -> bool:
        """They gave the PIN and cannot be called: the contact of the contract is, who did not call."""
        return self.contact is None and bool(self.call_back_name)

    @property
    def may_dispute(self) -> bool:
        return self.verified and self.reason in DISPUTABLE


# --- what is known when an event comes -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An incident of this client that a call about the same integration joins."""

    case: int
    reference: str
    taken_by: str | None  # first name
    calling: tuple[str, ...]
    respond_by: datetime | None = None
    eta: datetime | None = None  # when who has it expects it to be solved


@dataclass(frozen=True, slots=True)
class Arrived:
    """``is_foreign``: from a country in which neither the line nor a contact of the contract has a number."""

    sid: str
    line: str
    caller: str | None
    withheld: bool = False
    client: Client | None = None
    contact: Contact | None = None
    in_force: bool = True
    readable: bool = True
    attestation: str = ""
    is_foreign: bool = False
    notices: tuple[Told, ...] = ()
    longest_wait: timedelta = LONGEST_WAIT
    test_awaited: bool = False
    records_conversation: bool = False


@dataclass(frozen=True, slots=True)
class PinEntered:
    """Digits were compared with the contract's PIN at the edge; they are not kept.

    ``contact`` is the first of the contract who has a phone.
    """

    turn: int
    correct: bool
    contact: Contact | None = None
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """``digits`` is empty for silence. ``incidents`` are the client's, by integration id; ``closed``
    those that may be reopened.
    """

    turn: int
    digits: str
    incidents: Mapping[str | None, OpenIncident] = field(default_factory=lambda: MappingProxyType({}))
    closed: Mapping[str | None, ClosedIncident] = field(default_factory=lambda: MappingProxyType({}))
    joinable: frozenset[int] = frozenset()  # the incidents of notices that are not closed


@dataclass(frozen=True, slots=True)
class Recorded:
    turn: int
    seconds: int


@dataclass(frozen=True, slots=True)
class IncidentTaken:
    """``connects``: the engineer is on the phone now, and the caller is brought to them, ``alone`` or
    with others who called about the same incident.
    """

    by: str  # first name
    connects: bool
    alone: bool = True


@dataclass(frozen=True, slots=True)
class ConversationEnded:
    turn: int


@dataclass(frozen=True, slots=True)
class NotConnected:
    """The caller could not be brought to the engineer: they wait in our hands, and hear so."""


@dataclass(frozen=True, slots=True)
class HoldChanged:
    """The engineer puts the caller on hold, or is back."""

    on: bool


@dataclass(frozen=True, slots=True)
class Released:
    """Nobody has the incident any more: the caller stays in our hands while the next person is called."""

    calling: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HungUp:
    pass


@dataclass(frozen=True, slots=True)
class TimeUp:
    pass


Event = (
    PinEntered
    | KeyPressed
    | Recorded
    | IncidentTaken
    | ConversationEnded
    | NotConnected
    | HoldChanged
    | Released
    | HungUp
    | TimeUp
)


# --- what is to be done --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenCase:
    kind: CaseKind


@dataclass(frozen=True, slots=True)
class DisputeRefusal:
    pass


@dataclass(frozen=True, slots=True)
class JoinIncident:
    case: int


@dataclass(frozen=True, slots=True)
class ReopenIncident:
    """The caller says that it is the same problem as that of this closed case."""

    case: int


@dataclass(frozen=True, slots=True)
class TellEngineer:
    """The engineer who has the incident, if somebody has, is told by text what its client did."""

    news: News


@dataclass(frozen=True, slots=True)
class AttachCaller:
    """A case of the caller's own is written, which belongs to the major incident and pages nobody."""

    case: int  # of the major incident
    notice: int


@dataclass(frozen=True, slots=True)
class PromiseCall:
    """The caller is freed, and the promise of a call is written to them."""


@dataclass(frozen=True, slots=True)
class TestEnded:
    """The synthetic call is over; nothing of what it would have opened is opened."""

    reached_end: bool  # of the menu


Effect = (
    OpenCase
    | DisputeRefusal
    | JoinIncident
    | ReopenIncident
    | TellEngineer
    | PromiseCall
    | TestEnded
    | AttachCaller
)


@dataclass(frozen=True, slots=True)
class Decision:
    call: Call
    effects: tuple[Effect, ...] = ()
    entries: tuple[Draft, ...] = ()
