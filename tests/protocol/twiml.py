"""Judges a TwiML document by the verb tables of Twilio's own SDK, and by the rules of its pages.

Twilio forgives much in silence (warning 12200): it drops what it does not know
and goes on, so a misspelt attribute is a bug that only a strict reader finds.
"""

import json
import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element


class Role(StrEnum):
    """Where a document is asked for; each place takes its own verbs."""

    CALL = "call"  # a call's own document, an action, a redirect
    QUEUE_WAIT = "queue_wait"  # Enqueue's waitUrl
    CONFERENCE_WAIT = "conference_wait"  # Conference's waitUrl (error 13238)
    NUMBER_SCREEN = "number_screen"  # Number's url, heard by who picked up
    QUEUE_SCREEN = "queue_screen"  # Queue's url, heard by who waited
    TEXT = "text"  # the answer to a text message


_VERBS_OF_ROLE = {
    Role.QUEUE_WAIT: {"Say", "Play", "Pause", "Gather", "Redirect", "Leave", "Hangup"},
    Role.CONFERENCE_WAIT: {"Say", "Play", "Pause", "Redirect"},
    Role.NUMBER_SCREEN: {"Say", "Play", "Pause", "Gather", "Hangup"},
    Role.QUEUE_SCREEN: {"Say", "Play", "Pause", "Redirect"},
}
# The SDK's tables have them for historical reasons; the pages do not.
_NOT_UNDER_RESPONSE = {"Queue"}
_NEVER_TEXT = {"Response", "Gather", "Pause", "Record", "Leave", "Reject", "Hangup", "break"}
_NEVER_EMPTY = {"Say", "Redirect", "Enqueue", "Conference", "Number", "Queue", "Message", "Body"}
_NOTHING_RUNS_AFTER = {"Redirect", "Record", "Hangup", "Reject", "Leave"}
_URL = re.compile(r"^(action|\w*[uU]rl|\w*Callback)$")
_METHOD = re.compile(r"^\w*[mM]ethod$")
_LONGEST_SAY = {"Polly": 3000, "Google": 5000, "": 4000}
_LONGEST_QUEUE_NAME = 64


def problems(xml: str, role: Role = Role.CALL) -> list[str]:
    """What is wrong with a document, in words; nothing when Twilio would do all that it says."""
    if not xml.startswith("<"):
        return ["something stands before the document (error 12100)"]
    try:
        root = ElementTree.fromstring(xml)
    except ElementTree.ParseError as error:
        return [f"not XML: {error} (error 12100)"]
    if root.tag != "Response":
        return [f"the root is {root.tag}, not Response"]
    dialect = _tables()["Messaging" if role is Role.TEXT else "Voice"]
    return [
        *_order_problems(root),
        *_role_problems(root, role),
        *(problem for element in root.iter() for problem in _element_problems(element, dialect)),
    ]


@cache
def _tables() -> dict[str, Any]:
    tables: dict[str, Any] = json.loads((Path(__file__).parent / "twiml_verbs.json").read_text("utf-8"))
    return tables


def _order_problems(root: Element) -> Iterator[str]:
    last: str | None = None
    for position, verb in enumerate(root):
        if last is not None:
            yield f"{verb.tag} after {last} is never reached"
        if verb.tag == "Reject" and position > 0:
            yield "Reject must be the first verb"
        if verb.tag in _NOTHING_RUNS_AFTER or (verb.tag == "Dial" and "action" in verb.attrib):
            last = verb.tag


def _role_problems(root: Element, role: Role) -> Iterator[str]:
    allowed = _VERBS_OF_ROLE.get(role)
    for verb in root:
        if verb.tag in _NOT_UNDER_RESPONSE or (allowed is not None and verb.tag not in allowed):
            yield f"{verb.tag} may not stand in a document for {role}"


def _element_problems(element: Element, dialect: dict[str, Any]) -> Iterator[str]:
    name = element.tag
    if name not in dialect["children"]:
        return  # its parent has said so
    for child in element:
        if child.tag not in dialect["children"][name]:
            yield f"{name} cannot hold {child.tag}"
    text = "".join(element.itertext()).strip()
    if name in _NEVER_TEXT and any(part.strip() for part in _own_text(element)):
        yield f"{name} cannot hold text"
    if name in _NEVER_EMPTY and not text:
        yield f"{name} is empty"
    yield from _text_problems(element, text)
    yield from _attribute_problems(element, dialect)


def _own_text(element: Element) -> Iterator[str]:
    yield element.text or ""
    yield from (child.tail or "" for child in element)


def _text_problems(element: Element, text: str) -> Iterator[str]:
    if element.tag == "Redirect" and text and not _is_absolute(text):
        yield f"Redirect: {text!r} is not an absolute URL"
    if element.tag == "Enqueue" and len(text) > _LONGEST_QUEUE_NAME:
        yield f"Enqueue: a queue's name has at most {_LONGEST_QUEUE_NAME} characters"
    if element.tag == "Say":
        maker = element.get("voice", "").partition(".")[0]
        longest = _LONGEST_SAY.get(maker, _LONGEST_SAY[""])
        if len(text) > longest:
            yield f"Say: longer than {longest} characters (error 13521)"
        for name in sorted({"voice", "language"} - set(element.keys())):
            yield f"Say without {name} takes the account's default"
    if element.tag in ("Gather", "Record") and "action" not in element.attrib:
        yield f"{element.tag} without action asks for the same document for ever"


def _attribute_problems(element: Element, dialect: dict[str, Any]) -> Iterator[str]:
    kinds = dialect["attributes"][element.tag]
    for name, value in element.attrib.items():
        kind = kinds.get(name)
        if kind is None:
            yield f"{element.tag} has no attribute {name}"
        elif _URL.match(name):
            if not _is_absolute(value):
                yield f"{element.tag}@{name}: {value!r} is not an absolute URL"
        elif not _fits(name, value, kind, dialect["values"]):
            yield f"{element.tag}@{name}: {value!r} is no {kind}"


def _fits(name: str, value: str, kind: str, values: dict[str, list[str]]) -> bool:
    if _METHOD.match(name):
        return value in ("GET", "POST")
    if kind == "number":
        return value.isdecimal()
    if kind == "boolean":
        return value in ("true", "false")
    if kind.endswith("[]"):
        words = value.split()
        return bool(words) and set(words) <= set(values[kind.removesuffix("[]")])
    return kind not in values or value in values[kind]


def _is_absolute(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "_" not in str(parts.hostname)
