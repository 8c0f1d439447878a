"""The written record in the database: appended to and read; nothing of it changes but what is erased."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, groupby
from json import JSONDecoder, loads
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, text, update

from oncall.record import Draft, Entry, misfits, personal_fields, seal
from oncall.records import CaseRow, EntryRow, RosterRow
from oncall.store.quick import hot
from oncall.store.tables import table

log = logging.getLogger(__name__)

_CASES = table(CaseRow)
_ENTRIES = table(EntryRow)
_ROSTERS = table(RosterRow)

_AT_ONCE = 2000  # rows, where all records are read
_decode = JSONDecoder().raw_decode

# Made once: to build and key a statement costs more than to run it, and a key pressed runs thirty.
_HEAD = hot(select(_CASES.c.entries, _CASES.c.head).where(_CASES.c.id == bindparam("of")))
_HEAD_LOCKED = _HEAD.with_for_update()
_MOVE_HEAD = hot(update(_CASES).where(_CASES.c.id == bindparam("of")))
_ADD_ENTRIES = hot(insert(_ENTRIES))
_NEWEST_ROSTER = select(_ROSTERS.c.version).order_by(_ROSTERS.c.id.desc()).limit(1)
_RECORD = hot(select(_ENTRIES).where(_ENTRIES.c.case_id == bindparam("of")).order_by(_ENTRIES.c.number))


class Entries:
    connection: Connection
    is_postgres: bool
    new_salt: Callable[[], str]
    roster_in_force: Callable[[], str | None] | None
    ends: dict[int, tuple[int, str]]  # entries and last hash of the records that are ours alone for now

    def append(self, case: int, at: datetime, drafts: Iterable[Draft]) -> None:
        """Write entries at the end of the case's record, and its new head."""
        self.append_notes(case, [(at, draft) for draft in drafts])

    def append_notes(self, case: int, notes: Sequence[tuple[datetime, Draft]]) -> None:
        """Write entries of several moments at the end of the case's record, and its new head."""
        if sealed := self.seal(case, notes):
            self.add_entries(sealed)
            self.connection.execute(_MOVE_HEAD, {"of": case} | head_after(sealed))

    def seal(self, case: int, notes: Sequence[tuple[datetime, Draft]]) -> list[Entry]:
        """What follows in the case's record; whoever asks adds it, and writes the new head."""
        if not notes:
            return []
        roster = self._roster()
        count, head = self.ends.get(case) or self._head(case)
        sealed = []
        for at, draft in notes:
            if wrong := misfits(draft):  # it is written all the same: nothing is lost for a wrong word
                log.error("an entry %s does not fit the grammar: %s", draft.kind, "; ".join(wrong))
            salts = {name: self.new_salt() for name in personal_fields(draft)}
            entry = seal(case, count + 1, at, draft, head, salts, roster)
            sealed.append(entry)
            count, head = entry.number, entry.hash
        self.ends[case] = count, head
        return sealed

    def add_entries(self, sealed: Iterable[Entry]) -> None:
        if rows := [_values(entry) for entry in sealed]:
            self.connection.execute(_ADD_ENTRIES, rows)

    def _head(self, case: int) -> tuple[int, str]:
        """On PostgreSQL the case's row is locked: nobody else appends to its record until we are through."""
        query = _HEAD_LOCKED if self.is_postgres else _HEAD
        count, head = self.connection.execute(query, {"of": case}).one()
        return count, head

    def _roster(self) -> str | None:
        """The version of the rosters this process decides by; a command that has none takes the newest."""
        if self.roster_in_force is None:
            return self.connection.execute(_NEWEST_ROSTER).scalar()
        return self.roster_in_force()

    def record(self, case: int) -> Iterator[Entry]:
        for row in self.connection.execute(_RECORD, {"of": case}):
            yield Entry(*row)

    def records(self, case: int | None = None) -> Iterator[tuple[int, Iterator[Entry | None]]]:
        """All records, or one, in the order of their cases, for whoever proves them: read at great speed.

        None stands for an entry of which a column cannot be read any more.
        """
        where, values = ("", {}) if case is None else (" WHERE case_id = :of", {"of": case})
        query = text(f"SELECT {_COLUMNS} FROM entries{where} ORDER BY case_id, number")
        rows = self.connection.execution_options(stream_results=True, max_row_buffer=_AT_ONCE).execute(
            query, values
        )
        read = _read_on_postgres if self.is_postgres else _read_on_sqlite
        for id, of in groupby(chain.from_iterable(rows.partitions(_AT_ONCE)), key=itemgetter(0)):
            yield id, (read(row) for row in of)

    def heads(self) -> dict[int, tuple[int, str, int]]:
        """What each case says of its record: how many entries, the last hash, how many under an anchor."""
        query = select(_CASES.c.id, _CASES.c.entries, _CASES.c.head, _CASES.c.anchored)
        return {row[0]: (row[1], row[2], row[3]) for row in self.connection.execute(query)}

    def has_entry(self, case: int, kind: str, actor: str, since: datetime | None) -> bool:
        """Whether ``actor`` stands in an entry of this kind, written at ``since`` or later."""
        query = select(_ENTRIES.c.number).where(
            _ENTRIES.c.case_id == case, _ENTRIES.c.kind == kind, _ENTRIES.c.actor == actor
        )
        if since is not None:
            query = query.where(_ENTRIES.c.at >= since)
        return self.connection.execute(query.limit(1)).first() is not None

    def last_entry(self, case: int, kind: str, actor: str | None = None) -> Row[Any] | None:
        """The latest entry of this kind, of those in which ``actor`` stands, or of all."""
        query = select(_ENTRIES).where(_ENTRIES.c.case_id == case, _ENTRIES.c.kind == kind)
        if actor is not None:
            query = query.where(_ENTRIES.c.actor == actor)
        return self.connection.execute(query.order_by(_ENTRIES.c.number.desc()).limit(1)).first()


# The columns of an entry, in the order of its fields.
_COLUMNS = "case_id, number, at, kind, actor, data, previous, hash, format, salts, erased, roster"


def _read_on_postgres(row: Any) -> Entry:
    return Entry(*row)


def _read_on_sqlite(row: Any) -> Entry | None:
    """Times and JSON are text there; most salts and nearly all erasures are empty."""
    case, number, at, kind, actor, data, previous, hash, format, salts, erased, roster = row
    try:
        # Nothing of ours writes an offset there: with two it cannot be read.
        moment = datetime.fromisoformat(f"{at}+00:00")
        return Entry(
            case,
            number,
            moment,
            kind,
            actor,
            _json(data),
            previous,
            hash,
            format,
            {} if salts == "{}" else _json(salts),
            {} if erased == "{}" else _json(erased),
            roster,
        )
    except (ValueError, TypeError):
        return None


def _json(content: str) -> Any:
    """As ``loads`` reads it, without looking for spaces around it: we write none."""
    value, end = _decode(content)
    return value if end == len(content) else loads(content)


def head_after(sealed: Sequence[Entry]) -> dict[str, Any]:
    """What the case says of its record once these entries are its last."""
    return {"entries": sealed[-1].number, "head": sealed[-1].hash} if sealed else {}


def _values(entry: Entry) -> dict[str, Any]:
    return {
        "case_id": entry.case,
        "number": entry.number,
        "at": entry.at,
        "kind": entry.kind,
        "actor": entry.actor,
        "data": entry.data,
        "previous": entry.previous,
        "hash": entry.hash,
        "format": entry.format,
        "salts": entry.salts,
        "erased": entry.erased,
        "roster": entry.roster,
    }
