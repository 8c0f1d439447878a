"""A case as programs and pages read it: the same facts for ``guardia case`` and for the browser."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from app.locales.entries import sentence
from oncall.book import Service
from oncall.clocks import Clock, clocks, facts_of, wait_ends
from oncall.record import Entry
from oncall.store import Work
from oncall.store.cases import reference_of


def summary(row: Row[Any]) -> dict[str, Any]:
    """The line of a case in ``guardia cases``; what is absent is None, times are UTC with Z."""
    return {
        "reference": reference_of(row.id),
        "kind": row.kind,
        "state": row.state,
        "client": row.client,
        "integration": row.integration,
        "priority": row.priority,
        "reason": row.reason,
        "opened_at": utc(row.opened_at),
        "acknowledged_by": row.acknowledged_by,
        "acknowledged_at": utc(row.acknowledged_at),
        "closed_at": utc(row.closed_at),
        "unverified": row.unverified,
        "disputed": row.disputed,
        "attached_to": reference_of(row.attached_to) if row.attached_to else None,
    }


def detail(
    work: Work, row: Row[Any], at: datetime, service: Service | None, language: str | None = None
) -> dict[str, Any]:
    """The whole of ``guardia case``: the line, the record, the pages, the clocks as they stand at ``at``.

    ``service`` has the working hours; without it the clocks are told as they were promised, without pauses.
    """
    entries = list(work.record(row.id))
    ends = wait_ends(entries)
    return summary(row) | {
        "entries": [entry_line(e, language or row.language, row.timezone) for e in entries],
        "pages": [_page(p) for p in work.pages(row.id)],
        "clocks": clocks_of(row, entries, service, at),
        "files": [_file(f) for f in work.files(row.id)],
        "waits": [_wait(w, at, ends.get(w.entry)) for w in work.waits(row.id)],
        "owed": [{"what": o.what, "person": o.person, "since": utc(o.since)} for o in work.owed(row.id)],
    }


def entry_line(entry: Entry, language: str, timezone: str) -> dict[str, Any]:
    """One entry, with its sentence in ``language``."""
    return {
        "number": entry.number,
        "at": utc(entry.at),
        "kind": entry.kind,
        "actor": entry.actor,
        "text": sentence(entry.kind, entry.data, language, timezone, entry.erased),
        "data": dict(entry.data),
        "erased": sorted(entry.erased),
        "roster": entry.roster,
        "hash": entry.hash,
    }


def lines_in_order(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines of ``entry_line`` as people read them: by their moment, those of one moment by number."""
    return sorted(lines, key=lambda line: (datetime.fromisoformat(line["at"]), line["number"]))


def utc(at: datetime | None) -> str | None:
    """ISO 8601 in UTC with Z."""
    return at.isoformat().replace("+00:00", "Z") if at else None


def _page(row: Row[Any]) -> dict[str, Any]:
    return {
        "person": row.person,
        "channel": row.channel,
        "to": row.to,
        "state": row.state,
        "requested_at": utc(row.requested_at),
        "round": row.round,
        "level": row.level + 1,
    }


def _file(row: Row[Any]) -> dict[str, Any]:
    return {
        "name": row.name,
        "media_type": row.media_type,
        "size": row.size,
        "sha256": row.digest,
        "by": row.by,
        "at": utc(row.at),
    }


def _wait(row: Row[Any], at: datetime, end: tuple[datetime, str] | None) -> dict[str, Any]:
    """``end`` is where the clocks end it: one that nobody ended yet is over then all the same."""
    ended_at, ended_by = row.ended_at, row.ended_by
    if ended_at is None and end is not None and end[0] <= at:
        ended_at, ended_by = end
    return {
        "entry": row.entry,
        "party": row.party,
        "asked": row.asked,
        "whom": row.whom,
        "channel": row.channel,
        "since": utc(row.since),
        "until": utc(row.until),
        "ended_at": utc(ended_at),
        "ended_by": ended_by,
    }


def clocks_of(
    row: Row[Any], entries: Iterable[Entry], service: Service | None, at: datetime
) -> dict[str, Any]:
    """First response and resolution, both from the call's arrival (clauses A2 and A3; docs/sla.md)."""
    if row.kind != "incident" or row.attached_to is not None:  # it is answered where it joined
        return {}
    facts = facts_of(entries, service.promises) if service else None
    if service is None or facts is None:
        return {
            "since": utc(row.opened_at),
            "first_response": _promised(row.respond_by, row.first_taken_at, at),
            "resolution": _promised(row.resolve_by, row.closed_at, at),
        }
    found = clocks(facts, service.working_hours, at)
    return {
        "since": utc(found.since),
        "paused_by": found.paused_by,
        "first_response": _clock(found.first_response),
        "resolution": _clock(found.resolution),
    }


def _clock(clock: Clock) -> dict[str, Any]:
    return {
        "due_at": utc(clock.due_at),
        "stopped_at": utc(clock.stopped_at),
        "breached": clock.breached,
        "spent": round(clock.spent, 4),
        "gross_seconds": clock.gross.total_seconds(),
        "net_seconds": clock.net.total_seconds(),
        "working": {
            "gross_seconds": clock.working_gross.total_seconds(),
            "net_seconds": clock.working_net.total_seconds(),
        },
        "pauses": {str(cause): length.total_seconds() for cause, length in clock.pauses.items()},
    }


def _promised(due: datetime | None, stopped: datetime | None, at: datetime) -> dict[str, Any]:
    late = due is not None and (stopped or at) > due
    return {"due_at": utc(due), "stopped_at": utc(stopped), "breached": late}
