"""A client who is called back meets the engineer in the same conference as everybody else."""

import pytest

from app.sandbox.chaos import RestFault
from app.sandbox.handset import Behaviour
from app.sandbox.phones import Board, Subscriber
from app.sandbox.scripts import Script
from app.wiring.demo.scripts import CRM, chooses, describes, reports, takes
from app.wiring.demo.stage import PAGE_FROM, Stage
from tests.stories.telling import browser, entries

_CALLS = "Para llamarle"
_HOW_NOW = "¿Cómo sigue?"
_MENU = "Para volver, marque 1"
_WAITING = "Llamando a Marta Ruiz"

MARTA = Script.answering(3).press("1", hearing="marque cualquier tecla")


def _left(stage: Stage, ana: Script, marta: Script | None = None) -> None:
    """Marta hangs up before anybody comes; Ana takes it, and has her called as soon as she is asked."""
    stage.phone("ana").behave(ana)
    if marta is not None:
        stage.phone("marta").behave(marta)
    stage.dial("marta", "acme", reports().hang_up(after=1))


def _calls(*keys: str) -> Script:
    script = takes(3).press("1", hearing=_CALLS)
    if keys:
        script = script.press("*", hearing=_WAITING, after=40)
    for key in keys:
        script = script.press(key, hearing=_MENU)
    return script


def test_they_meet_in_the_conference_and_it_ends_when_the_client_leaves(stage: Stage) -> None:
    _left(stage, _calls().press("2", hearing=_HOW_NOW), MARTA.hang_up(hearing="Le atiende Ana", after=20))
    stage.run(60)

    assert stage.talking("ana") == ["marta"]
    assert stage.world.exchange.phone(stage.numbers["marta"]).call is not None

    stage.run(90)
    assert stage.summaries()[0]["state"] == "closed"
    assert [k for k in stage.kinds() if k in ("client_called", "connected", "conversation_ended")] == [
        "client_called",
        "connected",
        "conversation_ended",
    ]


@pytest.mark.parametrize("after", [0.5, 1, 1.5, 2, 2.5])
def test_nobody_hears_that_they_do_not_answer_while_they_are_coming_in(stage: Stage, after: float) -> None:
    _left(stage, _calls(), Script.answering(3).press("1", after, hearing="marque cualquier tecla"))
    stage.run(70)

    assert stage.talking("ana") == ["marta"]
    assert not any("Nadie atiende" in line for line in stage.heard("ana"))


def test_the_client_sees_the_guard_line_that_they_called(stage: Stage) -> None:
    _left(stage, _calls(), MARTA)
    stage.run(60)

    ringing = stage.world.exchange.story.of("ringing", number=stage.numbers["marta"])
    call = stage.world.exchange.phone(stage.numbers["marta"]).call
    assert len(ringing) == 1
    assert call is not None
    assert call.from_ == stage.book.clients["acme"].contract.guard_line


def test_star_puts_them_on_hold(stage: Stage) -> None:
    _left(stage, _calls("1"), MARTA)
    stage.run(130)

    assert any("Está en espera" in line for line in stage.heard("marta"))
    assert [k for k in stage.kinds() if k.startswith("client_o")] == ["client_on_hold", "client_off_hold"]
    assert stage.talking("ana") == ["marta"]


def test_a_manager_is_brought_in(stage: Stage) -> None:
    stage.phone("lucia").behave(Script.answering(3).press("1", hearing="Para entrar"))
    _left(stage, _calls("4", "1"), MARTA)
    stage.run(160)

    assert set(stage.talking("lucia")) == {"ana", "marta"}
    assert any("Lucía se sumó" in line for line in stage.heard("marta"))


def test_a_manager_joins_from_the_desk(stage: Stage) -> None:
    stage.phone("lucia").behave(Script.answering(3).press("1", hearing="Para escuchar"))
    _left(stage, _calls(), MARTA)
    stage.run(60)
    talk = stage.world.guard.dispatcher.conversations()
    assert stage.world.guard.dispatcher.invite_manager(1001, "lucia", True, stage.world.now)
    stage.run(30)

    assert [(one.engineer, one.callers) for one in talk] == [("Ana Paz", 1)]
    assert any("Lucía está escuchando" in line for line in stage.heard("marta"))


def test_handed_over_the_client_stays_and_talks_to_the_next(stage: Stage) -> None:
    stage.phone("bruno").behave(takes(4, hearing="tecle 1"))
    _left(stage, _calls("5"), MARTA)
    stage.run(180)

    assert stage.talking("marta") == ["bruno"]
    assert stage.summaries()[0]["acknowledged_by"] == "bruno"


