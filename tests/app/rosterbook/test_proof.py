"""The proof of coverage, and what a manager should know although nothing is wrong."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.rosterbook import Severity, read
from app.rosterbook.findings import Code
from app.rosterbook.proof import Proof, clock_changes, prove
from tests.app.rosterbook.folders import GOOD, changed, written

TEAM, PEOPLE, CLIENT = "teams/guard.yaml", "people.yaml", "clients/acme.yaml"
START = datetime(2026, 11, 23, 12, tzinfo=UTC)
END = START + timedelta(weeks=13)


def proven(folder: Path) -> Proof:
    reading = read(folder)
    assert reading.book is not None, reading.findings
    return prove(reading, START, END)


def with_rotations(folder: Path, rotations: str, escalation: str, people: str = GOOD[PEOPLE]) -> Path:
    team = f"team: guard\ntimezone: Europe/Madrid\nrotations:\n{rotations}\nescalation:\n{escalation}\n"
    return written(folder, {**GOOD, TEAM: team, PEOPLE: people})


PRIMARY = "  primary: {people: [bruno, carla], shift: 1 week, starts: 2026-01-05 09:00}"
LEVEL = "  - {page: primary, for: 3 minutes}"


def an_override(person: str, first: str, last: str, more: str = "reason: a swap") -> str:
    return f"  - {{rotation: primary, person: {person}, from: {first} 09:00, to: {last} 09:00, {more}}}\n"


# what is written, the code, part of the sentence
REMARKS = [
    (
        an_override("ana", "2026-12-01", "2026-12-03") + an_override("lucia", "2026-12-02", "2026-12-04"),
        Code.OVERRIDE_OVERLAP,
        "overlaps override 1 of `primary` from Wed 2026-12-02 09:00",
    ),
    (
        an_override("ana", "2026-12-01", "2026-12-03", "instead_of: lucia"),
        Code.OVERRIDE_WITHOUT_EFFECT,
        "changes nothing",
    ),
    (
        an_override("ana", "2026-12-21", "2026-12-22"),
        Code.OVERRIDE_AWAY,
        "ana is away from Sun 2026-12-20 00:00",
    ),
]


@pytest.mark.parametrize(("overrides", "code", "words"), REMARKS)
def test_overrides_that_cannot_be_meant_are_warned_of(
    tmp_path: Path, overrides: str, code: Code, words: str
) -> None:
    folder = with_rotations(tmp_path, f"{PRIMARY}\noverrides:\n{overrides}", LEVEL)

    proof = proven(folder)

    assert [(f.severity, f.code) for f in proof.findings] == [(Severity.WARNING, code)]
    assert words in proof.findings[0].message
    assert proof.holds


@pytest.mark.parametrize(
    "overrides",
    [
        an_override("ana", "2026-12-01", "2026-12-03") + an_override("lucia", "2026-12-03", "2026-12-04"),
        an_override("ana", "2026-12-01", "2026-12-03")
        + an_override("lucia", "2026-12-02", "2026-12-04", "kind: add"),
        an_override("ana", "2026-02-01", "2026-02-03") + an_override("lucia", "2026-02-01", "2026-02-04"),
    ],
)
def test_overrides_that_meet_add_or_are_over_are_not(tmp_path: Path, overrides: str) -> None:
    assert proven(with_rotations(tmp_path, f"{PRIMARY}\noverrides:\n{overrides}", LEVEL)).findings == ()


def test_who_is_away_on_their_turn_and_who_stands_in(tmp_path: Path) -> None:
    rotation = "  primary: {people: [ana, bruno], shift: 1 week, starts: 2026-12-14 09:00}"
    unused = "\n  old: {people: [carla], shift: 1 week, starts: 2026-01-01 00:00}"

    proof = proven(with_rotations(tmp_path, rotation + unused, LEVEL))

    messages = {f.code: f.message for f in proof.findings}
    assert messages[Code.AWAY_ON_TURN] == (
        "ana is away on their turn of `primary` from Sun 2026-12-20 00:00 to Mon 2026-12-21 09:00, "
        "and once more: bruno stands in"
    )
    assert "no level pages `old`" in messages[Code.ROTATION_UNUSED]
    assert Code.GAP in messages


def test_somebody_paged_by_name_who_is_away(tmp_path: Path) -> None:
    proof = proven(with_rotations(tmp_path, PRIMARY, LEVEL + "\n  - {page: [ana], for: 5 minutes}"))

    assert [f.code for f in proof.findings] == [Code.AWAY_ON_LEVEL]


def test_levels_that_are_the_same_person(tmp_path: Path) -> None:
    two = (
        PRIMARY
        + "\n  backup: {people: [carla, bruno, bruno, bruno], shift: 1 week, starts: 2026-01-05 09:00}"
    )

    proof = proven(with_rotations(tmp_path, two, LEVEL + "\n  - {page: backup, for: 3 minutes}"))

    assert [(f.code, f.line) for f in proof.findings] == [(Code.SAME_PERSON, 8)]
    assert "levels 1 and 2 are both bruno from" in proof.findings[0].message
    assert "times more" in proof.findings[0].message


def test_too_little_rest_between_turns(tmp_path: Path) -> None:
    days = "  primary: {people: [bruno, carla, bruno], shift: 8 hours, starts: 2026-01-05 09:00}"

    proof = proven(with_rotations(tmp_path, days, LEVEL))

    assert [f.code for f in proof.findings] == [Code.SHORT_REST]
    assert "bruno rests only 8:00:00 between turns of `primary`" in proof.findings[0].message


def test_contracts_that_end_or_are_suspended(tmp_path: Path) -> None:
    ends = changed(tmp_path / "ends", CLIENT, "2030-12-31", "2027-01-31")
    text = "team: guard\n  suspended: [{from: 2027-02-01}]"
    suspended = changed(tmp_path / "suspended", CLIENT, "team: guard", text)

    assert Code.CONTRACT_ENDS in {f.code for f in proven(ends).findings}
    assert Code.CONTRACT_SUSPENDED in {f.code for f in proven(suspended).findings}


def test_a_window_leaves_gaps_that_are_told_once(tmp_path: Path) -> None:
    nights = PRIMARY.replace("}", ', active: [{days: mon-fri, from: "18:00", to: "09:00"}]}')

    reading = read(with_rotations(tmp_path, nights, LEVEL))
    proof = prove(reading, START, END)

    gaps = [f for f in proof.findings if f.code is Code.GAP]
    assert len(gaps) == 1
    assert "level 1 (primary) has nobody from Mon 2026-11-23 13:00 to Mon 2026-11-23 18:00" in gaps[0].message
    assert len(proof.teams[0].levels[0].gaps) == 13 * 5 + 1
    assert not proof.holds


def test_clock_changes_are_named_to_the_second() -> None:
    year = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))

    madrid = [(c.at, c.moves) for c in clock_changes("Europe/Madrid", *year)]
    lord_howe = [str(c) for c in clock_changes("Australia/Lord_Howe", *year)]

    hour = timedelta(hours=1)
    assert madrid == [
        (datetime(2026, 3, 29, 1, tzinfo=UTC), hour),
        (datetime(2026, 10, 25, 1, tzinfo=UTC), -hour),
    ]
    assert lord_howe == ["Sun 2026-04-05 01:30 (back 0:30:00)", "Sun 2026-10-04 02:30 (forward 0:30:00)"]
    assert list(clock_changes("America/Argentina/Buenos_Aires", *year)) == []


def test_a_large_folder_is_proven(tmp_path: Path) -> None:
    people = [f"p{n}" for n in range(100)]
    text = "".join(
        f'  {p}: {{name: Person {p}, phones: ["+1201555{n:04}"], language: en}}\n'
        for n, p in enumerate(people)
    )
    files = {**GOOD, PEOPLE: "people:\n" + text, "service.yaml": GOOD["service.yaml"].replace("lucia", "p0")}
    for n in range(20):
        own = ", ".join(people[n * 5 : n * 5 + 5])
        other = ", ".join(people[n * 5 + 2 : n * 5 + 5] + people[n * 5 : n * 5 + 2])
        files[f"teams/t{n}.yaml"] = (
            f"team: t{n}\ntimezone: America/New_York\nrotations:\n"
            f"  primary: {{people: [{own}], shift: 12 hours, starts: 2026-01-05 09:00}}\n"
            f"  backup: {{people: [{other}], shift: 12 hours, starts: 2026-01-05 09:00}}\n"
            "escalation:\n  - {page: primary, for: 3 minutes}\n  - {page: backup, for: 3 minutes}\n"
        )
    del files[TEAM], files[CLIENT]
    for n in range(200):
        client = GOOD[CLIENT].replace("acme", f"c{n}").replace("team: guard", f"team: t{n % 20}")
        files[f"clients/c{n}.yaml"] = client.replace("+541152630001", f"+54115263{n:04}")

    proof = proven(written(tmp_path, files))

    assert proof.holds
