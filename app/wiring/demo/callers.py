"""What callers do: hang up, call again, say nothing, leave, come back."""

from app.sandbox.scripts import Script
from app.wiring.demo.expectations import PAGED, REPORTED, Expectations
from app.wiring.demo.scenario import scenario
from app.wiring.demo.scripts import CRM, chooses, describes, reports, takes, takes_in_portuguese
from app.wiring.demo.stage import Stage

_HOW_NOW = "¿Cómo sigue?"


@scenario("hangs-up-before-priority")
def hangs_up_before_the_priority(stage: Stage, expect: Expectations) -> None:
    """The caller hangs up before the priority.

    Marta chooses the CRM and is cut off. Nobody is woken, and nothing is lost: the call is a case, and
    all sides read of it.
    """
    stage.dial("marta", "acme", chooses(CRM).hang_up(hearing="Si nada del servicio", early=True, after=3))
    stage.run(60)

    expect.rang()
    expect.texted()
    expect.mailed(abandoned="marta lucia marcos")
    expect.case(kind="abandoned", state="closed", reason=None, client="acme", integration="crm")
    expect.record("call_arrived", "caller_identified", "integration_chosen", "abandoned")


@scenario("hangs-up-after-priority")
def hangs_up_after_the_priority(stage: Stage, expect: Expectations) -> None:
    """The caller hangs up after the priority.

    Marta is cut off right after the priority key. Ana is called all the same, takes it, and has Marta
    called back. They meet in the conference, as if Marta had waited: Ana puts her on hold for a moment.
    """
    ana = takes(4).press("1", hearing="Para llamarle").press("*", hearing="soy Marta", after=5)
    stage.phone("ana").behave(ana.press("1", hearing="Para volver", after=3).hang_up(after=20))
    stage.phone("marta").behave(
        Script.answering(3).press("1", hearing="tecla").say("Sí, soy Marta.", after=4)
    )
    stage.dial("marta", "acme", reports().hang_up(after=1))
    stage.run(200)

    expect.rang(ana=1, marta=1)
    expect.heard("ana", "El cliente cortó. Para llamarle, marque 1", "Llamando a Marta Ruiz", "soy Marta")
    expect.heard("marta", "Para hablar con Ana, marque cualquier tecla", "Le atiende Ana", "Está en espera")
    expect.case(state="acknowledged", acknowledged_by="ana")
    expect.record(
        *REPORTED,
        *PAGED,
        "caller_hung_up",
        "page_answered",
        "acknowledged",
        "client_called",
        "connected",
        "client_on_hold",
        "client_off_hold",
        "conversation_ended",
    )


@scenario("second-call-joins")
def second_call_joins(stage: Stage, expect: Expectations) -> None:
    """A second call about the same integration joins the incident.

    While Ana's phone rings for Marta, Pablo of ACME calls about the CRM too. He hears the reference at
    once; nobody is called twice. Ana takes it and talks to both.
    """
    stage.phone("ana").behave(takes(20).press("1", hearing=_HOW_NOW))
    stage.dial("marta", "acme", describes(reports()).hang_up(after=90))
    stage.after(20, lambda: stage.dial("pablo", "acme", chooses(CRM).hang_up(after=60)))
    stage.run(200)

    expect.rang(ana=1)
    expect.cases(1)
    expect.heard(
        "pablo", "CRM Salesforce, marque 1", "ya tiene un incidente abierto: G, 1, 0, 0, 1", "llamando a Ana"
    )
    expect.case(state="acknowledged", acknowledged_by="ana")
    expect.record(
        *REPORTED,
        *PAGED,
        "call_arrived",
        "caller_identified",
        "integration_chosen",
        "joined",
        "problem_described",
        "page_answered",
        "acknowledged",
        "connected",
        "conversation_ended",
        "disposition",
    )


@scenario("second-call-when-taken")
def second_call_when_taken(stage: Stage, expect: Expectations) -> None:
    """A second call when somebody already has it.

    Ana has the incident. Pablo calls about it, hears who has it and leaves a message; Ana is texted
    of both, and no phone rings.
    """
    stage.phone("ana").behave(takes(4).press("1", hearing=_HOW_NOW))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=20))
    stage.run(120)
    pablo = (
        chooses(CRM).say("Ahora fallan también los contactos.", hearing="♪", after=1.5).press("#", after=4)
    )
    stage.dial("pablo", "acme", pablo)
    stage.run(120)

    expect.rang(ana=1)
    expect.cases(1)
    expect.heard("pablo", "El incidente G, 1, 0, 0, 1 ya lo tiene Ana", "Gracias, ya lo tenemos")
    expect.texted(ana="page news news")
    expect.case(state="acknowledged", acknowledged_by="ana")
    expect.record(
        *REPORTED,
        *PAGED,
        "page_answered",
        "problem_described",
        "acknowledged",
        "connected",
        "conversation_ended",
        "disposition",
        "call_arrived",
        "caller_identified",
        "integration_chosen",
        "joined",
        "texted",
        "message_left",
        "texted",
    )


