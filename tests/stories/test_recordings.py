"""What a caller said, as the telephone company hands it over: late, empty, or not at all."""

import io
import wave

from app.sandbox.scripts import Script
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import Stage
from tests.stories.telling import browser, entries

_MARTA = describes(reports()).hang_up(hearing="atiende Ana", after=10)


def test_the_sound_is_a_file_that_any_player_opens_and_lasts_as_long_as_it_was_spoken(stage: Stage) -> None:
    stage.phone("ana").behave(takes(25))
    stage.dial("marta", "acme", _MARTA)
    stage.run(90)

    with stage.world.guard.store.reading() as work:
        [row] = work.recordings(work.cases()[0].id)
    sound = browser(stage).get(f"/voice/recordings/{row.token}.wav")
    assert sound.headers["Cache-Control"] == "no-store"
    with wave.open(io.BytesIO(sound.data)) as file:
        assert file.getnframes() / file.getframerate() == row.seconds
    assert entries(stage, "recording_kept", sha256=row.digest, seconds=row.seconds)


def test_nobody_hears_a_recording_without_its_address(stage: Stage) -> None:
    stage.dial("marta", "acme", _MARTA)
    stage.run(90)

    for guess in ("0" * 32, "1", "RE" + "0" * 32):
        assert browser(stage).get(f"/voice/recordings/{guess}.wav").status_code == 404


def test_an_absent_recording_is_written_and_the_engineer_is_not_made_to_wait_for_it(stage: Stage) -> None:
    stage.world.exchange.chaos.recording_absent = True
    stage.phone("ana").behave(
        Script.answering(20).press("3", hearing="marque 1").press("1", hearing="no dejó mensaje")
    )
    stage.dial("marta", "acme", _MARTA)
    stage.run(180)

    assert len(entries(stage, "recording_absent")) == 1
    assert not entries(stage, "recording_kept")
    assert not entries(stage, "provider_error")
    assert any("todavía no dejó mensaje" in line for line in stage.heard("ana"))
    assert stage.summaries()[0]["acknowledged_by"] == "ana"
