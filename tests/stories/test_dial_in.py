"""Who took it by text or link reaches the client: they call the number that pages, and key the code."""

import re

from app.sandbox.scripts import Script
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import PAGE_FROM, Stage
from tests.stories.telling import entries


def _waiting_marta(stage: Stage) -> None:
    stage.dial("marta", "acme", describes(reports()))
    stage.run(32)


def _dials_in(stage: Stage, who: str, *codes: str) -> None:
    script = Script()
    for code in codes:
        script = script.press(f"{code}#", hearing="código")
    stage.phone(who).dial(PAGE_FROM, script=script)


def test_after_a_text_the_engineer_calls_the_number_and_is_put_through(stage: Stage) -> None:
    _waiting_marta(stage)
    stage.text("ana", stage.code("ana"))
    stage.run(10)
    _dials_in(stage, "ana", stage.code("ana"))
    stage.run(40)

    assert stage.talking("marta") == ["ana"]
    assert "connected" in stage.kinds()
    assert stage.rings() == {"ana": 1}


def test_the_code_keyed_on_that_call_takes_it_too(stage: Stage) -> None:
    _waiting_marta(stage)
    stage.phone("ana").reject()
    _dials_in(stage, "ana", stage.code("ana"))
    stage.run(40)

    assert entries(stage, "acknowledged")[0]["data"]["by"] == "key"
    assert stage.talking("marta") == ["ana"]


def test_who_moves_to_another_phone_ends_nothing_by_leaving_the_first(stage: Stage) -> None:
    """Ana's mobile runs low: she calls in from her desk, and hangs the mobile up."""
    stage.phone("ana").behave(takes(3))
    _waiting_marta(stage)
    stage.run(20)
    assert stage.talking("ana") == ["marta"]
    _dials_in(stage, "ana2", stage.code("ana"))
    stage.run(20)
    stage.phone("ana").hang_up()
    stage.run(60)

    assert stage.phone("ana2").call is not None
    assert stage.phone("marta").call is not None
    assert "conversation_ended" not in stage.kinds()
    stage.phone("marta").hang_up()
    stage.run(20)
    assert len(entries(stage, "conversation_ended", by="client")) == 1
    assert any("¿Cómo sigue?" in line for line in stage.heard("ana2"))


def test_three_wrong_codes_reveal_nothing(stage: Stage) -> None:
    _waiting_marta(stage)
    stage.phone("ana").reject()
    code = stage.code("ana")
    wrong = [f"{(int(code) + step) % 9000 + 1000}" for step in (1, 2, 3)]
    _dials_in(stage, "ana", *wrong)
    stage.run(60)

    assert stage.heard("ana")[-1] == "No hay nada pendiente para usted."
    assert stage.summaries()[0]["state"] == "open"


def test_a_stranger_who_calls_the_number_is_refused_as_on_any_unknown_line(stage: Stage) -> None:
    stage.phone("marta").dial(PAGE_FROM)
    stage.run(30)

    assert stage.summaries()[0]["reason"] == "unknown_line"
    assert stage.rings() == {}


def test_the_client_is_to_be_called_once_they_are_not_on_our_line_any_more(stage: Stage) -> None:
    _waiting_marta(stage)
    stage.take_by_link("ana")
    browser = stage.world.guard.app.test_client()

    def shown() -> list[str]:
        page = browser.get(stage.link("ana"), base_url="https://guardia.example").get_data(as_text=True)
        return re.findall(r'href="tel:([^"]+)"', page)

    waiting = shown()
    stage.phone("marta").hang_up()
    stage.run(5)

    assert waiting == [PAGE_FROM]
    assert shown() == [stage.numbers["marta"], PAGE_FROM]


def test_the_page_says_where_to_call_and_how_it_goes_on(stage: Stage) -> None:
    _waiting_marta(stage)
    stage.take_by_link("ana")
    browser = stage.world.guard.app.test_client()
    shown = browser.get(stage.link("ana"), base_url="https://guardia.example").get_data(as_text=True)
    token = shown.split('name="csrf_token" value="')[1].split('"')[0]

    answered = browser.post(
        stage.link("ana") + "/answer",
        base_url="https://guardia.example",
        data={"csrf_token": token, "answer": "solved"},
    )

    assert f"tel:{PAGE_FROM}" in shown
    assert stage.code("ana") in shown
    assert 'id="take"' not in shown
    assert answered.status_code == 303
    assert stage.summaries()[0]["state"] == "closed"
