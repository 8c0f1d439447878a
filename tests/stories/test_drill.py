"""Before duty: the team's file says when its pages are tried, and nobody has to think of it."""

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.sandbox.handset import Behaviour
from app.wiring.demo.scripts import takes
from app.wiring.demo.stage import ROSTERS
from tests.stories.conftest import OpenStage
from tests.stories.telling import post

# Wednesday 2026-03-04, 11:00 in Buenos Aires, in a week that counts: the eighth after Monday, January 5th.
ELEVEN = datetime(2026, 3, 4, 14, tzinfo=UTC)


def _with_drills(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(ROSTERS, tmp_path / "rosters"))
    team = folder / "teams" / "integrations.yaml"
    team.write_text(team.read_text("utf-8") + "drill: {every: 4 weeks, at: wed 11:00}\n", "utf-8")
    return folder


def test_the_team_is_paged_with_a_test_on_its_day(opened: OpenStage, tmp_path: Path) -> None:
    stage = opened(rosters=_with_drills(tmp_path), at=ELEVEN - timedelta(seconds=90), live_rosters=True)
    for who in ("ana", "carla", "lucia"):
        stage.phone(who).behave(takes(3))
    stage.phone("bruno").behave(takes(3, hearing="tecle 1"))
    stage.phone("diego").behaviour = Behaviour.ASLEEP
    stage.run(60)
    assert not stage.rings()

    stage.run(240)

    assert {who for who, (state, _) in stage.drills().items() if state == "passed"} == {
        "ana",
        "bruno",
        "carla",
        "lucia",
    }
    assert stage.drills()["diego"] == ("failed", "no_answer")
    assert stage.rings()["ana"] == 1
    assert stage.cases() == []


def test_a_drill_nobody_asked_for_is_hung_up(opened: OpenStage) -> None:
    stage = opened()

    answer = post(stage, f"/voice/drills/{'0' * 32}/answer", {"CallSid": "CA" + "1" * 32})

    assert "<Response><Hangup /></Response>" in answer.get_data(as_text=True)
    assert not any(stage.rings().values())


def test_a_drills_text_says_that_it_is_a_test_and_takes_nothing(opened: OpenStage, tmp_path: Path) -> None:
    stage = opened(rosters=_with_drills(tmp_path), at=ELEVEN - timedelta(seconds=90), live_rosters=True)
    for who in ("ana", "bruno", "carla", "diego", "lucia"):
        stage.phone(who).behaviour = Behaviour.ASLEEP
    stage.run(130)

    [told] = stage.received("ana")
    assert "PRUEBA, no hay incidente" in told
    assert "/t/" not in told
    assert not re.search(r"\d{4}", told)
    stage.text("ana", "1")
    stage.run(5)
    assert "PRUEBA" in stage.received("ana")[-1]
    assert stage.drills()["ana"][0] != "passed"
    assert stage.cases() == []
