"""Twilio errs on the call that brings somebody in: the engineer is told, the client hears nothing odd."""

import pytest

from app.sandbox.chaos import RestFault
from app.sandbox.scripts import Script
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import Stage
from tests.stories.telling import entries

_MENU = "Para volver, marque 1"


def _asks_for(stage: Stage, key: str) -> None:
    """Ana and Marta talk; Ana steps out, asks for somebody, and goes back at once."""
    ana = takes(3).press("*", hearing="Es suyo", after=12).press(key, hearing=_MENU)
    stage.phone("ana").behave(ana.press("1", hearing=_MENU))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=400))
    stage.run(57)  # until she is outside, and has not pressed the key yet
    assert "side_called" not in stage.kinds()


def _said_to_marta(stage: Stage) -> list[str]:
    heard = stage.heard("marta")
    return heard[heard.index("Le atiende Ana.") + 1 :]


@pytest.mark.parametrize("code", [21211, 20003])
def test_a_number_that_twilio_refuses_is_passed_over_and_the_next_one_joins(stage: Stage, code: int) -> None:
    stage.phone("lucia").behave(Script.answering(3).press("1", hearing="Para entrar"))
    stage.world.exchange.chaos.unusable_numbers = {stage.numbers["bruno"]: code}
    _asks_for(stage, "3")
    stage.run(60)

    assert entries(stage, "side_failed", person="bruno")[0]["data"]["code"] == str(code)
    assert [e["data"]["person"] for e in entries(stage, "side_joined")] == ["lucia"]
    assert stage.letters()["alarm"] == {"lucia@aivo.example", "marcos@aivo.example"}
    assert set(stage.talking("lucia")) == {"ana", "marta"}


@pytest.mark.parametrize("code", [21211, 20003])
def test_when_twilio_refuses_them_all_the_engineer_is_told_and_the_client_hears_nothing_of_it(
    stage: Stage, code: int
) -> None:
    chaos = stage.world.exchange.chaos
    chaos.unusable_numbers = {stage.numbers[who]: code for who in ("lucia", "marcos")}
    _asks_for(stage, "4")
    stage.run(60)

    assert any("No pudimos ubicar" in line for line in stage.heard("ana"))
    assert not any("No pudimos" in line for line in _said_to_marta(stage))
    assert stage.talking("ana") == ["marta"]
    assert stage.phone("marta").call is not None


@pytest.mark.parametrize("fault", [RestFault.FAILED_BUT_DONE, RestFault.TIMED_OUT_BUT_DONE])
def test_a_call_that_was_made_in_spite_of_the_error_is_adopted_and_rings_once(
    stage: Stage, fault: RestFault
) -> None:
    stage.phone("bruno").behave(Script.answering(6).press("1", hearing="tecle 1"))
    _asks_for(stage, "3")
    stage.world.exchange.chaos.next_rest(fault)
    stage.run(60)

    assert stage.rings()["bruno"] == 1
    assert [e["data"]["person"] for e in entries(stage, "side_joined")] == ["bruno"]
    assert set(stage.talking("bruno")) == {"ana", "marta"}


@pytest.mark.parametrize("fault", [RestFault.TOO_MANY, RestFault.UNAVAILABLE, RestFault.REFUSED])
def test_a_call_that_was_not_processed_is_made_a_moment_later(stage: Stage, fault: RestFault) -> None:
    stage.phone("bruno").behave(Script.answering(6).press("1", hearing="tecle 1"))
    _asks_for(stage, "3")
    stage.world.exchange.chaos.next_rest(fault, fault)
    stage.run(60)

    assert stage.rings()["bruno"] == 1
    assert set(stage.talking("bruno")) == {"ana", "marta"}


def test_with_twilios_api_down_nobody_is_called_twice_once_it_is_back(stage: Stage) -> None:
    stage.phone("bruno").behave(Script.answering(6).press("1", hearing="tecle 1"))
    _asks_for(stage, "3")
    stage.world.exchange.chaos.rest_down = True
    stage.run(20)
    stage.world.exchange.chaos.rest_down = False
    stage.run(60)

    assert stage.rings()["bruno"] == 1
    assert stage.phone("marta").call is not None
    assert stage.phone("ana").call is not None
    assert set(stage.talking("bruno")) == {"ana", "marta"}
