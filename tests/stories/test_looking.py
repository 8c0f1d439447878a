"""What Twilio does not tell is looked at: who is in the conversation, and who only seems to be."""

from collections.abc import Callable

from app.sandbox.scripts import Script
from app.wiring.demo.scripts import CRM, chooses, describes, reports, takes
from app.wiring.demo.stage import Stage
from tests.stories.telling import entries

_HOW_NOW = "¿Cómo sigue?"
_MENU = "Para volver, marque 1"
_NOT_CONNECTED = "No se pudo establecer la comunicación"


def _talk(stage: Stage, ana: Script | None = None, marta: Script | None = None) -> None:
    """Marta calls, Ana takes it, and they talk."""
    stage.phone("ana").behave(ana or takes(3))
    stage.dial("marta", "acme", marta or describes(reports()))
    stage.run(45)


def _silently(stage: Stage, *acts: Callable[[], object]) -> None:
    """What is done, and nobody reports any of it: no callback comes any more."""
    stage.world.exchange.chaos.callbacks.drop = 1.0
    for act in acts:
        act()


def _with_pablo(stage: Stage) -> None:
    """Two callers: the hanging up of one does not end the conference."""
    stage.phone("ana").behave(takes(22))
    stage.dial("marta", "acme", describes(reports()))
    stage.after(14, lambda: stage.dial("pablo", "acme", chooses(CRM)))
    stage.run(75)


def _inside(stage: Stage) -> set[str]:
    """Who is in a conference that goes on."""
    names = {number: who for who, number in stage.numbers.items()}
    rooms = [room for room in stage.world.exchange.conferences.by_sid.values() if room.is_live]
    return {names[one.call.phone.number] for room in rooms for one in room.participants}


def test_a_conversation_that_goes_well_is_looked_at_and_left_alone(stage: Stage) -> None:
    _talk(stage)
    heard = len(stage.heard("marta")), len(stage.heard("ana"))
    stage.run(600)

    assert (len(stage.heard("marta")), len(stage.heard("ana"))) == heard
    assert stage.talking("ana") == ["marta"]


def test_a_caller_whose_hanging_up_nobody_reported_is_found(stage: Stage) -> None:
    _with_pablo(stage)
    _silently(stage, lambda: stage.phone("marta").hang_up())
    stage.run(80)

    assert "caller_hung_up" in stage.kinds()
    assert _inside(stage) == {"pablo", "ana"}
    _silently(stage, lambda: stage.phone("pablo").hang_up())
    stage.run(120)
    assert stage.kinds().count("caller_hung_up") == 2
    assert any(_HOW_NOW in line for line in stage.heard("ana"))


def test_an_engineer_whose_hanging_up_nobody_reported_is_found_and_the_client_hears_the_end(
    stage: Stage,
) -> None:
    _talk(stage)
    stage.world.exchange.chaos.webhooks.drop = 1.0
    _silently(stage, lambda: stage.phone("ana").hang_up())
    stage.world.exchange.chaos.webhooks.drop = 0.0
    stage.run(80)

    assert "conversation_ended" in stage.kinds()
    assert any("La conversación terminó" in line for line in stage.heard("marta"))
    assert stage.summaries()[0]["state"] == "acknowledged"
    stage.run(900)
    assert any("como sigue ACME" in text.body for text in stage.phone("ana").texts)


def test_an_engineer_whose_phone_died_outside_is_found_and_the_client_on_hold_hears_the_end(
    stage: Stage,
) -> None:
    _talk(stage, takes(3).press("*", hearing="Es suyo", after=12))
    _silently(stage, lambda: stage.phone("ana").hang_up())
    stage.run(90)

    assert "conversation_ended" in stage.kinds()
    assert any("La conversación terminó" in line for line in stage.heard("marta"))


def test_a_guest_whose_hanging_up_nobody_reported_is_found_and_the_others_talk_on(stage: Stage) -> None:
    stage.phone("bruno").behave(Script.answering(4).press("1", hearing="tecle 1"))
    ana = takes(3).press("*", hearing="Es suyo", after=12)
    _talk(stage, ana.press("3", hearing=_MENU).press("1", hearing=_MENU))
    stage.run(60)
    assert set(stage.talking("ana")) == {"marta", "bruno"}
    _silently(stage, lambda: stage.phone("bruno").hang_up())
    stage.run(80)

    assert "side_left" in stage.kinds()
    assert stage.phone("marta").call is not None
    assert stage.phone("ana").call is not None


def test_a_conference_that_does_not_start_is_entered_once_more_and_they_talk(stage: Stage) -> None:
    stage.world.exchange.chaos.rooms_that_never_start = 1
    _talk(stage)
    assert stage.talking("ana") == []
    stage.run(60)

    assert stage.talking("ana") == ["marta"]
    assert stage.talking("marta") == ["ana"]
    assert "not_connected" not in stage.kinds()
    assert not any(_MENU in line or _HOW_NOW in line for line in stage.heard("ana"))


