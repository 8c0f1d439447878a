"""The tables. What the database can refuse, it refuses: impossible states are CHECK constraints.

Times are aware and in UTC. ``version`` columns carry guarded updates.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from oncall.columns import json_column as _json
from oncall.columns import moment as _moment
from oncall.columns import one_of as _one_of
from oncall.columns import only_where as _only_where
from oncall.deskrecords import RenewedDeskRow as RenewedDeskRow
from oncall.publishedrecords import PublishedNoticeRow as PublishedNoticeRow  # tables like the others
from oncall.siderecords import SideCallRow as SideCallRow
from oncall.soundrecords import RecordingRow as RecordingRow

_IS_TAKEN = "acknowledged_at IS NOT NULL AND acknowledged_by IS NOT NULL"
_IS_LIVE = "kind = 'incident' AND state <> 'closed' AND client IS NOT NULL AND NOT disputed"

ORDER_KINDS = (
    *("call", "page_text", "news", "cancel", "bring", "mail", "recording"),
    *("chat", "ticket"),
    *("drill", "synthetic", "room"),
)


class CaseRow(SQLModel, table=True):
    """What a call opened. ``due_at`` is the next instant at which an incident wants attention."""

    __tablename__: ClassVar[Any] = "cases"
    __table_args__ = (
        _one_of("kind", "incident", "refusal", "abandoned"),
        _one_of("state", "open", "acknowledged", "closed"),
        _one_of("priority", "blocker", "high", "medium", "low", nullable=True),
        CheckConstraint("kind = 'incident' OR state = 'closed'", name="only_incidents_stay_open"),
        CheckConstraint("kind <> 'refusal' OR reason IS NOT NULL", name="a_refusal_has_a_reason"),
        CheckConstraint("state <> 'open' OR due_at IS NOT NULL", name="an_open_incident_never_rests"),
        CheckConstraint("state <> 'open' OR acknowledged_by IS NULL", name="an_open_incident_has_no_holder"),
        CheckConstraint(f"state <> 'acknowledged' OR ({_IS_TAKEN})", name="a_taken_incident_has_a_holder"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_its_time"),
        # Taken by a process of the release before, it has no heard_at yet: see Holders.look_after_the_taken.
        CheckConstraint(
            "state <> 'acknowledged' OR heard_at IS NULL OR due_at IS NOT NULL",
            name="a_taken_incident_never_rests",
        ),
        # The few that are not closed, among all that ever were.
        Index("ix_cases_live", "state", "client"),
        # Those of which the ticket system has not been given everything.
        Index("ix_cases_unticketed", "id", **_only_where("ticketed < entries")),
        # The months of a client, for lists and reports.
        Index("ix_cases_client", "client", "opened_at"),
        Index(
            "one_incident_per_integration",  # per client, too: a second call joins it
            "client",
            text("coalesce(integration, '')"),
            unique=True,
            **_only_where(_IS_LIVE),
        ),
    )

    id: int = Field(primary_key=True)
    kind: str
    state: str
    client: str | None = None
    client_name: str = ""
    integration: str | None = None
    integration_name: str = ""
    priority: str | None = None
    reason: str | None = None
    unverified: bool = False
    disputed: bool = False
    line: str = ""
    caller: str | None = None
    contact: str | None = None
    language: str = "es"
    timezone: str = "UTC"
    team: str | None = None
    roster: str = ""
    opened_at: datetime = _moment(nullable=False, index=True)
    paging_began_at: datetime | None = _moment()
    acknowledged_at: datetime | None = _moment()
    acknowledged_by: str | None = None
    acknowledged_by_name: str | None = None
    first_taken_at: datetime | None = _moment()  # stops the first-response clock, for good
    closed_at: datetime | None = _moment()
    # The major incident that the caller joined: this case is their record of it, and asks for nobody.
    attached_to: int | None = Field(default=None, index=True)
    respond_by: datetime | None = _moment()
    resolve_by: datetime | None = _moment()
    policy: list[Any] = _json()
    ring: float = 25.0  # seconds
    round: int = 1
    level: int = 0
    is_resting: bool = False
    round_began_at: datetime | None = _moment()
    level_due_at: datetime | None = _moment()
    due_at: datetime | None = _moment(index=True)
    heard_at: datetime | None = _moment()  # of who has it: their last sign of life
    eta: datetime | None = _moment()  # when they expect it to be solved
    ask_at: datetime | None = _moment()  # when they are asked again how it goes on
    is_doubted: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    entries: int = 0
    head: str
    letters: int = 0
    held: str | None = None  # why nothing of it may be erased
    forgotten_at: datetime | None = _moment()  # when all that was personal was erased
    # The sounds go whatever their age: who called asked for it, or all is forgotten.
    sounds_end: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    anchored: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # entries under an anchor
    # How many entries the ticket system was given, or is being given.
    ticketed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    version: int = 0


class PageRow(SQLModel, table=True):
    """One attempt to reach one person. ``token`` stands in the telephone company's URLs for it."""

    __tablename__: ClassVar[Any] = "pages"
    __table_args__ = (
        UniqueConstraint("case_id", "key"),
        _one_of("channel", "call", "sms"),
        _one_of("state", "requested", "ringing", "answered", "acknowledged", "passed", "failed", "cancelled"),
        Index("ix_pages_code", "code"),
        # Whether somebody is being called, and when the last text left, however often they were before.
        Index("ix_pages_live", "person", "channel", "state"),
        Index("ix_pages_requested", "person", "channel", "requested_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    key: str
    token: str = Field(unique=True)
    person: str
    name: str
    language: str = "es"
    channel: str
    to: str
    round: int
    level: int
    phone: int = 0
    state: str
    requested_at: datetime | None = _moment()
    sid: str | None = Field(default=None, index=True)
    due_at: datetime | None = _moment()
    code: str | None = None
    roster: str = ""  # the version of the rosters that chose the person
    # The page whose call, or text, carries this one too: nobody is rung by two calls at a time.
    leg: int | None = Field(default=None, foreign_key="pages.id", index=True)
    sequence: int = -1  # of the last status callback applied
    talks_since: datetime | None = _moment()  # with the client, on the call that this page led to:
    talk_sid: str | None = Field(default=None, index=True)


class CallRow(SQLModel, table=True):
    """One phone call to a guard line, whatever becomes of it; ``state`` is the conversation so far."""

    __tablename__: ClassVar[Any] = "calls"
    __table_args__ = (Index("ix_calls_before_known", "arrived_at", **_only_where("case_id IS NULL")),)

    sid: str = Field(primary_key=True)
    line: str
    caller: str | None = None
    step: str
    case_id: int | None = Field(default=None, foreign_key="cases.id", index=True)
    arrived_at: datetime = _moment(nullable=False)
    ended_at: datetime | None = _moment()
    due_at: datetime | None = _moment(index=True)
    state: dict[str, Any] = _json()
    notes: list[Any] = _json()  # entries that wait for a case
    version: int = 0


class EntryRow(SQLModel, table=True):
    """One line of a case's record: appended, never changed."""

    __tablename__: ClassVar[Any] = "entries"

    case_id: int = Field(primary_key=True, foreign_key="cases.id")
    number: int = Field(primary_key=True)
    at: datetime = _moment(nullable=False)
    kind: str
    actor: str
    data: dict[str, Any] = _json()
    previous: str
    hash: str
    format: int = Field(default=1, sa_column_kwargs={"server_default": "1"})  # how it was hashed
    salts: dict[str, str] = _json(default="{}")  # of the fields of ``data`` that can be erased
    erased: dict[str, str] = _json(default="{}")  # the digests of those that were
    roster: str | None = None  # the version of the rosters in force when it was written


class AnchorRow(SQLModel, table=True):
    """Once a day, a hash over the heads of all records: written, mailed, and never changed."""

    __tablename__: ClassVar[Any] = "anchors"

    number: int = Field(primary_key=True)
    day: str = Field(index=True)
    at: datetime = _moment(nullable=False)
    previous: str
    cases: int
    root: str
    hash: str = Field(unique=True)


class AnchoredRow(SQLModel, table=True):
    """How far the record of a case had come when an anchor covered it."""

    __tablename__: ClassVar[Any] = "anchored"

    anchor: int = Field(primary_key=True, foreign_key="anchors.number")
    case_id: int = Field(primary_key=True, index=True)
    count: int
    head: str


class OrderRow(SQLModel, table=True):
    """Something to be done outside: the outbox. ``once`` makes a step happen once."""

    __tablename__: ClassVar[Any] = "orders"
    __table_args__ = (
        _one_of("kind", *ORDER_KINDS),
        _one_of("state", "waiting", "done", "failed", "void"),
        Index("ix_orders_waiting", "state", "due_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    once: str = Field(unique=True)
    case_id: int | None = Field(default=None, foreign_key="cases.id", index=True)
    page_id: int | None = Field(default=None, foreign_key="pages.id")
    payload: dict[str, Any] = _json()
    urgency: int = 0  # lower leaves first
    state: str = "waiting"
    created_at: datetime = _moment(nullable=False)
    due_at: datetime = _moment(nullable=False)
    expires_at: datetime = _moment(nullable=False)
    leased_until: datetime | None = _moment()
    attempts: int = 0
    outcome: str = ""


class BlobRow(SQLModel, table=True):
    """A sound or a file, under the SHA-256 of what is in it, where the shelf is the database."""

    __tablename__: ClassVar[Any] = "blobs"

    digest: str = Field(primary_key=True)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class DrillRow(SQLModel, table=True):
    """A test page: who was asked to press a key, how far it came, and when it was passed. Of no case."""

    __tablename__: ClassVar[Any] = "drills"
    __table_args__ = (
        _one_of("state", "asked", "ringing", "answered", "passed", "failed"),
        CheckConstraint("(state = 'passed') = (passed_at IS NOT NULL)", name="passed_has_its_time"),
        CheckConstraint(
            "state IN ('passed', 'failed') OR due_at IS NOT NULL", name="what_goes_on_has_an_end"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    token: str = Field(unique=True)
    team: str
    person: str = Field(index=True)
    name: str
    language: str = "es"
    by: str  # schedule, or command
    state: str
    phone: int = 0  # which of the person's phones, from 0
    to: str | None = None
    sid: str | None = None
    why: str | None = None  # it failed, or its phone before
    asked_at: datetime = _moment(nullable=False)
    answered_at: datetime | None = _moment()
    passed_at: datetime | None = _moment()
    due_at: datetime | None = _moment(index=True)


class SyntheticRow(SQLModel, table=True):
    """A call of ours to a guard line, to the end of its menu: the log of those that were made. Of no case."""

    __tablename__: ClassVar[Any] = "synthetic_calls"
    __table_args__ = (
        _one_of("state", "asked", "placed", "known", "passed", "failed"),
        CheckConstraint(
            "(state IN ('passed', 'failed')) = (ended_at IS NOT NULL)", name="ended_has_its_time"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    token: str = Field(unique=True)
    client: str
    line: str
    code: str  # of one use, keyed where others key a PIN
    by: str  # schedule, or command
    state: str
    sid: str | None = None  # of the call that we placed
    call: str | None = Field(default=None, index=True)  # of the call that arrived and keyed the code
    why: str | None = None
    asked_at: datetime = _moment(nullable=False)
    due_at: datetime = _moment(nullable=False, index=True)
    ended_at: datetime | None = _moment()


class HeartbeatRow(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "heartbeats"

    worker: str = Field(primary_key=True)
    at: datetime = _moment(nullable=False)


class PacingRow(SQLModel, table=True):
    """When the next call may leave, for every process together."""

    __tablename__: ClassVar[Any] = "pacing"

    account: str = Field(primary_key=True)
    next_at: datetime = _moment(nullable=False)


class RosterRow(SQLModel, table=True):
    """A version of the rosters that was accepted: its files as they were, when, and by what it entered."""

    __tablename__: ClassVar[Any] = "rosters"

    id: int | None = Field(default=None, primary_key=True)
    version: str  # the hash that stands in the entries of the pages it decided
    files: dict[str, Any] = _json()  # path in the folder: its text
    accepted_at: datetime = _moment(nullable=False)
    source: str


class RosterSourceRow(SQLModel, table=True):
    """A folder through which rosters enter, and the version it brought last: only a change enters."""

    __tablename__: ClassVar[Any] = "roster_sources"

    source: str = Field(primary_key=True)
    version: str


class SwapRow(SQLModel, table=True):
    """A turn given or taken by text: in force at once after both agreed, and over by itself."""

    __tablename__: ClassVar[Any] = "swaps"
    __table_args__ = (
        _one_of("state", "asked", "in_force", "refused"),
        CheckConstraint("starts < ends", name="ends_after_it_starts"),
    )

    id: int | None = Field(default=None, primary_key=True)
    team: str
    rotation: str
    person: str  # who takes over
    instead_of: str
    starts: datetime = _moment(nullable=False)
    ends: datetime = _moment(nullable=False)
    state: str
    asked_by: str
    asked_of: str  # who has to agree
    code: str = Field(index=True)
    asked_at: datetime = _moment(nullable=False)
    answered_at: datetime | None = _moment()


class NoticeRow(SQLModel, table=True):
    """A chore that is done once in the cluster, whoever does it: its name says what and for when."""

    __tablename__: ClassVar[Any] = "notices"

    name: str = Field(primary_key=True)
    at: datetime = _moment(nullable=False)


class FileRow(SQLModel, table=True):
    """A file of a case; its content lies on the shelf under ``digest``, and ``token`` stands in its link."""

    __tablename__: ClassVar[Any] = "files"
    __table_args__ = (UniqueConstraint("case_id", "digest", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id")
    digest: str = Field(index=True)  # sha-256, hexadecimal
    name: str
    media_type: str
    size: int  # bytes
    by: str
    at: datetime = _moment(nullable=False)
    token: str = Field(unique=True)


class WaitRow(SQLModel, table=True):
    """A wait on the client or a third party; ``due_at`` is when it ends by itself, empty once it ended."""

    __tablename__: ClassVar[Any] = "waits"
    __table_args__ = (
        _one_of("party", "client", "third_party"),
        CheckConstraint("(due_at IS NULL) = (ended_at IS NOT NULL)", name="a_wait_ends_or_is_due"),
        CheckConstraint("ended_at IS NULL OR ended_at >= since", name="ends_after_it_began"),
    )

    case_id: int = Field(primary_key=True, foreign_key="cases.id")
    entry: int = Field(primary_key=True)  # the number of its entry in the record
    party: str  # on whom
    asked: str
    whom: str
    channel: str
    since: datetime = _moment(nullable=False)
    until: datetime = _moment(nullable=False)
    due_at: datetime | None = _moment(index=True)
    ended_at: datetime | None = _moment()
    ended_by: str | None = None


class OwedRow(SQLModel, table=True):
    """Something a person still has to write, and when they are asked for it again."""

    __tablename__: ClassVar[Any] = "owed"
    __table_args__ = (
        _one_of("what", "agreement", "closure"),
        CheckConstraint("settled_at IS NULL OR due_at IS NULL", name="what_is_settled_is_not_asked_for"),
        UniqueConstraint("case_id", "what", "since"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    what: str
    person: str
    name: str
    page: str  # the token of the page whose link is sent
    since: datetime = _moment(nullable=False)
    due_at: datetime | None = _moment(index=True)
    asked: int = 0
    settled_at: datetime | None = _moment()


class MailboxRow(SQLModel, table=True):
    """How far a mailbox was read: IMAP numbers its messages, anew when ``validity`` changes."""

    __tablename__: ClassVar[Any] = "mailboxes"

    name: str = Field(primary_key=True)
    validity: int = Field(sa_type=BigInteger)
    last: int = Field(sa_type=BigInteger)


class ReceivedRow(SQLModel, table=True):
    """A mail that was read, and what became of it: each is taken in once, by its Message-ID."""

    __tablename__: ClassVar[Any] = "received"
    __table_args__ = (_one_of("verdict", "entered", "quarantined", "bounced", "ignored"),)

    message_id: str = Field(primary_key=True)
    case_id: int | None = Field(default=None, foreign_key="cases.id", index=True)
    verdict: str
    at: datetime = _moment(nullable=False)
