"""The first phone is no use: voicemail, busy, nobody there, nobody on call."""

from app.sandbox.handset import Behaviour
from app.sandbox.scripts import Script
from app.wiring.demo.expectations import PAGED, REPORTED, Expectations
from app.wiring.demo.scenario import scenario
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import Stage


@scenario("voicemail")
def voicemail(stage: Stage, expect: Expectations) -> None:
    """A voicemail picks up.

    Ana's first phone is in voicemail. A mailbox presses no key, so it takes nothing: her second phone
    is called, and there she answers.
    """
    stage.phone("ana").behaviour = Behaviour.VOICEMAIL
    stage.phone("ana2").behave(takes(4))
    stage.dial("marta", "acme", describes(reports()).hang_up(after=120))
    stage.run(300)

    expect.rang(ana=1, ana2=1)
    expect.record(
        *REPORTED,
        *PAGED,
        "page_answered",
        "problem_described",
        "page_failed",
        "page_requested",
        "page_ringing",
        "page_answered",
        "acknowledged",
        "connected",
        "conversation_ended",
        "disposition",
    )


@scenario("busy")
def busy(stage: Stage, expect: Expectations) -> None:
    """Busy, then the second phone of the same person.

    Ana's first phone is busy: her second one rings at once, and nobody else's.
    """
    stage.phone("ana").behaviour = Behaviour.BUSY
    stage.phone("ana2").behave(takes(4))
    stage.dial("marta", "acme", describes(reports()).hang_up(after=60))
    stage.run(200)

    expect.rang(ana2=1)
    expect.record(
        *REPORTED,
        "level_began",
        "page_requested",
        "page_requested",
        "page_failed",
        "page_requested",
        "page_ringing",
        "page_answered",
        "problem_described",
        "acknowledged",
        "connected",
        "conversation_ended",
        "disposition",
    )


@scenario("nobody-first-round")
def nobody_in_the_first_round(stage: Stage, expect: Expectations) -> None:
    """Nobody in the first round.

    Everybody sleeps: Ana's two phones, Bruno, Lucía. The managers are told, and it begins again; this
    time Ana wakes up.
    """
    stage.phone("ana").behave(Script.ignoring(), takes(4))
    stage.dial("marta", "acme", describes(reports()).hang_up(after=200))
    stage.run(400)

    expect.rang(ana=2, ana2=1, bruno=1, lucia=1)
    expect.record(
        *REPORTED,
        *PAGED,
        "problem_described",
        "page_cancelled",
        "page_requested",
        "page_ringing",
        "page_cancelled",
        *PAGED,
        "page_cancelled",
        *PAGED,
        "page_cancelled",
        "round_ended",
        *PAGED,
        "page_answered",
        "acknowledged",
        "connected",
        "texted",
        "texted",
        "conversation_ended",
        "disposition",
    )
