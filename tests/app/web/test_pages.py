"""The page behind a link: who may see it, what takes a case and what never does."""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.web import CaseView, EntryLine, Taken, pages_blueprint

NOW = datetime(2026, 11, 23, 6, 5, 9, tzinfo=UTC)
LINK = "good-link"
OPEN = CaseView(
    reference="G-1042",
    kind="incident",
    state="open",
    language="es",
    timezone="America/Argentina/Buenos_Aires",
    viewer="Ana Paz",
    opened_at=NOW - timedelta(minutes=2),
    priority="blocker",
    client="ACME <Seguros>",
    integration="CRM Salesforce",
    contact="Marta Ruiz",
    respond_by=NOW + timedelta(minutes=58),
    resolve_by=NOW + timedelta(hours=5, minutes=58),
    calling=("Ana Paz",),
    entries=(EntryLine(NOW - timedelta(minutes=1), "opened", "Se abrió el incidente."),),
)


@dataclass
class FakeDesk:
    """One case, one good link."""

    case: CaseView = OPEN
    outcome: Taken = Taken.YOURS
    taken_at: list[datetime] = field(default_factory=list)

    def case_by_link(self, token: str, at: datetime) -> CaseView | None:
        return self.case if token == LINK else None

    def take_by_link(self, token: str, at: datetime) -> Taken | None:
        if token != LINK:
            return None
        self.taken_at.append(at)
        if self.outcome is Taken.YOURS:
            self.case = replace(
                self.case, state="acknowledged", taken_by="Ana Paz", taken_at=at, is_viewers=True
            )
        return self.outcome


class StoppedClock:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def app(desk: FakeDesk) -> Flask:
    app = Flask(__name__)
    app.secret_key = "a secret of this test"
    app.register_blueprint(pages_blueprint(desk, StoppedClock()))
    return app


@pytest.fixture
def phone(app: Flask) -> FlaskClient:
    return app.test_client()


def test_the_page_shows_the_case_in_the_readers_language(phone: FlaskClient) -> None:
    page = phone.get(f"/t/{LINK}")

    assert page.status_code == 200
    for fact in ("Incidente G-1042", "Blocker", "CRM Salesforce", "Marta Ruiz", "Nadie lo tomó todavía"):
        assert fact in page.text
    assert "Se está llamando a Ana Paz" in page.text
    assert "Se abrió el incidente." in page.text
    assert "quedan 58 min" in page.text
    assert "lun 23 nov 2026, 03:03" in page.text
    assert "Buenos Aires" in page.text


@pytest.mark.parametrize(("language", "button"), [("es", "Tomarlo"), ("pt", "Assumir"), ("en", "Take it")])
def test_the_button_speaks_the_readers_language(
    phone: FlaskClient, desk: FakeDesk, language: str, button: str
) -> None:
    desk.case = replace(OPEN, language=language)

    page = phone.get(f"/t/{LINK}")

    assert f'<html lang="{language}">' in page.text
    assert re.search(rf"<button[^>]*>{button}</button>", page.text)


def test_opening_the_link_takes_nothing(phone: FlaskClient, desk: FakeDesk) -> None:
    phone.get(f"/t/{LINK}")
    phone.head(f"/t/{LINK}")
    phone.options(f"/t/{LINK}")

    assert desk.taken_at == []


def test_the_button_takes_the_case(phone: FlaskClient, desk: FakeDesk) -> None:
    answer = _press_the_button(phone)

    assert answer.status_code == 303
    assert desk.taken_at == [NOW]
    page = phone.get(answer.headers["Location"])
    assert "Es suyo." in page.text
    assert "G-1042" in page.text
    assert 'id="take"' not in page.text


def test_the_form_is_as_agreed(phone: FlaskClient) -> None:
    page = phone.get(f"/t/{LINK}")

    assert len(re.findall(r"<form\b", page.text)) == 1
    assert '<form method="post" id="take">' in page.text
    assert re.search(r'<input type="hidden" name="csrf_token" value="[^"]+">', page.text)


def test_who_has_it_is_said_to_who_comes_late(phone: FlaskClient, desk: FakeDesk) -> None:
    form = phone.get(f"/t/{LINK}")
    desk.case = replace(OPEN, state="acknowledged", taken_by="Bruno Díaz", taken_at=NOW)
    desk.outcome = Taken.SOMEBODY_ELSES

    answer = phone.post(f"/t/{LINK}", data={"csrf_token": _token_in(form)}, follow_redirects=True)

    assert "Ya lo tiene Bruno Díaz." in answer.text
    assert 'id="take"' not in answer.text


def test_who_has_it_without_a_conversation_may_call_the_client(phone: FlaskClient, desk: FakeDesk) -> None:
    desk.case = replace(
        OPEN,
        state="acknowledged",
        taken_by="Ana Paz",
        taken_at=NOW,
        is_viewers=True,
        call_back="+5491155550201",
    )

    assert 'href="tel:+5491155550201"' in phone.get(f"/t/{LINK}").text


def test_a_closed_case_has_no_button(phone: FlaskClient, desk: FakeDesk) -> None:
    desk.case = replace(OPEN, state="closed", closed_at=NOW)

    page = phone.get(f"/t/{LINK}")

    assert "Este caso ya está cerrado." in page.text
    assert 'id="take"' not in page.text


