"""What is allowed and yet worth knowing: each remark has its place in the file, a code and a sentence."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import combinations, pairwise
from zoneinfo import ZoneInfo

from app.rosterbook.findings import Code
from app.rosterbook.source import Steps
from oncall.contracts import Client
from oncall.drills import lapsed
from oncall.people import Person
from oncall.rosters import Kind, Level, Override, Reason, Shift, Team, on_call, shifts, timeline, to_instant

Told = tuple[Steps, Code, str]  # where in the team's file, code, sentence
People = Mapping[str, Person]
Span = tuple[datetime, datetime, frozenset[str]]  # from, to, who
Line = list[Span]

LEAST_REST = timedelta(hours=10)
_A_YEAR = timedelta(days=366)


def of_team(team: Team, people: People, start: datetime, end: datetime) -> Iterator[Told]:
    yield from _overlaps(team, start)
    yield from _overrides(team, people, start)
    yield from _substitutes(team, people, start, end)
    yield from _away_by_name(team, people, start, end)
    yield from _same_people(team, people, start, end)
    yield from _short_rests(team, people, start, end)
    paged = {level.page for level in team.escalation}
    for name in team.rotations:
        if team.escalation and name not in paged:
            yield (
                ("rotations", name),
                Code.ROTATION_UNUSED,
                f"no level pages `{name}`: add it to `escalation`",
            )


def of_clients(
    clients: Mapping[str, Client], start: datetime, end: datetime
) -> Iterator[tuple[str, Steps, Code, str]]:
    """Client, place, code and sentence of what ends between two instants."""
    for client in clients.values():
        contract = client.contract
        zone = ZoneInfo(contract.timezone)
        first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
        if contract.ends is not None and first <= contract.ends <= last:
            message = f"the contract of {client.name} ends on {contract.ends}: renew it, or tell the client"
            yield client.id, ("contract", "to"), Code.CONTRACT_ENDS, message
        for i, span in enumerate(contract.suspensions):
            if span.since <= last and (span.until or date.max) >= first:
                message = f"the contract of {client.name} is suspended from {span.since}"
                yield client.id, ("contract", "suspended", i), Code.CONTRACT_SUSPENDED, message


def of_drills(
    team: Team, people: People, passed: Mapping[str, datetime], at: datetime
) -> Iterator[tuple[str, Code, str]]:
    """Person, code and sentence for each who has not passed a drill for longer than one counts."""
    zone = ZoneInfo(team.timezone)
    for person in lapsed(team, people, passed, at):
        last = passed.get(person.id)
        since = f"since {last.astimezone(zone):%Y-%m-%d}" if last else "yet"
        message = f"{person.name} has not passed a drill {since}: `guardia drill --person {person.id}`"
        yield person.id, Code.DRILL_LAPSED, message


def _overlaps(team: Team, start: datetime) -> Iterator[Told]:
    current = [(i, o) for i, o in enumerate(team.overrides) if o.end > start and o.start < o.end]
    for (i, one), (j, other) in combinations(current, 2):
        together = one.start < other.end and other.start < one.end and one.rotation == other.rotation
        if together and _touch(one, other):
            later = max(one.start, other.start)
            message = (
                f"overlaps override {i + 1} of `{one.rotation}` from {_local(later, team)}: "
                "let one end where the other begins"
            )
            yield ("overrides", j), Code.OVERRIDE_OVERLAP, message


def _touch(one: Override, other: Override) -> bool:
    """Whether two overrides at the same time may get in each other's way."""
    if Kind.ADD in (one.kind, other.kind):
        return one.person == other.person
    named = {one.instead_of, other.instead_of}
    return None in named or len(named) == 1 or Kind.COVER in (one.kind, other.kind)


def _overrides(team: Team, people: People, start: datetime) -> Iterator[Told]:
    for i, override in enumerate(team.overrides):
        begin, finish = max(override.start, start), min(override.end, max(override.start, start) + _A_YEAR)
        if override.rotation not in team.rotations or finish <= begin:
            continue
        without = replace(team, overrides=team.overrides[:i] + team.overrides[i + 1 :])
        if _line(team, override.rotation, begin, finish, people) == _line(
            without, override.rotation, begin, finish, people
        ):
            message = "this override changes nothing: check its rotation, its people and its times"
            yield ("overrides", i), Code.OVERRIDE_WITHOUT_EFFECT, message
        person = people.get(override.person or "")
        for since, until in _absences(person, team) if person else ():
            if since < finish and begin < until:
                message = f"{override.person} is away from {_local(since, team)} to {_local(until, team)}"
                yield ("overrides", i, "person"), Code.OVERRIDE_AWAY, message + ": name somebody else"


def _line(team: Team, rotation: str, start: datetime, end: datetime, people: People) -> Line:
    """Who is on call when, less why, joined where nothing changes."""
    joined: Line = []
    for begin, finish, holders in timeline(team, rotation, start, end, people):
        who = frozenset(h.person for h in holders)
        if joined and joined[-1][1] == begin and joined[-1][2] == who:
            joined[-1] = (joined[-1][0], finish, who)
        elif who:
            joined.append((begin, finish, who))
    return joined


