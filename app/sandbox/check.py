"""The strict reading of TwiML: everything that Twilio would only warn about, or silently ignore, is a
problem.

``problems`` gives one sentence for each, an empty list for a document that may be relied upon. The rules
come from the
SDK's table of verbs, from Twilio's pages, and from what a telephone guard cannot afford (a dead end).
"""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit
from xml.etree.ElementTree import Element

from app.sandbox.documents import Unreadable, parse
from app.sandbox.transports import is_loopback
from app.sandbox.verbtable import Table, message_table, voice_table
from app.sandbox.voices import VOICES, longest

CONTEXTS: dict[str, frozenset[str] | None] = {
    "call": None,
    "queue-wait": frozenset({"Play", "Say", "Pause", "Redirect", "Gather", "Leave", "Hangup"}),
    "conference-wait": frozenset({"Play", "Say", "Pause", "Redirect"}),
    "conference-hold": frozenset({"Play", "Say", "Pause", "Redirect"}),
    "announcement": frozenset({"Play", "Say", "Pause", "Redirect"}),
    "number-screen": frozenset({"Say", "Play", "Gather", "Hangup"}),
    "queue-url": frozenset({"Say", "Play", "Pause", "Redirect"}),
    "message": None,
    "over": None,
}
"""The verbs that a document may hold, by where it runs; None for all. ``over``: nobody listens any more."""

_ENDS = frozenset({"Redirect", "Record", "Hangup", "Reject", "Leave"})
_WITHOUT_TEXT = frozenset({"Response", "Gather", "Pause", "Hangup", "Leave", "Reject", "Record"})
_URLS = frozenset(
    {"action", "waitUrl", "url", "statusCallback", "recordingStatusCallback", "transcribeCallback"}
)
_BOOLEANS = frozenset(
    {"answerOnBridge", "hangupOnStar", "sequential", "playBeep", "transcribe", "muted", "actionOnEmptyResult"}
    | {"startConferenceOnEnter", "endConferenceOnExit", "profanityFilter", "bargeIn", "debug", "enhanced"}
)
_WHOLE = {
    "timeout": (0, 600),
    "timeLimit": (1, 86_400),
    "numDigits": (1, 1_000),
    "length": (1, 3_600),
    "loop": (0, 1_000),
    "maxLength": (1, 14_400),
    "maxParticipants": (2, 250),
    "maxQueueSize": (1, 5_000),
}
_WORDS = {
    "method": {"GET", "POST"},
    "waitMethod": {"GET", "POST"},
    "waitUrlMethod": {"GET", "POST"},
    "statusCallbackMethod": {"GET", "POST"},
    "recordingStatusCallbackMethod": {"GET", "POST"},
    "reason": {"rejected", "busy"},
    "trim": {"trim-silence", "do-not-trim"},
    "input": {"dtmf", "speech", "dtmf speech", "speech dtmf"},
    "beep": {"true", "false", "onEnter", "onExit"},
}
_RECORDS = {
    "Conference": {"do-not-record", "record-from-start"},
    "Dial": {
        "do-not-record",
        *(f"record-from-{when}{how}" for when in ("answer", "ringing") for how in ("", "-dual")),
    },
}
_RECORDING_EVENTS = {"in-progress", "completed", "absent"}
_EVENTS = {
    "statusCallbackEvent": {
        "Conference": {"start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"},
        "Number": {"initiated", "ringing", "answered", "completed"},
    },
    "recordingStatusCallbackEvent": dict.fromkeys(("Record", "Dial", "Conference"), _RECORDING_EVENTS),
}
_OVERRIDES = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000), "rc": (0, 5)}
_RETRY_ON = {"4xx", "5xx", "ct", "rt", "all"}
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_MESSAGE_LIMIT = 1_600


