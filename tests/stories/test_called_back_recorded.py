"""Who is called back is told before they talk that it is recorded; what they refused before stays refused."""

from pathlib import Path

import pytest

from app.sandbox.recordings import STARTED_BY_API
from app.sandbox.scripts import Script
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import Stage
from tests.stories.conftest import OpenStage
from tests.stories.telling import entries

_IS_RECORDED = "La conversación se graba."
_REFUSABLE = "La conversación se graba; si no quiere, marque 9."


@pytest.fixture
def recorded(opened: OpenStage, recording_rosters: Path) -> Stage:
    """The usual night, with conversations recorded; Ana calls back whoever is gone when she takes it."""
    stage = opened(rosters=recording_rosters)
    stage.phone("ana").behave(takes(20).press("1", hearing="Para llamarle"))
    return stage


def legs_recorded(stage: Stage) -> list[str]:
    """Whose legs the telephone company recorded."""
    exchange = stage.world.exchange
    made = [r for r in exchange.recordings.by_sid.values() if r.source == STARTED_BY_API]
    return [exchange.calls.by_sid[r.call_sid].phone.number for r in made]


def test_who_is_called_back_hears_so_with_the_key_that_refuses_and_is_recorded(recorded: Stage) -> None:
    recorded.phone("marta").behave(Script.answering(3).press("5", hearing="tecla").hang_up(after=40))
    recorded.dial("marta", "acme", describes(reports()).press("1", hearing="Para cortar"))
    recorded.run(200)

    assert any(line == _REFUSABLE for line in recorded.heard("marta"))
    assert any(_IS_RECORDED in line and "Llamando a Marta" in line for line in recorded.heard("ana"))
    assert legs_recorded(recorded) == [recorded.numbers["marta"]]
    assert len(entries(recorded, "conversation_kept")) == 1


def test_nine_before_they_talk_keeps_it_out(recorded: Stage) -> None:
    back = Script.answering(3).press("5", hearing="tecla").press("9", hearing=_REFUSABLE)
    recorded.phone("marta").behave(back.hang_up(after=40))
    recorded.dial("marta", "acme", describes(reports()).press("1", hearing="Para cortar"))
    recorded.run(200)

    assert recorded.talking("ana") == ["marta"]
    assert legs_recorded(recorded) == []


def test_what_they_refused_when_they_called_stays_refused(recorded: Stage) -> None:
    recorded.phone("marta").behave(Script.answering(3).press("5", hearing="tecla").hang_up(after=40))
    refuses = reports().press("9", hearing="si no quiere, marque 9", after=1)
    recorded.dial("marta", "acme", refuses.press("1", hearing="Para cortar"))
    recorded.run(200)

    assert recorded.talking("ana") == ["marta"]
    assert legs_recorded(recorded) == []
    assert not any(_IS_RECORDED in line for line in recorded.heard("ana"))
