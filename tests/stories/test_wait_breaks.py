"""What the waiting caller hears cannot be had for a while: they are not on a dead line, and are not lost."""

import pytest

from app.sandbox.chaos import WebhookFault
from app.sandbox.scripts import Script
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import Stage
from tests.stories.telling import entries

_A_ROUND = "Para cortar y que le llamemos"
_FAULTS = pytest.mark.parametrize("fault", list(WebhookFault))


def _breaks(stage: Stage, fault: WebhookFault, after: float, lasts: float) -> None:
    broken = stage.world.exchange.chaos.broken_paths
    stage.after(after, lambda: broken.update({"/wait": fault}))
    stage.after(after + lasts, broken.clear)


def _rounds(stage: Stage) -> int:
    return len([line for line in stage.heard("marta") if _A_ROUND in line])


@_FAULTS
def test_a_wait_that_cannot_be_had_at_first_is_heard_once_it_can(stage: Stage, fault: WebhookFault) -> None:
    stage.dial("marta", "acme", describes(reports()))
    _breaks(stage, fault, after=38, lasts=12)
    stage.run(50)
    assert _rounds(stage) == 0
    assert stage.phone("marta").call is not None
    stage.run(30)

    assert _rounds(stage) > 0
    assert not any("application error" in line for line in stage.heard("marta"))
    assert "caller_hung_up" not in stage.kinds()


@_FAULTS
def test_one_that_breaks_in_the_middle_goes_on_afterwards(stage: Stage, fault: WebhookFault) -> None:
    stage.dial("marta", "acme", describes(reports()))
    _breaks(stage, fault, after=65, lasts=25)
    stage.run(64)
    before = _rounds(stage)
    stage.run(70)

    assert _rounds(stage) > before
    assert stage.phone("marta").call is not None
    assert stage.summaries()[0]["state"] == "open"


@_FAULTS
def test_who_takes_it_meanwhile_talks_to_them_all_the_same(stage: Stage, fault: WebhookFault) -> None:
    stage.phone("ana").behave(takes(20))
    stage.dial("marta", "acme", describes(reports()))
    _breaks(stage, fault, after=38, lasts=300)
    stage.run(100)

    assert stage.talking("marta") == ["ana"]
    assert stage.rings() == {"ana": 1}
    assert len(entries(stage, "acknowledged")) == 1


def test_a_key_pressed_before_it_broke_is_still_heard(stage: Stage) -> None:
    script = describes(reports()).press("1", hearing=_A_ROUND, after=4)
    stage.dial("marta", "acme", script)
    _breaks(stage, WebhookFault.SERVER_ERROR, after=41, lasts=300)
    stage.run(80)

    assert any("Le llamaremos" in line or "llamamos" in line for line in stage.heard("marta"))
    assert len(entries(stage, "callback_asked")) == 1
    assert stage.phone("marta").call is None


def test_a_caller_who_hangs_up_while_it_is_broken_is_known_to_have_left(stage: Stage) -> None:
    stage.phone("ana").behave(Script.ignoring())
    stage.dial("marta", "acme", describes(reports()).hang_up(after=20))
    _breaks(stage, WebhookFault.TIMED_OUT, after=38, lasts=300)
    stage.run(90)

    assert "caller_hung_up" in stage.kinds()
