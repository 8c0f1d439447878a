"""Text messages."""

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from app.sandbox.handset import Behaviour
from app.sandbox.messages import segments
from tests.app.sandbox.town import ANA, LINE, MARTA, ORIGIN, Town, document


@pytest.fixture
def client(town: Town) -> Client:
    assert town.client is not None
    return town.client


def test_a_text_is_queued_sent_and_delivered(town: Town, client: Client) -> None:
    made = client.messages.create(to=ANA, from_=LINE, body="Guardia 4821", status_callback=f"{ORIGIN}/text")
    town.run()

    assert made.status == "queued"
    assert [form["MessageStatus"] for form in town.asked("/text")] == ["queued", "sent", "delivered"]
    assert [text.body for text in town.phone(ANA).texts] == ["Guardia 4821"]
    assert client.messages(made.sid).fetch().status == "delivered"


def test_a_phone_that_is_off_gets_nothing(town: Town, client: Client) -> None:
    town.phone(ANA).behaviour = Behaviour.OFF

    client.messages.create(to=ANA, from_=LINE, body="hola", status_callback=f"{ORIGIN}/text")
    town.run()

    assert town.asked("/text")[-1]["ErrorCode"] == "30003"


def test_a_reply_reaches_the_application_and_its_answer_the_phone(town: Town) -> None:
    town.tell("/sms", document("<Message>Tomado por Ana</Message>"))

    town.phone(ANA).text(LINE, "4821")
    town.run()

    [form] = town.asked("/sms")
    assert (form["From"], form["To"], form["Body"], form["NumMedia"]) == (ANA, LINE, "4821", "0")
    assert form["MessageSid"] == form["SmsSid"] == form["SmsMessageSid"]
    assert [text.body for text in town.phone(ANA).texts] == ["4821", "Tomado por Ana"]


def test_an_empty_response_answers_nothing(town: Town) -> None:
    town.tell("/sms", document())

    town.phone(ANA).text(LINE, "hola")
    town.run()

    assert len(town.phone(ANA).texts) == 1


def test_a_phone_may_answer_by_itself(town: Town, client: Client) -> None:
    town.tell("/sms", document())
    town.phone(ANA).on_text(lambda body: body.split()[-1] if body.startswith("Guardia") else None, after=7)

    client.messages.create(to=ANA, from_=LINE, body="Guardia 4821")
    town.run()

    assert town.asked("/sms")[0]["Body"] == "4821"


def test_stop_opts_out_and_start_opts_in_again(town: Town, client: Client) -> None:
    town.tell("/sms", document())
    town.phone(ANA).text(LINE, "Stop")
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to=ANA, from_=LINE, body="hola")
    assert refused.value.code == 21610

    town.phone(ANA).text(LINE, "START")
    client.messages.create(to=ANA, from_=LINE, body="hola")
    town.run()
    assert town.phone(ANA).texts[-1].body == "hola"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"body": " "}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"to": "x"}, 21211),
        ({"to": ""}, 21604),
        ({"from_": "+15550001111"}, 21606),
        ({"validity_period": 0}, 20001),
    ],
)
def test_a_bad_message_is_refused(changed: dict[str, object], code: int, client: Client) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(**{"to": ANA, "from_": LINE, "body": "hola", **changed})

    assert refused.value.code == code


def test_when_the_webhook_fails_the_fallback_answers(town: Town) -> None:
    town.exchange.lines[LINE].sms_fallback_url = f"{ORIGIN}/sms-fallback"
    town.tell("/sms", ("boom", 500))
    town.tell("/sms-fallback", document("<Message>Llame por teléfono</Message>"))

    town.phone(MARTA).text(LINE, "hola")
    town.run()

    assert town.asked("/sms-fallback")[0]["ErrorCode"] == "11200"
    assert town.phone(MARTA).texts[-1].body == "Llame por teléfono"


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("ñ" * 160, 1),
        ("á" * 70, 1),
        ("á" * 71, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
    ],
)
def test_accents_outside_the_phone_alphabet_make_texts_longer(body: str, parts: int) -> None:
    assert segments(body) == parts
