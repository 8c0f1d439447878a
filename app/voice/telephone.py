"""Twilio's REST API: pages placed, texts sent, legs cancelled. Everything has a time-out.

Nothing is dialled but what the dispatcher hands over, and that comes from the
roster or is the case's caller.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from json import JSONDecodeError
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from app.locales import linked_message, page_message, text_message
from app.voice.failures import sorted_failure
from app.voice.urls import Urls
from app.voice.webhooks import STARTED_BY_US, e164
from oncall.intake import Tape
from oncall.pieces import PIECE, Filling
from oncall.ports import Aftermath, Ambiguous, Arrival, Gone, Misconfigured, Sms, Unreachable

CONNECT_SECONDS = 3.0
READ_SECONDS = 8.0
_LONGEST_CALL = timedelta(hours=4)
_LONGEST_TEST = timedelta(minutes=3)
_TEXT_VALID = timedelta(
    minutes=5
)  # Twilio would queue a text for ten hours: a page must not come next morning
_PAGE = 500
_TAPES = {Tape.ON: "in-progress", Tape.PAUSED: "paused", Tape.OFF: "stopped"}
_EVENTS = ["initiated", "ringing", "answered", "completed"]
_TWILIO = "https://api.twilio.com"
_CONNECTIONS = 16  # more than the worker's threads and the chores that may ask at once
_NOT_FOUND = ("404", "20404")
_AS_IT_IS = {"Accept-Encoding": "identity"}  # of what is packed nobody says how much it is


class TimedClient(TwilioHttpClient):  # type: ignore[misc]  # the SDK has no types
    """The SDK's HTTP client, with time-outs and, where set, another origin for the API."""

    def __init__(self, api_url: str = "") -> None:
        super().__init__(timeout=READ_SECONDS)
        self._origin = urlsplit(api_url) if api_url else None
        # The SDK keeps fewer connections open than there are threads that talk, and opens the rest anew.
        self.session.mount("https://", HTTPAdapter(pool_maxsize=_CONNECTIONS))
        _read_environment_once(self.session, api_url or _TWILIO)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        if self._origin:
            parts = urlsplit(url)
            url = urlunsplit((self._origin.scheme, self._origin.netloc, parts.path, parts.query, ""))
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = READ_SECONDS  # the SDK takes one figure, for connecting and for reading
        return super().request(method, url, *args, **kwargs)


def _read_environment_once(session: requests.Session, origin: str) -> None:
    """Proxies and authorities for ``origin``, which requests would read anew for each request.

    That is a quarter of what a request costs.
    """
    found = session.merge_environment_settings(origin, {}, None, None, None)
    session.proxies.update(found["proxies"])
    session.verify = found["verify"]
    session.trust_env = False


