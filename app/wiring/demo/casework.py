"""What engineers write: a wait, an agreement that is asked for, a closing on evidence, a case reopened."""

import re
from io import BytesIO

from app.wiring.demo.expectations import Expectations
from app.wiring.demo.scenario import scenario
from app.wiring.demo.scripts import chooses, describes, reports, solves, takes
from app.wiring.demo.stage import Stage
from app.wiring.world import ORIGIN

_EVERYBODY = "marta lucia marcos"
_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


@scenario("client-wait")
def client_wait(stage: Stage, expect: Expectations) -> None:
    """A wait on the client.

    Ana has the incident and needs a new key from ACME. She writes what she asked, of whom and how, and the
    net clock stands still. An hour later Marta calls: the wait is over by itself.
    """
    _ana_takes_by_link(stage)
    fields = {"party": "client", "asked": "La clave nueva de la API", "whom": "Marta Ruiz", "channel": "mail"}
    lacking = _write(stage, act="wait", party="client", asked=fields["asked"])
    started = _write(stage, act="wait", since="2026-03-04T03:14", **fields)
    stage.run(3600)
    stage.dial("marta", "acme", chooses("1").hang_up(after=20))
    stage.run(60)

    expect.that("without whom and how, the page refused the wait", lacking == 422, lacking)
    expect.that("with them, it began", started == 303, started)
    wait = stage.cases()[0]["waits"][0]
    expect.that("the client's call ended it", wait["ended_by"] == "call", wait)
    pauses = stage.cases()[0]["clocks"]["resolution"]["pauses"]
    expect.that("about an hour of waiting for the client is left out", 3500 < pauses["client"] < 3700, pauses)
    told = {name: "marta@acme.example" in stage.letters()[name] for name in ("wait_started", "wait_ended")}
    expect.that("the client was written to when it began and when it ended", all(told.values()), told)


@scenario("agreement-owed")
def agreement_owed(stage: Stage, expect: Expectations) -> None:
    """An agreement that is owed.

    Ana talks to Marta, who promises a new key by nine. Nobody writes it down, so after ten minutes Ana is
    asked for it by text, and writes it on the page.
    """
    stage.phone("ana").behave(takes(3).press("1", hearing="¿Cómo sigue?"))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=40))
    stage.run(900)
    owed = stage.cases()[0]["owed"]
    fields = {"agreed": "ACME cambia la clave", "whom": "Marta Ruiz", "channel": "phone"}
    written = _write(stage, act="agreement", until="2026-03-04T09:00", **fields)
    stage.run(3600)

    expect.that("Ana was asked for it once", stage.kinds().count("agreement_asked") == 1, stage.kinds())
    expect.that("until then it was owed", [o["what"] for o in owed] == ["agreement"], owed)
    expect.that("it was written on the page", written == 303, written)
    expect.that("nothing is owed any more", stage.cases()[0]["owed"] == [], stage.cases()[0]["owed"])
    expect.mailed(opened=_EVERYBODY, taken=_EVERYBODY, agreement=_EVERYBODY)


@scenario("closed-on-evidence")
def closed_on_evidence(stage: Stage, expect: Expectations) -> None:
    """Closed on evidence.

    The origin is in a third party's system. The page refuses to close until Ana shows it: whose system,
    from when to when, a log, and whom of ACME she told. Then it closes, and ACME gets the evidence.
    """
    _ana_takes_by_link(stage)
    told = {"how": "origin_third_party", "cause": "La API del CRM no responde"}
    lacking = _write(stage, act="close", **told)
    told |= {"owner": "Salesforce", "window_from": "2026-03-04T03:00", "window_to": "2026-03-04T03:13"}
    log = (BytesIO(b"03:05 GET /leads -> 503"), "crm.log")
    closed = _write(stage, act="close", told="Marta Ruiz", files=log, **told)
    stage.run(60)

    expect.that("without evidence the page refused", lacking == 422, lacking)
    expect.that("with it, the case was closed", closed == 303, closed)
    expect.case(state="closed", acknowledged_by="ana")
    expect.mailed(opened=_EVERYBODY, taken=_EVERYBODY, closed=_EVERYBODY)
    clauses = [e["data"].get("clause") for e in stage.cases()[0]["entries"] if e["kind"] == "closed"]
    expect.that("the record names the clause", clauses == ["A12"], clauses)


@scenario("reopened")
def reopened(stage: Stage, expect: Expectations) -> None:
    """Reopened.

    Ana solved it, but two hours later it fails again. Marta calls, hears that the case of before is closed,
    and presses star: it is the same. The case begins again under its reference.
    """
    stage.phone("ana").behave(solves(takes(4)))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=30))
    stage.run(7200)
    stage.phone("ana").behave(takes(4).press("1", hearing="¿Cómo sigue?"))
    again = chooses("1").press("*", hearing="marque asterisco")
    stage.dial("marta", "acme", describes(again).hang_up(hearing="atiende Ana", after=30))
    stage.run(300)

    expect.cases(1)
    expect.heard("marta", "Si es lo mismo que el caso G, 1, 0, 0, 1", "G, 1, 0, 0, 1", "llamando a Ana")
    expect.rang(ana=2)
    expect.case(state="acknowledged", acknowledged_by="ana", closed_at=None)
    pauses = stage.cases()[0]["clocks"]["resolution"]["pauses"]
    expect.that("the time for which it was closed is left out", 6900 < pauses["closed"] < 7200, pauses)


def _ana_takes_by_link(stage: Stage) -> None:
    def take(_body: str) -> None:
        stage.after(2, lambda: stage.take_by_link("ana"))

    stage.phone("ana").on_text(take)
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="ya lo tiene Ana", after=3))
    stage.run(120)


def _write(stage: Stage, **fields: object) -> int:
    """Ana sends a form of the case's page; gives the status of the answer."""
    browser = stage.world.guard.app.test_client()
    page = browser.get(stage.link("ana"), base_url=ORIGIN).get_data(as_text=True)
    token = _CSRF.search(page)
    data = {"csrf_token": token[1] if token else "", **fields}
    return browser.post(f"{stage.link('ana')}/write", base_url=ORIGIN, data=data).status_code
