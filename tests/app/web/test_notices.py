"""The desk's notices: a manager publishes one, callers hear it, and the manager ends it."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from app.sandbox.scripts import Script
from app.web.office import DeskLinks
from app.wiring.demo.published import TEXTS
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import Stage, open_stage
from app.wiring.world import ORIGIN
from tests.stories.telling import browser, entries

DESK = urlsplit(DeskLinks("secret of the demonstration", ORIGIN).address("lucia")).path + "/notices"
SAID = {f"text_{language}": text for language, text in TEXTS.items()}


def send(lucia: FlaskClient, **fields: str) -> tuple[int, str]:
    page = lucia.get(DESK, base_url=ORIGIN).text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    answer = lucia.post(DESK, data={"csrf_token": token, **fields}, base_url=ORIGIN)
    return answer.status_code, answer.text


def in_two_hours(stage: Stage) -> str:
    """As a browser sends it: in the service's time, three hours behind UTC, without an offset."""
    return (stage.world.now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")


def test_it_is_published_for_a_client_heard_and_ended() -> None:
    with open_stage() as stage:
        stage.phone("ana").behave(takes(3))
        stage.dial("marta", "acme", describes(reports()))
        stage.run(60)
        lucia = browser(stage)

        assert send(lucia, **SAID, until=in_two_hours(stage), case="1001", client_constelar="1")[0] == 303
        stage.dial("elena", "constelar", Script().hang_up(after=30))
        stage.run(40)
        page = lucia.get(DESK, base_url=ORIGIN).text
        number = re.findall(r'name="end" value="(\d+)"', page)[0]
        ended, again = send(lucia, end=number), send(lucia, end=number)

        assert any("CRM" in line for line in stage.heard("elena"))
        assert "Hasta mié 4 mar 2026, 05:1" in page
        assert "Lucía Ferrer" in page
        assert (ended[0], again[0]) == (303, 400)
        assert "Ese aviso ya no se oía." in again[1]
        assert [entry["actor"] for entry in entries(stage, "notice_published")] == ["lucia"]
        assert [entry["actor"] for entry in entries(stage, "notice_ended")] == ["lucia"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text_pt": " "}, "falta un texto"),
        ({"text_en": "x" * 301}, "pasa de 300"),
        ({"until": "2020-01-01T00:00"}, "ya pasó"),
        ({"until": "mañana"}, "hasta cuándo"),
        ({"until": "0001-01-01T00:00"}, "hasta cuándo"),
        ({"case": "4711"}, "no está abierto"),
        ({"case": "x"}, "no está abierto"),
        ({"end": "9" * 40}, "ya no se oía"),
    ],
)
def test_what_is_not_right_is_not_published_and_says_why(change: dict[str, str], said: str) -> None:
    with open_stage() as stage:
        status, told = send(browser(stage), **({**SAID, "until": in_two_hours(stage)} | change))

        assert status == 400
        assert said in told
        with stage.world.guard.store.reading() as work:
            assert work.notices() == []


def test_what_was_typed_is_not_lost_and_each_field_says_what_is_wrong_with_it() -> None:
    with open_stage() as stage:
        typed = {**SAID, "text_pt": "", "until": "2020-01-01T00:00", "client_constelar": "1"}
        status, page = send(browser(stage), **typed)

        assert status == 400
        assert f">{TEXTS['es']}</textarea>" in page
        assert f">{TEXTS['en']}</textarea>" in page
        assert re.search(r'id="-text_pt-flaw">[^<]*falta un texto', page)
        assert re.search(r'name="text_pt" id="-text_pt" aria-invalid="true"', page)
        assert re.search(r'id="-until-flaw">[^<]*ya pasó', page)
        assert 'value="2020-01-01T00:00"' in page
        assert 'name="client_constelar" value="1" checked' in page
        assert 'id="-text_es-flaw"' not in page


def test_what_was_typed_is_not_lost_when_the_page_was_open_for_too_long() -> None:
    with open_stage() as stage:
        lucia = browser(stage)
        answer = lucia.post(DESK, data={"csrf_token": "old", **SAID}, base_url=ORIGIN)

        assert answer.status_code == 400
        assert "no se hizo nada" in answer.text
        assert f">{TEXTS['pt']}</textarea>" in answer.text
        assert '<details class="fold" open>' in answer.text