class TwilioTelephone:
    """The port ``Telephone`` over the official SDK."""

    def __init__(
        self,
        client: Client,
        page_from: str,
        urls: Urls,
        link: Callable[[str], str],
        api_url: str = "",
        fetch: Callable[..., requests.Response] = requests.get,
    ) -> None:
        """``link`` gives the signed address of a page's web page; ``fetch`` gets a recording's sound."""
        self._client = client
        self._from = page_from
        self._urls = urls
        self._link = link
        self._api_url = api_url or _TWILIO
        self._fetch = fetch

    def warm_up(self) -> None:
        """The SDK loads its nearly one hundred modules when one of them is first asked for."""
        _ = self._client.calls, self._client.messages

    def call(self, to: str, page: str, ring: timedelta) -> str:
        return self._ring(to, f"/voice/pages/{page}", ring)

    def call_aside(self, to: str, token: str, ring: timedelta) -> str:
        return self._ring(to, f"/voice/side/{token}", ring)

    def call_client(self, to: str, token: str, ring: timedelta, line: str) -> str:
        return self._ring(to, f"/voice/client/{token}", ring, shown=line)

    def _ring(
        self,
        to: str,
        path: str,
        ring: timedelta,
        longest: timedelta = _LONGEST_CALL,
        shown: str | None = None,
    ) -> str:
        answer = self._urls.twiml(f"{path}/answer")
        with _sorting(makes=True):
            made = self._client.calls.create(
                to=to,
                from_=shown or self._from,
                url=answer,
                fallback_url=answer,
                timeout=max(1, round(ring.total_seconds())),
                time_limit=round(longest.total_seconds()),
                status_callback=self._urls.callback(f"{path}/status"),
                status_callback_event=_EVENTS,
            )
        return _named(made.sid)

    def drill(self, to: str, token: str, ring: timedelta) -> str:
        return self._ring(to, f"/voice/drills/{token}", ring, _LONGEST_TEST)

    def synthetic(self, line: str, token: str) -> str:
        with _sorting(makes=True):
            made = self._client.calls.create(
                to=line,
                from_=self._from,
                url=self._urls.twiml(f"/voice/synthetic/{token}/script"),
                timeout=30,
                time_limit=round(_LONGEST_TEST.total_seconds()),
            )
        return _named(made.sid)

    def find_calls(self, to: str, since: datetime, shown: str | None = None) -> tuple[str, ...]:
        by = shown or self._from
        with _sorting():
            found = self._client.calls.list(to=to, from_=by, start_time_after=since, limit=50)
        return tuple(str(call.sid) for call in reversed(found))

    def text(self, to: str, sms: Sms, page: str | None) -> str:
        body = self.body_of(sms)
        more: dict[str, Any] = {}
        if page:
            more["status_callback"] = self._urls.callback(f"/sms/status/{page}")
        with _sorting(makes=True):
            sent = self._client.messages.create(
                to=to,
                from_=self._from,
                body=body,
                validity_period=round(_TEXT_VALID.total_seconds()),
                **more,
            )
        return _named(sent.sid)

    def body_of(self, sms: Sms) -> str:
        """A text as it will be read."""
        if sms.link_page is None:
            return text_message(sms.key, sms.language, **sms.facts)
        facts = dict(sms.facts)
        if not sms.key.startswith("sms.page"):
            return linked_message(sms.key, sms.language, link=self._link(sms.link_page), **facts)
        return page_message(sms.key, sms.language, link=self._link(sms.link_page), **facts)

    def find_texts(self, to: str, since: datetime) -> tuple[str, ...]:
        with _sorting():
            found = self._client.messages.list(to=to, from_=self._from, date_sent_after=since, limit=50)
        return tuple(str(message.sid) for message in reversed(found))

    def arrivals(self, since: datetime) -> tuple[Arrival, ...]:
        with _sorting():
            found = self._client.calls.list(start_time_after=since, page_size=_PAGE)
        return tuple(_arrival(call) for call in found if call.direction == "inbound")

    def aftermath(self, call: str) -> Aftermath:
        with _sorting():
            legs = self._client.calls.list(parent_call_sid=call, page_size=_PAGE)
            recordings = self._client.recordings.list(call_sid=call, page_size=_PAGE)
        return Aftermath(
            tuple((str(leg.to), int(leg.duration or 0)) for leg in legs),
            tuple((str(recording.sid), int(recording.duration or 0)) for recording in reversed(recordings)),
        )

    def cancel(self, call: str) -> None:
        with _sorting():
            self._client.calls(call).update(status="canceled")

    def hang_up(self, call: str) -> None:
        with _sorting():
            self._client.calls(call).update(status="completed")

    def fetch(self, call: str) -> str:
        with _sorting():
            return str(self._client.calls(call).fetch().status)

    def bring(
        self,
        call: str,
        page: str | None = None,
        side: str | None = None,
        where: str = "",
        client: str | None = None,
    ) -> None:
        path = f"/voice/pages/{page}/{where or 'talked'}" if page else "/voice/calls/now"
        path = f"/voice/side/{side}/{'room' if where == 'room' else 'out'}" if side else path
        path = f"/voice/client/{client}/answer" if client else path
        with _sorting():
            self._client.calls(call).update(url=self._urls.twiml(path), method="POST")

    def inside(self, room: str) -> frozenset[str]:
        with _sorting():
            found = self._client.conferences.list(friendly_name=room, status="in-progress", limit=1)
            if not found:
                return frozenset()
            inside = self._client.conferences(found[0].sid).participants.list(page_size=_PAGE)
        if not inside:  # a conference ends with the last who leaves it: this list is behind
            raise Unreachable("a conference without participants", "no_participants")
        return frozenset(str(participant.call_sid) for participant in inside)

    def hold(self, room: str, call: str, language: str) -> None:
        url = self._urls.twiml(f"/voice/rooms/hold/{language}")
        self._in_room(room, call, hold=True, hold_url=url, hold_method="POST")

    def resume(self, room: str, call: str) -> None:
        self._in_room(room, call, hold=False)

    def let_go_on(self, room: str, call: str) -> None:
        self._in_room(room, call, end_conference_on_exit=False)

    def announce(self, room: str, call: str, side: str | None, language: str) -> None:
        path = f"/voice/side/{side}/announce/{language}" if side else f"/voice/rooms/unrecorded/{language}"
        url = self._urls.twiml(path)
        self._in_room(room, call, announce_url=url, announce_method="POST")

    def _in_room(self, room: str, call: str, **changes: object) -> None:
        """Change one participant of the conference that has this name now."""
        with _sorting():
            found = self._client.conferences.list(friendly_name=room, status="in-progress", limit=1)
            if found:
                self._client.conferences(found[0].sid).participants(call).update(**changes)
        if not found:
            raise Gone("nobody is in that conference any more", "no_conference")

    def start_recording(self, call: str) -> str:
        with _sorting():
            made = self._client.calls(call).recordings.create(
                recording_channels="dual",
                recording_track="both",
                trim="do-not-trim",
                recording_status_callback=self._urls.callback("/voice/recordings"),
                recording_status_callback_method="POST",
                recording_status_callback_event=["completed absent"],  # of this resource, in one field
            )
        return _named(made.sid)

    def find_recordings(self, call: str) -> tuple[str, ...]:
        with _sorting():
            found = self._client.calls(call).recordings.list(page_size=_PAGE)
        return tuple(str(made.sid) for made in reversed(found) if made.source == STARTED_BY_US)

    def run_recording(self, call: str, recording: str, tape: Tape) -> None:
        more = {"pause_behavior": "skip"} if tape is Tape.PAUSED else {}
        with _sorting():
            self._client.calls(call).recordings(recording).update(status=_TAPES[tape], **more)

    def recording(self, sid: str, into: Filling) -> None:
        """Only from the API's own origin, and without following it elsewhere with our credentials."""
        account = self._client.account_sid
        url = f"{self._api_url}/2010-04-01/Accounts/{account}/Recordings/{sid}.wav"
        auth = (str(self._client.username), str(self._client.password))
        how: dict[str, Any] = {"allow_redirects": False, "stream": True, "headers": _AS_IT_IS}
        limits = (CONNECT_SECONDS, READ_SECONDS)
        with _sorting(), self._fetch(url, auth=auth, timeout=limits, **how) as answer:
            _judge(answer)
            _pour(answer, into)

    def delete_recording(self, sid: str) -> None:
        with _sorting():
            self._client.recordings(sid).delete()


