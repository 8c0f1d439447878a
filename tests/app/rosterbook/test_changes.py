"""What a change changes, overrides written by command, and the calendar."""

import json
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.cli.options import Options
from app.rosterbook import read
from app.rosterbook.editing import with_override
from tests.app.rosterbook.folders import GOOD, changed, written

TEAM = "teams/guard.yaml"
NOW = "2026-11-23T12:00:00Z"
SWAP = ["--team", "guard", "--rotation", "primary", "--from", "2026-12-01 09:00", "--to", "2026-12-02 09:00"]


class StoppedClock:
    """On 23 November 2026, whatever the day on which the test is run."""

    def now(self) -> datetime:
        return datetime.fromisoformat(NOW)


def guardia(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--rosters", str(folder), *words], obj=Options(clock=StoppedClock()))


def answer(folder: Path, *words: str) -> Any:
    result = guardia(folder, "--json", *words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=A Manager", "-c", "user.email=manager@aivo.example", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, "-C", str(folder), *words], check=True, capture_output=True)


def test_a_change_is_told_span_by_span(tmp_path: Path) -> None:
    before = written(tmp_path / "before")
    after = changed(tmp_path / "after", TEAM, "reason: Navidad}", "reason: Navidad}\n  - {rotation: backup, "
                    "person: ana, from: 2026-12-01 09:00, to: 2026-12-02 09:00}")  # fmt: skip

    told = answer(after, "check", "--from", NOW, "--diff", str(before))
    read_by_people = guardia(after, "check", "--from", NOW, "--diff", str(before)).output

    assert told["changes"] == [
        {
            "team": "guard",
            "rotation": "backup",
            "from": "2026-12-01T12:00:00Z",
            "to": "2026-12-02T12:00:00Z",
            "before": ["carla"],
            "after": ["ana"],
        }
    ]
    assert "guard  backup  Tue 2026-12-01 09:00  Wed 2026-12-02 09:00  carla → ana" in read_by_people


def test_a_change_of_words_changes_nobody(tmp_path: Path) -> None:
    before = written(tmp_path / "before")
    after = changed(tmp_path / "after", TEAM, "reason: Navidad", "reason: Christmas")

    assert (
        "Who is on call does not change."
        in guardia(after, "check", "--from", NOW, "--diff", str(before)).output
    )


def test_a_change_since_a_git_revision(tmp_path: Path) -> None:
    folder = written(tmp_path / "rosters")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "The rosters")
    changed(folder, TEAM, "[ana, bruno]", "[bruno, ana]")

    told = answer(folder, "check", "--from", NOW, "--weeks", "2", "--diff", "HEAD")

    assert [(c["before"], c["after"]) for c in told["changes"]] == [
        (["ana"], ["bruno"]), (["bruno"], ["ana"])
    ]  # fmt: skip
    assert guardia(folder, "check", "--diff", "no-such-branch").exit_code == 2
    assert guardia(folder, "check", "--diff", "--output=x").exit_code == 2


@pytest.mark.parametrize("files", [{}, {"notes.txt": "x"}, {TEAM: "team: ["}])
def test_a_folder_without_rosters_is_nothing_to_compare_with(tmp_path: Path, files: dict[str, str]) -> None:
    other = tmp_path / "other"
    other.mkdir()
    folder, other = written(tmp_path / "rosters"), written(other, files)

    told = guardia(folder, "check", "--from", NOW, "--diff", str(other))

    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr == f"{other} holds no rosters to compare with: no team of it can be read\n"


def test_a_new_and_a_vanished_team_are_changes(tmp_path: Path) -> None:
    other = GOOD[TEAM].replace("team: guard", "team: other")
    one, two = written(tmp_path / "one"), written(tmp_path / "two", {**GOOD, "teams/other.yaml": other})

    there = answer(two, "check", "--from", NOW, "--weeks", "1", "--diff", str(one))["changes"]
    back = answer(one, "check", "--from", NOW, "--weeks", "1", "--diff", str(two))["changes"]

    assert {(c["team"], tuple(c["before"])) for c in there} == {("other", ())}
    assert {(c["team"], tuple(c["after"])) for c in back} == {("other", ())}


def test_an_override_is_written_where_it_belongs_and_nothing_else_changes(tmp_path: Path) -> None:
    with_comments = (
        GOOD[TEAM].replace("ring: 25", "# a remark\nring: 25").replace("1 week", "1 week  # Mondays", 1)
    )
    folder = written(tmp_path, {**GOOD, TEAM: with_comments})

    result = guardia(folder, "override", "add", *SWAP, "--person", "carla", "--reason", "a swap: agreed")

    assert result.exit_code == 0, result.output
    lines = (folder / TEAM).read_text(encoding="utf-8").splitlines()
    added = [line for line in lines if line not in with_comments.splitlines()]
    span = "from: 2026-12-01 09:00, to: 2026-12-02 09:00"
    assert added == [f"  - {{rotation: primary, person: carla, {span}, reason: 'a swap: agreed'}}"]
    assert len(lines) == len(with_comments.splitlines()) + 1
    assert len(read(folder).teams["guard"].overrides) == 2
    assert not list((folder / "teams").glob(".*"))


def test_a_reason_may_look_like_a_comment(tmp_path: Path) -> None:
    folder = written(tmp_path, {**GOOD, TEAM: GOOD[TEAM].replace("1 week", "1 week  # Mondays", 1)})

    result = guardia(folder, "override", "add", *SWAP, "--person", "carla", "--reason", "a # b, #2")

    assert result.exit_code == 0, result.output
    assert "reason: 'a # b, #2'}" in (folder / TEAM).read_text("utf-8")
    assert read(folder).teams["guard"].overrides[-1].reason == "a # b, #2"


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["--person", "crala"], 1, "did you mean `carla`?"),
        (["--kind", "remove", "--instead-of", "bruno"], 1, "level 1 (primary) would have nobody"),
        (["--kind", "remove"], 1, "`instead_of: ana`"),
        (["--person", "carla", "--kind", "cover", "--instead-of", "ana"], 1, "means nothing"),
        (["--person", "carla", "--team", "gard"], 2, "did you mean `guard`?"),
        (["--person", "carla", "--rotation", "primry"], 1, "did you mean `primary`?"),
        (["--person", "carla", "--to", "2026-11-30 09:00"], 1, "`to` is after `from`"),
        (["--person", "carla", "--to", "tomorrow"], 2, "is not a time"),
    ],
)
def test_an_override_that_is_wrong_or_opens_a_gap_is_refused(
    tmp_path: Path, words: list[str], status: int, message: str
) -> None:
    folder = written(tmp_path)

    result = guardia(folder, "override", "add", *SWAP, *words)

    assert result.exit_code == status
    assert message in result.stderr
    assert str(folder) in result.stderr or "would have" in message or status == 2
    assert (folder / TEAM).read_text(encoding="utf-8") == GOOD[TEAM]


