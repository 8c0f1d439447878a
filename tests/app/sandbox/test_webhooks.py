"""Requests to the application: signed, retried, redirected, given up."""

import pytest
from twilio.request_validator import RequestValidator

from app.sandbox.chaos import Misfortune
from app.sandbox.documents import Unreadable, read
from app.sandbox.transports import ConnectFailed, HttpTransport
from app.sandbox.webhooks import Overrides
from tests.app.sandbox.town import MARTA, ORIGIN, TOKEN, Town, document, found_town, say

BYE = document(say("Adiós"), "<Hangup/>")
APOLOGY = "We are sorry, an application error has occurred. Goodbye."


def line_of(town: Town, **configuration: str) -> None:
    for name, value in configuration.items():
        setattr(town.exchange.lines["+541152630001"], name, value)


def test_the_signature_is_that_of_twilios_own_example(town: Town) -> None:
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "Digits": "1234",
        "From": "+14158675310",
        "To": "+18005551212",
    }

    signature = town.exchange.webhooks.sign("https://example.com/myapp.php?foo=1&bar=2", form)

    assert TOKEN == "12345"
    assert signature == "L/OH5YylLD5NRKLltdqwSvS0BnU="


def test_the_raw_path_is_signed_and_arrives_as_it_was_sent(town: Town) -> None:
    line_of(town, voice_url=f"{ORIGIN}/caf%C3%A9%2Dbar/x%3Ay?q=a%20b#rc=2")
    town.tell("/café-bar/x:y", BYE)

    town.dial()
    town.run()

    assert town.heard(MARTA) == ["Adiós"]
    assert town.requests[0].signed


def test_a_forged_signature_would_not_pass() -> None:
    assert not RequestValidator(TOKEN).validate(f"{ORIGIN}/in", {"a": "1"}, "nonsense")


def test_get_requests_carry_their_parameters_in_the_signed_url(town: Town) -> None:
    line_of(town, voice_method="GET")
    town.tell("/in", BYE)

    town.dial()
    town.run()

    assert town.requests[0].method == "GET"
    assert town.requests[0].signed


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("", Overrides()),
        (
            "#ct=1500&rt=4000&rc=2&rp=ct,rt,5xx",
            Overrides(1500, 4000, 15000, 2, frozenset({"ct", "rt", "5xx"})),
        ),
        ("#rc=9&rt=99999&rp=all", Overrides(5000, 15000, 15000, 5, frozenset({"ct", "rt", "4xx", "5xx"}))),
    ],
)
def test_overrides_stand_in_the_fragment(fragment: str, expected: Overrides) -> None:
    assert Overrides.of(f"{ORIGIN}/in?x=1{fragment}") == (f"{ORIGIN}/in?x=1", expected)


def test_by_default_a_server_error_is_not_retried(town: Town) -> None:
    town.tell("/in", ("boom", 500))

    town.dial()
    town.run()

    assert len(town.asked("/in")) == 1
    assert town.heard(MARTA) == [APOLOGY]


def test_retries_carry_the_same_token_as_far_as_the_override_goes(town: Town) -> None:
    line_of(town, voice_url=f"{ORIGIN}/in#rc=2&rp=5xx")
    town.tell("/in", ("boom", 500))

    town.dial()
    town.run()

    tries = [one for one in town.requests if one.path == "/in"]
    assert len(tries) == 3
    assert len({one.token for one in tries}) == 1
    assert tries[0].token


def test_different_requests_have_different_tokens(town: Town) -> None:
    town.tell("/in", document(f"<Redirect>{ORIGIN}/next</Redirect>"))
    town.tell("/next", BYE)

    town.dial()
    town.run()

    assert len({one.token for one in town.requests}) == 3


def test_a_failed_connection_is_retried_once(town: Town) -> None:
    town.tell("/in", BYE)
    town.exchange.chaos.next_webhooks("refused")

    town.dial()
    town.run()

    assert town.heard(MARTA) == ["Adiós"]


