"""Texts to the guard's number: one short answer each, and nothing revealed to who has no business with it."""

import pytest

from app.wiring.demo.scripts import reports, takes
from app.wiring.demo.stage import Stage
from tests.stories.telling import entries, written

_IT_IS_YOURS = "Es suyo: G-1001. Para hablar con el cliente, llame a este numero."


def _answer(stage: Stage, who: str, body: str) -> str:
    """What comes back for a text; exactly one, in one message."""
    before = len(stage.phone(who).texts)
    stage.text(who, body)
    stage.run(3)
    (answer,) = [t.body for t in stage.phone(who).texts[before:] if t.direction == "received"]
    assert len(answer) <= 160
    return answer


@pytest.mark.parametrize("body", ["1791", "who", "hola", "", "1791 2", "x" * 1600])
def test_a_stranger_learns_neither_case_nor_code(stage: Stage, body: str) -> None:
    stage.dial("marta", "acme", reports())
    stage.run(30)
    before = written(stage)

    answer = _answer(stage, "stranger", body.replace("1791", stage.code("ana")))

    assert answer == "Este numero es solo de la guardia de Aivo."
    assert written(stage) == before
    assert stage.summaries()[0]["state"] == "open"


def test_a_wrong_code_changes_nothing(stage: Stage) -> None:
    stage.dial("marta", "acme", reports())
    stage.run(30)
    wrong = f"{(int(stage.code('ana')) + 1) % 10_000:04}"

    assert _answer(stage, "ana", wrong) == "Ese codigo no es de ningun aviso suyo."
    assert stage.summaries()[0]["state"] == "open"


def test_the_code_of_somebody_else_takes_nothing(stage: Stage) -> None:
    stage.dial("marta", "acme", reports())
    stage.run(30)

    assert _answer(stage, "bruno", stage.code("ana")) == "Esse codigo nao é de nenhum aviso seu."
    assert stage.summaries()[0]["state"] == "open"


def test_the_code_of_a_case_that_is_over_changes_nothing(stage: Stage) -> None:
    stage.phone("ana").behave(takes(2).press("2", hearing="¿Cómo sigue?"))
    stage.dial("marta", "acme", reports().hang_up(hearing="atiende", after=10))
    stage.run(100)
    assert stage.summaries()[0]["state"] == "closed"
    record = len(stage.cases()[0]["entries"])

    assert _answer(stage, "ana", stage.code("ana")) == "Ese caso ya esta cerrado."
    assert len(stage.cases()[0]["entries"]) == record
    assert stage.summaries()[0]["state"] == "closed"


@pytest.mark.parametrize("spelling", ["{code}", " {code} ", "{code}.", "{code}\n"])
def test_the_code_takes_it_however_it_is_typed(stage: Stage, spelling: str) -> None:
    stage.dial("marta", "acme", reports())
    stage.run(30)

    assert _answer(stage, "ana", spelling.format(code=stage.code("ana"))) == _IT_IS_YOURS
    assert stage.summaries()[0]["acknowledged_by"] == "ana"


def test_the_code_from_the_second_phone_of_the_same_person_takes_it(stage: Stage) -> None:
    stage.dial("marta", "acme", reports())
    stage.run(30)

    assert _answer(stage, "ana2", stage.code("ana")) == _IT_IS_YOURS


def test_a_code_sent_twice_takes_it_once(stage: Stage) -> None:
    stage.dial("marta", "acme", reports())
    stage.run(30)
    code = stage.code("ana")

    assert [_answer(stage, "ana", code) for _ in range(2)] == [_IT_IS_YOURS] * 2
    assert len(entries(stage, "acknowledged")) == 1


@pytest.mark.parametrize("word", ["who", "WHO", "Who?", "quien", "quién"])
def test_who_says_who_is_on_call(stage: Stage, word: str) -> None:
    assert _answer(stage, "ana", word) == "De guardia: Ana Paz, Bruno Lima."


@pytest.mark.parametrize("body", ["hola", "12345", "123", "", "1791 3"])
def test_anything_else_is_answered_with_what_can_be_said(stage: Stage, body: str) -> None:
    assert "Responda con el codigo" in _answer(stage, "ana", body)


def test_answers_are_never_sent_by_the_rest_api(stage: Stage) -> None:
    stage.dial("marta", "acme", reports())
    stage.run(30)
    before = len(stage.world.exchange.story.of("rest"))

    _answer(stage, "stranger", "who")
    _answer(stage, "ana", "who")

    assert len(stage.world.exchange.story.of("rest")) == before
