"""When anything of ours breaks, the caller is put through all the same, and the managers are told."""

from collections.abc import Callable

import pytest
from flask import Response

from app.sandbox.handset import Behaviour
from app.sandbox.scripts import Script
from app.wiring import Guard
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import Stage
from tests.stories.conftest import OpenStage
from tests.stories.telling import entries


def _breaking(*endpoints: str) -> Callable[[Guard], Guard]:
    def broken(**_path: object) -> Response:
        raise RuntimeError("arranged by the story")

    def change(guard: Guard) -> Guard:
        for endpoint in endpoints:
            guard.app.view_functions[endpoint] = broken
        return guard

    return change


def _breaking_once(*endpoints: str) -> Callable[[Guard], Guard]:
    def breaking(works: Callable[..., Response]) -> Callable[..., Response]:
        broken = iter([True])

        def sometimes(**path: object) -> Response:
            if next(broken, False):
                raise RuntimeError("arranged by the story")
            return works(**path)

        return sometimes

    def change(guard: Guard) -> Guard:
        for endpoint in endpoints:
            guard.app.view_functions[endpoint] = breaking(guard.app.view_functions[endpoint])
        return guard

    return change


@pytest.mark.parametrize("endpoint", ["voice.incoming", "voice.key"])
def test_the_caller_is_put_through_to_who_is_on_call(opened: OpenStage, endpoint: str) -> None:
    stage = opened(change=_breaking(endpoint))
    stage.phone("ana").behave(takes(5).say("Hola, soy Ana.", after=3).hang_up(after=20))
    stage.dial("marta", "acme", reports())
    stage.run(120)

    assert "Tuvimos una falla interna. Le comunicamos con la guardia." in stage.heard("marta")
    assert stage.heard("marta")[-1] == "Hola, soy Ana."
    assert stage.rings() == {"ana": 1}
    case = stage.summaries()[0]
    assert (case["client"], case["state"], case["acknowledged_by"]) == ("acme", "acknowledged", "ana")
    assert stage.letters()["alarm"] == {"lucia@aivo.example", "marcos@aivo.example"}
    assert stage.kinds()[:2] == ["call_arrived", "caller_identified"]


def test_a_mailbox_on_the_direct_call_takes_nothing_and_the_paging_begins(opened: OpenStage) -> None:
    stage = opened(change=_breaking("voice.key"))
    stage.phone("ana").behaviour = Behaviour.VOICEMAIL
    stage.phone("ana2").behave(takes(1))
    stage.dial("marta", "acme", reports().hang_up(hearing="atiende Ana", after=20))
    stage.run(300)

    assert stage.heard("marta")[-1] == "Le atiende Ana."
    assert stage.rings() == {"ana": 2, "ana2": 1}
    assert stage.summaries()[0]["acknowledged_by"] == "ana"


def test_nobody_answers_the_direct_call_and_the_caller_waits_while_the_paging_begins(
    opened: OpenStage,
) -> None:
    stage = opened(change=_breaking("voice.incoming"))
    stage.phone("bruno").behave(Script.answering(3).press("1", hearing="tecle 1"))
    stage.dial("marta", "acme", Script().hang_up(hearing="atiende Bruno", after=20))
    stage.run(300)

    assert any("Seguimos llamando" in line for line in stage.heard("marta"))
    assert stage.heard("marta")[-1] == "Le atiende Bruno."
    assert stage.summaries()[0]["acknowledged_by"] == "bruno"
    assert len(stage.summaries()) == 1


def test_an_error_in_an_engineers_call_is_a_failed_phone_and_the_next_one_rings(opened: OpenStage) -> None:
    stage = opened(change=_breaking("voice.page_key"))
    stage.phone("ana").behave(takes(4))
    stage.dial("marta", "acme", reports())
    stage.run(70)

    assert stage.rings() == {"ana": 1, "ana2": 1}
    assert stage.summaries()[0]["state"] == "open"


def test_an_error_that_passes_is_not_even_noticed_by_the_engineer_whose_key_it_met(opened: OpenStage) -> None:
    stage = opened(change=_breaking_once("voice.page_key", "voice.page_talked", "voice.disposition"))
    stage.phone("ana").behave(takes(4).press("2", hearing="Resuelto"))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=10))
    stage.run(120)

    assert stage.heard("marta")[-1] == "Le atiende Ana."
    assert stage.rings() == {"ana": 1}
    case = stage.summaries()[0]
    assert (case["state"], case["acknowledged_by"]) == ("closed", "ana")
    assert len(entries(stage, "acknowledged")) == len(entries(stage, "internal_error")) == 1
    assert stage.letters()["alarm"] == {"lucia@aivo.example", "marcos@aivo.example"}


def _brings_bruno_in(stage: Stage) -> None:
    """Ana talks to the client, steps out by star and has the next of the roster called."""
    ana = takes(3).press("*", hearing="en línea", after=12)
    for key in ("3", "1"):
        ana = ana.press(key, hearing="Para volver, marque 1")
    stage.phone("ana").behave(ana)
    stage.phone("bruno").behave(Script.answering(4).press("1", hearing="tecle 1"))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=120))
    stage.run(100)


def test_an_error_in_the_call_that_brings_somebody_in_opens_no_case_of_its_own(opened: OpenStage) -> None:
    stage = opened(change=_breaking("voice.side_answer"))
    _brings_bruno_in(stage)

    assert len(stage.summaries()) == 1
    assert "Tuvimos una falla interna" not in " ".join(stage.heard("bruno"))
    assert stage.rings()["bruno"] == 1
    assert entries(stage, "side_failed")
    assert len(entries(stage, "internal_error")) == 1


def test_an_error_that_passes_is_not_noticed_by_who_is_brought_in(opened: OpenStage) -> None:
    stage = opened(change=_breaking_once("voice.side_answer", "voice.side_key"))
    _brings_bruno_in(stage)

    assert set(stage.talking("bruno")) == {"ana", "marta"}
    assert len(stage.summaries()) == len(entries(stage, "internal_error")) == 1


def test_an_error_while_the_caller_waits_stops_neither_the_paging_nor_the_wait(opened: OpenStage) -> None:
    stage = opened(change=_breaking("voice.wait"))
    stage.phone("ana2").behave(takes(4))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=10))
    stage.run(120)

    assert "Seguimos llamando a la guardia." in stage.heard("marta")
    assert stage.heard("marta")[-1] == "Le atiende Ana."
    assert len(stage.summaries()) == len(entries(stage, "internal_error")) == 1
    assert stage.letters()["alarm"] == {"lucia@aivo.example", "marcos@aivo.example"}


def test_after_the_caller_is_gone_an_error_rings_nobody(opened: OpenStage) -> None:
    stage = opened(change=_breaking("voice.status"))
    stage.dial("marta", "acme", Script().hang_up(after=4))
    stage.run(30)

    assert stage.rings() == {}
