"""Somebody else was faster: whoever comes late hears, reads and sees who has it."""

from app.sandbox.scripts import Script
from app.wiring.demo.scripts import reports, takes
from tests.stories.conftest import OpenStage, Rostered
from tests.stories.telling import browser, entries


def test_a_late_key_hears_who_has_it(opened: OpenStage, rostered: Rostered) -> None:
    stage = opened(rosters=rostered(primary="ana, bruno"))
    stage.phone("ana").behave(takes(2))
    stage.phone("bruno").behave(Script.answering(3).press("1", after=13))
    stage.dial("marta", "acme", reports())
    stage.run(120)

    assert stage.rings() == {"ana": 1, "bruno": 1}
    assert stage.heard("bruno")[-1] == "Já está com Ana. Obrigado."
    assert len(entries(stage, "late_key", person="bruno", taken_by="Ana Paz")) == 1
    assert stage.summaries()[0]["acknowledged_by"] == "ana"


def test_a_late_text_reads_who_has_it(opened: OpenStage, rostered: Rostered) -> None:
    stage = opened(rosters=rostered(primary="ana, bruno"))
    stage.phone("ana").behave(takes(2))
    stage.dial("marta", "acme", reports())
    stage.run(60)

    stage.text("bruno", stage.code("bruno"))
    stage.run(5)

    assert stage.phone("bruno").texts[-1].body == "Ja esta com Ana Paz."
    assert stage.summaries()[0]["acknowledged_by"] == "ana"


def test_a_late_button_shows_who_has_it(opened: OpenStage, rostered: Rostered) -> None:
    stage = opened(rosters=rostered(primary="ana, bruno"))
    stage.dial("marta", "acme", reports())
    stage.run(26)
    stage.after(0, lambda: stage.take_by_link("ana"))
    stage.run(10)

    page = browser(stage).get(stage.link("bruno")).get_data(as_text=True)

    assert "Ana Paz" in page
    assert 'id="take"' not in page
