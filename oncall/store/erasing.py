"""Names and numbers leave the database: the records, by an entry that says so, and all around them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from oncall.record import Draft, Entry, erased
from oncall.record.chain import FIRST_FORMAT
from oncall.record.erasure import Words, fields_to_erase, mentions, without
from oncall.records import (
    CallRow,
    CaseRow,
    DrillRow,
    EntryRow,
    FileRow,
    OrderRow,
    OwedRow,
    PageRow,
    RecordingRow,
    SideCallRow,
    WaitRow,
)
from oncall.store.entries import Entries
from oncall.store.tables import table

_CASES, _ENTRIES, _PAGES = table(CaseRow), table(EntryRow), table(PageRow)
_CALLS, _ORDERS, _FILES = table(CallRow), table(OrderRow), table(FileRow)
_WAITS, _OWED, _DRILLS, _SOUNDS = table(WaitRow), table(OwedRow), table(DrillRow), table(RecordingRow)
_SIDE_CALLS = table(SideCallRow)


class Erasing(Entries):
    connection: Connection

    def cases_mentioning(self, words: Words, only: int | None = None) -> list[int]:
        """The cases in whose record one of the words can be erased: every record is read, or one."""
        return [
            case
            for case, entries in self.records(only)
            if any(entry is not None and fields_to_erase(entry, words) for entry in entries)
        ]

    def cases_to_forget(self, before: datetime, limit: int) -> list[int]:
        """The cases closed before this whose personal data are still there, and that nothing holds."""
        query = select(_CASES.c.id).where(
            _CASES.c.closed_at < before, _CASES.c.forgotten_at.is_(None), _CASES.c.held.is_(None)
        )
        return list(self.connection.execute(query.order_by(_CASES.c.closed_at).limit(limit)).scalars())

    def erase(self, case: int, words: Words, ground: str, at: datetime) -> int:
        """Erase what mentions one of the words, or all that is personal, and write that it was.

        Gives how many entries lost something. The case is closed, and nothing holds it.
        """
        changed = [
            erased(entry, names) for entry in self.record(case) if (names := fields_to_erase(entry, words))
        ]
        for entry in changed:
            self._empty_entry(entry)
        if changed:
            self.append(case, at, (_erasure(changed, ground),))
        row = self.connection.execute(select(_CASES).where(_CASES.c.id == case)).one()
        is_of_caller = mentions([row.caller, row.contact], words)
        self._empty(_CASES, _CASES.c.id == case, ("caller", "contact", "acknowledged_by_name"), words)
        self._empty(_PAGES, _PAGES.c.case_id == case, ("name", "to"), words)
        self._empty(_SIDE_CALLS, _SIDE_CALLS.c.case_id == case, ("name", "to"), words)
        self._empty(_CALLS, _CALLS.c.case_id == case, ("caller", "state", "notes"), words)
        self._rename_files(case, words)
        self._empty(_WAITS, _WAITS.c.case_id == case, ("asked", "whom"), words)
        self._empty(_OWED, _OWED.c.case_id == case, ("name",), words)
        # What still waits to leave needs its addresses; it leaves or expires within a day.
        left = (_ORDERS.c.case_id == case) & (_ORDERS.c.state != "waiting")
        self._empty(_ORDERS, left, ("payload",), words)
        # The sounds are the voice of whoever called: the worker removes them soon.
        values: dict[str, Any] = {"sounds_end": True} if is_of_caller or words is None else {}
        values |= {"forgotten_at": at} if words is None else {}
        if values:
            self.connection.execute(update(_CASES).where(_CASES.c.id == case).values(values))
        return len(changed)

    def erase_outside_cases(self, words: Words) -> int:
        """The same in calls, letters and texts of no case, and in drills; gives how many lost something."""
        calls = self._empty(_CALLS, _CALLS.c.case_id.is_(None), ("caller", "state", "notes"), words)
        left = _ORDERS.c.case_id.is_(None) & (_ORDERS.c.state != "waiting")
        orders = self._empty(_ORDERS, left, ("payload",), words)
        return calls + orders + self._empty(_DRILLS, _DRILLS.c.id.is_not(None), ("name", "to"), words)

    def is_on_shelf_for_other_cases(self, digest: str, case: int) -> bool:
        """Whether a file of another case, or a recording, is the same content: then it stays."""
        files = select(_FILES.c.id).where(_FILES.c.digest == digest, _FILES.c.case_id != case)
        sounds = select(_SOUNDS.c.sid).where(_SOUNDS.c.digest == digest, _SOUNDS.c.gone.is_(None))
        return any(self.connection.execute(query.limit(1)).first() for query in (files, sounds))

    def remove_files(self, case: int, digest: str | None = None) -> None:
        """Forget what files a case had, or one of them; their entries, with the hashes, stay."""
        removing = delete(_FILES).where(_FILES.c.case_id == case)
        if digest is not None:
            removing = removing.where(_FILES.c.digest == digest)
        self.connection.execute(removing)

    def hold(self, case: int, why: str | None, at: datetime) -> None:
        """Keep the case from being erased, or, with None, no longer."""
        self.connection.execute(update(_CASES).where(_CASES.c.id == case).values(held=why))
        draft = Draft("hold_set", {"why": why}) if why else Draft("hold_released")
        self.append(case, at, (draft,))

    def _empty_entry(self, entry: Entry) -> None:
        of = (_ENTRIES.c.case_id == entry.case, _ENTRIES.c.number == entry.number)
        values = {"data": entry.data, "salts": entry.salts, "erased": entry.erased}
        self.connection.execute(update(_ENTRIES).where(*of).values(values))

    def _rename_files(self, case: int, words: Words) -> None:
        for file in self.connection.execute(select(_FILES).where(_FILES.c.case_id == case)).all():
            if mentions(file.name, words):  # two files may be the same but for their names
                named = update(_FILES).where(_FILES.c.id == file.id).values(name=str(file.id))
                self.connection.execute(named)

    def _empty(self, of: Any, where: Any, columns: Sequence[str], words: Words) -> int:
        """Empty what mentions a word in these columns; an empty text stands where none may be missing."""
        keys, count = list(of.primary_key), 0
        for row in self.connection.execute(select(of).where(where)).all():
            changed = {
                name: _emptied(of, name, value, words)
                for name in columns
                if mentions(value := getattr(row, name), words)
            }
            if changed:
                same = [column == getattr(row, column.name) for column in keys]
                self.connection.execute(update(of).where(*same).values(changed))
                count += 1
        return count


def _emptied(of: Any, name: str, value: Any, words: Words) -> Any:
    if isinstance(value, dict):
        return without(value, words) if words is not None else {}
    if isinstance(value, list):
        return without(value, words) if words is not None else []
    return None if of.c[name].nullable else ""


def _erasure(changed: Iterable[Entry], ground: str) -> Draft:
    fields = {str(entry.number): sorted(entry.erased) for entry in changed}
    rests = {str(e.number): e.rest_hash() for e in changed if e.format == FIRST_FORMAT}
    data = {"fields": fields, "count": len(fields), "ground": ground}
    return Draft("erased", data | ({"rests": rests} if rests else {}))