def _substitutes(team: Team, people: People, start: datetime, end: datetime) -> Iterator[Told]:
    nobody_away = {id: replace(person, away=()) for id, person in people.items()}
    for name in team.rotations:
        found: dict[tuple[str, str], list[Shift]] = defaultdict(list)
        for row in shifts(team, name, start, end, people):
            if row.reason is Reason.SUBSTITUTE:
                planned = on_call(team, name, row.start, nobody_away)
                present = on_call(team, name, row.start, people)
                away = ", ".join(p for p in planned if p not in present) or "somebody"
                found[away, row.person].append(row)
        for (away, substitute), rows in found.items():
            span = f"from {_local(rows[0].start, team)} to {_local(rows[0].end, team)}{_more(rows)}"
            message = f"{away} is away on their turn of `{name}` {span}: {substitute} stands in"
            yield ("rotations", name), Code.AWAY_ON_TURN, message


def _away_by_name(team: Team, people: People, start: datetime, end: datetime) -> Iterator[Told]:
    for i, level in enumerate(team.escalation):
        for id in level.page if isinstance(level.page, tuple) else ():
            for since, until in _absences(people[id], team) if id in people else ():
                if since < end and start < until:
                    span = f"from {_local(since, team)} to {_local(until, team)}"
                    message = f"{id} is away {span} and is paged all the same: name somebody else besides"
                    yield ("escalation", i, "page"), Code.AWAY_ON_LEVEL, message


def _same_people(team: Team, people: People, start: datetime, end: datetime) -> Iterator[Told]:
    lines = [_level_line(team, level, start, end, people) for level in team.escalation]
    for (i, one), (j, other) in combinations(enumerate(lines), 2):
        if team.escalation[i].page == team.escalation[j].page:
            message = f"levels {i + 1} and {j + 1} page the same: name different people"
            yield ("escalation", j, "page"), Code.SAME_PERSON, message
            continue
        shared = list(_shared(one, other))
        if shared:
            begin, finish, who = shared[0]
            message = (
                f"levels {i + 1} and {j + 1} are both {', '.join(sorted(who))} from {_local(begin, team)} "
                f"to {_local(finish, team)}{_more(shared)}: the second page reaches nobody new"
            )
            yield ("escalation", j, "page"), Code.SAME_PERSON, message


def _level_line(team: Team, level: Level, start: datetime, end: datetime, people: People) -> Line:
    if isinstance(level.page, tuple):
        return [(start, end, frozenset(level.page))]
    return _line(team, level.page, start, end, people)


def _shared(
    one: Line,
    other: Line,
) -> Iterator[Span]:
    """Spans in which two levels have people in common; both lines are sorted and disjoint."""
    i = j = 0
    while i < len(one) and j < len(other):
        begin, finish = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        who = one[i][2] & other[j][2]
        if begin < finish and who:
            yield begin, finish, who
        if one[i][1] <= other[j][1]:
            i += 1
        else:
            j += 1


def _short_rests(team: Team, people: People, start: datetime, end: datetime) -> Iterator[Told]:
    for name in team.rotations:
        short: dict[str, list[tuple[datetime, timedelta]]] = defaultdict(list)
        for person, spans in _turns(team, name, start, end, people).items():
            for (_, finish), (begin, _) in pairwise(sorted(spans)):
                if timedelta() < begin - finish < LEAST_REST:
                    short[person].append((finish, begin - finish))
        for person, rests in short.items():
            at, rest = rests[0]
            message = (
                f"{person} rests only {rest} between turns of `{name}` from {_local(at, team)}{_more(rests)}"
            )
            yield ("rotations", name), Code.SHORT_REST, message + ": let turns be longer, or add people"


def _turns(
    team: Team, rotation: str, start: datetime, end: datetime, people: People
) -> Mapping[str, list[tuple[datetime, datetime]]]:
    """Each person's turns from the first to the last moment of duty in them."""
    spans: dict[tuple[str, tuple[int, int]], tuple[datetime, datetime]] = {}
    for begin, finish, holders in timeline(team, rotation, start, end, people):
        for holder in holders:
            key = (holder.person, holder.source)
            spans[key] = (spans[key][0] if key in spans else begin, finish)
    by_person: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for (person, _), span in spans.items():
        by_person[person].append(span)
    return by_person


def _absences(person: Person, team: Team) -> list[tuple[datetime, datetime]]:
    zone = ZoneInfo(team.timezone)
    return [(to_instant(a.start, zone), to_instant(a.end, zone)) for a in person.away]


def _more(found: Sequence[object]) -> str:
    """How often more than once, for a sentence that tells the first time."""
    times = len(found) - 1
    return "" if times == 0 else ", and once more" if times == 1 else f", and {times} times more"


def _local(at: datetime, team: Team) -> str:
    return f"{at.astimezone(ZoneInfo(team.timezone)):%a %Y-%m-%d %H:%M}"
