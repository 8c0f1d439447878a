"""Recordings come home, are heard by who has their token, and are removed when their time is over."""

import io
import wave
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import update

from oncall.escalation import Answer
from oncall.intake import Call, HungUp, Recorded
from oncall.ports import Gone, Unreachable
from oncall.records import RecordingRow
from oncall.store.tables import table
from tests.oncall.fakes import Stage

RECORDING = "RE" + "1" * 32
SOUND = b"RIFF what Marta said"
DIGEST = sha256(SOUND).hexdigest()
ANA_1 = "1.1.ana.1"
A_DAY = 24 * 3600
HALF_A_DAY = 12 * 3600


@pytest.fixture
def marta(stage: Stage) -> Call:
    """Marta has reported an outage, and is being recorded."""
    stage.telephone.sounds[RECORDING] = SOUND
    return stage.open_incident()


def recorded(stage: Stage, call: Call, seconds: int = 9) -> None:
    stage.dispatcher.hear(call.sid, Recorded(call.turn, seconds), stage.clock.at)
    stage.dispatcher.recorded(call.sid, RECORDING, seconds, stage.clock.at)


def tokens(stage: Stage) -> list[str]:
    with stage.store.reading() as work:
        return work.recording_tokens(1001)


def heard(stage: Stage, token: str) -> bytes | None:
    sound = stage.dispatcher.recording(token)
    return sound.read() if sound is not None else None


def gone(stage: Stage) -> str | None:
    with stage.store.reading() as work:
        known = work.recording(RECORDING)
    assert known is not None
    why: str | None = known.gone
    return why


def data(stage: Stage, kind: str) -> dict[str, object]:
    [entry] = [entry for entry in stage.record() if entry.kind == kind]
    return dict(entry.data)


def close(stage: Stage) -> None:
    stage.dispatcher.page_key(stage.token(ANA_1), "1", stage.clock.at)
    stage.dispatcher.disposition(stage.token(ANA_1), Answer.SOLVED, stage.clock.at)


def test_a_recording_is_copied_home_deleted_there_and_its_hash_is_written(stage: Stage, marta: Call) -> None:
    recorded(stage, marta)
    stage.tick(1)

    [token] = tokens(stage)
    assert heard(stage, token) == SOUND
    assert stage.telephone.deleted == [RECORDING]
    assert data(stage, "recording_kept") == {"seconds": 9, "sha256": DIGEST}


def test_word_of_a_recording_that_comes_twice_is_one_recording(stage: Stage, marta: Call) -> None:
    recorded(stage, marta)
    stage.dispatcher.recorded(marta.sid, RECORDING, 9, stage.clock.at)
    stage.tick(1)
    stage.dispatcher.recorded(marta.sid, RECORDING, 9, stage.clock.at)
    stage.tick(1)

    assert stage.kinds().count("recording_kept") == 1
    assert stage.telephone.deleted == [RECORDING]


def test_what_could_not_be_deleted_is_not_fetched_again(stage: Stage, marta: Call) -> None:
    stage.telephone.control_failures = [Unreachable("not now", "503")]
    recorded(stage, marta)
    stage.tick(1)
    stage.telephone.recording_failures = [AssertionError("fetched twice")]

    stage.tick(5)

    assert stage.telephone.deleted == [RECORDING]
    assert stage.kinds().count("recording_kept") == 1


def test_a_shelf_that_cannot_be_reached_is_tried_again_and_nothing_is_deleted_before(
    stage: Stage, marta: Call
) -> None:
    stage.shelf.failures = [Unreachable("not now", "shelf")]
    recorded(stage, marta)
    stage.tick(1)
    assert stage.telephone.deleted == []

    stage.tick(5)

    assert stage.shelf.kept == {DIGEST: SOUND}
    assert stage.telephone.deleted == [RECORDING]


def test_an_absent_recording_is_written_and_nobody_waits_for_it(stage: Stage, marta: Call) -> None:
    stage.telephone.recording_failures = [Unreachable("the recording is not ready", "404")]
    recorded(stage, marta)
    stage.tick(1)

    stage.dispatcher.recording_absent(marta.sid, RECORDING, stage.clock.at)
    stage.dispatcher.recording_absent(marta.sid, RECORDING, stage.clock.at)
    stage.tick(60)

    assert stage.kinds().count("recording_absent") == 1
    assert "provider_error" not in stage.kinds()
    assert tokens(stage) == []


