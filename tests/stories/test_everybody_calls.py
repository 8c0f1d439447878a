"""An outage makes every client call within minutes: nobody is rung by two calls at the same time."""

from app.sandbox.scripts import Script
from app.wiring.demo.scripts import reports
from app.wiring.demo.stage import Stage


def test_three_clients_at_once_ring_one_person_once_and_one_key_takes_all(stage: Stage) -> None:
    stage.phone("ana").behave(
        Script.answering(15).press("1", hearing="marque 1").press("1", hearing="¿Cómo sigue?")
    )
    stage.dial("marta", "acme", reports())
    stage.dial("julia", "aurora", Script().press("1", hearing="estoque").press("1", hearing="Se nada"))
    stage.dial(
        "grace", "harbor", Script().press("1", hearing="Appointments?").press("1", hearing="nothing of")
    )
    stage.run(120)

    assert stage.rings() == {"ana": 1}
    assert [case["acknowledged_by"] for case in stage.summaries()] == ["ana"] * 3
