"""The cases, their pages and their records."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, text, union, update

from oncall.escalation import Channel, FrozenLevel, Incident, Page, PageState, State
from oncall.record import GENESIS
from oncall.records import CaseRow, NoticeRow, PageRow, SideCallRow
from oncall.store.calls import A_FEW
from oncall.store.quick import hot, is_one_of
from oncall.store.tables import table

CASES = table(CaseRow)
_PAGES = table(PageRow)
_NOTICES = table(NoticeRow)

FIRST_REFERENCE = 1001
# Any fixed number: it only has to be the same in every process.
_REFERENCE_LOCK = 0x67_75_61_72

_LIVE = (State.OPEN, State.ACKNOWLEDGED)

# Made once: to build and key a statement costs more than to run it, and a key pressed runs thirty.
_CASE = hot(select(CASES).where(CASES.c.id == bindparam("of")))
_CASE_LOCKED = _CASE.with_for_update()
_HIGHEST_CASE = hot(select(func.max(CASES.c.id)))
_ADD_CASE = hot(insert(CASES))
_CHANGE_CASE = hot(update(CASES).where(CASES.c.id == bindparam("of")))
_SAVE_INCIDENT = hot(_CHANGE_CASE.where(CASES.c.version == bindparam("seen")))
_OPEN_INCIDENTS = hot(
    select(CASES)
    .where(CASES.c.client == bindparam("of"), CASES.c.kind == "incident", is_one_of(CASES.c.state, _LIVE))
    .order_by(CASES.c.id)
)
_CLOSED_INCIDENTS = hot(
    select(CASES)
    .where(CASES.c.client == bindparam("of"), CASES.c.kind == "incident", CASES.c.state == State.CLOSED)
    .where(CASES.c.closed_at >= bindparam("since"))
    .order_by(CASES.c.closed_at, CASES.c.id)
)
_OVERDUE = hot(
    select(CASES.c.id).where(CASES.c.due_at <= bindparam("at")).order_by(CASES.c.due_at).limit(A_FEW)
)
NEXT_CASE = select(CASES.c.due_at).where(CASES.c.due_at.is_not(None)).order_by(CASES.c.due_at).limit(1)
_RUNNING = select(CASES).where(CASES.c.kind == "incident", CASES.c.state.in_(_LIVE)).order_by(CASES.c.id)
_UNHEARD = select(CASES.c.id).where(
    CASES.c.state == State.ACKNOWLEDGED, CASES.c.heard_at.is_(None), CASES.c.due_at.is_(None)
)
_NEXT_LETTER = hot(_CHANGE_CASE.values(letters=CASES.c.letters + 1).returning(CASES.c.letters))

_ADD_PAGE = hot(insert(_PAGES).returning(_PAGES.c.id))
_PAGES_OF = hot(select(_PAGES).where(_PAGES.c.case_id == bindparam("of")).order_by(_PAGES.c.id))
_PAGE_WITH_TOKEN = hot(select(_PAGES).where(_PAGES.c.token == bindparam("of")))
_KNOWN_SIDS = union(
    *(
        select(rows.c.sid).where(rows.c.sid.in_(bindparam("among", expanding=True)))
        for rows in (_PAGES, table(SideCallRow))
    )
)
_PAGE_WITH_ID = hot(select(_PAGES).where(_PAGES.c.id == bindparam("of")))
_PAGE_WITH_KEY = hot(
    select(_PAGES).where(_PAGES.c.case_id == bindparam("of"), _PAGES.c.key == bindparam("named"))
)
_PAGE_ID = hot(_PAGE_WITH_KEY.with_only_columns(_PAGES.c.id))
_CHANGE_PAGE = hot(
    update(_PAGES).where(_PAGES.c.case_id == bindparam("of"), _PAGES.c.key == bindparam("named"))
)
_CODE_IN_USE = hot(
    select(_PAGES.c.id)
    .join(CASES, CASES.c.id == _PAGES.c.case_id)
    .where(_PAGES.c.code == bindparam("of"), CASES.c.state != State.CLOSED)
    .limit(1)
)
_CODE_OF = hot(
    select(_PAGES.c.code)
    .where(_PAGES.c.case_id == bindparam("of"), _PAGES.c.person == bindparam("whose"))
    .where(_PAGES.c.code.is_not(None))
    .limit(1)
)


_DIGITS = 16  # more are no number of ours, and slow to read
_LARGEST = 2**31 - 1  # PostgreSQL's integer


def reference_of(case: int) -> str:
    """How a case is named to people: ``G-1042``."""
    return f"G-{case}"


def case_of(reference: str) -> int | None:
    """The case behind a reference, as people type it: ``G-1042``, ``g1042`` or ``1042``."""
    return number_of(reference.strip().upper().removeprefix("G").removeprefix("-"))


def number_of(digits: str) -> int | None:
    """A case's number, or another row's, as people or a form give it; None for what no row can have."""
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < _DIGITS else 0
    return number if 0 < number <= _LARGEST else None


@dataclass(frozen=True, slots=True)
class PageExtras:
    """What the shell adds to a page when it is first written."""

    token: str
    language: str
    code: str | None


class Cases:
    connection: Connection
    is_postgres: bool
    page_ids: dict[tuple[int, str], int]  # of the pages that this transaction added
    ends: dict[int, tuple[int, str]]

    # --- cases ---

    def add_case(self, values: Mapping[str, Any]) -> int:
        """Open a case; gives its number. Numbers have no gaps: a missing one would look like a lost case."""
        if self.is_postgres:
            self.connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _REFERENCE_LOCK})
        highest = self.connection.execute(_HIGHEST_CASE).scalar()
        id = FIRST_REFERENCE if highest is None else highest + 1
        defaults = {"head": GENESIS, "entries": 0, "version": 1, "policy": []}
        complete = _defaults() | defaults | dict(values) | {"id": id}
        self.connection.execute(_ADD_CASE, complete)
        self.ends[id] = 0, GENESIS
        return id

    def case(self, id: int) -> Row[Any] | None:
        return self.connection.execute(_CASE, {"of": id}).first()

    def cases(
        self, only_open: bool = False, since: datetime | None = None, limit: int | None = None
    ) -> list[Row[Any]]:
        """Newest first."""
        query = select(CASES).order_by(CASES.c.opened_at.desc(), CASES.c.id.desc()).limit(limit)
        if only_open:
            query = query.where(CASES.c.state.in_(_LIVE))
        if since is not None:
            query = query.where(CASES.c.opened_at >= since)
        return list(self.connection.execute(query))

    def update_case(self, id: int, values: Mapping[str, Any]) -> None:
        self.connection.execute(_CHANGE_CASE, {"of": id, **values})

    def open_incidents(self, client: str | None) -> list[Row[Any]]:
        """The incidents of a client that are open or acknowledged, oldest first."""
        if client is None:
            return []
        return list(self.connection.execute(_OPEN_INCIDENTS, {"of": client}))

    def closed_incidents(self, client: str | None, since: datetime) -> list[Row[Any]]:
        """The incidents of a client closed at ``since`` or later; none disputed or attached."""
        if client is None:
            return []
        found = self.connection.execute(_CLOSED_INCIDENTS, {"of": client, "since": since})
        return [row for row in found if not row.disputed and row.attached_to is None]

    def counts(self) -> dict[str, int]:
        """How many incidents are open and how many acknowledged."""
        query = select(CASES.c.state, func.count()).where(CASES.c.state.in_(_LIVE))
        found = {
            str(state): int(count) for state, count in self.connection.execute(query.group_by(CASES.c.state))
        }
        return {"open": 0, "acknowledged": 0} | found

    def overdue_cases(self, at: datetime) -> list[int]:
        return list(self.connection.execute(_OVERDUE, {"at": at}).scalars())

    def running_promises(self) -> list[Row[Any]]:
        """The incidents of which something is owed: those that are not closed."""
        return list(self.connection.execute(_RUNNING))

    def taken_without_deadline(self) -> list[int]:
        """Incidents taken by a process of the release before this one, which asked after nobody."""
        return list(self.connection.execute(_UNHEARD).scalars())

    def held_incidents(self, person: str) -> list[Row[Any]]:
        """The incidents that this person has, newest first."""
        query = select(CASES).where(CASES.c.state == State.ACKNOWLEDGED, CASES.c.acknowledged_by == person)
        return list(
            self.connection.execute(query.order_by(CASES.c.acknowledged_at.desc(), CASES.c.id.desc()))
        )

    # --- incidents ---

    def incident(self, id: int, lock: bool = True) -> tuple[Incident, Row[Any]] | None:
        """The incident of a case as the table of its life knows it; on PostgreSQL its row is locked."""
        query = _CASE_LOCKED if lock and self.is_postgres else _CASE
        row = self.connection.execute(query, {"of": id}).first()
        if row is None or row.kind != "incident":
            return None
        if lock:
            self.ends[id] = row.entries, row.head
        return _incident(row, self.pages(id)), row

    def pages(self, case: int) -> list[Row[Any]]:
        return list(self.connection.execute(_PAGES_OF, {"of": case}))

    def save_incident(
        self, id: int, before: Incident, after: Incident, version: int, extra: Mapping[str, Any]
    ) -> bool:
        """Write what changed, guarded by the version; whether it was written. New pages are added apart."""
        values = _incident_values(after) | {"version": version + 1} | dict(extra)
        if self.connection.execute(_SAVE_INCIDENT, {"of": id, "seen": version, **values}).rowcount != 1:
            return False
        earlier = {page.key: page for page in before.pages}
        for page in after.pages:
            if page.key in earlier and page != earlier[page.key]:
                self.connection.execute(_CHANGE_PAGE, {"of": id, "named": page.key, **_page_values(page)})
        return True

    def add_page(self, case: int, page: Page, extras: PageExtras) -> None:
        values = _page_values(page) | {
            "case_id": case,
            "key": page.key,
            "person": page.person,
            "name": page.name,
            "channel": page.channel,
            "to": page.to,
            "round": page.round,
            "level": page.level,
            "phone": page.phone,
            "token": extras.token,
            "language": extras.language,
            "roster": page.roster,
            "code": extras.code,
            "sequence": -1,
        }
        self.page_ids[case, page.key] = self.connection.execute(_ADD_PAGE, values).scalar_one()

    # --- pages ---

    def page_with_token(self, token: str) -> Row[Any] | None:
        return self.connection.execute(_PAGE_WITH_TOKEN, {"of": token}).first()

    def page_with_id(self, id: int) -> Row[Any] | None:
        return self.connection.execute(_PAGE_WITH_ID, {"of": id}).first()

    def page_with_key(self, case: int, key: str) -> Row[Any] | None:
        return self.connection.execute(_PAGE_WITH_KEY, {"of": case, "named": key}).first()

    def page_id(self, case: int, key: str) -> int:
        id = self.page_ids.get((case, key))
        if id is None:
            id = self.connection.execute(_PAGE_ID, {"of": case, "named": key}).scalar_one()
        return id

    def pages_with_code(self, code: str, person: str) -> list[Row[Any]]:
        query = select(_PAGES).where(_PAGES.c.code == code, _PAGES.c.person == person)
        return list(self.connection.execute(query.order_by(_PAGES.c.id.desc())))

    def page_of_holder(self, case: int, person: str, channel: Channel) -> Row[Any] | None:
        """The latest page through this channel of who has the case: its link or its call is theirs."""
        query = select(_PAGES).where(
            _PAGES.c.case_id == case, _PAGES.c.person == person, _PAGES.c.channel == channel
        )
        return self.connection.execute(query.order_by(_PAGES.c.id.desc()).limit(1)).first()

    def talking_page(self, case: int) -> Row[Any] | None:
        """The page on whose call an engineer talks to the client now."""
        query = select(_PAGES).where(_PAGES.c.case_id == case, _PAGES.c.talks_since.is_not(None))
        return self.connection.execute(query.order_by(_PAGES.c.talks_since.desc()).limit(1)).first()

    def page_that_talks_on(self, sid: str) -> Row[Any] | None:
        """The page whose engineer talks to a client on the call with this sid."""
        query = select(_PAGES).where(_PAGES.c.talk_sid == sid, _PAGES.c.talks_since.is_not(None))
        return self.connection.execute(query).first()

    def begin_talk(self, page: int, sid: str | None, at: datetime) -> None:
        """An engineer talks to the client, on the call that this page led to."""
        values = {"talks_since": at, "talk_sid": sid}
        self.connection.execute(update(_PAGES).where(_PAGES.c.id == page).values(values))

    def end_talk(self, page: int) -> bool:
        """The engineer's conversation is over; false when it was before."""
        going_on = update(_PAGES).where(_PAGES.c.id == page, _PAGES.c.talks_since.is_not(None))
        return self.connection.execute(going_on.values(talks_since=None)).rowcount == 1

    def code_in_use(self, code: str) -> bool:
        """Whether an incident that is not closed has this code."""
        return self.connection.execute(_CODE_IN_USE, {"of": code}).first() is not None

    def code_of(self, case: int, person: str) -> str | None:
        found: str | None = self.connection.execute(_CODE_OF, {"of": case, "whose": person}).scalar()
        return found

    def known_sids(self, among: Collection[str]) -> set[str]:
        """Those of the telephone company's names that belong to a page, or a call on the side."""
        return set(self.connection.execute(_KNOWN_SIDS, {"among": tuple(among)}).scalars())

    def advance_sequence(self, page: int, sequence: int) -> bool:
        """Note a status callback's number; false when a later one was applied before."""
        newer = update(_PAGES).where(_PAGES.c.id == page, _PAGES.c.sequence < sequence)
        return self.connection.execute(newer.values(sequence=sequence)).rowcount == 1

    def next_letter(self, case: int) -> int:
        """The number of the case's next letter, counted from 1."""
        number: int = self.connection.execute(_NEXT_LETTER, {"of": case}).scalar_one()
        return number


