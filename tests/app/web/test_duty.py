"""Calendars and the contact card: what is in them, for whom, and behind which address."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlsplit

import pytest
import vobject
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar, Event

from app.web.duty import duty_blueprint
from app.web.dutylinks import DutyLinks, Of
from oncall.book import Book, Service, SupportCenter
from oncall.contracts import Client, Contract
from oncall.people import Language, Person
from oncall.rosters import Kind, Layer, Length, Override, Rotation, Team, Unit
from oncall.rosters import shifts as expanded
from oncall.sla import WorkingHours

ORIGIN = "https://guardia.example"
NOW = datetime(2026, 3, 4, 6, 12, tzinfo=UTC)
ZONE = "America/New_York"  # its clock changes on 8 March 2026
PAGE_FROM = "+541152630099"
LINKS = DutyLinks("a secret", ORIGIN)
STARTS = datetime(2026, 1, 5, 9, 0)  # noqa: DTZ001 - a wall time, as managers write it

PEOPLE = {
    "ana": Person("ana", "Ana Paz", ("+5491155550101",), language=Language.ES),
    "bruno": Person("bruno", "Bruno Lima", ("+5511955550102",), language=Language.PT),
    "lucia": Person("lucia", "Lucía Ferrer", ("+5491155550105",), language=Language.EN),
}


def rotation(*people: str) -> Rotation:
    return Rotation((Layer(tuple((p,) for p in people), Length(1, Unit.WEEKS), STARTS),))


SWAP = Override(
    "primary",
    NOW - timedelta(hours=2),
    NOW + timedelta(hours=6),
    "bruno",
    "ana",
    Kind.REPLACE,
    "SMS bruno → ana",
)
TEAM = Team("integrations", ZONE, {"primary": rotation("ana", "bruno")}, (SWAP,))


def client(id: str, line: str, team: str) -> Client:
    contract = Contract("AIVO-1", NOW.date(), NOW.date(), line, None, team, ZONE)
    return Client(id, id.upper(), Language.ES, contract, (), ())


BOOK = Book(
    Service(WorkingHours(frozenset(range(5)), time(9), time(18), ZONE), SupportCenter("Center", ""), {}),
    PEOPLE,
    {"integrations": TEAM, "mobile": Team("mobile", "UTC", {"first": rotation("lucia")})},
    {
        "acme": client("acme", "+541152630001", "integrations"),
        "faro": client("faro", "+541152630002", "mobile"),
    },
)


@dataclass
class Now:
    """A clock and a roll that stand where they are put."""

    at: datetime = NOW
    book: Book = BOOK

    def now(self) -> datetime:
        return self.at

    def current(self) -> Book:
        return self.book


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def browser(now: Now) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(duty_blueprint(now, LINKS, now, PAGE_FROM, ORIGIN))
    return app.test_client()


def path(address: str) -> str:
    assert address.startswith(f"{ORIGIN}/")
    return urlsplit(address).path


def calendar(browser: FlaskClient, address: str) -> Calendar:
    answer = browser.get(path(address))
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    return Calendar.from_ical(answer.get_data())


def events(found: Calendar) -> list[Event]:
    return list(found.events)


def test_a_persons_calendar_holds_every_shift_of_theirs(browser: FlaskClient) -> None:
    found = calendar(browser, LINKS.calendar(Of.PERSON, "bruno"))

    window = (NOW - timedelta(days=40), NOW + timedelta(days=179))
    rows = [s for s in expanded(TEAM, "primary", *window, PEOPLE) if s.person == "bruno"]
    inside = [row for row in rows if NOW - timedelta(days=28) < row.start and row.end < window[1]]
    spans = {(event.start.astimezone(UTC), event.end.astimezone(UTC)) for event in events(found)}
    assert {(row.start, row.end) for row in inside} <= spans
    assert len(inside) > 12


def test_a_calendar_reaches_thirty_days_back_and_half_a_year_ahead(browser: FlaskClient) -> None:
    found = events(calendar(browser, LINKS.calendar(Of.TEAM, "integrations")))

    midnight = NOW.replace(hour=0, minute=0)
    assert min(e.start for e in found) <= midnight - timedelta(days=30) < min(e.end for e in found)
    assert max(e.end for e in found) == midnight + timedelta(days=180)


def test_a_calendar_speaks_the_teams_time_with_its_zone(browser: FlaskClient) -> None:
    raw = browser.get(path(LINKS.calendar(Of.PERSON, "ana"))).get_data(as_text=True)

    assert "BEGIN:VTIMEZONE" in raw
    assert f"TZID:{ZONE}" in raw
    starts = [line for line in raw.splitlines() if line.startswith("DTSTART;TZID=")]
    assert "BEGIN:DAYLIGHT\nDTSTART:20260308T020000" in "\n".join(raw.splitlines())
    whole_turns = [line for line in starts if line.endswith("T090000")]
    assert len(whole_turns) >= len(starts) - 1  # 9 o'clock on both sides of the clock change


def test_a_swap_shows_with_its_origin(browser: FlaskClient) -> None:
    found = calendar(browser, LINKS.calendar(Of.PERSON, "bruno"))

    (swapped,) = [event for event in events(found) if event.description]
    assert swapped.description == "Substituição. SMS bruno → ana"
    assert swapped.summary == "De plantão: integrations/primary"
    assert swapped.start.astimezone(UTC) == SWAP.start


def test_a_teams_calendar_says_who_holds_what(browser: FlaskClient) -> None:
    found = calendar(browser, LINKS.calendar(Of.TEAM, "mobile"))

    assert {event.summary for event in events(found)} == {"first: Lucía Ferrer"}


def test_a_shift_keeps_its_name_as_days_go_by(browser: FlaskClient, now: Now) -> None:
    address = LINKS.calendar(Of.PERSON, "ana")
    before = {event.uid for event in events(calendar(browser, address))}

    now.at += timedelta(days=1)
    after = {event.uid for event in events(calendar(browser, address))}

    assert len(before ^ after) <= 2  # one left the window, one came in
    assert len(before) == len({uid.split("@")[0] for uid in before})


def test_an_unchanged_calendar_is_not_sent_again(browser: FlaskClient, now: Now) -> None:
    address = path(LINKS.calendar(Of.PERSON, "ana"))
    mark = browser.get(address).headers["ETag"]

    now.at += timedelta(hours=3)
    again = browser.get(address, headers={"If-None-Match": mark})
    now.book = replace(BOOK, teams={"integrations": replace(TEAM, overrides=())})
    changed = browser.get(address, headers={"If-None-Match": mark})

    assert (again.status_code, again.get_data()) == (304, b"")
    assert changed.status_code == 200


def test_the_card_holds_the_guards_numbers(browser: FlaskClient) -> None:
    answer = browser.get(path(LINKS.of_person("ana")["contact_card"]))

    assert answer.content_type == "text/vcard; charset=utf-8"
    card = vobject.readOne(answer.get_data(as_text=True))
    assert [line.value for line in card.contents["tel"]] == [PAGE_FROM, "+541152630001"]
    assert card.version.value == "3.0"
    assert card.fn.value == "Guardia de Aivo"
    assert "No molestar" in card.note.value


def test_who_takes_no_turns_gets_every_line(browser: FlaskClient, now: Now) -> None:
    now.book = replace(BOOK, teams={"integrations": TEAM})

    card = vobject.readOne(browser.get(path(LINKS.of_person("lucia")["contact_card"])).get_data(as_text=True))

    assert len(card.contents["tel"]) == 3


@pytest.mark.parametrize(
    "address",
    [
        "/calendar/nothing.ics",
        "/calendar/.ics",
        "/contact/WyJwZXJzb24iLCJhbmEiXQ.x.vcf",
        path(LINKS.calendar(Of.PERSON, "ana"))[:-5] + "x.ics",
        path(DutyLinks("another secret", ORIGIN).calendar(Of.PERSON, "ana")),
        path(LINKS.calendar(Of.PERSON, "gone")),
        path(LINKS.calendar(Of.TEAM, "gone")),
        path(LINKS.calendar(Of.TEAM, "ana")),
        path(LINKS.of_person("gone")["contact_card"]),
        path(LINKS.calendar(Of.PERSON, "ana")).replace("calendar", "contact").replace(".ics", ".vcf"),
    ],
)
def test_a_wrong_address_is_not_found(browser: FlaskClient, address: str) -> None:
    answer = browser.get(address)

    assert answer.status_code == 404
    assert "Ana" not in answer.get_data(as_text=True)


def test_an_address_never_changes_and_cannot_be_guessed() -> None:
    address = LINKS.calendar(Of.PERSON, "ana")

    assert DutyLinks("a secret", ORIGIN).calendar(Of.PERSON, "ana") == address
    assert len(address.rpartition(".ics")[0].rpartition(".")[2]) >= 43  # 256 bits


def test_nobody_else_keeps_or_indexes_it(browser: FlaskClient) -> None:
    headers = browser.get(path(LINKS.calendar(Of.PERSON, "ana"))).headers

    assert headers["Cache-Control"].startswith("private")
    assert headers["X-Robots-Tag"] == "noindex"
