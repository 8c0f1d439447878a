"""The cases, their pages and their records."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, text, update

from oncall.escalation import Channel, FrozenLevel, Incident, Page, PageState, State
from oncall.record import GENESIS, Draft, Entry, seal
from oncall.records import CaseRow, EntryRow, PageRow
from oncall.store.tables import table

CASES = table(CaseRow)
_PAGES = table(PageRow)
_ENTRIES = table(EntryRow)

FIRST_REFERENCE = 1001
# Any fixed number: it only has to be the same in every process.
_REFERENCE_LOCK = 0x67_75_61_72


def reference_of(case: int) -> str:
    """How a case is named to people: ``G-1042``."""
    return f"G-{case}"


def case_of(reference: str) -> int | None:
    """The case behind a reference, as people type it: ``G-1042``, ``g1042`` or ``1042``."""
    digits = reference.strip().upper().removeprefix("G").removeprefix("-")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None


@dataclass(frozen=True, slots=True)
class PageExtras:
    """What the shell adds to a page when it is first written."""

    token: str
    language: str
    code: str | None


class Cases:
    connection: Connection
    is_postgres: bool

    # --- cases ---

    def add_case(self, values: Mapping[str, Any]) -> int:
        """Open a case; gives its number. Numbers have no gaps: a missing one would look like a lost case."""
        if self.is_postgres:
            self.connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _REFERENCE_LOCK})
        highest = self.connection.execute(select(func.max(CASES.c.id))).scalar()
        id = FIRST_REFERENCE if highest is None else highest + 1
        defaults = {"head": GENESIS, "entries": 0, "version": 1, "policy": []}
        complete = _defaults() | defaults | dict(values) | {"id": id}
        self.connection.execute(insert(CASES).values(**complete))
        return id

    def case(self, id: int) -> Row[Any] | None:
        return self.connection.execute(select(CASES).where(CASES.c.id == id)).first()

    def cases(
        self, only_open: bool = False, since: datetime | None = None, limit: int | None = None
    ) -> list[Row[Any]]:
        """Newest first."""
        query = select(CASES).order_by(CASES.c.opened_at.desc(), CASES.c.id.desc()).limit(limit)
        if only_open:
            query = query.where(CASES.c.state != State.CLOSED)
        if since is not None:
            query = query.where(CASES.c.opened_at >= since)
        return list(self.connection.execute(query))

    def update_case(self, id: int, values: Mapping[str, Any]) -> None:
        self.connection.execute(update(CASES).where(CASES.c.id == id).values(**values))

    def open_incidents(self, client: str | None) -> list[Row[Any]]:
        """The incidents of a client that are open or acknowledged, oldest first."""
        if client is None:
            return []
        query = (
            select(CASES)
            .where(CASES.c.client == client, CASES.c.kind == "incident", CASES.c.state != State.CLOSED)
            .order_by(CASES.c.id)
        )
        return list(self.connection.execute(query))

    def counts(self) -> dict[str, int]:
        """How many incidents are open and how many acknowledged."""
        query = select(CASES.c.state, func.count()).where(CASES.c.state != State.CLOSED)
        found = {
            str(state): int(count) for state, count in self.connection.execute(query.group_by(CASES.c.state))
        }
        return {"open": 0, "acknowledged": 0} | found

    def overdue_cases(self, at: datetime) -> list[int]:
        query = select(CASES.c.id).where(CASES.c.due_at <= at).order_by(CASES.c.due_at).limit(50)
        return list(self.connection.execute(query).scalars())

    def next_case_due(self) -> datetime | None:
        query = select(CASES.c.due_at).where(CASES.c.due_at.is_not(None)).order_by(CASES.c.due_at).limit(1)
        return self.connection.execute(query).scalar()

    # --- incidents ---

    def incident(self, id: int, lock: bool = True) -> tuple[Incident, Row[Any]] | None:
        """The incident of a case as the table of its life knows it; on PostgreSQL its row is locked."""
        query = select(CASES).where(CASES.c.id == id)
        if lock and self.is_postgres:
            query = query.with_for_update()
        row = self.connection.execute(query).first()
        if row is None or row.kind != "incident":
            return None
        return _incident(row, self.pages(id)), row

    def pages(self, case: int) -> list[Row[Any]]:
        query = select(_PAGES).where(_PAGES.c.case_id == case).order_by(_PAGES.c.id)
        return list(self.connection.execute(query))

    def save_incident(
        self, id: int, before: Incident, after: Incident, version: int, extra: Mapping[str, Any]
    ) -> bool:
        """Write what changed, guarded by the version; whether it was written. New pages are added apart."""
        values = _incident_values(after) | {"version": version + 1} | dict(extra)
        guarded = update(CASES).where(CASES.c.id == id, CASES.c.version == version)
        if self.connection.execute(guarded.values(**values)).rowcount != 1:
            return False
        earlier = {page.key: page for page in before.pages}
        for page in after.pages:
            if page.key in earlier and page != earlier[page.key]:
                changed = update(_PAGES).where(_PAGES.c.case_id == id, _PAGES.c.key == page.key)
                self.connection.execute(changed.values(**_page_values(page)))
        return True

    def add_page(self, case: int, page: Page, extras: PageExtras) -> int:
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
        result = self.connection.execute(insert(_PAGES).values(**values).returning(_PAGES.c.id))
        id: int = result.scalar_one()
        return id

    # --- pages ---

    def page_with_token(self, token: str) -> Row[Any] | None:
        return self.connection.execute(select(_PAGES).where(_PAGES.c.token == token)).first()

    def page_with_id(self, id: int) -> Row[Any] | None:
        return self.connection.execute(select(_PAGES).where(_PAGES.c.id == id)).first()

    def page_with_key(self, case: int, key: str) -> Row[Any] | None:
        return self.connection.execute(
            select(_PAGES).where(_PAGES.c.case_id == case, _PAGES.c.key == key)
        ).first()

    def pages_with_code(self, code: str, person: str) -> list[Row[Any]]:
        query = select(_PAGES).where(_PAGES.c.code == code, _PAGES.c.person == person)
        return list(self.connection.execute(query.order_by(_PAGES.c.id.desc())))

    def code_in_use(self, code: str) -> bool:
        """Whether an incident that is not closed has this code."""
        query = (
            select(_PAGES.c.id)
            .join(CASES, CASES.c.id == _PAGES.c.case_id)
            .where(_PAGES.c.code == code, CASES.c.state != State.CLOSED)
        )
        return self.connection.execute(query.limit(1)).first() is not None

    def code_of(self, case: int, person: str) -> str | None:
        query = select(_PAGES.c.code).where(
            _PAGES.c.case_id == case, _PAGES.c.person == person, _PAGES.c.code.is_not(None)
        )
        found: str | None = self.connection.execute(query.limit(1)).scalar()
        return found

    def known_sids(self, to: str) -> set[str]:
        query = select(_PAGES.c.sid).where(_PAGES.c.to == to, _PAGES.c.sid.is_not(None))
        return set(self.connection.execute(query).scalars())

    def advance_sequence(self, page: int, sequence: int) -> bool:
        """Note a status callback's number; false when a later one was applied before."""
        newer = update(_PAGES).where(_PAGES.c.id == page, _PAGES.c.sequence < sequence)
        return self.connection.execute(newer.values(sequence=sequence)).rowcount == 1

    # --- the record ---

    def append(self, case: int, at: datetime, drafts: Iterable[Draft]) -> None:
        """Write entries at the end of the case's record, and its new head."""
        drafts = tuple(drafts)
        if not drafts:
            return
        query = select(CASES.c.entries, CASES.c.head).where(CASES.c.id == case)
        if self.is_postgres:
            query = query.with_for_update()
        count, head = self.connection.execute(query).one()
        rows = []
        for draft in drafts:
            entry = seal(case, count + 1, at, draft, head)
            rows.append(_entry_values(entry))
            count, head = entry.number, entry.hash
        self.connection.execute(insert(_ENTRIES), rows)
        self.connection.execute(update(CASES).where(CASES.c.id == case).values(entries=count, head=head))

    def record(self, case: int) -> Iterator[Entry]:
        query = select(_ENTRIES).where(_ENTRIES.c.case_id == case).order_by(_ENTRIES.c.number)
        for row in self.connection.execute(query):
            yield Entry(
                row.case_id, row.number, row.at, row.kind, row.actor, row.data, row.previous, row.hash
            )

    def entry_cases(self) -> set[int]:
        """The cases that entries claim to belong to; a case without its row was tampered with."""
        return set(self.connection.execute(select(_ENTRIES.c.case_id).distinct()).scalars())

    def next_letter(self, case: int) -> int:
        """The number of the case's next letter, counted from 1."""
        counted = update(CASES).where(CASES.c.id == case).values(letters=CASES.c.letters + 1)
        number: int = self.connection.execute(counted.returning(CASES.c.letters)).scalar_one()
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


def _entry_values(entry: Entry) -> dict[str, Any]:
    return {
        "case_id": entry.case,
        "number": entry.number,
        "at": entry.at,
        "kind": entry.kind,
        "actor": entry.actor,
        "data": dict(entry.data),
        "previous": entry.previous,
        "hash": entry.hash,
    }
