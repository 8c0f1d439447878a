"""The service report from a night of calls: gathered, on the desk, as files, and by the command."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.cli import main
from app.report import Month, Reports, gather, last_month
from app.report.documents import COLUMNS, as_csv, as_json
from app.report.page import as_html
from app.report.printed import as_pdf
from app.report.sheets import sheet
from app.sandbox.scripts import Script
from app.web.office import DeskLinks
from app.wiring.demo.scripts import MEDIUM, OTHER_MATTER, chooses, describes, reports, solves, takes
from app.wiring.demo.stage import NIGHT, ROSTERS, Stage
from app.wiring.world import ORIGIN, open_world
from oncall.record import Draft
from oncall.report import Disputes, Pause, Refused, Report
from oncall.store import Work

ZONE = "America/Argentina/Buenos_Aires"
MARCH = Month.read("2026-03", ZONE)
assert MARCH is not None
LINKS = DeskLinks("secret of the demonstration", ORIGIN)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """ACME: one solved, one refused, one disputed; and two callers leave early, one of them unknown."""
    database = tmp_path_factory.mktemp("report") / "guardia.db"
    with open_world(ROSTERS, NIGHT, database_url=f"sqlite:///{database}") as world:
        stage = Stage(world)
        ana = solves(takes(10))
        stage.phone("ana").behave(ana)
        stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=30))
        stage.run(240)
        stage.dial("pablo", "acme", chooses(OTHER_MATTER))
        stage.run(60)
        stage.phone("lucia").behave(takes(2))
        stage.dial("marta", "acme", reports(priority=MEDIUM).press("5", hearing="marque 5"))
        stage.run(60)
        stage.dial("pablo", "acme", Script().hang_up(after=3))
        stage.dial("stranger", "acme", Script().hang_up(after=3))
        stage.run(60)
        yield stage


@pytest.fixture
def report(stage: Stage) -> Report:
    guard = stage.world.guard
    return gather(guard.store, stage.book, MARCH, None, stage.world.now)


@pytest.fixture
def browser(stage: Stage) -> FlaskClient:
    return stage.world.guard.app.test_client()


def test_the_night_is_counted(report: Report) -> None:
    all = report.all
    assert all.incidents == {"blocker": 1, "medium": 1}
    assert all.refusals == {
        "priority_not_covered": Refused(1, 1),
        "integration_not_listed": Refused(1, 0),
    }
    assert all.disputes == Disputes(not_judged=1)
    assert (all.abandoned, all.before_known, all.open) == (1, 1, 1)
    assert all.response["blocker"].met == 1
    assert all.resolution["blocker"].met == 1
    assert all.taken == {"key": 2}
    assert {of.person: of.taken for of in all.pages} == {"ana": 1, "lucia": 1, "marcos": 0}
    assert [of.client for of in report.clients] == ["acme"]
    assert not report.is_final


def test_the_figures_of_an_incident_are_those_of_guardia_case(report: Report, stage: Stage) -> None:
    clocks = stage.cases()[0]["clocks"]

    assert report.all.response["blocker"].gross.worst == clocks["first_response"]["gross_seconds"]
    assert report.all.resolution["blocker"].gross.worst == clocks["resolution"]["gross_seconds"]
    assert report.all.resolution["blocker"].net.worst == clocks["resolution"]["net_seconds"]


def test_a_wait_is_left_out_of_the_net_time(stage: Stage) -> None:
    with open_world(ROSTERS, NIGHT) as world:
        other = Stage(world)
        other.phone("ana").behave(takes(10))
        other.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=30))
        other.run(240)
        with world.guard.store.writing() as work:
            since, until = world.now, world.now + timedelta(hours=1)
            data = {"person": "ana", "name": "Ana Paz", "party": "client", "asked": "logs", "whom": "Marta"}
            more = {"channel": "mail", "since": since.isoformat(), "until": until.isoformat()}
            work.append(1001, since, [Draft("wait_started", data | more, "ana")])
            number = work.case(1001).entries  # type: ignore[union-attr]
            values = {"party": "client", "asked": "logs", "whom": "Marta", "channel": "mail"}
            work.add_wait(1001, number, values | {"since": since, "until": until, "due_at": until})

        found = gather(world.guard.store, other.book, MARCH, None, until + timedelta(hours=1))

    assert found.all.pauses == {"client": Pause(1, 3600.0)}


def test_a_call_that_we_made_ourselves_is_nobody_who_hung_up() -> None:
    with open_world(ROSTERS, NIGHT) as world:
        other = Stage(world)
        other.dial("stranger", "acme", Script().hang_up(after=3))
        other.run(60)
        before = gather(world.guard.store, other.book, MARCH, None, world.now)
        with world.guard.store.writing() as work:
            sid = work.connection.exec_driver_sql("SELECT sid FROM calls").scalar_one()
            ours = {"token": "t", "client": "acme", "line": "+541152630001", "code": "1", "by": "command"}
            times = {"asked_at": world.now, "due_at": world.now}
            work.add_synthetic(ours | times | {"state": "known", "call": sid})

        after = gather(world.guard.store, other.book, MARCH, None, world.now)

    assert (before.all.before_known, after.all.before_known) == (1, 0)


@pytest.mark.postgres
def test_desk_and_report_read_postgresql_as_well(empty_postgres_url: str) -> None:
    with open_world(ROSTERS, NIGHT, database_url=empty_postgres_url) as world:
        other = Stage(world)
        other.phone("ana").behave(takes(10))
        other.dial("marta", "acme", reports())
        other.run(60)
        other.dial("pablo", "acme", chooses(OTHER_MATTER))
        other.run(60)
        browser = world.guard.app.test_client()

        found = gather(world.guard.store, other.book, MARCH, None, world.now)
        older = get(browser, "?client=acme&month=2026-03&before=1002")
        case = get(browser, "/cases/G-1001")

    assert found.all.incidents == {"blocker": 1}
    assert found.all.taken == {"key": 1}
    assert re.findall(r">(G-\d+)</a>", older.text.split("Todos los casos")[1]) == ["G-1001"]
    assert case.status_code == 200


def test_a_month_begins_at_the_services_own_midnight(stage: Stage) -> None:
    guard, at = stage.world.guard, stage.world.now
    last_night = {"kind": "abandoned", "state": "closed", "client": "edge", "client_name": "Edge"}
    with guard.store.writing() as work:
        for hour in (2, 3):  # 23:59 of March 31 and 00:00 of April 1 in Buenos Aires
            opened = datetime(2026, 4, 1, hour, 0, tzinfo=UTC) - timedelta(minutes=3 - hour)
            work.add_case(last_night | {"opened_at": opened, "closed_at": opened})

    in_march = gather(guard.store, stage.book, MARCH, "edge", at)
    in_april = gather(guard.store, stage.book, MARCH.next(), "edge", at)

    assert (in_march.all.abandoned, in_april.all.abandoned) == (1, 1)
    assert MARCH.until == datetime(2026, 4, 1, 3, tzinfo=UTC)


def test_one_client_is_told_alone(stage: Stage) -> None:
    guard = stage.world.guard

    acme = gather(guard.store, stage.book, MARCH, "acme", stage.world.now)
    faro = gather(guard.store, stage.book, MARCH, "faro", stage.world.now)

    assert (acme.all.cases, acme.all.before_known) == (4, 1)
    assert (faro.all.cases, faro.all.before_known, faro.clients) == (0, 0, ())


def test_progress_is_told_until_all_is_done(stage: Stage) -> None:
    told: list[float] = []

    gather(stage.world.guard.store, stage.book, MARCH, None, stage.world.now, told.append)

    assert told == sorted(told)
    assert (len(told), told[-1]) == (31, 1.0)


@pytest.mark.parametrize(
    ("written", "read"),
    [("2026-11", "2026-11"), ("2026-13", None), ("26-11", None), ("", None), ("0000-01", None)],
)
def test_a_month_is_read_as_it_is_written(written: str, read: str | None) -> None:
    month = Month.read(written, ZONE)

    assert (str(month) if month else None) == read


def test_the_last_month_is_that_of_the_services_clock() -> None:
    assert str(last_month(datetime(2026, 12, 1, 2, 59, tzinfo=UTC), ZONE)) == "2026-10"
    assert str(last_month(datetime(2026, 12, 1, 3, 0, tzinfo=UTC), ZONE)) == "2026-11"
    assert str(last_month(datetime(2026, 1, 15, tzinfo=UTC), ZONE)) == "2025-12"


def test_json_and_csv_tell_the_same(report: Report) -> None:
    document = json.loads(json.dumps(as_json(report)))
    lines = list(csv.DictReader(io.StringIO(as_csv(report))))

    assert tuple(lines[0]) == COLUMNS
    told = {(li["client"], li["figure"], li["of"], li["measure"]): li["value"] for li in lines}
    assert told["*", "incidents", "blocker", "count"] == "1"
    assert told["acme", "refusals", "priority_not_covered", "disputed"] == "1"
    seconds = document["all"]["resolution"]["blocker"]["net"]["median"]
    assert float(told["*", "resolution", "blocker", "net_median_seconds"]) == seconds
    assert document["from"] == "2026-03-01T03:00:00Z"
    assert document["clients"][0]["client"] == "acme"


def test_a_name_never_becomes_a_formula(stage: Stage, report: Report) -> None:
    named = replace(report, clients=(replace(report.clients[0], name="=1+1"),))

    assert "'=1+1" in as_csv(named)
    assert ",=1+1" not in as_csv(named)


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_a_sheet_says_everything_in_each_language(report: Report, language: str) -> None:
    shown = sheet(report, MARCH, language)

    assert all(len(row) == len(table.columns) for table in shown.tables for row in table.rows)
    assert [table.name for table in shown.tables] == [
        *("clients", "response", "resolution", "pauses", "refusals", "disputes", "taken", "people", "hours")
    ]
    assert all(figure and value for figure, value in shown.key_figures)


def test_a_month_without_calls_says_so(stage: Stage) -> None:
    nothing = gather(stage.world.guard.store, stage.book, MARCH.before(), None, stage.world.now)

    shown = sheet(nothing, MARCH.before(), "es")

    assert all(table.is_empty for table in shown.tables)
    assert as_pdf(nothing, MARCH.before(), "es").startswith(b"%PDF")


def test_the_pdf_is_the_same_for_the_same_report(report: Report) -> None:
    first = as_pdf(report, MARCH, "pt")

    assert first == as_pdf(report, MARCH, "pt")
    assert first.startswith(b"%PDF")


def test_the_file_needs_nothing_else(report: Report) -> None:
    page = as_html(sheet(report, MARCH, "en"), "en")

    assert "Chart.js v4" in page
    assert not re.search(r'(src|href)="', page)


# --- on the desk -----------------------------------------------------------------------------------


def get(browser: FlaskClient, place: str, manager: str = "lucia") -> TestResponse:
    return browser.get(urlsplit(LINKS.address(manager)).path + place, base_url=ORIGIN)


def test_the_desk_shows_the_month_that_runs_with_charts_and_tables(browser: FlaskClient) -> None:
    page = get(browser, "/report")

    assert "Informe de servicio, marzo de 2026" in page.text
    assert "la prioridad no está cubierta" in page.text
    assert 'type="month" name="month" value="2026-03"' in page.text
    assert page.text.count("<canvas data-chart=") == 5
    assert page.text.count("<table") >= 6
    for source in re.findall(r'<(?:script|link)[^>]* (?:src|href)="([^"]+)"', page.text):
        assert source.startswith("/web/static/")
        with browser.get(source, base_url=ORIGIN) as served:
            assert served.status_code == 200


def test_a_client_leads_to_its_own_report(browser: FlaskClient) -> None:
    page = get(browser, "/report?month=2026-03")
    address = re.search(r'href="([^"]*client=acme[^"]*)">ACME Seguros', page.text)
    assert address is not None

    own = browser.get(address[1].replace("&amp;", "&"), base_url=ORIGIN)

    assert "ACME Seguros" in own.text
    assert 'id="clients"' not in own.text


@pytest.mark.parametrize(
    ("form", "begins"), [("pdf", b"%PDF"), ("csv", b"\xef\xbb\xbfmonth"), ("json", b"{")]
)
def test_files_are_taken_along(browser: FlaskClient, form: str, begins: bytes) -> None:
    answer = get(browser, f"/report.{form}?month=2026-03&client=acme")

    assert answer.data.startswith(begins)
    assert f"filename=guardia-2026-03-acme.{form}" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("place", ["/report.exe", "/report.html"])
def test_other_files_are_not_found(browser: FlaskClient, place: str) -> None:
    assert get(browser, place).status_code == 404


def test_who_is_no_manager_gets_no_file(browser: FlaskClient) -> None:
    assert get(browser, "/report.json", "ana").status_code == 404


def test_what_takes_long_says_how_far_it_is(stage: Stage) -> None:
    guard, let_go = stage.world.guard, Event()

    class SlowStore:
        @contextmanager
        def reading(self) -> Iterator[Work]:
            let_go.wait(60)
            with guard.store.reading() as work:
                yield work

    made = Reports(SlowStore(), guard.books, guard.clock)  # type: ignore[arg-type]

    assert made.ask(MARCH, None, patience=0) == 0.0
    let_go.set()
    found = made.ask(MARCH, None, patience=60)

    assert isinstance(found, Report)
    assert made.ask(MARCH, None, patience=0) is found


def test_a_report_that_cannot_be_made_is_told_to_who_asks_and_tried_again(stage: Stage) -> None:
    class BrokenStore:
        def reading(self) -> object:
            raise RuntimeError("the database is gone")

    made = Reports(BrokenStore(), stage.world.guard.books, stage.world.guard.clock)  # type: ignore[arg-type]

    for _ in range(2):
        with pytest.raises(RuntimeError, match="gone"):
            made.ask(MARCH, None, patience=60)


# --- the command -----------------------------------------------------------------------------------


@pytest.fixture
def run(stage: Stage) -> Callable[..., Result]:
    database = stage.world.guard.store.engine.url.render_as_string()

    def run(*arguments: str) -> Result:
        given = ["--rosters", str(ROSTERS), "report", *arguments]
        return CliRunner().invoke(main, given, env={"DATABASE_URL": database})

    return run


def test_the_command_prints_tables(run: Callable[..., Result]) -> None:
    told = run("--month", "2026-03", "--language", "es")

    assert told.exit_code == 0
    assert "Informe de servicio, marzo de 2026" in told.stdout
    assert "Primera respuesta" in told.stdout


def test_the_command_answers_programs(run: Callable[..., Result]) -> None:
    document = json.loads(run("--month", "2026-03", "--client", "acme", "--json").stdout)

    assert (document["month"], document["client"]) == ("2026-03", "acme")
    assert document["all"]["incidents"] == {"blocker": 1, "medium": 1}


@pytest.mark.parametrize("form", ["html", "pdf", "csv", "json"])
def test_the_command_writes_files(run: Callable[..., Result], tmp_path: Path, form: str) -> None:
    out = tmp_path / f"march.{form}"

    told = run("--month", "2026-03", "--out", str(out))

    assert told.exit_code == 0, told.output
    assert told.stdout == ""
    printed = run("--month", "2026-03", "--format", form).stdout_bytes
    assert out.read_bytes()[:40] == printed[:40]
    assert len(out.read_bytes()) == len(printed)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--month", "2026-3"), "2026-3"),
        (("--client", "acmee"), "acme"),
        (("--out", "report.doc"), "--format"),
    ],
)
def test_wrong_usage_is_told(run: Callable[..., Result], arguments: tuple[str, ...], told: str) -> None:
    answer = run(*arguments)

    assert answer.exit_code == 2
    assert told in answer.stderr
