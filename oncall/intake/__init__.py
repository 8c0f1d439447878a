"""The conversation with a caller, as a table: (step, event) -> (call, effects, entries).

What the caller hears is a function of the call alone, so a webhook that comes
twice is answered by saying the same again. ``turn`` counts the answers taken;
an event that belongs to another turn is late, and changes nothing.

The safest way forward, when a question goes unanswered three times: without a
PIN nobody is verified; but a verified caller whose keypad does not work is
paged for, marked ``unverified``.
"""

from oncall.intake.callback import find, is_owed, returned, still_to_call_back, to_call_back
from oncall.intake.consent import REFUSE_RECORDING, Tape, is_to_be_recorded, tape_of
from oncall.intake.model import (
    LONGEST_WAIT,
    Arrived,
    AttachCaller,
    Call,
    CaseKind,
    ClosedIncident,
    Closing,
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
    PromiseCall,
    Recorded,
    Released,
    ReopenIncident,
    Step,
    TellEngineer,
    TestEnded,
    TimeUp,
    Told,
)
from oncall.intake.rules import LONGEST_CONVERSATION, MAX_TRIES, PATIENCE, TABLE, advance, arrive

__all__ = [
    "LONGEST_CONVERSATION",
    "LONGEST_WAIT",
    "MAX_TRIES",
    "PATIENCE",
    "REFUSE_RECORDING",
    "TABLE",
    "Arrived",
    "AttachCaller",
    "Call",
    "CaseKind",
    "ClosedIncident",
    "Closing",
    "ConversationEnded",
    "Decision",
    "DisputeRefusal",
    "Effect",
    "Event",
    "Farewell",
    "HoldChanged",
    "HungUp",
    "IncidentTaken",
    "JoinIncident",
    "KeyPressed",
    "News",
    "NotConnected",
    "OpenCase",
    "OpenIncident",
    "PinEntered",
    "PromiseCall",
    "Recorded",
    "Released",
    "ReopenIncident",
    "Step",
    "Tape",
    "TellEngineer",
    "TestEnded",
    "TimeUp",
    "Told",
    "advance",
    "arrive",
    "find",
    "is_owed",
    "is_to_be_recorded",
    "returned",
    "still_to_call_back",
    "tape_of",
    "to_call_back",
]
