"""The phones' JSON: what the browser sees and what it may do."""

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.sandbox.mailsink import MailSink
from app.sandbox.phones import GuardLine, PhonesBlueprint, Subscriber, phones_blueprint
from tests.app.sandbox.town import ANA, LINE, MARTA, ORIGIN, Town, document, gather, say

GUARD = {"X-Guardia-Sandbox": "1"}
SUBSCRIBERS = [
    Subscriber(MARTA, "Marta Ruiz", "client", "ACME Seguros", "es"),
    Subscriber(ANA, "Ana Paz", "engineer"),
]


@pytest.fixture
def board(town: Town) -> PhonesBlueprint:
    records: list[dict[str, Any]] = [{"reference": "G-1042"}]
    lines = [GuardLine(LINE, "ACME Seguros")]
    return phones_blueprint(town.exchange, SUBSCRIBERS, None, lambda: records, lines)


@pytest.fixture
def browser(board: PhonesBlueprint) -> FlaskClient:
    app = Flask("phones")
    app.register_blueprint(board)
    return app.test_client()


def act(browser: FlaskClient, number: str, action: str, **said: object) -> Any:
    return browser.post(f"/sandbox/api/phones/{number}/{action}", json=said, headers=GUARD)


def phone(browser: FlaskClient, number: str) -> dict[str, Any]:
    state = browser.get("/sandbox/api/state").get_json()
    return next(one for one in state["phones"] if one["number"] == number)


def test_the_state_has_everything_the_page_shows(browser: FlaskClient) -> None:
    state = browser.get("/sandbox/api/state").get_json()

    assert set(state) == {
        "revision",
        "now",
        "lines",
        "guard_numbers",
        "phones",
        "mails",
        "cases",
        "rosters_refused_since",
    }
    assert state["lines"] == [{"number": LINE, "client": "ACME Seguros"}]
    assert state["cases"] == [{"reference": "G-1042"}]
    assert state["now"].endswith("Z")
    assert state["phones"][0] == {
        "number": MARTA,
        "owner": "Marta Ruiz",
        "role": "client",
        "company": "ACME Seguros",
        "language": "es",
        "behaviour": "normal",
        "call": None,
        "ended": None,
        "texts": [],
    }


def test_a_call_from_the_first_to_the_last_button(town: Town, browser: FlaskClient) -> None:
    town.tell("/in", document(gather("/key", "Marque 1", numDigits="1"), "<Hangup/>"))
    town.tell("/key", document(f'<Record action="{ORIGIN}/done"/>'))
    town.tell("/done", document(say("Gracias"), "<Hangup/>"))

    assert act(browser, MARTA, "dial", to=LINE, withheld=False).status_code == 200
    assert phone(browser, MARTA)["call"]["state"] == "dialling"
    town.run(1)
    call = phone(browser, MARTA)["call"]
    assert (call["state"], call["gathering"], call["with_name"]) == ("in-progress", True, "ACME Seguros")
    assert call["spoken"][0]["text"] == "Marque 1"

    assert act(browser, MARTA, "press", digits="1").status_code == 200
    town.run(2)
    assert phone(browser, MARTA)["call"]["recording"] is True
    assert act(browser, MARTA, "say", words="Se cayó").status_code == 200
    assert act(browser, MARTA, "hang-up").status_code == 200

    after = phone(browser, MARTA)
    assert after["call"] is None
    assert (after["ended"]["status"], after["ended"]["with"]) == ("completed", LINE)


def test_a_phone_shows_while_its_conversation_is_recorded(town: Town, browser: FlaskClient) -> None:
    town.tell("/in", document(gather("/key", "Marque 1", timeout="60"), "<Hangup/>"))
    act(browser, MARTA, "dial", to=LINE, withheld=False)
    town.run(1)
    assert town.client is not None
    recordings = town.client.calls(phone(browser, MARTA)["call"]["sid"]).recordings
    made = recordings.create(recording_channels="dual")

    assert phone(browser, MARTA)["call"]["recorded"] is True
    recordings(made.sid).update(status="paused")
    assert phone(browser, MARTA)["call"]["recorded"] is False


def test_an_engineers_phone_rings_and_is_answered(town: Town, browser: FlaskClient) -> None:
    town.tell("/page", document(gather("/key", "Guardia"), "<Hangup/>"))
    town.call()
    town.run(2)

    assert phone(browser, ANA)["call"]["state"] == "ringing"
    assert act(browser, ANA, "answer").status_code == 200
    town.run(1)
    assert phone(browser, ANA)["call"]["spoken"][0]["text"] == "Guardia"


