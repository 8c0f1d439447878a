"""What an incident is, what may happen to it, and what is to be done about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

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
    def is_direct(self) -> bool:
        """Rung from the caller's own leg when we failed open: both are connected without us."""
        return self.round == 0


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
    # Asked by the shell before each event, never stored:
    rostered: tuple[tuple[Person, ...], ...] = ()
    managers: tuple[Person, ...] = ()
    roster: str = ""

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
        if self.state is State.OPEN and self.due_at:
            dues.append(self.due_at)
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
class TimeUp:
    pass


Event = (
    Opened
    | PageRequested
    | PagePlaced
    | PageNotPlaced
    | PageRinging
    | PageAnswered
    | PageEnded
    | TakeAsked
    | PassAsked
    | AnswerGiven
    | CloseAsked
    | ReopenAsked
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


Effect = (
    SendPage
    | CancelPage
    | JoinCallers
    | TellTaken
    | TellRoundEnded
    | TellRosterGap
    | TellClosed
    | TellReopened
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
