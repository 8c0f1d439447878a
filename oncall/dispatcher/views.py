"""What the doors answer: enough for a voice or a page to be made of it, and no more."""

from dataclasses import dataclass
from datetime import datetime

from oncall.escalation import PageState, State
from oncall.intake import Farewell
from oncall.people import Language
from oncall.sidecalls import Purpose, SideState
from oncall.sla import Priority


@dataclass(frozen=True, slots=True)
class Also:
    """Another incident on the same call, or in the same text."""

    token: str
    reference: str
    client: str
    integration: str
    priority: Priority | None
    unverified: bool
    disputed: bool
    is_mine: bool


@dataclass(frozen=True, slots=True)
class PageCall:
    """A page and its incident, as the person who was paged may know them."""

    token: str
    key: str
    case: int
    reference: str
    person: str
    name: str
    language: Language
    page_state: PageState
    state: State
    kind: str
    client: str
    integration: str
    priority: Priority | None
    unverified: bool
    disputed: bool
    holder: str | None
    holder_name: str | None
    opened_at: datetime
    acknowledged_at: datetime | None
    timezone: str  # of the clocks of whoever stands guard for the case
    line: str
    caller: str | None  # E.164, who may be called back
    client_is_waiting: bool  # in the conversation, for this engineer to enter it
    messages: tuple[str, ...]  # tokens of the recordings
    who_waits: tuple[str, ...] = ()  # who is in the conversation for them, where they are known by name
    caller_name: str = ""  # of who is called back, where it is known
    caller_gave_pin: bool = False  # and who is called back is the contract's contact, who did not call
    client_holds_on: bool = False  # who would be called back is still on the line
    client_left: Farewell | None = None  # how the client went, where nobody waits any more
    client_timezone: str = ""
    promised_by: datetime | None = None  # until when a call back was promised
    eta: datetime | None = None  # when who has it expects it to be solved
    client_holds_the_line: bool = False  # waits in our hands, and would talk at once
    is_talking: bool = False  # on this page's call, with a client who is still there
    is_held: bool = False  # that client is on hold
    guests: tuple[str, ...] = ()  # first names of who was brought in, and is there while they are on hold
    is_recorded: bool = False  # the conversation, of which its callers know
    is_calling: bool = False  # the client is being called back, and waited for on this page's call
    client_answered: bool = False  # something answered there; whether a person is not known yet
    was_cut_short: bool = False  # the client hung up while the engineer was brought to them
    was_missed: bool = False  # the client was called back just now, and not reached
    owes_call: bool = False  # the caller above is owed a call that nobody has tried to make
    # Further incidents on the same leg, in the same state as this one: to be taken, or taken with it.
    also: tuple[Also, ...] = ()

    @property
    def is_mine(self) -> bool:
        return self.state is State.ACKNOWLEDGED and self.holder == self.person

    @property
    def holder_first_name(self) -> str:
        return self.holder_name.split()[0] if self.holder_name else ""


@dataclass(frozen=True, slots=True)
class Held:
    """A caller on hold, as they may know it: first names of who comes back, is called, is there already."""

    engineer: str
    called: str = ""
    guests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SideView:
    """A call on the side, as whoever is called may know it."""

    token: str
    purpose: Purpose
    state: SideState
    case: int
    reference: str
    person: str
    name: str
    language: Language
    client: str
    integration: str
    priority: Priority | None
    asked_by: str  # first name of who has them called; empty for the guard itself, and for themselves
    is_theirs: bool  # they have the incident
    talks_on: bool  # the client is in the conversation
    is_held: bool  # they are on hold
    is_recorded: bool  # that conversation is
    holder_page: str | None  # token of their own page, where they have the incident
    caller_gave_pin: bool = False  # the client, by another number: who is called back did not call
