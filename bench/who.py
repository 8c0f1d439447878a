"""Who is on call now: one question to a roster in memory, 100 teams of 8 people over a year."""

from datetime import UTC, datetime, timedelta
from random import Random

from bench.harness import Progress, Result, median_and_p99, milliseconds
from bench.teams import a_team
from oncall.rosters import on_call

TEAMS = 100
PEOPLE = 8
QUESTIONS = 20_000
TARGET_MS = 0.05


def run(progress: Progress) -> list[Result]:
    rosters = [a_team(f"team-{n}", PEOPLE, overrides=12) for n in range(TEAMS)]
    random = Random(1)
    first = datetime(2026, 1, 5, 12, tzinfo=UTC)
    year = int(timedelta(days=364).total_seconds())

    def ask() -> None:
        team, people = rosters[random.randrange(TEAMS)]
        at = first + timedelta(seconds=random.randrange(year))
        assert on_call(team, "primary", at, people)

    samples = milliseconds(ask, QUESTIONS, progress)
    return median_and_p99(samples, p50=TARGET_MS, p99=TARGET_MS)
