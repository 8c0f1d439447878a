"""The report in a real browser: charts are drawn from files of our own; nothing is lost without."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from app.sandbox.scripts import Script
from app.web.office import DeskLinks
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import NIGHT, ROSTERS, Stage
from app.wiring.world import ORIGIN, open_world

pytestmark = pytest.mark.browser

LINKS = DeskLinks("secret of the demonstration", ORIGIN)


@dataclass(frozen=True)
class Served:
    origin: str
    stage: Stage

    def desk(self, manager: str, place: str = "") -> str:
        return f"{self.origin}{urlsplit(LINKS.address(manager)).path}{place}"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A night with an incident and a dispute, on real HTTP."""
    database = tmp_path_factory.mktemp("desk") / "guardia.db"
    with open_world(ROSTERS, NIGHT, database_url=f"sqlite:///{database}") as world:
        stage = Stage(world)
        stage.phone("ana").behave(takes(10))
        stage.phone("lucia").behave(takes(2))
        stage.dial("marta", "acme", describes(reports()))
        stage.run(60)
        stage.dial("nora", "faro", Script().press("5", hearing="marque 5"))
        stage.run(60)
        server = make_server("127.0.0.1", 0, world.guard.app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Served(f"http://127.0.0.1:{server.server_port}", stage)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def test_charts_are_drawn_beside_their_tables(served: Served, page: Page) -> None:
    page.goto(served.desk("lucia", "/report"))

    charts = page.get_by_role("img", name="Gráfico")
    expect(charts).to_have_count(5)
    assert page.evaluate("document.documentElement.dataset.charts") == "5"
    for chart in charts.all():
        expect(chart).to_be_visible()
        assert chart.evaluate(_IS_PAINTED)
    expect(page.get_by_role("table").first).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_of_the_desk_is_wider_than_the_screen(served: Served, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    for place in ("", "/report", "/report?client=acme", "/cases/G-1001", "/cases/G-1002"):
        page.goto(served.desk("lucia", place))

        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_scripts_the_tables_tell_it_all(served: Served, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="es-AR")
    page = context.new_page()

    page.goto(served.desk("lucia", "/report"))

    expect(
        page.get_by_role("cell", name="ACME Seguros").or_(page.get_by_role("link", name="ACME Seguros"))
    ).to_be_visible()
    expect(page.locator("figure.chart").first).to_be_hidden()
    context.close()


def test_a_manager_says_who_was_right_with_one_press(served: Served, page: Page) -> None:
    page.goto(served.desk("marcos"))
    page.get_by_role("link", name="G-1002").first.click()
    page.get_by_label("Por quê").fill("Renovaram ontem")
    page.get_by_role("button", name="O cliente").click()

    expect(page.locator(".verdict strong")).to_have_text("O cliente: era para o plantão")
    expect(page.get_by_role("listitem").filter(has_text="Renovaram ontem")).to_be_visible()


_IS_PAINTED = """canvas => {
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return pixels.some((value, index) => index % 4 === 3 && value > 0);
}"""
