"""What the world must provide: a clock, a telephone, mail, and a way to check a PIN.

Errors of the world, sorted by what can be done about them::

    Failure
    +-- Refused          will never work this way: the number, the address, the text
    |   +-- Misconfigured    our account or our settings: every other order fails too
    +-- Gone             too late: the call to change is over (Twilio 21220)
    +-- Unreachable      not processed: safe to try again
    +-- Ambiguous        perhaps processed: look it up before trying again
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from oncall.book import Book
from oncall.contracts import Client
from oncall.intake import Tape
from oncall.people import Language
from oncall.record import Entry

if TYPE_CHECKING:
    from oncall.pieces import Filling


class Failure(Exception):
    """The world did not do what was ordered; ``code`` is its own word for why."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Refused(Failure):
    """Permanent: the same order will be refused again."""


class Misconfigured(Refused):
    """Permanent until a person changes an account or a setting."""


class Gone(Failure):
    """The call is over, or already where it should be: nothing is left to do."""


class Unreachable(Failure):
    """Passing, and certainly not processed: try again within the deadline."""


class Ambiguous(Failure):
    """The order may have been carried out although no answer came."""


class ContractsUnreadable(Exception):
    """Contract data cannot be read at all: the guard fails open."""


class Clock(Protocol):
    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        ...


class BookKeeper(Protocol):
    """Holds the book that is in force."""

    def current(self) -> Book:
        """The last good book; there always is one (a guard without a roster does not start)."""
        ...

    def client_on_line(self, line: str) -> Client | None:
        """The client whose guard line this is. Raises ContractsUnreadable."""
        ...


class Pins(Protocol):
    def matches(self, pin_hash: str, digits: str) -> bool:
        """Whether the digits are the PIN that was hashed; false for a hash that cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class Sms:
    """A text to a person: the catalog key of its sentence, in their language, with its facts."""

    key: str
    language: Language
    facts: Mapping[str, str] = field(default_factory=dict)
    link_page: str | None = None  # the page whose signed link stands in the text


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call that reached one of our lines, as the telephone company lists it."""

    sid: str
    line: str
    caller: str | None  # E.164, or None where it is withheld or unusable
    at: datetime
    seconds: int = 0
    is_over: bool = True


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What became of a call: whom it was put through to, as (phone, seconds), and what was recorded."""

    legs: tuple[tuple[str, int], ...] = ()
    recordings: tuple[tuple[str, int], ...] = ()  # (id, seconds)


# What the telephone company calls a call that is over, whatever became of it.
ENDED = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})


class Telephone(Protocol):
    """The telephone company. Every method may raise any Failure."""

    def call(self, to: str, page: str, ring: timedelta) -> str:
        """Ring ``to`` for the page with this token; gives the call's id."""
        ...

    def drill(self, to: str, token: str, ring: timedelta) -> str:
        """Ring ``to`` for the drill with this token; gives the call's id."""
        ...

    def synthetic(self, line: str, token: str) -> str:
        """Dial a guard line of ours, to walk its menu as the call with this token is told to."""
        ...

    def find_calls(self, to: str, since: datetime, shown: str | None = None) -> tuple[str, ...]:
        """Ids of the calls we placed to ``to`` from ``since`` on, oldest first.

        Those that ``shown`` was the number of, where it is not the one that pages.
        """
        ...

    def text(self, to: str, sms: Sms, page: str | None) -> str:
        """Send a text; ``page`` is told to the status callback. Gives the message's id."""
        ...

    def find_texts(self, to: str, since: datetime) -> tuple[str, ...]: ...

    def arrivals(self, since: datetime) -> tuple[Arrival, ...]:
        """The calls that reached numbers of ours from ``since`` on."""
        ...

    def aftermath(self, call: str) -> Aftermath:
        """What became of a call that reached a number of ours."""
        ...

    def cancel(self, call: str) -> None:
        """Stop a call that is queued or ringing; one that was answered goes on."""
        ...

    def hang_up(self, call: str) -> None:
        """End a call of ours, also one that was answered."""
        ...

    def fetch(self, call: str) -> str:
        """The call's state as the telephone company sees it: queued, ringing, in-progress, completed…"""
        ...

    def call_aside(self, to: str, token: str, ring: timedelta) -> str:
        """Ring ``to`` for the call on the side with this token; gives the call's id."""
        ...

    def call_client(self, to: str, token: str, ring: timedelta, line: str) -> str:
        """Ring the client for the call on the side with this token; they see their guard ``line``."""
        ...

    def bring(
        self,
        call: str,
        page: str | None = None,
        side: str | None = None,
        where: str = "",
        client: str | None = None,
    ) -> None:
        """Have a caller's leg ask at once for its next instruction, whatever it is hearing now.

        With the token of a ``page``, it is the engineer's leg: its conversation is over. With that of a
        call on the ``side``, it is the leg of who was brought in; of one to the ``client``, theirs.
        ``where`` is ``room`` for one that enters the conversation once more, and ``apart`` for one with
        which it did not come about.
        """
        ...

    def inside(self, room: str) -> frozenset[str]:
        """The calls that are in the conference with this name now; none where there is no such conference."""
        ...

    def hold(self, room: str, call: str, language: str) -> None:
        """The call in this conference hears, in its language, that it is on hold, until it is resumed."""
        ...

    def resume(self, room: str, call: str) -> None:
        """The call is back among the others. Both raise Gone for one that is not in the conference."""
        ...

    def let_go_on(self, room: str, call: str) -> None:
        """This conference does not end any more when the call leaves it. Raises Gone as above."""
        ...

    def announce(self, room: str, call: str, side: str | None, language: str) -> None:
        """The call in this conference hears what became of the call on the ``side``; nobody else does.

        Without one, it hears that the conversation is not recorded: the client refused.
        """
        ...

    def start_recording(self, call: str) -> str:
        """Record this call, each direction in a channel of its own; gives the recording's id.

        Raises Gone for a call that is over.
        """
        ...

    def find_recordings(self, call: str) -> tuple[str, ...]:
        """Ids of the recordings that ``start_recording`` made of this call, oldest first."""
        ...

    def run_recording(self, call: str, recording: str, tape: Tape) -> None:
        """Pause a recording, go on with it, or end it for good. Raises Gone for one that is over."""
        ...

    def recording(self, sid: str, into: "Filling") -> None:
        """Write the sound of a recording (WAV), fetched with our credentials, piece by piece.

        Raises Refused (``too_large``) for more than is taken there.
        """
        ...

    def delete_recording(self, sid: str) -> None: ...