def test_what_was_cannot_be_overridden(tmp_path: Path) -> None:
    folder = written(tmp_path)
    over = ["--from", "2026-11-20 09:00", "--to", "2026-11-23 09:00", "--person", "carla"]
    begun = ["--from", "2026-11-20 09:00", "--to", "2026-11-23 09:01", "--person", "carla"]

    refused = guardia(folder, "override", "add", *SWAP[:4], *over)
    left = (folder / TEAM).read_text(encoding="utf-8")
    taken = guardia(folder, "override", "add", *SWAP[:4], *begun)

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.splitlines() == [
        "it is over since 2026-11-23 09:00: an override changes who is called from now on, not who was"
    ]
    assert left == GOOD[TEAM]
    assert taken.exit_code == 0, taken.output


def test_what_check_would_warn_of_is_told_at_once(tmp_path: Path) -> None:
    folder = written(tmp_path)

    away = ["--from", "2026-12-28 09:00", "--to", "2026-12-29 09:00", "--person", "ana"]
    result = guardia(folder, "override", "add", "--team", "guard", "--rotation", "backup", *away)
    unremarkable = guardia(folder, "override", "add", *SWAP, "--person", "carla", "--kind", "cover")

    assert result.exit_code == 0
    assert "ana is away" in result.stderr
    assert "ana is away" not in unremarkable.stderr
    assert "ana is away" in guardia(folder, "check", "--from", "2026-12-01").stdout


