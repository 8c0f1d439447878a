"""The program that clients run: any single change of an exported record is found, and named by its entry."""

import ast
import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from app import migrations
from app.cli import main
from app.paper import VERIFIER, verify_record
from oncall.record import Draft
from oncall.store import Store, engine_for

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
REFUSAL: dict[str, Any] = {"kind": "refusal", "reason": "priority_not_covered", "state": "closed"}
REFUSAL |= {"opened_at": AT, "closed_at": AT}
ANA = {"person": "ana", "name": "Ana Paz"}
STORY = [
    Draft("call_arrived", {"line": "+541152630001", "caller": "+5491155550201", "withheld": False}, "caller"),
    Draft("priority_chosen", {"priority": "low"}, "caller"),
    Draft("note", {**ANA, "text": "¿Ñandú? 🤖"}, "ana"),
    Draft("texted", {**ANA, "to": "+5491155550101"}),
    Draft("mailed", {"template": "refusal", "to": ["marta@acme.example"]}),
]


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A record of six entries under two anchors, of which a number was erased, beside those of others."""
    url = f"sqlite:///{tmp_path_factory.mktemp('verifier')}/guardia.db"
    store = Store(engine_for(url))
    migrations.upgrade(store.engine)
    with store.writing() as work:
        for _ in range(5):
            case = work.add_case(REFUSAL)
            work.append_notes(case, [(AT + timedelta(seconds=n), draft) for n, draft in enumerate(STORY)])
        work.anchor("2026-11-23", AT + timedelta(days=1))
        work.erase(1003, ["+5491155550201"], "request", AT + timedelta(days=1, hours=1))
        work.anchor("2026-11-24", AT + timedelta(days=2))
        work.anchor("2026-11-25", AT + timedelta(days=3))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATABASE_URL", url)
        done = CliRunner().invoke(main, ["case", "G-1003", "--export", "-"])
    assert done.exit_code == 0, done.output
    yield json.loads(done.stdout)
    store.engine.dispose()


def run(record: object, tmp_path: Path, *anchors: str) -> subprocess.CompletedProcess[str]:
    """As a client does: a file, and a Python that knows nothing of Guardia."""
    file = tmp_path / "record.json"
    file.write_text(json.dumps(record), "utf-8")
    program = tmp_path / "verify_record.py"
    program.write_text(CliRunner().invoke(main, ["verifier"]).stdout, "utf-8")
    command = [sys.executable, "-I", "-S", str(program), str(file), *anchors]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=False, cwd=tmp_path
    )


def said(record: dict[str, Any], *anchors: str) -> str | None:
    """What the program finds wrong; the same functions, without a process for each example."""
    wrong: str | None = (
        verify_record.first_wrong_entry(record)
        or verify_record.first_wrong_anchor(record)
        or verify_record.first_unknown_anchor(record, anchors)
    )
    return wrong


def test_an_unaltered_record_is_said_to_be_so_since_the_anchor_that_the_client_kept(
    record: dict[str, Any], tmp_path: Path
) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_text(f"Huella: {record['anchors'][1]['hash']}\n", "utf-8")

    done = run(record, tmp_path, str(mail))

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("G-1003: unaltered. 6 entries")
    assert "since the end of 2026-11-24" in done.stdout


def test_the_numbers_of_our_own_people_are_withheld_and_proven_all_the_same(record: dict[str, Any]) -> None:
    texted = next(entry for entry in record["entries"] if entry["kind"] == "texted")

    assert "+5491155550101" not in json.dumps(record)
    assert set(texted["withheld"]) == {"to"}
    assert said(record) is None


def test_without_an_anchor_it_says_which_to_look_for(record: dict[str, Any], tmp_path: Path) -> None:
    done = run(record, tmp_path)

    assert done.returncode == 0
    assert record["anchors"][0]["hash"] in done.stdout


def test_an_anchor_of_which_the_record_knows_nothing_is_an_alarm(
    record: dict[str, Any], tmp_path: Path
) -> None:
    done = run(record, tmp_path, "f" * 64)

    assert done.returncode == 1
    assert "ALTERED" in done.stdout


def test_a_changed_entry_is_named(record: dict[str, Any], tmp_path: Path) -> None:
    forged = copy.deepcopy(record)
    forged["entries"][1]["data"]["priority"] = "blocker"

    done = run(forged, tmp_path)

    assert done.returncode == 1
    assert done.stdout == "G-1003: ALTERED. Entry 2 was changed.\n"


def test_words_beside_an_entry_that_nothing_proves_are_found(record: dict[str, Any]) -> None:
    forged = copy.deepcopy(record)
    forged["entries"][1]["text"] = "Nobody called."

    assert said(forged) == "To entry 2 text was added, which nothing proves."


def test_a_file_that_could_be_read_either_way_is_no_record() -> None:
    with pytest.raises(ValueError, match="kind stands there twice"):
        json.loads('{"kind": "opened", "kind": "closed"}', object_pairs_hook=verify_record.once)


def test_what_is_no_record_is_told_in_a_line(tmp_path: Path) -> None:
    done = run({"cat": "picture"}, tmp_path)

    assert done.returncode == 2
    assert done.stderr == ""


@given(st.data())
def test_any_single_change_is_found(record: dict[str, Any], data: st.DataObject) -> None:
    forged = copy.deepcopy(record)
    place: Any = forged
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not (isinstance(place[key], dict | list) and place[key]):
            break
        place = place[key]
    if place is forged and key == "guardia":
        return  # what kind of file it is
    before = place[key]
    place[key] = {int: before + 1 if isinstance(before, int) else 0, str: f"{before}x"}.get(type(before), "x")

    try:
        found = said(forged)
    except (ValueError, LookupError, TypeError, AttributeError):
        return  # told as no record at all
    assert found is not None


@given(st.data())
def test_a_removed_entry_is_named(record: dict[str, Any], data: st.DataObject) -> None:
    forged = copy.deepcopy(record)
    place = data.draw(st.integers(0, len(record["entries"]) - 1))
    del forged["entries"][place]

    # A removed erasure shows first where something is missing that nobody says was erased.
    is_erasure = record["entries"][place]["kind"] == "erased"
    assert said(forged) == (
        "Of entry 1, caller was removed, and no entry says so."
        if is_erasure
        else f"Entry {place + 1} was removed."
    )


@given(st.data())
def test_an_added_entry_is_named(record: dict[str, Any], data: st.DataObject) -> None:
    forged = copy.deepcopy(record)
    place = data.draw(st.integers(0, len(record["entries"]) - 1))
    forged["entries"].insert(place, copy.deepcopy(record["entries"][place]))

    assert said(forged) == f"Entry {place + 1} was added, or changed its place."


def test_a_record_written_anew_with_hashes_that_fit_is_found_by_the_anchor_it_carries(
    record: dict[str, Any],
) -> None:
    forged = copy.deepcopy(record)
    forged["entries"][1]["data"]["priority"] = "blocker"
    erasures, previous = verify_record.erasures_in(record), verify_record.ZEROS
    for entry in forged["entries"]:
        entry["previous"] = previous
        entry["hash"] = previous = verify_record.hash_of_entry(1003, entry, erasures)
    forged["head"] = previous

    assert verify_record.first_wrong_entry(forged) is None
    assert "written anew" in (said(forged) or "")

    forged["anchors"], forged["anchored"] = [], []
    assert said(forged) is None
    assert said(forged, record["anchors"][0]["hash"]) is not None


def test_the_program_is_one_that_an_old_python_understands() -> None:
    ast.parse(VERIFIER.read_text("utf-8"), feature_version=(3, 9))
    imported = [
        line for line in VERIFIER.read_text("utf-8").splitlines() if line.startswith(("import", "from"))
    ]

    assert imported == ["import hashlib", "import json", "import re", "import sys"]
