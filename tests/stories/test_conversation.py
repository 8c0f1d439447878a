"""After the key: both talk, either may leave, and only an answer by key closes anything."""

from datetime import timedelta

from app.sandbox.handset import Behaviour
from app.sandbox.scripts import Script
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import Stage
from tests.stories.telling import entries

_HOW_NOW = "¿Cómo sigue?"


def _marta(after: float = 15) -> Script:
    return describes(reports()).hang_up(hearing="atiende Ana", after=after)


def test_solved_closes_it_and_everybody_is_written_to(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3).press("2", hearing=_HOW_NOW))
    stage.dial("marta", "acme", _marta())
    stage.run(120)

    assert stage.summaries()[0]["state"] == "closed"
    assert stage.letters()["closed"] == {"marta@acme.example", "lucia@aivo.example", "marcos@aivo.example"}


def test_from_the_key_to_the_conversation_it_is_two_seconds_and_who_waits_is_named(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3))
    stage.dial("marta", "acme", _marta(60))
    stage.run(60)

    ana = stage.numbers["ana"]
    key, talk = (stage.world.exchange.story.of(kind, number=ana)[0] for kind in ("pressed", "talking"))
    assert (talk.at - key.at) <= timedelta(seconds=2)
    assert "Es suyo: Marta Ruiz en línea." in stage.heard("ana")


def test_silence_keeps_it_open_and_asks_again(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3))
    stage.dial("marta", "acme", _marta())
    stage.run(150)

    assert len([line for line in stage.heard("ana") if _HOW_NOW in line]) == 3
    assert stage.summaries()[0]["state"] == "acknowledged"
    assert entries(stage, "disposition")[0]["data"]["answer"] == "none"


def test_the_engineer_hanging_up_closes_nothing_and_the_caller_hears_the_end(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3).hang_up(hearing="Es suyo", after=20))
    stage.dial("marta", "acme", describes(reports()))
    stage.run(120)

    assert stage.heard("marta")[-1].startswith("La conversación terminó.")
    assert stage.summaries()[0]["state"] == "acknowledged"
    assert "closed" not in stage.kinds()


def test_handed_over_calls_the_next_level_and_stops_no_clock_twice(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3).press("3", hearing=_HOW_NOW))
    stage.dial("marta", "acme", _marta())
    stage.run(100)

    assert stage.rings()["bruno"] == 1
    case = stage.cases()[0]
    assert (case["state"], case["acknowledged_by"]) == ("open", None)
    assert case["clocks"]["first_response"]["stopped_at"] is not None


def test_a_client_who_does_not_answer_the_call_back_leaves_it_with_the_engineer(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3).press("1", hearing="Para llamarle").press("1", hearing=_HOW_NOW))
    stage.dial("marta", "acme", reports().hang_up(after=1))
    stage.run(150)

    assert stage.rings() == {"ana": 1, "marta": 1}
    assert any("El cliente no atiende" in line for line in stage.heard("ana"))
    assert stage.summaries()[0]["state"] == "acknowledged"


def test_a_mailbox_of_the_clients_is_no_conversation(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3).press("1", hearing="Para llamarle").press("1", hearing=_HOW_NOW))
    stage.dial("marta", "acme", reports().hang_up(after=1))
    stage.run(25)
    stage.phone("marta").behaviour = Behaviour.VOICEMAIL
    stage.run(150)

    assert any("El cliente no atiende" in line for line in stage.heard("ana"))
    assert "conversation_ended" not in stage.kinds()


def test_only_the_cases_caller_and_the_roster_are_ever_dialled(stage: Stage) -> None:
    stage.phone("ana").behave(takes(3).press("1", hearing="Para llamarle"))
    stage.phone("marta").behave(Script.answering(2).press("1", hearing="tecla"))
    stage.dial("marta", "acme", reports().hang_up(after=1))
    stage.run(120)

    dialled = set(stage.rings())
    assert dialled == {"ana", "marta"}
