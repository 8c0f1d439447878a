"""An engineer who is faster than Twilio's answer to the request that rang them."""

import pytest

from app.sandbox.chaos import RestFault
from app.sandbox.scripts import Script
from app.wiring.demo.scripts import reports
from app.wiring.demo.stage import Stage
from tests.stories.telling import entries

_DOUBTFUL = pytest.mark.parametrize("fault", [RestFault.FAILED_BUT_DONE, RestFault.TIMED_OUT_BUT_DONE])


def _keys(*keys: str) -> Script:
    """Pressed one right after the other, into whatever is being said."""
    script = Script.answering(0)
    for key in keys:
        script = script.press(key, after=0.1)
    return script


@_DOUBTFUL
def test_taken_and_solved_before_the_answer_it_is_closed_and_stays_so(stage: Stage, fault: RestFault) -> None:
    stage.world.exchange.chaos.next_rest(fault)
    stage.phone("ana").behave(_keys("1", "2", "2"))  # it is mine; the client need not be called; solved
    stage.dial("marta", "acme", reports().hang_up(after=0.1))
    stage.run(200)

    case = stage.summaries()[0]
    assert (case["state"], case["acknowledged_by"]) == ("closed", "ana")
    assert stage.rings() == {"ana": 1}
    for kind in ("acknowledged", "disposition", "closed"):
        assert len(entries(stage, kind)) == 1, kind
    assert "page_failed" not in stage.kinds()
    assert stage.altered() == []


@_DOUBTFUL
def test_handed_over_before_the_answer_the_next_level_is_called_and_the_first_no_more(
    stage: Stage, fault: RestFault
) -> None:
    stage.world.exchange.chaos.next_rest(fault)
    stage.phone("ana").behave(_keys("1", "2", "3"))
    stage.phone("bruno").behave(Script.answering(3).press("1", hearing="tecle 1"))
    stage.dial("marta", "acme", reports().hang_up(after=0.1))
    stage.run(100)

    assert stage.summaries()[0]["acknowledged_by"] == "bruno"
    assert stage.rings() == {"ana": 1, "bruno": 1}