class Shelf(Protocol):
    """Where sounds and files are kept. Every method may raise Refused or Unreachable.

    Content is put *before* the transaction that refers to it, and never from inside one. What several
    refer to is kept once: who removes it has made sure that nothing else refers to it.
    """

    def filling(self) -> AbstractContextManager["Filling"]:
        """A place to write something into that is kept, once however often, when it is whole.

        At the end of the context it is gone, unless it was kept.
        """
        ...

    def open(self, digest: str) -> BinaryIO | None:
        """What was put under this name, to be read in pieces from anywhere; None for what is not there."""
        ...

    def remove(self, digest: str) -> None:
        """Forget it; nothing happens where there is nothing."""
        ...

    def put(self, content: bytes) -> str:
        """Keep what is small enough for memory; gives its SHA-256 in hexadecimal."""
        with self.filling() as filling:
            filling.write(content)
            return filling.keep()

    def get(self, digest: str) -> bytes | None:
        """The same content, whole."""
        file = self.open(digest)
        if file is None:
            return None
        with file:
            return file.read()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to a letter, named by the sha-256 of its bytes.

    ``content`` is None where the file cannot go along: it is not on the shelf any more
    or, where ``is_too_large``, the letter would become too heavy. The letter then says so.
    """

    name: str
    media_type: str
    digest: str
    content: bytes | None = field(default=None, repr=False)
    is_too_large: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to write: which template, in which language, to whom, with which facts.

    ``number`` counts the letters of the case, so that threads hold together; a letter without
    a case is told from others by its ``name``. ``facts`` is plain data: times are ISO 8601 in UTC.
    """

    template: str
    language: str
    to: tuple[str, ...]
    bcc: tuple[str, ...]
    reference: str | None
    number: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Handed:
    """What a mail server took from us: the mail's id, and the sha-256 of all its bytes."""

    message_id: str
    digest: str


class Mail(Protocol):
    def send(self, letter: Letter) -> Handed:
        """Hand a letter over. Raises Refused or Unreachable."""
        ...


@dataclass(frozen=True, slots=True)
class TicketNews:
    """What a ticket system is told at once of a case: how it is, and the entries that are new.

    ``key`` is the same however often it is told; ``case`` is plain data, as it was at ``at``.
    """

    key: str
    kind: str
    at: datetime
    case: Mapping[str, Any]
    entries: tuple[Entry, ...]
    language: str
    timezone: str


class Tickets(Protocol):
    def address(self) -> str | None:
        """Where the ticket system listens now; None: there is none."""
        ...

    def give(self, news: TicketNews) -> None:
        """Tell it. Raises Refused or Unreachable."""
        ...


class NoTickets:
    """There is no ticket system."""

    def address(self) -> str | None:
        return None

    def give(self, news: TicketNews) -> None:
        raise Refused("there is no ticket system")


class Paper(Protocol):
    def record(self, case: int, language: str) -> tuple[Attachment, ...]:
        """The record of a case as it stands, as files to be sent: for the same record, the same bytes."""
        ...


class NoPaper:
    """Nothing is printed."""

    def record(self, case: int, language: str) -> tuple[Attachment, ...]:
        return ()


class Chat(Protocol):
    """Chats and other services that people are told by, beside the telephone and mail."""

    def channels(self) -> Mapping[str, str]:
        """What is configured now: for each channel's id what kind it is, such as ``slack``."""
        ...

    def tell(self, channel: str, letter: Letter) -> None:
        """Tell what a letter says. Raises Refused or Unreachable."""
        ...


class NoChat:
    """Nobody is told by chat."""

    def channels(self) -> Mapping[str, str]:
        return {}

    def tell(self, channel: str, letter: Letter) -> None:
        raise Refused("no chat is configured")
