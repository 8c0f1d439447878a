"""A manager may have themselves paged for an incident that nobody has taken."""

import pytest

from oncall import escalation
from oncall.escalation import By, Incident, PageAsked, PageRequested, PageState, SendPage, TakeAsked
from tests.oncall.examples import AT, seconds
from tests.oncall.test_escalation import ANA_1, RING, after, closed, ringing, state_of, taken


def test_a_manager_who_asks_is_paged_beside_the_level_and_may_take_it() -> None:
    asked = escalation.advance(ringing(), PageAsked("lucia"), AT)

    assert asked.effects == (SendPage("1.1.lucia.1"), SendPage("1.1.lucia.sms"))
    assert [entry.kind for entry in asked.entries] == ["page_asked"]
    assert state_of(asked.incident, ANA_1) is PageState.RINGING
    has_it = after(asked.incident, PageRequested("1.1.lucia.1"), TakeAsked("1.1.lucia.1", By.KEY))
    assert has_it.holder == "lucia"


def test_the_level_waits_for_the_phone_of_the_manager_who_asked() -> None:
    near_its_end = AT + seconds(175)
    asked = after(ringing(), PageAsked("lucia"), at=near_its_end)

    assert asked.due_at is not None
    assert asked.due_at >= near_its_end + RING


@pytest.mark.parametrize(
    ("incident", "who"),
    [
        (ringing(), "bruno"),
        (taken(), "lucia"),
        (closed(), "lucia"),
        (after(ringing(), PageAsked("lucia")), "lucia"),
    ],
)
def test_nobody_is_paged_for_asking_who_is_no_manager_or_rings_or_comes_late(
    incident: Incident, who: str
) -> None:
    decision = escalation.advance(incident, PageAsked(who), AT)

    assert (decision.incident, decision.effects, decision.entries) == (incident, (), ())
