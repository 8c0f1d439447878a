"""A night in Buenos Aires for each story: Ana on call, Bruno behind her, Lucía last; Marta may call."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from app.wiring.demo.stage import ROSTERS, Stage, open_stage
from tests.stories.judges import Judges

OpenStage = Callable[..., Stage]
Rostered = Callable[..., Path]

_TEAM = """\
team: integrations
timezone: America/Argentina/Buenos_Aires
rotations:
  primary: {{people: [[{primary}]], shift: 1 week, starts: 2026-01-05 09:00}}
  backup: {{people: [[{backup}]], shift: 1 week, starts: 2026-01-05 09:00}}
escalation:
  - {{page: primary, for: {first}}}
  - {{page: backup, for: {second}}}
ring: {ring}
"""


@pytest.fixture
def opened() -> Iterator[OpenStage]:
    """Opens a stage as a story wants it (``opened(rosters=…, books=…)``); judged when the story is over."""
    with ExitStack() as stages:
        judges: list[Judges] = []

        def open_one(**options: Any) -> Stage:
            stage = stages.enter_context(open_stage(**options))
            judges.append(Judges(stage))
            return stage

        yield open_one
        objections = [objection for judge in judges for objection in judge.objections()]
        assert not objections, "\n".join(objections)


@pytest.fixture
def stage(opened: OpenStage) -> Stage:
    """The usual night."""
    return opened()


@pytest.fixture
def recording_rosters(tmp_path: Path) -> Path:
    """The demonstration's rosters, with conversations recorded."""
    folder = tmp_path / "rosters"
    shutil.copytree(ROSTERS, folder)
    with (folder / "service.yaml").open("a", encoding="utf-8") as service:
        service.write("\nrecordings: {conversations: true}\n")
    return folder


@pytest.fixture
def rostered(tmp_path: Path) -> Rostered:
    """The demonstration's rosters with another team: ``rostered(primary="ana, carla", ring="9 seconds")``."""

    def write(**changed: str) -> Path:
        usual = {"primary": "ana", "backup": "bruno", "first": "90 seconds", "second": "90 seconds"}
        folder = tmp_path / "rosters"
        shutil.copytree(ROSTERS, folder)
        team = _TEAM.format(**usual | {"ring": "25 seconds"} | changed)
        (folder / "teams" / "integrations.yaml").write_text(team, "utf-8")
        return folder

    return write
