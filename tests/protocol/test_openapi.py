"""The judge of requests takes what Twilio's SDK sends, and refuses each class of mistake."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from twilio.http import HttpClient
from twilio.rest import Client

from tests.protocol.openapi import answer_problems, problems

ACCOUNT = "AC" + "0" * 32
CALL = "CA" + "1" * 32
QUEUE = "QU" + "2" * 32
CONFERENCE = "CF" + "3" * 32
RECORDING = "RE" + "4" * 32
NUMBER = "PN" + "5" * 32
API = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}"
CALLS = f"{API}/Calls.json"
HOOK = "https://guardia.example/voice/page"
A_CALL = [("To", "+5491155550101"), ("From", "+541152630000"), ("Url", HOOK)]
A_TEXT = [("To", "+5491155550101"), ("From", "+541152630000"), ("Body", "G-1042 4711")]
Pairs = list[tuple[str, str]]


class Sent(Exception):
    """What the SDK would have sent; raised in place of an answer."""

    def __init__(self, method: str, url: str, form: Pairs) -> None:
        super().__init__(f"{method} {url}")
        self.method, self.url, self.form = method, url, form


class Capture(HttpClient):  # type: ignore[misc]  # the SDK has no types
    def __init__(self) -> None:
        super().__init__(logging.getLogger(__name__), is_async=False)

    def request(self, method, url, params=None, data=None, **_):  # type: ignore[no-untyped-def]
        pairs = [
            (name, str(each))
            for name, value in (data or {}).items()
            for each in (value if isinstance(value, list) else [value])
        ]
        raise Sent(method, f"{url}?{urlencode(params, doseq=True)}" if params else url, pairs)


def sent_by(act: Callable[[Client], object]) -> Sent:
    with pytest.raises(Sent) as caught:
        act(Client(ACCOUNT, "token", http_client=Capture()))
    return caught.value


SENT: dict[str, Callable[[Client], object]] = {
    "a page by call": lambda c: c.calls.create(
        to="+5491155550101",
        from_="+541152630000",
        url=f"{HOOK}#ct=1500&rt=4000&rc=1&rp=ct,rt,5xx",
        method="POST",
        fallback_url=HOOK,
        timeout=25,
        time_limit=3600,
        status_callback=HOOK,
        status_callback_method="POST",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    ),
    "a live call sent elsewhere": lambda c: c.calls(CALL).update(url=HOOK, method="POST"),
    "a live call told what to do": lambda c: c.calls(CALL).update(twiml="<Response><Hangup/></Response>"),
    "a ringing call cancelled": lambda c: c.calls(CALL).update(status="canceled"),
    "a call looked up": lambda c: c.calls(CALL).fetch(),
    "calls looked for": lambda c: c.calls.list(
        to="+5491155550101", start_time_after=datetime(2026, 1, 5, 3, tzinfo=UTC), limit=20
    ),
    "a text": lambda c: c.messages.create(
        to="+5491155550101",
        from_="+541152630000",
        body="G-1042 4711",
        validity_period=300,
        status_callback=HOOK,
    ),
    "texts looked for": lambda c: c.messages.list(to="+5491155550101", limit=20),
    "a queue made": lambda c: c.queues.create(friendly_name="case-1042", max_size=10),
    "queues looked for": lambda c: c.queues.list(limit=50),
    "who waits sent on": lambda c: c.queues(QUEUE).members(CALL).update(url=HOOK, method="POST"),
    "conferences looked for": lambda c: c.conferences.list(friendly_name="case-1042", status="in-progress"),
    "a conference ended": lambda c: c.conferences(CONFERENCE).update(status="completed"),
    "a participant added": lambda c: c.conferences(CONFERENCE).participants.create(
        from_="+541152630000",
        to="+5491155550102",
        label="ana",
        end_conference_on_exit=True,
        status_callback_event=["ringing", "completed"],
    ),
    "a participant muted": lambda c: c.conferences(CONFERENCE).participants(CALL).update(muted=True),
    "a participant removed": lambda c: c.conferences(CONFERENCE).participants(CALL).delete(),
    "a recording looked up": lambda c: c.recordings(RECORDING).fetch(),
    "a recording deleted": lambda c: c.recordings(RECORDING).delete(),
    "a call's recordings": lambda c: c.calls(CALL).recordings.list(limit=5),
    "a call recorded": lambda c: c.calls(CALL).recordings.create(
        recording_channels="dual",
        recording_track="both",
        trim="do-not-trim",
        recording_status_callback=HOOK,
        recording_status_callback_event=["completed absent"],
    ),
    "a recording paused": lambda c: (
        c.calls(CALL).recordings(RECORDING).update("paused", pause_behavior="skip")
    ),
    "a number's webhooks set": lambda c: c.incoming_phone_numbers(NUMBER).update(
        voice_url=HOOK, voice_method="POST", voice_fallback_url=HOOK, status_callback=HOOK, sms_url=HOOK
    ),
}


@pytest.mark.parametrize("act", SENT.values(), ids=SENT.keys())
def test_what_the_sdk_sends_is_taken(act: Callable[[Client], object]) -> None:
    sent = sent_by(act)

    assert problems(sent.method, sent.url, sent.form) == []


def test_four_events_are_four_fields() -> None:
    sent = sent_by(SENT["a page by call"])

    events = [value for name, value in sent.form if name == "StatusCallbackEvent"]
    assert events == ["initiated", "ringing", "answered", "completed"]


@pytest.mark.parametrize("origin", ["http://127.0.0.1:4010", "https://api.sao-paulo.br1.twilio.com"])
def test_the_origin_is_free(origin: str) -> None:
    assert problems("POST", f"{origin}/2010-04-01/Accounts/{ACCOUNT}/Calls.json", A_CALL) == []


def test_the_sound_of_a_recording_may_be_fetched() -> None:
    assert problems("GET", f"{API}/Recordings/{RECORDING}.mp3") == []


MISTAKES: dict[str, tuple[str, str, Pairs, str]] = {
    "a path that is none": ("POST", f"{API}/Phones.json", A_CALL, "unknown path"),
    "a method that is not taken": ("DELETE", CALLS, [], "does not take DELETE"),
    "an account that is none": ("GET", CALLS.replace("/AC0", "/AX0"), [], "AccountSid in the path"),
    "a call that is none": ("GET", f"{API}/Calls/CA{'x' * 32}.json", [], "Sid in the path"),
    "a parameter that is none": ("POST", CALLS, [*A_CALL, ("StatusCallbackUrl", HOOK)], "no parameter"),
    "a name in the wrong case": ("POST", CALLS, [*A_CALL, ("timeout", "25")], "no parameter timeout"),
    "a filter that is none": ("GET", f"{CALLS}?Since=2026-01-05", [], "no parameter Since"),
    "no To": ("POST", CALLS, A_CALL[1:], "To is required"),
    "no Url and no Twiml": ("POST", CALLS, A_CALL[:2], "takes one of Url, Twiml"),
    "Url and Twiml": ("POST", CALLS, [*A_CALL, ("Twiml", "<Response/>")], "takes one of Url, Twiml"),
    "Url and Twiml later": (
        "POST",
        f"{API}/Calls/{CALL}.json",
        [("Url", HOOK), ("Twiml", "<Response/>")],
        "at most one of Url, Twiml",
    ),
    "an update of nothing": ("POST", f"{API}/Calls/{CALL}.json", [], "takes one of"),
    "words for a number": ("POST", CALLS, [*A_CALL, ("Timeout", "25s")], "not a whole number"),
    "words for a truth": ("POST", CALLS, [*A_CALL, ("Record", "True")], "neither true nor false"),
    "rings too long": ("POST", CALLS, [*A_CALL, ("Timeout", "601")], "not between 1 and 600"),
    "a relative URL": ("POST", CALLS, [*A_CALL[:2], ("Url", "/voice/page")], "Url: '/voice/page'"),
    "an underscore in a host": (
        "POST",
        CALLS,
        [*A_CALL, ("StatusCallback", "https://my_host.example/s")],
        "StatusCallback",
    ),
    "a local number": ("POST", CALLS, [("To", "1155550101"), *A_CALL[1:]], "To: '1155550101'"),
    "a status that is none": ("POST", f"{API}/Calls/{CALL}.json", [("Status", "cancelled")], "Status"),
    "a method that is none": ("POST", CALLS, [*A_CALL, ("Method", "PUT")], "Method"),
    "an event that is none": (
        "POST",
        CALLS,
        [*A_CALL, ("StatusCallbackEvent", "in-progress")],
        "no event is called 'in-progress'",
    ),
    "all events in one field": (
        "POST",
        CALLS,
        [*A_CALL, ("StatusCallbackEvent", "initiated ringing")],
        "no event is called",
    ),
    "an event of a recording that is none": (
        "POST",
        f"{API}/Calls/{CALL}/Recordings.json",
        [("RecordingStatusCallbackEvent", "completed over")],
        "no event is called 'over'",
    ),
    "a recording told nothing": (
        "POST",
        f"{API}/Calls/{CALL}/Recordings/{RECORDING}.json",
        [("PauseBehavior", "skip")],
        "Status is required",
    ),
    "the same field twice": ("POST", CALLS, [*A_CALL, ("To", "+5491155550102")], "To is sent 2 times"),
    "Twiml without end": (
        "POST",
        CALLS,
        [*A_CALL[:2], ("Twiml", "<Response>" + "x" * 4000)],
        "longer than 4000",
    ),
    "a text from nobody": ("POST", f"{API}/Messages.json", [A_TEXT[0], A_TEXT[2]], "one of From"),
    "a text without words": ("POST", f"{API}/Messages.json", A_TEXT[:2], "one of Body"),
    "a text that waits for days": (
        "POST",
        f"{API}/Messages.json",
        [*A_TEXT, ("ValidityPeriod", "36001")],
        "not between 1 and 36000",
    ),
    "a queue without name": ("POST", f"{API}/Queues.json", [], "FriendlyName is required"),
    "a date that is none": ("GET", f"{CALLS}?{urlencode({'StartTime>': 'yesterday'})}", [], "StartTime>"),
}


@pytest.mark.parametrize(("method", "url", "form", "why"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_refused(method: str, url: str, form: Pairs, why: str) -> None:
    found = problems(method, url, form)

    assert len(found) == 1
    assert why in found[0]


def test_an_answer_has_the_published_shape() -> None:
    answer = {
        "sid": CALL,
        "status": "queued",
        "to": "+5491155550101",
        "start_time": None,
        "uri": "/2010/x.json",
    }

    assert answer_problems("POST", CALLS, 201, answer) == []
    assert answer_problems("POST", CALLS, 200, answer) != []
    assert answer_problems("POST", CALLS, 201, answer | {"status": "calling"}) != []
    assert answer_problems("POST", CALLS, 201, answer | {"start_time": "2026-01-05"}) != []


def test_an_error_has_the_published_shape() -> None:
    error = {"code": 20429, "message": "Too many requests", "more_info": "https://x.example", "status": 429}

    assert answer_problems("POST", CALLS, 429, error) == []
    assert answer_problems("POST", CALLS, 429, {"message": "Too many requests"}) != []
