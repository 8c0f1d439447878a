"""What a caller is told while nobody has come yet, and what becomes of who cannot wait any longer."""

from app.sandbox.scripts import Script
from app.wiring.demo.expectations import PAGED, REPORTED, Expectations
from app.wiring.demo.scenario import scenario
from app.wiring.demo.scripts import CRM, MARTAS_PIN, describes, reports, takes
from app.wiring.demo.stage import Stage

_HOW_NOW = "¿Cómo sigue?"
_CALLS = "Para llamarle"
_AS_LONG_AS_IT_LASTS = 700  # seconds: the whole wait and a little more


@scenario("wait-limit")
def the_whole_wait_is_too_long(stage: Stage, expect: Expectations) -> None:
    """Ten minutes on the line, and nobody came.

    Everybody sleeps. Marta hears every half minute what is being done, and after ten minutes a promise
    with a time; she may go. Paging goes on. In the second round Ana wakes up, hears what was promised,
    and has Marta called.
    """
    stage.phone("marta").behave(Script.answering(3).press("1", hearing="tecla").hang_up(after=20))
    stage.dial("marta", "acme", describes(reports()))
    stage.run(_AS_LONG_AS_IT_LASTS)
    stage.phone("ana").behave(takes(4).press("1", hearing=_CALLS).press("1", hearing=_HOW_NOW))
    stage.run(500)

    expect.heard(
        "marta",
        "Seguimos llamando a Ana",
        "Su referencia es G, 1, 0, 0, 1",
        "Ahora llamamos a la segunda persona de guardia: Bruno",
        "tercera persona de guardia: Lucía",
        "Todavía nadie lo tomó",
        "Seguimos llamando, y usted puede cortar. Le llamaremos a este número antes de las 4 y 12",
        "Hasta luego",
        "Para hablar con Ana, marque cualquier tecla",
    )
    expect.heard("ana", "Se trata de Marta Ruiz. Le prometimos una llamada antes de las 4 y 12", _CALLS)
    expect.case(state="acknowledged", acknowledged_by="ana")
    expect.that("the promise is in the record", "callback_promised" in stage.kinds(), stage.kinds())
    promised = {stage.address(who) for who in ("marta", "lucia", "marcos")}
    expect.that(
        "and in the post", stage.letters().get("promised") == promised, stage.letters().get("promised")
    )


@scenario("consent-refused")
def recording_is_refused(stage: Stage, expect: Expectations) -> None:
    """The caller does not want to be recorded.

    Marta presses 9 before the tone: nothing is recorded, she is asked for no message, and Ana takes it
    all the same.
    """
    stage.phone("ana").behave(takes(20).press("1", hearing=_HOW_NOW))
    marta = (
        reports().press("9", hearing="Se graba", early=True, after=4).press("2", hearing="que le llamemos")
    )
    stage.dial("marta", "acme", marta.hang_up(hearing="atiende Ana", after=20))
    stage.run(200)

    expect.heard("marta", "Se graba; si no quiere, marque 9", "no se graba nada", "que le llamemos, marque 1")
    expect.nobody_heard("♪ beep")
    expect.that("nothing was recorded", not stage.world.exchange.story.of("recording"))
    expect.record(
        *REPORTED,
        *PAGED,
        "recording_refused",
        "page_answered",
        "acknowledged",
        "connected",
        "conversation_ended",
        "disposition",
    )


@scenario("withheld-call-back")
def withheld_number_is_called_back(stage: Stage, expect: Expectations) -> None:
    """A withheld number, called back at the contract's.

    Pablo calls with his number hidden, keys in the PIN and does not want to wait. Nothing he typed is
    ever dialled: Ana hears that the contract's contact would be called, and it is Marta's phone that rings.
    """
    menu = Script().press(f"{MARTAS_PIN}#", hearing="PIN").press(CRM, hearing="CRM Salesforce, marque 1")
    pablo = describes(menu.press("1", hearing="Si nada del servicio")).press("1", hearing="que le llamemos")
    stage.phone("ana").behave(takes(23).press("1", hearing=_CALLS).press("1", hearing=_HOW_NOW))
    stage.phone("marta").behave(Script.answering(3).press("1", hearing="tecla").hang_up(after=20))
    stage.dial("pablo", "acme", pablo, withheld=True)
    stage.run(200)

    expect.rang(ana=1, marta=1)
    expect.heard("pablo", "Llamaremos a Marta Ruiz, al número del contrato")
    expect.heard("ana", "Quien llamó dio el PIN del contrato. El contacto al que llamaríamos es Marta Ruiz")
    expect.heard("ana", "Pidió que le llamen. El cliente cortó. Para llamarle, marque 1")
    expect.heard("marta", "Alguien llamó por CRM Salesforce con el PIN de ACME Seguros")
    expect.case(state="acknowledged", acknowledged_by="ana")