def test_the_engineer_leaves_and_the_client_goes_on_with_who_was_brought_in(stage: Stage) -> None:
    stage.phone("bruno").behave(Script.answering(4).press("1", hearing="tecle 1"))
    _left(stage, _calls("3").press("6", hearing=_MENU, after=25), MARTA)
    stage.run(170)

    assert set(stage.talking("bruno")) == {"marta"}
    assert stage.phone("marta").call is not None


def test_a_mailbox_never_joins(stage: Stage) -> None:
    _left(stage, _calls().press("1", hearing=_HOW_NOW))
    stage.run(20)
    stage.phone("marta").behaviour = Behaviour.VOICEMAIL
    stage.run(120)

    assert any("El cliente no atiende" in line for line in stage.heard("ana"))
    assert [e["data"]["why"] for e in entries(stage, "client_not_reached")] == ["no_key"]
    assert "connected" not in stage.kinds()
    assert "conversation_ended" not in stage.kinds()


@pytest.mark.parametrize(
    ("behaviour", "why"), [(Behaviour.BUSY, "busy"), (Behaviour.OFF, "failed"), (None, "no_answer")]
)
def test_nobody_answers_and_the_engineer_is_asked_how_it_goes_on(
    stage: Stage, behaviour: Behaviour | None, why: str
) -> None:
    _left(stage, _calls().press("1", hearing=_HOW_NOW).press("#", hearing="horas"), Script.ignoring())
    stage.run(35)
    if behaviour is not None:
        stage.phone("marta").behaviour = behaviour
    stage.run(110)

    assert any("El cliente no atiende" in line for line in stage.heard("ana"))
    assert len(entries(stage, "client_not_reached")) == 1
    assert stage.summaries()[0]["state"] == "acknowledged"
    assert stage.phone("ana").call is None


def test_a_number_that_twilio_refuses_is_told_at_once(stage: Stage) -> None:
    _left(stage, _calls().press("1", hearing=_HOW_NOW))
    stage.run(15)
    stage.world.exchange.chaos.unusable_numbers[stage.numbers["marta"]] = 21211
    stage.run(60)

    assert [e["data"]["why"] for e in entries(stage, "client_not_reached")] == ["refused"]
    assert any("El cliente no atiende" in line for line in stage.heard("ana"))


@pytest.mark.parametrize("fault", [RestFault.FAILED_BUT_DONE, RestFault.TIMED_OUT_BUT_DONE])
def test_a_call_that_was_made_in_spite_of_the_error_rings_once(stage: Stage, fault: RestFault) -> None:
    _left(stage, takes(3), MARTA)
    stage.run(35)
    stage.world.exchange.chaos.next_rest(fault)
    stage.phone("ana").press("1")
    stage.run(40)

    assert stage.rings()["marta"] == 1
    assert stage.talking("ana") == ["marta"]


def test_the_engineer_hangs_up_while_it_rings_and_the_phone_is_still(stage: Stage) -> None:
    _left(stage, takes(3).press("1", hearing=_CALLS).hang_up(hearing=_WAITING, after=8), Script.ignoring())
    stage.run(60)

    assert stage.phone("marta").call is None
    assert [e["data"]["why"] for e in entries(stage, "client_not_reached")] == ["withdrawn"]
    assert "conversation_ended" not in stage.kinds()
    assert stage.summaries()[0]["state"] == "acknowledged"


def test_who_answered_as_the_engineer_went_hears_so(stage: Stage) -> None:
    ana = takes(3).press("1", hearing=_CALLS).hang_up(hearing=_WAITING, after=8)
    _left(stage, ana, Script.answering(5))
    stage.run(60)

    stage.run(10)
    assert any("se cortó de nuestro lado" in line for line in stage.heard("marta"))
    assert stage.phone("marta").call is None


def test_both_hang_up_at_once(stage: Stage) -> None:
    _left(stage, _calls(), MARTA)
    stage.run(60)
    stage.after(5, lambda: stage.phone("ana").hang_up(), lambda: stage.phone("marta").hang_up())
    stage.run(60)

    assert stage.kinds().count("conversation_ended") == 1
    assert stage.summaries()[0]["state"] == "acknowledged"


def test_star_before_anybody_is_there_waits_on_or_lets_them_be(stage: Stage) -> None:
    waits = takes(3).press("1", hearing=_CALLS).press("*", hearing=_WAITING, after=5)
    _left(stage, waits.press("6", hearing="Para esperarle").press("1", hearing=_HOW_NOW), Script.ignoring())
    stage.run(90)

    assert stage.phone("marta").call is None
    assert not any("El cliente no atiende" in line for line in stage.heard("ana"))
    assert any("Anotado" in line for line in stage.heard("ana"))


def test_the_client_comes_in_while_the_engineer_is_outside(stage: Stage) -> None:
    _left(stage, takes(3).press("1", hearing=_CALLS).press("*", hearing=_WAITING, after=1), MARTA)
    stage.run(90)

    assert any("ya le atienden" in line for line in stage.heard("marta"))
    assert stage.talking("ana") == ["marta"]


