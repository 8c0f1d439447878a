"""docs/faults.md names a test for each fault, and no fault of the suite is missing from it."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "faults.md").read_text("utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


def sentences_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {n.name for n in tree.body if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")}


@pytest.mark.parametrize(("path", "name"), NAMED, ids=lambda part: str(part)[-60:])
def test_what_shows_it_is_there(path: str, name: str) -> None:
    assert name in sentences_in(ROOT / path)


def test_every_row_of_both_tables_names_what_shows_it() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and "shown by" not in line]

    assert len(rows) > 30
    assert [row for row in rows if "::test_" not in row] == []


@pytest.mark.parametrize("file", sorted((ROOT / "tests" / "faults").glob("test_*.py")), ids=lambda f: f.name)
def test_every_file_of_the_suite_has_its_place_in_the_table(file: Path) -> None:
    assert f"tests/faults/{file.name}" in {path for path, _ in NAMED}


def test_the_benches_that_are_named_are_there() -> None:
    for bench in re.findall(r"make bench ARGS=([\w-]+)", PAGE):
        assert (ROOT / "bench" / f"{bench.replace('-', '_')}.py").exists(), bench