def problems(xml: str, context: str = "call") -> list[str]:
    """What is wrong with a document, in words. ``context``: a key of CONTEXTS."""
    if "<?xml" in xml and not xml.startswith("<?xml"):
        return ["something stands before the XML declaration"]
    try:
        root = parse(xml, "").root
    except Unreadable as error:
        return [str(error)]
    if context == "message":
        return [*_nesting(root, message_table()), *_message_rules(root)]
    return [*_nesting(root, voice_table()), *_order(root, context), *_everywhere(root)]


def _nesting(element: Element, table: Table) -> Iterator[str]:
    """Unknown elements, elements in the wrong place, unknown attributes, stray text."""
    children = table.get(element.tag, {})
    if element.tag in _WITHOUT_TEXT and _stray_text(element):
        yield f"<{element.tag}> holds text"
    for child in element:
        if child.tag not in children:
            yield f"<{child.tag}> does not belong in <{element.tag}>"
            continue
        for attribute in sorted(set(child.attrib) - children[child.tag]):
            yield f"<{child.tag}> has no attribute {attribute}"
        yield from _nesting(child, table)


def _stray_text(element: Element) -> bool:
    pieces = [element.text, *(child.tail for child in element)]
    return any(piece and piece.strip() for piece in pieces)


def _order(root: Element, context: str) -> Iterator[str]:
    """Which verbs may stand here, which are never reached, and how a document for a live call must end."""
    verbs = list(root)
    allowed = CONTEXTS[context]
    for position, verb in enumerate(verbs):
        if allowed is not None and verb.tag not in allowed:
            yield f"<{verb.tag}> may not be used in a {context} document"
        if verb.tag == "Reject" and position:
            yield "<Reject> must be the first verb"
        if _never_returns(verb) and position + 1 < len(verbs):
            yield f"what follows <{verb.tag}> is never reached"
    if context == "call" and not (verbs and _never_returns(verbs[-1])):
        last = f"<{verbs[-1].tag}>" if verbs else "nothing"
        yield f"the document ends with {last}: the caller is left on a dead line"


def _never_returns(verb: Element) -> bool:
    if verb.tag in _ENDS:
        return True
    if verb.tag in ("Dial", "Enqueue"):
        return "action" in verb.attrib
    return verb.tag == "Gather" and verb.get("actionOnEmptyResult") == "true"


def _everywhere(root: Element) -> Iterator[str]:
    for element in root.iter():
        yield from _attributes(element)
        rule = _RULES.get(element.tag)
        if rule is not None:
            yield from rule(element)


def _attributes(element: Element) -> Iterator[str]:
    """The lexical form of every attribute value."""
    for name, value in element.attrib.items():
        where = f"<{element.tag}> {name}={value!r}"
        if name in _URLS:
            yield from _url_problems(where, value)
        elif name in _BOOLEANS and value not in ("true", "false"):
            yield f"{where} is neither true nor false"
        elif name in _WHOLE and not _is_whole(value, *_WHOLE[name]):
            yield f"{where} is no whole number from {_WHOLE[name][0]} to {_WHOLE[name][1]}"
        elif name in _WORDS and value not in _WORDS[name]:
            yield f"{where} is none of {', '.join(sorted(_WORDS[name]))}"
        elif name == "finishOnKey" and set(value) - set("0123456789*#"):
            yield f"{where} is no key"
        elif name in _EVENTS and set(value.split()) - _EVENTS[name].get(element.tag, set()):
            yield f"{where} names an unknown event"
        elif name == "record" and value not in _RECORDS.get(element.tag, {value}):
            yield f"{where} is no way of recording"


def _is_whole(value: str, least: int, most: int) -> bool:
    return value.isascii() and value.isdigit() and least <= int(value) <= most


