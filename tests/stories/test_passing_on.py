"""An engineer who cannot takes two seconds to say so, and the next one is called at once."""

from app.sandbox.scripts import Script
from app.wiring.demo.scripts import reports
from app.wiring.demo.stage import Stage
from tests.stories.telling import entries, moment, seconds_between


def test_the_key_2_calls_the_next_at_once(stage: Stage) -> None:
    stage.phone("ana").behave(Script.answering(3).press("2", hearing="Guardia", early=True, after=2))
    stage.dial("marta", "acme", reports())
    stage.run(50)

    passed = moment(stage, "page_passed", person="ana", by="key")
    assert seconds_between(passed, moment(stage, "page_requested", person="bruno", channel="call")) <= 1
    assert stage.rings() == {"ana": 1, "bruno": 1}  # Ana's second phone stays silent
    assert stage.heard("ana")[-1] == "Pasa al siguiente."
    assert entries(stage, "page_failed", person="ana") == []


def test_a_text_with_2_passes_it_on_and_stops_the_ringing(stage: Stage) -> None:
    stage.phone("ana").on_text(lambda body: f"{stage.code('ana')} 2" if "/t/" in body else None, after=6)
    stage.dial("marta", "acme", reports())
    stage.run(50)

    passed = moment(stage, "page_passed", person="ana", by="text")
    assert seconds_between(passed, moment(stage, "page_requested", person="bruno", channel="call")) <= 1
    assert stage.phone("ana").texts[-1].body == "Pasa al siguiente."
    assert stage.rings() == {"ana": 1, "bruno": 1}
    assert len(entries(stage, "page_cancelled", person="ana", channel="call")) == 1


def test_who_passed_it_on_may_still_take_it_by_text(stage: Stage) -> None:
    stage.phone("ana").behave(Script.answering(3).press("2", after=5))
    stage.dial("marta", "acme", reports())
    stage.run(40)

    stage.text("ana", stage.code("ana"))
    stage.run(10)

    assert stage.summaries()[0]["acknowledged_by"] == "ana"
