"""The rules of the conversation, one function a pair of step and event, and the table of them all."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from oncall.contracts import BuiltBy, Contact, Integration
from oncall.eligibility import Answers, Reason, refusal
from oncall.intake.consent import (
    REFUSE_RECORDING,
    consent_key,
    is_late_refusal,
    told_of_recording,
    unrecorded,
)
from oncall.intake.freeing import free, may_be_freed, over
from oncall.intake.model import (
    OPTIONS_A_PAGE,
    Arrived,
    AttachCaller,
    Call,
    CaseKind,
    ConversationEnded,
    Decision,
    DisputeRefusal,
    Effect,
    Event,
    Farewell,
    HoldChanged,
    HungUp,
    IncidentTaken,
    JoinIncident,
    KeyPressed,
    News,
    NotConnected,
    OpenCase,
    OpenIncident,
    PinEntered,
    Recorded,
    Released,
    ReopenIncident,
    Step,
    TellEngineer,
    TestEnded,
    TimeUp,
)
from oncall.people import Language
from oncall.record import Draft
from oncall.sla import Priority

MAX_TRIES = 3

# How long a step may stay without any word from the telephone company before
# the call is taken for hung up: a lost webhook delays, it never strands.
PATIENCE = timedelta(minutes=3)
LONGEST_CONVERSATION = timedelta(hours=4)
# Two requests for a round of the wait that are closer than this are one that came twice.
SHORTEST_ROUND = timedelta(seconds=5)

SAME_PROBLEM = "*"
JOIN_MAJOR = "7"

_PRIORITIES = {"1": Priority.BLOCKER, "2": Priority.HIGH, "3": Priority.MEDIUM, "4": Priority.LOW}


def arrive(event: Arrived, at: datetime) -> Decision:
    """The first decision of a call: who calls, on which line, and the first question."""
    return _withheld(_arrived(event, at))


def _arrived(event: Arrived, at: datetime) -> Decision:
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
        call_back=None if event.is_foreign else event.caller,
        notices=event.notices,
        longest_wait=event.longest_wait,
        timezone=client.contract.timezone if client else "",
        is_written_to=client is not None and any(contact.email for contact in client.contacts),
        due_at=at + PATIENCE,
        test_awaited=event.test_awaited,
        records_conversation=event.records_conversation,
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
        name = event.contact.name
        call = replace(call, contact=name, verified=True, call_back=event.caller, call_back_name=name)
        entries.append(_draft("caller_identified", contact=event.contact.name, how="number"))
    known = Answers(line_known=True, contract_in_force=event.in_force)
    if reason := refusal(known):
        return _refuse(call, reason, at, *entries)
    if not event.contact:
        if client.contract.pin_hash is None:
            return _refuse(call, Reason.CALLER_NOT_VERIFIED, at, *entries)
        return Decision(call, (), tuple(entries))
    return Decision(_first_question(call), (), (*entries, *_told(call)))


def advance(call: Call, event: Event, at: datetime) -> Decision:
    """What ``event`` makes of ``call``; what the table does not expect is recorded and changes nothing."""
    if is_late_refusal(call, event):
        return Decision(unrecorded(call), (), (_draft("recording_refused", "caller"),))
    if _is_late(call, event):
        return Decision(call)
    rule = TABLE.get((call.step, type(event)))
    if rule is None:
        expected = isinstance(event, HungUp | TimeUp) and call.step is Step.OVER
        name = type(event).__name__
        return Decision(call, (), () if expected else (_draft("unexpected", event=name),))
    return _withheld(rule(call, event, at))


def _withheld(decision: Decision) -> Decision:
    """Of the synthetic call everything is decided as of any other, and nothing of it is done.

    It is known by its code. One that shows our number and has not keyed it is a call like any other,
    but that nobody is written to because it was not verified.
    """
    call = decision.call
    is_unverified_test = call.test_awaited and call.reason is Reason.CALLER_NOT_VERIFIED
    if not decision.effects or not (call.is_test or is_unverified_test):
        return decision
    turned_away = any(isinstance(e, OpenCase) and e.kind is not CaseKind.INCIDENT for e in decision.effects)
    over = replace(call, step=Step.OVER, case=None, reference=None, farewell=Farewell.TEST, due_at=None)
    reached_end = call.is_test and not turned_away and not call.unverified
    return Decision(over, (TestEnded(reached_end),), decision.entries)


def _is_late(call: Call, event: Event) -> bool:
    turn = getattr(event, "turn", None)
    return turn is not None and turn != call.turn


def _pin_entered(call: Call, event: PinEntered, at: datetime) -> Decision:
    if event.correct:
        verified = replace(_next(call, call.step, at), verified=True, is_test=event.is_test)
        verified = _called_back_as(verified, event.contact)
        entry = _draft("caller_identified", "caller", contact="", how="pin")
        return Decision(_first_question(verified), (), (entry, *_told(verified)))
    tries = call.tries + 1
    entry = _draft("pin_rejected", "caller", tries=tries)
    if tries >= MAX_TRIES:
        return _refuse(call, Reason.CALLER_NOT_VERIFIED, at, entry)
    return Decision(_again(call, at), (), (entry,))


def _notice_key(call: Call, event: KeyPressed, at: datetime) -> Decision:
    """7 joins the major incident, while it is one; every other key, and silence, hears the menu."""
    major = call.major
    if event.digits != JOIN_MAJOR or major is None or major.case not in event.joinable:
        return Decision(_ask_integration(_next(call, Step.INTEGRATION, at)))
    attached = _draft("attached", "caller", reference=major.reference, notice=major.notice)
    return Decision(over(call, Farewell.ATTACHED), (AttachCaller(major.case, major.notice),), (attached,))


def _integration_key(call: Call, event: KeyPressed, at: datetime) -> Decision:
    if event.digits == "0":
        other = _done(call, "integration_chosen", integration=None, name=None)
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
    entry = _done(call, "integration_chosen", integration=chosen.id, name=chosen.name)
    if reason := refusal(Answers(True, True, True, True, chosen.built_by)):
        return _refuse(call, reason, at, entry)
    if open_incident := event.incidents.get(chosen.id):
        return _join(call, open_incident, at, entry)
    asked = replace(_next(call, Step.PRIORITY, at), closed=event.closed.get(chosen.id))
    return Decision(asked, (), (entry,))


def _priority_key(call: Call, event: KeyPressed, at: datetime) -> Decision:
    priority = _PRIORITIES.get(event.digits)
    if event.digits == SAME_PROBLEM and call.closed is not None:
        return _reopen(call, event, at)
    if priority is None:
        if call.tries + 1 < MAX_TRIES:
            return Decision(_again(call, at))
        return _open_unverified(call, event, at, _draft("priority_unclear", "caller"))
    call = replace(call, priority=priority)
    entry = _done(call, "priority_chosen", priority=priority.value)
    if reason := refusal(Answers(True, True, True, True, BuiltBy.AIVO, priority)):
        return _refuse(call, reason, at, entry)
    return _open_or_join(call, event, at, entry)


def _dispute_key(call: Call, event: KeyPressed, at: datetime) -> Decision:
    if event.digits == "5":
        disputing = _in_our_hands(call, Step.DESCRIBING, at)
        return Decision(disputing, (DisputeRefusal(),), (_draft("disputed", "caller"),))
    if call.tries + 1 < MAX_TRIES:
        return Decision(_again(call, at))
    return Decision(over(call, Farewell.GOODBYE))


def _describing_key(call: Call, event: KeyPressed, at: datetime) -> Decision:
    """A key before the tone: 9 refuses the recording, # has nothing to tell."""
    if event.digits == REFUSE_RECORDING:
        return _wait(unrecorded(call), at, _draft("recording_refused", "caller"))
    if event.digits != "#" and call.tries + 1 < MAX_TRIES:
        return Decision(_again(call, at))
    return _wait(call, at)


