"""docs/sla.md is worked out by the code: each of its rows, to the minute."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from oncall.clocks import Cause, Clocks, Facts, Wait, clocks
from oncall.sla import Promise, Promises, WorkingHours

DOCUMENT = (Path(__file__).parents[2] / "docs" / "sla.md").read_text("utf-8")
YEAR = 2026
ZONES = {"Buenos Aires": "America/Argentina/Buenos_Aires", "New York": "America/New_York"}
HOUR = timedelta(hours=1)
PROMISES = {
    "Blocker": Promises(Promise(HOUR), Promise(6 * HOUR)),
    "High": Promises(Promise(2 * HOUR), Promise(16 * HOUR, 8 * HOUR)),
}
MOMENT = r"(?:\w{3} \d{1,2} \w{3} )?\d\d:\d\d"
CAUSES = {"client": Cause.CLIENT, "third party": Cause.THIRD_PARTY}
NEVER = timedelta(days=3650)


@dataclass(frozen=True)
class Row:
    number: str
    hours: WorkingHours
    cells: tuple[str, ...]

    @property
    def told(self) -> tuple[str, ...]:
        return self.cells[4:]


def _rows() -> Iterator[Row]:
    for section in DOCUMENT.split("\n### ")[1:]:
        title, _, body = section.partition("\n")
        place = title.partition(",")[0]
        if place not in ZONES:
            continue
        named = re.findall(r"(\d{1,2}) (December)", title)
        holidays = frozenset(date(YEAR, 12, int(day)) for day, _ in named)
        hours = WorkingHours(frozenset(range(5)), time(9), time(18), ZONES[place], holidays)
        for line in re.findall(r"^\| (\d+) \| (.+) \|$", body, re.MULTILINE):
            yield Row(line[0], hours, tuple(cell.strip() for cell in line[1].split(" | ")))


ROWS = list(_rows())


def test_there_are_forty_cases() -> None:
    assert [row.number for row in ROWS] == [str(n) for n in range(1, 41)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_a_case_is_worked_out_as_it_is_told(row: Row) -> None:
    assert worked_out(row) == row.told


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_a_case_is_the_same_in_whatever_order_its_facts_come(row: Row) -> None:
    facts, at = _facts(row)
    backwards = Facts(
        facts.arrived_at,
        facts.promises,
        *(tuple(reversed(f)) for f in (facts.taken_at, facts.closed_at, facts.reopened_at)),
        waits=tuple(reversed(facts.waits)),
        heard_at=tuple(reversed(facts.heard_at)),
    )

    assert clocks(backwards, row.hours, at) == clocks(facts, row.hours, at)


def worked_out(row: Row) -> tuple[str, ...]:
    """Response due, resolution due, gross, net, net working, in time: as the table writes them."""
    facts, at = _facts(row)
    found = clocks(facts, row.hours, at)
    zone = ZoneInfo(row.hours.timezone)
    resolution = found.resolution
    return (
        _written(found.first_response.due_at, zone),
        _written(resolution.due_at, zone),
        _long(resolution.gross),
        _long(resolution.net),
        _long(resolution.working_net),
        _in_time(found),
    )


def _in_time(found: Clocks) -> str:
    return " / ".join("no" if c.breached else "yes" for c in (found.first_response, found.resolution))


def _facts(row: Row) -> tuple[Facts, datetime]:
    _, priority, called, then = row.cells[:4]
    clock = _Wall(row.hours.timezone)
    arrived = clock.read(called)
    marks: dict[str, list[datetime]] = {}
    waits = []
    for event in then.split("; "):
        wait = re.fullmatch(rf"(client|third party) ({MOMENT}) (to|until) ({MOMENT})", event)
        if wait is not None:
            since, until = clock.read(wait[2]), clock.read(wait[4])
            ended = until if wait[3] == "to" else None
            waits.append(Wait(CAUSES[wait[1]], since, until if ended is None else since + NEVER, ended))
            continue
        mark = re.fullmatch(rf"(taken|closed|reopened|client heard|looked at) ({MOMENT})", event)
        assert mark is not None, event
        marks.setdefault(mark[1], []).append(clock.read(mark[2]))
    facts = Facts(
        arrived,
        PROMISES[priority],
        *(tuple(marks.get(kind, ())) for kind in ("taken", "closed", "reopened")),
        waits=tuple(waits),
        heard_at=tuple(marks.get("client heard", ())),
    )
    seen = marks.get("looked at") or marks["closed"]
    return facts, seen[-1]


class _Wall:
    """Reads times of which only the first names its day; each day is what its weekday says it is."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self.day = date(YEAR, 1, 1)

    def read(self, text: str) -> datetime:
        day, _, clock = text.rpartition(" ")
        if day:
            read = datetime.strptime(f"{day} {YEAR}", "%a %d %b %Y").replace(tzinfo=UTC).date()
            assert f"{read:%a}" == day[:3], f"{day} is no {day[:3]}"
            self.day = read
        at = datetime.combine(self.day, time.fromisoformat(clock), self.zone)
        return at.astimezone(UTC)


def _written(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def _long(length: timedelta) -> str:
    hours, seconds = divmod(round(length.total_seconds()), 3600)
    return f"{hours}:{seconds // 60:02}"
