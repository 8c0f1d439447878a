"""A manager on Monday: opens the desk, reads the night, says who was right, takes the report along."""

import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.sandbox.mailsink import Mail
from app.sandbox.scripts import Script
from app.web.office import DeskLinks
from app.wiring.demo.scripts import takes
from app.wiring.demo.stage import ROSTERS, Stage
from app.wiring.monthly import MonthlyReport
from app.wiring.world import ORIGIN, World, open_world
from oncall.dispatcher.casework import Upload
from tests.stories.telling import browser, entries

LINKS = DeskLinks("secret of the demonstration", ORIGIN)


def get(browser: FlaskClient, path: str) -> TestResponse:
    return browser.get(path, base_url=ORIGIN)


def test_a_manager_reads_a_dispute_judges_it_and_takes_the_report_along(stage: Stage) -> None:
    stage.phone("lucia").behave(takes(2))
    stage.dial("nora", "faro", Script().press("5", hearing="marque 5"))
    stage.run(60)
    lucia, desk = browser(stage), urlsplit(LINKS.address("lucia")).path

    front = get(lucia, desk)
    case = get(lucia, re.findall(r'href="([^"]+)">G-1001', front.text)[0])
    form = re.search(r'action="([^"]+/verdict)">\s*<input [^>]*value="([^"]+)"', case.text)
    assert form is not None
    fields = {"csrf_token": form[2], "verdict": "client", "note": "Renovaron ayer"}
    answer = lucia.post(form[1], data=fields, base_url=ORIGIN)
    report = get(lucia, f"{desk}/report.json?month=2026-03")

    assert answer.status_code == 303
    judged = entries(stage, "dispute_judged", verdict="client")
    assert [(entry["actor"], entry["data"]["note"]) for entry in judged] == [("lucia", "Renovaron ayer")]
    figures = json.loads(report.data)["all"]
    assert figures["disputes"] == {"client_right": 1, "guard_right": 0, "not_judged": 0}
    assert figures["refusals"] == {"contract_not_in_force": {"calls": 1, "disputed": 1}}


def test_what_belongs_to_a_case_is_taken_along_and_opens_nowhere_else(stage: Stage) -> None:
    stage.phone("lucia").behave(takes(2))
    stage.dial("nora", "faro", Script().press("5", hearing="marque 5"))
    stage.run(60)
    page = Upload("<b>evidencia</b>.html", "text/plain", b"<script>alert(1)</script>")
    stage.world.guard.dispatcher.attach(1001, "lucia", "Lucía Ferrer", page, stage.world.now)
    lucia, desk = browser(stage), urlsplit(LINKS.address("lucia")).path

    case = get(lucia, f"{desk}/cases/G-1001")
    address = re.search(r'href="([^"]+/files/[^"]+)"', case.text)
    assert address is not None
    file = get(lucia, address[1])
    paper = get(lucia, f"{desk}/cases/G-1001/record.pdf")
    text = get(lucia, f"{desk}/cases/G-1001/record.txt")

    assert file.data == b"<script>alert(1)</script>"
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert "<b>evidencia" not in case.text
    assert paper.data.startswith(b"%PDF")
    assert "G-1001" in text.text
    assert get(lucia, address[1].replace("G-1001", "G-1002")).status_code == 404
    assert get(lucia, address[1].replace(desk, urlsplit(LINKS.address("ana")).path)).status_code == 404
    assert get(lucia, f"{desk}/cases/G-9/record.pdf").status_code == 404
    assert get(lucia, f"{desk}/cases/G-1001/record.exe").status_code == 404


LAST_EVENING = datetime(2026, 3, 31, 21, 0, tzinfo=UTC)  # 18:00 in Buenos Aires
FIRST = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)  # and 06:00 of the first


def reports(world: World) -> list[Mail]:
    """The monthly reports that were mailed, by whom they went to."""
    return sorted((m for m in world.mails if "2026" in m.subject), key=lambda mail: mail.to)


def test_the_report_is_mailed_on_the_first_once_though_two_workers_run() -> None:
    with open_world(ROSTERS, LAST_EVENING, live_rosters=True) as world:
        guard = world.guard
        other = MonthlyReport(guard.dispatcher, guard.books, LINKS)
        world.run((FIRST - LAST_EVENING).total_seconds() - 60)
        assert reports(world) == []

        world.run(120)
        assert not other.send_when_due(world.now)
        world.run(7200)

        mails = reports(world)
        assert [mail.to for mail in mails] == [("lucia@aivo.example",), ("marcos@aivo.example",)]
        lucia, marcos = mails
        assert lucia.subject.endswith("Informe de servicio, marzo de 2026")
        assert marcos.subject.endswith("Relatório de serviço, março de 2026")
        assert LINKS.address("lucia") in lucia.text.replace("\n", "")
        assert LINKS.address("lucia") not in marcos.text
        names = [part.get_filename() for part in lucia.message.iter_attachments()]
        assert names == ["guardia-2026-03.pdf", "guardia-2026-03.csv"]
        pdf = next(lucia.message.iter_attachments()).get_content()
        assert pdf.startswith(b"%PDF")


def test_two_workers_that_compute_at_the_same_time_order_one_set_of_letters() -> None:
    with open_world(ROSTERS, LAST_EVENING, live_rosters=True) as world:
        world.next_chores = None
        world.run((FIRST - LAST_EVENING).total_seconds())
        dispatcher = world.guard.dispatcher
        letters = {"lucia": ({"month": "marzo de 2026", "figures": []}, ())}

        first = dispatcher.mail_report("service_report:2026-03", letters, world.now)
        second = dispatcher.mail_report("service_report:2026-03", letters, world.now)
        world.run(60)

        assert (first, second) == (True, False)
        assert len(reports(world)) == 1


def test_a_guard_that_was_down_on_the_first_reports_late_but_not_after_a_week() -> None:
    for days, expected in ((5, 2), (8, 0)):
        with open_world(ROSTERS, LAST_EVENING, live_rosters=True) as world:
            world.next_chores = FIRST + timedelta(days=days)

            world.run(timedelta(days=days + 1).total_seconds())

            assert len(reports(world)) == expected


def test_a_guard_set_up_after_the_month_does_not_report_it() -> None:
    with open_world(ROSTERS, FIRST, live_rosters=True) as world:
        world.run(3600)

        assert reports(world) == []
