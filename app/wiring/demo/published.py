"""A major incident that managers have told callers of."""

from datetime import timedelta

from app.sandbox.scripts import Script
from app.wiring.demo.expectations import Expectations
from app.wiring.demo.scenario import scenario
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import Stage
from oncall.dispatcher.publishing import publish
from oncall.notices import Flaws, Notice
from oncall.people import Language

_HOW_NOW = "¿Cómo sigue?"
_JOIN = "marque 7"
TEXTS = {
    Language.ES: "Sabemos de la caída del CRM; la próxima noticia es a las 4.",
    Language.PT: "Sabemos da queda do CRM; a próxima notícia é às 4.",
    Language.EN: "We know of the outage of the CRM; the next news is at 4.",
}


def publishes(stage: Stage, case: int | None, clients: tuple[str, ...] = ()) -> int | Flaws:
    """Lucía publishes a notice that ends in two hours."""
    notice = Notice(TEXTS, stage.world.now + timedelta(hours=2), clients, case=case)
    with stage.world.guard.store.writing() as work:
        return publish(work, stage.book, notice, "lucia", stage.world.now)


@scenario("notice")
def a_notice_of_a_major_incident(stage: Stage, expect: Expectations) -> None:
    """A notice of a major incident.

    Ana works on what Marta reported, and Lucía publishes a notice of it. Grace, of another client, hears
    it before the menu in her language and joins with a key: she has a reference, nobody is paged again,
    and she is written to when it is over. Elena hears it too, and goes on to the menu.
    """
    ana = takes(4).press("1", hearing=_HOW_NOW)
    stage.phone("ana").behave(ana)
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=20))
    stage.run(100)
    publishes(stage, 1001)
    stage.dial("grace", "harbor", Script().press("7", hearing="press 7"))
    stage.run(60)
    stage.dial("elena", "constelar", Script().hang_up(hearing="Altas", after=1, early=True))
    stage.run(60)

    expect.rang(ana=1)
    expect.heard(
        "grace",
        "We know of the outage of the CRM",
        "press 7",
        "You are part of that incident. Your reference is G, 1, 0, 0, 2",
    )
    expect.heard("elena", "Sabemos de la caída del CRM", _JOIN, "Altas, marque 1")
    expect.case(1, kind="incident", state="closed", client="harbor")
    expect.record("call_arrived", "caller_identified", "notice_told", "attached", case=1)
    expect.mailed(1, attached="grace lucia marcos")
    attached = [e["data"] for e in stage.cases()[0]["entries"] if e["kind"] == "caller_attached"]
    expect.that("the major incident's record names the case", attached == [{"reference": "G-1002"}], attached)
