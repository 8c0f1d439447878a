"""The conversation of a caller: early keys, wrong keys, silence, three languages."""

from app.sandbox.scripts import Script
from app.wiring.demo.scripts import CRM, chooses, describes, reports, takes
from app.wiring.demo.stage import Stage
from app.wiring.demo.trouble import Unreadable
from tests.stories.conftest import OpenStage
from tests.stories.telling import entries


def test_a_key_pressed_while_the_menu_is_read_counts(stage: Stage) -> None:
    in_a_hurry = Script().press("1", hearing="CRM", early=True, after=1)
    stage.dial("marta", "acme", in_a_hurry.press("1", hearing="Si nada", early=True, after=1))
    stage.run(15)

    assert stage.summaries()[0]["priority"] == "blocker"
    assert stage.rings() == {"ana": 1}


def test_two_wrong_keys_and_a_right_one_are_understood(stage: Stage) -> None:
    keys = Script().press("9", hearing="CRM").press("#", hearing="CRM").press("1", hearing="CRM")
    stage.dial("marta", "acme", keys.press("2", hearing="Si nada"))
    stage.run(80)

    assert [line.startswith("No recibimos") for line in stage.heard("marta")[:3]] == [False, True, True]
    case = stage.summaries()[0]
    assert (case["priority"], case["unverified"]) == ("high", False)


def test_the_first_names_of_those_being_called_come_right_after_the_reference(stage: Stage) -> None:
    stage.dial("marta", "acme", reports())
    stage.run(30)

    said = stage.heard("marta")[-1]
    assert said.startswith("Su referencia es G, 1, 0, 0, 1. Estamos llamando a Ana.")


def test_julia_hears_portuguese_from_the_first_word_to_the_last(stage: Stage) -> None:
    stage.phone("ana").behave(takes(2).hang_up(after=20))
    julia = Script().press("2", hearing="Pedidos, tecle 2").press("1", hearing="Se nada do serviço")
    stage.dial("julia", "aurora", julia.say("Nada.", hearing="♪", after=2).press("#", after=3))
    stage.run(120)

    assert {line.language for line in stage.phone("julia").heard if line.language} == {"pt-BR"}
    assert {line.language for line in stage.phone("ana").heard if line.language} == {"es-MX"}
    assert stage.heard("julia")[-1].startswith("A conversa terminou.")
    assert stage.world.mails[0].message["Content-Language"] == "pt"


def test_a_known_caller_with_one_integration_is_asked_two_questions(stage: Stage) -> None:
    stage.dial("grace", "harbor", Script().press("1", hearing="Appointments?").press("1", hearing="nothing"))
    stage.run(40)

    assert [e["kind"] for e in stage.cases()[0]["entries"]][:4] == [
        "call_arrived",
        "caller_identified",
        "integration_chosen",
        "priority_chosen",
    ]
    assert stage.rings() == {"ana": 1}


def test_the_star_turns_the_pages_of_a_long_menu_round(stage: Stage) -> None:
    turns = Script().press("*", hearing="Altas, marque 1").press("*", hearing="Jornadas, marque 1")
    turns = turns.press("1", hearing="Altas, marque 1").press("1", hearing="Si nada")
    stage.dial("elena", "constelar", turns)
    stage.run(120)

    assert stage.summaries()[0]["integration"] == "altas"


def test_a_waiting_caller_may_leave_a_message_and_goes_on_waiting(stage: Stage) -> None:
    marta = reports().say("No anda.", hearing="♪", after=2).press("#", after=3)
    marta = marta.press("2", hearing="Para dejar un mensaje").say("Es urgente.", hearing="♪", after=2)
    stage.phone("ana2").behave(takes(10))
    stage.dial("marta", "acme", marta.press("#", after=3).hang_up(hearing="atiende Ana", after=10))
    stage.run(180)

    assert len(entries(stage, "message_left")) == 1
    assert stage.heard("marta")[-1] == "Le atiende Ana."
    assert stage.summaries()[0]["acknowledged_by"] == "ana"


def test_a_caller_whom_nobody_could_call_hears_only_of_the_message(opened: OpenStage) -> None:
    stage = opened(books=Unreadable)
    marta = describes(Script()).press("1", hearing="Para dejar un mensaje")
    stage.dial("marta", "acme", marta, withheld=True)
    stage.run(80)

    assert not any("que le llamemos" in line for line in stage.heard("marta"))
    assert any("No vemos su número para llamarle" in line for line in stage.heard("marta"))
    assert stage.summaries()[0]["state"] == "open"


def test_a_key_counts_while_the_caller_hears_why_another_one_leads_nowhere(stage: Stage) -> None:
    marta = (
        reports().press("9", hearing="Se graba", early=True, after=4).press("2", hearing="que le llamemos")
    )
    stage.dial("marta", "acme", marta.press("1", hearing="no podemos tomarle", early=True, after=1))
    stage.run(60)

    assert stage.heard("marta")[-1].startswith("Le llamaremos a este número.")
    assert "callback_asked" in stage.kinds()


def test_silence_at_every_question_ends_with_a_page_and_not_with_a_dead_line(stage: Stage) -> None:
    stage.dial("marta", "acme", chooses(CRM))
    stage.run(90)

    case = stage.summaries()[0]
    assert (case["integration"], case["priority"], case["unverified"]) == ("crm", None, True)
    assert stage.rings()["ana"] == 1
