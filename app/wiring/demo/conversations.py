"""Who has an incident, and their conversation: until when, on hold, three talking, a listener, silence."""

from app.sandbox.scripts import Script
from app.wiring.demo.expectations import Expectations
from app.wiring.demo.scenario import scenario
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import Stage

_HOW_NOW = "¿Cómo sigue?"
_MENU = "Para volver, marque 1"


def _marta(talks: float) -> Script:
    return describes(reports()).hang_up(hearing="atiende Ana", after=talks)


@scenario("eta")
def eta(stage: Stage, expect: Expectations) -> None:
    """Solved by when.

    After the conversation Ana says that she works on it, and keys 3: the client is told by mail, and
    Marta hears it when she calls again.
    """
    stage.phone("ana").behave(takes(3).press("1", hearing=_HOW_NOW).press("3#", hearing="cuántas horas"))
    stage.dial("marta", "acme", _marta(20))
    stage.run(200)
    stage.dial("marta", "acme", Script().press("1", hearing="CRM Salesforce, marque 1").hang_up(after=25))
    stage.run(90)

    expect.heard("ana", "Anotado: 3 horas")
    expect.heard("marta", "calcula tenerlo resuelto antes de las 6")
    expect.case(state="acknowledged", acknowledged_by="ana")
    everybody = stage.letters().get("eta", set())
    expect.that("the client and the managers were mailed by when", len(everybody) == 3, everybody)


@scenario("hold-and-third")
def hold_and_third(stage: Stage, expect: Expectations) -> None:
    """On hold, and a third person.

    Ana presses star: Marta hears that she is on hold. With 3 Ana has Bruno called in; he presses 1, and
    the three talk. The incident stays with Ana.
    """
    stage.phone("bruno").behave(Script.answering(4).press("1", hearing="tecle 1"))
    ana = takes(3).press("*", hearing="Es suyo", after=12)
    stage.phone("ana").behave(ana.press("3", hearing=_MENU).press("1", hearing=_MENU))
    stage.dial("marta", "acme", _marta(90))
    stage.run(110)

    expect.heard("marta", "Está en espera", "Bruno se sumó")
    expect.heard("bruno", "Ana fala com ACME Seguros")
    together = set(stage.talking("bruno"))
    expect.that("Bruno talked with both", together == {"ana", "marta"}, together)
    expect.rang(ana=1, bruno=1)
    expect.texted(ana="page")
    expect.case(state="acknowledged", acknowledged_by="ana")


@scenario("asked-again")
def asked_again(stage: Stage, expect: Expectations) -> None:
    """Asked again.

    After the conversation Ana presses nothing. A quarter of an hour later she is asked by text, and
    answers in a word.
    """
    stage.phone("ana").behave(takes(3))
    stage.phone("ana").on_text(lambda body: "sigo 2h" if "como sigue" in body else None, after=20)
    stage.dial("marta", "acme", _marta(15))
    stage.run(1400)

    asked = [text for text in stage.received("ana") if "como sigue" in text]
    expect.that("Ana was asked once, by text", len(asked) == 1, asked)
    found = stage.kinds()
    expect.that("the record says so, and until when", {"asked_again", "eta_given"} <= set(found), found)
    expect.case(state="acknowledged", acknowledged_by="ana")


@scenario("silent-holder")
def silent_holder(stage: Stage, expect: Expectations) -> None:
    """No sign of life.

    Ana takes it and is not heard from for half an hour. She is called: no answer. Bruno is paged, and
    takes it; the managers are told.
    """
    stage.phone("ana").behave(takes(3).press("1", hearing=_HOW_NOW))
    stage.dial("marta", "acme", _marta(15))
    stage.run(300)
    stage.phone("ana").behave(Script.ignoring())
    stage.phone("bruno").behave(takes(4, hearing="tecle 1"))
    stage.run(2100)

    found = [kind for kind in stage.kinds() if kind in ("no_sign_of_life", "holder_silent", "acknowledged")]
    wanted = ["acknowledged", "no_sign_of_life", "holder_silent", "acknowledged"]
    expect.that("she was asked, and then Bruno took it", found == wanted, found)
    expect.that("the managers were told", "alarm" in stage.letters(), stage.letters())
    expect.case(state="acknowledged", acknowledged_by="bruno")


@scenario("listening-manager")
def listening_manager(stage: Stage, expect: Expectations) -> None:
    """A manager listens.

    While Ana and Marta talk, Lucía asks on the managers' desk to listen. Her phone rings, she presses 1;
    both hear that she listens, and nobody hears her.
    """
    stage.phone("lucia").behave(Script.answering(3).press("1", hearing="Para escuchar"))
    stage.phone("ana").behave(takes(3))
    stage.dial("marta", "acme", _marta(150))
    stage.run(60)
    stage.world.guard.dispatcher.invite_manager(1001, "lucia", True, stage.world.now)
    stage.run(30)
    stage.after(1, lambda: stage.phone("marta").say("¿Me oyen?"), lambda: stage.phone("lucia").say("Nadie."))
    stage.run(20)

    expect.heard("marta", "Lucía está escuchando")
    expect.heard("ana", "Lucía está escuchando", "¿Me oyen?")
    expect.heard("lucia", "Va a escuchar", "¿Me oyen?")
    expect.nobody_heard("Nadie.")
    expect.case(state="acknowledged", acknowledged_by="ana")
