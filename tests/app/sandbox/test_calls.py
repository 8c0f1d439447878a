"""The life of a call, inbound and outbound, as the application is told of it."""

from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from app.sandbox.handset import Behaviour, NotPossible
from app.sandbox.scripts import Script
from tests.app.sandbox.town import (
    ACCOUNT,
    ANA,
    BRUNO,
    EVERY_EVENT,
    LINE,
    MARTA,
    ORIGIN,
    Town,
    document,
    found_town,
    gather,
    say,
)

STATUS: dict[str, Any] = {"status_callback": f"{ORIGIN}/status", "status_callback_event": EVERY_EVENT}


def test_an_inbound_call_arrives_ringing_with_all_its_parameters(town: Town) -> None:
    town.tell("/in", document(say("Hola"), "<Hangup/>"))

    sid = town.dial()
    town.run()

    [form] = town.asked("/in")
    assert form["CallSid"] == sid
    assert form["AccountSid"] == ACCOUNT
    assert form["CallStatus"] == "ringing"
    assert form["Direction"] == "inbound"
    assert (form["From"], form["Caller"]) == (MARTA, MARTA)
    assert (form["To"], form["Called"]) == (LINE, LINE)
    assert form["FromCountry"] == form["CallerCountry"] == form["ToCountry"] == "AR"
    assert form["ToZip"] == ""
    assert form["ApiVersion"] == "2010-04-01"


def test_the_end_of_an_inbound_call_is_told_once(town: Town) -> None:
    town.tell("/in", document(say("Quince letras.."), '<Pause length="4"/>', "<Hangup/>"))

    town.dial()
    town.run()

    [form] = town.asked("/over")
    assert form["CallStatus"] == "completed"
    assert form["CallDuration"] == "5"
    assert form["Duration"] == "1"
    assert form["CallbackSource"] == "call-progress-events"
    assert parsedate_to_datetime(form["Timestamp"]).tzinfo is not None


def test_a_caller_who_hangs_up_is_gone_whatever_was_being_said(town: Town) -> None:
    town.tell(
        "/in",
        document(gather("/key", "Una frase muy larga que nadie va a terminar de escuchar"), "<Hangup/>"),
    )

    town.dial(Script().hang_up(after=1))
    town.run()

    assert [form["CallStatus"] for form in town.asked("/over")] == ["completed"]
    assert town.asked("/key") == []


def test_a_withheld_number_arrives_as_anonymous(town: Town) -> None:
    town.tell("/in", document("<Hangup/>"))

    town.dial(withheld=True)
    town.run()

    assert town.asked("/in")[0]["From"] == "anonymous"
    assert MARTA not in town.asked("/in")[0].values()


def test_an_outbound_call_tells_each_step_in_order(town: Town) -> None:
    town.tell("/page", document(say("Guardia"), "<Hangup/>"))
    town.phone(ANA).behave(Script.answering(8))

    town.call(**STATUS)
    town.run()

    told = town.asked("/status")
    assert [form["CallStatus"] for form in told] == ["initiated", "ringing", "in-progress", "completed"]
    assert [form["SequenceNumber"] for form in told] == ["0", "1", "2", "3"]
    assert {form["Direction"] for form in told} == {"outbound-api"}
    assert "CallDuration" not in told[2]
    assert told[3]["CallDuration"] == "1"
    assert town.asked("/page")[0]["CallStatus"] == "in-progress"


def test_only_the_events_asked_for_are_told(town: Town) -> None:
    town.tell("/page", document("<Hangup/>"))
    town.phone(ANA).behave(Script.answering(1))

    town.call(status_callback=f"{ORIGIN}/status")
    town.run()

    assert [form["CallStatus"] for form in town.asked("/status")] == ["completed"]


@pytest.mark.parametrize(
    ("behaviour", "status", "sip"),
    [
        (Behaviour.OFF, "failed", "404"),
        (Behaviour.BUSY, "busy", "486"),
        (Behaviour.ASLEEP, "no-answer", "487"),
    ],
)
def test_a_phone_that_is_not_answered_says_why(
    town: Town, behaviour: Behaviour, status: str, sip: str
) -> None:
    town.phone(ANA).behaviour = behaviour

    town.call(**STATUS, timeout=25)
    town.run()

    last = town.asked("/status")[-1]
    assert (last["CallStatus"], last["SipResponseCode"]) == (status, sip)
    assert town.asked("/page") == []