def _url_problems(where: str, url: str) -> Iterator[str]:
    """Absolute, https unless this machine itself is meant, no underscore in the host, sound overrides."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield f"{where} is not an absolute URL"
        return
    if parts.scheme == "http" and not is_loopback(url):
        yield f"{where} is not https"
    if "_" in parts.hostname:
        yield f"{where}: Twilio refuses host names with an underscore"
    for key, value in parse_qsl(parts.fragment, keep_blank_values=True):
        if key in _OVERRIDES and not _is_whole(value, *_OVERRIDES[key]):
            yield f"{where}: the override {key}={value} is out of range"
        elif key == "rp" and set(value.split(",")) - _RETRY_ON:
            yield f"{where}: the override rp={value} names an unknown failure"
        elif key not in _OVERRIDES and key not in ("rp", "sni", "e"):
            yield f"{where}: there is no override {key}"


def _say_rules(say: Element) -> Iterator[str]:
    voice, language = say.get("voice", ""), say.get("language", "")
    text = "".join(say.itertext()).strip()
    if not text:
        yield "<Say> says nothing"
    if voice not in VOICES.get(language, frozenset()):
        yield f"<Say> voice {voice!r} does not speak language {language!r}"
    if len(text) > longest(voice):
        yield f"<Say> is longer than {longest(voice)} characters"


def _needs_action(verb: Element) -> Iterator[str]:
    if "action" not in verb.attrib:
        yield f"<{verb.tag}> has no action: it would ask for the current document again"


def _gather_rules(gather: Element) -> Iterator[str]:
    yield from _needs_action(gather)
    if not len(gather):
        yield "<Gather> is silent: nobody knows what to press"
    hints = gather.get("hints", "").split(",")
    if len(hints) > 500 or any(len(hint) > 100 for hint in hints):
        yield "<Gather> has more or longer hints than Twilio takes"


def _redirect_rules(redirect: Element) -> Iterator[str]:
    target = (redirect.text or "").strip()
    yield from _url_problems(f"<Redirect> {target!r}", target)


def _dial_rules(dial: Element) -> Iterator[str]:
    nouns = [child.tag for child in dial]
    text = (dial.text or "").strip()
    if len(set(nouns)) > 1 or (nouns and text):
        yield "<Dial> mixes different kinds of destination"
    if not nouns:
        yield from _number_problems("<Dial>", text)
    if nouns.count("Number") > 10:
        yield "<Dial> calls more than ten numbers"
    caller = dial.get("callerId")
    if caller is not None:
        yield from _number_problems("<Dial> callerId", caller)


def _number_rules(number: Element) -> Iterator[str]:
    yield from _number_problems("<Number>", (number.text or "").strip())


def _number_problems(where: str, number: str) -> Iterator[str]:
    if not _E164.fullmatch(number):
        yield f"{where} {number!r} is no E.164 number"


def _name_rules(room: Element) -> Iterator[str]:
    name = (room.text or "").strip()
    if not _NAME.fullmatch(name) and "workflowSid" not in room.attrib:
        yield f"<{room.tag}> {name!r} is no plain name of at most 64 characters"


def _pause_rules(pause: Element) -> Iterator[str]:
    if len(pause):
        yield "<Pause> holds something"


def _play_rules(play: Element) -> Iterator[str]:
    url = (play.text or "").strip()
    if url or "digits" not in play.attrib:
        yield from _url_problems(f"<Play> {url!r}", url)


_RULES = {
    "Say": _say_rules,
    "Play": _play_rules,
    "Pause": _pause_rules,
    "Gather": _gather_rules,
    "Record": _needs_action,
    "Redirect": _redirect_rules,
    "Dial": _dial_rules,
    "Number": _number_rules,
    "Conference": _name_rules,
    "Queue": _name_rules,
    "Enqueue": _name_rules,
}


def _message_rules(root: Element) -> Iterator[str]:
    for message in root:
        for name in ("action", "statusCallback"):
            if name in message.attrib:
                yield from _url_problems(f"<{message.tag}> {name}", message.attrib[name])
        text = "".join(message.itertext()).strip()
        if message.tag == "Message" and not text:
            yield "<Message> is empty"
        if message.tag == "Message" and len(text) > _MESSAGE_LIMIT:
            yield f"<Message> is longer than {_MESSAGE_LIMIT} characters"
