"""What an incident is, what may happen to it, and what is to be done about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from oncall.people import Person
from oncall.record import Draft


class State(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class Channel(StrEnum):
    CALL = "call"
    SMS = "sms"


class PageState(StrEnum):
    REQUESTED = "requested"
    RINGING = "ringing"
    ANSWERED = "answered"
    ACKNOWLEDGED = "acknowledged"
    PASSED = "passed"
    FAILED = "failed"
    CANCELLED = "cancelled"


LIVE = frozenset({PageState.REQUESTED, PageState.RINGING, PageState.ANSWERED})


class By(StrEnum):
    """The human act that took, or passed on, an incident."""

    KEY = "key"
    TEXT = "text"
    LINK = "link"


class Answer(StrEnum):
    """What the engineer says of the incident after the conversation."""

    WORKING = "working"
    SOLVED = "solved"
    HANDED_OVER = "handed_over"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class FrozenLevel:
    """A level as it was when the incident opened: a rotation's name, or people by id."""

    page: str | tuple[str, ...]
    lasts: timedelta

    @property
    def rotation(self) -> str | None:
        return self.page if isinstance(self.page, str) else None


@dataclass(frozen=True, slots=True)
class Page:
    """One attempt to reach one person through one channel. ``key`` is unique within the incident."""

    key: str
    person: str
    name: str
    channel: Channel
    to: str
    round: int
    level: int
    phone: int = 0
    state: PageState = PageState.REQUESTED
    requested_at: datetime | None = None
    sid: str | None = None
    due_at: datetime | None = None
    roster: str = ""  # the version of the rosters that chose the person

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def reached(self) -> dict[str, Any]:
        """What its entries say of whom it rings; a phone that is not their first says which it is."""
        told: dict[str, Any] = {"person": self.person, "name": self.name, "to": self.to}
        return told | ({"phone": self.phone + 1} if self.phone else {})

    @property
    def is_direct(self) -> bool:
        """Rung from the caller's own leg when we failed open: both are connected without us."""
        return self.round == 0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long nothing need be heard from who has an incident (``holder`` in rosters/service.yaml)."""

    answer: timedelta = timedelta(minutes=15)  # after a conversation without a word of how it goes on
    life: timedelta = timedelta(minutes=30)  # without any sign of them
    reply: timedelta = timedelta(minutes=5)  # once they were asked whether they are still on it


@dataclass(frozen=True, slots=True)
class Incident:
    policy: tuple[FrozenLevel, ...]
    ring: timedelta
    state: State = State.OPEN
    round: int = 1
    level: int = 0
    is_resting: bool = False  # between two rounds that would be too short
    round_began_at: datetime | None = None
    due_at: datetime | None = None
    holder: str | None = None
    holder_name: str | None = None
    opened_at: datetime | None = None
    pages: tuple[Page, ...] = ()
    # Of who has it; while it is taken ``due_at`` is when they must have been heard from.
    heard_at: datetime | None = None
    eta: datetime | None = None  # when they expect it to be solved
    ask_at: datetime | None = None  # when they are asked again how it goes on
    is_doubted: bool = False  # they were asked whether they are still on it
    # Asked by the shell before each event, never stored:
    rostered: tuple[tuple[Person, ...], ...] = ()
    managers: tuple[Person, ...] = ()
    roster: str = ""
    was_taken: bool = False  # somebody had it before: it was handed over, not heard of, or reopened
    patience: Patience = Patience()

    def page(self, key: str) -> Page | None:
        return next((p for p in self.pages if p.key == key), None)

    @property
    def calling(self) -> tuple[str, ...]:
        """The first names of those being called now, each once, in order."""
        live = [p for p in self.pages if p.channel is Channel.CALL and p.is_live]
        return tuple(dict.fromkeys(p.name.split()[0] for p in live))

    @property
    def next_due(self) -> datetime | None:
        """When something must happen at the latest if nobody says anything."""
        dues = [p.due_at for p in self.pages if p.is_live and p.due_at]
        if self.state is not State.CLOSED:
            dues += [due for due in (self.due_at, self.ask_at) if due]
        return min(dues, default=None)


# --- what happens --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opened:
    """The incident begins, or begins again after it was handed over."""


@dataclass(frozen=True, slots=True)
class PageRequested:
    """The order to page is about to leave for the telephone company."""

    page: str


@dataclass(frozen=True, slots=True)
class PagePlaced:
    page: str
    sid: str
    adopted: bool = False


@dataclass(frozen=True, slots=True)
class PageNotPlaced:
    page: str
    why: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class PageRinging:
    page: str


@dataclass(frozen=True, slots=True)
class PageAnswered:
    page: str


@dataclass(frozen=True, slots=True)
class PageEnded:
    """The call of the page is over. Without a key, it reached nobody."""

    page: str
    why: str  # busy, no_answer, failed, hung_up, no_key


@dataclass(frozen=True, slots=True)
class TakeAsked:
    """A person takes the incident by a human act; ``page`` is the one they act upon.

    ``connects``: its waiting caller is brought to this person's call; when one key
    takes several incidents, only one caller can be.
    """

    page: str
    by: By
    connects: bool = True


@dataclass(frozen=True, slots=True)
class PageAsked:
    """A manager wants to be paged for it too, to take it: nobody has it yet."""

    person: str


@dataclass(frozen=True, slots=True)
class PassAsked:
    page: str
    by: By


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """The disposition after the conversation."""

    page: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class CloseAsked:
    """Who has the incident closes it in writing; ``entry`` says how, with all that it must have."""

    entry: Draft


@dataclass(frozen=True, slots=True)
class ReopenAsked:
    """Its client calls again, soon after it was closed, and says that it is the same."""


@dataclass(frozen=True, slots=True)
class SignOfLife:
    """Who has the incident did something: a key, a text, a button, a note. Whoever else did changes nothing.

    ``until``: they need not be heard from before that moment.
    """

    person: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StillOnIt:
    """Asked whether they are still on it, they say so, by a key."""

    person: str


@dataclass(frozen=True, slots=True)
class TalkEnded:
    """Their conversation with the client is over, and how it goes on was not said yet."""

    person: str


@dataclass(frozen=True, slots=True)
class EtaGiven:
    person: str
    eta: datetime
    by: By


@dataclass(frozen=True, slots=True)
class HolderNotReached:
    """Asked whether they are still on it, they answered on none of their phones."""

    person: str


@dataclass(frozen=True, slots=True)
class TimeUp:
    """``is_excused``: nothing need be heard from who has it, as they talk, or the client is waited for."""

    is_excused: bool = False


Event = (
    Opened
    | PageRequested
    | PagePlaced
    | PageNotPlaced
    | PageRinging
    | PageAnswered
    | PageEnded
    | TakeAsked
    | PageAsked
    | PassAsked
    | AnswerGiven
    | CloseAsked
    | ReopenAsked
    | SignOfLife
    | StillOnIt
    | TalkEnded
    | EtaGiven
    | HolderNotReached
    | TimeUp
)


# --- what is to be done --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SendPage:
    """Place the call, or send the text, of this page."""

    page: str


@dataclass(frozen=True, slots=True)
class CancelPage:
    page: str


@dataclass(frozen=True, slots=True)
class JoinCallers:
    """Whoever waits for the incident is told who has it and, if they are on the phone, brought to them."""

    connects: bool


@dataclass(frozen=True, slots=True)
class TellTaken:
    """The client, the managers and everybody already paged learn who has it."""


@dataclass(frozen=True, slots=True)
class TellRoundEnded:
    round: int


@dataclass(frozen=True, slots=True)
class TellRosterGap:
    level: int


@dataclass(frozen=True, slots=True)
class TellClosed:
    pass


@dataclass(frozen=True, slots=True)
class TellReopened:
    pass


@dataclass(frozen=True, slots=True)
class TellEta:
    """The client learns when it is expected to be solved."""


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Who has it is asked by text how it goes on."""


