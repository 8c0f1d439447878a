"""How many entries a second ``guardia verify`` proves: each is read from SQLite, and hashed anew.

Seconds are those of the processor: nothing here waits for anything but the file. The records are
like those of calls that were played: names, numbers and mails under salts, and an anchor over all.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from sqlalchemy import insert

from app import migrations
from app.cli.record import check_all
from bench.harness import Progress, Result
from oncall.record import GENESIS, Draft, personal_fields, seal
from oncall.records import CaseRow, EntryRow
from oncall.store import Store, engine_for
from oncall.store.tables import table

CASES = 4000
RUNS = 3
TARGET = 50_000.0  # entries a second

_COLUMNS = (
    *("number", "at", "kind", "actor", "data", "previous", "hash"),
    *("format", "salts", "erased", "roster"),
)
_ROSTER = "9f2c41d07b3e"
_AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
_PHONE = {"person": "ana", "name": "Ana Paz", "to": "+5491155550101"}
_STORY = (
    Draft("call_arrived", {"line": "+541152630001", "caller": "+5491155550201", "withheld": False}, "caller"),
    Draft("caller_identified", {"contact": "Marta Ruiz", "how": "number"}),
    Draft("integration_chosen", {"integration": "crm", "name": "CRM Salesforce"}, "caller"),
    Draft("priority_chosen", {"priority": "blocker"}, "caller"),
    Draft("opened", {"priority": "blocker", "integration": "CRM Salesforce", "unverified": False}),
    Draft("level_began", {"round": 1, "level": 1, "people": ["Ana Paz"], "rotation": "primary"}),
    Draft("page_requested", {**_PHONE, "channel": "call"}),
    Draft("page_requested", {**_PHONE, "channel": "sms"}),
    Draft("mailed", {"template": "opened", "to": ["marta@acme.example"]}),
    Draft("page_ringing", _PHONE),
    Draft("page_answered", _PHONE),
    Draft("problem_described", {"seconds": 6}, "caller"),
    Draft("acknowledged", {"person": "ana", "name": "Ana Paz", "by": "key", "seconds": 39}, "ana"),
    Draft("connected", {"person": "ana", "name": "Ana Paz"}),
    Draft("mailed", {"template": "taken", "to": ["marta@acme.example"]}),
    Draft("conversation_ended", {}, "ana"),
    Draft("disposition", {"person": "ana", "name": "Ana Paz", "answer": "solved"}, "ana"),
    Draft("closed", {"how": "solved"}, "ana"),
    Draft("mailed", {"template": "closed", "to": ["marta@acme.example"]}),
    Draft("mailed", {"template": "closed", "to": ["lucia@aivo.example"]}),
)


def run(progress: Progress) -> list[Result]:
    with TemporaryDirectory() as folder:
        store = Store(engine_for(f"sqlite:///{Path(folder) / 'guardia.db'}"))
        migrations.upgrade(store.engine)
        _fill(store)
        seconds = []
        for done in range(RUNS):
            progress((done + 1) / (RUNS + 1))
            began = process_time()
            with store.reading(snapshot=True) as work:
                count, broken = check_all(work)
            seconds.append(process_time() - began)
            assert (count, broken) == (CASES, None)
        store.engine.dispose()
    rate = CASES * len(_STORY) / min(seconds)
    return [Result("entries proven, on one core", "1/s", rate, TARGET, higher_is_better=True)]


def _fill(store: Store) -> None:
    with store.writing() as work:
        closed = {"kind": "incident", "state": "closed", "opened_at": _AT, "closed_at": _AT}
        for number in range(1, CASES + 1):
            rows = list(_rows(number))
            case = closed | {"id": number, "head": rows[-1]["hash"], "entries": len(rows), "policy": []}
            work.connection.execute(insert(table(CaseRow)).values(_complete(case)))
            work.connection.execute(insert(table(EntryRow)), rows)
        after: int | None = 0
        while after is not None:
            _, after = work.anchor("2026-11-23", _AT, after)


def _complete(case: dict[str, object]) -> dict[str, object]:
    fields = CaseRow.model_fields.items()
    return {name: f.default for name, f in fields if not f.is_required()} | case


def _rows(case: int) -> Iterator[dict[str, object]]:
    head = GENESIS
    for number, draft in enumerate(_STORY, start=1):
        salts = dict.fromkeys(personal_fields(draft), f"{case * 100 + number:032x}")
        entry = seal(case, number, _AT + timedelta(seconds=number), draft, head, salts, _ROSTER)
        head = entry.hash
        yield {"case_id": case} | {name: getattr(entry, name) for name in _COLUMNS}
