"""One incident per client and integration: who calls about it again joins it."""

from app.sandbox.scripts import Script
from app.wiring.demo.scripts import CRM, chooses, describes, reports, takes
from app.wiring.demo.stage import Stage
from tests.stories.telling import entries


def test_a_call_about_an_open_incident_hears_its_reference_right_after_the_integration(stage: Stage) -> None:
    stage.dial("marta", "acme", reports())
    stage.after(30, lambda: stage.dial("pablo", "acme", chooses(CRM)))
    stage.run(48)

    assert stage.heard("pablo")[1].startswith(
        "Esta integración ya tiene un incidente abierto: G, 1, 0, 0, 1."
    )
    assert not any("Si nada del servicio" in line for line in stage.heard("pablo"))
    assert len(stage.summaries()) == 1
    assert stage.rings() == {"ana": 1}
    assert len(entries(stage, "joined", caller=stage.numbers["pablo"])) == 1
    assert [e["data"]["contact"] for e in entries(stage, "caller_identified")] == ["Marta Ruiz", "Pablo Sosa"]


def test_a_call_about_an_acknowledged_incident_pages_nobody(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3).press("1", hearing="¿Cómo sigue?"))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=10))
    stage.run(120)
    before = len(entries(stage, "page_requested"))

    stage.dial("pablo", "acme", chooses(CRM).say("Sigue igual.", hearing="♪", after=2).press("#", after=3))
    stage.run(90)

    assert "ya lo tiene Ana" in stage.heard("pablo")[1]
    assert stage.rings() == {"ana": 1}
    assert len(entries(stage, "page_requested")) == before
    assert [text.body for text in stage.phone("ana").texts[-2:]] == [
        "Guardia: ACME Seguros llamo otra vez por CRM Salesforce.",
        "Guardia: ACME Seguros dejo un mensaje sobre CRM Salesforce.",
    ]


def test_another_integration_is_another_incident(stage: Stage) -> None:
    stage.dial("julia", "aurora", Script().press("1", hearing="estoque").press("1", hearing="Se nada"))
    stage.dial("marta", "acme", reports())
    stage.run(60)

    assert [c["client"] for c in stage.summaries()] == ["aurora", "acme"]


def test_both_callers_of_one_incident_are_brought_to_the_engineer(stage: Stage) -> None:
    stage.phone("ana").behave(takes(22))
    stage.dial("marta", "acme", describes(reports()))
    stage.after(14, lambda: stage.dial("pablo", "acme", chooses(CRM)))
    stage.run(70)

    assert stage.heard("marta")[-1] == stage.heard("pablo")[-1] == "Le atiende Ana."
    talking = [
        set(e.detail["to"]) for e in stage.world.exchange.story.of("talking", number=stage.numbers["ana"])
    ]
    assert talking[-1] == {stage.numbers["marta"], stage.numbers["pablo"]}
