"""A roster that is wrong never replaces one that is right: not while the guard runs, nor when it starts."""

from datetime import timedelta
from pathlib import Path

from app.locales import text
from app.wiring.world import World, open_world
from tests.faults.people import CALLS_CRM, NOON, TAKES, client
from tests.faults.town import town

MISTAKE = "team: t0\ntimezone: Mars/Olympus\nrotations: {primary: {people: [nobody]}}\n"


def is_taken(world: World) -> bool:
    with world.guard.store.reading() as work:
        return any(row.state == "acknowledged" for row in work.cases())


def test_a_wrong_roster_pushed_while_a_page_rings_changes_nothing_and_is_told(rosters: Path) -> None:
    with open_world(rosters, NOON, live_rosters=True) as world:
        before = world.guard.books.current().version
        world.exchange.phone(client(0).engineers[0]).behave(TAKES)
        world.exchange.phone(client(0).caller).dial(client(0).line, script=CALLS_CRM)
        world.run(1)
        (rosters / "teams" / "t0.yaml").write_text(MISTAKE, "utf-8")

        assert world.run(120, until=lambda: is_taken(world))
        world.run(180)

        assert world.guard.books.current().version == before


def test_every_worker_that_sees_the_same_mistake_alarms_once_together(rosters: Path) -> None:
    with open_world(rosters, NOON) as world:
        for minute in range(3):
            world.guard.dispatcher.alarm_rosters(
                ["teams/t0.yaml:2:11: wrong"], NOON + timedelta(minutes=minute)
            )
        world.run(240)

        words = text("mail.alarm.roster_invalid", "es")
        told = [mail for mail in world.mails if words in f"{mail.subject} {mail.text}"]
        assert len(told) == 1


def test_a_guard_does_not_start_on_a_wrong_roster_and_says_where_it_is_wrong(tmp_path: Path) -> None:
    with town(tmp_path, 1) as here:
        (tmp_path / "rosters" / "teams" / "t0.yaml").write_text(MISTAKE, "utf-8")

        for command in ("web", "worker"):
            ended = here.run(command)

            assert ended.returncode == 2
            assert "t0.yaml" in ended.stderr
