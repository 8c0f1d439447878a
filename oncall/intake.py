"""The conversation with a caller, as a table: (step, event) -> (call, effects, entries).

What the caller hears is a function of the call alone, so a webhook that comes
twice is answered by saying the same again. ``turn`` counts the answers taken;
an event that belongs to another turn is late, and changes nothing.

The safest way forward, when a question goes unanswered three times: without a
PIN nobody is verified; but a verified caller whose keypad does not work is
paged for, marked ``unverified``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from oncall.contracts import BuiltBy, Client, Contact, Integration
from oncall.eligibility import DISPUTABLE, Answers, Reason, refusal
from oncall.people import Language
from oncall.record import Draft
from oncall.sla import Priority

MAX_TRIES = 3
OPTIONS_A_PAGE = 9

# How long a step may stay without any word from the telephone company before
# the call is taken for hung up: a lost webhook delays, it never strands.
PATIENCE = timedelta(minutes=3)
LONGEST_CONVERSATION = timedelta(hours=4)

_PRIORITIES = {"1": Priority.BLOCKER, "2": Priority.HIGH, "3": Priority.MEDIUM, "4": Priority.LOW}


class Step(StrEnum):
    PIN = "pin"
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


class CaseKind(StrEnum):
    INCIDENT = "incident"
    REFUSAL = "refusal"
    ABANDONED = "abandoned"


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
    farewell: Farewell | None = None
    due_at: datetime | None = None

    @property
    def options(self) -> tuple[Integration, ...]:
        """The integrations on the page of the menu that is being heard."""
        start = self.menu_page * OPTIONS_A_PAGE
        return self.integrations[start : start + OPTIONS_A_PAGE]

    @property
    def has_more_options(self) -> bool:
        return len(self.integrations) > OPTIONS_A_PAGE

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


@dataclass(frozen=True, slots=True)
class Arrived:
    sid: str
    line: str
    caller: str | None
    withheld: bool = False
    client: Client | None = None
    contact: Contact | None = None
    in_force: bool = True
    readable: bool = True
    attestation: str = ""


@dataclass(frozen=True, slots=True)
class PinEntered:
    """Digits were compared with the contract's PIN at the edge; they are not kept."""

    turn: int
    correct: bool


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """``digits`` is empty for silence. ``incidents`` are the client's, by integration id."""

    turn: int
    digits: str
    incidents: Mapping[str | None, OpenIncident] = field(default_factory=lambda: MappingProxyType({}))


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
class HungUp:
    pass


@dataclass(frozen=True, slots=True)
class TimeUp:
    pass


Event = PinEntered | KeyPressed | Recorded | IncidentTaken | ConversationEnded | HungUp | TimeUp


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
class TellEngineer:
    """The engineer who has the incident is told that its client called again."""


Effect = OpenCase | DisputeRefusal | JoinIncident | TellEngineer


@dataclass(frozen=True, slots=True)
class Decision:
    call: Call
    effects: tuple[Effect, ...] = ()
    entries: tuple[Draft, ...] = ()


# --- the rules -----------------------------------------------------------------------------------


def arrive(event: Arrived, at: datetime) -> Decision:
    """The first decision of a call: who calls, on which line, and the first question."""
    client = event.client
    call = Call(
        sid=event.sid,
        line=event.line,
        caller=event.caller,
        language=client.language if client else Language.ES,
        arrived_at=at,
        step=Step.PIN,
        client=client.id if client else None,
        client_name=client.name if client else "",
        integrations=client.integrations if client else (),
        due_at=at + PATIENCE,
    )
    arrived = _draft(
        "call_arrived",
        "caller",
        line=event.line,
        caller=event.caller or "",
        withheld=event.withheld,
        attestation=event.attestation,
    )
    if not event.readable:
        return _open(replace(call, unverified=True), at, arrived, _draft("contract_unreadable"))
    if client is None:
        return _refuse(call, Reason.UNKNOWN_LINE, at, arrived)
    entries = [arrived]
    if event.contact:
        call = replace(call, contact=event.contact.name, verified=True)
        entries.append(_draft("caller_identified", contact=event.contact.name, how="number"))
    known = Answers(line_known=True, contract_in_force=event.in_force)
    if reason := refusal(known):
        return _refuse(call, reason, at, *entries)
    if not event.contact:
        if client.contract.pin_hash is None:
            return _refuse(call, Reason.CALLER_NOT_VERIFIED, at, *entries)
        return Decision(call, (), tuple(entries))
    return Decision(_ask_integration(call), (), tuple(entries))


