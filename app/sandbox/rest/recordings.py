"""REST: recordings and their audio."""

from typing import TYPE_CHECKING, Any

from flask import request

from app.sandbox.parameters import API_VERSION
from app.sandbox.recordings import Recording
from app.sandbox.rest.errors import RestError
from app.sandbox.rest.views import Answer, View, moment, page
from app.sandbox.sound import audio

if TYPE_CHECKING:
    from app.sandbox.exchange import Exchange


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
    sound = audio(recording.seconds, " ".join(recording.words), recording.channels)
    return Answer(content=sound, content_type="audio/x-wav")


def bare(exchange: "Exchange", sid: str) -> Answer:
    """A recording's address without a suffix is its audio, as Twilio's ``RecordingUrl`` is."""
    return media(exchange, sid)


def delete(exchange: "Exchange", sid: str) -> Answer:
    exchange.recordings.delete(_found(exchange, sid))
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
        "channels": recording.channels,
        "duration": str(recording.seconds) if recording.status != "in-progress" else None,
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


ROUTES: dict[tuple[str, str], View] = {
    ("GET", "/Recordings.json"): listing,
    ("GET", "/Calls/<call>/Recordings.json"): listing,
    ("GET", "/Recordings/<sid>.json"): fetch,
    ("GET", "/Recordings/<sid>.wav"): media,
    ("GET", "/Recordings/<sid>"): bare,
    ("DELETE", "/Recordings/<sid>.json"): delete,
}