@dataclass(frozen=True, slots=True)
class AskWhetherStillOnIt:
    """Who has it is called and texted: are you still on it?"""


@dataclass(frozen=True, slots=True)
class LetHolderBe:
    """They need not be asked any more: what still rings for that is cancelled."""


@dataclass(frozen=True, slots=True)
class TellHolderSilent:
    """The managers learn that nothing was heard from who had it, and that others are paged."""

    name: str


@dataclass(frozen=True, slots=True)
class HoldCallers:
    """Callers who talk to who had the incident stay in our hands until the next person takes it."""


Effect = (
    SendPage
    | CancelPage
    | JoinCallers
    | TellTaken
    | TellRoundEnded
    | TellRosterGap
    | TellClosed
    | TellReopened
    | TellEta
    | AskAgain
    | AskWhetherStillOnIt
    | LetHolderBe
    | TellHolderSilent
    | HoldCallers
)


@dataclass(frozen=True, slots=True)
class Decision:
    incident: Incident
    effects: tuple[Effect, ...] = ()
    entries: tuple[Draft, ...] = ()

    def then(self, step: "Callable[[Incident], Decision]") -> "Decision":
        """This decision and, on what it made of the incident, the next."""
        following = step(self.incident)
        return Decision(
            following.incident,
            (*self.effects, *following.effects),
            (*self.entries, *following.entries),
        )
