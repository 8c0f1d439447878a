"""A notice is heard before the menu by those it is for; who joins is told by mail, and nobody paged twice."""

from datetime import timedelta

from app.report import Month, gather
from app.sandbox.scripts import Script
from app.wiring.demo.published import publishes
from app.wiring.demo.scripts import CRM, chooses, describes, reports, solves, takes
from app.wiring.demo.stage import Stage
from oncall.dispatcher.publishing import end
from oncall.notices import Flaws

_KNOWN = "Sabemos de la caída del CRM"


def _major(stage: Stage) -> None:
    """Marta reports, and Ana talks to her for a while, and solves it."""
    stage.phone("ana").behave(solves(takes(3)))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=200))
    stage.run(60)


def _ends(stage: Stage, number: int | Flaws) -> bool:
    assert isinstance(number, int)
    with stage.world.guard.store.writing() as work:
        return end(work, stage.book, number, "lucia", stage.world.now)


def test_only_those_it_is_for_hear_it(stage: Stage) -> None:
    publishes(stage, None, ("acme",))
    stage.dial("marta", "acme", Script().hang_up(after=30))
    stage.dial("elena", "constelar", Script().hang_up(after=30))
    stage.run(60)

    assert _KNOWN in stage.heard("marta")[0]
    assert not any(_KNOWN in line for line in stage.heard("elena"))


def test_waiting_hears_the_menu_and_the_incident_is_paged_as_ever(stage: Stage) -> None:
    publishes(stage, None)
    stage.dial("marta", "acme", reports())
    stage.run(60)

    assert stage.heard("marta")[1].startswith("CRM Salesforce, marque 1")
    assert stage.rings() == {"ana": 1}


def test_one_key_goes_on_to_the_menu(stage: Stage) -> None:
    publishes(stage, None)
    in_a_hurry = Script().press("0", hearing=_KNOWN, early=True, after=1)
    stage.dial("marta", "acme", in_a_hurry.press(CRM, hearing="marque 1").press("1", hearing="Si nada"))
    stage.run(40)

    assert stage.summaries()[0]["priority"] == "blocker"


def test_what_has_ended_is_heard_by_nobody(stage: Stage) -> None:
    number = publishes(stage, None)
    assert [_ends(stage, number), _ends(stage, number)] == [True, False]
    stage.dial("marta", "acme", chooses(CRM))
    stage.run(10)

    assert _KNOWN not in stage.heard("marta")[0]


def test_a_notice_that_nobody_ended_ends_by_itself(stage: Stage) -> None:
    publishes(stage, None)
    stage.run(2 * 3600 + 1)
    stage.dial("marta", "acme", chooses(CRM))
    stage.run(10)

    assert _KNOWN not in stage.heard("marta")[0]


def test_who_joined_is_written_to_when_the_major_incident_is_closed(stage: Stage) -> None:
    _major(stage)
    publishes(stage, 1001)
    stage.dial("grace", "harbor", Script().press("7", hearing="press 7"))
    stage.run(400)

    assert stage.summaries()[0]["state"] == "closed"
    assert stage.kinds(1)[-1] == "major_closed"
    assert stage.address("grace") in stage.letters(1)["major_closed"]
    assert stage.cases()[1]["attached_to"] == "G-1001"
    assert stage.cases()[1]["clocks"] == {}
    assert stage.rings() == {"ana": 1}


def test_who_joined_is_in_the_report_as_that_and_owed_nothing(stage: Stage) -> None:
    _major(stage)
    publishes(stage, 1001)
    stage.dial("grace", "harbor", Script().press("7", hearing="press 7"))
    stage.run(400)
    now = stage.world.now
    report = gather(
        stage.world.guard.store, stage.book, Month.of(now, "UTC"), "harbor", now + timedelta(days=7)
    )

    assert report.all.attached == 1
    assert (report.all.all_incidents, dict(report.all.response)) == (0, {})


def test_no_clients_record_tells_of_anothers_call(stage: Stage) -> None:
    _major(stage)
    publishes(stage, 1001)
    stage.dial("grace", "harbor", Script().press("7", hearing="press 7"))
    stage.run(400)

    acme = str(stage.cases()[0]["entries"])
    assert "caller_attached" in acme
    assert "Grace" not in acme
    assert stage.numbers["grace"] not in acme


def test_a_notice_ends_with_its_incident_and_nobody_hears_it_any_more(stage: Stage) -> None:
    _major(stage)
    publishes(stage, 1001)
    stage.run(400)
    stage.dial("grace", "harbor", Script())
    stage.run(30)

    assert not any("We know" in line or "press 7" in line for line in stage.heard("grace"))
    assert any("Appointments" in line for line in stage.heard("grace"))
    ended = [entry["data"] for entry in stage.cases()[0]["entries"] if entry["kind"] == "notice_ended"]
    assert ended == [{"notice": 1, "with_incident": True}]


def test_a_notice_of_what_is_no_open_incident_is_not_published(stage: Stage) -> None:
    assert isinstance(publishes(stage, 1001), Flaws)


def test_what_is_published_of_an_incident_stands_in_its_record(stage: Stage) -> None:
    _major(stage)
    _ends(stage, publishes(stage, 1001))

    kinds = [kind for kind in stage.kinds() if kind.startswith("notice_")]
    assert kinds == ["notice_published", "notice_ended"]
