"""The managers' desk: who may come in, what is shown, what a form may do."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.report import Reports
from app.sandbox.scripts import Script
from app.web.office import DeskLinks, Office, Visit, generations, office_blueprint
from app.web.office.casepages import ON_A_PAGE, CasePages
from app.web.office.reportpages import ReportPages
from app.web.pages import pages_blueprint
from app.web.refused import Flaw
from app.wiring.demo.scripts import OTHER_MATTER, chooses, describes, reports, takes
from app.wiring.demo.stage import Stage, open_stage
from app.wiring.world import ORIGIN
from oncall.book import Book
from oncall.record import Draft

LINKS = DeskLinks("secret of the demonstration", ORIGIN)


class Bell:
    """A section that can be rung, unless it is broken."""

    name = "cases"  # a word that the catalogs have

    def __init__(self) -> None:
        self.rung: list[tuple[str, str]] = []

    def show(self, visit: Visit) -> str:
        said = " ".join(visit.refused.of("", "times")) or visit.refused.kept("", "times", "nothing")
        return f"<p>{visit.csrf_token()} for {visit.manager.id}</p>{said}"

    def act(self, visit: Visit, form: Mapping[str, str]) -> Sequence[Flaw]:
        if form.get("broken"):
            return [Flaw("times", f"the bell is broken: not {form['times']} times")]
        self.rung.append((visit.manager.id, form["times"]))
        return []


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """G-1001: Ana has it. G-1002: disputed, Lucía has it. G-1003: refused."""
    with open_stage() as stage:
        stage.phone("ana").behave(takes(10))
        stage.phone("lucia").behave(takes(2))
        stage.dial("marta", "acme", describes(reports()))
        stage.run(60)
        stage.dial("nora", "faro", Script().press("5", hearing="marque 5"))
        stage.run(60)
        stage.dial("pablo", "acme", chooses(OTHER_MATTER))
        stage.run(60)
        yield stage


@pytest.fixture
def browser(stage: Stage) -> FlaskClient:
    return stage.world.guard.app.test_client()


def desk(manager: str, place: str = "") -> str:
    return urlsplit(LINKS.address(manager)).path + place


def get(browser: FlaskClient, path: str) -> TestResponse:
    return browser.get(path, base_url=ORIGIN)


def send(browser: FlaskClient, path: str, token: str, **fields: str) -> TestResponse:
    return browser.post(path, data={"csrf_token": token, **fields}, base_url=ORIGIN)


def token_in(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("manager", "title"), [("lucia", "Los casos de la guardia"), ("marcos", "Os casos do plantão")]
)
def test_a_manager_comes_in_by_the_address_and_reads_their_language(
    browser: FlaskClient, manager: str, title: str
) -> None:
    page = get(browser, desk(manager))

    assert page.status_code == 200
    assert f"<h1>{title}</h1>" in page.text


def test_the_front_page_tells_what_is_open_and_who_has_it(browser: FlaskClient) -> None:
    page = get(browser, desk("lucia"))

    live, rest = page.text.split("Todos los casos", 1)
    assert "Abiertos ahora: 2" in live
    assert live.index("G-1001") < live.index("G-1002")
    for fact in ("Ana Paz", "Lucía Ferrer", "ACME Seguros", "Resolución: quedan 5 h"):
        assert fact in live
    assert "G-1003" not in live
    assert "G-1003" in rest


def test_a_wait_moves_what_is_owed_and_says_that_it_is_paused() -> None:
    with open_stage() as stage:
        stage.phone("ana").behave(takes(10))
        stage.dial("marta", "acme", reports())
        stage.run(60)
        at = stage.world.now
        data = {"person": "ana", "name": "Ana Paz", "party": "client", "asked": "logs", "whom": "Marta"}
        span = {"since": at.isoformat(), "until": (at + timedelta(hours=4)).isoformat()}
        with stage.world.guard.store.writing() as work:
            work.append(1001, at, [Draft("wait_started", data | span | {"channel": "mail"}, "ana")])
        stage.run(3600)
        browser = stage.world.guard.app.test_client()

        front, case = get(browser, desk("lucia")), get(browser, desk("lucia", "/cases/G-1001"))

    assert "Resolución: quedan 5 h 59 min · en pausa" in front.text
    assert "quedan 5 h 59 min" in case.text
    assert "Espera por el cliente: 1 h" in case.text


@pytest.mark.parametrize("place", ["", "/cases/G-1001", "/cases/G-1001/recordings/1"])
@pytest.mark.parametrize("secret", ["made-up", "ana", "nobody"])
def test_a_wrong_address_and_that_of_somebody_who_is_no_manager_open_nothing(
    browser: FlaskClient, secret: str, place: str
) -> None:
    path = "/m/made-up" if secret == "made-up" else desk(secret)

    page = get(browser, path + place)

    assert page.status_code == 404
    assert "Este enlace no es válido." in page.text
    assert "Ana Paz" not in page.text


def test_an_address_that_was_altered_opens_nothing(browser: FlaskClient) -> None:
    address = desk("lucia")
    altered = address[:-1] + ("A" if address[-1] != "A" else "B")

    assert get(browser, altered).status_code == 404


def test_an_address_that_was_replaced_opens_nothing_and_the_new_one_does() -> None:
    with open_stage() as stage:
        browser, store = stage.world.guard.app.test_client(), stage.world.guard.store
        with store.writing() as work:
            work.renew_desk("lucia", stage.world.now)
        links = DeskLinks("secret of the demonstration", ORIGIN, generations(store))

        answers = [get(browser, path) for path in (desk("lucia"), urlsplit(links.address("lucia")).path)]
        other = get(browser, desk("marcos"))

    assert [answer.status_code for answer in answers] == [404, 200]
    assert other.status_code == 200


def test_a_former_manager_is_shown_nothing(stage: Stage) -> None:
    class Roll:
        managers: tuple[str, ...] = ("lucia", "marcos")

        def current(self) -> Book:
            return replace(stage.book, service=replace(stage.book.service, managers=self.managers))

    roll = Roll()
    browser = _served(stage, roll).test_client()
    assert get(browser, desk("marcos")).status_code == 200

    roll.managers = ("lucia",)

    assert get(browser, desk("marcos")).status_code == 404
    assert browser.post(desk("marcos", "/cases"), base_url=ORIGIN).status_code == 404
    assert get(browser, desk("lucia")).status_code == 200


def test_a_case_shows_record_pages_clocks_and_recordings(browser: FlaskClient) -> None:
    page = get(browser, desk("lucia", "/cases/G-1001"))

    for fact in ("Marta Ruiz", "Lo tiene Ana Paz.", "Primera respuesta", "En plazo", "Avisos", "lo tomó"):
        assert fact in page.text
    assert "Ana Paz tomó el incidente" in page.text
    assert re.search(r"mensaje</td>\s*<td [^>]*>enviado</td>", page.text)
    source = re.search(r'<audio [^>]*src="([^"]+)"', page.text)
    assert source is not None
    sound = get(browser, source[1])
    assert sound.content_type == "audio/wav"
    assert sound.data.startswith(b"RIFF")


@pytest.mark.parametrize(
    ("manager", "words"),
    [("lucia", "Programa que comprueba el JSON"), ("marcos", "Programa que confere o JSON")],
)
def test_what_is_to_be_downloaded_has_a_name_that_a_client_understands(
    browser: FlaskClient, manager: str, words: str
) -> None:
    page = get(browser, desk(manager, "/cases/G-1001"))

    assert re.findall(r"download>([^<]+)</a>", page.text) == ["PDF", "TXT", "JSON", words]


def test_a_player_may_ask_for_a_part_of_a_recording(browser: FlaskClient) -> None:
    part = browser.get(
        desk("lucia", "/cases/G-1001/recordings/1"), base_url=ORIGIN, headers={"Range": "bytes=0-3"}
    )

    assert (part.status_code, part.data) == (206, b"RIFF")


@pytest.mark.parametrize(
    "place",
    [
        "/cases/G-9999",
        "/cases/G-2147483648",
        "/cases/x",
        "/cases/G-1001/recordings/2",
        "/cases/G-9999/recordings/1",
        "/x",
    ],
)
def test_what_is_not_there_is_not_found(browser: FlaskClient, place: str) -> None:
    assert get(browser, desk("lucia", place)).status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["G-1003", "G-1002", "G-1001"]),
        ("client=acme", ["G-1003", "G-1001"]),
        ("kind=refusal", ["G-1003"]),
        ("month=2026-03", ["G-1003", "G-1002", "G-1001"]),
        ("month=2026-02", []),
        ("month=&kind=nonsense&before=x", ["G-1003", "G-1002", "G-1001"]),
        ("client=acme&before=1003", ["G-1001"]),
        ("reference=1002", ["G-1002"]),
        ("reference=g-1001", ["G-1001"]),
        ("reference=G-7", []),
        ("client=nobody", []),
        ("before=2147483648&client=%00", ["G-1003", "G-1002", "G-1001"]),
    ],
)
def test_cases_are_searched(browser: FlaskClient, query: str, found: list[str]) -> None:
    page = get(browser, f"{desk('lucia')}?{query}")

    rest = page.text.split("Todos los casos", 1)[1]
    assert re.findall(r">(G-\d+)</a>", rest) == found
    assert ("No hay casos que coincidan." in rest) == (not found)


@pytest.mark.parametrize("month", ["foo", "9999-01", "2026-13", "2026-3"])
@pytest.mark.parametrize("place", ["", "/report", "/report.pdf", "/report.csv", "/report.json"])
def test_nothing_is_shown_of_a_month_that_is_none(browser: FlaskClient, place: str, month: str) -> None:
    page = get(browser, f"{desk('lucia')}{place}?month={month}")

    assert (page.status_code, page.mimetype) == (400, "text/html")
    assert "No entendemos el mes que se pide. Escríbalo así: 2026-11." in page.text
    assert "G-1001" not in page.text


@pytest.mark.parametrize("form", ["pdf", "csv", "json"])
def test_a_report_of_a_client_that_cannot_be_is_that_of_all(browser: FlaskClient, form: str) -> None:
    assert get(browser, f"{desk('lucia')}/report.{form}?month=2026-03&client=%00").status_code == 200


def test_a_long_list_is_read_page_by_page(stage: Stage) -> None:
    with open_stage() as other:
        with other.world.guard.store.writing() as work:
            for _ in range(ON_A_PAGE + 3):
                work.add_case(
                    {"kind": "abandoned", "state": "closed", "opened_at": other.world.now}
                    | {"closed_at": other.world.now}
                )
        browser = other.world.guard.app.test_client()

        first = get(browser, desk("lucia", "?kind=abandoned"))
        older = re.search(r'href="([^"]+)" rel="next"', first.text)
        assert older is not None
        second = get(browser, older[1].replace("&amp;", "&"))

    assert re.findall(r">(G-\d+)</a>", second.text) == ["G-1003", "G-1002", "G-1001"]
    assert 'rel="next"' not in second.text
    assert "Los más nuevos" in second.text


def test_the_verdict_on_a_dispute_stands_in_the_record_and_the_last_one_counts(browser: FlaskClient) -> None:
    path = desk("lucia", "/cases/G-1002")
    shown = get(browser, path)
    assert "Todavía nadie lo dijo." in shown.text
    token = token_in(shown)

    answer = send(browser, f"{path}/verdict", token, verdict="guard", note="")
    send(browser, f"{path}/verdict", token, verdict="client", note="Renovaron ayer")

    assert answer.status_code == 303
    page = get(browser, path)
    assert "Lucía Ferrer: el rechazo era correcto." in page.text
    assert "Lucía Ferrer: el cliente tenía razón, era para la guardia. Motivo: “Renovaron ayer”." in page.text
    assert "<strong>El cliente: era para la guardia</strong>" in page.text


@pytest.mark.parametrize(
    ("reference", "verdict"), [("G-1001", "guard"), ("G-1003", "guard"), ("G-9", "guard"), ("G-1002", "me")]
)
def test_only_a_dispute_is_judged_and_only_for_one_side(
    browser: FlaskClient, stage: Stage, reference: str, verdict: str
) -> None:
    token = token_in(get(browser, desk("lucia", "/cases/G-1002")))
    before = [case["entries"] for case in stage.cases()]

    answer = send(browser, desk("lucia", f"/cases/{reference}/verdict"), token, verdict=verdict)

    assert answer.status_code == 404
    assert [case["entries"] for case in stage.cases()] == before


@pytest.mark.parametrize("form", [{}, {"csrf_token": "forged", "verdict": "guard"}])
def test_a_form_that_is_not_ours_judges_nothing(
    browser: FlaskClient, stage: Stage, form: dict[str, str]
) -> None:
    before = [case["entries"] for case in stage.cases()]
    get(browser, desk("lucia", "/cases/G-1002"))

    answer = browser.post(desk("lucia", "/cases/G-1002/verdict"), data=form, base_url=ORIGIN)

    assert answer.status_code == 400
    assert "no se hizo nada" in answer.text
    assert [case["entries"] for case in stage.cases()] == before


def test_why_somebody_was_right_is_not_lost_when_the_page_was_open_for_too_long(browser: FlaskClient) -> None:
    form = {"csrf_token": "old", "verdict": "guard", "note": "Renovaron <ayer>"}

    answer = browser.post(desk("lucia", "/cases/G-1002/verdict"), data=form, base_url=ORIGIN)

    assert answer.status_code == 400
    assert 'name="note" maxlength="500" autocomplete="off" value="Renovaron &lt;ayer&gt;"' in answer.text


def test_a_section_is_in_the_menu_shown_and_asked_to_act(stage: Stage) -> None:
    bell = Bell()
    browser = _served(stage, stage.world.guard.books, bell).test_client()
    address = desk("lucia", "/cases")
    assert f'href="{address}"' in get(browser, desk("lucia")).text

    token = get(browser, address).text.split("<p>", 1)[1].split(" for ")[0]
    done = send(browser, address, token, times="3")
    broken = send(browser, address, token, broken="yes", times="5")
    forged = send(browser, address, "forged", times="4")

    assert (done.status_code, done.headers["Location"]) == (303, address)
    assert broken.status_code == 400
    assert "the bell is broken: not 5 times" in broken.text
    assert forged.status_code == 400
    assert forged.text.endswith("</p>4")
    assert bell.rung == [("lucia", "3")]


def test_no_page_is_kept_framed_or_told_of_and_none_needs_a_script(browser: FlaskClient) -> None:
    for path in (desk("lucia"), desk("lucia", "/cases/G-1001"), "/m/wrong"):
        page = get(browser, path)
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Frame-Options"] == "DENY"
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]
        assert len(re.findall(r"<h1\b", page.text)) == 1
        assert not re.search(r"<script|\son\w+=|\sstyle=", page.text)


def _served(stage: Stage, books: object, *sections: Bell) -> Flask:
    app = Flask(__name__)
    app.secret_key = "a secret of this test"
    guard = stage.world.guard
    app.register_blueprint(pages_blueprint(None, guard.clock))  # type: ignore[arg-type]
    parts = CasePages(guard.dispatcher), ReportPages(Reports(guard.store, guard.books, guard.clock))
    app.register_blueprint(office_blueprint(Office(books, guard.clock, LINKS, *parts, sections)))  # type: ignore[arg-type]
    return app


def test_only_whose_phone_is_rung_now_is_said_to_be_called() -> None:
    with open_stage() as stage:
        stage.dial("marta", "acme", reports())
        stage.run(75)  # the first level has its texts, and its phones have rung out
        with stage.world.guard.store.reading() as work:
            pages = work.incident(1001)[0].pages
        case = get(stage.world.guard.app.test_client(), desk("lucia", "/cases/G-1001"))

    (rung,) = {page.name for page in pages if page.channel == "call" and page.is_live}
    assert len({page.name for page in pages}) > 1
    assert re.search(r"Se está llamando a ([^<]+)<", case.text)[1] == rung  # type: ignore[index]


def test_a_manager_may_have_themselves_called_while_nobody_has_it() -> None:
    with open_stage() as stage:
        stage.phone("lucia").behave(takes(5))
        stage.dial("marta", "acme", reports())
        stage.run(45)
        browser, path = stage.world.guard.app.test_client(), desk("lucia", "/cases/G-1001")
        offered = get(browser, path)
        answer = send(browser, f"{path}/page", token_in(offered), name="")
        called = get(browser, path)
        stage.run(30)
        taken = get(browser, path)

        assert "Llamarme para tomarlo" in offered.text
        assert answer.status_code == 303
        assert "Llamarme" not in called.text
        assert "Lucía Ferrer pidió que también le llamen" in called.text
        assert "Lo tiene Lucía Ferrer" in taken.text
        assert "Llamarme" not in taken.text
        assert send(browser, desk("lucia", "/cases/G-9999/page"), token_in(offered)).status_code == 404
