"""What a rosters folder says, as values of the domain."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from app.rosterbook import read
from oncall.contracts import BuiltBy
from oncall.people import Language
from oncall.rosters import Layer, Length, Notices, Override, Unit, Window, on_call
from oncall.sla import Priority, Promise
from tests.app.rosterbook.folders import GOOD, changed, written

EXAMPLE = Path("rosters")
TEAM, PEOPLE, SERVICE, CLIENT = "teams/guard.yaml", "people.yaml", "service.yaml", "clients/acme.yaml"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def first_layer(folder: Path) -> Layer:
    return read(folder).teams["guard"].rotations["primary"].layers[0]


def test_the_example_is_complete() -> None:
    reading = read(EXAMPLE)
    book = reading.book

    assert reading.findings == ()
    assert book is not None
    assert {c.language for c in book.clients.values()} == set(Language)
    assert {i.built_by for c in book.clients.values() for i in c.integrations} == set(BuiltBy)
    assert set(book.teams["integrations"].rotations) == {"primary", "backup"}
    assert not book.clients["faro"].contract.is_in_force_on(date(2026, 7, 1))
    assert len(book.managers()) == 2
    assert any(len(p.phones) > 1 for p in book.people.values())


@pytest.mark.parametrize(("client", "pin"), [("acme", "2580"), ("aurora", "1470"), ("harbor", "3690")])
def test_the_pins_of_the_example_are_those_its_comments_tell(client: str, pin: str) -> None:
    book = read(EXAMPLE).book
    assert book is not None
    hashed = book.clients[client].contract.pin_hash
    assert hashed is not None

    assert PasswordHasher().verify(hashed, pin)


def test_a_team_says_how_early_it_is_told_of_a_shift(tmp_path: Path) -> None:
    folder = changed(tmp_path, TEAM, "ring: 25 seconds", "notices: {mail: 2 days}")

    assert read(folder).teams["guard"].notices == Notices(mail=timedelta(days=2), text=timedelta(hours=1))


def test_a_team_becomes_what_the_domain_knows(tmp_path: Path) -> None:
    team = read(written(tmp_path)).teams["guard"]

    assert team.timezone == "America/Argentina/Buenos_Aires"
    assert team.ring == timedelta(seconds=25)
    assert team.notices == Notices(mail=timedelta(hours=24), text=timedelta(hours=1))
    assert [(level.page, level.lasts) for level in team.escalation] == [
        ("primary", 3 * MINUTE), ("backup", 3 * MINUTE), (("lucia",), 5 * MINUTE)
    ]  # fmt: skip
    assert team.overrides == (
        Override(
            "primary",
            datetime(2026, 12, 24, 21, tzinfo=UTC),
            datetime(2026, 12, 26, 12, tzinfo=UTC),
            "lucia",
            reason="Navidad",
        ),
    )


@pytest.mark.parametrize(
    ("written_as", "windows"),
    [
        ('{days: mon-tue, from: "18:00", to: "09:00"}', [(18, 33), (42, 57)]),
        ('{days: [fri, sun], from: "00:00", to: "24:00"}', [(96, 120), (144, 168)]),
        ('{days: sat-mon, from: 9:30, to: 9:30}', [(9.5, 33.5), (129.5, 153.5), (153.5, 177.5)]),
        ("{from: sat 00:00, to: mon 00:00}", [(120, 168)]),
        ("{from: fri 18:00, to: mon 09:00}", [(114, 177)]),
        ("{from: mon 09:00, to: mon 09:00}", [(9, 177)]),
        ("{from: sat 12:00, to: sun 24:00}", [(132, 168)]),
    ],
)  # fmt: skip
def test_weekly_windows_are_read_as_they_are_meant(
    tmp_path: Path, written_as: str, windows: list[tuple[float, float]]
) -> None:
    folder = changed(tmp_path, TEAM, "starts: 2026", f"active: [{written_as}]\n    starts: 2026")

    layer = first_layer(folder)

    assert layer.active == tuple(Window(int(s * 3600), int(e * 3600)) for s, e in windows)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-05 09:00", datetime(2026, 1, 5, 9)),  # noqa: DTZ001 - a wall time
        ("2026-01-05T09:00:30", datetime(2026, 1, 5, 9, 0, 30)),  # noqa: DTZ001
        ("2026-01-05 09:00-03:00", datetime(2026, 1, 5, 12, tzinfo=UTC)),
        ("2026-01-05T12:00:00Z", datetime(2026, 1, 5, 12, tzinfo=UTC)),
        ("'2026-01-05 9:00 +0100'", datetime(2026, 1, 5, 8, tzinfo=UTC)),
    ],
)
def test_local_times_may_have_seconds_and_an_offset(tmp_path: Path, text: str, moment: datetime) -> None:
    assert first_layer(changed(tmp_path, TEAM, "2026-01-05 09:00", text)).starts == moment


def test_lengths_of_turns_are_counted_in_four_units(tmp_path: Path) -> None:
    for text, length in {
        "12 hours": Length(12, Unit.HOURS),
        "1 day": Length(1, Unit.DAYS),
        "2 weeks": Length(2, Unit.WEEKS),
        "1 month": Length(1, Unit.MONTHS),
    }.items():
        assert first_layer(changed(tmp_path, TEAM, "1 week", text)).shift == length


def test_yaml_1_2_leaves_on_and_times_of_day_as_text(tmp_path: Path) -> None:
    people = GOOD[PEOPLE].replace("  bruno:", "  on:").replace("Bruno Lima", "18:00")
    team = GOOD[TEAM].replace("bruno", "on")

    reading = read(written(tmp_path, {**GOOD, PEOPLE: people, TEAM: team}))

    assert reading.findings == ()
    assert reading.people["on"].name == "18:00"


def test_promises_keep_elapsed_and_working_time_apart(tmp_path: Path) -> None:
    book = read(written(tmp_path)).book
    assert book is not None
    owed = book.service.promises

    assert owed[Priority.HIGH].resolution == Promise(elapsed=16 * HOUR, working=8 * HOUR)
    assert owed[Priority.BLOCKER].first_response == Promise(elapsed=HOUR)
    assert owed[Priority.MEDIUM].resolution == Promise(working=5 * 9 * HOUR)  # five days of nine hours


@pytest.mark.parametrize(
    ("written_as", "kept", "conversations"),
    [
        ("", 90, False),
        ("recordings: {conversations: true}", 90, True),
        ("recordings: {kept: 30 days}", 30, False),
        ("recordings: {kept: 30 days, conversations: false}", 30, False),
    ],
)
def test_conversations_are_recorded_only_where_it_says_so(
    tmp_path: Path, written_as: str, kept: int, conversations: bool
) -> None:
    book = read(written(tmp_path, {**GOOD, SERVICE: f"{GOOD[SERVICE]}\n{written_as}\n"})).book

    assert book is not None
    assert book.service.recordings_kept == timedelta(days=kept)
    assert book.service.conversations_recorded is conversations


def test_holidays_of_a_country_a_part_of_it_and_days_of_ones_own(tmp_path: Path) -> None:
    folder = changed(tmp_path, SERVICE, "holidays: AR", "holidays: [AR, BR-SP, 2026-12-24]")

    book = read(folder).book
    assert book is not None
    hours = book.service.working_hours

    assert {date(2026, 7, 9), date(2026, 9, 7), date(2026, 12, 24)} <= hours.holidays
    assert hours.country == "AR"


def test_a_contract_may_have_its_own_zone_and_be_suspended(tmp_path: Path) -> None:
    more = """team: guard
  timezone: America/Sao_Paulo
  suspended:
    - {from: 2026-03-01, to: 2026-03-31, reason: unpaid}
    - {from: 2027-01-01}