def test_a_slow_answer_costs_its_time_and_goes_to_the_fallback(town: Town) -> None:
    line_of(town, voice_url=f"{ORIGIN}/in#rt=4000&rc=1&rp=ct,rt,5xx", voice_fallback_url=f"{ORIGIN}/fallback")
    town.tell("/fallback", BYE)
    town.exchange.chaos.next_webhooks("timeout", "timeout")

    town.dial()
    town.run()

    [form] = town.asked("/fallback")
    assert form["ErrorUrl"] == f"{ORIGIN}/in"
    assert form["ErrorCode"] == "11205"
    assert (town.requests[0].at - town.phone(MARTA).heard[0].at).total_seconds() <= 0
    assert town.requests[0].at.second == 8
    assert town.heard(MARTA) == ["Adiós"]


def test_all_tries_together_end_after_fifteen_seconds(town: Town) -> None:
    line_of(town, voice_url=f"{ORIGIN}/in#rt=6000&rc=5&rp=all")
    town.exchange.chaos.next_webhooks(*["timeout"] * 3)

    town.dial()
    town.run()

    faults = town.exchange.story.of("fault")
    attempts = [event.detail["attempt"] for event in faults if "attempt" in event.detail]
    assert attempts == [1, 2, 3]
    assert town.asked("/in") == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (("boom", 500), "11200"),
        (("<Response>", 200, {"Content-Type": "text/xml"}), "12100"),
        (("<html><body>Error</body></html>", 200, {"Content-Type": "text/html"}), "12100"),
        (("{}", 200, {"Content-Type": "application/json"}), "12300"),
        (("", 302, {"Location": f"{ORIGIN}/in"}), "11215"),
        (document("<say>hola</say>", "<Hangup/>"), "12200"),
    ],
)
def test_what_cannot_be_used_goes_to_the_fallback(answer: object, code: str) -> None:
    town = found_town()
    line_of(town, voice_fallback_url=f"{ORIGIN}/fallback")
    town.tell("/in", answer)  # type: ignore[arg-type]
    town.tell("/fallback", BYE)

    town.dial()
    town.run()

    assert [form["ErrorCode"] for form in town.asked("/fallback")] == [code]
    assert town.heard(MARTA) == ["Adiós"]


def test_without_a_fallback_the_caller_hears_an_apology_and_the_call_ends(town: Town) -> None:
    town.exchange.chaos.webhooks_down = True

    town.dial()
    town.run()

    assert town.heard(MARTA) == [APOLOGY]
    assert town.phone(MARTA).call is None


def test_redirects_are_followed_and_change_to_get(town: Town) -> None:
    town.tell("/in", ("", 302, {"Location": "/elsewhere"}))
    town.tell("/elsewhere", BYE)

    town.dial()
    town.run()

    assert [one.method for one in town.requests[:2]] == ["POST", "GET"]
    assert town.heard(MARTA) == ["Adiós"]


def test_plain_text_is_spoken_and_audio_is_played() -> None:
    spoken = read(b"hola", "text/plain; charset=utf-8", ORIGIN)
    executed = read(BYE.encode(), "text/plain", ORIGIN)
    played = read(b"RIFF", "audio/wav", f"{ORIGIN}/a.wav")

    assert [verb.tag for verb in spoken.verbs] == ["Say"]
    assert [verb.tag for verb in executed.verbs] == ["Say", "Hangup"]
    assert played.verbs[0].text == f"{ORIGIN}/a.wav"
    with pytest.raises(Unreadable):
        read(b"{}", "application/json", ORIGIN)


def test_callbacks_want_nothing_or_twiml() -> None:
    town = found_town()
    town.tell("/in", document("<Hangup/>"))
    town.tell("/over", ("fine", 200, {"Content-Type": "text/html"}))

    town.dial()
    town.run()

    assert [fault.context for fault in town.exchange.faults] == ["over"]


def test_real_requests_stay_on_this_machine() -> None:
    with pytest.raises(ConnectFailed):
        HttpTransport().send("POST", "https://guard.example/in", {}, b"", (1, 1))


def test_plain_text_is_a_fault_of_the_application() -> None:
    town = found_town()
    town.tell("/in", ("hola", 200, {"Content-Type": "text/plain"}))

    town.dial()
    town.run()

    assert town.heard(MARTA) == ["hola"]
    assert "plain text" in town.exchange.faults[0].problem


def test_a_lost_webhook_is_a_slow_one(town: Town) -> None:
    town.exchange.chaos.webhooks = Misfortune(drop=1.0)

    town.dial()
    town.run(14)
    assert town.heard(MARTA) == []
    town.run()

    assert town.heard(MARTA) == [APOLOGY]
