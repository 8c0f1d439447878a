"""The REST API, through Twilio's own SDK and judged by Twilio's own document."""

import io
import json
import wave
from base64 import b64encode
from typing import Any

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from app.sandbox.handset import Behaviour
from app.sandbox.loopback import LoopbackClient
from app.sandbox.scripts import Script
from tests.app.sandbox.town import ACCOUNT, ANA, BRUNO, LINE, ORIGIN, START, Town, document, gather, say
from tests.protocol import openapi

BYE = document(say("Adiós"), "<Hangup/>")


@pytest.fixture
def client(town: Town) -> Client:
    assert town.client is not None
    return town.client


def test_without_credentials_nothing_is_answered(client: Client) -> None:
    stranger = Client(ACCOUNT, "wrong", http_client=client.http_client)

    with pytest.raises(TwilioRestException) as refused:
        stranger.calls.create(to=ANA, from_=LINE, url=f"{ORIGIN}/page")

    assert (refused.value.status, refused.value.code) == (401, 20003)


def test_an_api_key_is_as_good_as_the_account(town: Town, client: Client) -> None:
    town.exchange.api_keys["SK" + "1" * 32] = "secret"
    keyed = Client("SK" + "1" * 32, "secret", ACCOUNT, http_client=client.http_client)

    assert keyed.calls.list() == []


def test_another_account_is_not_found(client: Client) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client.api.v2010.accounts("AC" + "9" * 32).calls.create(to=ANA, from_=LINE, url=f"{ORIGIN}/page")

    assert refused.value.code == 20404


def test_a_call_is_made_fetched_and_listed(town: Town, client: Client) -> None:
    town.tell("/page", BYE)
    town.phone(ANA).behave(Script.answering(1))

    made = client.calls.create(to=ANA, from_=LINE, url=f"{ORIGIN}/page")
    town.run()

    call = client.calls(made.sid).fetch()
    assert (call.status, call.direction, call.to, call._from) == ("completed", "outbound-api", ANA, LINE)
    assert call.duration == "1"
    assert call.date_created == START
    assert [one.sid for one in client.calls.list(to=ANA, start_time_after=START)] == [made.sid]
    assert client.calls.list(to=BRUNO) == []
    assert client.calls.list(status="ringing") == []


