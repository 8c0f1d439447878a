"""How long first response and resolution took, and when they are due: gross, net, and why not all counts.

Both run from the call's arrival (clauses A2 and A3). The *gross* time is all that passed. The *net*
time leaves out the pauses: waits on the client or on a third party it hired, and the time for which
the incident was closed before it was reopened. First response knows no pause. Overlapping pauses
count once. All of it follows from the facts, in whatever order they come; the facts from the entries.

A promise in elapsed hours is due when so much unpaused time has passed, one in working hours when so
much unpaused working time has; with both, at the earlier (a High's resolution).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from oncall.record import Entry
from oncall.sla import Priority, Promise, Promises, WorkingHours

Span = tuple[datetime, datetime]  # the start included, the end excluded

_NONE = timedelta()


class Cause(StrEnum):
    """Why the net clocks stand still. Where several hold at once, the first of these is named."""

    CLOSED = "closed"
    CLIENT = "client"
    THIRD_PARTY = "third_party"


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait on the client or a third party; it ends at ``until`` at the latest."""

    cause: Cause
    since: datetime
    until: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the clocks follow from; instants are aware. The order within a tuple means nothing."""

    arrived_at: datetime
    promises: Promises
    taken_at: tuple[datetime, ...] = ()
    closed_at: tuple[datetime, ...] = ()
    reopened_at: tuple[datetime, ...] = ()
    waits: tuple[Wait, ...] = ()
    heard_at: tuple[datetime, ...] = ()  # the client called or replied: it is waited for no longer


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock as it stands. ``spent`` is the share of what was promised: more than 1 is a breach."""

    due_at: datetime  # UTC
    stopped_at: datetime | None
    breached: bool
    gross: timedelta
    net: timedelta
    working_gross: timedelta
    working_net: timedelta
    spent: float
    pauses: Mapping[Cause, timedelta] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clocks:
    since: datetime
    first_response: Clock
    resolution: Clock
    paused_by: Cause | None = None  # the resolution clock stands still now, and why


def clocks(facts: Facts, hours: WorkingHours, at: datetime) -> Clocks:
    """Both clocks as they stand at ``at``. A pause that has not ended is taken to end then."""
    since = facts.arrived_at.astimezone(UTC)
    taken_at = min((t.astimezone(UTC) for t in facts.taken_at), default=None)
    stopped_at, closed = _closings(facts)
    end = max(stopped_at or at.astimezone(UTC), since)
    pauses = {cause: _union(spans, since, end) for cause, spans in _pauses(facts, closed).items()}
    return Clocks(
        since,
        _clock(facts.promises.first_response, since, taken_at, at, {}, hours),
        _clock(facts.promises.resolution, since, stopped_at, at, pauses, hours),
        None if stopped_at else _running(pauses, end),
    )


def facts_of(entries: Iterable[Entry], promised: Mapping[Priority, Promises]) -> Facts | None:
    """What the entries of an incident say to its clocks; None where no call is among them.

    ``promised`` stands in for what an entry of before does not tell: an
    ``opened`` entry tells what was promised when it was written.
    """
    record = sorted(entries, key=lambda entry: entry.number)
    withdrawn = {e.data.get("entry") for e in record if e.kind == "correction" and e.data.get("withdrawn")}
    calls = _instants(record, "call_arrived")
    promises = _promises(record, promised)
    if not calls or promises is None:
        return None
    arrived_at = min(calls)
    waits = [e for e in record if e.kind == "wait_started" and e.number not in withdrawn]
    ended = {e.data.get("wait"): e.at for e in reversed(record) if e.kind == "wait_ended"}
    return Facts(
        arrived_at,
        promises,
        taken_at=_instants(record, "acknowledged"),
        closed_at=_instants(record, "closed"),
        reopened_at=_instants(record, "reopened"),
        waits=tuple(_wait(e, ended.get(e.number)) for e in waits),
        heard_at=(*(c for c in calls if c != arrived_at), *_instants(record, "replied")),
    )