def test_a_recording_known_only_as_absent_is_written_too(stage: Stage, marta: Call) -> None:
    stage.dispatcher.recording_absent(marta.sid, RECORDING, stage.clock.at)
    stage.dispatcher.recorded(marta.sid, RECORDING, 0, stage.clock.at)
    stage.tick(1)

    assert stage.kinds().count("recording_absent") == 1
    assert gone(stage) == "absent"


@pytest.mark.parametrize("how", ["without a sound", "deleted there"])
def test_a_recording_of_nothing_is_not_kept(stage: Stage, marta: Call, how: str) -> None:
    stage.telephone.sounds[RECORDING] = empty_sound()
    if how == "deleted there":
        stage.telephone.recording_failures = [Gone("the recording was deleted", "410")]
    recorded(stage, marta)
    stage.tick(1)

    assert stage.shelf.kept == {}
    assert gone(stage) == "absent"
    assert stage.telephone.deleted == [RECORDING]


def empty_sound() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
    return file.getvalue()


def test_who_refused_to_be_recorded_is_not_kept_though_a_recording_comes(stage: Stage, marta: Call) -> None:
    with stage.store.writing() as work:
        found = work.call(marta.sid)
        assert found is not None
        work.save_call(replace(found[0], refused_recording=True), found[1], stage.clock.at)

    stage.dispatcher.recorded(marta.sid, RECORDING, 9, stage.clock.at)
    stage.tick(1)

    assert stage.shelf.kept == {}
    assert stage.telephone.deleted == [RECORDING]
    assert gone(stage) == "refused"
    assert "recording_discarded" in stage.kinds()


def test_a_recording_of_a_call_without_a_case_is_only_deleted(stage: Stage) -> None:
    call = stage.dial()
    stage.dispatcher.recorded(call.sid, RECORDING, 9, stage.clock.at)
    stage.tick(1)

    assert stage.telephone.deleted == [RECORDING]
    assert stage.shelf.kept == {}


def test_old_sounds_of_closed_cases_are_removed_and_their_hash_stays(stage: Stage, marta: Call) -> None:
    recorded(stage, marta)
    stage.tick(1)
    [token] = tokens(stage)
    close(stage)
    assert stage.state() == "closed"

    assert stage.dispatcher.remove_old_recordings(stage.clock.at + timedelta(days=89)) == 0
    assert stage.dispatcher.remove_old_recordings(stage.clock.at + timedelta(days=91)) == 1

    assert stage.shelf.kept == {}
    assert stage.dispatcher.recording(token) is None
    assert data(stage, "recording_removed") == {"sha256": DIGEST}
    with stage.store.reading() as work:
        [known] = work.recordings(1001)
    assert (known.digest, known.gone) == (DIGEST, "removed")


def test_the_sound_of_an_incident_that_is_not_over_stays(stage: Stage, marta: Call) -> None:
    recorded(stage, marta)
    stage.tick(1)

    assert stage.dispatcher.remove_old_recordings(stage.clock.at + timedelta(days=91)) == 0
    assert stage.shelf.kept == {DIGEST: SOUND}


def test_two_workers_remove_once_an_hour(stage: Stage, marta: Call) -> None:
    recorded(stage, marta)
    stage.tick(1)
    close(stage)
    old = stage.clock.at + timedelta(days=91)
    stage.shelf.failures = [Unreachable("not now", "shelf")]

    stage.dispatcher.remove_old_recordings(old)
    stage.dispatcher.remove_old_recordings(old)
    assert stage.shelf.kept == {DIGEST: SOUND}
    stage.dispatcher.remove_old_recordings(old + timedelta(hours=1))

    assert stage.shelf.kept == {}


