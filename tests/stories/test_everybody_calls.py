"""An outage makes every client call within minutes: nobody is rung by two calls at the same time."""

from app.sandbox.scripts import Script
from app.wiring.demo.scripts import reports
from app.wiring.demo.stage import Stage


def everybody_calls(stage: Stage) -> None:
    stage.dial("marta", "acme", reports())
    stage.dial("julia", "aurora", Script().press("1", hearing="estoque").press("1", hearing="Se nada"))
    stage.dial(
        "grace", "harbor", Script().press("1", hearing="Appointments?").press("1", hearing="nothing of")
    )
    stage.run(120)


def test_three_clients_at_once_ring_one_person_once_and_one_key_takes_all(stage: Stage) -> None:
    stage.phone("ana").behave(
        Script.answering(15).press("1", hearing="marque 1").press("1", hearing="¿Cómo sigue?")
    )
    everybody_calls(stage)

    assert stage.rings() == {"ana": 1}
    assert [case["acknowledged_by"] for case in stage.summaries()] == ["ana"] * 3


def test_key_four_has_them_heard_one_by_one_to_be_taken_or_left(stage: Stage) -> None:
    one_by_one = Script.answering(15).press("4", hearing="uno por uno, 4")
    for key in ("1", "2", "1"):
        one_by_one = one_by_one.press(key, hearing="Para tomarlo, marque 1. Para dejarlo, 2")
    stage.phone("ana").behave(one_by_one.press("1", hearing="¿Cómo sigue?"))

    everybody_calls(stage)

    taken = {case["reference"]: case["acknowledged_by"] for case in stage.summaries()}
    assert sorted(taken.values(), key=str).count("ana") == 2
    assert taken["G-1002"] != "ana", "the second was left"


def test_one_text_tells_of_what_came_meanwhile_and_each_record_says_with_which_page_it_went(
    stage: Stage,
) -> None:
    stage.phone("ana").behave(Script.answering(25).press("1", hearing="marque 1"))

    everybody_calls(stage)

    texts = [text for text in stage.phone("ana").texts if text.direction == "received"]
    assert len(texts) < len(stage.summaries())
    for case in (1002, 1003):
        with stage.world.guard.store.reading() as work:
            assert "page_joined" in [entry.kind for entry in work.record(case)]
