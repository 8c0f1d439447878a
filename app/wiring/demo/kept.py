"""What a client said: kept for a time, and proven for good."""

from datetime import timedelta

from app.wiring.demo.expectations import Expectations
from app.wiring.demo.scenario import scenario
from app.wiring.demo.scripts import describes, reports, solves, takes
from app.wiring.demo.stage import Stage


@scenario("recording-kept")
def recording_kept(stage: Stage, expect: Expectations) -> None:
    """A recording is kept for ninety days, and its hash for good.

    Marta describes the problem; the sound comes home and is deleted at Twilio. Ana solves it. Ninety days
    later the sound is removed; the record still proves which one it was.
    """
    stage.phone("ana").behave(solves(takes(4)))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=20))
    stage.run(300)
    left_there = [r for r in stage.world.exchange.recordings.by_sid.values() if r.status != "deleted"]
    expect.that("nothing is left at Twilio", not left_there, left_there)
    expect.case(state="closed", acknowledged_by="ana")
    expect.that("one sound is at home", len(_tokens(stage)) == 1, _tokens(stage))

    stage.world.clock.set(stage.world.now + timedelta(days=91))
    stage.world.guard.dispatcher.remove_old_recordings(stage.world.now)

    hashes = {entry["kind"]: entry["data"].get("sha256") for entry in stage.cases()[0]["entries"]}
    same = hashes.get("recording_kept") == hashes.get("recording_removed") is not None
    expect.that("the sound is gone", not _tokens(stage), _tokens(stage))
    expect.that("and the record holds the hash it was kept under", same, hashes)


def _tokens(stage: Stage) -> list[str]:
    with stage.world.guard.store.reading() as work:
        return work.recording_tokens(work.cases()[0].id)
