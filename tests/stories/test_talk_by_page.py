"""From the page of who has the case, and from the managers' desk: what is done in a conversation."""

from app.sandbox.handset import Behaviour
from app.sandbox.scripts import Script
from app.web.office import DeskLinks
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import Stage
from app.wiring.world import ORIGIN
from tests.stories.telling import browser, entries, press_on


def _talking(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=200))
    stage.run(60)


def test_the_page_puts_the_client_on_hold_and_brings_somebody_in(stage: Stage) -> None:
    stage.phone("bruno").behave(Script.answering(4).press("1", hearing="tecle 1"))
    _talking(stage)
    pages, link = browser(stage), stage.link("ana")

    assert press_on(pages, link, f"{link}/talk", act="hold") == 303
    stage.run(5)
    assert any("Está en espera" in line for line in stage.heard("marta"))
    assert "El cliente está en espera" in pages.get(link, base_url=ORIGIN).get_data(as_text=True)

    assert press_on(pages, link, f"{link}/talk", act="resume") == 303
    assert press_on(pages, link, f"{link}/talk", act="next") == 303
    stage.run(40)

    assert set(stage.talking("bruno")) == {"ana", "marta"}
    assert "En la conversación: Bruno Lima" in pages.get(link, base_url=ORIGIN).get_data(as_text=True)


def test_the_page_takes_the_hours_until_it_is_solved(stage: Stage) -> None:
    _talking(stage)
    pages, link = browser(stage), stage.link("ana")

    assert press_on(pages, link, f"{link}/eta", hours="4") == 303

    assert len(entries(stage, "eta_given", by="link")) == 1
    assert "Estima resolverlo" in pages.get(link, base_url=ORIGIN).get_data(as_text=True)


def test_without_the_forms_token_nothing_is_done(stage: Stage) -> None:
    _talking(stage)
    pages, link = browser(stage), stage.link("ana")

    assert pages.post(f"{link}/talk", base_url=ORIGIN, data={"act": "hold"}).status_code == 400
    assert pages.post(f"{link}/eta", base_url=ORIGIN, data={"hours": "4"}).status_code == 400
    assert "client_on_hold" not in stage.kinds()


def test_a_manager_listens_from_the_desk(stage: Stage) -> None:
    stage.phone("lucia").behave(Script.answering(3).press("1", hearing="Para escuchar"))
    _talking(stage)
    office = stage.world.guard.app.test_client()

    settings = stage.world.guard.settings
    desk = DeskLinks(settings.secret_key, settings.public_url).address("lucia") + "/conversations"

    assert press_on(office, desk, desk, case="1001", how="listen") == 303
    stage.run(30)

    assert any("Lucía está escuchando" in line for line in stage.heard("marta"))
    assert "Escucha: Lucía Ferrer" in office.get(desk, base_url=ORIGIN).get_data(as_text=True)


def test_the_desk_says_what_a_button_will_do_that_it_was_ordered_and_that_it_failed(stage: Stage) -> None:
    stage.phone("lucia").behaviour = Behaviour.BUSY
    _talking(stage)
    office = stage.world.guard.app.test_client()
    settings = stage.world.guard.settings
    desk = DeskLinks(settings.secret_key, settings.public_url).address("lucia") + "/conversations"

    def shown() -> str:
        return str(office.get(desk, base_url=ORIGIN).get_data(as_text=True))

    assert "Al pulsar suena su teléfono" in shown()
    assert "Pedido: lo llamamos" not in shown()

    assert press_on(office, desk, desk, case="1001", how="join") == 303
    assert "Pedido: lo llamamos ahora" in shown()

    stage.run(60)
    assert "No lo alcanzamos en su teléfono." in shown()
    assert "Pedido: lo llamamos" not in shown()