def _described(call: Call, event: Recorded, at: datetime) -> Decision:
    entries = (_draft("problem_described", "caller", seconds=event.seconds),) if event.seconds else ()
    return _wait(told_of_recording(call), at, *entries)


def _waiting_key(call: Call, event: KeyPressed, at: datetime) -> Decision:
    if event.digits == REFUSE_RECORDING and call.is_recordable:
        return Decision(_patient(unrecorded(call), at), (), (_draft("recording_refused", "caller"),))
    if event.digits == "1" and call.call_back:  # without a number the wait goes on
        asked = _draft("callback_asked", "caller", to=call.call_back, contact=call.call_back_name)
        return Decision(over(call, Farewell.CALLBACK), (TellEngineer(News.ASKED_CALL),), (asked,))
    if event.digits == "2" and call.may_leave_message:
        return Decision(_next(call, Step.MESSAGE, at))
    # Whoever asks for a round has heard what comes before the first one.
    return Decision(_next_round(call if event.digits else told_of_recording(call), at))


def _message_key(call: Call, event: KeyPressed, at: datetime) -> Decision:
    if event.digits == REFUSE_RECORDING:
        return _after_message(unrecorded(call), at, _draft("recording_refused", "caller"))
    if event.digits != "#" and call.tries + 1 < MAX_TRIES:
        return Decision(_again(call, at))
    return _after_message(call, at, _draft("message_missing", "caller"))