def test_long_lists_come_in_pages(town: Town, client: Client) -> None:
    for _ in range(7):
        town.call()

    assert len(client.calls.list(page_size=3)) == 7
    assert len(client.calls.list(limit=4, page_size=2)) == 4


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"to": "123"}, 21211),
        ({"to": ""}, 21201),
        ({"from_": "+15550001111"}, 21210),
        ({"from_": "nobody"}, 21212),
        ({"url": "/page"}, 21205),
        ({"url": "https://under_score.example/page"}, 21205),
        ({"url": None}, 21205),
        ({"status_callback": "nowhere"}, 21609),
        ({"status_callback": f"{ORIGIN}/s", "status_callback_event": ["picked-up"]}, 21626),
        ({"timeout": 601}, 20001),
        ({"method": "PUT"}, 21206),
        ({"url": None, "twiml": "<Response><say/></Response>"}, 21234),
    ],
)
def test_a_bad_request_is_refused_with_its_code(
    changed: dict[str, Any], code: int, client: Client, town: Town
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client.calls.create(**{"to": ANA, "from_": LINE, "url": f"{ORIGIN}/page", **changed})

    assert refused.value.code == code
    assert str(code) in refused.value.uri or refused.value.status == 400
    town.exchange.faults.clear()


def test_an_invalid_phone_is_refused_at_once(town: Town, client: Client) -> None:
    town.phone(ANA).behaviour = Behaviour.INVALID

    with pytest.raises(TwilioRestException) as refused:
        town.call()

    assert refused.value.code == 21211


def test_a_finished_call_cannot_be_changed(town: Town, client: Client) -> None:
    town.phone(ANA).behaviour = Behaviour.BUSY
    sid = town.call()
    town.run()

    for change in ({"status": "completed"}, {"url": f"{ORIGIN}/next"}):
        with pytest.raises(TwilioRestException) as refused:
            client.calls(sid).update(**change)
        assert refused.value.code == 21220


def test_a_ringing_call_cannot_be_redirected(town: Town, client: Client) -> None:
    sid = town.call()
    town.run(5)

    with pytest.raises(TwilioRestException) as refused:
        client.calls(sid).update(url=f"{ORIGIN}/next")

    assert refused.value.code == 21220


def test_a_call_nobody_made_is_not_found(client: Client) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client.calls("CA" + "0" * 32).fetch()

    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_a_call_in_progress_can_be_ended(town: Town, client: Client) -> None:
    town.tell("/in", document('<Pause length="100"/>', "<Hangup/>"))
    sid = town.dial()
    town.run(3)

    client.calls(sid).update(status="completed")

    assert town.phone("+5491155550201").call is None


def test_numbers_are_listed_and_configured(client: Client) -> None:
    [number] = client.incoming_phone_numbers.list(phone_number=LINE)

    changed = client.incoming_phone_numbers(number.sid).update(voice_fallback_url=f"{ORIGIN}/static")

    assert changed.voice_fallback_url == f"{ORIGIN}/static"
    assert client.incoming_phone_numbers(number.sid).fetch().voice_url == f"{ORIGIN}/in"


def test_queues_and_their_members(town: Town, client: Client) -> None:
    town.tell("/in", document(f'<Enqueue action="{ORIGIN}/left" waitUrl="{ORIGIN}/wait">case-1</Enqueue>'))
    town.tell("/wait", document('<Pause length="5"/>'))
    town.tell("/next", BYE)
    sid = town.dial()
    town.run(8)

    [queue] = client.queues.list()
    [member] = client.queues(queue.sid).members.list()
    assert (queue.friendly_name, queue.current_size) == ("case-1", 1)
    assert (member.call_sid, member.position) == (sid, 1)

    client.queues(queue.sid).members("Front").update(url=f"{ORIGIN}/next")
    town.run()
    assert town.heard("+5491155550201") == ["Adiós"]
    assert client.queues(queue.sid).members.list() == []


def test_conferences_and_their_participants(town: Town, client: Client) -> None:
    room = document(f'<Dial action="{ORIGIN}/left"><Conference>room-1</Conference></Dial>')
    town.tell("/in", room)
    town.tell("/page", room)
    town.tell("/left", BYE)
    town.phone(ANA).behave(Script.answering(1))
    caller = town.dial()
    town.call()
    town.run(10)

    [conference] = client.conferences.list(friendly_name="room-1", status="in-progress")
    participants = client.conferences(conference.sid).participants
    assert len(participants.list()) == 2
    client.conferences(conference.sid).participants(caller).update(muted=True)
    assert client.conferences(conference.sid).participants(caller).fetch().muted is True

    client.conferences(conference.sid).participants(caller).delete()
    town.run(10)
    assert town.heard("+5491155550201")[-1] == "Adiós"

    client.conferences(conference.sid).update(status="completed")
    town.run(10)
    assert client.conferences(conference.sid).fetch().status == "completed"


def test_somebody_can_be_called_straight_into_a_conference(town: Town, client: Client) -> None:
    town.tell("/in", document(f'<Dial action="{ORIGIN}/left"><Conference>room-1</Conference></Dial>'))
    town.phone(ANA).behave(Script.answering(2).say("Hola", after=3))
    town.dial()
    town.run(2)

    invited = client.conferences("room-1").participants.create(from_=LINE, to=ANA, label="engineer")
    town.run(20)

    assert invited.status == "queued"
    assert town.heard("+5491155550201")[-1] == "Hola"
    [conference] = client.conferences.list(status="in-progress")
    labels = [one.label for one in client.conferences(conference.sid).participants.list()]
    assert labels == [None, "engineer"]


def test_a_recording_can_be_heard_and_deleted(town: Town, client: Client) -> None:
    town.tell("/in", document(f'<Record action="{ORIGIN}/done" maxLength="3" timeout="0" playBeep="false"/>'))
    town.tell("/done", BYE)
    sid = town.dial()
    town.run()

    [recording] = client.recordings.list(call_sid=sid)
    assert (recording.status, recording.duration, recording.source) == ("completed", "3", "RecordVerb")
    sound = media(town, f"{recording.media_url}.wav")
    with wave.open(io.BytesIO(sound)) as file:
        assert file.getnframes() / file.getframerate() == 3

    assert client.recordings(recording.sid).delete()
    with pytest.raises(TwilioException):
        client.recordings(recording.sid).fetch()


def media(town: Town, url: str) -> bytes:
    """The SDK's answers are text, so the audio is asked for as a browser would."""
    headers = {
        "Authorization": "Basic " + b64encode(f"{ACCOUNT}:{town.exchange.auth_token}".encode()).decode()
    }
    transport: Any = town.exchange.transport
    status, answered, body = transport.send(
        "GET", url.replace("https://api.twilio.com", ORIGIN), headers, b"", (1, 1)
    )
    assert (status, answered["content-type"]) == (200, "audio/x-wav")
    return bytes(body)


def test_audio_needs_credentials(town: Town) -> None:
    town.tell("/in", document(f'<Record action="{ORIGIN}/done" maxLength="3" timeout="0"/>'))
    town.tell("/done", BYE)
    town.dial()
    town.run()

    [recording] = town.exchange.recordings.by_sid
    url = f"{ORIGIN}/2010-04-01/Accounts/{ACCOUNT}/Recordings/{recording}.wav"
    status, _, _ = town.exchange.transport.send("GET", url, {}, b"", (1, 1))
    assert status == 401


@pytest.fixture
def judged(client: Client) -> list[str]:
    """Each request and answer of the SDK, judged by the OpenAPI document; the list of what is wrong."""
    wrong: list[str] = []
    original = client.http_client.request

    def request(method: str, url: str, *args: Any, **options: Any) -> Any:
        answer = original(method, url, *args, **options)
        form = [
            (name, str(one))
            for name, value in (options.get("data") or {}).items()
            for one in (value if isinstance(value, list) else [value])
        ]
        wrong.extend(openapi.problems(method, url, form))
        if answer.text:
            wrong.extend(openapi.answer_problems(method, url, answer.status_code, json.loads(answer.text)))
        return answer

    client.http_client.request = request
    return wrong


def test_the_sandbox_answers_as_the_published_document_says(
    town: Town, client: Client, judged: list[str]
) -> None:
    town.tell("/in", document(f'<Enqueue waitUrl="{ORIGIN}/wait" action="{ORIGIN}/left">q</Enqueue>'))
    town.tell("/wait", document(gather("/k", "Espere", timeout="20")))
    sid = town.dial()
    town.run(5)
    client.calls(town.call()).fetch()
    client.calls.list(to=ANA)
    client.calls(sid).update(twiml=document(f'<Record action="{ORIGIN}/done" maxLength="2" timeout="0"/>'))
    town.tell("/done", document(f'<Dial action="{ORIGIN}/left"><Conference>room-1</Conference></Dial>'))
    town.tell("/left", BYE)
    town.run(10)
    client.messages.create(to=ANA, from_=LINE, body="hola")
    client.messages.list()
    client.queues.list()
    client.incoming_phone_numbers.list()
    client.recordings.list()
    [conference] = client.conferences.list()
    client.conferences(conference.sid).participants.list()

    assert judged == []


def test_the_sdk_reaches_only_this_machine() -> None:
    with pytest.raises(ValueError, match="not on this machine"):
        LoopbackClient("https://api.example.com")