def wait_ends(entries: Iterable[Entry]) -> dict[int, tuple[datetime, str]]:
    """Of each wait, by the number of its entry: when the clocks end it by themselves, and by what.

    ``limit`` comes if nothing does: a ``call`` or a ``reply`` of a client that is waited for, a closing
    (``closed``). Somebody who says that it is over may end it earlier.
    """
    record = sorted(entries, key=lambda entry: entry.number)
    calls = _instants(record, "call_arrived")
    closed = [(at, "closed") for at in _instants(record, "closed")]
    heard = [(at, "call") for at in calls if at != min(calls)]
    heard += [(at, "reply") for at in _instants(record, "replied")]
    found = {}
    for entry in record:
        if entry.kind == "wait_started":
            wait = _wait(entry, None)
            ends = closed + (heard if wait.cause is Cause.CLIENT else [])
            found[entry.number] = min([(wait.until, "limit"), *(e for e in ends if e[0] > wait.since)])
    return found


def promised_lengths(promises: Promises) -> dict[str, dict[str, float | None]]:
    """What was promised, as an ``opened`` entry tells it: seconds, elapsed and working."""
    return {
        "first_response": _lengths(promises.first_response),
        "resolution": _lengths(promises.resolution),
    }


def working_time(span: Span, hours: WorkingHours) -> timedelta:
    """How much of a span falls into working hours."""
    start, end = span
    total = _NONE
    if not hours.days or end <= start:
        return total
    for opens, closes in hours.spans(start.astimezone(UTC)):
        if opens >= end:
            break
        total += min(closes, end) - opens
    return total


# --- one clock -----------------------------------------------------------------------------------


def _clock(
    promise: Promise,
    since: datetime,
    stopped_at: datetime | None,
    at: datetime,
    pauses: Mapping[Cause, Sequence[Span]],
    hours: WorkingHours,
) -> Clock:
    end = max(stopped_at or at.astimezone(UTC), since)
    standing = _union((span for spans in pauses.values() for span in spans), since, end)
    due_at = _due(promise, since, standing, hours)
    gross, working_gross = end - since, working_time((since, end), hours)
    net = gross - _total(standing)
    working_net = working_gross - sum((working_time(span, hours) for span in standing), _NONE)
    return Clock(
        due_at,
        stopped_at,
        end > due_at,
        gross,
        net,
        working_gross,
        working_net,
        _spent(promise, net, working_net),
        _by_cause(pauses),
    )


def _due(promise: Promise, since: datetime, standing: Sequence[Span], hours: WorkingHours) -> datetime:
    """The earlier of the instants at which the unpaused, and the unpaused working, time is used up."""
    dues = []
    if promise.elapsed is not None:
        dues.append(_used_up(promise.elapsed, _between(since, standing)))
    if promise.working is not None:
        if not hours.days:
            raise ValueError("working hours without a working day")
        dues.append(_used_up(promise.working, _working_between(since, standing, hours)))
    return min(dues)


def _used_up(length: timedelta, spans: Iterator[Span]) -> datetime:
    left = length
    for start, end in spans:
        if end - start >= left:
            return start + left
        left -= end - start
    raise AssertionError("time that counts never ends")


def _between(since: datetime, standing: Sequence[Span]) -> Iterator[Span]:
    """The time from ``since`` on outside the pauses; the last span has no end to speak of."""
    start = since
    for begun, ended in standing:
        if begun > start:
            yield start, begun
        start = max(start, ended)
    yield start, datetime.max.replace(tzinfo=UTC)


def _working_between(since: datetime, standing: Sequence[Span], hours: WorkingHours) -> Iterator[Span]:
    for start, end in _between(since, standing):
        for opens, closes in hours.spans(start):
            if opens >= end:
                break
            yield opens, min(closes, end)


def _spent(promise: Promise, net: timedelta, working_net: timedelta) -> float:
    legs = ((net, promise.elapsed), (working_net, promise.working))
    return max((used / length if length else 1.0 for used, length in legs if length is not None), default=0.0)


# --- pauses --------------------------------------------------------------------------------------


