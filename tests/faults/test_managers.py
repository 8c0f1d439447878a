"""What managers are told at once, by mail: no round ends and no gap opens unheard."""

from pathlib import Path

from app.locales import text
from tests.faults.mortal import Mortal, mortal_world
from tests.faults.people import CALLS_CRM, MISSES, NOON, TAKES, all_is_taken, client
from tests.faults.promises import assert_kept

NOBODY_NOW = """\
team: t0
timezone: America/Argentina/Buenos_Aires
rotations:
  primary: {people: [p0-0], shift: 1 week, starts: 2026-01-05 09:00, until: 2026-06-03 08:59}
escalation:
  - {page: primary, for: 40 seconds}
  - {page: [p0-1], for: 40 seconds}
"""


def call(mortal: Mortal) -> None:
    caller = client(0)
    mortal.world.exchange.phone(caller.caller).dial(caller.line, script=CALLS_CRM)


def told(mortal: Mortal, words: str) -> list[float]:
    """The seconds after noon at which a mail with these words came to the manager."""
    return [
        (mail.at - NOON).total_seconds()
        for mail in mortal.world.mails
        if words in f"{mail.subject} {mail.text}" and "lucia@aivo.example" in mail.to
    ]


def record(mortal: Mortal, kind: str) -> list[float]:
    with mortal.world.guard.store.reading() as work:
        return [(entry.at - NOON).total_seconds() for entry in work.record(1001) if entry.kind == kind]


def test_a_round_that_ended_without_a_taker_is_told_within_a_second(rosters: Path, tmp_path: Path) -> None:
    with mortal_world(rosters, NOON, tmp_path) as mortal:
        for engineer in client(0).engineers:
            mortal.world.exchange.phone(engineer).behave(MISSES, TAKES)
        call(mortal)

        mortal.run(30, until=lambda: False)
        assert mortal.run(600, until=lambda: all_is_taken(mortal))
        mortal.run(5, until=lambda: False)

        ended = record(mortal, "round_ended")
        mails = told(mortal, text("mail.not_taken.headline", "es", round="1"))
        assert len(ended) == 1
        assert [at for at in mails if ended[0] <= at <= ended[0] + 1]
        assert_kept(mortal.world.guard.store, mortal.world.exchange)


def test_a_gap_in_the_roster_is_told_at_once_and_the_next_level_is_paged_meanwhile(
    rosters: Path, tmp_path: Path
) -> None:
    (rosters / "teams" / "t0.yaml").write_text(NOBODY_NOW, "utf-8")
    with mortal_world(rosters, NOON, tmp_path) as mortal:
        mortal.world.exchange.phone(client(0).engineers[1]).behave(TAKES)
        call(mortal)

        assert mortal.run(60, until=lambda: bool(record(mortal, "acknowledged")))
        mortal.run(5, until=lambda: False)

        empty = record(mortal, "level_empty")
        assert len(empty) == 1
        assert [at - empty[0] <= 1 for at in told(mortal, text("mail.alarm.roster_gap", "es"))] == [True]
        assert record(mortal, "page_requested")[0] - empty[0] <= 1
        assert_kept(mortal.world.guard.store, mortal.world.exchange)
