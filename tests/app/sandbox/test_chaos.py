"""Trouble on order."""

from datetime import timedelta
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from app.sandbox.chaos import Misfortune
from app.sandbox.scripts import Script
from tests.app.sandbox.town import ANA, EVERY_EVENT, LINE, ORIGIN, Town, document, gather, say

BYE = document(say("Adiós"), "<Hangup/>")
STATUS: dict[str, Any] = {"status_callback": f"{ORIGIN}/status", "status_callback_event": EVERY_EVENT}


def page_ana(town: Town) -> None:
    town.tell("/page", BYE)
    town.phone(ANA).behave(Script.answering(2))
    town.call(**STATUS)
    town.run()


def test_callbacks_may_come_twice(town: Town) -> None:
    town.exchange.chaos.callbacks = Misfortune(duplicate=1.0)

    page_ana(town)

    told = [(one.form["SequenceNumber"], one.token) for one in town.requests if one.path == "/status"]
    assert sorted(number for number, _ in told) == sorted("00112233")
    assert len(set(told)) == 4


def test_callbacks_may_come_out_of_order(town: Town) -> None:
    town.exchange.chaos.callbacks = Misfortune(delay=1.0, slowest=timedelta(seconds=20))

    page_ana(town)

    numbers = [form["SequenceNumber"] for form in town.asked("/status")]
    assert sorted(numbers) == ["0", "1", "2", "3"]
    assert numbers != sorted(numbers)


def test_callbacks_may_be_lost(town: Town) -> None:
    town.exchange.chaos.callbacks = Misfortune(drop=1.0)

    page_ana(town)

    assert town.asked("/status") == []


def test_a_webhook_may_come_twice_and_only_its_first_answer_counts(town: Town) -> None:
    town.exchange.chaos.everything_twice_and_out_of_order()
    town.tell("/in", document(gather("/key", "Marque 1", numDigits="1"), "<Hangup/>"))
    town.tell("/key", BYE)

    town.dial(Script().press("1", hearing="Marque"))
    town.run()

    assert len(town.asked("/in")) == len(town.asked("/key")) == 2
    assert [line.text for line in town.phone("+5491155550201").heard] == ["Marque 1", "Adiós"]


def test_too_many_requests_is_never_processed(town: Town) -> None:
    town.exchange.chaos.next_rest("429")

    with pytest.raises(TwilioRestException) as refused:
        town.call()

    assert (refused.value.status, refused.value.code) == (429, 20429)
    assert town.exchange.calls.by_sid == {}


def test_an_error_may_hide_that_the_call_was_made(town: Town) -> None:
    assert town.client is not None
    town.exchange.chaos.next_rest("500-but-done")

    with pytest.raises(TwilioRestException) as failed:
        town.call()

    assert (failed.value.status, failed.value.code) == (500, 20500)
    [made] = town.client.calls.list(to=ANA)
    assert made.status == "queued"


def test_a_time_out_may_hide_that_the_call_was_made(town: Town) -> None:
    town.exchange.chaos.next_rest("timeout-but-done")

    with pytest.raises(requests.exceptions.ReadTimeout):
        town.call()

    assert len(town.exchange.calls.by_sid) == 1


def test_the_service_may_be_unavailable_or_not_there_at_all(town: Town) -> None:
    town.exchange.chaos.next_rest("503")
    with pytest.raises(TwilioRestException, match="unavailable"):
        town.call()

    town.exchange.chaos.rest_down = True
    with pytest.raises(requests.exceptions.ConnectionError):
        town.call()
    assert town.exchange.calls.by_sid == {}


def test_parameters_come_and_go(town: Town) -> None:
    chaos = town.exchange.chaos
    chaos.extra_parameters = {"NobodyKnows": "ñ"}
    chaos.missing_geo = True
    chaos.stir_verstat = "TN-Validation-Passed-C"
    chaos.withheld_as = None
    town.tell("/in", BYE)

    town.dial(withheld=True)
    town.run()

    [form] = town.asked("/in")
    assert form["NobodyKnows"] == "ñ"
    assert form["StirVerstat"] == "TN-Validation-Passed-C"
    assert "From" not in form
    assert not any("Country" in name for name in form)


def test_a_recording_may_be_absent(town: Town) -> None:
    assert town.client is not None
    events = 'recordingStatusCallbackEvent="completed absent"'
    town.exchange.chaos.recording_absent = True
    town.tell(
        "/in",
        document(f'<Record action="{ORIGIN}/done" recordingStatusCallback="{ORIGIN}/recording" {events}/>'),
    )
    town.tell("/done", BYE)

    town.dial()
    town.run()

    [form] = town.asked("/recording")
    assert form["RecordingStatus"] == "absent"
    [recording] = town.exchange.recordings.by_sid.values()
    media = town.client.request("GET", f"{town.exchange.recordings.url(recording)}.wav")
    assert media.status_code == 404


@pytest.mark.parametrize("code", [21211, 21214, 21215, 21216])
def test_a_number_may_be_unusable(town: Town, code: int) -> None:
    town.exchange.chaos.unusable_numbers[ANA] = code

    with pytest.raises(TwilioRestException) as refused:
        town.call()

    assert refused.value.code == code


def test_a_text_may_fail_late(town: Town) -> None:
    assert town.client is not None
    town.exchange.chaos.failing_texts[ANA] = 30003

    town.client.messages.create(to=ANA, from_=LINE, body="hola", status_callback=f"{ORIGIN}/text")
    town.run()

    last = town.asked("/text")[-1]
    assert (last["MessageStatus"], last["ErrorCode"]) == ("undelivered", "30003")
    assert town.phone(ANA).texts == []
