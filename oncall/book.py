"""Everything that managers keep in the rosters folder, as one immutable value: the book.

A book is read at the edge, checked whole, and replaced whole. Its ``version``
is the hash of what was read, and stands in the entry of every page it decided.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from oncall.breaches import Warnings
from oncall.contracts import Client
from oncall.intake import LONGEST_WAIT
from oncall.people import Language, Person
from oncall.rosters import Level, Team, on_call
from oncall.sla import Priority, Promises, WorkingHours

RECORDINGS_KEPT = timedelta(days=90)  # where service.yaml says nothing


@dataclass(frozen=True, slots=True)
class SupportCenter:
    """Where everything goes that is not for the guard (clause A1)."""

    name: str
    url: str
    email: str | None = None
    copy: str = "bcc"  # how it is put on each case's mail: to, bcc or none
    proposals: str | None = None  # where new functionality is proposed (clause A8)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of an S3-compatible store; its keys are settings, not rosters."""

    name: str
    endpoint: str  # the store's origin
    region: str | None = None
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Fallback:
    """Where calls go while all of this is down: documents served at ``url`` by somebody else.

    They are put into ``folder`` or into ``bucket``, one of the two.
    """

    url: str
    folder: str | None = None
    bucket: Bucket | None = None


@dataclass(frozen=True, slots=True)
class Shelving:
    """Where sounds and files are kept: in ``folder`` or ``bucket``, or in the database for neither."""

    folder: str | None = None
    bucket: Bucket | None = None


@dataclass(frozen=True, slots=True)
class Casework:
    """How long a wait may last, when what nobody wrote is asked for, how long a case can be reopened."""

    wait_limit: timedelta = timedelta(hours=24)
    ask_after: timedelta = timedelta(minutes=10)
    ask_again: timedelta = timedelta(minutes=30)
    reopens_within: timedelta = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Synthetic:
    """When a guard line is dialled by ourselves: every so many weeks, so long after Monday 00:00 local."""

    every: timedelta  # whole weeks
    at: timedelta


@dataclass(frozen=True, slots=True)
class Holding:
    """How long nothing need be heard from who has an incident."""

    ask_again: timedelta = timedelta(minutes=15)  # after a conversation without a word of how it goes on
    sign_of_life: Mapping[Priority, timedelta] = field(
        default_factory=lambda: MappingProxyType(
            {Priority.BLOCKER: timedelta(minutes=30), Priority.HIGH: timedelta(hours=1)}
        )
    )
    reply: timedelta = timedelta(minutes=5)  # once they were asked whether they are still on it

    def silence(self, priority: str | None) -> timedelta:
        """What is not known is taken for a Blocker."""
        high = Priority.HIGH if priority == Priority.HIGH else Priority.BLOCKER
        return self.sign_of_life[high]


@dataclass(frozen=True, slots=True)
class Service:
    working_hours: WorkingHours
    support_center: SupportCenter
    promises: Mapping[Priority, Promises]
    managers: tuple[str, ...] = ()
    longest_wait: timedelta = LONGEST_WAIT  # of a caller in our hands, before they are promised a call
    voices: Mapping[str, str] = field(default_factory=dict)  # by language, as Twilio names them
    fallback: Fallback | None = None
    shelf: Shelving = Shelving()
    warnings: Warnings = field(default_factory=Warnings)
    notify: tuple[str, ...] = ()  # addresses of chats and the like, beside those in the settings
    anchors: tuple[str, ...] = ()  # the mail addresses outside to which each day's anchor goes
    ticket_webhook: str | None = None  # where a ticket system hears of each case
    synthetic: Synthetic | None = None
    recordings_kept: timedelta = RECORDINGS_KEPT
    conversations_recorded: bool = False
    personal_data_kept: timedelta | None = None  # after a case is closed; None: for good
    casework: Casework = Casework()
    holding: Holding = Holding()


@dataclass(frozen=True, slots=True)
class Book:
    service: Service
    people: Mapping[str, Person]
    teams: Mapping[str, Team]
    clients: Mapping[str, Client] = field(default_factory=dict)
    version: str = ""

    def client_on_line(self, line: str) -> Client | None:
        """The client whose guard line is ``line`` (clause A10), or None."""
        return next((c for c in self.clients.values() if c.contract.guard_line == line), None)

    def people_of_level(self, team: Team, level: Level, at: datetime) -> tuple[Person, ...]:
        """Who stands in ``level`` at ``at``: the holders of its rotation, or its people by name."""
        ids = on_call(team, level.page, at, self.people) if isinstance(level.page, str) else level.page
        return tuple(self.people[i] for i in ids if i in self.people)

    def managers(self) -> tuple[Person, ...]:
        return tuple(self.people[i] for i in self.service.managers if i in self.people)

    def person_with_phone(self, phone: str) -> Person | None:
        return next((p for p in self.people.values() if phone in p.phones), None)

    def language_of_line(self, line: str) -> Language:
        """The language spoken on a line; Spanish where it belongs to no contract."""
        client = self.client_on_line(line)
        return client.language if client else Language.ES