def advance(call: Call, event: Event, at: datetime) -> Decision:
    """What ``event`` makes of ``call``; what the table does not expect is recorded and changes nothing."""
    if _is_late(call, event):
        return Decision(call)
    rule = TABLE.get((call.step, type(event)))
    if rule is None:
        expected = isinstance(event, HungUp | TimeUp) and call.step is Step.OVER
        name = type(event).__name__
        return Decision(call, (), () if expected else (_draft("unexpected", event=name),))
    return rule(call, event, at)


def _is_late(call: Call, event: Event) -> bool:
    turn = getattr(event, "turn", None)
    return turn is not None and turn != call.turn


def _pin_entered(call: Call, event: PinEntered, at: datetime) -> Decision:
    if event.correct:
        verified = replace(_next(call, call.step, at), verified=True)
        entry = _draft("caller_identified", "caller", contact="", how="pin")
        return Decision(_ask_integration(verified), (), (entry,))
    tries = call.tries + 1
    entry = _draft("pin_rejected", "caller", tries=tries)
    if tries >= MAX_TRIES:
        return _refuse(call, Reason.CALLER_NOT_VERIFIED, at, entry)
    return Decision(_again(call, at), (), (entry,))


def _integration_key(call: Call, event: KeyPressed, at: datetime) -> Decision:
    if event.digits == "0":
        other = _draft("integration_chosen", "caller", integration=None, name=None)
        return _refuse(call, Reason.INTEGRATION_NOT_LISTED, at, other)
    if event.digits == "*" and call.has_more_options:
        pages = -(-len(call.integrations) // OPTIONS_A_PAGE)
        turned = replace(_next(call, Step.INTEGRATION, at), menu_page=(call.menu_page + 1) % pages)
        return Decision(turned)
    chosen = _option(call, event.digits)
    if chosen is None:
        if call.tries + 1 < MAX_TRIES:
            return Decision(_again(call, at))
        return _open_unverified(call, event, at, _draft("integration_unclear", "caller"))
    call = replace(call, integration=chosen.id)
    entry = _draft("integration_chosen", "caller", integration=chosen.id, name=chosen.name)
    if reason := refusal(Answers(True, True, True, True, chosen.built_by)):
        return _refuse(call, reason, at, entry)
    if open_incident := event.incidents.get(chosen.id):
        return _join(call, open_incident, at, entry)
    return Decision(_next(call, Step.PRIORITY, at), (), (entry,))


def _priority_key(call: Call, event: KeyPressed, at: datetime) -> Decision:
    priority = _PRIORITIES.get(event.digits)
    if priority is None:
        if call.tries + 1 < MAX_TRIES:
            return Decision(_again(call, at))
        return _open_unverified(call, event, at, _draft("priority_unclear", "caller"))
    call = replace(call, priority=priority)
    entry = _draft("priority_chosen", "caller", priority=priority.value)
    if reason := refusal(Answers(True, True, True, True, BuiltBy.AIVO, priority)):
        return _refuse(call, reason, at, entry)
    return _open_or_join(call, event, at, entry)


def _dispute_key(call: Call, event: KeyPressed, at: datetime) -> Decision:
    if event.digits == "5":
        disputing = _next(call, Step.DESCRIBING, at)
        return Decision(disputing, (DisputeRefusal(),), (_draft("disputed", "caller"),))
    if call.tries + 1 < MAX_TRIES:
        return Decision(_again(call, at))
    return Decision(_over(call, Farewell.GOODBYE))


def _described(call: Call, event: Recorded, at: datetime) -> Decision:
    entries = (_draft("problem_described", "caller", seconds=event.seconds),) if event.seconds else ()
    return Decision(_next(call, Step.WAITING, at), (), entries)


def _waiting_key(call: Call, event: KeyPressed, at: datetime) -> Decision:
    if event.digits == "1" and call.caller:  # a withheld number cannot be called back: the wait goes on
        return Decision(_over(call, Farewell.CALLBACK), (), (_draft("callback_asked", "caller"),))
    if event.digits == "2":
        return Decision(_next(call, Step.MESSAGE, at))
    return Decision(replace(call, due_at=at + PATIENCE))  # the wait goes round once more


def _message_left(call: Call, event: Recorded, at: datetime) -> Decision:
    entry = _draft("message_left", "caller", seconds=event.seconds)
    entries = (entry,) if event.seconds else (_draft("message_missing", "caller"),)
    if call.taken_by:
        return Decision(_over(call, Farewell.MESSAGE), (), entries)
    return Decision(_next(call, Step.WAITING, at), (), entries)


def _taken(call: Call, event: IncidentTaken, at: datetime) -> Decision:
    if not event.connects:
        return Decision(replace(_next(call, Step.WAITING, at), taken_by=event.by))
    talking = replace(_next(call, Step.CONVERSATION, at), taken_by=event.by, alone=event.alone)
    return Decision(replace(talking, due_at=at + LONGEST_CONVERSATION))


def _conversation_ended(call: Call, _event: ConversationEnded, _at: datetime) -> Decision:
    return Decision(_over(call, Farewell.CONVERSATION))


def _hung_up(call: Call, _event: HungUp | TimeUp, _at: datetime) -> Decision:
    over = _over(call, Farewell.GOODBYE)
    if call.case is None and call.verified:
        return Decision(over, (OpenCase(CaseKind.ABANDONED),), (_draft("abandoned", "caller"),))
    return Decision(over, (), (_draft("caller_hung_up", "caller"),))


_Rule = Callable[[Call, Any, datetime], Decision]  # each takes the event of its key

# The whole conversation. A pair that is not here is not expected.
TABLE: Mapping[tuple[Step, type[Event]], _Rule] = MappingProxyType(
    {
        (Step.PIN, PinEntered): _pin_entered,
        (Step.INTEGRATION, KeyPressed): _integration_key,
        (Step.PRIORITY, KeyPressed): _priority_key,
        (Step.DISPUTE, KeyPressed): _dispute_key,
        (Step.DESCRIBING, Recorded): _described,
        (Step.DESCRIBING, IncidentTaken): _taken,
        (Step.WAITING, KeyPressed): _waiting_key,
        (Step.WAITING, IncidentTaken): _taken,
        (Step.MESSAGE, Recorded): _message_left,
        (Step.MESSAGE, IncidentTaken): _taken,
        (Step.CONVERSATION, ConversationEnded): _conversation_ended,
        **{(step, event): _hung_up for step in Step if step is not Step.OVER for event in (HungUp, TimeUp)},
    }
)


# --- the steps -----------------------------------------------------------------------------------


def _draft(kind: str, actor: str = "guardia", **data: object) -> Draft:
    return Draft(kind, data, actor)


def _next(call: Call, step: Step, at: datetime) -> Call:
    return replace(call, step=step, turn=call.turn + 1, tries=0, due_at=at + PATIENCE)


def _again(call: Call, at: datetime) -> Call:
    return replace(call, turn=call.turn + 1, tries=call.tries + 1, due_at=at + PATIENCE)


def _over(call: Call, farewell: Farewell) -> Call:
    return replace(call, step=Step.OVER, turn=call.turn + 1, tries=0, farewell=farewell, due_at=None)


def _ask_integration(call: Call) -> Call:
    """A contract that lists no integration is not held against its caller: the priority is asked."""
    return replace(call, step=Step.INTEGRATION if call.integrations else Step.PRIORITY)


def _option(call: Call, digits: str) -> Integration | None:
    if len(digits) != 1 or digits not in "123456789":
        return None
    index = int(digits) - 1
    return call.options[index] if index < len(call.options) else None


def _refuse(call: Call, reason: Reason, at: datetime, *entries: Draft) -> Decision:
    refused = replace(call, reason=reason)
    if refused.may_dispute:
        refused = _next(refused, Step.DISPUTE, at)
    else:
        refused = _over(refused, Farewell.REFUSED)
    return Decision(
        refused, (OpenCase(CaseKind.REFUSAL),), (*entries, _draft("refused", reason=reason.value))
    )


def _open(call: Call, at: datetime, *entries: Draft) -> Decision:
    return Decision(_next(call, Step.DESCRIBING, at), (OpenCase(CaseKind.INCIDENT),), entries)


def _open_unverified(call: Call, event: KeyPressed, at: datetime, entry: Draft) -> Decision:
    return _open_or_join(replace(call, unverified=True), event, at, entry)


def _open_or_join(call: Call, event: KeyPressed, at: datetime, entry: Draft) -> Decision:
    """One incident per client and integration, even when two calls ask for it at the same moment."""
    if open_incident := event.incidents.get(call.integration):
        return _join(call, open_incident, at, entry)
    return _open(call, at, entry)


def _join(call: Call, incident: OpenIncident, at: datetime, *entries: Draft) -> Decision:
    joined = replace(
        _next(call, Step.MESSAGE if incident.taken_by else Step.WAITING, at),
        case=incident.case,
        reference=incident.reference,
        calling=incident.calling,
        taken_by=incident.taken_by,
        joined=True,
    )
    effects: tuple[Effect, ...] = (JoinIncident(incident.case),)
    if incident.taken_by:
        effects = (*effects, TellEngineer())
    return Decision(joined, effects, (*entries, _draft("joined", "caller", caller=call.caller or "")))
