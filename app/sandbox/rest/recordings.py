"""REST: recordings and their audio; those of a call that goes on begin, pause and stop here."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask import request

from app.sandbox.parameters import API_VERSION
from app.sandbox.recordings import RUNNING, STARTED_BY_API, Recording, Teller
from app.sandbox.rest import calls, forms
from app.sandbox.rest.errors import RestError
from app.sandbox.rest.views import Answer, View, moment, page
from app.sandbox.sound import audio, conversation

if TYPE_CHECKING:
    from app.sandbox.exchange import Exchange


CURRENT = "Twilio.CURRENT"
EVENTS = frozenset({"in-progress", "completed", "absent"})


def listing(exchange: "Exchange", call: str | None = None) -> Answer:
    wanted = call or request.args.get("CallSid")
    shown = [
        recording
        for recording in reversed(exchange.recordings.by_sid.values())
        if wanted in (None, recording.call_sid) and recording.status != "deleted"
    ]
    return page("recordings", [as_json(exchange, recording) for recording in shown])


def fetch(exchange: "Exchange", sid: str) -> Answer:
    return Answer(as_json(exchange, _found(exchange, sid)))


def media(exchange: "Exchange", sid: str) -> Answer:
    """The WAV file; 404 while it is not ready, when there is none, and once it is deleted."""
    recording = _found(exchange, sid)
    if recording.status != "completed":
        raise RestError(20404, request.path)
    words = " ".join(recording.words)
    if recording.source == STARTED_BY_API:
        sound = conversation(recording.seconds, recording.spans, words, recording.channels)
    else:
        sound = audio(recording.seconds, words, recording.channels)
    return Answer(content=sound, content_type="audio/x-wav")


def bare(exchange: "Exchange", sid: str) -> Answer:
    """A recording's address without a suffix is its audio, as Twilio's ``RecordingUrl`` is."""
    return media(exchange, sid)


def delete(exchange: "Exchange", sid: str) -> Answer:
    exchange.recordings.delete(_found(exchange, sid))
    return Answer()


# --- of a call ---


def of_call(exchange: "Exchange", call: str) -> Answer:
    return listing(exchange, calls.found(exchange, call).sid)


def start(exchange: "Exchange", call: str) -> Answer:
    """Twilio 21220 for a call that nobody talks on; a second recording of the same call is one more."""
    leg, form = calls.found(exchange, call), request.form
    teller = Teller(
        forms.url(form, "RecordingStatusCallback", 21609) or "",
        forms.method(form, "RecordingStatusCallbackMethod"),
        _events(form.getlist("RecordingStatusCallbackEvent")),
    )
    track = _one_of(form, "RecordingTrack", "both", ("both", "inbound", "outbound"))
    channels = _one_of(form, "RecordingChannels", "mono", ("mono", "dual"))
    _one_of(form, "Trim", "do-not-trim", ("do-not-trim", "trim-silence"))
    if leg.status != "in-progress":
        raise RestError(21220, "Requested resource is not eligible for recording.")
    count = 2 if channels == "dual" and track == "both" else 1
    return Answer(as_json(exchange, exchange.recordings.begin_by_api(leg, teller, count, track)), 201)


def of_call_fetch(exchange: "Exchange", call: str, sid: str) -> Answer:
    return Answer(as_json(exchange, _of(exchange, call, sid)))


def change(exchange: "Exchange", call: str, sid: str) -> Answer:
    """Paused, gone on with, or stopped: what is over is found no more (20404)."""
    recording, form = _of(exchange, call, sid), request.form
    status = _one_of(form, "Status", "", ("in-progress", "paused", "stopped"))
    skips = _one_of(form, "PauseBehavior", "silence", ("silence", "skip")) == "skip"
    if recording.status not in RUNNING:
        raise RestError(20404, request.path)
    if status == "paused":
        exchange.recordings.pause(recording, skips)
    elif status == "in-progress":
        exchange.recordings.resume(recording)
    else:
        exchange.recordings.stop(recording)
    return Answer(as_json(exchange, recording) | ({"status": "stopped"} if status == "stopped" else {}))


def of_call_delete(exchange: "Exchange", call: str, sid: str) -> Answer:
    exchange.recordings.delete(_of(exchange, call, sid))
    return Answer()


def as_json(exchange: "Exchange", recording: Recording) -> dict[str, Any]:
    uri = f"/{API_VERSION}/Accounts/{exchange.account_sid}/Recordings/{recording.sid}"
    return {
        "sid": recording.sid,
        "account_sid": exchange.account_sid,
        "api_version": API_VERSION,
        "call_sid": recording.call_sid,
        "conference_sid": recording.conference_sid,
        "status": recording.status,
        "source": recording.source,
        "track": recording.track,
        "channels": recording.channels,
        "duration": str(recording.seconds) if recording.status not in RUNNING else None,
        "start_time": moment(recording.started),
        "date_created": moment(recording.started),
        "date_updated": moment(recording.updated or recording.started),
        "error_code": None,
        "price": None,
        "price_unit": "USD",
        "encryption_details": None,
        "media_url": exchange.recordings.url(recording),
        "uri": f"{uri}.json",
        "subresource_uris": {},
    }


def _found(exchange: "Exchange", sid: str) -> Recording:
    recording = exchange.recordings.by_sid.get(sid)
    if recording is None or recording.status == "deleted":
        raise RestError(20404, request.path)
    return recording


def _of(exchange: "Exchange", call: str, sid: str) -> Recording:
    """A recording of a call; ``Twilio.CURRENT`` is the one that goes on."""
    leg = calls.found(exchange, call)
    recording = exchange.recordings.running(leg) if sid == CURRENT else _found(exchange, sid)
    if recording is None or recording.call_sid != leg.sid:
        raise RestError(20404, request.path)
    return recording


def _events(given: Sequence[str]) -> frozenset[str]:
    """In one field, with blanks between them, or in several."""
    events = frozenset(event for field in given for event in field.split()) or frozenset({"completed"})
    if unknown := events - EVENTS:
        raise RestError(21626, ", ".join(sorted(unknown)))
    return events


def _one_of(form: Mapping[str, str], name: str, default: str, known: Sequence[str]) -> str:
    value = form.get(name, default)
    if value not in known:
        raise RestError(20001, f"{name}={value}")
    return value


ROUTES: dict[tuple[str, str], View] = {
    ("GET", "/Recordings.json"): listing,
    ("GET", "/Calls/<call>/Recordings.json"): of_call,
    ("POST", "/Calls/<call>/Recordings.json"): start,
    ("GET", "/Calls/<call>/Recordings/<sid>.json"): of_call_fetch,
    ("POST", "/Calls/<call>/Recordings/<sid>.json"): change,
    ("DELETE", "/Calls/<call>/Recordings/<sid>.json"): of_call_delete,
    ("GET", "/Recordings/<sid>.json"): fetch,
    ("GET", "/Recordings/<sid>.wav"): media,
    ("GET", "/Recordings/<sid>"): bare,
    ("DELETE", "/Recordings/<sid>.json"): delete,
}