def _message_left(call: Call, event: Recorded, at: datetime) -> Decision:
    call = told_of_recording(call)
    if not event.seconds:
        return _after_message(call, at, _draft("message_missing", "caller"))
    decision = _after_message(call, at, _draft("message_left", "caller", seconds=event.seconds))
    return replace(decision, effects=(TellEngineer(News.LEFT_MESSAGE), *decision.effects))


def _taken(call: Call, event: IncidentTaken, at: datetime) -> Decision:
    if not event.connects:
        return Decision(_waiting(replace(call, taken_by=event.by, closing=None), at))
    talking = replace(_next(call, Step.CONVERSATION, at), taken_by=event.by, alone=event.alone)
    return Decision(replace(talking, is_parted=False, closing=None, due_at=at + LONGEST_CONVERSATION))


def _conversation_ended(call: Call, _event: ConversationEnded, _at: datetime) -> Decision:
    return Decision(over(call, Farewell.CONVERSATION))


def _not_connected(call: Call, _event: NotConnected, at: datetime) -> Decision:
    parted = replace(call, on_hold=False, is_parted=True, wait_ends_at=None)  # a wait of its own
    return Decision(_waiting(parted, at))


def _hold_changed(call: Call, event: HoldChanged, _at: datetime) -> Decision:
    return Decision(replace(call, on_hold=event.on))


def _released(call: Call, event: Released, at: datetime) -> Decision:
    """From the conversation back into the wait; who waits for somebody who had it, waits for whoever will."""
    if call.step is Step.CONVERSATION:
        freed = replace(call, on_hold=False, taken_by=None, closing=None, eta=None, calling=event.calling)
        freed = replace(freed, is_passed_on=True, is_parted=False)
        return Decision(_waiting(replace(freed, wait_ends_at=None), at))  # a wait of its own
    return Decision(replace(call, taken_by=None, closing=None, eta=None, is_passed_on=True))


def _hung_up(call: Call, _event: HungUp | TimeUp, _at: datetime) -> Decision:
    gone = over(call, Farewell.GOODBYE)
    if call.case is None and call.verified:
        return Decision(gone, (OpenCase(CaseKind.ABANDONED),), (_draft("abandoned", "caller"),))
    return Decision(gone, (), (_done(call, "caller_hung_up"),))


def _wait_time_up(call: Call, event: TimeUp, at: datetime) -> Decision:
    """The end of the whole wait, which frees the caller; or of our patience with a line that is dead."""
    if call.wait_ends_at is None or at < call.wait_ends_at:
        return _hung_up(call, event, at)
    if may_be_freed(call):
        return free(call, at)
    # Nobody could call them: to let them go would be to lose them.
    return Decision(replace(call, wait_ends_at=None, due_at=at + PATIENCE))


_Rule = Callable[[Call, Any, datetime], Decision]  # each takes the event of its key

# The whole conversation. A pair that is not here is not expected.
TABLE: Mapping[tuple[Step, type[Event]], _Rule] = MappingProxyType(
    {
        (Step.PIN, PinEntered): _pin_entered,
        (Step.NOTICE, KeyPressed): _notice_key,
        (Step.INTEGRATION, KeyPressed): _integration_key,
        (Step.PRIORITY, KeyPressed): _priority_key,
        (Step.DISPUTE, KeyPressed): _dispute_key,
        (Step.DESCRIBING, KeyPressed): _describing_key,
        (Step.DESCRIBING, Recorded): _described,
        (Step.DESCRIBING, IncidentTaken): _taken,
        (Step.WAITING, KeyPressed): _waiting_key,
        (Step.WAITING, IncidentTaken): _taken,
        (Step.MESSAGE, KeyPressed): _message_key,
        (Step.MESSAGE, Recorded): _message_left,
        (Step.MESSAGE, IncidentTaken): _taken,
        (Step.CONVERSATION, ConversationEnded): _conversation_ended,
        (Step.CONVERSATION, KeyPressed): consent_key,
        (Step.CONVERSATION, NotConnected): _not_connected,
        (Step.CONVERSATION, HoldChanged): _hold_changed,
        (Step.CONVERSATION, Released): _released,
        (Step.WAITING, Released): _released,
        (Step.MESSAGE, Released): _released,
        **{(step, event): _hung_up for step in Step if step is not Step.OVER for event in (HungUp, TimeUp)},
        (Step.WAITING, TimeUp): _wait_time_up,
    }
)


# --- the steps -----------------------------------------------------------------------------------


def _draft(kind: str, actor: str = "guardia", **data: object) -> Draft:
    return Draft(kind, data, actor)


def _done(call: Call, kind: str, **data: object) -> Draft:
    """What a caller did, by name where it is known: what two callers do may stand side by side."""
    return Draft(kind, data | ({"contact": call.contact} if call.contact else {}), "caller")


