"""What Guardia asks of Twilio: each request is judged by Twilio's own published document."""

import json
import logging
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from app.shelf import FolderShelf
from app.voice.telephone import TimedClient, TwilioTelephone
from app.voice.urls import Urls
from oncall.intake import Tape
from oncall.people import Language
from oncall.pieces import LARGEST, TOO_LARGE, filled_aside
from oncall.ports import Ambiguous, Gone, Misconfigured, Refused, Sms, Unreachable
from tests.protocol.openapi import problems

ACCOUNT = "AC" + "1" * 32
TO, FROM = "+5491155550101", "+541152630000"
PAGE = "0" * 31 + "a"
CALL_SID, TEXT_SID, RECORDING = "CA" + "2" * 32, "SM" + "3" * 32, "RE" + "4" * 32
AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PAGE_SMS = Sms(
    "sms.page",
    Language.ES,
    {"priority": "blocker", "client": "ACME", "integration": "CRM", "code": "4711"},
    PAGE,
)


class Captured(HttpClient):  # type: ignore[misc]
    """An HTTP client that sends nothing: it keeps each request and answers what it is told."""

    def __init__(self, *answers: tuple[int, dict[str, Any]]) -> None:
        super().__init__(logging.getLogger(__name__), False)
        self.requests: list[requests.PreparedRequest] = []
        self.answers = list(answers)

    def request(
        self,
        method: str,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        *_: Any,
        **__: Any,
    ) -> Response:
        self.requests.append(requests.Request(method, url, params=params, data=data).prepare())
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return Response(status, json.dumps(body))

    @property
    def form(self) -> list[tuple[str, str]]:
        return parse_qsl(str(self.requests[-1].body or ""), keep_blank_values=True)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(str(self.requests[-1].url)).query))

    def problems(self) -> list[str]:
        last = self.requests[-1]
        return problems(str(last.method), str(last.url), self.form)


def telephone(client: Captured, fetch: Callable[..., requests.Response] = requests.get) -> TwilioTelephone:
    return TwilioTelephone(
        Client(ACCOUNT, "token", http_client=client),
        FROM,
        Urls("https://guardia.example"),
        lambda page: f"https://guardia.example/t/{page}",
        fetch=fetch,
    )


def made(sid: str, **more: object) -> tuple[int, dict[str, Any]]:
    return 201, {"sid": sid, "status": "queued", **more}


def found(kind: str, *sids: str) -> tuple[int, dict[str, Any]]:
    return 200, {
        kind: [{"sid": sid} for sid in sids],
        "next_page_uri": None,
        "page": 0,
        "page_size": 50,
        "uri": "/x",
    }


def test_a_page_is_a_call_that_twilio_would_place() -> None:
    client = Captured(made(CALL_SID))

    sid = telephone(client).call(TO, PAGE, timedelta(seconds=25))

    assert sid == CALL_SID
    assert client.problems() == []
    form = dict(client.form)
    assert (form["To"], form["From"], form["Timeout"]) == (TO, FROM, "25")
    assert form["Url"].startswith(f"https://guardia.example/voice/pages/{PAGE}/answer")
    assert form["FallbackUrl"] == form["Url"]
    assert int(form["TimeLimit"]) <= 4 * 3600
    assert [value for name, value in client.form if name == "StatusCallbackEvent"] == [
        "initiated",
        "ringing",
        "answered",
        "completed",
    ]
    assert "MachineDetection" not in form


@pytest.mark.parametrize("ring", [0.2, 1, 25, 600])
def test_any_ring_time_of_a_roster_is_one_that_twilio_takes(ring: float) -> None:
    client = Captured(made(CALL_SID))

    telephone(client).call(TO, PAGE, timedelta(seconds=ring))

    assert client.problems() == []


def test_a_page_is_a_text_that_expires_in_minutes_and_reports_what_became_of_it() -> None:
    client = Captured(made(TEXT_SID))

    assert telephone(client).text(TO, PAGE_SMS, PAGE) == TEXT_SID

    assert client.problems() == []
    form = dict(client.form)
    assert form["ValidityPeriod"] == "300"
    assert f"/sms/status/{PAGE}" in form["StatusCallback"]
    assert "4711" in form["Body"]
    assert f"https://guardia.example/t/{PAGE}" in form["Body"]


