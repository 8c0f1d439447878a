"""In the conversation: on hold, with a third person, handed over; leaving ends it for nobody else."""

from datetime import timedelta
from itertools import pairwise

import pytest

from app.sandbox.handset import Behaviour
from app.sandbox.scripts import Script
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import Stage
from tests.stories.telling import entries, moment

_MENU = "Para volver, marque 1"
_PUT_THROUGH = "Es suyo"


def _ana(*keys: str) -> Script:
    """Takes it, talks for a while, steps out by star, and presses these keys one after the other."""
    script = takes(3).press("*", hearing=_PUT_THROUGH, after=12)
    for key in keys:
        script = script.press(key, hearing=_MENU)
    return script


def _call(stage: Stage, ana: Script, talks: float = 120) -> None:
    stage.phone("ana").behave(ana)
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=talks))


def test_star_leads_out_and_the_client_hears_that_they_are_on_hold(stage: Stage) -> None:
    _call(stage, _ana("1"))
    stage.run(90)

    assert "Está en espera. Siga en línea: Ana ya vuelve." in stage.heard("marta")
    assert [k for k in stage.kinds() if k.startswith("client_o")] == ["client_on_hold", "client_off_hold"]
    assert stage.talking("ana") == ["marta"]


def test_back_with_the_client_still_on_hold(stage: Stage) -> None:
    _call(stage, _ana("2"))
    stage.run(90)

    assert len([line for line in stage.heard("marta") if "Está en espera" in line]) > 1
    assert stage.kinds()[-1] == "client_on_hold"


def test_silence_outside_leads_back_to_the_client(stage: Stage) -> None:
    _call(stage, _ana())
    stage.run(110)

    assert len([line for line in stage.heard("ana") if _MENU in line]) == 3
    assert "client_off_hold" in stage.kinds()


def test_the_next_of_the_roster_joins_by_a_key_and_everybody_hears_so(stage: Stage) -> None:
    stage.phone("bruno").behave(Script.answering(4).press("1", hearing="tecle 1"))
    _call(stage, _ana("3", "1"))
    stage.run(100)

    assert any("Ana fala com ACME Seguros" in line for line in stage.heard("bruno"))
    assert set(stage.talking("bruno")) == {"ana", "marta"}
    assert any("Bruno se sumó" in line for line in stage.heard("marta"))
    assert any("Bruno se sumó" in line for line in stage.heard("ana"))
    assert stage.summaries()[0]["acknowledged_by"] == "ana"
    assert "late_key" not in stage.kinds()
    assert "bruno" not in stage.texts()


def test_while_the_engineer_is_outside_both_hear_that_who_came_in_waits_with_the_client(stage: Stage) -> None:
    stage.phone("bruno").behave(Script.answering(4).press("1", hearing="Para entrar, tecle 1"))
    _call(stage, _ana("3").press("1", hearing="En la conversación: Bruno. El cliente está en espera."))
    stage.run(110)

    assert any("O cliente está em espera; continue na linha." in line for line in stage.heard("bruno"))
    assert "client_off_hold" in stage.kinds()
    assert set(stage.talking("ana")) == {"bruno", "marta"}


def test_on_hold_the_client_hears_what_is_true_until_the_engineer_is_back(stage: Stage) -> None:
    stage.phone("bruno").behave(Script.answering(14).press("1", hearing="Para entrar, tecle 1"))
    _call(stage, _ana("3"), talks=300)
    stage.run(150)

    held, back = moment(stage, "client_on_hold"), moment(stage, "client_off_hold")
    heard = [line for line in stage.phone("marta").heard if held <= line.at <= back]
    told = [line.text for line in heard]
    assert told[0] == "Está en espera: Ana está llamando a Bruno para que se sume."
    assert told[-1] == "Está en espera. En la conversación: Bruno. Ana vuelve enseguida."
    assert max(later.at - earlier.until for earlier, later in pairwise(heard)) <= timedelta(seconds=15)
    assert set(stage.talking("ana")) == {"bruno", "marta"}


def test_a_mailbox_is_never_let_in_and_the_next_one_is_called(stage: Stage) -> None:
    stage.phone("bruno").behaviour = Behaviour.VOICEMAIL
    stage.phone("lucia").behave(Script.answering(4).press("1", hearing="Para entrar"))
    _call(stage, _ana("3", "1"), talks=300)
    stage.run(250)

    assert entries(stage, "side_failed", person="bruno") != []
    assert [e["data"]["person"] for e in entries(stage, "side_joined")] == ["lucia"]


def test_when_nobody_can_be_reached_only_the_engineer_hears_it(stage: Stage) -> None:
    for who in ("lucia", "marcos"):
        stage.phone(who).behaviour = Behaviour.OFF
    _call(stage, _ana("4", "1"))
    stage.run(100)

    assert any("No pudimos ubicar" in line for line in stage.heard("ana"))
    assert not any("No pudimos ubicar" in line for line in stage.heard("marta"))
    assert stage.talking("ana") == ["marta"]


