"""The guard among fakes, on both databases: what leaves, what is retried, what is never done twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from oncall.dispatcher.hands import ALL_ORDERS, TELEPHONE_ORDERS
from oncall.escalation import Answer
from oncall.intake import HungUp, IncidentTaken, KeyPressed, Recorded, Step
from oncall.ports import Ambiguous, Gone, Misconfigured, Refused, Unreachable
from oncall.store import Store, Work
from oncall.store.orders import LEASE
from tests.oncall.examples import ANA, BRUNO
from tests.oncall.fakes import FakeTelephone, Stage

ANA_1, ANA_2, ANA_SMS, BRUNO_1 = "1.1.ana.1", "1.1.ana.2", "1.1.ana.sms", "1.2.bruno.1"


def rung(stage: Stage) -> list[str]:
    """The numbers that were rung, in their order."""
    return [to for to, _ in stage.telephone.calls]


# --- from the key to the page --------------------------------------------------------------------


def test_the_case_and_the_order_to_page_are_there_before_anybody_is_called(stage: Stage) -> None:
    call = stage.open_incident()

    assert (call.reference, call.calling) == ("G-1001", ("Ana",))
    assert stage.telephone.calls == []
    with stage.store.reading() as work:
        assert work.next_order_due(TELEPHONE_ORDERS) == stage.clock.at


def test_a_case_whose_order_cannot_be_written_is_not_there_either(stage: Stage) -> None:
    priority = stage.press(stage.dial(), "1")

    def out_of_names() -> str:
        raise RuntimeError("no more names")

    stage.dispatcher.new_token = out_of_names

    with pytest.raises(RuntimeError):
        stage.press(priority, "1")

    with stage.store.reading() as work:
        assert work.cases() == []
        assert work.next_order_due(ALL_ORDERS) is None
    call = stage.dispatcher.call("CA-marta")
    assert call is not None
    assert call.step is Step.PRIORITY


def test_the_page_is_called_and_texted_at_the_same_moment(stage: Stage) -> None:
    stage.open_incident()

    stage.tick()

    assert rung(stage) == [ANA.phones[0]]
    assert [to for to, _ in stage.telephone.texts] == [ANA.phones[0]]
    assert stage.telephone.texts[0][1].facts["code"] == "1000"
    assert stage.kinds().count("page_requested") == 2
    assert "opened" in stage.mail.templates()


def test_nothing_is_done_twice_however_often_the_worker_looks(stage: Stage) -> None:
    stage.open_incident()

    for _ in range(5):
        stage.tick()

    assert len(stage.telephone.calls) == len(stage.telephone.texts) == 1


def test_calls_leave_one_a_second(store: Store) -> None:
    stage = Stage(store, calls_per_second=1)
    stage.open_incident("CA-1", "1")
    stage.tick()
    stage.dispatcher.page_status(stage.token(ANA_1), "CA-1", "busy", 1, stage.clock.at)

    stage.tick(0.9)
    assert rung(stage) == [ANA.phones[0]]
    stage.tick(0.1)

    assert rung(stage) == list(ANA.phones)


# --- failures of the telephone -------------------------------------------------------------------


def test_what_was_not_processed_is_tried_again_and_made_once(stage: Stage) -> None:
    stage.telephone.failures = [Unreachable("busy", "20429"), Unreachable("busy", "20503")]
    stage.open_incident()

    stage.tick()
    assert rung(stage) == []
    stage.tick(1)
    stage.tick(2)

    assert rung(stage) == [ANA.phones[0]]
    assert stage.kinds().count("provider_error") == 1


def test_what_was_made_without_an_answer_is_adopted_and_not_made_again(stage: Stage) -> None:
    stage.telephone.failures = [Ambiguous("made", "20500")]
    stage.open_incident()

    for _ in range(4):
        stage.tick(1)

    assert rung(stage) == [ANA.phones[0]]
    assert "page_adopted" in stage.kinds()


def test_a_lookup_that_fails_leaves_the_doubt_and_no_second_call(stage: Stage) -> None:
    stage.telephone.failures = [Ambiguous("made", "20500")]
    stage.telephone.lookup_failures = [Unreachable("busy", "20503"), Ambiguous("no answer", "timeout")]
    stage.open_incident()

    for _ in range(8):
        stage.tick(1)

    assert rung(stage) == [ANA.phones[0]]
    assert "page_adopted" in stage.kinds()


def test_what_was_not_made_without_an_answer_is_made_after_a_look(stage: Stage) -> None:
    stage.telephone.failures = [Ambiguous("not made", "timeout")]
    stage.open_incident()

    stage.tick()
    assert rung(stage) == []
    stage.tick(1)

    assert rung(stage) == [ANA.phones[0]]
    assert "page_adopted" not in stage.kinds()


def test_a_webhook_of_the_call_settles_the_doubt(stage: Stage) -> None:
    stage.telephone.failures = [Ambiguous("made", "timeout")]
    stage.open_incident()
    stage.tick()

    stage.dispatcher.page_status(stage.token(ANA_1), "CA-1", "ringing", 1, stage.clock.at)
    stage.tick(1)

    assert rung(stage) == [ANA.phones[0]]
    assert stage.page_state(ANA_1) == "ringing"


def test_a_worker_that_died_after_the_call_was_made_leaves_it_to_be_adopted(stage: Stage) -> None:
    stage.open_incident()
    claimed = stage.dispatcher.claim(stage.clock.at, ("call",))
    assert claimed is not None
    stage.telephone.call(ANA.phones[0], stage.token(ANA_1), timedelta(seconds=25))

    stage.tick(LEASE.total_seconds())

    assert rung(stage).count(ANA.phones[0]) == 1
    assert "page_adopted" in stage.kinds()


def test_a_refused_number_is_left_for_the_next_phone_at_once(stage: Stage) -> None:
    stage.telephone.failures = [Refused("invalid number", "21211")]
    stage.open_incident()

    stage.tick()

    assert rung(stage) == [ANA.phones[1]]
    assert stage.page_state(ANA_1) == "failed"


def test_an_account_that_refuses_everything_alarms_the_managers_and_paging_goes_on(stage: Stage) -> None:
    stage.telephone.failures = [
        Misconfigured("authenticate", "20003"),
        Misconfigured("authenticate", "20003"),
    ]
    stage.open_incident()

    stage.tick()
    stage.tick(1)

    assert "alarm" in stage.mail.templates()
    assert "provider_error" in stage.kinds()
    assert rung(stage) == [BRUNO.phones[0]]


def test_a_text_that_is_refused_holds_up_no_call(stage: Stage) -> None:
    stage.telephone.text_failures = [Refused("opted out", "21610")]
    stage.open_incident()

    stage.tick()

    assert rung(stage) == [ANA.phones[0]]
    assert stage.page_state(ANA_SMS) == "failed"
    assert stage.page_state(ANA_1) == "requested"


def test_a_leg_that_is_already_over_needs_no_cancelling(stage: Stage) -> None:
    stage.telephone.control_failures = [Gone("not in progress", "21220"), Gone("not in progress", "21220")]
    stage.open_incident()
    stage.tick()
    stage.dispatcher.text(ANA.phones[0], "1000", stage.clock.at)

    for _ in range(5):
        stage.tick(1)

    assert stage.state() == "acknowledged"
    assert stage.telephone.cancelled == []
    assert "provider_error" not in stage.kinds()


def test_a_letter_that_cannot_be_sent_is_tried_again_a_minute_later(stage: Stage) -> None:
    stage.mail.failures = [Unreachable("connection refused")]
    stage.open_incident()
    stage.tick()
    before = stage.mail.templates()

    stage.tick(60)

    assert len(stage.mail.templates()) > len(before)
    assert "mail_failed" not in stage.kinds()


def test_a_letter_that_is_refused_is_in_the_record(stage: Stage) -> None:
    stage.mail.failures = [Refused("550 no such mailbox")]
    stage.open_incident()

    stage.tick()

    assert "mail_failed" in stage.kinds()


class BreakableStore(Store):
    """A store whose next transactions that write break, as when the database restarts."""

    breaks = 0

    @contextmanager
    def writing(self) -> Iterator[Work]:
        if self.breaks > 0:
            self.breaks -= 1
            raise OperationalError("COMMIT", None, ConnectionError("server closed the connection"))
        with super().writing() as work:
            yield work


@pytest.mark.parametrize("breaks", [1, 2])
def test_a_database_that_restarts_after_the_call_was_made_leaves_it_to_ring(
    store: Store, breaks: int
) -> None:
    breakable = BreakableStore(store.engine)
    stage = Stage(breakable)
    stage.open_incident()
    claimed = stage.dispatcher.claim(stage.clock.at, ("call",))
    assert claimed is not None

    class BreakingTelephone(FakeTelephone):
        def call(self, to: str, page: str, ring: timedelta) -> str:
            breakable.breaks = breaks
            return super().call(to, page, ring)

    stage.telephone = stage.dispatcher.telephone = BreakingTelephone()
    stage.dispatcher.perform(claimed, stage.clock.now)
    breakable.breaks = 0
    stage.dispatcher.telephone = FakeTelephone(calls=stage.telephone.calls)

    stage.tick(LEASE.total_seconds() - 1)
    stage.tick(1)

    assert rung(stage) == [ANA.phones[0]]
    assert stage.page_state(ANA_1) == "requested"
    assert "internal_error" not in stage.kinds()


# --- our own mistakes ----------------------------------------------------------------------------


def test_a_poison_order_is_set_aside_and_the_others_go_on(stage: Stage) -> None:
    stage.telephone.failures = [ZeroDivisionError("our own bug")]
    stage.open_incident()

    stage.tick()
    stage.tick(1)

    assert rung(stage) == [ANA.phones[1]], "its page counts as failed: the next phone rings"
    assert len(stage.telephone.texts) == 1
    assert "internal_error" in stage.kinds()
    assert "alarm" in stage.mail.templates()


def test_a_row_that_cannot_be_handled_does_not_stop_the_loop(stage: Stage) -> None:
    stage.open_incident("CA-1", "1")
    stage.open_incident("CA-2", "5")
    stage.tick()
    with stage.store.writing() as work:
        work.connection.execute(text("""UPDATE cases SET policy = '["broken"]' WHERE id = 1001"""))

    stage.tick(400)

    assert stage.kinds(1001).count("level_began") == 1
    assert stage.kinds(1002).count("level_began") == 2
    due = stage.dispatcher.next_due(stage.clock.at)
    assert due is not None
    assert due > stage.clock.at, "it is looked at again later, not in a circle"


# --- taking it -----------------------------------------------------------------------------------


def taken_by_key(stage: Stage) -> None:
    stage.open_incident()
    stage.tick()
    stage.dispatcher.page_reached(stage.token(ANA_1), "CA-1", stage.clock.at)
    stage.dispatcher.page_key(stage.token(ANA_1), "1", stage.clock.at, "CA-1")


def test_a_key_takes_it_and_the_caller_is_brought(stage: Stage) -> None:
    taken_by_key(stage)

    stage.tick()

    assert stage.state() == "acknowledged"
    assert stage.telephone.brought == ["CA-marta"]
    assert "taken" in stage.mail.templates()


def test_after_it_is_taken_nothing_more_leaves_for_it(stage: Stage) -> None:
    taken_by_key(stage)
    before = rung(stage)

    for _ in range(20):
        stage.tick(60)

    assert rung(stage) == before


def test_taken_before_the_call_left_no_call_leaves(stage: Stage) -> None:
    stage.open_incident()
    claimed = stage.dispatcher.claim(stage.clock.at, ("page_text",))
    assert claimed is not None
    stage.dispatcher.perform(claimed, stage.clock.now)

    stage.dispatcher.text(ANA.phones[0], "1000", stage.clock.at)
    stage.tick()

    assert rung(stage) == []
    assert stage.page_state(ANA_1) == "cancelled"


def test_taken_between_the_claim_and_the_call_no_call_leaves(stage: Stage) -> None:
    stage.open_incident()
    claimed = stage.dispatcher.claim(stage.clock.at, ("call",))
    assert claimed is not None

    stage.dispatcher.text(ANA.phones[0], "1000", stage.clock.at)
    stage.dispatcher.perform(claimed, stage.clock.now)

    assert rung(stage) == []


Doing = Callable[[Stage], Any]
TWICE: dict[str, Doing] = {
    "the call arrives": lambda s: s.dial(),
    "the priority key": lambda s: s.dispatcher.hear("CA-marta", KeyPressed(1, "1"), s.clock.at),
    "the recording": lambda s: s.dispatcher.hear("CA-marta", Recorded(2, 9), s.clock.at),
    "the sound of it": lambda s: s.dispatcher.recorded("CA-marta", "RE" + "0" * 32, 9, s.clock.at),
    "it rings": lambda s: s.dispatcher.page_status(s.token(ANA_1), "CA-1", "ringing", 1, s.clock.at),
    "it is answered": lambda s: s.dispatcher.page_reached(s.token(ANA_1), "CA-1", s.clock.at),
    "the key": lambda s: s.dispatcher.page_key(s.token(ANA_1), "1", s.clock.at, "CA-1"),
    "the text": lambda s: s.dispatcher.text(ANA.phones[0], "1000", s.clock.at),
    "the link": lambda s: s.dispatcher.take_by_link(s.token(ANA_SMS), s.clock.at),
    "the conversation ends": lambda s: s.dispatcher.conversation_ended(s.token(ANA_1), s.clock.at),
    "it is over": lambda s: s.dispatcher.page_status(s.token(ANA_1), "CA-1", "completed", 3, s.clock.at),
    "the disposition": lambda s: s.dispatcher.disposition(s.token(ANA_1), Answer.SOLVED, s.clock.at),
    "the caller hangs up": lambda s: s.dispatcher.hear("CA-marta", HungUp(), s.clock.at),
}


def play(stage: Stage, times: int) -> None:
    """A whole guard, every webhook of it ``times`` times."""
    for doing in TWICE.values():
        for _ in range(times):
            doing(stage)
        if doing is TWICE["the call arrives"]:
            stage.dispatcher.hear("CA-marta", KeyPressed(0, "1"), stage.clock.at)
        stage.tick(1)


def test_a_guard_in_which_everything_comes_twice_is_the_same_guard(stage: Stage) -> None:
    play(stage, 2)

    assert rung(stage) == [ANA.phones[0]]
    assert stage.state() == "closed"
    kinds = stage.kinds()
    once = ("call_arrived", "opened", "acknowledged", "page_answered", "disposition", "closed")
    assert [kinds.count(kind) for kind in once] == [1] * len(once)


def test_what_arrives_out_of_order_moves_nothing_backwards(stage: Stage) -> None:
    stage.open_incident()
    stage.tick()
    token = stage.token(ANA_1)

    stage.dispatcher.page_status(token, "CA-1", "no-answer", 3, stage.clock.at)
    stage.dispatcher.page_status(token, "CA-1", "ringing", 1, stage.clock.at)
    stage.dispatcher.page_reached(token, "CA-1", stage.clock.at)

    assert stage.page_state(ANA_1) == "failed"
    assert stage.page_state(ANA_2) == "requested"


def test_a_call_never_seen_and_a_token_nobody_was_given_change_nothing(stage: Stage) -> None:
    assert stage.dispatcher.hear("CA-nobody", IncidentTaken("Ana", True), stage.clock.at) is None
    assert stage.dispatcher.page_key("0" * 32, "1", stage.clock.at) is None
    assert stage.dispatcher.take_by_link("0" * 32, stage.clock.at) is None

    with stage.store.reading() as work:
        assert work.cases() == []