def test_news_are_a_text_without_a_page() -> None:
    client = Captured(made(TEXT_SID))
    news = Sms("sms.news_taken", Language.PT, {"name": "Ana", "client": "ACME", "integration": "CRM"})

    telephone(client).text(TO, news, None)

    assert client.problems() == []
    assert "StatusCallback" not in dict(client.form)


def test_an_order_without_an_answer_is_looked_up_before_it_is_sent_again() -> None:
    client = Captured(found("calls", "CA-late", "CA-early"))

    assert telephone(client).find_calls(TO, AT) == ("CA-early", "CA-late")

    assert client.problems() == []
    assert client.query["To"] == TO
    assert client.query["From"] == FROM
    assert client.query["StartTime>"].startswith("2026-11-23T03:00:00")


def test_a_text_without_an_answer_is_looked_up_too() -> None:
    client = Captured(found("messages", TEXT_SID))

    assert telephone(client).find_texts(TO, AT) == (TEXT_SID,)
    assert client.problems() == []


def test_a_call_is_cancelled_and_never_cut_off() -> None:
    client = Captured((200, {"sid": CALL_SID, "status": "canceled"}))

    telephone(client).cancel(CALL_SID)

    assert client.problems() == []
    assert client.form == [("Status", "canceled")]


def test_a_caller_is_brought_to_their_next_instruction() -> None:
    client = Captured((200, {"sid": CALL_SID, "status": "in-progress"}))

    telephone(client).bring(CALL_SID)

    assert client.problems() == []
    assert dict(client.form)["Url"].startswith("https://guardia.example/voice/calls/now")


@pytest.mark.parametrize(
    ("whose", "where", "path"),
    [
        ({"page": PAGE}, "", f"pages/{PAGE}/talked"),
        ({"page": PAGE}, "room", f"pages/{PAGE}/room"),
        ({"page": PAGE}, "apart", f"pages/{PAGE}/apart"),
        ({"side": PAGE}, "", f"side/{PAGE}/out"),
        ({"side": PAGE}, "room", f"side/{PAGE}/room"),
        ({"side": PAGE}, "apart", f"side/{PAGE}/out"),
    ],
)
def test_a_leg_of_ours_is_brought_to_where_it_belongs(whose: dict[str, str], where: str, path: str) -> None:
    client = Captured((200, {"sid": CALL_SID, "status": "in-progress"}))

    telephone(client).bring(CALL_SID, **whose, where=where)

    assert urlsplit(dict(client.form)["Url"]).path == f"/voice/{path}"


def inside(*calls: str) -> tuple[int, dict[str, Any]]:
    status, body = found("participants")
    return status, body | {"participants": [{"call_sid": sid} for sid in calls]}


def test_who_is_in_a_conversation_is_asked_with_two_lists() -> None:
    client = Captured(found("conferences", "CF" + "5" * 32), inside(CALL_SID, "CA-other"))

    assert telephone(client).inside("guardia-1001") == {CALL_SID, "CA-other"}

    first = str(client.requests[0].url)
    assert "FriendlyName=guardia-1001" in first
    assert "Status=in-progress" in first
    assert len(client.requests) == 2
    assert client.problems() == []


def test_without_a_conference_nobody_is_in_it() -> None:
    assert telephone(Captured(found("conferences"))).inside("guardia-1001") == frozenset()


def test_a_conference_without_anybody_is_a_list_that_is_behind() -> None:
    client = Captured(found("conferences", "CF" + "5" * 32), inside())

    with pytest.raises(Unreachable):
        telephone(client).inside("guardia-1001")


def test_a_calls_state_is_what_twilio_says() -> None:
    client = Captured((200, {"sid": CALL_SID, "status": "in-progress"}))

    assert telephone(client).fetch(CALL_SID) == "in-progress"
    assert client.problems() == []


