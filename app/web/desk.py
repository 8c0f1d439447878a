"""What the pages need to know of a case, and the one thing they may do to it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, Literal, Protocol

from oncall.acts import Act
from oncall.dispatcher.casework import Upload


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One line of the record, already a sentence in the reader's language."""

    at: datetime
    kind: str
    text: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class WaitLine:
    """A wait that runs: the number of its entry, and what it waits for."""

    entry: int
    party: str
    asked: str
    whom: str
    until: datetime


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file of the case; ``token`` stands in its address."""

    token: str
    name: str
    size: int
    by: str


@dataclass(frozen=True, slots=True)
class Given:
    """A file as it is given back: its name, what it is, and what is in it."""

    name: str
    media_type: str
    content: bytes


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
    client_timezone: str = ""
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
    call_back_name: str = ""  # whose number it is, where that is known
    is_calling: bool = False  # the viewer is having the client called back just now
    dial_in: str | None = None  # the number to call, and the code to key, to talk to who waits
    code: str | None = None
    closed_at: datetime | None = None
    eta: datetime | None = None  # when who has it expects it to be solved
    talk: "TalkView | None" = None  # the viewer's conversation with the client, while it goes on
    entries: tuple[EntryLine, ...] = ()
    may_act: bool = False  # the person has it, closed it, or is a manager
    waits: tuple[WaitLine, ...] = ()  # those that run
    owed: tuple[str, ...] = ()  # what is still to be written: agreement, closure
    files: tuple[FileLine, ...] = ()
    sounds: tuple[str, ...] = ()  # whether each is a message or a conversation; only for who may act

    @property
    def can_be_closed(self) -> bool:
        return self.may_act and (self.state == "acknowledged" or "closure" in self.owed)

    @property
    def can_wait(self) -> bool:
        return self.may_act and self.state == "acknowledged"

    @property
    def can_agree(self) -> bool:
        is_due = self.state != "open" or "agreement" in self.owed
        return self.may_act and is_due and self.kind == "incident"

    @property
    def forms(self) -> tuple[str, ...]:
        """What may be written by whoever sees the page."""
        if self.can_be_taken:
            return ()
        mays = {
            "agreement": self.can_agree,
            "wait": self.can_wait,
            "note": True,
            "file": True,
            "close": self.can_be_closed,
            "correction": True,
            "eta": self.is_viewers and self.state != "closed",
        }
        return tuple(form for form, may in mays.items() if may)

    @property
    def can_be_taken(self) -> bool:
        return self.kind == "incident" and self.state == "open"


@dataclass(frozen=True, slots=True)
class TalkView:
    """The conversation that goes on: who is in it besides the client and the viewer."""

    is_held: bool
    calling: tuple[str, ...]
    inside: tuple[str, ...]
    listening: tuple[str, ...]


class TalkAct(StrEnum):
    """What the viewer may do in their conversation."""

    HOLD = "hold"
    RESUME = "resume"
    NEXT = "next"  # bring in the next of the roster
    MANAGER = "manager"


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

    def write_by_link(self, token: str, act: Act, at: datetime, once: str) -> tuple[str, ...] | None:
        """The person behind the link writes into the case; gives what is missing of it. None as above.

        ``once`` names the form: one that is sent twice is written once.
        """
        ...

    def attach_by_link(self, token: str, file: Upload, at: datetime) -> bool:
        """The person behind the link attaches a file. False as None above."""
        ...

    def file_by_link(self, token: str, file: str) -> Given | None:
        """A file of the case. None for a file that is not of it, too."""
        ...

    def sound_by_link(self, token: str, number: int, at: datetime) -> BinaryIO | None:
        """A recording of the case, counted from 1. None for who may not act in it, too."""
        ...

    def eta_by_link(self, token: str, hours: int, at: datetime) -> bool:
        """Who has the case expects it to be solved in so many hours. False as None above."""
        ...

    def act_by_link(self, token: str, act: TalkAct, at: datetime) -> bool:
        """The person behind the link does something in their conversation. False as None above."""
        ...
