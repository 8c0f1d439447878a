"""The client hangs up in the moment in which an engineer takes it: the engineer hears so, and may call."""

import pytest

from app.sandbox.scripts import Script
from app.wiring.demo.scripts import reports, takes
from app.wiring.demo.stage import Stage
from tests.stories.telling import entries

_CALLS = "El cliente cortó. Para llamarle, marque 1"
_HOW_NOW = "¿Cómo sigue?"


@pytest.mark.parametrize("after", [0.1, 1])
def test_the_client_is_called_who_hung_up_while_the_engineer_came_in(stage: Stage, after: float) -> None:
    stage.phone("ana").behave(takes(4).press("1", hearing=_CALLS))
    stage.phone("marta").behave(Script.answering(3).press("1", hearing="cualquier tecla"))
    stage.dial("marta", "acme", reports().press("#", hearing="Se graba"))
    stage.world.run(60, until=lambda: "acknowledged" in stage.kinds())
    stage.after(after, lambda: stage.phone("marta").hang_up())
    stage.run(90)

    assert not any(_HOW_NOW in line for line in stage.heard("ana"))
    assert stage.talking("ana") == ["marta"]
    assert len(entries(stage, "client_called")) == 1


def test_after_a_conversation_the_engineer_is_asked_how_it_goes_on(stage: Stage) -> None:
    stage.phone("ana").behave(takes(4))
    stage.dial(
        "marta", "acme", reports().press("#", hearing="Se graba").hang_up(hearing="Le atiende", after=8)
    )
    stage.run(90)

    assert any(_HOW_NOW in line for line in stage.heard("ana"))
    assert not any(_CALLS in line for line in stage.heard("ana"))