def test_what_another_recording_shares_is_not_removed_with_the_first(stage: Stage, marta: Call) -> None:
    recorded(stage, marta)
    stage.tick(1)
    later, again = stage.clock.at + timedelta(days=30), "RE" + "2" * 32
    stage.telephone.sounds[again] = SOUND
    stage.dispatcher.recorded_in(1001, again, 9, later)
    stage.tick(timedelta(days=30).total_seconds())
    close(stage)

    stage.dispatcher.remove_old_recordings(later + timedelta(days=61))
    assert stage.shelf.kept == {DIGEST: SOUND}
    stage.dispatcher.remove_old_recordings(later + timedelta(days=91))

    assert stage.shelf.kept == {}


def test_a_sound_from_before_there_was_a_shelf_is_heard_and_removed_too(stage: Stage, marta: Call) -> None:
    recorded(stage, marta)
    stage.tick(1)
    before = update(table(RecordingRow)).values(digest=None, audio=b"RIFF of old")
    with stage.store.writing() as work:
        work.connection.execute(before)
    [token] = tokens(stage)
    assert heard(stage, token) == b"RIFF of old"

    stage.dispatcher.hear(marta.sid, HungUp(), stage.clock.at)
    close(stage)
    stage.dispatcher.remove_old_recordings(stage.clock.at + timedelta(days=91))

    assert stage.dispatcher.recording(token) is None


def test_one_too_large_for_the_shelf_stays_there_is_written_once_and_comes_when_another_takes_it(
    stage: Stage, marta: Call
) -> None:
    stage.shelf.largest = 10
    recorded(stage, marta)
    stage.tick(1)
    stage.tick(A_DAY)
    assert stage.kinds().count("recording_too_large") == 1
    assert data(stage, "recording_too_large") == {"seconds": 9}
    assert (stage.shelf.kept, stage.telephone.deleted) == ({}, [])
    assert "provider_error" not in stage.kinds()

    stage.shelf.largest = 1_000
    stage.tick(A_DAY)

    assert stage.shelf.kept == {DIGEST: SOUND}
    assert stage.telephone.deleted == [RECORDING]


def test_one_that_finds_no_room_for_half_a_day_is_told_once_and_comes_when_there_is_room(
    stage: Stage, marta: Call
) -> None:
    stage.shelf.failures = [Unreachable("the disk is too full to fetch it", "disk_full")] * 2
    recorded(stage, marta)
    stage.tick(HALF_A_DAY)
    stage.tick(A_DAY)
    assert data(stage, "recording_delayed") == {"seconds": 9, "code": "disk_full"}
    assert (stage.shelf.kept, stage.telephone.deleted) == ({}, [])
    assert "provider_error" not in stage.kinds()

    stage.tick(A_DAY)

    assert stage.shelf.kept == {DIGEST: SOUND}
    assert stage.telephone.deleted == [RECORDING]


def test_one_that_is_no_longer_there_when_there_is_room_came_to_nothing(stage: Stage, marta: Call) -> None:
    stage.shelf.failures = [Unreachable("the disk is too full to fetch it", "disk_full")]
    recorded(stage, marta)
    stage.tick(HALF_A_DAY)
    stage.telephone.recording_failures = [Gone("it was deleted there", "20404")]

    stage.tick(A_DAY)

    assert gone(stage) == "absent"


def test_what_never_came_home_is_deleted_where_it_was_made_when_its_time_is_over(
    stage: Stage, marta: Call
) -> None:
    stage.shelf.largest = 10
    recorded(stage, marta)
    stage.tick(1)
    close(stage)

    stage.dispatcher.remove_old_recordings(stage.clock.at + timedelta(days=91))

    assert stage.telephone.deleted == [RECORDING]
    assert gone(stage) == "removed"
    assert data(stage, "recording_removed") == {}


def test_one_that_cannot_be_removed_keeps_no_other(stage: Stage, marta: Call) -> None:
    stage.shelf.largest = 10
    recorded(stage, marta)
    stage.tick(1)
    stage.shelf.largest = 1_000
    stage.dispatcher.recorded_in(1001, "RE" + "2" * 32, 9, stage.clock.at)
    stage.tick(1)
    close(stage)
    stage.telephone.control_failures = [Unreachable("not now", "503")]

    stage.dispatcher.remove_old_recordings(stage.clock.at + timedelta(days=91))

    assert stage.shelf.kept == {}
    assert gone(stage) is None
