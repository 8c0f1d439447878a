"""A person who cannot be reached at all: the next one is paged at once, and managers hear of the number."""

from pathlib import Path

from app.locales import text
from app.sandbox.handset import Behaviour
from tests.faults.mortal import Mortal, mortal_world
from tests.faults.people import CALLS_CRM, NOON, TAKES, all_is_taken, client
from tests.faults.promises import assert_kept
from tests.faults.town import PAGE_FROM


def told(mortal: Mortal) -> list[str]:
    words = text("mail.alarm.person_unreachable", "es")
    return [mail.text for mail in mortal.world.mails if words in f"{mail.subject} {mail.text}"]


def call(mortal: Mortal) -> None:
    exchange, caller = mortal.world.exchange, client(0)
    exchange.phone(caller.engineers[1]).behave(*[TAKES] * 3)
    exchange.phone(caller.caller).dial(caller.line, script=CALLS_CRM)


def test_a_number_that_does_not_exist_is_told_to_the_managers(rosters: Path, tmp_path: Path) -> None:
    with mortal_world(rosters, NOON, tmp_path) as mortal:
        mortal.world.exchange.chaos.unusable_numbers[client(0).engineers[0]] = 21211
        call(mortal)

        assert mortal.run(60, until=lambda: all_is_taken(mortal))
        mortal.run(30, until=lambda: False)

        assert len(told(mortal)) == 1
        assert "21211" in told(mortal)[0]
        assert_kept(mortal.world.guard.store, mortal.world.exchange)


def test_a_person_who_opted_out_of_texts_is_told_to_the_managers_and_called(
    rosters: Path, tmp_path: Path
) -> None:
    with mortal_world(rosters, NOON, tmp_path) as mortal:
        exchange, engineer = mortal.world.exchange, client(0).engineers[0]
        exchange.phone(engineer).behave(TAKES)
        exchange.phone(engineer).text(PAGE_FROM, "STOP")
        mortal.run(5, until=lambda: False)
        call(mortal)

        assert mortal.run(60, until=lambda: all_is_taken(mortal))
        mortal.run(30, until=lambda: False)

        assert len(told(mortal)) == 1
        assert "21610" in told(mortal)[0]


def test_a_phone_that_is_only_busy_alarms_nobody(rosters: Path, tmp_path: Path) -> None:
    with mortal_world(rosters, NOON, tmp_path) as mortal:
        mortal.world.exchange.phone(client(0).engineers[0]).behaviour = Behaviour.BUSY
        call(mortal)

        assert mortal.run(60, until=lambda: all_is_taken(mortal))
        mortal.run(30, until=lambda: False)

        assert told(mortal) == []