def _next(call: Call, step: Step, at: datetime) -> Call:
    return replace(call, step=step, turn=call.turn + 1, tries=0, due_at=at + PATIENCE)


def _again(call: Call, at: datetime) -> Call:
    return replace(call, turn=call.turn + 1, tries=call.tries + 1, due_at=at + PATIENCE)


def _called_back_as(call: Call, contact: Contact | None) -> Call:
    """After the PIN: the number that called, or the contact's where it is withheld or foreign."""
    if call.call_back or contact is None:
        return call
    return replace(call, call_back=contact.phone, call_back_name=contact.name)


def _in_our_hands(call: Call, step: Step, at: datetime) -> Call:
    """The whole wait counts from here on: somebody is being called."""
    return replace(_next(call, step, at), wait_ends_at=call.wait_ends_at or at + call.longest_wait)


def _waiting(call: Call, at: datetime) -> Call:
    return _patient(replace(_in_our_hands(call, Step.WAITING, at), round_began_at=None), at)


def _next_round(call: Call, at: datetime) -> Call:
    """The wait goes round once more; the same round asked for twice is one."""
    is_twin = call.round_began_at is not None and at - call.round_began_at < SHORTEST_ROUND
    begun = call if is_twin else replace(call, rounds=call.rounds + 1, round_began_at=at)
    return _patient(begun, at)


def _patient(call: Call, at: datetime) -> Call:
    """Until the next word of the telephone company, though no longer than the whole wait."""
    return replace(call, due_at=min(at + PATIENCE, call.wait_ends_at or at + PATIENCE))


def _wait(call: Call, at: datetime, *entries: Draft) -> Decision:
    waiting = _waiting(call, at)
    if waiting.wait_ends_at is not None and waiting.wait_ends_at <= at and may_be_freed(waiting):
        return free(waiting, at, *entries)
    return Decision(waiting, (), entries)


def _after_message(call: Call, at: datetime, *entries: Draft) -> Decision:
    """Back to the wait; or the end, where somebody has the incident."""
    if not call.taken_by and call.closing is None:
        return _wait(call, at, *entries)
    thanked = any(entry.kind == "message_left" for entry in entries)
    return Decision(over(call, Farewell.MESSAGE if thanked else Farewell.GOODBYE), (), entries)


def _first_question(call: Call) -> Call:
    """What is published is heard before the menu; our own test walks to the menu."""
    return replace(call, step=Step.NOTICE) if call.notices and not call.is_test else _ask_integration(call)


def _told(call: Call) -> tuple[Draft, ...]:
    return tuple(_draft("notice_told", notice=told.notice, text=told.text) for told in call.notices)


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
        refused = over(refused, Farewell.REFUSED)
    return Decision(
        refused, (OpenCase(CaseKind.REFUSAL),), (*entries, _draft("refused", reason=reason.value))
    )


def _open(call: Call, at: datetime, *entries: Draft) -> Decision:
    return Decision(_in_our_hands(call, Step.DESCRIBING, at), (OpenCase(CaseKind.INCIDENT),), entries)


def _open_unverified(call: Call, event: KeyPressed, at: datetime, entry: Draft) -> Decision:
    return _open_or_join(replace(call, unverified=True), event, at, entry)


def _open_or_join(call: Call, event: KeyPressed, at: datetime, entry: Draft) -> Decision:
    """One incident per client and integration, even when two calls ask for it at the same moment."""
    if open_incident := event.incidents.get(call.integration):
        return _join(call, open_incident, at, entry)
    return _open(call, at, entry)


def _reopen(call: Call, event: KeyPressed, at: datetime) -> Decision:
    """The same problem as before: the closed case begins again, unless another call was faster."""
    if open_incident := event.incidents.get(call.integration):
        return _join(call, open_incident, at)
    assert call.closed is not None
    begun = _in_our_hands(call, Step.DESCRIBING, at)
    reopening = replace(begun, case=call.closed.case, reference=call.closed.reference)
    return Decision(reopening, (ReopenIncident(call.closed.case),))


def _join(call: Call, incident: OpenIncident, at: datetime, *entries: Draft) -> Decision:
    begun = _in_our_hands(call, Step.MESSAGE, at) if incident.taken_by else _waiting(call, at)
    joined = replace(
        begun,
        case=incident.case,
        reference=incident.reference,
        calling=incident.calling,
        taken_by=incident.taken_by,
        respond_by=incident.respond_by,
        eta=incident.eta,
        joined=True,
    )
    effects: tuple[Effect, ...] = (JoinIncident(incident.case),)
    if incident.taken_by:
        effects = (*effects, TellEngineer(News.CALLED_AGAIN))
    return Decision(joined, effects, (*entries, _draft("joined", "caller", caller=call.caller or "")))
