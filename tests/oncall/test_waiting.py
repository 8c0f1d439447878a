"""What a waiting caller is told follows from the incident alone."""

from dataclasses import replace

import pytest

from oncall.escalation import Channel, FrozenLevel, Incident, Page, PageState, State
from oncall.waiting import Progress, Waiting, is_nobody_called, waiting_for
from tests.oncall.examples import AT, seconds

LEVELS = (FrozenLevel("primary", seconds(180)), FrozenLevel("backup", seconds(180)))


def page(person: str, round: int = 1, level: int = 0, **changes: object) -> Page:
    name = {"ana": "Ana Paz", "bruno": "Bruno Lima", "carla": "Carla Sosa"}[person]
    known = Page(f"{round}.{level}.{person}", person, name, Channel.CALL, "+5491155550101", round, level)
    return replace(known, requested_at=AT, **changes)  # type: ignore[arg-type]


def incident(*pages: Page, **changes: object) -> Incident:
    return replace(Incident(LEVELS, seconds(25), pages=pages), **changes)  # type: ignore[arg-type]


FAILED = {"state": PageState.FAILED}
ANA, BRUNO = page("ana"), page("bruno", level=1)
ANA_FAILED = page("ana", **FAILED)
ANA_TOOK = page("ana", state=PageState.ACKNOWLEDGED)
ORDERED = replace(ANA, requested_at=None)
TEXT = page("ana", channel=Channel.SMS, state=PageState.ACKNOWLEDGED)
TAKEN = {"state": State.ACKNOWLEDGED, "holder": "ana", "holder_name": "Ana Paz"}


@pytest.mark.parametrize(
    ("told_of", "fact"),
    [
        (incident(), Waiting(Progress.GUARD)),
        (incident(ANA), Waiting(Progress.CALLING, ("Ana",))),
        (incident(ANA_FAILED), Waiting(Progress.GUARD)),
        (incident(ORDERED), Waiting(Progress.GUARD)),  # nobody carries the order out
        (incident(ANA_FAILED, replace(ORDERED, phone=1)), Waiting(Progress.GUARD)),
        (incident(replace(ANA, round=0)), Waiting(Progress.GUARD)),  # rung from somebody's own leg
        (
            incident(replace(ORDERED, state=PageState.CANCELLED), page("ana", 2), round=2),
            Waiting(Progress.CALLING, ("Ana",)),  # the first time that she is called
        ),
        (incident(ANA_FAILED, page("ana", phone=1)), Waiting(Progress.CALLING, ("Ana",))),
        (incident(ANA_FAILED, BRUNO, level=1), Waiting(Progress.CALLING_NEXT, ("Bruno",), 2)),
        (incident(ANA, page("carla")), Waiting(Progress.CALLING, ("Ana", "Carla"))),
        (incident(ANA_FAILED, is_resting=True), Waiting(Progress.AGAIN)),
        (incident(ANA_FAILED, page("ana", 2), round=2), Waiting(Progress.AGAIN, ("Ana",))),
        (incident(ANA_TOOK, page("ana", 2), round=2), Waiting(Progress.CALLING, ("Ana",))),  # reopened
        (
            incident(ANA_TOOK, page("ana", 2, **FAILED), page("ana", 3), round=3),
            Waiting(Progress.AGAIN, ("Ana",)),
        ),
        (
            incident(page("ana", 2, **FAILED), page("bruno", 2, 1), round=2, level=1),
            Waiting(Progress.CALLING_NEXT, ("Bruno",), 2),
        ),
        (incident(TEXT, **TAKEN), Waiting(Progress.TAKEN, ("Ana",))),
        (incident(replace(ANA, state=PageState.ACKNOWLEDGED), **TAKEN), Waiting(Progress.TAKEN, ("Ana",))),
        (incident(ANA_FAILED, state=State.CLOSED), Waiting(Progress.OVER)),
    ],
)
def test_the_fact_of_a_round_is_true_of_the_incident_now(told_of: Incident, fact: Waiting) -> None:
    assert waiting_for(told_of) == fact


def test_only_somebody_who_has_it_is_said_to_have_it() -> None:
    assert waiting_for(incident(TEXT, **TAKEN)).taken_by == "Ana"
    assert waiting_for(incident(ANA)).taken_by is None


@pytest.mark.parametrize(
    ("told_of", "is_nobody"),
    [
        (incident(), True),
        (incident(ORDERED), True),
        (incident(ANA_FAILED, page("ana", channel=Channel.SMS)), True),
        (incident(ANA), False),
        (incident(replace(ANA, due_at=AT + seconds(25))), False),
        (incident(replace(ANA, due_at=AT)), True),  # nobody saw that its time was over
        (incident(replace(ANA, round=0, due_at=AT + seconds(45))), False),
        (incident(TEXT, **TAKEN), False),
        (incident(ANA_FAILED, state=State.CLOSED), False),
    ],
)
def test_nobody_is_called_where_no_order_left_or_its_time_is_over(told_of: Incident, is_nobody: bool) -> None:
    assert is_nobody_called(told_of, AT) is is_nobody
