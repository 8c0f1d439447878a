"""No worker is alive, and callers wait: what they hear is true, and they reach who is on call anyway."""

import pytest

from app.sandbox.scripts import Script
from app.wiring.demo.scripts import describes, reports
from app.wiring.demo.stage import Stage
from tests.stories.telling import entries

FAULT = "Tuvimos una falla interna. Le comunicamos con la guardia."


@pytest.fixture
def headless(stage: Stage) -> Stage:
    """The worker has beaten once, and is gone."""
    stage.world.guard.dispatcher.beat("worker", stage.world.now)
    stage.world.worker_is_alive = False
    return stage


def _takes_directly(seconds: float = 4) -> Script:
    return Script.answering(seconds).press("1", hearing="marque 1")


def test_nobody_is_said_to_be_called_whose_call_was_never_asked_for(headless: Stage) -> None:
    headless.dial("marta", "acme", describes(reports()))
    headless.run(58)

    assert not any("Seguimos llamando a Ana" in line for line in headless.heard("marta"))
    assert any("Para cortar y que le llamemos" in line for line in headless.heard("marta"))
    assert headless.rings() == {}


def test_who_waits_is_put_through_from_their_own_leg_and_talks(headless: Stage) -> None:
    headless.phone("ana").behave(_takes_directly().say("Hola, soy Ana.", after=3).hang_up(after=20))
    headless.dial("marta", "acme", describes(reports()))
    headless.run(200)

    assert headless.heard("marta")[-2:] == [FAULT, "Hola, soy Ana."]
    assert headless.rings() == {"ana": 1}
    case = headless.summaries()[0]
    assert (case["state"], case["acknowledged_by"]) == ("acknowledged", "ana")
    assert len(entries(headless, "internal_error", where="worker")) == 1


def test_nobody_there_the_following_level_is_rung_and_so_on(headless: Stage) -> None:
    headless.phone("bruno").behave(Script.answering(3).press("1", hearing="tecle 1").hang_up(after=20))
    headless.dial("marta", "acme", describes(reports()))
    headless.run(300)

    assert headless.rings() == {"ana": 1, "bruno": 1}
    assert headless.summaries()[0]["acknowledged_by"] == "bruno"


def test_a_worker_that_comes_back_breaks_into_no_conversation(headless: Stage) -> None:
    headless.phone("ana").behave(_takes_directly().hang_up(after=900))
    headless.dial("marta", "acme", describes(reports()))
    headless.run(650)
    headless.world.worker_is_alive = True
    headless.run(120)

    assert headless.heard("marta")[-1] == FAULT
    assert "promised" not in headless.letters()
    assert not entries(headless, "caller_hung_up")


def test_a_worker_that_comes_back_calls_the_first_level_itself(headless: Stage) -> None:
    headless.dial("marta", "acme", describes(reports()).hang_up(after=10))
    headless.run(378)
    headless.world.worker_is_alive = True
    headless.run(20)

    assert headless.rings() == {"ana": 1}
    assert len(entries(headless, "stood_still")) == 1