@scenario("menu-unanswered")
def menu_unanswered(stage: Stage, expect: Expectations) -> None:
    """The menu is not answered.

    Marta is known by her number, but no key of hers arrives. Her keypad may be broken: the guard is
    called all the same, marked unverified.
    """
    stage.phone("ana").behave(takes(4).press("1", hearing=_HOW_NOW))
    stage.dial("marta", "acme", Script().hang_up(hearing="atiende Ana", after=20))
    stage.run(200)

    expect.rang(ana=1)
    expect.heard(
        "marta", "No recibimos una opción válida", "No recibimos", "De todos modos llamamos a la guardia"
    )
    expect.heard("ana", "Prioridad sin determinar", "Sin verificar")
    expect.case(kind="incident", unverified=True, integration=None, priority=None, acknowledged_by="ana")
    expect.record(
        "call_arrived",
        "caller_identified",
        "integration_unclear",
        "opened",
        *PAGED,
        "page_answered",
        "problem_described",
        "acknowledged",
        "connected",
        "conversation_ended",
        "disposition",
    )


@scenario("priority-unanswered")
def priority_unanswered(stage: Stage, expect: Expectations) -> None:
    """The priority is not answered.

    Marta chooses the CRM; then wrong keys and silence. Ana is called, marked unverified.
    """
    stage.phone("ana").behave(takes(4).press("1", hearing=_HOW_NOW))
    marta = chooses(CRM).press("8", hearing="Si nada").hang_up(hearing="atiende Ana", after=20)
    stage.dial("marta", "acme", marta)
    stage.run(200)

    expect.rang(ana=1)
    expect.case(kind="incident", unverified=True, integration="crm", priority=None, acknowledged_by="ana")
    expect.record(
        "call_arrived",
        "caller_identified",
        "integration_chosen",
        "priority_unclear",
        "opened",
        *PAGED,
        "page_answered",
        "problem_described",
        "acknowledged",
        "connected",
        "conversation_ended",
        "disposition",
    )


@scenario("more-than-nine")
def more_than_nine_integrations(stage: Stage, expect: Expectations) -> None:
    """More integrations than keys.

    Constelar has eleven. Elena hears nine, presses the star for the rest, and chooses the last.
    """
    stage.phone("ana").behave(takes(4).press("1", hearing=_HOW_NOW))
    elena = Script().press("*", hearing="Más integraciones").press("2", hearing="Locales, marque 2")
    elena = describes(elena.press("2", hearing="Si nada del servicio"), "No se ven los locales.")
    stage.dial("elena", "constelar", elena.hang_up(hearing="atiende Ana", after=20))
    stage.run(240)

    expect.rang(ana=1)
    expect.heard("elena", "Inventario, marque 9. Más integraciones, marque asterisco", "Jornadas, marque 1")
    expect.case(integration="locales", priority="high", acknowledged_by="ana")
    expect.record(
        *REPORTED,
        *PAGED,
        "page_answered",
        "problem_described",
        "acknowledged",
        "connected",
        "conversation_ended",
        "disposition",
    )


@scenario("client-message")
def engineer_hears_the_client(stage: Stage, expect: Expectations) -> None:
    """The engineer hears what the client said.

    Ana answers late, presses 3 and hears Marta's own words before she takes it.
    """
    stage.phone("ana").behave(
        Script.answering(20)
        .press("3", hearing="Para oír al cliente")
        .press("1", hearing="marque 1", after=2)
        .press("1", hearing=_HOW_NOW)
    )
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=20))
    stage.run(200)

    expect.rang(ana=1)
    expect.heard("ana", "El cliente dice", "♪", "Para tomarlo, marque 1", "Es suyo")
    expect.case(state="acknowledged", acknowledged_by="ana")
    expect.record(
        *REPORTED,
        *PAGED,
        "problem_described",
        "page_answered",
        "acknowledged",
        "connected",
        "conversation_ended",
        "disposition",
    )


@scenario("callback")
def callback(stage: Stage, expect: Expectations) -> None:
    """The caller does not wait, and is called back.

    Marta presses 1 while she waits: she will be called. Ana takes the incident and has her called; a
    mailbox would not do, Marta presses a key.
    """
    stage.phone("ana").behave(
        takes(23).press("1", hearing="Para llamarle").hang_up(hearing="soy Marta", after=20)
    )
    stage.phone("marta").behave(
        Script.answering(3).press("1", hearing="tecla").say("Sí, soy Marta.", after=4)
    )
    stage.dial("marta", "acme", describes(reports()).press("1", hearing="Para cortar y que le llamemos"))
    stage.run(200)

    expect.rang(ana=1, marta=1)
    expect.heard("marta", "Le llamaremos a este número", "Para hablar con Ana, marque cualquier tecla")
    expect.case(state="acknowledged", acknowledged_by="ana")
    expect.record(
        *REPORTED,
        *PAGED,
        "problem_described",
        "page_answered",
        "callback_asked",
        "acknowledged",
        "client_called",
        "connected",
        "conversation_ended",
    )


@scenario("handed-over")
def handed_over(stage: Stage, expect: Expectations) -> None:
    """Handed over.

    Ana takes it and talks to Marta, but it needs somebody else: 3. Bruno is called at once; the clock
    of the first response has stopped for good.
    """
    stage.phone("ana").behave(takes(4).press("3", hearing=_HOW_NOW))
    stage.phone("bruno").behave(
        takes_in_portuguese(4).press("1", hearing="Para ligar").press("1", hearing="Como fica")
    )
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=20))
    stage.run(240)

    expect.rang(ana=1, bruno=1, marta=1)
    expect.heard("ana", "Anotado: llamamos al siguiente")
    expect.case(state="acknowledged", acknowledged_by="bruno")
    expect.record(
        *REPORTED,
        *PAGED,
        "page_answered",
        "problem_described",
        "acknowledged",
        "connected",
        "conversation_ended",
        "disposition",
        *PAGED,
        "page_answered",
        "acknowledged",
        "texted",
        "client_called",
        "client_not_reached",
        "disposition",
    )