@pytest.mark.parametrize(
    ("side", "path"), [(PAGE, f"side/{PAGE}/announce/es"), (None, "rooms/unrecorded/es")]
)
def test_what_is_announced_is_heard_by_one_alone(side: str | None, path: str) -> None:
    client = Captured(found("conferences", "CF" + "5" * 32), (200, {"call_sid": CALL_SID}))

    telephone(client).announce("guardia-1001", CALL_SID, side, "es")

    assert urlsplit(dict(client.form)["AnnounceUrl"]).path == f"/voice/{path}"
    assert client.problems() == []


def test_a_recording_is_deleted_where_it_was_made() -> None:
    client = Captured((204, {}))

    telephone(client).delete_recording(RECORDING)

    assert client.problems() == []
    assert client.requests[-1].method == "DELETE"


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        ((400, {"code": 21211, "message": "invalid To", "status": 400}), Refused),
        ((401, {"code": 20003, "message": "authenticate", "status": 401}), Misconfigured),
        ((429, {"code": 20429, "message": "too many", "status": 429}), Unreachable),
        ((500, {"code": 20500, "message": "internal", "status": 500}), Ambiguous),
        ((400, {"code": 21220, "message": "not in progress", "status": 400}), Gone),
    ],
)
def test_a_refusal_of_twilio_is_a_failure_of_the_port(
    answer: tuple[int, dict[str, Any]], failure: type[Exception]
) -> None:
    with pytest.raises(failure) as caught:
        telephone(Captured(answer)).call(TO, PAGE, timedelta(seconds=25))

    assert type(caught.value) is failure


# --- conversations recorded ----------------------------------------------------------------------


def test_a_conversation_is_recorded_on_the_callers_leg_each_direction_in_its_channel() -> None:
    client = Captured((201, {"sid": RECORDING, "status": "in-progress"}))

    assert telephone(client).start_recording(CALL_SID) == RECORDING

    assert client.problems() == []
    form = dict(client.form)
    assert (form["RecordingChannels"], form["RecordingTrack"]) == ("dual", "both")
    assert form["RecordingStatusCallback"].startswith("https://guardia.example/voice/recordings")
    assert form["RecordingStatusCallbackEvent"].split() == ["completed", "absent"]


@pytest.mark.parametrize(
    ("tape", "form"),
    [
        (Tape.PAUSED, {"Status": "paused", "PauseBehavior": "skip"}),
        (Tape.ON, {"Status": "in-progress"}),
        (Tape.OFF, {"Status": "stopped"}),
    ],
)
def test_it_is_paused_gone_on_with_and_stopped(tape: Tape, form: dict[str, str]) -> None:
    client = Captured((200, {"sid": RECORDING, "status": "paused"}))

    telephone(client).run_recording(CALL_SID, RECORDING, tape)

    assert client.problems() == []
    assert dict(client.form) == form


def test_what_the_caller_said_alone_is_not_looked_up_as_a_conversation() -> None:
    message, talk = "RE" + "5" * 32, "RE" + "6" * 32
    status, listed = found("recordings", talk, message)
    listed["recordings"][0]["source"] = "StartCallRecordingAPI"
    listed["recordings"][1]["source"] = "RecordVerb"

    assert telephone(Captured((status, listed))).find_recordings(CALL_SID) == (talk,)


def test_a_recording_of_a_call_that_is_over_is_too_late() -> None:
    over = (400, {"code": 21220, "message": "not eligible for recording", "status": 400})

    with pytest.raises(Gone):
        telephone(Captured(over)).start_recording(CALL_SID)


# --- recordings ----------------------------------------------------------------------------------


class Fetched:
    """Answers the request for a recording's sound, and keeps how it was asked."""

    def __init__(self, status: int, content: bytes = b"", length: int = 0) -> None:
        self.status, self.content, self.length = status, content, length
        self.url = ""
        self.options: dict[str, Any] = {}

    def __call__(self, url: str, **options: Any) -> requests.Response:
        self.url, self.options = url, options
        answer = self.answer = requests.Response()
        answer.status_code, answer.raw = self.status, BytesIO(self.content)
        answer.headers["Content-Length"] = str(self.length or len(self.content))
        return answer