def test_the_engineer_may_drop_off_and_the_client_goes_on_with_who_was_brought_in(stage: Stage) -> None:
    stage.phone("bruno").behave(Script.answering(4).press("1", hearing="tecle 1"))
    _call(stage, _ana("3", "1").hang_up(after=30), talks=200)
    stage.run(130)

    assert stage.phone("ana").call is None
    assert stage.phone("marta").call is not None
    assert not any("La conversación terminó" in line for line in stage.heard("marta"))


def test_the_engineer_may_end_it_for_themselves_and_the_record_says_who_is_back_with_the_client(
    stage: Stage,
) -> None:
    stage.phone("bruno").behave(Script.answering(4).press("1", hearing="tecle 1"))
    _call(stage, _ana("3").press("6", hearing=_MENU, after=20), talks=300)
    stage.run(110)

    assert set(stage.talking("bruno")) == {"marta"}
    assert [e["data"]["person"] for e in entries(stage, "client_on_hold")] == ["ana"]
    assert [e["data"]["person"] for e in entries(stage, "client_off_hold")] == ["bruno"]


def test_who_leaves_the_others_to_go_on_has_not_ended_the_conversation_in_the_record(stage: Stage) -> None:
    stage.phone("bruno").behave(Script.answering(4).press("1", hearing="tecle 1"))
    _call(stage, _ana("3").press("6", hearing=_MENU, after=20).press("1", hearing="¿Cómo sigue?"), talks=150)
    stage.run(140)

    assert [e["data"]["name"] for e in entries(stage, "conversation_left")] == ["Ana Paz"]
    assert "conversation_ended" not in stage.kinds()
    assert stage.talking("bruno") == ["marta"]
    stage.run(120)
    [ended] = entries(stage, "conversation_ended")
    assert (ended["actor"], ended["data"]["by"]) == ("bruno", "client")


def test_when_the_client_leaves_who_was_brought_in_hears_the_end(stage: Stage) -> None:
    stage.phone("bruno").behave(Script.answering(4).press("1", hearing="tecle 1"))
    _call(stage, _ana("3", "1"), talks=80)
    stage.run(200)

    assert stage.heard("bruno")[-1] == "A conversa terminou. Obrigado."
    assert "side_left" in stage.kinds()
    assert any("¿Cómo sigue?" in line for line in stage.heard("ana"))


def _heard_no_end(stage: Stage) -> bool:
    parted = ("La conversación terminó", "pasa a otra persona")
    return not any(words in line for line in stage.heard("marta") for words in parted)


def test_handed_over_to_who_is_in_the_conversation_they_take_it_by_text_and_talk_on(stage: Stage) -> None:
    stage.phone("bruno").behave(Script.answering(4).press("1", hearing="Para entrar, tecle 1"))
    _call(stage, _ana("3").press("5", hearing=_MENU, after=20), talks=300)
    stage.phone("bruno").on_text(lambda body: stage.code("bruno"), after=20)
    stage.run(160)

    assert stage.summaries()[0]["acknowledged_by"] == "bruno"
    assert stage.talking("marta") == ["bruno"]
    assert (stage.rings()["bruno"], stage.rings()["lucia"]) == (1, 0)
    assert stage.phone("ana").call is None
    assert "conversation_ended" not in stage.kinds()
    assert _heard_no_end(stage)


def test_handed_over_the_client_talks_on_with_who_was_brought_in_until_the_next_comes_in(
    stage: Stage,
) -> None:
    stage.phone("lucia").behave(Script.answering(4).press("1", hearing="Para entrar"))
    stage.phone("bruno").behave(takes(20, hearing="tecle 1"))
    _call(stage, _ana("4").press("5", hearing=_MENU, after=20), talks=300)
    stage.run(170)

    assert stage.summaries()[0]["acknowledged_by"] == "bruno"
    assert set(stage.talking("bruno")) == {"marta", "lucia"}
    assert [e["data"]["person"] for e in entries(stage, "connected")] == ["ana", "bruno"]
    assert [e["data"]["person"] for e in entries(stage, "conversation_left")] == ["ana"]
    assert [e["data"]["person"] for e in entries(stage, "client_off_hold")] == ["lucia"]
    assert _heard_no_end(stage)


def test_who_was_brought_in_leaves_before_anybody_took_it_and_the_client_waits_on(stage: Stage) -> None:
    stage.phone("lucia").behave(Script.answering(4).press("1", hearing="Para entrar").hang_up(after=60))
    stage.phone("bruno").behave(takes(20, hearing="tecle 1"))
    stage.phone("bruno").behaviour = Behaviour.ASLEEP
    _call(stage, _ana("4").press("5", hearing=_MENU, after=20), talks=300)
    stage.run(170)

    assert [e["actor"] for e in entries(stage, "conversation_ended", by="engineer")] == ["lucia"]
    assert any("pasa a otra persona" in line for line in stage.heard("marta"))
    assert stage.phone("marta").call is not None