"""
    book = read(changed(tmp_path, CLIENT, "team: guard\n", more)).book
    assert book is not None
    contract = book.clients["acme"].contract

    assert contract.timezone == "America/Sao_Paulo"
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1), date(2027, 6, 1)]
    assert [contract.is_in_force_on(day) for day in days] == [True, False, False, True, False]


def test_a_contract_without_a_zone_has_its_teams(tmp_path: Path) -> None:
    book = read(written(tmp_path)).book

    assert book is not None
    assert book.clients["acme"].contract.timezone == "America/Argentina/Buenos_Aires"


def test_the_version_follows_the_content_and_nothing_else(tmp_path: Path) -> None:
    versions = []
    for number, text in enumerate([GOOD[TEAM], "# a comment\n" + GOOD[TEAM], GOOD[TEAM].replace("25", "20")]):
        book = read(written(tmp_path / str(number), {**GOOD, TEAM: text})).book
        assert book is not None
        versions.append(book.version)

    assert versions[0] == versions[1] != versions[2]
    assert len(versions[0]) == 12


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (CLIENT, "client: acme", "klient: acme"),
        (CLIENT, "client: acme", "{["),
        (SERVICE, "managers", "manegers"),
        (TEAM, "for: 3 minutes", "for: ages"),
        (TEAM, "escalation:", "escalations:"),
        (TEAM, "ring: 25 seconds", "ring: soon"),
        (PEOPLE, "+5511955550102", "none"),
        (PEOPLE, "language: pt", "language: latin"),
        (PEOPLE, "name: Bruno Lima", "nome: Bruno Lima"),
    ],
)
def test_who_is_on_call_can_be_told_whatever_else_is_wrong(
    tmp_path: Path, file: str, old: str, new: str
) -> None:
    reading = read(changed(tmp_path, file, old, new))

    assert reading.book is None
    if "escalations" not in new:
        assert reading.unread == ()
        at = datetime(2026, 1, 12, 12, tzinfo=UTC)
        assert on_call(reading.teams["guard"], "primary", at, reading.people) == ("bruno",)


def test_who_is_on_call_cannot_be_told_where_it_is_written_wrongly(tmp_path: Path) -> None:
    for file, old, new in [
        (TEAM, "shift: 1 week", "shfit: 1 week"),
        (TEAM, "person: lucia", "persona: lucia"),
        (PEOPLE, "to: 2027-01-03 00:00", "to: never"),
    ]:
        assert read(changed(tmp_path, file, old, new)).unread, new
