"""Conversations are recorded where service.yaml says so: all in them know it, and the client may refuse."""

from dataclasses import replace

from app.rosterbook.keeper import FolderBooks
from app.sandbox.recordings import STARTED_BY_API
from app.sandbox.scripts import Script
from app.wiring.demo.expectations import PAGED, REPORTED, Expectations
from app.wiring.demo.scenario import scenario
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import Stage
from oncall.book import Book
from oncall.contracts import Client

_HOW_NOW = "¿Cómo sigue?"
_IS_RECORDED = "La conversación se graba."


class _Recorded:
    """The books of a guard that records conversations: ``recordings: {conversations: true}``."""

    def __init__(self, books: FolderBooks) -> None:
        book = books.current()
        self._book = replace(book, service=replace(book.service, conversations_recorded=True))

    def current(self) -> Book:
        return self._book

    def client_on_line(self, line: str) -> Client | None:
        return self._book.client_on_line(line)


@scenario("conversation-recorded", books=_Recorded)
def conversation_recorded(stage: Stage, expect: Expectations) -> None:
    """A conversation is recorded.

    Marta hears before the tone that the conversation is recorded too, and presses nothing; Ana hears it
    before they talk. When they are done the sound comes home, and nothing is left at Twilio.
    """
    ana = takes(20).say("Hola, Marta, la escucho.", hearing=_IS_RECORDED, after=6)
    stage.phone("ana").behave(ana.press("1", hearing=_HOW_NOW))
    marta = describes(reports()).say("Hola, Ana.", hearing="la escucho", after=6)
    stage.dial("marta", "acme", marta.hang_up(after=15))
    stage.run(200)

    expect.heard("marta", "también la conversación", "si no quiere, marque 9", "atiende Ana")
    expect.heard("ana", _IS_RECORDED)
    expect.record(
        *REPORTED,
        *PAGED,
        "problem_described",
        "page_answered",
        "acknowledged",
        "connected",
        "recording_began",
        "conversation_ended",
        "conversation_kept",
        "disposition",
    )
    of_talks, left = _of_talks(stage), _left_there(stage)
    both_said = len(of_talks) == 1 and "Hola, Marta, la escucho. Hola, Ana." in of_talks[0]
    expect.that("what both said is in it", both_said, of_talks)
    expect.that("nothing is left at Twilio", not left, left)


@scenario("conversation-refused", books=_Recorded)
def conversation_refused(stage: Stage, expect: Expectations) -> None:
    """A conversation is not recorded.

    Ana takes it so fast that Marta has not heard of the recording yet: she hears it before they talk, and
    presses 9. Ana, who had heard that it is recorded, hears that it is not.
    """
    ana = Script.answering(1).press("1", hearing="Guardia de Aivo", early=True)
    stage.phone("ana").behave(ana.press("1", hearing=_HOW_NOW))
    marta = reports().press("9", hearing="La conversación se graba; si no quiere", after=0.5)
    stage.dial("marta", "acme", marta.hang_up(hearing="atiende Ana", after=20))
    stage.run(200)

    expect.heard("ana", _IS_RECORDED, "El cliente no quiso: la conversación no se graba.")
    together = stage.talking("ana")
    expect.that("they talked", together == ["marta"], together)
    expect.record(
        *REPORTED,
        *PAGED,
        "page_answered",
        "acknowledged",
        "connected",
        "recording_refused",
        "conversation_ended",
        "disposition",
    )
    expect.that("nothing was recorded", not stage.world.exchange.recordings.by_sid)


def _of_talks(stage: Stage) -> list[str]:
    """What was said into each recording of a conversation."""
    made = stage.world.exchange.recordings.by_sid.values()
    return [" ".join(recording.words) for recording in made if recording.source == STARTED_BY_API]


def _left_there(stage: Stage) -> list[str]:
    made = stage.world.exchange.recordings.by_sid.values()
    return [recording.sid for recording in made if recording.status != "deleted"]