def _closings(facts: Facts) -> tuple[datetime | None, tuple[Span, ...]]:
    """When it was closed for good, and the spans for which it was closed before it was reopened."""
    changes = sorted(
        {(at.astimezone(UTC), False) for at in facts.closed_at}
        | {(at.astimezone(UTC), True) for at in facts.reopened_at}
    )
    closed_at: datetime | None = None
    spans = []
    for at, reopens in changes:
        if reopens and closed_at is not None:
            spans.append((closed_at, at))
            closed_at = None
        elif not reopens and closed_at is None:
            closed_at = at
    return closed_at, tuple(spans)


def _pauses(facts: Facts, closed: tuple[Span, ...]) -> dict[Cause, list[Span]]:
    pauses: dict[Cause, list[Span]] = {cause: [] for cause in Cause}
    pauses[Cause.CLOSED].extend(closed)
    for wait in facts.waits:
        pauses[wait.cause].append((wait.since.astimezone(UTC), _end_of(wait, facts).astimezone(UTC)))
    return pauses


def _end_of(wait: Wait, facts: Facts) -> datetime:
    """A wait ends when somebody says so, by itself at its limit or at a closing; on the client also
    when the client is heard."""
    heard = facts.heard_at if wait.cause is Cause.CLIENT else ()
    ends = [wait.until, *(at for at in (*facts.closed_at, *heard) if at > wait.since)]
    return min(ends if wait.ended_at is None else [*ends, wait.ended_at])


def _running(pauses: Mapping[Cause, Sequence[Span]], end: datetime) -> Cause | None:
    """Why the clock stands still at ``end``: a pause that reaches to it."""
    return next((cause for cause, spans in pauses.items() if spans and spans[-1][1] >= end), None)


def _by_cause(pauses: Mapping[Cause, Sequence[Span]]) -> dict[Cause, timedelta]:
    """How long each cause paused, an instant with several causes told of the first: they add up."""
    found: dict[Cause, timedelta] = {}
    told: list[Span] = []
    before = _NONE
    for cause in Cause:
        told = _merged([*told, *pauses.get(cause, ())])
        total = _total(told)
        found[cause] = total - before
        before = total
    return found


def _union(spans: Iterable[Span], since: datetime, end: datetime) -> list[Span]:
    """The spans without overlaps, in order, as far as they lie between ``since`` and ``end``."""
    return _merged([(max(a, since), min(b, end)) for a, b in spans])


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _total(spans: Iterable[Span]) -> timedelta:
    return sum((end - start for start, end in spans), _NONE)


# --- from entries --------------------------------------------------------------------------------


def _instants(entries: Iterable[Entry], kind: str) -> tuple[datetime, ...]:
    return tuple(entry.at for entry in entries if entry.kind == kind)


def _wait(entry: Entry, ended_at: datetime | None) -> Wait:
    since = _moment(entry.data.get("since")) or entry.at
    until = _moment(entry.data.get("until")) or since
    return Wait(Cause(entry.data.get("party") or Cause.CLIENT), since, until, ended_at)


def _promises(entries: Sequence[Entry], promised: Mapping[Priority, Promises]) -> Promises | None:
    """What was promised: as the opening tells, else for the priority; none given, a Blocker's."""
    opened = next((e.data for e in entries if e.kind == "opened"), None)
    if opened is not None and opened.get("promised"):
        told = opened["promised"]
        return Promises(_promise(told["first_response"]), _promise(told["resolution"]))
    if opened is None:  # a refusal that was disputed
        opened = next((e.data for e in entries if e.kind == "priority_chosen"), {})
    return promised.get(Priority(opened.get("priority") or Priority.BLOCKER))


def _promise(told: Mapping[str, Any]) -> Promise:
    return replace(Promise(), **{leg: timedelta(seconds=s) for leg, s in told.items() if s is not None})


def _lengths(promise: Promise) -> dict[str, float | None]:
    return {"elapsed": _seconds(promise.elapsed), "working": _seconds(promise.working)}


def _seconds(length: timedelta | None) -> float | None:
    return length.total_seconds() if length is not None else None


def _moment(written: Any) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
