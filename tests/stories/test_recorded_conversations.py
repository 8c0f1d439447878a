"""Conversations are recorded where service.yaml says so, all in them know it, and 9 keeps all of it out."""

import io
import wave
from array import array
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.sandbox.handset import Behaviour
from app.sandbox.recordings import STARTED_BY_API, Recording
from app.sandbox.scripts import Script
from app.web.office import DeskLinks
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import Stage
from app.wiring.sandbox import PAGE_FROM
from app.wiring.world import ORIGIN
from oncall.store.recordings import CONVERSATION
from tests.stories.conftest import OpenStage
from tests.stories.telling import browser, entries

_IS_RECORDED = "La conversación se graba."
_REFUSABLE = "si no quiere, marque 9"
_NOTHING = "Desde ahora no se graba nada."
_SCREEN = "Guardia de Aivo. Para hablar con Ana, marque cualquier tecla."
_TAKEN = "atiende Ana"
_OF_TALKS = {"recording_began", "conversation_kept", "conversation_unrecorded"}


@pytest.fixture
def recorded(opened: OpenStage, recording_rosters: Path) -> Stage:
    """The usual night, with conversations recorded."""
    return opened(rosters=recording_rosters)


def talks(stage: Stage) -> list[Recording]:
    """What the telephone company recorded of conversations, oldest first."""
    made = stage.world.exchange.recordings.by_sid.values()
    return [recording for recording in made if recording.source == STARTED_BY_API]


def sound_at_home(stage: Stage) -> bytes:
    with stage.world.guard.store.reading() as work:
        [row] = [r for r in work.recordings(work.cases()[0].id) if r.kind == CONVERSATION]
    sound = stage.world.guard.dispatcher.recording(row.token)
    assert sound is not None
    return sound.read()


def _marta(talks: float = 30) -> Script:
    return describes(reports()).hang_up(hearing=_TAKEN, after=talks)