def test_handed_over_by_key_the_client_stays_and_talks_to_the_next(stage: Stage) -> None:
    stage.phone("bruno").behave(takes(4, hearing="tecle 1"))
    _call(stage, _ana("5"), talks=300)
    stage.run(120)

    assert stage.phone("marta").call is not None
    assert stage.talking("marta") == ["bruno"]
    assert stage.summaries()[0]["acknowledged_by"] == "bruno"
    assert not any("La conversación terminó" in line for line in stage.heard("marta"))
    assert entries(stage, "conversation_ended", by="engineer", person="ana") != []


def test_the_engineer_may_end_it_and_says_how_it_goes_on(stage: Stage) -> None:
    _call(stage, _ana("6").press("2", hearing="¿Cómo sigue?"), talks=300)
    stage.run(120)

    assert stage.heard("marta")[-1].startswith("La conversación terminó.")
    assert entries(stage, "conversation_ended", by="engineer", person="ana") != []
    assert stage.summaries()[0]["state"] == "closed"


def test_a_star_at_the_moment_of_the_clients_hang_up_leads_to_the_question_how_it_goes_on(
    stage: Stage,
) -> None:
    stage.phone("ana").behave(takes(3))
    stage.dial("marta", "acme", describes(reports()))
    stage.run(60)
    stage.after(5, lambda: stage.phone("ana").press("*"), lambda: stage.phone("marta").hang_up())
    stage.run(60)

    assert any("¿Cómo sigue?" in line for line in stage.heard("ana"))
    assert "conversation_ended" in stage.kinds()


def test_both_hang_up_at_once_and_the_incident_stays_with_the_engineer(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3))
    stage.dial("marta", "acme", describes(reports()))
    stage.run(60)
    stage.after(5, lambda: stage.phone("ana").hang_up(), lambda: stage.phone("marta").hang_up())
    stage.run(60)

    assert stage.kinds().count("conversation_ended") == 1
    assert stage.summaries()[0]["state"] == "acknowledged"


def test_a_client_who_hangs_up_as_the_key_is_pressed_leaves_nobody_in_an_empty_room(stage: Stage) -> None:
    stage.phone("ana").behave(Script.answering(3))
    stage.dial("marta", "acme", describes(reports()))
    stage.run(40)
    stage.after(1, lambda: stage.phone("ana").press("1"), lambda: stage.phone("marta").hang_up())
    stage.run(60)

    assert any("¿Cómo sigue?" in line or "Para llamarle" in line for line in stage.heard("ana"))


def test_a_manager_listens_unheard_and_everybody_is_told(stage: Stage) -> None:
    stage.phone("lucia").behave(Script.answering(3).press("1", hearing="Para escuchar"))
    _call(stage, takes(3), talks=200)
    stage.run(60)
    assert stage.world.guard.dispatcher.invite_manager(1001, "lucia", True, stage.world.now)
    stage.run(40)
    stage.phone("marta").say("¿Me oyen?")
    stage.phone("lucia").say("Nadie me oye.")
    stage.run(20)

    assert "¿Me oyen?" in stage.heard("lucia")
    assert "Nadie me oye." not in stage.heard("marta") + stage.heard("ana")
    assert any("Lucía está escuchando" in line for line in stage.heard("marta"))
    assert any("Lucía está escuchando" in line for line in stage.heard("ana"))


@pytest.mark.parametrize("key", ["1", "2"])
def test_a_manager_who_joins_is_not_told_that_they_ask_themselves(stage: Stage, key: str) -> None:
    stage.phone("lucia").behave(Script.answering(3).press(key, hearing="Para entrar, marque 1"))
    _call(stage, takes(3), talks=200)
    stage.run(60)
    assert stage.world.guard.dispatcher.invite_manager(1001, "lucia", False, stage.world.now)
    stage.run(40)

    assert any("Conversación con ACME Seguros, CRM Salesforce." in line for line in stage.heard("lucia"))
    assert stage.heard("lucia")[-1].startswith("Entra a la conversación." if key == "1" else "Hasta luego.")


def test_nobody_but_a_manager_may_listen_and_only_while_somebody_talks(stage: Stage) -> None:
    invite = stage.world.guard.dispatcher.invite_manager
    _call(stage, takes(3), talks=30)
    stage.run(40)

    assert not invite(1001, "bruno", True, stage.world.now)
    stage.run(60)
    assert not invite(1001, "lucia", True, stage.world.now)


def test_twilio_refusing_to_hold_leaves_both_in_the_conversation(stage: Stage) -> None:
    _call(stage, _ana("1"))
    stage.run(24)
    stage.world.exchange.chaos.rest_down = True
    stage.run(20)
    stage.world.exchange.chaos.rest_down = False
    stage.run(40)

    assert stage.talking("ana") == ["marta"]
    assert stage.phone("marta").call is not None
    assert stage.phone("ana").call is not None


def test_a_client_whose_hanging_up_is_reported_late_was_never_on_hold(stage: Stage) -> None:
    stage.world.exchange.chaos.everything_twice_and_out_of_order()
    stage.phone("ana").behave(takes(4).press("1", hearing="¿Cómo sigue?"))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=20))
    stage.run(200)

    assert not [kind for kind in stage.kinds() if kind.startswith("client_o")]
    assert stage.kinds()[-2:] == ["conversation_ended", "disposition"]