def test_the_first_override_of_a_file_gets_its_key() -> None:
    text = "team: guard\nrotations: {}  # none yet\n"

    edited = with_override(text, {"rotation": "primary", "person": "ana"})

    assert edited == text + "overrides:\n  - {rotation: primary, person: ana}\n"


def test_an_instant_in_a_repeated_hour_is_written_with_its_offset(tmp_path: Path) -> None:
    folder = changed(tmp_path, TEAM, "America/Argentina/Buenos_Aires", "Europe/Madrid")
    span = ["--from", "2027-10-31T01:30Z", "--to", "2027-10-31T02:00Z"]

    result = guardia(folder, "override", "add", *SWAP[:4], *span, "--person", "carla")

    assert result.exit_code == 0, result.output
    assert "from: 2027-10-31 02:30+0100, to: 2027-10-31 03:00}" in (folder / TEAM).read_text(encoding="utf-8")


def test_the_calendar_shows_handoffs_overrides_and_holidays(tmp_path: Path) -> None:
    told = guardia(written(tmp_path), "calendar", "--from", "2026-12-21", "--weeks", "1").output

    lines = [line.split() for line in told.splitlines()]
    assert [
        "primary",
        "bruno>bruno~",
        "bruno~",
        "bruno~",
        "bruno~>lucia*",
        "lucia*",
        "lucia*>bruno~",
        "bruno~",
    ] in lines
    assert "° 25 Dec Navidad" in told
    assert ["carla", "168", "63", "1"] in lines


def test_the_calendar_shows_gaps_and_several_at_once(tmp_path: Path) -> None:
    folder = changed(tmp_path, TEAM, "[ana, bruno]", "[[ana, bruno]]")
    written(folder, {TEAM: (folder / TEAM).read_text(encoding="utf-8").replace("people: [carla]", "active: "
                     "[{days: mon, from: '00:00', to: '24:00'}], people: [carla]")})  # fmt: skip

    told = guardia(folder, "calendar", "--from", NOW, "--weeks", "1").output

    rows = [line.split() for line in told.splitlines()]
    assert ["primary", *["ana+bruno"] * 7] in rows
    assert ["backup", "carla", *["NOBODY"] * 6] in rows


def test_the_calendar_as_a_page_and_for_programs(tmp_path: Path) -> None:
    folder = changed(tmp_path, "people.yaml", "name: Ana Paz", "name: Ana <Paz>")

    page = guardia(folder, "calendar", "--html", "--from", "2026-12-14", "--weeks", "2").stdout
    data = answer(folder, "calendar", "--from", "2026-12-14", "--weeks", "2")

    assert page.startswith("<!doctype html>")
    assert "Ana &lt;Paz&gt;" in page
    assert "<script" not in page
    week = data["teams"]["guard"]["weeks"][1]
    assert week["monday"] == "2026-12-21"
    assert [b["reason"] for b in week["rotations"]["primary"]].count("override") == 1
    hours = sum(load["hours"] for load in data["teams"]["guard"]["loads"])
    assert hours == 2 * 2 * 168


def test_night_hours_follow_the_teams_clock_through_a_change(tmp_path: Path) -> None:
    folder = changed(tmp_path, TEAM, "America/Argentina/Buenos_Aires", "Europe/Madrid")

    spring = answer(folder, "calendar", "--from", "2026-03-23", "--weeks", "1")["teams"]["guard"]["loads"]

    assert {load["person"]: (load["hours"], load["night_hours"]) for load in spring}["carla"] == (167.0, 62.0)
