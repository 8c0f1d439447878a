"""What Twilio did not sign is refused, and nothing is written: 403, whatever it says."""

import pytest

from app.wiring.demo.scripts import reports
from app.wiring.demo.stage import Stage
from tests.stories.telling import post, written

_CALL = {"CallSid": "CA" + "5" * 32, "From": "+5491155550201", "To": "+541152630001", "CallStatus": "ringing"}


@pytest.mark.parametrize("signature", ["", "AAAA", "L/OH5YylLD5NRKLltdqwSvS0BnU="])
@pytest.mark.parametrize(
    "path",
    ["/voice/incoming", "/voice/status", "/voice/calls/0/key", "/voice/direct/after", "/sms/incoming"],
)
def test_an_unsigned_or_forged_webhook_is_refused(stage: Stage, path: str, signature: str) -> None:
    before = written(stage)

    answer = post(stage, path, _CALL | {"Digits": "1", "Body": "who"}, signature=signature)

    assert answer.status_code == 403
    assert written(stage) == before


def test_another_account_is_refused_even_when_signed(stage: Stage) -> None:
    before = written(stage)

    answer = post(stage, "/voice/incoming", _CALL | {"AccountSid": "AC" + "9" * 32})

    assert answer.status_code == 403
    assert written(stage) == before


def test_a_forged_key_takes_nothing(stage: Stage) -> None:
    stage.dial("marta", "acme", reports())
    stage.run(30)
    page = stage.world.exchange.story.of("rest")[0].detail["form"]["Url"][0].partition("#")[0]
    path = page.removeprefix("https://guardia.example").replace("/answer", "/key/1")

    answer = post(stage, path, _CALL | {"Digits": "1"}, signature="AAAA")

    assert answer.status_code == 403
    assert stage.summaries()[0]["state"] == "open"
