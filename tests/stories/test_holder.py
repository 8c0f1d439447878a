"""Who has an incident is asked until when, asked again, and not relied upon for ever."""

from sqlalchemy import text

from app.sandbox.scripts import Script
from app.wiring.demo.scripts import CRM, describes, reports, takes
from app.wiring.demo.stage import Stage
from tests.stories.conftest import OpenStage
from tests.stories.telling import entries, moment, seconds_between

_HOW_NOW = "¿Cómo sigue?"
_HOURS = "¿En cuántas horas"
_STILL = "¿Sigue con el incidente"


def _marta(after: float = 15) -> Script:
    return describes(reports()).hang_up(hearing="atiende Ana", after=after)


def _ana_works_on_it(stage: Stage, hours: str = "") -> None:
    script = takes(3).press("1", hearing=_HOW_NOW)
    stage.phone("ana").behave(script.press(f"{hours}#", hearing=_HOURS) if hours else script)
    stage.dial("marta", "acme", _marta())


def test_hours_by_key_are_written_and_mailed_to_the_client(stage: Stage) -> None:
    _ana_works_on_it(stage, "3")
    stage.run(150)

    assert any("3 horas" in line for line in stage.heard("ana"))
    assert stage.letters()["eta"] == {"marta@acme.example", "lucia@aivo.example", "marcos@aivo.example"}
    assert len(entries(stage, "eta_given", person="ana", by="key")) == 1


def test_a_caller_who_calls_again_hears_until_when(stage: Stage) -> None:
    _ana_works_on_it(stage, "3")
    stage.run(150)
    stage.dial("marta", "acme", Script().press(CRM, hearing="CRM Salesforce, marque 1").hang_up(after=25))
    stage.run(60)

    assert any("calcula tenerlo resuelto antes de las 6 y 1" in line for line in stage.heard("marta"))


def test_without_hours_nothing_is_promised_and_nothing_waits(stage: Stage) -> None:
    _ana_works_on_it(stage)
    stage.run(200)

    assert len([line for line in stage.heard("ana") if _HOURS in line]) == 3
    assert stage.heard("ana")[-1] == "Anotado, sin hora. Gracias."
    assert "eta_given" not in stage.kinds()


def test_hours_that_cannot_be_meant_are_asked_for_again(stage: Stage) -> None:
    script = takes(3).press("1", hearing=_HOW_NOW).press("999#", hearing=_HOURS).press("2#", hearing=_HOURS)
    stage.phone("ana").behave(script)
    stage.dial("marta", "acme", _marta())
    stage.run(200)

    assert any("Sin horas no podemos" in line for line in stage.heard("ana"))
    assert len(entries(stage, "eta_given")) == 1


def test_silence_after_the_conversation_is_asked_about_by_text_a_quarter_of_an_hour_later(
    stage: Stage,
) -> None:
    stage.phone("ana").behave(takes(3))
    stage.dial("marta", "acme", _marta())
    stage.run(1300)

    asked = [text for text in stage.received("ana") if "como sigue" in text]
    assert len(asked) == 1
    assert "/t/" in asked[0]
    waited = seconds_between(moment(stage, "disposition"), moment(stage, "asked_again"))
    assert 899 <= waited <= 901


def test_the_text_is_answered_in_words(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3))
    stage.dial("marta", "acme", _marta())
    stage.run(1300)
    stage.text("ana", "Sigo 2h")
    stage.run(10)

    assert stage.received("ana")[-1] == "Anotado: G-1001, 2 h. Se lo decimos al cliente."
    assert len(entries(stage, "eta_given", by="text")) == 1


def test_who_has_several_is_asked_which_one_and_shown_how_to_say_it(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3))
    stage.dial("marta", "acme", _marta())
    stage.run(200)
    stage.dial("julia", "aurora", Script().press("1", hearing="estoque").press("1", hearing="Se nada"))
    stage.run(200)
    stage.text("ana", "sigo 3h")
    stage.run(5)
    asked = stage.received("ana")[-1]
    stage.text("ana", asked.split(": ")[-1])
    stage.run(5)

    assert asked == "Tiene varios: G-1002, G-1001. Escriba por ejemplo: sigo G-1002 3h"
    assert stage.received("ana")[-1] == "Anotado: G-1002, 3 h. Se lo decimos al cliente."