def _judge(answer: requests.Response) -> None:
    """Raise where it is no sound."""
    if answer.status_code == 404:
        raise Unreachable("the recording is not ready", "404")
    if answer.status_code == 410:
        raise Gone("the recording was deleted", "410")
    if answer.status_code != 200:
        raise Unreachable("the recording was not handed over", str(answer.status_code))


def _pour(answer: requests.Response, into: Filling) -> None:
    """What was cut short is not taken for the whole: the recording is deleted there once it is kept."""
    length = int(answer.headers.get("Content-Length", 0))
    into.expect(length)
    for piece in answer.iter_content(PIECE):
        into.write(piece)
    if into.size < length:
        raise Unreachable("the recording was cut short", "cut_short")


def _named(sid: object) -> str:
    """The id of what was made. Without one it was perhaps made, and has to be looked up."""
    if not sid:
        raise Ambiguous("the answer names nothing that was made", "unreadable_answer")
    return str(sid)


def _arrival(call: Any) -> Arrival:
    started: datetime = call.start_time or call.date_created  # one that rings has no start yet
    return Arrival(
        sid=str(call.sid),
        line=str(call.to),
        caller=e164(str(call._from or "")),
        at=started.astimezone(UTC),
        seconds=int(call.duration or 0),
        is_over=str(call.status) not in ("queued", "ringing", "in-progress"),
    )


@contextmanager
def _sorting(makes: bool = False) -> Iterator[None]:
    """Turn what the SDK and the network raise into Failures; our own bugs stay what they are.

    A success whose body is not JSON, as a proxy gives it, comes out of the SDK as it is. Where something
    ``makes`` a new call or text nothing can be gone but the account itself (20404).
    """
    try:
        yield
    except (TwilioException, requests.exceptions.RequestException, JSONDecodeError) as error:
        failure = sorted_failure(error)
        if makes and isinstance(failure, Gone) and failure.code in _NOT_FOUND:
            failure = Misconfigured(str(failure), failure.code)
        raise failure from error
