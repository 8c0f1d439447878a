"""What is left in writing after the call: waits, answers by mail, and closing on evidence."""

from datetime import timedelta

from app.wiring.demo.answers import answer, arrives, writes
from app.wiring.demo.expectations import Expectations
from app.wiring.demo.scenario import scenario
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import Stage
from oncall.acts import Channel, Close, Party, WaitStart
from oncall.closing import Closure, How

_HOW_NOW = "¿Cómo sigue?"


@scenario("answered-by-mail")
def answered_by_mail(stage: Stage, expect: Expectations) -> None:
    """A client's answer by mail.

    Ana took the incident and needs something of the client: the wait is written, and Marta gets it by
    mail. She answers that mail, with a log. Her words and her file enter the record, the wait ends, and
    Ana gets a text. Then Ana closes: the origin is the client's system, and the evidence goes along.
    """
    _taken(stage)
    asked = WaitStart(Party.CLIENT, "Reiniciar el conector", "Marta Ruiz", Channel.PHONE, stage.world.now)
    waited = writes(stage, "ana", asked)
    stage.run(600)
    arrives(
        stage, answer(stage, "marta", "Ya lo reiniciamos.", ("log.txt", b"03:20 502 GET /leads")), "marta"
    )
    window = (stage.world.now - timedelta(hours=1), stage.world.now)
    evidence = Closure(
        How.CLIENT,
        cause="El proxy del cliente no respondía.",
        window_from=window[0],
        window_to=window[1],
        request="GET /leads",
        response="502",
        told="Marta Ruiz",
    )
    closed = writes(stage, "ana", Close(evidence))
    stage.run(60)

    expect.that("the wait and the closing were written", waited == closed == (), [*waited, *closed])
    expect.that("the answer is the client's word", "replied" in stage.kinds(), stage.kinds())
    expect.that("the wait is over", "wait_ended" in stage.kinds(), stage.kinds())
    expect.texted(ana="page news news")
    expect.mailed(
        opened="marta lucia marcos",
        taken="marta lucia marcos",
        wait_started="marta lucia marcos",
        wait_ended="marta lucia marcos",
        closed="marta lucia marcos",
    )
    attached = _attached(stage)
    wanted = ["G-1001.pdf", "G-1001.txt", "G-1001.json", "log.txt"]
    expect.that("the record and the evidence go along", attached == wanted, attached)
    expect.case(state="closed", acknowledged_by="ana")


@scenario("stranger-by-mail")
def a_strangers_mail(stage: Stage, expect: Expectations) -> None:
    """A stranger's mail.

    Somebody who is no contact of ACME answers a letter of the case that was passed on to them. It does
    not enter the record as the client's word; the managers are shown it.
    """
    _taken(stage)
    mail = answer(stage, "marta", "Ciérrenlo, ya está.", sender="otro@elsewhere.example")
    arrives(stage, mail)

    expect.that("nobody's word", "replied" not in stage.kinds(), stage.kinds())
    expect.that("that it came is written", "mail_quarantined" in stage.kinds(), stage.kinds())
    expect.mailed(opened="marta lucia marcos", taken="marta lucia marcos", quarantine="lucia marcos")
    expect.case(state="acknowledged")


def _taken(stage: Stage) -> None:
    """Marta reports, Ana takes it, they talk, and Ana goes on working."""
    stage.phone("ana").behave(takes(3).press("1", hearing=_HOW_NOW))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=15))
    stage.run(120)


def _attached(stage: Stage) -> list[str]:
    """What went along with the last letter that Marta got."""
    letter = next(mail for mail in reversed(stage.world.mails) if stage.address("marta") in mail.to)
    return [str(part.get_filename()) for part in letter.message.iter_attachments()]
