"""A turn changes hands in the night, by two texts: asked, agreed, in force at once, over by itself."""

import re
from datetime import timedelta

import pytest

from app.wiring.demo.scripts import reports
from app.wiring.demo.stage import NIGHT, Stage
from app.wiring.sandbox import PAGE_FROM
from oncall.rosters import on_call
from tests.stories.conftest import OpenStage
from tests.stories.telling import entries

_CODE = re.compile(r"(?<!\w)\d{4}(?!\w)")


@pytest.fixture
def stage(opened: OpenStage) -> Stage:
    """The usual night, with rosters that live in the database; the notices of that day have been sent."""
    stage = opened(live_rosters=True)
    stage.run(60)
    return stage


def inbox(stage: Stage, who: str) -> list[str]:
    """Every text that reached a phone, oldest first."""
    number = stage.numbers[who]
    messages = stage.world.exchange.messages.by_sid.values()
    return [m.body for m in messages if m.to == number and m.direction != "inbound"]


def swap_code(stage: Stage, who: str) -> str:
    return _CODE.findall(inbox(stage, who)[-1])[0]


def on_primary(stage: Stage) -> tuple[str, ...]:
    book = stage.world.guard.books.current()
    return on_call(book.teams["integrations"], "primary", stage.world.now, book.people)


def say(stage: Stage, who: str, body: str) -> str:
    """``who`` texts the guard; gives the answer."""
    stage.text(who, body)
    stage.run(5)
    return inbox(stage, who)[-1]


def test_what_is_taken_is_in_force_once_the_other_agreed(stage: Stage) -> None:
    asked = say(stage, "carla", "take primary 8h")

    assert asked == "Se lo preguntamos a Ana Paz. Mientras no acepte, nada cambia en primary."
    assert on_primary(stage) == ("ana",)
    question = inbox(stage, "ana")[-1]
    assert "Carla" in question
    assert set(_CODE.findall(question)) == {swap_code(stage, "ana")}

    agreed = say(stage, "ana", swap_code(stage, "ana"))

    assert agreed.startswith("Guardia: Carla")
    assert on_primary(stage) == ("carla",)
    assert inbox(stage, "carla")[-1] == agreed  # both are told the same
    assert max(len(text) for who in ("ana", "carla") for text in inbox(stage, who)) <= 160


def test_the_next_page_goes_to_who_took_over(stage: Stage) -> None:
    say(stage, "carla", "take primary 8h")
    say(stage, "ana", swap_code(stage, "ana"))

    stage.dial("marta", "acme", reports())
    stage.run(40)

    (began,) = entries(stage, "level_began")
    assert began["data"]["people"] == [stage.book.people["carla"].name]
    assert began["data"]["roster"].endswith("+1")
    assert stage.rings()["carla"] == 1
    assert stage.rings()["ana"] == 0


def test_it_is_over_by_itself(stage: Stage) -> None:
    say(stage, "carla", "take primary 2h")
    say(stage, "ana", swap_code(stage, "ana"))

    stage.run(2 * 3600 + 60)

    assert on_primary(stage) == ("ana",)
    assert stage.world.guard.books.current().version == stage.book.version


def test_what_is_given_is_agreed_to_by_who_gets_it(stage: Stage) -> None:
    say(stage, "ana", "dar 8h a Bruno")

    assert on_primary(stage) == ("ana",)
    say(stage, "bruno", swap_code(stage, "bruno"))

    assert on_primary(stage) == ("bruno",)
    assert "Bruno Lima" in inbox(stage, "ana")[-1]


def test_who_is_asked_may_refuse(stage: Stage) -> None:
    say(stage, "carla", "take primary 8h")
    code = swap_code(stage, "ana")

    refused = say(stage, "ana", f"{code} 2")

    assert refused == "Bien: nada cambia en primary."
    assert on_primary(stage) == ("ana",)
    assert inbox(stage, "carla")[-1].startswith("Guardia: Ana Paz no acept")
    assert say(stage, "ana", code) == refused  # a refusal is not taken back by the same code


