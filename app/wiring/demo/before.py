"""Before duty: does a page reach them? Nobody called, and nobody is in trouble."""

from app.sandbox.handset import Behaviour
from app.sandbox.scripts import Script
from app.wiring.demo.expectations import Expectations
from app.wiring.demo.scenario import scenario
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import Stage

TEAM = "integrations"


@scenario("drill")
def drill(stage: Stage, expect: Expectations) -> None:
    """A drill.

    The team is paged with a test. Ana presses 1 on her second phone, as the first is off; Bruno, Carla and
    Lucía press it at once; Diego lets his mailbox answer, which passes nothing.
    """
    stage.phone("ana").behaviour = Behaviour.OFF
    stage.phone("ana2").behave(takes(3))
    stage.phone("bruno").behave(takes(4, hearing="tecle 1"))
    for who in ("carla", "lucia"):
        stage.phone(who).behave(takes(5))
    stage.phone("diego").behaviour = Behaviour.VOICEMAIL

    stage.world.guard.dispatcher.ask_drill(TEAM, "command", stage.world.now)
    stage.run(180)

    states = stage.drills()
    expect.that(
        "passed: Ana, Bruno, Carla, Lucía", _with(states, "passed") == "ana bruno carla lucia", states
    )
    expect.that("Diego's mailbox passed nothing", _with(states, "failed") == "diego", states)
    expect.heard("ana2", "Prueba de la guardia de Aivo: no hay ningún incidente", "Prueba superada")
    expect.heard("bruno", "Teste do plantão da Aivo: não há nenhum incidente", "Teste superado")
    expect.texted(bruno="news", carla="news", diego="news", lucia="news")
    expect.cases(0)


@scenario("synthetic")
def synthetic(stage: Stage, expect: Expectations) -> None:
    """The weekly call to ourselves.

    The guard dials the line of ACME, keys the code that only this call knows, and walks to the end of the
    menu. Nobody is called, and nothing is opened.
    """
    stage.walk("acme")
    stage.run(240)

    expect.that(
        "the call came to the end of the menu", stage.walks() == {"acme": ("passed", None)}, stage.walks()
    )
    expect.heard("guard", "Guardia de Aivo para ACME Seguros", "CRM Salesforce, marque 1", "Prueba recibida")
    expect.rang()
    expect.texted()
    expect.cases(0)


@scenario("drill-gives-way")
def drill_gives_way(stage: Stage, expect: Expectations) -> None:
    """A drill gives way to a page.

    While Ana listens to a drill, Marta of ACME presses Blocker. The test hangs up, the page rings.
    """
    stage.phone("ana").behave(Script(), takes(3))
    marta = describes(reports()).hang_up(hearing="atiende Ana", after=10)
    stage.dial("marta", "acme", marta)
    stage.after(12, lambda: stage.world.guard.dispatcher.ask_drill(TEAM, "command", stage.world.now))
    stage.run(120)

    states = stage.drills()
    expect.that("Ana's drill gave way", states["ana"] == ("failed", "gave_way"), states)
    expect.that("her page met no busy phone", "page_failed" not in stage.kinds(), stage.kinds())
    expect.case(kind="incident", state="acknowledged", acknowledged_by="ana")


def _with(states: dict[str, tuple[str, str | None]], state: str) -> str:
    return " ".join(sorted(person for person, found in states.items() if found[0] == state))