def test_solved_by_text_closes_it_and_a_stranger_to_it_closes_nothing(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3))
    stage.dial("marta", "acme", _marta())
    stage.run(200)
    stage.text("bruno", "resolvido")
    stage.run(5)
    assert stage.summaries()[0]["state"] == "acknowledged"

    stage.text("ana", "resuelto")
    stage.run(5)

    assert stage.summaries()[0]["state"] == "closed"


def test_half_an_hour_without_a_sign_of_life_rings_who_has_it_and_a_key_keeps_it(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3).press("1", hearing=_HOW_NOW))
    stage.dial("marta", "acme", _marta())
    stage.run(300)
    stage.phone("ana").behave(Script.answering(3).press("1", hearing="Si sigue, marque 1"))
    stage.run(1900)

    assert stage.rings()["ana"] == 2
    assert any(_STILL in line for line in stage.heard("ana"))
    assert "still_on_it" in stage.kinds()
    assert stage.summaries()[0]["state"] == "acknowledged"
    assert stage.rings().get("bruno") is None


def test_no_answer_opens_it_again_and_rings_the_next_level_and_managers_are_told(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3).press("1", hearing=_HOW_NOW))
    stage.dial("marta", "acme", _marta())
    stage.run(300)
    stage.phone("ana").behave(Script.ignoring())
    stage.phone("bruno").behave(Script.answering(4).press("1", hearing="tecle 1"))
    stage.run(2200)

    assert stage.kinds().count("holder_silent") == 1
    assert stage.summaries()[0]["acknowledged_by"] == "bruno"
    assert "alarm" in stage.letters()


def test_a_mailbox_is_no_sign_of_life(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3).press("1", hearing=_HOW_NOW))
    stage.dial("marta", "acme", _marta())
    stage.run(300)
    stage.phone("ana").behave(Script.answering(3))
    stage.run(2200)

    assert "still_on_it" not in stage.kinds()
    assert "holder_silent" in stage.kinds()


def test_by_key_on_that_call_it_is_handed_over(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3).press("1", hearing=_HOW_NOW))
    stage.dial("marta", "acme", _marta())
    stage.run(300)
    stage.phone("ana").behave(Script.answering(3).press("3", hearing="Si sigue, marque 1"))
    stage.run(1900)

    assert "holder_silent" not in stage.kinds()
    assert entries(stage, "disposition", answer="handed_over") != []
    assert stage.rings()["bruno"] >= 1


def test_until_the_eta_has_passed_nobody_asks(stage: Stage) -> None:
    _ana_works_on_it(stage, "2")
    stage.run(7000)
    assert "no_sign_of_life" not in stage.kinds()

    stage.run(500)

    assert "no_sign_of_life" in stage.kinds()


def test_while_both_talk_nobody_asks_however_long(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3))
    stage.dial("marta", "acme", _marta(after=2400))
    stage.run(2350)

    assert stage.talking("ana") == ["marta"]
    assert "no_sign_of_life" not in stage.kinds()


def test_an_incident_taken_before_anybody_was_asked_after_is_asked_after_now(opened: OpenStage) -> None:
    stage = opened(live_rosters=True)
    _ana_works_on_it(stage)
    stage.run(200)
    with stage.world.guard.store.engine.begin() as connection:  # as a process of the first release leaves it
        connection.execute(text("UPDATE cases SET heard_at = NULL, due_at = NULL, level_due_at = NULL"))
    rung = stage.rings()["ana"]

    stage.run(40 * 60)

    assert stage.rings()["ana"] > rung
    assert any(_STILL in line for line in stage.heard("ana"))
