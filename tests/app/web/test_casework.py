"""The forms of a case's page, through the whole guard: errors beside the form, nothing lost, files safe."""

import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.sandbox.scripts import Script
from app.wiring.demo.scripts import describes, reports
from app.wiring.demo.stage import Stage, open_stage
from app.wiring.world import ORIGIN

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Ana took it by the link; nobody talks."""
    with open_stage() as stage:
        stage.phone("ana").on_text(lambda body: stage.after(2, lambda: stage.take_by_link("ana")))
        stage.dial("marta", "acme", describes(reports()).hang_up(hearing="ya lo tiene Ana", after=3))
        stage.run(120)
        yield stage


@pytest.fixture
def browser(stage: Stage) -> FlaskClient:
    return stage.world.guard.app.test_client()


def show(stage: Stage, browser: FlaskClient) -> str:
    return browser.get(stage.link("ana"), base_url=ORIGIN).text


def send(stage: Stage, browser: FlaskClient, **fields: object) -> TestResponse:
    token = _TOKEN.search(show(stage, browser))
    assert token is not None
    data = {"csrf_token": token[1], **fields}
    return browser.post(f"{stage.link('ana')}/write", base_url=ORIGIN, data=data)


def test_a_note_is_written_and_shown(stage: Stage, browser: FlaskClient) -> None:
    answer = send(stage, browser, act="note", text="Venció el <b>token</b>.")

    assert answer.status_code == 303
    assert "Ana Paz anota: «Venció el &lt;b&gt;token&lt;/b&gt;.»" in show(stage, browser)


def test_times_are_those_of_the_team_and_the_clients_clock_is_told_where_it_is_another() -> None:
    with open_stage() as stage:
        stage.phone("ana").behave(Script.answering(3))
        grace = Script().press("1", hearing="Appointments?").press("2", hearing="nothing of the service")
        stage.dial("grace", "harbor", grace)
        stage.run(70)
        browser = stage.world.guard.app.test_client()

        page, told = show(stage, browser), stage.world.now

    assert re.search(r"<dt>Hora de la llamada</dt><dd>mié 4 mar 2026, 03:1\d</dd>", page)
    assert re.search(r"<dt>Ahora en el cliente</dt><dd>mié 4 mar 2026, 01:1\d \(Nueva York\)</dd>", page)
    assert f'<time datetime="{told.date()}T06:' in page
    assert "Horas de Buenos Aires" in page


def test_the_clients_clock_is_not_told_where_it_is_ours(stage: Stage, browser: FlaskClient) -> None:
    assert "Ahora en el cliente" not in show(stage, browser)


def test_a_form_without_its_token_writes_nothing(stage: Stage, browser: FlaskClient) -> None:
    answer = browser.post(f"{stage.link('ana')}/write", base_url=ORIGIN, data={"act": "note", "text": "x"})

    assert answer.status_code == 400
    assert "note" not in stage.kinds()


def test_what_was_typed_is_not_lost_when_the_page_was_open_for_too_long(
    stage: Stage, browser: FlaskClient
) -> None:
    form = {"act": "note", "text": "Venció <el> token", "files": (BytesIO(PNG), "captura.png")}
    answer = browser.post(f"{stage.link('ana')}/write", base_url=ORIGIN, data=form)

    assert answer.status_code == 400
    assert "Venció &lt;el&gt; token</textarea>" in answer.text
    assert "no se hizo nada" in answer.text
    assert "Hay que elegir los archivos otra vez." in answer.text
    assert stage.cases()[0]["files"] == []


@pytest.mark.parametrize("hours", ["0", "169", "pronto", "1.5", "-2", ""])
def test_hours_that_cannot_be_meant_are_told_and_kept(stage: Stage, browser: FlaskClient, hours: str) -> None:
    token = _TOKEN.search(show(stage, browser))
    assert token is not None
    data = {"csrf_token": token[1], "hours": hours}
    answer = browser.post(f"{stage.link('ana')}/eta", base_url=ORIGIN, data=data)

    assert answer.status_code == 422
    assert re.search(r'id="eta-hours-flaw">Escriba un número entero de horas, de 1 a 168\.', answer.text)
    assert f'value="{hours}" required' in answer.text
    assert "eta_given" not in stage.kinds()


def test_each_field_says_what_is_wrong_with_it(stage: Stage, browser: FlaskClient) -> None:
    answer = send(stage, browser, act="agreement", agreed="", whom="Marta", until="mañana", channel="phone")
    dated = send(stage, browser, act="agreement", agreed="", whom="Marta", until="2020-01-01T00:00")

    assert re.search(r'id="agreement-until-flaw">', answer.text)
    assert 'value="mañana"' in answer.text
    for field in ("agreed", "until", "channel"):
        assert re.search(rf'name="{field}" id="agreement-{field}" aria-invalid="true"', dated.text)
        assert f'<a href="#agreement-{field}">' in dated.text
    assert 'id="agreement-whom-flaw"' not in dated.text


def test_what_was_written_is_shown_where_the_case_has_no_such_form_any_more(
    stage: Stage, browser: FlaskClient
) -> None:
    with stage.world.guard.store.writing() as work:
        work.update_case(1001, {"acknowledged_by": "bruno", "acknowledged_by_name": "Bruno Díaz"})

    answer = send(stage, browser, act="close", how="solved", cause="Una <larga> historia", done="Otra")

    assert answer.status_code == 422
    assert "<p>Una &lt;larga&gt; historia</p>" in answer.text
    assert "Lo que había escrito" in answer.text


def test_a_wrong_link_is_not_there_for_forms_and_files(browser: FlaskClient) -> None:
    assert browser.post(f"{ORIGIN}/t/nobodys/write", data={"act": "note"}).status_code == 404
    assert browser.get(f"{ORIGIN}/t/nobodys/files/1").status_code == 404


def test_a_closing_shows_all_it_lacks_and_nothing_typed_is_lost(stage: Stage, browser: FlaskClient) -> None:
    log = (BytesIO(b"503 since 03:00"), "log.txt")
    answer = send(stage, browser, act="close", how="origin_third_party", cause="No responde <hoy>", files=log)

    assert answer.status_code == 422
    for lack in ("Falta de quién es el sistema.", "Falta desde cuándo", "Falta a quién del cliente"):
        assert lack in answer.text
    assert "Falta evidencia" not in answer.text  # the file is evidence, and was kept
    assert "No responde &lt;hoy&gt;</textarea>" in answer.text
    assert re.search(r'value="origin_third_party" checked', answer.text)
    assert "log.txt" in answer.text
    assert stage.summaries()[0]["state"] == "acknowledged"


def test_closed_on_evidence_it_is_over_and_the_client_has_it(stage: Stage, browser: FlaskClient) -> None:
    send(stage, browser, act="file", files=(BytesIO(PNG), "captura.png"))
    answer = send(
        stage,
        browser,
        act="close",
        how="origin_client",
        cause="Cambiaron la clave",
        window_from="2026-03-04T03:00",
        window_to="2026-03-04T03:10",
        told="Marta Ruiz",
    )
    stage.run(5)

    assert answer.status_code == 303
    assert stage.summaries()[0]["state"] == "closed"
    letter = next(m for m in stage.world.mails if "cláusula A12" in m.text)
    assert "marta@acme.example" in letter.to
    entry = next(e for e in stage.cases()[0]["entries"] if e["kind"] == "closed")
    assert entry["data"]["window_from"] == "2026-03-04T06:00:00+00:00"  # typed on Ana's wall


def test_a_wait_is_started_shown_and_ended(stage: Stage, browser: FlaskClient) -> None:
    fields = {"party": "client", "asked": "La clave nueva", "whom": "Marta", "channel": "mail"}
    answer = send(stage, browser, act="wait", since="2026-03-04T03:13", **fields)
    assert answer.status_code == 303

    page = show(stage, browser)
    entry = re.search(r'name="entry" value="(\d+)"', page)
    assert "La clave nueva" in page
    assert entry is not None
    assert send(stage, browser, act="wait_end", entry=entry[1]).status_code == 303
    assert "Esperas en curso" not in show(stage, browser)
    assert stage.cases()[0]["waits"][0]["ended_by"] == "person"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("virus.exe", b"MZ\x90\0" + b"\0" * 64),
        ("captura.png", b"MZ\x90\0" + b"\0" * 64),  # by what is in it, not by its name
        ("run.bat", b"del *.*"),
        ("page.html", b"<script>alert(1)</script>"),
        ("empty.txt", b""),
    ],
)
def test_what_is_not_on_the_list_is_not_taken(
    stage: Stage, browser: FlaskClient, name: str, content: bytes
) -> None:
    answer = send(stage, browser, act="file", files=(BytesIO(content), name))

    assert answer.status_code == 422
    assert stage.cases()[0]["files"] == []


def test_a_file_beyond_a_pages_limit_is_taken_here_and_only_here(stage: Stage, browser: FlaskClient) -> None:
    token = _TOKEN.search(show(stage, browser))
    assert token is not None

    def post(path: str, size: int) -> int:
        body = _multipart({"csrf_token": token[1], "act": "file"}, f"big-{size}.log", b"x" * size)
        kind = "multipart/form-data; boundary=edge"
        address = f"{stage.link('ana')}{path}"
        return browser.post(address, base_url=ORIGIN, data=body, content_type=kind).status_code

    assert post("/write", 2_000_000) == 303
    assert post("/write", 10_000_001) == 422
    assert post("/write", 32_000_000) == 422
    assert post("/answer", 2_000_000) == 413
    assert [f["name"] for f in stage.cases()[0]["files"]] == ["big-2000000.log"]


def _multipart(fields: dict[str, str], name: str, content: bytes) -> bytes:
    """A form as a browser sends it; the test's own client would write a long one into a file of its own."""
    told = [f'--edge\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
    head = f'--edge\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    return "".join([*told, head]).encode() + content + b"\r\n--edge--\r\n"


def test_a_file_is_given_back_to_be_saved_and_never_shown(stage: Stage, browser: FlaskClient) -> None:
    send(stage, browser, act="file", files=(BytesIO(PNG), "../../captura final.png"))
    address = re.search(r'href="(/t/[^"]+/files/[^"]+)"', show(stage, browser))
    assert address is not None

    given = browser.get(address[1], base_url=ORIGIN)

    assert given.data == PNG
    assert given.headers["Content-Disposition"].startswith("attachment")
    assert "captura final.png" in given.headers["Content-Disposition"]
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in given.headers["Content-Security-Policy"]
    assert given.mimetype == "image/png"


def test_who_does_not_have_the_case_may_only_note_and_attach(stage: Stage, browser: FlaskClient) -> None:
    page = show(stage, browser)
    assert 'value="close"' in page

    with stage.world.guard.store.writing() as work:
        work.update_case(1001, {"acknowledged_by": "bruno", "acknowledged_by_name": "Bruno Díaz"})

    page = show(stage, browser)
    assert 'value="close"' not in page
    assert 'value="note"' in page
    answer = send(stage, browser, act="close", how="solved", cause="x", done="y")
    assert (answer.status_code, "El caso lo tiene otra persona." in answer.text) == (422, True)
