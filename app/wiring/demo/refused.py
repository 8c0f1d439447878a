"""Nobody is woken for what the agreement does not cover: why is spoken, written, and may be disputed."""

from app.sandbox.scripts import Script
from app.wiring.demo.expectations import PAGED, REPORTED, Expectations
from app.wiring.demo.scenario import scenario
from app.wiring.demo.scripts import (
    CLIENT_BUILT,
    CRM,
    MARTAS_PIN,
    MEDIUM,
    OTHER_MATTER,
    SELF_SERVICE,
    chooses,
    describes,
    reports,
    solves,
    takes,
)
from app.wiring.demo.stage import Stage

_CENTER = "Escriba a Aivo Support Center; atiende"
_MAY_DISPUTE = "Si no está de acuerdo, marque 5"


@scenario("refused-unknown-line")
def unknown_line(stage: Stage, expect: Expectations) -> None:
    """Refused: a line of no contract.

    Somebody dials a number of ours that belongs to no contract any more. There is no client to write
    to: only the managers are.
    """
    stage.add_line("+541152630009")
    stage.dial("stranger", "+541152630009", Script())
    stage.run(60)

    expect.heard("stranger", "Este número no es de ningún contrato", _CENTER, "G, 1, 0, 0, 1")
    _refused(expect, "unknown_line", to="lucia marcos", client=None)
    expect.record("call_arrived", "refused")


@scenario("refused-contract")
def contract_not_in_force(stage: Stage, expect: Expectations) -> None:
    """Refused: the contract is not in force.

    Nora calls on the line of a contract that ended in January. She hears so, and how to disagree; she
    does not.
    """
    stage.dial("nora", "faro", Script().hang_up(hearing=_MAY_DISPUTE))
    stage.run(60)

    expect.heard("nora", "Su contrato de guardia no está vigente hoy", _CENTER, _MAY_DISPUTE)
    _refused(expect, "contract_not_in_force", to="nora lucia marcos", client="faro")
    expect.record("call_arrived", "caller_identified", "refused", "caller_hung_up")


@scenario("refused-not-verified")
def caller_not_verified(stage: Stage, expect: Expectations) -> None:
    """Refused: nobody knows who calls.

    A call with a withheld number on ACME's line; whoever it is keys in no PIN, and silence counts as a
    try. All of ACME's contacts are written to.
    """
    stage.dial("neighbour", "acme", Script(), withheld=True)
    stage.run(90)

    expect.heard(
        "neighbour", "Marque su PIN", "Ese PIN no es correcto", "No pudimos verificar quién llama", _CENTER
    )
    expect.nobody_heard(_MAY_DISPUTE)
    _refused(expect, "caller_not_verified", to="marta pablo lucia marcos", client="acme")
    expect.record("call_arrived", "pin_rejected", "pin_rejected", "pin_rejected", "refused")


@scenario("wrong-pin")
def wrong_pin_three_times(stage: Stage, expect: Expectations) -> None:
    """A wrong PIN three times.

    Somebody guesses on ACME's line, from a number that nobody knows.
    """
    guesses = (
        Script().press("1111#", hearing="PIN").press("2222#", hearing="PIN").press("3333#", hearing="PIN")
    )
    stage.dial("neighbour", "acme", guesses)
    stage.run(90)

    expect.heard("neighbour", "Marque su PIN", "Ese PIN no es correcto", "No pudimos verificar quién llama")
    expect.nobody_heard(_MAY_DISPUTE)
    _refused(expect, "caller_not_verified", to="marta pablo lucia marcos", client="acme")
    expect.record("call_arrived", "pin_rejected", "pin_rejected", "pin_rejected", "refused")


@scenario("withheld-right-pin")
def withheld_number_with_the_right_pin(stage: Stage, expect: Expectations) -> None:
    """A withheld number with the right PIN.

    Marta's company hides her number. She keys in the PIN, and everything goes its way.
    """
    menu = (
        Script()
        .press(f"{MARTAS_PIN}#", hearing="Marque su PIN")
        .press(CRM, hearing="CRM Salesforce, marque 1")
    )
    stage.phone("ana").behave(solves(takes(4)))
    marta = describes(menu.press("1", hearing="Si nada del servicio")).hang_up(
        hearing="atiende Ana", after=20
    )

    stage.dial("marta", "acme", marta, withheld=True)
    stage.run(200)

    expect.rang(ana=1)
    expect.heard("marta", "Marque su PIN", "Estamos llamando a Ana", "Le atiende Ana")
    expect.case(kind="incident", state="closed", client="acme", acknowledged_by="ana")
    everybody = "marta pablo lucia marcos"  # nobody knows which of ACME's contacts called
    expect.mailed(opened=everybody, taken=everybody, closed=everybody)
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


