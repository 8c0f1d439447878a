"""Two things in the same moment: two keys, a key and a hang-up, two hang-ups, in every order."""

from collections.abc import Callable

import pytest

from app.sandbox.scripts import Script
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import Stage
from tests.stories.conftest import OpenStage, Rostered
from tests.stories.telling import entries

_HOW_NOW = "¿Cómo sigue?"
_ORDERS = pytest.mark.parametrize("order", [1, -1], ids=["one way", "the other"])


def _at_once(stage: Stage, order: int, *acts: Callable[[], object]) -> None:
    stage.after(1, *acts[::order])


@_ORDERS
def test_of_two_engineers_who_press_one_at_once_one_has_it_and_the_other_hears_who(
    opened: OpenStage, rostered: Rostered, order: int
) -> None:
    stage = opened(rosters=rostered(primary="ana, bruno"))
    for who in ("ana", "bruno"):
        stage.phone(who).behave(Script.answering(2))
    stage.dial("marta", "acme", describes(reports()))
    stage.run(45)
    _at_once(stage, order, lambda: stage.phone("ana").press("1"), lambda: stage.phone("bruno").press("1"))
    stage.run(90)

    holder = stage.summaries()[0]["acknowledged_by"]
    loser = {"ana": "bruno", "bruno": "ana"}[holder]
    assert stage.rings() == {"ana": 1, "bruno": 1}
    assert stage.talking("marta") == [holder]
    assert (
        stage.heard(loser)[-1]
        == {"ana": "Ya lo tiene Bruno. Gracias.", "bruno": "Já está com Ana. Obrigado."}[loser]
    )
    assert stage.phone(loser).call is None
    assert [e["data"]["person"] for e in entries(stage, "late_key")] == [loser]
    assert len(entries(stage, "acknowledged")) == 1


@_ORDERS
def test_a_key_and_the_callers_hang_up_at_once_leave_the_engineer_with_somebody_to_call(
    stage: Stage, order: int
) -> None:
    stage.phone("ana").behave(Script.answering(3))
    stage.dial("marta", "acme", describes(reports()))
    stage.run(45)
    stage.phone("marta").behave(Script.answering(2).press("1", hearing="tecla"))
    _at_once(stage, order, lambda: stage.phone("ana").press("1"), lambda: stage.phone("marta").hang_up())
    stage.run(60)

    assert stage.summaries()[0]["acknowledged_by"] == "ana"
    assert any(_HOW_NOW in line or "Para llamarle" in line for line in stage.heard("ana"))
    assert stage.kinds().count("caller_hung_up") == 1
    assert stage.rings()["ana"] == 1


@pytest.mark.parametrize("late", [0, 3, 8], ids=["at once", "during the sentence", "once in the room"])
def test_a_hang_up_that_is_reported_late_after_the_key_leads_to_the_question_what_now(
    stage: Stage, late: int
) -> None:
    stage.phone("ana").behave(Script.answering(3))
    stage.dial("marta", "acme", describes(reports()))
    stage.run(45)
    callbacks = stage.world.exchange.chaos.callbacks
    callbacks.delay, callbacks.slowest = (
        float(bool(late)),
        stage.world.now.resolution * max(1, late * 1_000_000),
    )
    stage.after(1, lambda: stage.phone("marta").hang_up(), lambda: stage.phone("ana").press("1"))
    stage.run(60)

    assert any(_HOW_NOW in line or "El cliente cortó" in line for line in stage.heard("ana"))
    assert stage.summaries()[0]["state"] == "acknowledged"
    assert "client_on_hold" not in stage.kinds()


@_ORDERS
def test_both_hang_up_at_once_and_the_incident_stays_with_the_engineer_and_is_asked_after(
    stage: Stage, order: int
) -> None:
    stage.phone("ana").behave(takes(3))
    stage.dial("marta", "acme", describes(reports()))
    stage.run(60)
    _at_once(stage, order, lambda: stage.phone("ana").hang_up(), lambda: stage.phone("marta").hang_up())
    stage.run(1000)

    assert stage.kinds().count("conversation_ended") == 1
    assert "closed" not in stage.kinds()
    assert stage.summaries()[0]["acknowledged_by"] == "ana"
    assert len([body for body in stage.received("ana") if "como sigue ACME" in body]) == 1


def test_both_hang_up_at_once_and_nobody_reports_it(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3))
    stage.dial("marta", "acme", describes(reports()))
    stage.run(60)
    stage.world.exchange.chaos.callbacks.drop = 1.0
    stage.world.exchange.chaos.webhooks.drop = 1.0
    stage.phone("marta").hang_up()
    stage.phone("ana").hang_up()
    stage.run(90)

    kinds = stage.kinds()
    assert (kinds.count("caller_hung_up"), kinds.count("conversation_ended")) == (1, 1)
    assert stage.summaries()[0]["state"] == "acknowledged"
