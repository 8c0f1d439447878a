"""Callers who hang up early: a known one leaves a case, an unknown one a line in the log of calls."""

from app.sandbox.scripts import Script
from app.wiring.demo.stage import Stage
from tests.stories.telling import written


def test_a_known_caller_who_hangs_up_in_the_menu_is_an_abandoned_case(stage: Stage) -> None:
    stage.dial("marta", "acme", Script().hang_up(after=4))
    stage.run(30)

    case = stage.summaries()[0]
    assert (case["kind"], case["state"], case["reason"]) == ("abandoned", "closed", None)
    assert stage.kinds() == ["call_arrived", "caller_identified", "abandoned"]
    assert stage.rings() == {}


def test_a_caller_identified_by_pin_who_hangs_up_in_the_menu_is_an_abandoned_case(stage: Stage) -> None:
    stage.dial("stranger", "acme", Script().press("2580#", hearing="PIN").hang_up(after=5))
    stage.run(30)

    assert stage.summaries()[0]["kind"] == "abandoned"
    assert stage.letters()["abandoned"] >= {"marta@acme.example", "pablo@acme.example"}


def test_who_hangs_up_before_the_pin_is_no_case_but_stands_in_the_log_of_calls(stage: Stage) -> None:
    stage.dial("stranger", "acme", Script().press("99", hearing="PIN").hang_up(after=2))
    stage.run(30)

    assert stage.summaries() == []
    assert written(stage)["calls"] == 1
    assert stage.world.mails == []
