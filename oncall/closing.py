"""How an incident may be closed in writing, and what each way must have (clauses A3, A7 and A12).

``NEEDS`` is the table. A closing that lacks something is refused with everything it lacks, at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class How(StrEnum):
    SOLVED = "solved"
    CLIENT = "origin_client"
    THIRD_PARTY = "origin_third_party"
    NOT_AN_INCIDENT = "not_an_incident"
    DUPLICATE = "duplicate"


# The guard gives the evidence and closes (clause A12).
AT_THE_CLIENTS = frozenset({How.CLIENT, How.THIRD_PARTY})


class Lack(StrEnum):
    """What an act must have and has not; each is told to people by the key ``lack.<value>``."""

    # of a closing
    HOW = "how"
    CAUSE = "cause"
    DONE = "done"
    WHY = "why"
    OWNER = "owner"
    WINDOW = "window"
    WINDOW_ORDER = "window_order"
    RESPONSE = "response"
    EVIDENCE = "evidence"
    TOLD = "told"
    DUPLICATE_OF = "duplicate_of"
    DUPLICATE_UNKNOWN = "duplicate_unknown"
    # of other acts
    TEXT = "text"
    AGREED = "agreed"
    WHOM = "whom"
    CHANNEL = "channel"
    UNTIL = "until"
    UNTIL_PAST = "until_past"
    PARTY = "party"
    ASKED = "asked"
    SINCE = "since"
    SINCE_AHEAD = "since_ahead"
    SINCE_BEFORE = "since_before"
    WAIT = "wait"
    ENTRY = "entry"
    NOT_WITHDRAWN = "not_withdrawn"
    TOO_LONG = "too_long"
    # of the moment or the person
    NOT_TAKEN = "not_taken"
    NOT_YOURS = "not_yours"
    CLOSED = "closed"
    NOT_AN_INCIDENT = "not_an_incident"


@dataclass(frozen=True, slots=True)
class Closure:
    """How a person closes an incident. What a way of closing does not need stays empty."""

    how: How | None = None
    cause: str = ""
    done: str = ""
    why: str = ""  # it was no incident
    owner: str = ""  # the third party
    window_from: datetime | None = None
    window_to: datetime | None = None
    request: str = ""
    response: str = ""
    notice: str = ""  # what they published of it themselves
    evidence: str = ""  # in words
    told: str = ""  # whom at the client
    duplicate_of: str = ""  # a reference
    duplicate_is_known: bool = False  # another incident of the same client has it
    files: tuple[tuple[str, str], ...] = ()  # of the case: name and sha-256

    @property
    def has_evidence(self) -> bool:
        both = self.request and self.response
        return bool(both or self.notice or self.evidence or self.files)


_Need = Callable[[Closure], Lack | None]


def _text(name: str, lack: Lack) -> _Need:
    return lambda closure: None if getattr(closure, name).strip() else lack


def _window(closure: Closure) -> Lack | None:
    if closure.window_from is None or closure.window_to is None:
        return Lack.WINDOW
    return Lack.WINDOW_ORDER if closure.window_to < closure.window_from else None


def _response(closure: Closure) -> Lack | None:
    """A request without its response, or the other way round, shows nothing."""
    return Lack.RESPONSE if bool(closure.request) != bool(closure.response) else None


def _evidence(closure: Closure) -> Lack | None:
    return None if closure.has_evidence else Lack.EVIDENCE


def _duplicate(closure: Closure) -> Lack | None:
    if not closure.duplicate_of:
        return Lack.DUPLICATE_OF
    return None if closure.duplicate_is_known else Lack.DUPLICATE_UNKNOWN


_CAUSE, _TOLD = _text("cause", Lack.CAUSE), _text("told", Lack.TOLD)
_ORIGIN: tuple[_Need, ...] = (_CAUSE, _window, _response, _evidence, _TOLD)

NEEDS: Mapping[How, tuple[_Need, ...]] = MappingProxyType(
    {
        How.SOLVED: (_CAUSE, _text("done", Lack.DONE)),
        How.CLIENT: _ORIGIN,
        How.THIRD_PARTY: (_text("owner", Lack.OWNER), *_ORIGIN),
        How.NOT_AN_INCIDENT: (_text("why", Lack.WHY), _TOLD),
        How.DUPLICATE: (_duplicate,),
    }
)

# What of a closure stands in the record, way by way: nothing else was asked for.
_TELLS: Mapping[How, tuple[str, ...]] = MappingProxyType(
    {
        How.SOLVED: ("cause", "done"),
        How.CLIENT: ("cause", "request", "response", "notice", "evidence", "told"),
        How.THIRD_PARTY: ("owner", "cause", "request", "response", "notice", "evidence", "told"),
        How.NOT_AN_INCIDENT: ("explanation", "told"),
        How.DUPLICATE: ("duplicate_of",),
    }
)


def lacks_of(closure: Closure) -> tuple[Lack, ...]:
    """All that a closing must have and has not, in the order in which it is asked for."""
    if closure.how is None:
        return (Lack.HOW,)
    return tuple(lack for need in NEEDS[closure.how] if (lack := need(closure)) is not None)


def facts_of_closure(closure: Closure) -> dict[str, Any]:
    """What the entry of a closing holds; ``clause`` where the agreement has one for it."""
    assert closure.how is not None
    said = {name: _said(closure, name) for name in _TELLS[closure.how]}
    facts: dict[str, Any] = {"how": str(closure.how)} | {name: value for name, value in said.items() if value}
    if closure.how in AT_THE_CLIENTS:
        assert closure.window_from is not None
        assert closure.window_to is not None
        facts |= {
            "clause": "A12",
            "window_from": closure.window_from.isoformat(),
            "window_to": closure.window_to.isoformat(),
            "files": [f"{name} (sha256 {digest})" for name, digest in closure.files],
        }
    return facts


def _said(closure: Closure, name: str) -> str:
    said: str = closure.why if name == "explanation" else getattr(closure, name)
    return said.strip()
