"""Once somebody has it, nothing more wakes anybody: only news may leave, and only to those already paged."""

from app.sandbox.scripts import Script
from app.wiring.demo.scripts import reports, takes_in_portuguese
from app.wiring.demo.stage import Stage
from tests.stories.telling import moment


def test_after_it_is_taken_only_texts_without_a_code_leave(stage: Stage) -> None:
    stage.phone("ana").behave(Script.answering(3).press("2", after=4))
    stage.phone("bruno").behave(takes_in_portuguese(3))
    stage.dial("marta", "acme", reports())
    stage.run(200)

    taken = moment(stage, "acknowledged")
    later = [e for e in stage.world.exchange.story.of("rest") if e.at >= taken]
    assert [e for e in later if e.detail["path"].endswith("/Calls.json")] == []
    (news,) = [e.detail["form"] for e in later if e.detail["path"].endswith("/Messages.json")]
    assert news["To"] == [stage.numbers["ana"]]
    assert news["Body"] == [
        "Guardia: Bruno Lima tomó el incidente de ACME Seguros, CRM Salesforce.".replace("ó", "o")
    ]
    assert stage.texts() == {"ana": ["page", "news"], "bruno": ["page"]}