@scenario("refused-other-matter")
def integration_not_listed(stage: Stage, expect: Expectations) -> None:
    """Refused: another matter.

    Marta has a question about a report and presses 0. Nobody is woken; she is told where to ask.
    """
    stage.dial("marta", "acme", chooses(OTHER_MATTER).hang_up(hearing=_MAY_DISPUTE))
    stage.run(60)

    expect.heard(
        "marta", "La guardia atiende solo integraciones", "escriba a Aivo Support Center", _MAY_DISPUTE
    )
    _refused(expect, "integration_not_listed", to="marta lucia marcos", client="acme")
    expect.record("call_arrived", "caller_identified", "integration_chosen", "refused", "caller_hung_up")


@scenario("refused-not-built-by-aivo")
def integration_not_built_by_aivo(stage: Stage, expect: Expectations) -> None:
    """Refused: the client built it.

    Marta calls about an integration that ACME built by itself.
    """
    stage.dial("marta", "acme", chooses(CLIENT_BUILT).hang_up(hearing=_MAY_DISPUTE))
    stage.run(60)

    expect.heard("marta", "Esa integración no la construyó Aivo", _CENTER, _MAY_DISPUTE)
    _refused(expect, "integration_not_built_by_aivo", to="marta lucia marcos", client="acme")
    expect.record("call_arrived", "caller_identified", "integration_chosen", "refused", "caller_hung_up")


@scenario("refused-self-service")
def self_service_integration(stage: Stage, expect: Expectations) -> None:
    """Refused: a self-service integration.

    Marta calls about the surveys, which are self-service. She says nothing to the offer of a dispute:
    goodbye.
    """
    stage.dial("marta", "acme", chooses(SELF_SERVICE))
    stage.run(90)

    expect.heard(
        "marta", "La guardia no cubre integraciones Selfservice", _MAY_DISPUTE, _MAY_DISPUTE, "Hasta luego"
    )
    _refused(expect, "self_service_integration", to="marta lucia marcos", client="acme")
    expect.record("call_arrived", "caller_identified", "integration_chosen", "refused")


@scenario("refused-priority")
def priority_not_covered(stage: Stage, expect: Expectations) -> None:
    """Refused: neither Blocker nor High.

    The CRM fails for one customer only: Medium. The mail tells Marta what the agreement promises for
    that.
    """
    stage.dial("marta", "acme", reports(CRM, MEDIUM).hang_up(hearing=_MAY_DISPUTE))
    stage.run(60)

    expect.heard("marta", "La guardia atiende solo casos Blocker y Alto", _CENTER, _MAY_DISPUTE)
    _refused(expect, "priority_not_covered", to="marta lucia marcos", client="acme", priority="medium")
    expect.record(
        "call_arrived",
        "caller_identified",
        "integration_chosen",
        "priority_chosen",
        "refused",
        "caller_hung_up",
    )


@scenario("dispute")
def dispute(stage: Stage, expect: Expectations) -> None:
    """A dispute.

    Marta is refused for a self-service integration and presses 5. Not the engineers but the managers
    are called, both at once, again and again until one of them takes it: Lucía, the second time.
    """
    stage.phone("lucia").behave(Script.ignoring(), takes(4).press("1", hearing="¿Cómo sigue?"))
    menu = chooses(SELF_SERVICE).press("5", hearing=_MAY_DISPUTE)
    stage.dial("marta", "acme", describes(menu).hang_up(hearing="atiende Lucía", after=20))
    stage.run(200)

    expect.rang(lucia=2, marcos=2)
    expect.heard("marta", "no cubre integraciones Selfservice", "llamando a los responsables: Lucía y Marcos")
    expect.heard("lucia", "El cliente no aceptó el rechazo", "Es suyo")
    expect.case(
        kind="incident", state="acknowledged", reason="self_service_integration", acknowledged_by="lucia"
    )
    expect.record(
        "call_arrived",
        "caller_identified",
        "integration_chosen",
        "refused",
        "disputed",
        "level_began",
        "page_requested",
        "page_requested",
        "page_requested",
        "page_ringing",
        "page_requested",
        "page_ringing",
        "problem_described",
        "page_cancelled",
        "page_cancelled",
        "round_ended",
        "level_began",
        "page_requested",
        "page_requested",
        "page_requested",
        "page_ringing",
        "page_requested",
        "page_ringing",
        "page_answered",
        "acknowledged",
        "page_cancelled",
        "connected",
        "texted",
        "conversation_ended",
        "disposition",
    )


def _refused(
    expect: Expectations, reason: str, to: str, client: str | None, priority: str | None = None
) -> None:
    """No phone rang, nobody was texted, and the refusal was written to these people alone."""
    expect.rang()
    expect.texted()
    expect.mailed(refusal=to)
    expect.case(kind="refusal", state="closed", reason=reason, client=client, priority=priority)
