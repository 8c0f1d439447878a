"""After a closing: a star reopens the case, a priority opens a new one, and the keys are what they were."""

from app.wiring.demo.scripts import chooses, describes, reports, solves, takes
from app.wiring.demo.stage import Stage
from tests.stories.telling import entries

_OFFER = "Si es lo mismo que el caso"


def _solved(stage: Stage) -> None:
    stage.phone("ana").behave(solves(takes(3)))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=15))
    stage.run(120)
    assert stage.summaries()[0]["state"] == "closed"


def test_integration_and_priority_open_a_new_case_that_names_the_one_before(stage: Stage) -> None:
    _solved(stage)
    stage.phone("ana").behave(takes(3))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=15))
    stage.run(120)

    references = [case["reference"] for case in stage.summaries()]
    assert references == ["G-1001", "G-1002"]
    assert [e["data"]["reference"] for e in stage.cases()[1]["entries"] if e["kind"] == "relates_to"] == [
        "G-1001"
    ]
    assert any("G, 1, 0, 0, 2" in line for line in stage.heard("marta"))


def test_a_star_reopens_it_under_its_reference_and_pages_anew(stage: Stage) -> None:
    _solved(stage)
    stage.phone("ana").behave(takes(3))
    again = chooses("1").press("*", hearing="asterisco")
    stage.dial("marta", "acme", describes(again).hang_up(hearing="atiende Ana", after=15))
    stage.run(120)

    [case] = stage.cases()
    assert (case["reference"], case["state"], case["closed_at"]) == ("G-1001", "acknowledged", None)
    assert stage.rings()["ana"] == 2
    assert entries(stage, "reopened")
    assert "marta@acme.example" in stage.letters()["reopened"]
    assert case["clocks"]["resolution"]["pauses"]["closed"] > 0


def test_after_the_period_nothing_is_offered_and_a_star_is_a_wrong_key(stage: Stage) -> None:
    _solved(stage)
    stage.run(49 * 3600)
    stage.phone("ana").behave(takes(3))
    again = (
        chooses("1")
        .press("*", hearing="Si nada del servicio funciona")
        .press("1", hearing="No le entendimos")
    )
    stage.dial("marta", "acme", describes(again).hang_up(hearing="atiende Ana", after=15))
    stage.run(120)

    assert not any(_OFFER in line for line in stage.heard("marta"))
    assert [case["reference"] for case in stage.summaries()] == ["G-1001", "G-1002"]


def test_closed_by_key_the_cause_is_asked_for_and_stays_owed_until_it_is_written(stage: Stage) -> None:
    _solved(stage)
    stage.run(660)

    assert [o["what"] for o in stage.cases()[0]["owed"]] == ["agreement", "closure"]
    assert len(entries(stage, "closure_asked")) == 1
    assert "agreement_asked" not in stage.kinds()