def test_managers_are_mailed(stage: Stage) -> None:
    say(stage, "carla", "take primary 8h")
    say(stage, "ana", swap_code(stage, "ana"))
    stage.run(10)

    told = [mail for mail in stage.world.mails if "override pending" in mail.text]
    assert {to for mail in told for to in mail.to} == {stage.address("lucia"), stage.address("marcos")}
    assert all("Ana Paz" in mail.text and "SMS carla → ana" in mail.text for mail in told)


def test_managers_learn_that_one_person_stands_in_two_places(stage: Stage) -> None:
    say(stage, "ana", "give 8h bruno")
    say(stage, "bruno", swap_code(stage, "bruno"))
    stage.run(10)

    told = [mail.text for mail in stage.world.mails if "override pending" in mail.text]
    assert len(told) == 2
    assert all("backup" in text for text in told)


def test_the_code_of_a_swap_takes_no_case_and_that_of_a_case_no_swap(stage: Stage) -> None:
    stage.dial("marta", "acme", reports())
    stage.run(40)
    say(stage, "carla", "take primary 8h")
    swap, page = swap_code(stage, "ana"), stage.code("ana")

    say(stage, "ana", swap)

    assert swap != page
    assert stage.cases()[0]["state"] == "open"
    assert on_primary(stage) == ("carla",)

    say(stage, "ana", page)

    assert stage.cases()[0]["acknowledged_by"] == "ana"


def test_somebody_elses_code_agrees_to_nothing(stage: Stage) -> None:
    say(stage, "carla", "take primary 8h")
    code = swap_code(stage, "ana")

    say(stage, "diego", code)

    assert on_primary(stage) == ("ana",)


def test_a_text_that_comes_twice_asks_once_and_agrees_once(stage: Stage) -> None:
    say(stage, "carla", "take primary 8h")
    first = say(stage, "carla", "take primary 8h")
    questions = [text for text in inbox(stage, "ana") if "Carla" in text]
    code = swap_code(stage, "ana")

    answers = [say(stage, "ana", code), say(stage, "ana", code)]

    assert first.startswith("Se lo preguntamos")
    assert len(questions) == 1
    assert answers[0] == answers[1]
    with stage.world.guard.store.reading() as work:
        assert len(work.swaps_from(stage.world.now)) == 1


def test_an_answer_that_comes_too_late_changes_nothing(stage: Stage) -> None:
    say(stage, "carla", "take primary 1h")
    code = swap_code(stage, "ana")
    stage.run(3600)

    answer = say(stage, "ana", code)

    assert answer.startswith("Ya no se puede")
    assert on_primary(stage) == ("ana",)


def test_a_stranger_learns_nothing(stage: Stage) -> None:
    answer = say(stage, "stranger", "take primary 8h")

    assert answer == "Este numero es solo de la guardia de Aivo."
    assert inbox(stage, "ana") == []


def test_what_is_not_clear_is_asked_back_in_the_senders_language(stage: Stage) -> None:
    assert say(stage, "bruno", "passar 8h").startswith("Escreva por exemplo")
    assert say(stage, "diego", "take 8h") == "Which one? Add one of these: primary, backup."


def test_both_are_told_of_the_next_handoff(opened: OpenStage) -> None:
    handoff = NIGHT.replace(day=9, hour=12, minute=0)  # Monday, 09:00 in Buenos Aires
    stage = opened(live_rosters=True, at=handoff - timedelta(hours=25))

    stage.run(30 * 60)
    assert [mail for mail in stage.world.mails if stage.address("carla") in mail.to] == []

    stage.run(3600)
    (mail,) = [mail for mail in stage.world.mails if stage.address("carla") in mail.to]
    assert "/calendar/" in mail.text
    assert "/contact/" in mail.text
    assert "09:00" in mail.text
    assert inbox(stage, "carla") == []

    stage.run(24 * 3600)
    assert inbox(stage, "carla") == ["Guardia: su turno en primary empieza lun 9 mar, 09:00."]
    assert len(inbox(stage, "diego")) == 1
    assert inbox(stage, "ana") == []
    assert len([mail for mail in stage.world.mails if stage.address("carla") in mail.to]) == 1


def test_texts_about_turns_come_from_the_guards_own_number(stage: Stage) -> None:
    say(stage, "carla", "take primary 8h")

    message = [m for m in stage.world.exchange.messages.by_sid.values() if m.to == stage.numbers["ana"]][-1]

    assert message.from_ == PAGE_FROM