def test_people_who_talk_see_each_other(town: Town, browser: FlaskClient) -> None:
    town.tell("/in", document(f"<Dial><Number>{ANA}</Number></Dial>", "<Hangup/>"))
    act(browser, MARTA, "dial", to=LINE)
    town.run(2)
    act(browser, ANA, "answer")
    act(browser, ANA, "say", words="Hola")

    assert phone(browser, MARTA)["call"]["talking_to"] == ["Ana Paz"]
    assert phone(browser, MARTA)["call"]["spoken"][-1]["speaker"] == "Ana Paz"
    act(browser, MARTA, "hang-up")


def test_a_waiting_caller_is_seen_to_wait(town: Town, browser: FlaskClient) -> None:
    town.tell("/in", document(f'<Enqueue waitUrl="{ORIGIN}/wait" action="{ORIGIN}/left">q</Enqueue>'))
    town.tell("/wait", document(gather("/key", "Espere")))
    act(browser, MARTA, "dial", to=LINE)
    town.run(2)

    call = phone(browser, MARTA)["call"]
    assert (call["queue"], call["gathering"]) == (True, True)


def test_texts_are_seen_on_both_sides(town: Town, browser: FlaskClient) -> None:
    town.tell("/sms", document("<Message>Tomado</Message>"))

    act(browser, ANA, "text", to=LINE, body="4821")
    town.run(5)

    assert [(text["body"], text["direction"]) for text in phone(browser, ANA)["texts"]] == [
        ("4821", "sent"),
        ("Tomado", "received"),
    ]


def test_a_phone_can_be_switched_off(town: Town, browser: FlaskClient) -> None:
    answer = browser.put(f"/sandbox/api/phones/{ANA}/behaviour", json={"behaviour": "off"}, headers=GUARD)

    assert answer.status_code == 200
    assert phone(browser, ANA)["behaviour"] == "off"


@pytest.mark.parametrize(
    ("number", "action", "said", "status"),
    [
        (ANA, "answer", {}, 409),
        (ANA, "press", {}, 400),
        (ANA, "dance", {}, 404),
        ("+15550001111", "dial", {"to": LINE}, 404),
        (ANA, "dial", {"to": 7}, 400),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    browser: FlaskClient, number: str, action: str, said: dict[str, object], status: int
) -> None:
    answer = act(browser, number, action, **said)

    assert answer.status_code == status
    assert answer.get_json()["error"]


def test_another_sites_page_cannot_touch_the_phones(browser: FlaskClient) -> None:
    without_header = browser.post(f"/sandbox/api/phones/{ANA}/dial", json={"to": LINE})
    without_json = browser.post(f"/sandbox/api/phones/{ANA}/dial", data={"to": LINE}, headers=GUARD)

    assert without_header.status_code == without_json.status_code == 403


def test_the_stream_tells_each_change(town: Town, board: PhonesBlueprint, browser: FlaskClient) -> None:
    stream = browser.get("/sandbox/api/events", buffered=False)
    lines: Iterator[bytes] = iter(stream.response)  # type: ignore[arg-type]
    first = next(lines)

    board.board.touch()

    assert stream.content_type == "text/event-stream"
    assert first.startswith(b'data: {"revision": ')
    assert next(lines) != first
    stream.close()


def test_mails_are_kept_in_their_order() -> None:
    changes: list[int] = []
    with MailSink() as sink:
        sink.listen(lambda: changes.append(len(sink.mails)))
        for subject in ("Primero: ñandú", "Segundo"):
            mail = EmailMessage()
            mail["Subject"], mail["From"], mail["To"] = subject, "guard@aivo.example", "marta@acme.example"
            mail.set_content("hola\n")
            mail.add_alternative("<p>hola</p>", subtype="html")
            with smtplib.SMTP("127.0.0.1", sink.port, local_hostname="localhost") as server:
                server.send_message(mail, to_addrs=["marta@acme.example", "copy@aivo.example"])

    assert [mail.subject for mail in sink.mails] == ["Primero: ñandú", "Segundo"]
    assert sink.mails[0].to == ("marta@acme.example", "copy@aivo.example")
    assert (sink.mails[0].text.strip(), (sink.mails[0].html or "").strip()) == ("hola", "<p>hola</p>")
    assert changes == [1, 2]


def test_a_mail_may_be_refused_for_now() -> None:
    with MailSink() as sink:
        sink.refuse_next("451 try again later")
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = "x", "a@aivo.example", "b@acme.example"
        with (
            smtplib.SMTP("127.0.0.1", sink.port, local_hostname="localhost") as server,
            pytest.raises(smtplib.SMTPDataError),
        ):
            server.send_message(mail)

    assert sink.mails == []