def test_a_disputed_refusal_says_why_it_was_refused(phone: FlaskClient, desk: FakeDesk) -> None:
    desk.case = replace(OPEN, disputed=True, priority=None, reason="priority_not_covered")

    page = phone.get(f"/t/{LINK}")

    assert "El cliente no aceptó el rechazo" in page.text
    assert "la prioridad no está cubierta" in page.text
    assert 'id="take"' in page.text


def test_a_promise_broken_is_said_to_be_overdue(phone: FlaskClient, desk: FakeDesk) -> None:
    desk.case = replace(OPEN, respond_by=NOW - timedelta(minutes=3))

    assert "vencido hace 3 min" in phone.get(f"/t/{LINK}").text


def test_a_wrong_link_is_not_found_and_reveals_nothing(phone: FlaskClient) -> None:
    shown = phone.get("/t/bad-link")
    pressed = phone.post("/t/bad-link", data={"csrf_token": "whatever"})
    bare = phone.post("/t/bad-link")

    assert [answer.status_code for answer in (shown, pressed, bare)] == [404, 404, 404]
    assert shown.text == pressed.text == bare.text
    for secret in ("G-1042", "ACME", "Ana", "csrf_token", "bad-link"):
        assert secret not in shown.text


def test_a_wrong_link_is_answered_in_the_browsers_language(phone: FlaskClient) -> None:
    page = phone.get("/t/bad-link", headers={"Accept-Language": "en-GB,en;q=0.9"})

    assert "This link is not valid." in page.text


@pytest.mark.parametrize("form", [{}, {"csrf_token": ""}, {"csrf_token": "forged"}])
def test_a_form_that_is_not_ours_takes_nothing_and_says_what_to_do(
    phone: FlaskClient, desk: FakeDesk, form: dict[str, str]
) -> None:
    phone.get(f"/t/{LINK}")

    answer = phone.post(f"/t/{LINK}", data=form)

    assert answer.status_code == 400
    assert desk.taken_at == []
    assert "Ábrala otra vez" in answer.text
    assert f'href="/t/{LINK}"' in answer.text


def test_the_form_of_another_visitor_takes_nothing(app: Flask, phone: FlaskClient, desk: FakeDesk) -> None:
    stolen = _token_in(phone.get(f"/t/{LINK}"))

    answer = app.test_client().post(f"/t/{LINK}", data={"csrf_token": stolen})

    assert answer.status_code == 400
    assert desk.taken_at == []


def test_a_link_that_stops_being_good_meanwhile_is_not_found(phone: FlaskClient, desk: FakeDesk) -> None:
    class Withdrawn(FakeDesk):
        def take_by_link(self, token: str, at: datetime) -> Taken | None:
            return None

    app = Flask(__name__)
    app.secret_key = "a secret of this test"
    app.register_blueprint(pages_blueprint(Withdrawn(), StoppedClock()))

    assert _press_the_button(app.test_client()).status_code == 404


def test_a_fault_of_ours_names_the_other_ways_to_take_it() -> None:
    class Broken(FakeDesk):
        def case_by_link(self, token: str, at: datetime) -> CaseView | None:
            raise RuntimeError("the database is gone")

    app = Flask(__name__)
    app.secret_key = "a secret of this test"
    app.register_blueprint(pages_blueprint(Broken(), StoppedClock()))

    answer = app.test_client().get(f"/t/{LINK}")

    assert answer.status_code == 500
    assert "Responda el mensaje con el código" in answer.text


@pytest.mark.parametrize("path", [f"/t/{LINK}", "/t/bad-link", "/"])
def test_no_page_is_kept_framed_or_told_of(phone: FlaskClient, path: str) -> None:
    headers = phone.get(path).headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert "default-src 'self'" in headers["Content-Security-Policy"]


def test_names_from_outside_are_escaped(phone: FlaskClient) -> None:
    page = phone.get(f"/t/{LINK}")

    assert "ACME &lt;Seguros&gt;" in page.text
    assert "<Seguros>" not in page.text


@pytest.mark.parametrize("path", [f"/t/{LINK}", "/t/bad-link", "/"])
def test_every_page_has_one_heading_a_language_and_a_title(phone: FlaskClient, path: str) -> None:
    page = phone.get(path)

    assert len(re.findall(r"<h1\b", page.text)) == 1
    assert re.search(r'<html lang="(es|pt|en)">', page.text)
    assert re.search(r"<title>[^<]+</title>", page.text)
    assert not re.search(r"<script|\son\w+=|\sstyle=", page.text)


def test_the_front_page_leads_where_the_house_says() -> None:
    app = Flask(__name__)
    app.register_blueprint(pages_blueprint(FakeDesk(), StoppedClock(), index_url="/sandbox/"))

    answer = app.test_client().get("/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/sandbox/")


def test_the_front_page_says_whose_house_it_is(phone: FlaskClient) -> None:
    page = phone.get("/", headers={"Accept-Language": "pt-BR"})

    assert "Aqui atende o plantão telefônico." in page.text


def test_the_style_may_be_kept(phone: FlaskClient) -> None:
    with phone.get("/web/static/style.css") as style:
        assert style.status_code == 200
        assert "no-store" not in style.headers.get("Cache-Control", "")


def _press_the_button(phone: FlaskClient) -> TestResponse:
    return phone.post(f"/t/{LINK}", data={"csrf_token": _token_in(phone.get(f"/t/{LINK}"))})


def _token_in(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]
