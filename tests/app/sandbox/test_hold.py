"""In a conference: on hold, announced to, muted; nobody else hears what is played to one."""

from app.sandbox.scripts import Script
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import open_stage


def test_who_is_on_hold_neither_hears_nor_is_heard_and_hears_the_hold_document() -> None:
    with open_stage() as stage:
        stage.phone("ana").behave(takes(3))
        stage.dial("marta", "acme", describes(reports()))
        stage.run(60)
        conference = next(iter(stage.world.exchange.conferences.by_sid.values()))
        marta = stage.phone("marta").call
        assert marta is not None
        participant = conference.participant_of(marta)
        assert participant is not None

        conference.hold(participant, True, "https://guardia.example/voice/rooms/hold/es", "POST")
        stage.run(5)
        stage.phone("ana").say("¿Está ahí?")
        stage.phone("marta").say("Aquí estoy.")
        stage.run(5)

        assert "Está en espera" in stage.heard("marta")[-1]
        assert "¿Está ahí?" not in stage.heard("marta")
        assert "Aquí estoy." not in stage.heard("ana")

        conference.hold(participant, False)
        stage.phone("ana").say("Ya volví.")
        stage.run(30)

        assert "Ya volví." in stage.heard("marta")
        assert sum("Está en espera" in line for line in stage.heard("marta")) == 1


def test_the_page_of_phones_tells_who_is_on_hold_and_who_listens() -> None:
    with open_stage() as stage:
        stage.phone("lucia").behave(Script.answering(3).press("1", hearing="Para escuchar"))
        stage.phone("ana").behave(takes(3).press("*", hearing="Es suyo", after=60))
        stage.dial("marta", "acme", describes(reports()))
        stage.run(60)
        stage.world.guard.dispatcher.invite_manager(1001, "lucia", True, stage.world.now)
        stage.run(52)
        marta, lucia = stage.phone("marta").call, stage.phone("lucia").call
        assert marta is not None
        assert lucia is not None
        assert marta.conference is not None
        held = marta.conference.participant_of(marta)
        listening = marta.conference.participant_of(lucia)

        assert held is not None
        assert held.hold
        assert listening is not None
        assert listening.muted