def test_the_key_pressed_twice_calls_once(stage: Stage) -> None:
    stage.world.exchange.chaos.everything_twice_and_out_of_order()
    _left(stage, _calls().press("1", hearing=_HOW_NOW), MARTA.hang_up(hearing="Le atiende Ana", after=30))
    stage.run(180)

    assert stage.rings()["marta"] == 1
    assert stage.kinds().count("client_called") == 1
    assert stage.kinds().count("connected") == 1
    assert stage.kinds().count("conversation_ended") == 1
    assert "client_not_reached" not in stage.kinds()
    assert stage.summaries()[0]["state"] == "acknowledged"


def test_closed_by_its_page_meanwhile_they_still_talk(stage: Stage) -> None:
    _left(stage, _calls(), Script.answering(20).press("1", hearing="tecla"))
    stage.run(50)
    stage.text("ana", "resuelto")
    stage.run(50)

    assert stage.summaries()[0]["state"] == "closed"
    assert stage.talking("ana") == ["marta"]


def test_handed_over_by_text_meanwhile_nobody_waits_for_them_any_more(stage: Stage) -> None:
    _left(stage, _calls(), Script.ignoring())
    stage.run(60)
    stage.text("ana", "paso")
    stage.run(15)

    assert stage.phone("marta").call is None
    assert stage.phone("ana").call is None
    assert any("llamamos al siguiente" in line for line in stage.heard("ana"))


def test_who_took_it_by_text_and_dials_in_has_them_called_the_same_way(stage: Stage) -> None:
    stage.phone("ana").behaviour = Behaviour.BUSY
    stage.phone("marta").behave(MARTA)
    stage.dial("marta", "acme", reports().hang_up(after=1))
    stage.run(30)
    stage.text("ana", stage.code("ana"))
    stage.run(10)
    stage.phone("ana").behaviour = Behaviour.NORMAL
    keyed = Script().press(f"{stage.code('ana')}#", hearing="código").press("1", hearing=_CALLS)
    stage.phone("ana").dial(PAGE_FROM, script=keyed.press("*", hearing=_WAITING, after=30))
    stage.run(75)

    assert any("Está en espera" in line for line in stage.heard("marta"))
    stage.phone("ana").hang_up()
    stage.run(20)
    assert stage.heard("marta")[-1].startswith("La conversación terminó")
    assert stage.kinds().count("conversation_ended") == 1


def test_each_caller_who_is_owed_a_call_is_offered_the_latest_first(stage: Stage) -> None:
    asks = chooses(CRM).press("1", hearing="que le llamemos")
    stage.dial("marta", "acme", describes(reports()).press("1", hearing="que le llamemos"))
    stage.after(40, lambda: stage.dial("pablo", "acme", asks))
    stage.phone("ana2").behave(
        takes(20).press("1", hearing=_CALLS).press("1", hearing=_CALLS).press("1", hearing=_HOW_NOW)
    )
    stage.phone("pablo").behave(Script.ignoring())
    stage.phone("marta").behave(MARTA.hang_up(after=10))
    stage.run(240)

    called = [e["data"]["contact"] for e in entries(stage, "client_called")]
    assert called == ["Pablo Sosa", "Marta Ruiz"]
    assert any("Otra persona espera que la llamen. Se trata de Marta Ruiz" in x for x in stage.heard("ana2"))


def test_the_engineers_page_names_who_would_be_called(stage: Stage) -> None:
    _left(stage, takes(3).press("2", hearing=_CALLS).press("1", hearing=_HOW_NOW))
    stage.run(60)

    page = browser(stage).get(stage.link("ana")).get_data(as_text=True)
    assert f"Llame a Marta Ruiz: {stage.numbers['marta']}" in page


def test_when_every_report_is_lost_they_meet_and_part_all_the_same(stage: Stage) -> None:
    _left(stage, _calls().press("1", hearing=_HOW_NOW), MARTA.hang_up(hearing="Le atiende Ana", after=20))
    stage.run(30)
    stage.world.exchange.chaos.callbacks.drop = 1.0
    stage.run(110)

    assert "connected" in stage.kinds()
    assert "disposition" in stage.kinds()


def test_the_phones_in_the_browser_show_them_talking(stage: Stage) -> None:
    _left(stage, _calls(), MARTA)
    stage.run(60)
    held = [Subscriber(stage.numbers[who], who, "client") for who in ("ana", "marta")]
    board = Board(stage.world.exchange, held, None, list, (), lambda: None)

    calls = {phone["owner"]: phone["call"] for phone in board.state()["phones"]}

    assert calls["ana"]["talking_to"] == ["marta"]
    assert calls["marta"]["talking_to"] == ["ana"]
    assert not calls["marta"]["on_hold"]
