"""What the pages need to know of a case, and the one thing they may do to it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One line of the record, already a sentence in the reader's language."""

    at: datetime
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as the person behind a link may see it: names as people read them, moments aware, in UTC."""

    reference: str
    kind: Literal["incident", "refusal", "abandoned"]
    state: Literal["open", "acknowledged", "closed"]
    language: str  # of the person behind the link
    timezone: str  # IANA; of the person's team
    viewer: str
    opened_at: datetime
    priority: Literal["blocker", "high", "medium", "low"] | None = None
    client: str | None = None
    integration: str | None = None
    contact: str | None = None
    reason: str | None = None  # the refusal's code, kept by a disputed case
    unverified: bool = False
    disputed: bool = False
    respond_by: datetime | None = None
    resolve_by: datetime | None = None
    calling: tuple[str, ...] = ()  # who is being called now
    taken_by: str | None = None
    taken_at: datetime | None = None
    is_viewers: bool = False  # the person behind the link has it
    call_back: str | None = None  # the client's number, for who has the case and no conversation
    dial_in: str | None = None  # the number to call, and the code to key, to talk to who waits
    code: str | None = None
    closed_at: datetime | None = None
    entries: tuple[EntryLine, ...] = ()

    @property
    def can_be_taken(self) -> bool:
        return self.kind == "incident" and self.state == "open"


class Taken(StrEnum):
    """What became of pressing the button."""

    YOURS = "yours"
    SOMEBODY_ELSES = "somebody_elses"
    OVER = "over"


class Answer(StrEnum):
    """How the case goes on, as the person who has it says."""

    WORKING = "working"
    SOLVED = "solved"
    HANDED_OVER = "handed_over"


class Desk(Protocol):
    """Where the pages ask. ``token`` is the signed part of the link, as it came: it may be anything."""

    def case_by_link(self, token: str, at: datetime) -> CaseView | None:
        """The case of a page; None for a link not made here or no longer good. Changes nothing."""
        ...

    def take_by_link(self, token: str, at: datetime) -> Taken | None:
        """The person behind the link takes the case, a deliberate act. None as for ``case_by_link``."""
        ...

    def answer_by_link(self, token: str, answer: Answer, at: datetime) -> bool:
        """The person behind the link, who has the case, says how it goes on. False as None above."""
        ...