def _speaks(sound: bytes, channel: int) -> list[int]:
    """In which seconds of a WAV file with two channels somebody is heard in one of them."""
    with wave.open(io.BytesIO(sound)) as file:
        assert file.getnchannels() == 2
        rate, frames = file.getframerate(), array("h", file.readframes(file.getnframes()))
    mine = frames[channel::2]
    return [second for second in range(len(mine) // rate) if any(mine[second * rate : (second + 1) * rate])]


def test_a_conversation_comes_home_with_the_client_in_one_channel_and_what_they_hear_in_the_other(
    recorded: Stage,
) -> None:
    recorded.phone("ana").behave(takes(20).say("Hola, Marta, la escucho.", hearing=_IS_RECORDED, after=6))
    marta = describes(reports()).say("Hola, Ana.", hearing="la escucho", after=6).hang_up(after=15)
    recorded.dial("marta", "acme", marta)
    recorded.run(120)

    [kept] = entries(recorded, "conversation_kept")
    assert 20 <= kept["data"]["seconds"] <= 40
    client, heard = (_speaks(sound_at_home(recorded), channel) for channel in (0, 1))
    assert client
    assert heard
    assert not set(client) & set(heard)
    assert [r.status for r in talks(recorded)] == ["deleted"]
    assert [entry["kind"] for entry in recorded.cases()[0]["entries"] if entry["kind"] in _OF_TALKS] == [
        "recording_began",
        "conversation_kept",
    ]


def test_all_who_are_in_it_hear_so_before(recorded: Stage) -> None:
    recorded.phone("bruno").behave(Script.answering(4).press("1", hearing="tecle 1"))
    recorded.phone("ana").behave(
        takes(20).press("*", hearing=_IS_RECORDED, after=8).press("3", hearing="Para volver, marque 1")
    )
    recorded.dial("marta", "acme", _marta(90))
    recorded.run(150)

    [heard] = [line for line in recorded.heard("marta") if _REFUSABLE in line]
    assert "también la conversación" in heard
    assert [line.count(_IS_RECORDED) for line in recorded.heard("ana") if "Es suyo" in line] == [1]
    assert [line for line in recorded.heard("bruno") if "A conversa é gravada." in line]


def test_unless_it_is_wanted_nothing_of_a_conversation_is_recorded_and_nobody_speaks_of_it(
    stage: Stage,
) -> None:
    stage.phone("ana").behave(takes(20))
    stage.dial("marta", "acme", _marta())
    stage.run(120)

    assert talks(stage) == []
    assert not _OF_TALKS & set(stage.kinds())
    assert not any("conversación se graba" in line for line in (*stage.heard("ana"), *stage.heard("marta")))
    assert any("Se graba; si no quiere, marque 9." in line for line in stage.heard("marta"))


def test_nine_keeps_the_conversation_out_too_and_ours_are_not_told_otherwise(recorded: Stage) -> None:
    recorded.phone("ana").behave(takes(20))
    refuses = reports().press("9", hearing=_REFUSABLE, after=1).hang_up(hearing=_TAKEN, after=20)
    recorded.dial("marta", "acme", refuses)
    recorded.run(120)

    assert recorded.world.exchange.recordings.by_sid == {}
    assert recorded.talking("ana") == ["marta"]
    assert not any(_IS_RECORDED in line for line in recorded.heard("ana"))
    assert len(entries(recorded, "recording_refused")) == 1


def test_nine_while_waiting_refuses_what_was_not_refused_before(recorded: Stage) -> None:
    recorded.phone("ana").behave(takes(22))
    waits = describes(reports()).press("9", hearing="Seguimos llamando").hang_up(hearing=_TAKEN, after=20)
    recorded.dial("marta", "acme", waits)
    recorded.run(150)

    assert talks(recorded) == []
    assert any(line.startswith(_NOTHING) for line in recorded.heard("marta"))
    assert recorded.talking("ana") == ["marta"]


def test_who_is_put_through_before_having_heard_of_it_hears_it_then(recorded: Stage) -> None:
    recorded.phone("ana").behave(Script.answering(1).press("1", hearing="Guardia de Aivo", early=True))
    recorded.dial("marta", "acme", reports().hang_up(hearing=_TAKEN, after=20))
    recorded.run(120)

    told = next(i for i, line in enumerate(recorded.heard("marta")) if _REFUSABLE in line)
    taken = next(i for i, line in enumerate(recorded.heard("marta")) if _TAKEN in line)
    assert told < taken
    assert len(entries(recorded, "conversation_kept")) == 1


def test_who_joins_an_open_incident_and_only_waits_hears_it_too_and_may_refuse(recorded: Stage) -> None:
    recorded.phone("ana").behave(takes(24))
    recorded.dial("marta", "acme", reports().hang_up(after=1))
    joins = Script().press("1", hearing="CRM Salesforce, marque 1").press("9", hearing=_REFUSABLE, early=True)
    recorded.after(27, lambda: recorded.dial("marta", "acme", joins.hang_up(hearing=_TAKEN, after=15)))
    recorded.run(120)

    assert any(
        "ya tiene un incidente abierto" in line and _REFUSABLE in line for line in recorded.heard("marta")
    )
    assert any(line == _NOTHING for line in recorded.heard("marta"))
    assert recorded.talking("ana") == ["marta"]
    assert talks(recorded) == []


def test_who_took_it_by_text_and_calls_in_hears_it_before_they_talk(recorded: Stage) -> None:
    recorded.phone("ana").behave(Script.answering(60))
    recorded.dial("marta", "acme", reports().hang_up(hearing=_TAKEN, after=15))
    recorded.run(28)
    code = recorded.code("ana")
    recorded.phone("ana").text(PAGE_FROM, code)
    recorded.run(10)
    calls_in = Script().press(f"{code}#", hearing="código")
    recorded.dial("ana", PAGE_FROM, calls_in)
    recorded.run(120)

    assert any("Es suyo" in line and _IS_RECORDED in line for line in recorded.heard("ana"))
    assert len(entries(recorded, "conversation_kept")) == 1


def test_on_hold_nobody_is_recorded_talking_to_themselves(recorded: Stage) -> None:
    recorded.phone("ana").behave(
        takes(20)
        .press("*", hearing=_IS_RECORDED, after=10)
        .press("1", hearing="Para volver, marque 1", after=20)
    )
    says = describes(reports()).say("Qué barbaridad.", hearing="Está en espera", after=1)
    recorded.dial("marta", "acme", says.hang_up(after=45))
    recorded.run(200)

    assert "Qué barbaridad." not in talks(recorded)[0].words
    [kept] = entries(recorded, "conversation_kept")
    [began, ended] = [entries(recorded, kind)[0]["at"] for kind in ("recording_began", "conversation_ended")]
    assert kept["data"]["seconds"] < _seconds(began, ended) - 15


def test_handed_over_each_conversation_is_a_recording_and_the_wait_between_is_in_neither(
    recorded: Stage,
) -> None:
    recorded.phone("bruno").behave(takes(10, hearing="tecle 1"))
    recorded.phone("ana").behave(
        takes(20).press("*", hearing=_IS_RECORDED, after=10).press("5", hearing="Para volver, marque 1")
    )
    says = describes(reports()).say("Nadie me atiende.", hearing="llamando a Bruno", after=1)
    recorded.dial("marta", "acme", says.hang_up(hearing="atiende Bruno", after=20))
    recorded.run(300)

    first, second = talks(recorded)
    assert "Nadie me atiende." not in (*first.words, *second.words)
    assert len(entries(recorded, "conversation_kept")) == 2
    assert [line for line in recorded.heard("bruno") if "A conversa é gravada." in line]


def test_one_that_came_to_nothing_is_written_as_such(recorded: Stage) -> None:
    recorded.world.exchange.chaos.recording_absent = True
    recorded.phone("ana").behave(takes(20))
    recorded.dial("marta", "acme", _marta())
    recorded.run(120)

    assert len(entries(recorded, "recording_absent")) == 2  # and what she said before
    assert not entries(recorded, "conversation_kept")
    assert not entries(recorded, "provider_error")


def test_key_three_plays_what_the_client_said_and_no_conversation(recorded: Stage) -> None:
    recorded.phone("bruno").behave(
        Script.answering(15).press("3", hearing="tecle 1").press("1", hearing="tecle 1", after=20)
    )
    recorded.phone("ana").behave(
        takes(20).press("*", hearing=_IS_RECORDED, after=10).press("5", hearing="Para volver, marque 1")
    )
    recorded.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Bruno", after=20))
    recorded.run(300)

    played = [line for line in recorded.heard("bruno") if line.startswith("♪")]
    assert played == ["♪ No entran los leads desde las tres."]


def test_who_has_the_case_and_managers_hear_it_and_who_was_only_paged_does_not(recorded: Stage) -> None:
    recorded.phone("ana").behaviour = Behaviour.ASLEEP
    recorded.phone("bruno").behave(takes(5, hearing="tecle 1"))
    recorded.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Bruno", after=20))
    recorded.run(240)

    mine, paged = (recorded.link(who).removeprefix(ORIGIN) for who in ("bruno", "ana"))
    desk = urlsplit(DeskLinks(recorded.world.guard.settings.secret_key, ORIGIN).address("lucia")).path
    guard = browser(recorded)
    sound = sound_at_home(recorded)
    assert "Conversa:" in guard.get(mine, base_url=ORIGIN).text
    assert guard.get(f"{mine}/recordings/2", base_url=ORIGIN).data == sound
    assert guard.get(f"{mine}/recordings/3", base_url=ORIGIN).status_code == 404
    assert "/recordings/" not in guard.get(paged, base_url=ORIGIN).text
    assert guard.get(f"{paged}/recordings/2", base_url=ORIGIN).status_code == 404
    assert "Conversación:" in guard.get(f"{desk}/cases/G-1001", base_url=ORIGIN).text
    assert guard.get(f"{desk}/cases/G-1001/recordings/2", base_url=ORIGIN).data == sound


def test_an_answer_that_was_lost_is_looked_up_and_the_conversation_is_recorded_once(recorded: Stage) -> None:
    chaos = recorded.world.exchange.chaos
    lost = Script.answering(20).do(
        lambda _: chaos.next_rest("429", "timeout-but-done"), hearing="marque 1", after=3
    )
    recorded.phone("ana").behave(lost.press("1", after=1))
    recorded.dial("marta", "acme", _marta())
    recorded.run(120)

    assert len(talks(recorded)) == 1
    assert len(entries(recorded, "conversation_kept")) == 1


def test_whatever_becomes_of_the_recording_they_talk(recorded: Stage) -> None:
    chaos = recorded.world.exchange.chaos
    refused = Script.answering(20).do(
        lambda _: chaos.next_rest("429", *["503"] * 40), hearing="marque 1", after=3
    )
    recorded.phone("ana").behave(refused.press("1", after=1))
    recorded.dial("marta", "acme", _marta(900))
    recorded.run(800)

    assert recorded.talking("ana") == ["marta"]
    assert talks(recorded) == []
    assert len(entries(recorded, "conversation_unrecorded", code="20503")) == 1


def _seconds(first: str, second: str) -> float:
    return (datetime.fromisoformat(second) - datetime.fromisoformat(first)).total_seconds()


def test_who_is_called_back_is_told_before_they_come_in_whoever_answers(recorded: Stage) -> None:
    recorded.phone("ana").behave(takes(3).press("1", hearing="Para llamarle"))
    recorded.phone("marta").behave(Script.answering(3).press("1", hearing="cualquier tecla"))
    recorded.dial("marta", "acme", reports().hang_up(after=1))
    recorded.run(90)
    recorded.phone("marta").hang_up()
    recorded.run(30)

    heard = recorded.heard("marta")
    told = next(n for n, line in enumerate(heard) if _REFUSABLE in line and n > heard.index(_SCREEN))
    assert told < heard.index("Le atiende Ana.")
    assert any(_IS_RECORDED in line for line in recorded.heard("ana"))
    assert len(talks(recorded)) == 1
    assert "conversation_kept" in recorded.kinds()


def test_who_is_called_back_and_refuses_is_in_no_recording(recorded: Stage) -> None:
    recorded.phone("ana").behave(takes(3).press("1", hearing="Para llamarle"))
    marta = Script.answering(3).press("1", hearing="cualquier tecla").press("9", hearing=_REFUSABLE)
    recorded.phone("marta").behave(marta)
    recorded.dial("marta", "acme", reports().hang_up(after=1))
    recorded.run(90)

    assert recorded.talking("ana") == ["marta"]
    assert talks(recorded) == []


def test_who_was_brought_in_hears_it_when_a_caller_who_refused_comes_in(recorded: Stage) -> None:
    """Ana hands over; Lucía and Marta talk on, and Bruno brings Pablo along, who refused."""
    outside = "Para volver, marque 1"
    ana = takes(20).press("*", hearing=_IS_RECORDED, after=8).press("4", hearing=outside)
    recorded.phone("ana").behave(ana.press("5", hearing=outside, after=20))
    recorded.phone("lucia").behave(Script.answering(4).press("1", hearing="Para entrar"))
    recorded.phone("bruno").behave(takes(20, hearing="tecle 1"))
    pablo = Script().press("1", hearing="CRM Salesforce, marque 1").press("9", hearing=_REFUSABLE, early=True)
    recorded.dial("marta", "acme", _marta(300))
    recorded.after(110, lambda: recorded.dial("pablo", "acme", pablo))
    recorded.run(190)

    told = [line for line in recorded.heard("lucia") if "se graba" in line]
    assert [line.endswith(_IS_RECORDED) for line in told] == [True, False]
    assert told[1] == "El cliente no quiso: la conversación no se graba."
    assert not any("gravada" in line for line in recorded.heard("bruno"))
    assert set(recorded.talking("bruno")) == {"marta", "pablo", "lucia"}
    assert len(entries(recorded, "recording_began")) == 1
    recorded.phone("marta").hang_up()
    recorded.run(10)
    assert recorded.phone("pablo").call is not None
    assert recorded.phone("bruno").call is not None
