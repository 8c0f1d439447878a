"""Whether a conversation is recorded: every caller in it was told so before, and none refused.

What each leg carries holds the voice of all of them, so one who refused is in nobody's recording.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from oncall.intake.model import Call, Decision, Event, KeyPressed, Step
from oncall.record import Draft

REFUSE_RECORDING = "9"


class Tape(StrEnum):
    """How the recording of a caller's leg should be."""

    ON = "on"
    PAUSED = "paused"  # on hold: nobody is recorded talking to themselves
    OFF = "off"


def is_to_be_recorded(talking: Iterable[Call]) -> bool:
    """Whether the conversation of these callers is recorded, as those of ours who enter it hear."""
    callers = list(talking)
    return bool(callers) and all(call.is_recordable for call in callers)


def tape_of(call: Call, talking: Iterable[Call]) -> Tape:
    """How the recording of this caller's leg should be now; ``talking`` are all in the conversation.

    Who has still to hear of it is not among them yet: a sentence is spoken to them first.
    """
    if call.step is not Step.CONVERSATION or call.is_to_be_asked or not is_to_be_recorded(talking):
        return Tape.OFF
    return Tape.PAUSED if call.on_hold else Tape.ON


def consent_key(call: Call, event: KeyPressed, _at: datetime) -> Decision:
    """Who was never told of the recording is told just before they talk: 9 refuses, silence does not."""
    if not call.is_to_be_asked:
        return Decision(call, (), (Draft("unexpected", {"event": "KeyPressed"}),))
    told = told_of_recording(replace(call, turn=call.turn + 1))
    if event.digits != REFUSE_RECORDING:
        return Decision(told)
    return Decision(unrecorded(told), (), (Draft("recording_refused", {}, "caller"),))


def is_late_refusal(call: Call, event: Event) -> bool:
    """9, pressed in the moment in which they were put through. Wherever they were before, 9 refuses."""
    if not isinstance(event, KeyPressed) or event.digits != REFUSE_RECORDING:
        return False
    return call.step is Step.CONVERSATION and call.is_recordable and event.turn == call.turn - 1


def told_of_recording(call: Call) -> Call:
    """They heard, where it is so, that the conversation is recorded and how to refuse."""
    return replace(call, heard_of_recording=call.records_conversation)


def unrecorded(call: Call) -> Call:
    return replace(call, refused_recording=True)
