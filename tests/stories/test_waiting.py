"""The wait: something true every half minute, ways out, an end with a promise, and who is called back."""

import shutil
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from app.sandbox.check import problems
from app.sandbox.scripts import Script
from app.wiring.demo.scripts import CRM, MARTAS_PIN, chooses, describes, reports, takes
from app.wiring.demo.stage import ROSTERS, Stage
from app.wiring.demo.trouble import Unreadable
from tests.stories.conftest import OpenStage
from tests.stories.telling import entries, post

_HOW_NOW = "¿Cómo sigue?"
_CALLS = "Para llamarle"
_ABROAD = "+34600123456"


def _with_service(tmp_path: Path, more: str) -> Path:
    folder = tmp_path / "rosters"
    shutil.copytree(ROSTERS, folder)
    service = folder / "service.yaml"
    service.write_text(service.read_text("utf-8") + more, "utf-8")
    return folder


def test_a_waiting_caller_is_never_left_in_silence_for_25_seconds(stage: Stage) -> None:
    stage.dial("marta", "acme", describes(reports()))
    stage.run(590)

    heard = stage.phone("marta").heard
    gaps = [later.at - earlier.until for earlier, later in pairwise(heard)]

    assert len(heard) > 20
    assert max(gaps) <= timedelta(seconds=25)


def test_the_reference_is_repeated_once_while_waiting(stage: Stage) -> None:
    stage.dial("marta", "acme", describes(reports()))
    stage.run(300)

    rounds = [line for line in stage.heard("marta") if "Para cortar y que le llamemos" in line]

    assert sum("Su referencia es G, 1, 0, 0, 1" in line for line in rounds) == 1


def test_of_who_took_it_by_text_the_caller_is_told_while_they_wait(stage: Stage) -> None:
    stage.phone("ana").on_text(lambda body: stage.code("ana"), after=25)
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="ya lo tiene Ana", after=25))
    stage.run(120)

    assert sum("Su caso ya lo tiene Ana" in line for line in stage.heard("marta")) >= 2


def test_who_takes_it_by_text_reads_that_the_client_waits_to_be_called(stage: Stage) -> None:
    stage.phone("ana").on_text(lambda body: stage.code("ana"), after=30)
    marta = reports().press("#", hearing="Se graba").press("1", hearing="que le llamemos")
    stage.dial("marta", "acme", marta)
    stage.run(120)

    told = [text.body for text in stage.phone("ana").texts]
    assert "Guardia: ACME Seguros espera que le llamen por CRM Salesforce." in told


@pytest.mark.parametrize(("key", "told"), [("1", "espera que le llamen"), ("2", "dejo un mensaje")])
def test_who_waited_on_while_it_was_closed_is_heard_by_who_closed_it(
    stage: Stage, key: str, told: str
) -> None:
    stage.phone("ana").on_text(lambda body: stage.code("ana"), after=30)
    marta = describes(reports()).press(key, hearing="Ana dio por resuelto su caso")
    stage.dial("marta", "acme", marta.say("Sigue igual.", hearing="♪").press("#", after=3))
    stage.after(80, lambda: stage.text("ana", "resuelto"))
    stage.run(180)

    assert stage.summaries()[0]["state"] == "closed"
    assert any(told in message for message in stage.received("ana"))


def test_who_waits_on_until_the_end_hears_who_closed_it_and_is_promised_nothing(
    opened: OpenStage, tmp_path: Path
) -> None:
    stage = opened(rosters=_with_service(tmp_path, "longest_wait: 2 minutes\n"))
    stage.phone("ana").on_text(lambda body: stage.code("ana"), after=30)
    stage.dial("marta", "acme", describes(reports()))
    stage.after(80, lambda: stage.text("ana", "resuelto"))
    stage.run(220)

    goodbye = (
        "Ana dio por resuelto su caso, G, 1, 0, 0, 1. Si el problema sigue, llame otra vez. Hasta luego."
    )
    assert stage.heard("marta")[-1] == goodbye
    assert any("Para pedir que le llamen, marque 1." in line for line in stage.heard("marta"))
    assert len(entries(stage, "told_closed")) == 1
    assert not any("espera que le llamen" in message for message in stage.received("ana"))
    assert "promised" not in stage.letters()
    assert stage.phone("marta").call is None


