"""Handed over in the middle of a conversation, from the page or by text: what each of the three hears."""

from app.sandbox.scripts import Script
from app.wiring.demo.scripts import describes, reports, takes, takes_in_portuguese
from app.wiring.demo.stage import Stage
from tests.stories.telling import browser, entries, press_on


def _talk(stage: Stage, bruno: Script | None = None) -> None:
    stage.phone("ana").behave(takes(3))
    stage.phone("bruno").behave(bruno or takes_in_portuguese(4))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Bruno", after=60))
    stage.run(60)
    assert stage.talking("ana") == ["marta"]


def _by_page(stage: Stage) -> None:
    pages, link = browser(stage), stage.link("ana")
    assert press_on(pages, link, f"{link}/answer", answer="handed_over") in (200, 302, 303)


def _by_text(stage: Stage) -> None:
    stage.text("ana", "paso")


def _is_handed_over(stage: Stage) -> None:
    """The client stays on the line, hears who is called and then who answers; Ana is out of it."""
    heard = stage.heard("marta")
    after = heard[heard.index("Le atiende Ana.") + 1 :]
    assert after[0] == "Su caso, G, 1, 0, 0, 1, pasa a otra persona. Ya la llamamos."
    assert any("llamando a Bruno" in line for line in after)
    assert after[-1] == "Le atiende Bruno."
    assert not any("La conversación terminó" in line for line in heard)
    assert stage.talking("marta") == ["bruno"]
    assert stage.phone("ana").call is None
    assert stage.heard("ana")[-1] == "Anotado: llamamos al siguiente."
    assert stage.summaries()[0]["acknowledged_by"] == "bruno"
    assert stage.rings() == {"ana": 1, "bruno": 1}


def test_handed_over_from_the_page_the_client_stays_and_the_engineer_hears_who_is_next(stage: Stage) -> None:
    _talk(stage)
    _by_page(stage)
    stage.run(40)

    _is_handed_over(stage)
    assert [e["data"]["answer"] for e in entries(stage, "disposition")] == ["handed_over"]


def test_handed_over_by_text_the_client_stays_and_the_engineer_hears_who_is_next(stage: Stage) -> None:
    _talk(stage)
    _by_text(stage)
    stage.run(40)

    _is_handed_over(stage)
    assert "Anotado: por G-1001 se llama a otra persona." in stage.received("ana")
