"""A year of shifts worked out anew: weekly turns of 50 people, and 730 turns of twelve hours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bench.harness import Progress, Result, median_and_p99, milliseconds
from bench.teams import STARTS, ZONE, a_team
from oncall.rosters import Length, Unit, shifts

TIMES = 400
WEEKLY_TARGET_MS = 2.0
TWELVE_HOURS_TARGET_MS = 8.0


def run(progress: Progress) -> list[Result]:
    weekly = _measure(Length(1, Unit.WEEKS), 52, lambda share: progress(share / 2))
    twelve = _measure(Length(12, Unit.HOURS), 730, lambda share: progress(0.5 + share / 2))
    return [
        *median_and_p99(weekly[0], "52 weeks of 50 people", p50=WEEKLY_TARGET_MS, reference=weekly[1]),
        *median_and_p99(twelve[0], "730 turns of 12 hours", p50=TWELVE_HOURS_TARGET_MS, reference=twelve[1]),
    ]


def _measure(shift: Length, turns: int, progress: Progress) -> tuple[list[float], list[float]]:
    """Samples of the expansion, and of the bare arithmetic that no expansion can do without."""
    team, people = a_team("team", 50, shift=shift)
    zone = ZoneInfo(ZONE)
    start = STARTS.replace(tzinfo=zone).astimezone(UTC)
    end = (STARTS + turns * shift.as_wall_time()).replace(tzinfo=zone).astimezone(UTC)

    def expand() -> None:
        assert len(shifts(team, "primary", start, end, people)) == turns

    def bare() -> list[datetime]:
        length: timedelta = shift.as_wall_time()
        return [(STARTS + k * length).replace(tzinfo=zone).astimezone(UTC) for k in range(turns + 1)]

    samples = milliseconds(expand, TIMES, lambda share: progress(share * 0.8))
    return samples, milliseconds(bare, TIMES, lambda share: progress(0.8 + share * 0.2))