def test_the_api_rings_five_seconds_longer_than_its_timeout(town: Town) -> None:
    town.phone(ANA).behaviour = Behaviour.ASLEEP

    town.call(**STATUS, timeout=25)
    town.run()

    rang, ended = town.requests[1].at, town.requests[2].at
    assert (ended - rang).total_seconds() == 30


def test_a_phone_in_use_is_busy(town: Town) -> None:
    town.tell("/page", document('<Pause length="60"/>', "<Hangup/>"))
    town.phone(ANA).behave(Script.answering(1))
    town.call()
    town.run(10)

    town.call(**STATUS)
    town.run()

    assert town.asked("/status")[-1]["CallStatus"] == "busy"


def test_a_rejected_call_is_busy(town: Town) -> None:
    town.phone(ANA).behave(Script.rejecting(3))

    town.call(**STATUS)
    town.run()

    assert town.asked("/status")[-1]["CallStatus"] == "busy"


def test_voicemail_answers_and_never_presses_a_key(town: Town) -> None:
    town.tell("/page", document(gather("/key", "Marque 1"), "<Hangup/>"))
    town.phone(ANA).behaviour = Behaviour.VOICEMAIL

    town.call(**STATUS)
    town.run()

    assert [form["CallStatus"] for form in town.asked("/status")][-2:] == ["in-progress", "completed"]
    assert town.asked("/key") == []


def test_calls_leave_one_a_second_and_say_how_long_they_wait(town: Town) -> None:
    assert town.client is not None
    town.tell("/page", document("<Hangup/>"))

    made = [
        town.client.calls.create(to=to, from_=LINE, url=f"{ORIGIN}/page", **STATUS)
        for to in (ANA, BRUNO, "+5491155550103")
    ]
    town.run(5)

    assert [call.queue_time for call in made] == ["0", "1000", "2000"]
    assert [call.status for call in made] == ["queued"] * 3
    initiated = [one.at for one in town.requests if one.form.get("CallStatus") == "initiated"]
    assert [(at - initiated[0]).total_seconds() for at in initiated] == [0, 1, 2]


def test_a_call_canceled_in_the_queue_is_never_told_of(town: Town) -> None:
    assert town.client is not None
    town.call(to=BRUNO)
    sid = town.call(**STATUS)

    town.client.calls(sid).update(status="canceled")
    town.run()

    assert town.asked("/status") == []
    assert town.client.calls(sid).fetch().status == "canceled"


def test_a_ringing_call_can_be_canceled(town: Town) -> None:
    assert town.client is not None
    sid = town.call(**STATUS)
    town.run(5)

    town.client.calls(sid).update(status="canceled")
    town.run()

    assert town.asked("/status")[-1]["CallStatus"] == "canceled"
    assert town.phone(ANA).call is None


def test_a_call_ends_at_its_time_limit(town: Town) -> None:
    town.tell("/page", document('<Pause length="600"/>', "<Hangup/>"))
    town.phone(ANA).behave(Script.answering(1))

    town.call(**STATUS, time_limit=30)
    town.run()

    assert town.asked("/status")[-1]["CallDuration"] == "30"


def test_a_phone_does_only_what_it_can() -> None:
    town = found_town()
    phone = town.phone(MARTA)

    for act in (
        phone.answer,
        phone.reject,
        phone.hang_up,
        lambda: phone.press("1"),
        lambda: phone.say("hola"),
    ):
        with pytest.raises(NotPossible):
            act()
    phone.dial(LINE)
    with pytest.raises(NotPossible):
        phone.dial(LINE)


def test_a_number_that_is_nobodys_is_not_in_service(town: Town) -> None:
    town.phone(MARTA).dial("+541100000000")
    town.run()

    ended = town.phone(MARTA).ended
    assert ended is not None
    assert ended.status == "failed"


def test_the_same_seed_tells_the_same_story() -> None:
    def play() -> list[object]:
        town = found_town(seed=5)
        town.exchange.chaos.everything_twice_and_out_of_order()
        town.tell("/in", document(gather("/key", "Marque uno"), "<Hangup/>"))
        town.tell("/key", document(say("Gracias"), "<Hangup/>"))
        town.phone(ANA).behave(Script.answering(3))
        town.tell("/page", document("<Hangup/>"))
        town.dial(Script().press("1", hearing="uno"))
        town.call(**STATUS)
        town.run()
        return [event.as_dict() for event in town.exchange.story]

    assert play() == play()
