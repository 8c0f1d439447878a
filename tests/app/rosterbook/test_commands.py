"""What `guardia check`, `who` and `shifts` answer, to people and to programs."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from tests.app.rosterbook.folders import GOOD, changed, written

TEAM, PEOPLE, CLIENT = "teams/guard.yaml", "people.yaml", "clients/acme.yaml"
NOW, BUENOS_AIRES = "2026-11-23T12:00:00Z", "America/Argentina/Buenos_Aires"
ANY_DAY = ["--from", "2026-01-01", "--to", "2026-01-02"]


def guardia(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--rosters", str(folder), *words])


def answer(folder: Path, *words: str) -> Any:
    result = guardia(folder, "--json", *words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_who_lists_every_rotation_and_nobody_as_an_empty_list(tmp_path: Path) -> None:
    folder = changed(tmp_path, TEAM, "starts: 2026-01-05 09:00}", "starts: 2027-01-05 09:00}")

    assert answer(folder, "who", "--at", NOW) == {
        "at": "2026-11-23T12:00:00Z",
        "teams": {"guard": {"primary": ["ana"], "backup": []}},
    }


def test_json_may_stand_before_or_after_the_command(tmp_path: Path) -> None:
    written(tmp_path)

    before = guardia(tmp_path, "--json", "who", "--at", NOW)
    after = guardia(tmp_path, "who", "--at", NOW, "--json")

    assert before.stdout == after.stdout
    assert json.loads(after.stdout)["teams"]


def test_a_time_without_offset_is_read_in_the_teams_zone(tmp_path: Path) -> None:
    written(tmp_path)

    assert answer(tmp_path, "who", "--at", "2026-11-23 09:00")["at"] == "2026-11-23T12:00:00Z"
    assert answer(tmp_path, "who", "--at", "2026-11-23T09:00")["teams"]["guard"]["primary"] == ["ana"]
    assert answer(tmp_path, "who", "--at", "2026-11-23T09:00+01:00")["at"] == "2026-11-23T08:00:00Z"


def test_shifts_are_clipped_sorted_and_half_open(tmp_path: Path) -> None:
    told = answer(written(tmp_path), "shifts", "--from", "2026-12-21", "--to", "2026-12-28T12:00:00Z")

    assert told["gaps"] == []
    assert told["shifts"] == [
        row("primary", "bruno", "2026-12-21T03:00:00Z", "2026-12-21T12:00:00Z"),
        row("backup", "carla", "2026-12-21T03:00:00Z", "2026-12-21T12:00:00Z"),
        row("primary", "bruno", "2026-12-21T12:00:00Z", "2026-12-24T21:00:00Z", "substitute"),
        row("backup", "carla", "2026-12-21T12:00:00Z", "2026-12-28T12:00:00Z"),
        row("primary", "lucia", "2026-12-24T21:00:00Z", "2026-12-26T12:00:00Z", "override"),
        row("primary", "bruno", "2026-12-26T12:00:00Z", "2026-12-28T12:00:00Z", "substitute"),
    ]


def row(rotation: str, person: str, start: str, end: str, reason: str = "rotation") -> dict[str, str]:
    span = {"from": start, "to": end}
    return {"team": "guard", "rotation": rotation, "person": person, **span, "reason": reason}


def gap(rotation: str, start: str, end: str) -> dict[str, str]:
    return {"team": "guard", "rotation": rotation, "from": start, "to": end}


def test_gaps_are_told_whatever_the_reason(tmp_path: Path) -> None:
    folder = changed(tmp_path, TEAM, "shift: 1 week\n", "shift: 1 week\n    until: 2026-02-01 00:00\n")

    told = answer(folder, "shifts", "--from", "2026-01-01T00:00Z", "--to", "2026-03-01T00:00Z")

    assert told["gaps"] == [
        gap("primary", "2026-01-01T00:00:00Z", "2026-01-05T12:00:00Z"),
        gap("backup", "2026-01-01T00:00:00Z", "2026-01-05T12:00:00Z"),
        gap("primary", "2026-02-01T03:00:00Z", "2026-03-01T00:00:00Z"),
    ]


def test_people_read_tables_in_the_teams_own_time(tmp_path: Path) -> None:
    written(tmp_path)

    who = guardia(tmp_path, "who", "--at", NOW).output
    shifts = guardia(tmp_path, "shifts", "--from", "2026-12-21", "--to", "2026-12-27").output

    assert "guard, Mon 2026-11-23 09:00 (America/Argentina/Buenos_Aires)" in who
    assert "primary  Ana Paz (ana)" in who
    assert "  Thu 2026-12-24 18:00  Sat 2026-12-26 09:00  primary  Lucía Ferrer (lucia)  override" in shifts


def test_each_team_reads_times_in_its_own_zone(tmp_path: Path) -> None:
    tokyo = (
        GOOD[TEAM]
        .replace("team: guard", "team: tokyo")
        .replace("America/Argentina/Buenos_Aires", "Asia/Tokyo")
    )
    written(tmp_path, {**GOOD, "teams/tokyo.yaml": tokyo})

    told = answer(tmp_path, "shifts", "--from", "2026-03-02", "--to", "2026-03-03")

    assert {(r["team"], r["from"]) for r in told["shifts"] if r["rotation"] == "backup"} == {
        ("guard", "2026-03-02T03:00:00Z"), ("guard", "2026-03-02T12:00:00Z"),
        ("tokyo", "2026-03-01T15:00:00Z"), ("tokyo", "2026-03-02T00:00:00Z"),
    }  # fmt: skip
    assert set(answer(tmp_path, "who", "--team", "tokyo", "--at", NOW)["teams"]) == {"tokyo"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["who", "--at", "yesterday"], "is not a time"),
        (["who", "--at", "2026-02-30"], "is not a time"),
        (["who", "--at", "0001-01-01"], "is not a time"),
        (["who", "--team", "gaurd"], "did you mean `guard`?"),
        (["shifts", "--from", "2026-01-02", "--to", "2026-01-01"], "must not be before"),
        (["shifts", "--from", "1900-01-01", "--to", "9000-01-01"], "100 years"),
        (["shifts", "--from", "2026-01-02"], "--to"),
        (["check", "--weeks", "0"], "--weeks"),
    ],
)
def test_wrong_usage_is_exit_2(tmp_path: Path, words: list[str], message: str) -> None:
    result = guardia(written(tmp_path), *words)

    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("words", [["who"], ["shifts", *ANY_DAY], ["check"]])
def test_a_missing_folder_is_exit_2(tmp_path: Path, words: list[str]) -> None:
    result = guardia(tmp_path / "nowhere", *words)

    assert result.exit_code == 2
    assert "no such folder" in result.stderr
    assert "Traceback" not in result.output


def test_a_roster_that_cannot_be_read_is_exit_2_with_a_line_for_each_finding(tmp_path: Path) -> None:
    folder = changed(tmp_path, TEAM, "shift: 1 week\n    starts", "shfit: 1 week\n    startt")

    result = guardia(folder, "who")

    assert result.exit_code == 2
    lines = result.stderr.splitlines()
    assert len(lines) == 4
    assert lines[0].startswith(f"{folder / TEAM}:")


def test_another_teams_broken_file_does_not_hide_who_is_on_call(tmp_path: Path) -> None:
    written(tmp_path, {**GOOD, "teams/broken.yaml": "team: ["})

    assert guardia(tmp_path, "who", "--at", NOW).exit_code == 2
    assert answer(tmp_path, "who", "--team", "guard", "--at", NOW)["teams"]["guard"]


def test_a_broken_client_does_not_hide_who_is_on_call(tmp_path: Path) -> None:
    folder = changed(tmp_path, CLIENT, "client: acme", "clnt: acme")

    assert answer(folder, "who", "--at", NOW)["teams"]["guard"]["backup"] == ["carla"]


def test_check_accepts_the_example_for_years_to_come() -> None:
    for start in (NOW, "2027-06-01T00:00Z", "2030-01-01T00:00Z"):
        result = guardia(Path("rosters"), "check", "--from", start)

        assert result.exit_code == 0, result.output
        assert "NOT COVERED" not in result.output


def test_check_says_where_what_and_that_it_is_covered(tmp_path: Path) -> None:
    result = guardia(written(tmp_path), "check", "--from", NOW)

    assert result.exit_code == 0
    assert f"{tmp_path / TEAM}:4:3: warning: ana is away on their turn of `primary`" in result.output
    assert "level 1  primary  covered" in result.output
    assert "2026-12-25 Navidad" in result.output


@pytest.mark.parametrize("files", [{}, {TEAM: "team: ["}, {TEAM: GOOD[TEAM].replace("shift", "shfit")}])
def test_a_team_that_cannot_be_read_is_the_first_thing_told_and_not_once_more_for_each_client(
    tmp_path: Path, files: dict[str, str]
) -> None:
    kept = {name: text for name, text in GOOD.items() if name != TEAM}
    told = guardia(written(tmp_path, {**kept, **files}), "check", "--from", NOW)

    assert told.exit_code == 1
    assert told.stdout.splitlines()[0].startswith(str(tmp_path / "teams"))
    assert "unknown team" not in told.stdout
    assert told.stdout.rstrip().endswith("Who is on call cannot be told of what cannot be read.")


@pytest.mark.parametrize("text", ["people: [", "people: [ana, bruno]", "persons: {}"])
def test_people_who_cannot_be_read_are_told_once_and_not_wherever_they_are_named(
    tmp_path: Path, text: str
) -> None:
    told = guardia(written(tmp_path, {**GOOD, "people.yaml": text}), "check", "--from", NOW)

    found = [line for line in told.stdout.splitlines() if line.startswith(str(tmp_path))]
    errors = [line for line in found if ": warning: " not in line]
    assert told.exit_code == 1
    assert errors
    assert all(line.startswith(str(tmp_path / "people.yaml")) for line in errors)


def test_check_for_programs_has_findings_and_coverage(tmp_path: Path) -> None:
    told = answer(written(tmp_path), "check", "--from", NOW, "--weeks", "2")

    assert set(told) == {"findings", "coverage"}
    assert told["coverage"]["covered"] is True
    assert told["coverage"]["to"] == "2026-12-07T12:00:00Z"
    assert [v["page"] for v in told["coverage"]["teams"]["guard"]["levels"]] == ["primary", "backup", "lucia"]


def test_check_refuses_mistakes_and_gaps(tmp_path: Path) -> None:
    mistake = changed(tmp_path / "mistake", CLIENT, "team: guard", "team: gaurd")
    gap = changed(tmp_path / "gap", TEAM, "shift: 1 week\n", "shift: 1 week\n    until: 2026-12-01 00:00\n")

    refused, uncovered = guardia(mistake, "check"), guardia(gap, "check", "--from", NOW, "--json")

    assert refused.exit_code == 1
    assert "clients/acme.yaml:9:9: unknown team `gaurd`: did you mean `guard`?" in refused.output
    assert uncovered.exit_code == 1
    found = json.loads(uncovered.stdout)
    gaps = [f for f in found["findings"] if f["code"] == "gap"]
    assert [(f["severity"], f["line"]) for f in gaps] == [("error", 15)]
    assert found["coverage"]["teams"]["guard"]["levels"][0]["gaps"] == [
        {"from": "2026-12-01T03:00:00Z", "to": "2027-02-22T12:00:00Z"}
    ]
