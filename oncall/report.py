"""The service report: what became of a month's calls, client by client and in all.

Figures follow from plain facts and from nothing else; ``docs/report.md`` says what each of
them means, to the letter. A case belongs to the month in which its call arrived, with all
that happened to it since, so that the figures of a month are final once its cases are closed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from oncall.sla import Priority

NIGHT = frozenset({22, 23, 0, 1, 2, 3, 4, 5, 6})  # hours of the local clock
NO_PRIORITY = "none"  # of an incident whose caller gave none
# A High beside a Blocker; then what was refused and disputed; then what nobody asked or answered.
PRIORITIES = (*(str(priority) for priority in Priority), NO_PRIORITY)


class Kept(StrEnum):
    """How a promise stands."""

    MET = "met"  # the clock stopped in time
    BREACHED = "breached"  # it stopped too late, or still runs and is late
    RUNNING = "running"  # it still runs, in time
    UNPROMISED = "unpromised"  # nothing was promised: the contract or the priority was not known


@dataclass(frozen=True, slots=True)
class Timed:
    """One clock of an incident: how the promise stands; its times, once it stopped, in seconds."""

    kept: Kept
    gross: float | None = None
    net: float | None = None


@dataclass(frozen=True, slots=True)
class PageFact:
    """A page that left: whom it was for, and the hour of the local clock at which it was asked for."""

    person: str
    name: str
    is_call: bool
    hour: int
    was_taken: bool


@dataclass(frozen=True, slots=True)
class CaseFact:
    """What the report needs to know of a case."""

    client: str | None
    name: str  # of the client
    kind: str  # incident, refusal, abandoned, attached
    priority: str | None = None
    reason: str | None = None  # for which it was refused, whatever came after
    is_open: bool = False
    unverified: bool = False
    disputed: bool = False
    verdict: str | None = None  # who was right: client, guard
    taken_by: str | None = None  # the first human act that took it: key, text, link
    response: Timed | None = None
    resolution: Timed | None = None
    pauses: Mapping[str, float] = field(default_factory=dict)  # seconds for each cause
    rounds: int = 0  # that nobody answered
    pages: tuple[PageFact, ...] = ()


@dataclass(frozen=True, slots=True)
class Times:
    """Of clocks that stopped, in seconds; None where none did."""

    median: float | None
    worst: float | None


@dataclass(frozen=True, slots=True)
class Promised:
    """How often a promise was kept, and how long it took."""

    met: int
    breached: int
    running: int
    unpromised: int
    gross: Times
    net: Times

    @property
    def share_met(self) -> float | None:
        """Of those that are decided, 0 to 1; None while none is."""
        decided = self.met + self.breached
        return self.met / decided if decided else None


@dataclass(frozen=True, slots=True)
class Pause:
    """What one cause kept from counting: in how many incidents, and for how many seconds in all."""

    incidents: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Refused:
    """Calls refused for one reason, and how many of them were disputed."""

    calls: int
    disputed: int


@dataclass(frozen=True, slots=True)
class Disputes:
    """How the disputes of the month were judged by managers."""

    client_right: int = 0
    guard_right: int = 0
    not_judged: int = 0

    @property
    def all(self) -> int:
        return self.client_right + self.guard_right + self.not_judged


@dataclass(frozen=True, slots=True)
class Paged:
    """How often one person was paged: by hour of the local clock, by call and by text; what they took."""

    person: str
    name: str
    hours: tuple[int, ...]  # 24 counts
    calls: int
    texts: int
    taken: int

    @property
    def all(self) -> int:
        return self.calls + self.texts

    @property
    def at_night(self) -> int:
        return sum(self.hours[hour] for hour in NIGHT)


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one client, or of all together. Maps leave out what did not happen."""

    cases: int
    incidents: Mapping[str, int]  # by priority
    open: int
    unverified: int
    response: Mapping[str, Promised]  # by priority
    resolution: Mapping[str, Promised]
    pauses: Mapping[str, Pause]  # by cause
    refusals: Mapping[str, Refused]  # by reason
    disputes: Disputes
    abandoned: int
    attached: int  # callers who joined a major incident instead of opening one
    before_known: int  # calls to the line that ended before the caller was known
    pages: tuple[Paged, ...]  # most first
    rounds: int  # that nobody answered
    rounds_in: int  # incidents with such a round
    taken: Mapping[str, int]  # by key, text or link

    @property
    def all_incidents(self) -> int:
        return sum(self.incidents.values())


@dataclass(frozen=True, slots=True)
class ClientFigures:
    client: str | None  # None: calls to a line that belongs to no contract
    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Report:
    """The report of a month, from its first instant to just before the next, as of ``made_at``."""

    month: str  # 2026-11
    timezone: str
    since: datetime
    until: datetime
    made_at: datetime
    client: str | None  # of whom alone, or None for all
    all: Figures
    clients: tuple[ClientFigures, ...] = ()  # by name

    @property
    def is_final(self) -> bool:
        """Whether the month is over and nothing of it still runs."""
        return self.made_at >= self.until and self.all.open == 0