def _defaults() -> dict[str, Any]:
    fields = CaseRow.model_fields.items()
    return {name: f.default for name, f in fields if not f.is_required() and f.default_factory is None}


def freeze(policy: Iterable[FrozenLevel]) -> list[Any]:
    """A policy as it is stored in its case."""
    return [
        {"page": level.page if isinstance(level.page, str) else list(level.page), "seconds": _seconds(level)}
        for level in policy
    ]


def _seconds(level: FrozenLevel) -> float:
    return level.lasts.total_seconds()


def _thaw(policy: Iterable[Mapping[str, Any]]) -> tuple[FrozenLevel, ...]:
    return tuple(
        FrozenLevel(
            level["page"] if isinstance(level["page"], str) else tuple(level["page"]),
            timedelta(seconds=level["seconds"]),
        )
        for level in policy
    )


def _incident(row: Row[Any], pages: Iterable[Row[Any]]) -> Incident:
    return Incident(
        policy=_thaw(row.policy),
        ring=timedelta(seconds=row.ring),
        state=State(row.state),
        round=row.round,
        level=row.level,
        is_resting=row.is_resting,
        round_began_at=row.round_began_at,
        due_at=row.level_due_at,
        holder=row.acknowledged_by,
        holder_name=row.acknowledged_by_name,
        opened_at=row.opened_at,
        heard_at=row.heard_at,
        eta=row.eta,
        ask_at=row.ask_at,
        is_doubted=row.is_doubted,
        pages=tuple(_page(p) for p in pages),
        roster=row.roster,
    )


def _incident_values(incident: Incident) -> dict[str, Any]:
    return {
        "state": incident.state,
        "round": incident.round,
        "level": incident.level,
        "is_resting": incident.is_resting,
        "round_began_at": incident.round_began_at,
        "level_due_at": incident.due_at,
        "due_at": incident.next_due,
        "acknowledged_by": incident.holder,
        "acknowledged_by_name": incident.holder_name,
        "roster": incident.roster,
        "heard_at": incident.heard_at,
        "eta": incident.eta,
        "ask_at": incident.ask_at,
        "is_doubted": incident.is_doubted,
    }


def _page(row: Row[Any]) -> Page:
    return Page(
        key=row.key,
        person=row.person,
        name=row.name,
        channel=Channel(row.channel),
        to=row.to,
        round=row.round,
        level=row.level,
        phone=row.phone,
        state=PageState(row.state),
        requested_at=row.requested_at,
        sid=row.sid,
        due_at=row.due_at,
        roster=row.roster,
    )


def _page_values(page: Page) -> dict[str, Any]:
    return {
        "state": page.state,
        "requested_at": page.requested_at,
        "sid": page.sid,
        "due_at": page.due_at,
    }