def test_a_key_once_it_is_closed_asks_for_a_call_and_promises_none(stage: Stage) -> None:
    stage.phone("ana").on_text(lambda body: stage.code("ana"), after=30)
    stage.dial("marta", "acme", describes(reports()).press("1", hearing="Ana dio por resuelto su caso"))
    stage.after(80, lambda: stage.text("ana", "resuelto"))
    stage.run(180)

    assert stage.heard("marta")[-1].startswith("Le avisamos a quien llevó su caso que usted espera")
    assert any("espera que le llamen" in message for message in stage.received("ana"))


def test_the_wait_is_as_long_as_the_rosters_say(opened: OpenStage, tmp_path: Path) -> None:
    stage = opened(rosters=_with_service(tmp_path, "longest_wait: 2 minutes\n"))
    stage.dial("marta", "acme", describes(reports()))
    stage.run(200)

    promised = entries(stage, "callback_promised")
    assert [entry["data"]["contact"] for entry in promised] == ["Marta Ruiz"]
    assert stage.heard("marta")[-1].startswith("Todavía nadie lo tomó. Seguimos llamando")
    assert stage.letters()["promised"] == {"marta@acme.example", "lucia@aivo.example", "marcos@aivo.example"}
    assert stage.summaries()[0]["state"] == "open"


def test_who_was_freed_is_not_said_to_have_hung_up(opened: OpenStage, tmp_path: Path) -> None:
    stage = opened(rosters=_with_service(tmp_path, "longest_wait: 40 seconds\n"))
    stage.phone("ana2").behave(takes(15))
    stage.dial("marta", "acme", reports().press("#", hearing="Se graba"))
    stage.run(140)

    offered = next(line for line in stage.heard("ana2") if _CALLS in line)
    assert "Le prometimos una llamada" in offered
    assert "cortó" not in offered


def test_a_key_in_the_second_in_which_the_wait_ends_leaves_nobody_alone(
    opened: OpenStage, tmp_path: Path
) -> None:
    """Ana takes it while Marta is being freed: either both talk, or Ana hears what was promised."""
    for late in range(-2, 3):
        stage = opened(rosters=_with_service(tmp_path / str(late), "longest_wait: 40 seconds\n"))
        stage.phone("ana").behave(Script.answering(10).press("1", after=0, hearing="nothing"))
        stage.dial("marta", "acme", reports().press("#", hearing="Se graba"))
        stage.run(16)
        stage.after(34 + late, lambda stage=stage: stage.phone("ana").press("1"))  # type: ignore[misc]
        stage.run(60)

        talk = stage.heard("marta")[-1] == "Le atiende Ana."
        told = any("Le prometimos una llamada" in line for line in stage.heard("ana"))
        assert talk != told, (late, stage.heard("marta")[-1], stage.heard("ana")[-1])


def test_whom_nobody_could_call_is_not_freed_but_stays_on_the_line(opened: OpenStage) -> None:
    stage = opened(books=Unreadable)
    stage.phone("marta").dial(stage.book.clients["acme"].contract.guard_line, True, describes(Script()))
    stage.run(700)
    stage.phone("ana").behave(takes(4).press("1", hearing=_HOW_NOW))
    stage.run(400)

    assert entries(stage, "callback_promised") == []
    assert stage.heard("marta")[-1] == "Le atiende Ana."


def test_a_caller_who_calls_again_from_another_phone_is_the_one_who_talks(stage: Stage) -> None:
    """Marta's mobile dies while she waits; she calls again from the neighbour's phone, with the PIN."""
    again = Script().press(f"{MARTAS_PIN}#", hearing="PIN").press(CRM, hearing="CRM Salesforce, marque 1")
    stage.dial("marta", "acme", reports().press("#", hearing="Se graba").hang_up(after=3))
    stage.after(30, lambda: stage.dial("neighbour", "acme", again))
    stage.phone("ana2").behave(takes(20).press("1", hearing=_HOW_NOW))
    stage.run(110)

    assert stage.heard("neighbour")[-1] == "Le atiende Ana."
    assert stage.talking("ana2") == ["neighbour"]
    assert len(stage.summaries()) == 1