class Tally:
    """Counts facts, in any order and in portions; ``figures`` says what came of it so far."""

    def __init__(self) -> None:
        self._clients: dict[str | None, _Count] = {}
        self._names: dict[str | None, str] = {}
        self._all = _Count()

    def add(self, cases: Iterable[CaseFact]) -> None:
        for case in cases:
            self._client(case.client, case.name).add(case)
            self._all.add(case)

    def add_before_known(self, client: str | None, name: str, calls: int) -> None:
        """Calls that ended before anybody knew who it was, to the line of ``client``."""
        if calls:
            self._client(client, name).before_known += calls
            self._all.before_known += calls

    def figures(self) -> Figures:
        return self._all.figures()

    def clients(self) -> tuple[ClientFigures, ...]:
        found = [ClientFigures(id, self._names[id], c.figures()) for id, c in self._clients.items()]
        return tuple(sorted(found, key=lambda of: (of.client is None, of.name.casefold(), of.client or "")))

    def _client(self, id: str | None, name: str) -> "_Count":
        if id not in self._clients:
            self._clients[id] = _Count()
        if name:
            self._names[id] = name
        self._names.setdefault(id, id or "")
        return self._clients[id]


class _Count:
    def __init__(self) -> None:
        self.before_known = 0
        self._kinds: Counter[str] = Counter()
        self._incidents: Counter[str] = Counter()
        self._flags: Counter[str] = Counter()
        self._response: dict[str, list[Timed]] = {}
        self._resolution: dict[str, list[Timed]] = {}
        self._pauses: dict[str, tuple[int, float]] = {}
        self._refused: Counter[str] = Counter()
        self._disputed: Counter[str] = Counter()
        self._verdicts: Counter[str] = Counter()
        self._taken: Counter[str] = Counter()
        self._paged: dict[str, _Paged] = {}

    def add(self, case: CaseFact) -> None:
        self._kinds[case.kind] += 1
        if case.reason:
            self._refused[case.reason] += 1
            self._disputed[case.reason] += case.disputed
        if case.disputed:
            self._verdicts[case.verdict or "none"] += 1
        if case.kind == "incident":
            self._add_incident(case)
        for page in case.pages:
            self._paged.setdefault(page.person, _Paged(page.name)).add(page)

    def _add_incident(self, case: CaseFact) -> None:
        priority = case.priority or NO_PRIORITY
        self._incidents[priority] += 1
        self._flags["open"] += case.is_open
        self._flags["unverified"] += case.unverified
        self._flags["rounds"] += case.rounds
        self._flags["rounds_in"] += case.rounds > 0
        if case.taken_by:
            self._taken[case.taken_by] += 1
        if case.response:
            self._response.setdefault(priority, []).append(case.response)
        if case.resolution:
            self._resolution.setdefault(priority, []).append(case.resolution)
        for cause, seconds in case.pauses.items():
            incidents, so_far = self._pauses.get(cause, (0, 0.0))
            self._pauses[cause] = (incidents + 1, so_far + seconds)

    def figures(self) -> Figures:
        verdicts = self._verdicts
        paged = [of.figures(person) for person, of in self._paged.items()]
        return Figures(
            cases=self._kinds.total(),
            incidents=_in_order(self._incidents),
            open=self._flags["open"],
            unverified=self._flags["unverified"],
            response=_promised(self._response),
            resolution=_promised(self._resolution),
            pauses={c: Pause(*of) for c, of in sorted(self._pauses.items())},
            refusals={r: Refused(n, self._disputed[r]) for r, n in _most_first(self._refused)},
            disputes=Disputes(verdicts["client"], verdicts["guard"], verdicts["none"]),
            abandoned=self._kinds["abandoned"],
            attached=self._kinds["attached"],
            before_known=self.before_known,
            pages=tuple(sorted(paged, key=lambda of: (-of.all, of.name, of.person))),
            rounds=self._flags["rounds"],
            rounds_in=self._flags["rounds_in"],
            taken=dict(_most_first(self._taken)),
        )


class _Paged:
    def __init__(self, name: str) -> None:
        self._name = name
        self._hours = [0] * 24
        self._counts: Counter[str] = Counter()

    def add(self, page: PageFact) -> None:
        self._name = page.name or self._name
        self._hours[page.hour] += 1
        self._counts["calls" if page.is_call else "texts"] += 1
        self._counts["taken"] += page.was_taken

    def figures(self, person: str) -> Paged:
        counts = self._counts
        return Paged(
            person, self._name, tuple(self._hours), counts["calls"], counts["texts"], counts["taken"]
        )


def timed(
    since: datetime,
    due: datetime | None,
    stopped: datetime | None,
    at: datetime,
    paused: timedelta = timedelta(),
) -> Timed:
    """A clock from its instants; what was paused is left out of the net time."""
    gross = (stopped - since).total_seconds() if stopped else None
    net = gross - paused.total_seconds() if gross is not None else None
    if due is None:
        return Timed(Kept.UNPROMISED, gross, net)
    if (stopped or at) > due:
        return Timed(Kept.BREACHED, gross, net)
    return Timed(Kept.MET if stopped else Kept.RUNNING, gross, net)


def _promised(clocks: Mapping[str, list[Timed]]) -> dict[str, Promised]:
    return {p: _kept(clocks[p]) for p in PRIORITIES if p in clocks}


def _kept(clocks: list[Timed]) -> Promised:
    counts = Counter(clock.kept for clock in clocks)
    gross = [clock.gross for clock in clocks if clock.gross is not None]
    net = [clock.net for clock in clocks if clock.net is not None]
    return Promised(
        counts[Kept.MET],
        counts[Kept.BREACHED],
        counts[Kept.RUNNING],
        counts[Kept.UNPROMISED],
        _times(gross),
        _times(net),
    )


def _times(seconds: list[float]) -> Times:
    return Times(median(seconds), max(seconds)) if seconds else Times(None, None)


def _in_order(incidents: Counter[str]) -> dict[str, int]:
    return {priority: incidents[priority] for priority in PRIORITIES if incidents[priority]}


def _most_first(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
