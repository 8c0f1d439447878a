"""A call that goes on is recorded by the REST API: begun, paused, stopped, in two channels, as at Twilio."""

import io
import wave
from array import array
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.app.sandbox.test_rest import client, judged, media
from tests.app.sandbox.town import ACCOUNT, MARTA, ORIGIN, Town, document, gather

__all__ = ["client", "judged"]  # fixtures

HOOK = f"{ORIGIN}/recorded"
BOTH = {
    "recording_channels": "dual",
    "recording_track": "both",
    "trim": "do-not-trim",
    "recording_status_callback": HOOK,
    "recording_status_callback_event": ["completed absent"],
}


@pytest.fixture
def leg(town: Town) -> str:
    """Marta is on the phone, hears something after ten seconds, and stays."""
    town.tell(
        "/in", document('<Pause length="10"/>', gather("/key", "¿Sigue ahí?", timeout="60"), "<Hangup/>")
    )
    sid = town.dial()
    town.run(1)
    return sid


def channels(town: Town, url: str) -> tuple[list[bool], list[bool]]:
    """For each second of a sound, whether somebody is heard in its left, and its right, channel."""
    with wave.open(io.BytesIO(media(town, f"{url}.wav"))) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 8_000)
        frames = array("h", file.readframes(file.getnframes()))
    left, right = frames[0::2], frames[1::2]
    seconds = range(len(left) // 8_000)
    return tuple([any(side[s * 8_000 : (s + 1) * 8_000]) for s in seconds] for side in (left, right))  # type: ignore[return-value]


def test_what_the_phone_says_is_in_one_channel_and_what_it_hears_in_the_other(
    town: Town, client: Client, judged: list[str], leg: str
) -> None:
    made = client.calls(leg).recordings.create(**BOTH)
    town.run(4)
    town.phone(MARTA).say("Sí, sigo.")
    town.run(10)
    assert client.calls(leg).recordings(made.sid).update(status="stopped").status == "stopped"
    town.run(2)

    recording = client.calls(leg).recordings(made.sid).fetch()
    assert (recording.status, recording.channels, recording.track) == ("completed", 2, "both")
    assert recording.source == "StartCallRecordingAPI"
    left, right = channels(
        town, f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{made.sid}"
    )
    assert left.index(True) == 4
    assert any(right)
    assert not any(a and b for a, b in zip(left, right, strict=True))
    assert judged == []


def test_the_callback_says_that_it_is_ready_and_whose_it_is(town: Town, client: Client, leg: str) -> None:
    made = client.calls(leg).recordings.create(**BOTH)
    town.run(6)
    town.phone(MARTA).hang_up()
    town.run(5)

    [told] = town.asked("/recorded")
    assert (told["RecordingSid"], told["CallSid"], told["RecordingStatus"]) == (made.sid, leg, "completed")
    assert (told["RecordingSource"], told["RecordingChannels"]) == ("StartCallRecordingAPI", "2")
    assert told["RecordingDuration"] == "6"


@pytest.mark.parametrize(("behavior", "seconds"), [("skip", "5"), ("silence", "15")])
def test_a_pause_is_left_out_or_is_silent(
    town: Town, client: Client, judged: list[str], leg: str, behavior: str, seconds: str
) -> None:
    made = client.calls(leg).recordings.create(**BOTH)
    town.run(2)
    paused = client.calls(leg).recordings("Twilio.CURRENT").update("paused", pause_behavior=behavior)
    assert (paused.sid, paused.status) == (made.sid, "paused")
    town.phone(MARTA).say("Esto no lo graba nadie.")
    town.run(10)
    assert client.calls(leg).recordings(made.sid).update(status="in-progress").status == "in-progress"
    town.run(3)
    client.calls(leg).recordings(made.sid).update(status="stopped")
    town.run(2)

    assert town.asked("/recorded")[0]["RecordingDuration"] == seconds
    assert "Esto no lo graba nadie." not in town.exchange.recordings.by_sid[made.sid].words
    assert [w for w in judged if "Sid in the path" not in w] == []


def test_absent_is_told_where_it_was_asked_for(town: Town, client: Client, leg: str) -> None:
    town.exchange.chaos.recording_absent = True
    client.calls(leg).recordings.create(**BOTH)
    town.phone(MARTA).hang_up()
    town.run(5)

    assert [told["RecordingStatus"] for told in town.asked("/recorded")] == ["absent"]


def test_a_call_lists_its_recordings_newest_first(town: Town, client: Client, leg: str) -> None:
    first = client.calls(leg).recordings.create(**BOTH)
    client.calls(leg).recordings(first.sid).update(status="stopped")
    second = client.calls(leg).recordings.create(recording_channels="mono")

    assert [made.sid for made in client.calls(leg).recordings.list()] == [second.sid, first.sid]
    assert client.calls(leg).recordings(first.sid).delete()
    assert [made.sid for made in client.calls(leg).recordings.list()] == [second.sid]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"recording_channels": "stereo"}, 20001),
        ({"recording_track": "left"}, 20001),
        ({"trim": "yes"}, 20001),
        ({"recording_status_callback": "nowhere"}, 21609),
        ({"recording_status_callback_event": ["completed", "over"]}, 21626),
    ],
)
def test_what_it_does_not_know_is_refused(
    client: Client, leg: str, changed: dict[str, Any], code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client.calls(leg).recordings.create(**{**BOTH, **changed})

    assert refused.value.code == code


def test_of_a_call_that_is_over_nothing_begins_and_nothing_changes(
    town: Town, client: Client, judged: list[str], leg: str
) -> None:
    made = client.calls(leg).recordings.create(**BOTH)
    town.phone(MARTA).hang_up()
    town.run(5)

    with pytest.raises(TwilioRestException) as begun:
        client.calls(leg).recordings.create(**BOTH)
    with pytest.raises(TwilioRestException) as changed:
        client.calls(leg).recordings(made.sid).update(status="paused")
    with pytest.raises(TwilioRestException) as current:
        client.calls("CA" + "9" * 32).recordings.create(**BOTH)

    assert (begun.value.code, changed.value.code, current.value.code) == (21220, 20404, 20404)
    assert judged == []


def test_a_status_that_is_none_is_refused(client: Client, leg: str) -> None:
    made = client.calls(leg).recordings.create(**BOTH)

    with pytest.raises(TwilioRestException) as refused:
        client.calls(leg).recordings(made.sid).update(status="completed")

    assert refused.value.code == 20001