def test_who_hung_up_last_is_called_back(stage: Stage) -> None:
    stage.dial("marta", "acme", reports().press("#", hearing="Se graba").hang_up(after=3))
    stage.after(25, lambda: stage.dial("pablo", "acme", chooses(CRM).press("1", hearing="que le llamemos")))
    stage.phone("ana2").behave(takes(22).press("1", hearing=_CALLS))
    stage.phone("pablo").behave(Script.answering(3).press("1", hearing="tecla").hang_up(after=20))
    stage.run(150)

    assert stage.rings()["pablo"] == 1
    assert "marta" not in stage.rings()
    assert any("Se trata de Pablo Sosa. Pidió que le llamen." in line for line in stage.heard("ana2"))
    assert entries(stage, "client_called")[0]["data"]["contact"] == "Pablo Sosa"


def test_a_wrong_key_at_calling_the_client_asks_again(stage: Stage) -> None:
    ana = takes(3).press("7", hearing=_CALLS).press("1", hearing=_CALLS).press("1", hearing=_HOW_NOW)
    stage.phone("ana").behave(ana)
    stage.phone("marta").behave(Script.answering(3).press("1", hearing="tecla").hang_up(after=5))
    stage.dial("marta", "acme", reports().hang_up(after=1))
    stage.run(120)

    assert sum(_CALLS in line for line in stage.heard("ana")) == 2
    assert stage.rings() == {"ana": 1, "marta": 1}


def test_silence_at_calling_the_client_asks_again_and_is_not_called_a_wrong_key(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3).press("1", hearing=_CALLS, after=16))
    stage.phone("marta").behave(Script.answering(3).press("1", hearing="tecla").hang_up(after=5))
    stage.dial("marta", "acme", reports().hang_up(after=1))
    stage.run(120)

    assert sum(_CALLS in line for line in stage.heard("ana")) == 2
    assert not any("no es una opción" in line for line in stage.heard("ana"))
    assert stage.rings() == {"ana": 1, "marta": 1}


def test_the_client_need_not_be_called_at_once(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3).press("2", hearing=_CALLS).press("1", hearing=_HOW_NOW))
    stage.dial("marta", "acme", reports().hang_up(after=1))
    stage.run(120)

    assert stage.rings() == {"ana": 1}
    assert stage.heard("ana")[-1].startswith("Anotado")


def test_a_foreign_number_is_not_called_back_but_the_contacts_is(stage: Stage) -> None:
    abroad = stage.world.phone(_ABROAD)
    menu = Script().press(f"{MARTAS_PIN}#", hearing="PIN").press(CRM, hearing="CRM Salesforce, marque 1")
    script = menu.press("1", hearing="Si nada del servicio").press("#", hearing="Se graba")
    abroad.dial(stage.book.clients["acme"].contract.guard_line, False, script.press("1", hearing="que le"))
    stage.phone("ana").behave(takes(22).press("1", hearing=_CALLS))
    stage.phone("marta").behave(Script.answering(3).press("1", hearing="tecla").hang_up(after=5))
    stage.run(150)

    assert stage.rings() == {"ana": 1, "marta": 1}
    assert any("Llamaremos a Marta Ruiz" in line.text for line in abroad.heard)
    assert any("El contacto al que llamaríamos es Marta Ruiz" in line for line in stage.heard("ana"))
    assert not any("Se trata de Marta Ruiz" in line for line in stage.heard("ana"))
    assert any("llamó por CRM Salesforce con el PIN de ACME" in line for line in stage.heard("marta"))


def test_each_language_is_spoken_by_the_voice_that_the_rosters_choose(
    opened: OpenStage, tmp_path: Path
) -> None:
    stage = opened(rosters=_with_service(tmp_path, "voices: {es: Google.es-US-Neural2-B}\n"))
    marta = {"CallSid": "CA" + "7" * 32, "From": stage.numbers["marta"], "To": "+541152630001"}

    first = ElementTree.fromstring(post(stage, "/voice/incoming", marta).get_data(as_text=True))

    spoken = {(say.get("voice"), say.get("language")) for say in first.iter("Say")}
    assert spoken == {("Google.es-US-Neural2-B", "es-US")}
    assert problems(ElementTree.tostring(first, "unicode"), "call") == []
