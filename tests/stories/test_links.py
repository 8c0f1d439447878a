"""The link of a text: opening it takes nothing, only the button does; a wrong one reveals nothing."""

import re

import pytest

from app.wiring.demo.scripts import reports
from app.wiring.demo.stage import Stage
from app.wiring.world import ORIGIN
from tests.stories.telling import browser, written


@pytest.fixture
def link(stage: Stage) -> str:
    """The link that Ana was texted."""
    stage.dial("marta", "acme", reports())
    stage.run(30)
    return stage.link("ana")


def test_the_page_has_one_form_with_its_token(stage: Stage, link: str) -> None:
    page = browser(stage).get(link).get_data(as_text=True)

    (form,) = re.findall(r'<form method="post" id="take">.*?</form>', page, re.DOTALL)
    assert re.findall(r'<input type="hidden" name="\w+" value="[^"]{20,}">', form)
    assert "ACME Seguros" in page


def test_opening_the_link_takes_nothing_however_often(stage: Stage, link: str) -> None:
    before = written(stage)

    for method in ("get", "head", "get"):
        assert getattr(browser(stage), method)(link).status_code == 200

    assert written(stage) == before
    assert stage.summaries()[0]["state"] == "open"


def test_a_post_without_the_token_takes_nothing(stage: Stage, link: str) -> None:
    assert browser(stage).post(link, base_url=ORIGIN).status_code == 400
    assert browser(stage).post(link, base_url=ORIGIN, data={"csrf_token": "x" * 90}).status_code == 400
    assert stage.summaries()[0]["state"] == "open"


def test_the_button_takes_it_and_shows_so(stage: Stage, link: str) -> None:
    assert stage.take_by_link("ana") == (200, 303)

    case = stage.summaries()[0]
    assert (case["state"], case["acknowledged_by"]) == ("acknowledged", "ana")
    assert 'id="take"' not in browser(stage).get(link).get_data(as_text=True)


@pytest.mark.parametrize("method", ["get", "post", "head"])
@pytest.mark.parametrize("tamper", ["change", "cut", "add", "upper", "none"])
def test_a_tampered_link_is_not_found_and_reveals_nothing(
    stage: Stage, link: str, method: str, tamper: str
) -> None:
    token = link.rpartition("/")[2]
    last = "b" if token[-1] != "b" else "c"
    wrong = {
        "change": token[:-1] + last,
        "cut": token[:-2],
        "add": token + "a",
        "upper": token.upper(),
        "none": "a",
    }[tamper]

    answer = getattr(browser(stage), method)(f"/t/{wrong}", base_url=ORIGIN)

    assert answer.status_code == 404
    for secret in ("ACME", "G-1001", "CRM", "Ana", "csrf"):
        assert secret not in answer.get_data(as_text=True)
    assert stage.summaries()[0]["state"] == "open"
