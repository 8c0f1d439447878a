"""A level of which nothing left, as nobody looked, is paged itself; an order that cannot leave holds none."""

from datetime import timedelta

import pytest

from oncall import escalation
from oncall.escalation import Decision, Incident, PageNotPlaced, PageRequested, TimeUp
from tests.oncall.examples import AT, seconds
from tests.oncall.test_escalation import ANA_1, ANA_SMS, BRUNO_1, BRUNO_SMS, after, cancelled, opened, sent

DUE = seconds(240)  # three minutes and what a level is given to send its first request
AGAIN = ["2.1.ana.1", "2.1.ana.sms"]


def ended(incident: Incident, late: timedelta) -> Decision:
    assert incident.due_at is not None
    return escalation.advance(incident, TimeUp(), incident.due_at + late)


@pytest.mark.parametrize("late", [11, 138, 301])
def test_a_level_nobody_could_be_called_for_is_paged_itself_once_somebody_looks(late: int) -> None:
    decision = ended(opened(), seconds(late))

    assert sent(decision) == AGAIN
    assert cancelled(decision) == [ANA_1]
    assert decision.entries[0].kind == "stood_still"
    assert decision.incident.due_at == AT + DUE + seconds(late) + DUE


def test_how_long_nobody_looked_counts_from_the_order() -> None:
    assert ended(opened(), seconds(60)).entries[0].data == {"seconds": 300}


@pytest.mark.parametrize("late", [0, 1, 10])
def test_an_order_that_cannot_leave_does_not_hold_a_level_that_is_looked_at(late: int) -> None:
    assert sent(ended(opened(), seconds(late))) == [BRUNO_1, BRUNO_SMS]


def test_whoever_was_called_had_their_chance_however_late_the_end_is_seen() -> None:
    requested = after(opened(), PageRequested(ANA_1), PageRequested(ANA_SMS))

    assert sent(ended(requested, seconds(138)))[-2:] == [BRUNO_1, BRUNO_SMS]


def test_a_phone_that_failed_was_tried_although_the_next_one_waits_to_be_called() -> None:
    failed = after(opened(), PageRequested(ANA_1), PageNotPlaced(ANA_1, "refused"))

    assert sent(ended(failed, seconds(138))) == [BRUNO_1, BRUNO_SMS]
