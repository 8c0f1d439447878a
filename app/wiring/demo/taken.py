"""An engineer takes it: by key, by text, by link; sooner, later, or together with somebody else."""

from app.sandbox.scripts import Script
from app.wiring.demo.expectations import PAGED, REPORTED, Expectations
from app.wiring.demo.scenario import scenario
from app.wiring.demo.scripts import describes, reports, solves, takes, takes_in_portuguese
from app.wiring.demo.stage import Stage


@scenario("taken-at-once")
def taken_at_once(stage: Stage, expect: Expectations) -> None:
    """Taken at once.

    Marta of ACME calls at 03:12: nothing works. Ana, who is on call, answers and presses 1; they talk,
    and Ana says that it is solved.
    """
    ana = takes(4).say("Hola, Marta, soy Ana. Ya lo veo.", hearing="Es suyo", after=6)
    stage.phone("ana").behave(solves(ana))
    marta = describes(reports()).say("Gracias, ya entran.", hearing="soy Ana", after=30).hang_up(after=3)

    stage.dial("marta", "acme", marta)
    stage.run(300)

    expect.rang(ana=1)
    expect.heard(
        "marta", "Guardia de Aivo para ACME Seguros", "G, 1, 0, 0, 1", "llamando a Ana", "atiende Ana"
    )
    expect.heard("ana", "Prioridad Blocker. ACME Seguros. CRM Salesforce", "Es suyo", "¿Cómo sigue?")
    expect.texted(ana="page")
    everybody = "marta lucia marcos"
    expect.mailed(opened=everybody, taken=everybody, closed=everybody)
    expect.case(kind="incident", state="closed", priority="blocker", acknowledged_by="ana")
    expect.record(
        *REPORTED,
        *PAGED,
        "page_answered",
        "problem_described",
        "acknowledged",
        "connected",
        "conversation_ended",
        "disposition",
        "closed",
    )


@scenario("taken-by-text")
def taken_by_text(stage: Stage, expect: Expectations) -> None:
    """Taken by text.

    Ana cannot speak where she is: she lets both her phones ring and replies to the text with its code.
    """
    stage.phone("ana").on_text(lambda body: stage.code("ana") if "/t/" in body else None, after=20)
    marta = describes(reports()).hang_up(hearing="ya lo tiene Ana", after=3)

    stage.dial("marta", "acme", marta)
    stage.run(120)

    expect.rang(ana=1)
    expect.texted(ana="page answer")
    expect.heard("marta", "llamando a Ana", "Su caso ya lo tiene Ana")
    expect.case(state="acknowledged", acknowledged_by="ana")
    expect.mailed(opened="marta lucia marcos", taken="marta lucia marcos")
    expect.record(*REPORTED, *PAGED, "problem_described", "acknowledged", "page_cancelled", "caller_hung_up")


@scenario("taken-by-link")
def taken_by_link(stage: Stage, expect: Expectations) -> None:
    """Taken by link.

    Ana's messenger opens the link of the text by itself, to show a preview: that takes nothing. Then
    Ana opens it and presses the button.
    """
    answers: list[tuple[int, int]] = []

    def preview(_body: str) -> None:
        stage.after(2, lambda: stage.preview_link("ana"))
        stage.after(20, lambda: answers.append(stage.take_by_link("ana")))

    stage.phone("ana").on_text(preview)
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="ya lo tiene Ana", after=3))
    stage.run(120)

    expect.that("the page answered 200, the button 303", answers == [(200, 303)], answers)
    expect.rang(ana=1)
    expect.texted(ana="page")
    expect.heard("marta", "Su caso ya lo tiene Ana")
    expect.case(state="acknowledged", acknowledged_by="ana")
    expect.record(*REPORTED, *PAGED, "problem_described", "acknowledged", "page_cancelled", "caller_hung_up")


@scenario("two-keys-at-once")
def two_keys_at_once(stage: Stage, expect: Expectations) -> None:
    """Two keys at once.

    Ana answers but has it repeated until her time is over, so Bruno is called too; both press 1 in the
    same second. The first key takes it; the other hears who has it.
    """
    listens = Script.answering(20)
    for _ in range(5):
        listens = listens.press("*", hearing="asterisco")
    stage.phone("ana").behave(listens)
    stage.phone("bruno").behave(Script.answering(4))
    stage.after(121, lambda: stage.phone("bruno").press("1"), lambda: stage.phone("ana").press("1"))

    stage.dial("marta", "acme", describes(reports()).hang_up(after=140))
    stage.run(260)

    expect.rang(ana=1, bruno=1)
    expect.record(
        *REPORTED,
        *PAGED,
        "problem_described",
        "page_answered",
        *PAGED,
        "page_answered",
        "acknowledged",
        "connected",
        "late_key",
        "texted",
        "conversation_ended",
        "disposition",
    )


@scenario("passed-on")
def passed_on(stage: Stage, expect: Expectations) -> None:
    """Passed to the next.

    Ana answers and presses 2: Bruno is called at once. Bruno, who speaks Portuguese, takes it and talks
    to Grace.
    """
    stage.phone("ana").behave(Script.answering(4).press("2", after=5, hearing="marque 1"))
    stage.phone("bruno").behave(takes_in_portuguese(5).press("1", hearing="Como fica?"))
    grace = Script().press("1", hearing="Appointments?").press("2", hearing="nothing of the service")

    stage.dial("grace", "harbor", describes(grace, "Half of the bookings fail.").hang_up(after=60))
    stage.run(300)

    expect.rang(ana=1, bruno=1)
    expect.heard("grace", "We are calling Ana", "You are through to Bruno")
    expect.heard("ana", "Pasa al siguiente")
    expect.heard("bruno", "Prioridade Alto. Harbor Health. Appointments", "É seu")
    expect.texted(ana="page news", bruno="page")
    expect.case(state="acknowledged", priority="high", acknowledged_by="bruno")
    expect.record(
        *REPORTED,
        *PAGED,
        "page_answered",
        "problem_described",
        "page_passed",
        *PAGED,
        "page_answered",
        "acknowledged",
        "connected",
        "texted",
        "conversation_ended",
        "disposition",
    )
