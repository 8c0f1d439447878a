"""Webhooks as nobody would write them: each is answered with valid TwiML and 200, and nobody is cut off."""

import logging

import pytest

from app.sandbox.scripts import Script
from app.wiring.demo.stage import Stage
from tests.protocol import twiml
from tests.stories.telling import entries, post

_SID = "CA" + "7" * 32
_MARTA = {"CallSid": _SID, "From": "+5491155550201", "To": "+541152630001", "CallStatus": "ringing"}
_WITHHELD = [
    "anonymous",
    "unknown",
    "Restricted",
    "+266696687",
    "",
    "+",
    "sip:a@b",
    "ñandú",
    "+54" + "9" * 40,
]
_STEPS = ["key", "silence", "recorded", "wait", "wait-key", "left", "talked"]


def test_unknown_parameters_change_nothing(stage: Stage) -> None:
    stage.world.exchange.chaos.extra_parameters = {"Flavour": "ñ", "X[]": "1", "SequenceNumber": "NaN"}
    stage.dial("marta", "acme", Script().press("1", after=5).press("1", after=5))
    stage.run(30)

    assert stage.summaries()[0]["priority"] == "blocker"
    assert stage.rings() == {"ana": 1}


def test_without_geography_and_with_any_attestation_a_call_is_a_call(stage: Stage) -> None:
    stage.world.exchange.chaos.missing_geo = True
    stage.world.exchange.chaos.stir_verstat = "TN-Validation-Failed-C"
    stage.dial("marta", "acme", Script().press("1", after=5).press("1", after=5))
    stage.run(30)

    assert entries(stage, "call_arrived")[0]["data"]["attestation"] == "TN-Validation-Failed-C"
    assert stage.rings() == {"ana": 1}


@pytest.mark.parametrize("given", _WITHHELD)
def test_a_caller_without_a_usable_number_is_asked_for_the_pin(stage: Stage, given: str) -> None:
    answer = post(stage, "/voice/incoming", _MARTA | {"From": given})

    assert answer.status_code == 200
    assert "Marque su PIN" in answer.text


def test_an_absent_from_is_a_withheld_number(stage: Stage) -> None:
    stage.world.exchange.chaos.withheld_as = None
    pin = Script().press("2580#", hearing="PIN").press("1", hearing="CRM").press("1", hearing="Si nada")
    stage.dial("marta", "acme", pin, withheld=True)
    stage.run(45)

    assert entries(stage, "call_arrived")[0]["data"]["withheld"] is True
    assert stage.rings() == {"ana": 1}


@pytest.mark.parametrize(
    "digits", ["", "1" * 10_000, "#", "*", "１", "1\n1", "'; DROP TABLE cases; --", "\x00"]
)
def test_no_digits_or_ten_kilobytes_of_them_are_a_key_that_was_not_understood(
    stage: Stage, caplog: pytest.LogCaptureFixture, digits: str
) -> None:
    post(stage, "/voice/incoming", _MARTA)

    answer = post(stage, "/voice/calls/0/key", _MARTA | {"Digits": digits})

    assert answer.status_code == 200
    assert "No recibimos una opción válida. CRM Salesforce, marque 1." in answer.text
    assert [r.message for r in caplog.records if r.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("digits", ["", "1" * 10_000, "2580" * 2500, "25 80", "２５８０"])
def test_such_digits_are_a_wrong_pin(stage: Stage, digits: str) -> None:
    post(stage, "/voice/incoming", _MARTA | {"From": "anonymous"})

    answer = post(stage, "/voice/calls/0/key", _MARTA | {"From": "anonymous", "Digits": digits})

    assert "Ese PIN no es correcto" in answer.text


@pytest.mark.parametrize("step", _STEPS)
def test_a_call_never_seen_is_taken_in_as_if_it_had_just_arrived(stage: Stage, step: str) -> None:
    answer = post(stage, f"/voice/calls/3/{step}", _MARTA | {"Digits": "1"})

    assert answer.status_code == 200
    role = twiml.Role.QUEUE_WAIT if step.startswith("wait") else twiml.Role.CALL
    assert twiml.problems(answer.text, role) == []
    assert stage.world.guard.dispatcher.call(_SID) is not None


@pytest.mark.parametrize("step", ["answer", "key/1", "talked", "disposition/1", "call-client/1", "calling/1"])
def test_a_page_never_placed_is_hung_up_on(stage: Stage, step: str) -> None:
    answer = post(stage, f"/voice/pages/{'0' * 32}/{step}", _MARTA | {"Digits": "1"})

    assert answer.status_code == 200
    assert twiml.problems(answer.text) == []
    assert "<Hangup" in answer.text


@pytest.mark.parametrize("path", ["/voice/status", "/voice/recordings", f"/voice/pages/{'0' * 32}/status"])
def test_reports_on_calls_never_seen_are_taken_note_of_and_forgotten(stage: Stage, path: str) -> None:
    form = {"CallSid": _SID, "CallStatus": "completed", "RecordingSid": "RE" + "1" * 32}

    answer = post(stage, path, form | {"RecordingStatus": "completed", "SequenceNumber": "x"})

    assert answer.status_code == 204
    assert stage.summaries() == []


def test_an_empty_form_is_answered_too(stage: Stage) -> None:
    answer = post(stage, "/voice/incoming", {})

    assert answer.status_code == 200
    assert twiml.problems(answer.text) == []
