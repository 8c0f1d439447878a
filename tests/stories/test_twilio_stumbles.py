"""The telephone company errs, is slow, loses, repeats: a page rings one phone, once, and it does ring."""

import pytest

from app.sandbox.chaos import Misfortune, RestFault
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import Stage
from tests.stories.telling import entries, moment, rang_at, seconds_between


@pytest.mark.parametrize("fault", [RestFault.FAILED_BUT_DONE, RestFault.TIMED_OUT_BUT_DONE])
def test_a_call_that_was_made_in_spite_of_the_error_is_adopted_and_rings_once(
    stage: Stage, fault: RestFault
) -> None:
    stage.world.exchange.chaos.next_rest(fault)
    stage.phone("ana").behave(takes(4))
    stage.dial("marta", "acme", reports())
    stage.run(60)

    placed = [e for e in stage.world.exchange.story.of("rest") if e.detail["path"].endswith("/Calls.json")]
    assert len([e for e in placed if e.detail["method"] == "POST"]) == 1
    assert stage.rings() == {"ana": 1}
    assert len(entries(stage, "page_adopted")) == 1
    assert stage.summaries()[0]["acknowledged_by"] == "ana"


@pytest.mark.parametrize("fault", [RestFault.FAILED_BUT_DONE, RestFault.TIMED_OUT_BUT_DONE])
def test_a_text_that_was_sent_in_spite_of_the_error_is_not_sent_again(stage: Stage, fault: RestFault) -> None:
    stage.phone("ana").behave(takes(20))
    stage.dial("marta", "acme", reports())
    stage.run(23.9)
    stage.world.exchange.chaos.next_rest("429", fault)  # the call is told to come again; the text is doubtful
    stage.run(60)

    assert stage.texts()["ana"] == ["page"]
    assert stage.rings() == {"ana": 1}


@pytest.mark.parametrize("fault", [RestFault.TOO_MANY, RestFault.UNAVAILABLE, RestFault.REFUSED])
def test_what_was_never_processed_is_sent_again_within_seconds(stage: Stage, fault: RestFault) -> None:
    stage.world.exchange.chaos.next_rest(fault)
    stage.phone("ana").behave(takes(4))
    stage.dial("marta", "acme", reports())
    stage.run(60)

    assert stage.rings() == {"ana": 1}
    assert seconds_between(moment(stage, "page_requested", channel="call"), rang_at(stage, "ana")) < 4
    assert len(entries(stage, "provider_error")) == 1


def test_when_every_report_is_lost_the_next_phone_rings_all_the_same(stage: Stage) -> None:
    stage.world.exchange.chaos.callbacks = Misfortune(drop=1.0)
    stage.dial("marta", "acme", reports())
    stage.run(200)

    assert {"ana", "ana2", "bruno", "lucia"} <= set(stage.rings())


def test_when_every_report_is_lost_a_key_still_takes_it_and_they_talk(stage: Stage) -> None:
    stage.world.exchange.chaos.callbacks = Misfortune(drop=1.0)
    stage.phone("ana").behave(takes(4).press("2", hearing="¿Cómo sigue?"))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=20))
    stage.run(400)

    assert stage.rings() == {"ana": 1}
    assert stage.summaries()[0]["state"] == "closed"


def test_a_number_that_twilio_refuses_is_followed_by_the_next_at_once(stage: Stage) -> None:
    stage.world.exchange.chaos.unusable_numbers = {stage.numbers["ana"]: 21211}
    stage.phone("ana2").behave(takes(4))
    stage.dial("marta", "acme", reports())
    stage.run(60)

    assert stage.rings() == {"ana2": 1}
    failed = entries(stage, "page_failed", channel="call")[0]["data"]
    assert (failed["why"], failed["code"]) == ("refused", "21211")


def test_who_opted_out_of_texts_is_called_all_the_same(stage: Stage) -> None:
    stage.text("ana", "STOP")
    stage.phone("ana").behave(takes(4))
    stage.dial("marta", "acme", reports())
    stage.run(60)

    assert stage.summaries()[0]["acknowledged_by"] == "ana"
    assert entries(stage, "page_failed", channel="sms")[0]["data"]["code"] == "21610"


def test_a_text_that_never_arrives_does_not_hold_the_call(stage: Stage) -> None:
    stage.world.exchange.chaos.failing_texts = {stage.numbers["ana"]: 30003}
    stage.phone("ana").behave(takes(4))
    stage.dial("marta", "acme", reports())
    stage.run(60)

    assert stage.rings() == {"ana": 1}
    assert stage.summaries()[0]["acknowledged_by"] == "ana"


def test_with_twilios_api_down_the_page_leaves_when_it_is_back(stage: Stage) -> None:
    stage.world.exchange.chaos.rest_down = True
    stage.phone("ana").behave(takes(4))
    stage.dial("marta", "acme", reports())
    stage.run(40)
    assert stage.rings() == {}

    stage.world.exchange.chaos.rest_down = False
    stage.run(60)

    assert stage.rings()["ana"] == 1
    assert stage.summaries()[0]["acknowledged_by"] == "ana"


def test_a_webhook_that_fails_once_is_tried_again_and_nobody_notices(stage: Stage) -> None:
    stage.phone("ana").behave(takes(4))
    stage.dial("marta", "acme", reports())
    for seconds, fault in ((5, "500"), (15, "timeout"), (33, "refused")):
        stage.after(seconds, lambda fault=fault: stage.world.exchange.chaos.next_webhooks(fault))  # type: ignore[misc]
    stage.run(80)

    assert stage.summaries()[0]["acknowledged_by"] == "ana"
    assert stage.rings() == {"ana": 1}


@pytest.mark.parametrize("slowest", [1, 5, 20])
def test_everything_twice_and_late_opens_one_case_with_one_holder(stage: Stage, slowest: int) -> None:
    chaos = stage.world.exchange.chaos
    chaos.everything_twice_and_out_of_order()
    chaos.callbacks.slowest = chaos.webhooks.slowest = stage.world.now.resolution * 1_000_000 * slowest
    stage.phone("ana").behave(takes(4).press("2", hearing="¿Cómo sigue?"))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=20))
    stage.run(300)

    assert stage.rings() == {"ana": 1}
    assert [(c["state"], c["acknowledged_by"]) for c in stage.summaries()] == [("closed", "ana")]
    kinds = stage.kinds()
    for kind in ("opened", "acknowledged", "connected", "conversation_ended", "disposition", "closed"):
        assert kinds.count(kind) == 1, kind
    assert "unexpected" not in kinds
    assert stage.texts() == {"ana": ["page"]}