def brought(fetched: Fetched, largest: int = LARGEST) -> bytes:
    kept: list[bytes] = []
    with filled_aside(lambda filling: kept.append(filling.file.read()), largest) as filling:
        telephone(Captured(found("calls")), fetched).recording(RECORDING, filling)
        filling.keep()
    return kept[0]


def test_a_recording_is_fetched_from_the_apis_origin_with_credentials_and_followed_nowhere() -> None:
    fetched = Fetched(200, b"RIFF")

    assert brought(fetched) == b"RIFF"
    assert fetched.url == f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{RECORDING}.wav"
    assert fetched.options["auth"] == (ACCOUNT, "token")
    assert fetched.options["allow_redirects"] is False
    assert fetched.options["timeout"]


@pytest.mark.parametrize(
    ("status", "failure"), [(404, Unreachable), (302, Unreachable), (503, Unreachable), (410, Gone)]
)
def test_a_recording_that_is_not_handed_over_is_a_failure(status: int, failure: type[Exception]) -> None:
    with pytest.raises(failure):
        brought(Fetched(status))


def test_a_recording_beyond_all_measure_is_refused_before_it_is_read() -> None:
    fetched = Fetched(200, b"RIFF", length=500_000_001)

    with pytest.raises(Refused, match="500 MB") as refused:
        brought(fetched)

    assert refused.value.code == TOO_LARGE
    assert fetched.answer.raw.closed


def test_one_that_does_not_say_how_long_it_is_is_refused_where_it_becomes_too_long() -> None:
    class Wordless(Fetched):
        def __call__(self, url: str, **options: Any) -> requests.Response:
            answer = super().__call__(url, **options)
            del answer.headers["Content-Length"]
            return answer

    with pytest.raises(Refused, match="1 MB"):
        brought(Wordless(200, bytes(1_000_001)), largest=1_000_000)


def test_hours_of_a_conversation_are_fetched_without_being_held_in_memory(tmp_path: Path) -> None:
    class Hours:
        left = 200_000_000

        def read(self, count: int) -> bytes:
            self.left -= (given := min(count, self.left))
            return bytes(given)

        def close(self) -> None: ...

    def fetched(*_: object, **__: object) -> requests.Response:
        answer = requests.Response()
        answer.status_code, answer.raw = 200, Hours()
        return answer

    tracemalloc.start()
    try:
        with FolderShelf(tmp_path).filling() as filling:
            telephone(Captured(found("calls")), fetched).recording(RECORDING, filling)
            digest = filling.keep()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert (tmp_path / digest[:2] / digest).stat().st_size == 200_000_000
    assert peak < 8_000_000


def test_a_recording_that_was_cut_short_is_fetched_again() -> None:
    with pytest.raises(Unreachable, match="cut short"):
        brought(Fetched(200, b"RIFF", length=9))


# --- the client ----------------------------------------------------------------------------------


def test_a_proxy_of_the_environment_is_used_but_not_where_it_is_not_to_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    beyond, near = TimedClient().session, TimedClient("https://127.0.0.1:4010").session

    assert beyond.proxies["https"] == "http://proxy.example:3128"
    assert "https" not in near.proxies
    assert not beyond.trust_env  # read once


def test_every_request_has_a_time_out_and_goes_to_the_origin_that_is_set() -> None:
    seen: list[tuple[str, Any]] = []

    class Watched(TimedClient):
        def __init__(self) -> None:
            super().__init__("http://127.0.0.1:4010")
            self.session = self

        def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
            return request.prepare()

        def merge_environment_settings(self, *_: Any) -> dict[str, Any]:
            return {}

        def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
            seen.append((str(request.url), options.get("timeout")))
            answer = requests.Response()
            answer.status_code, answer._content = 201, b'{"sid": "CA1"}'
            return answer

    client = Client(ACCOUNT, "token", http_client=Watched())

    client.calls.create(to=TO, from_=FROM, url="https://guardia.example/x")

    assert seen[0][0].startswith("http://127.0.0.1:4010/2010-04-01/Accounts/")
    assert seen[0][1]
