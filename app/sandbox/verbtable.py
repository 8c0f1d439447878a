"""Which element may hold which, with which attributes: read off the SDK, which is the only complete public
table.
"""

import inspect
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from twilio.twiml import TwiML
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import VoiceResponse

Table = Mapping[str, Mapping[str, frozenset[str]]]
"""Parent element to child element to the child's attributes."""

_ARTEFACTS = {"Response": {"Prompt", "Queue", "Sms"}}
_MISSING = {("Response", "Dial"): {"callReason"}, ("Dial", "Conference"): {"statusCallbackMethod"}}


@cache
def voice_table() -> Table:
    """The verbs of a call, with what Twilio's pages correct in the SDK."""
    table: dict[str, dict[str, frozenset[str]]] = {}
    _explore(VoiceResponse(), table)
    for parent, artefacts in _ARTEFACTS.items():
        for child in artefacts:
            table[parent].pop(child, None)
    for (parent, child), attributes in _MISSING.items():
        table[parent][child] |= attributes
    return MappingProxyType(table)


@cache
def message_table() -> Table:
    """The verbs that answer a text message."""
    table: dict[str, dict[str, frozenset[str]]] = {}
    _explore(MessagingResponse(), table)
    return MappingProxyType(table)


def _explore(parent: TwiML, table: dict[str, dict[str, frozenset[str]]]) -> None:
    """Calls each builder method with every parameter set; what it builds shows the child and its
    attributes.
    """
    if parent.name in table:
        return
    table[parent.name] = {}
    for name, method in vars(type(parent)).items():
        if name.startswith("_") or not inspect.isfunction(method):
            continue
        parameters = list(inspect.signature(method).parameters.values())[1:]
        given = {one.name: "x" for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD}
        child = method(parent, **given)
        known = table[parent.name].get(child.name, frozenset())
        table[parent.name][child.name] = known | frozenset(child.attrs)
        _explore(child, table)