def test_a_conference_that_never_starts_gives_both_back_and_tells_them_the_truth(stage: Stage) -> None:
    stage.world.exchange.chaos.rooms_that_never_start = 2
    _talk(stage)
    stage.run(70)

    assert any("No logramos comunicarle con Ana" in line for line in stage.heard("marta"))
    assert any(_NOT_CONNECTED in line for line in stage.heard("ana"))
    assert any("El cliente espera en línea" in line for line in stage.heard("ana"))
    assert [e["data"]["person"] for e in entries(stage, "not_connected")] == ["ana"]
    assert stage.phone("marta").call is not None
    case = stage.summaries()[0]
    assert (case["state"], case["acknowledged_by"]) == ("acknowledged", "ana")
    assert stage.rings() == {"ana": 1}


def test_after_that_the_key_puts_them_through(stage: Stage) -> None:
    stage.world.exchange.chaos.rooms_that_never_start = 2
    _talk(stage, takes(3).press("1", hearing="El cliente espera en línea"))
    stage.run(120)

    assert stage.talking("ana") == ["marta"]
    assert stage.rings() == {"ana": 1}
    stage.phone("marta").hang_up()
    stage.run(20)
    assert any(_HOW_NOW in line for line in stage.heard("ana"))


def test_after_that_a_client_who_left_is_called(stage: Stage) -> None:
    stage.world.exchange.chaos.rooms_that_never_start = 2
    _talk(stage)
    stage.phone("marta").behave(Script.answering(2).press("1", hearing="tecla"))
    stage.run(48)
    stage.phone("marta").hang_up()
    stage.run(30)

    assert any("El cliente cortó. Para llamarle, marque 1" in line for line in stage.heard("ana"))


def test_a_list_that_is_behind_once_disturbs_nobody(stage: Stage) -> None:
    _talk(stage)
    heard = len(stage.heard("marta")), len(stage.heard("ana"))
    stage.world.exchange.chaos.lists_that_show_nobody = 1
    stage.run(200)

    assert (len(stage.heard("marta")), len(stage.heard("ana"))) == heard


def test_a_call_that_is_shown_as_going_on_for_a_while_is_found_later(stage: Stage) -> None:
    _with_pablo(stage)
    marta = stage.phone("marta").call
    assert marta is not None
    stage.world.exchange.chaos.stale_calls[marta.sid] = "in-progress"
    _silently(stage, lambda: stage.phone("marta").hang_up())
    stage.after(70, stage.world.exchange.chaos.stale_calls.clear)
    stage.run(180)

    assert "caller_hung_up" in stage.kinds()
    assert _inside(stage) == {"pablo", "ana"}
    assert stage.phone("ana").call is not None


def test_an_engineer_who_is_outside_for_long_is_left_there(stage: Stage) -> None:
    ana = takes(3).press("*", hearing="Es suyo", after=5)
    for _ in range(12):  # a key that means nothing: the menu is told again
        ana = ana.press("9", hearing=_MENU, after=4)
    _talk(stage, ana)
    stage.run(100)

    assert not any(_NOT_CONNECTED in line for line in stage.heard("ana"))
    assert len([line for line in stage.heard("ana") if "Un momento" in line]) == 1
    assert "not_connected" not in stage.kinds()


def test_trouble_at_twilio_while_we_look_changes_nothing_and_we_look_again(stage: Stage) -> None:
    _with_pablo(stage)
    _silently(stage, lambda: stage.phone("marta").hang_up())
    stage.world.exchange.chaos.rest_down = True
    stage.run(150)
    assert "caller_hung_up" not in stage.kinds()
    assert stage.phone("ana").call is not None
    stage.world.exchange.chaos.rest_down = False
    stage.run(60)

    assert "caller_hung_up" in stage.kinds()
    assert _inside(stage) == {"pablo", "ana"}


def test_a_conference_that_breaks_down_for_three_is_no_end_of_a_conversation_in_the_record(
    stage: Stage,
) -> None:
    stage.phone("bruno").behave(Script.answering(4).press("1", hearing="tecle 1"))
    ana = takes(3).press("*", hearing="Es suyo", after=12)
    _talk(stage, ana.press("3", hearing=_MENU).press("1", hearing=_MENU))
    stage.run(60)
    assert _inside(stage) == {"marta", "ana", "bruno"}
    stage.world.exchange.chaos.lists_that_show_nobody = 3  # as if nobody were in it
    stage.run(120)

    kinds = stage.kinds()
    assert kinds.count("not_connected") == 1
    assert "conversation_ended" not in kinds
    assert any("No logramos comunicarle con Ana" in line for line in stage.heard("marta"))
    assert any(_NOT_CONNECTED in line for line in stage.heard("ana"))
    assert stage.heard("bruno")[-1] == "A conversa terminou. Obrigado."
