"""The schemas that editors use are those of the models, and they accept what the folder accepts."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from app.cli import main
from app.rosterbook.schema import schemas, write_schemas
from app.rosterbook.source import load
from tests.app.rosterbook.folders import GOOD, written

EXAMPLE = Path("rosters")
SCHEMA_OF = {"people.yaml": "people", "service.yaml": "service", "teams": "team", "clients": "client"}


def valid(file: Path, folder: Path, schema_folder: Path) -> bool:
    import json

    name = SCHEMA_OF[file.relative_to(folder).parts[0]]
    schema = json.loads((schema_folder / f"{name}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema).is_valid(_as_an_editor_reads(load(file).value))


def _as_an_editor_reads(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_an_editor_reads(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_an_editor_reads(inner) for inner in value]
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def test_the_shipped_schemas_are_those_of_the_models() -> None:
    shipped = {file.name: file.read_text(encoding="utf-8") for file in (EXAMPLE / "schema").glob("*.json")}

    assert shipped == schemas()


@pytest.mark.parametrize("file", sorted(EXAMPLE.rglob("*.yaml")), ids=str)
def test_an_editor_accepts_the_example_and_knows_its_schema(file: Path) -> None:
    assert valid(file, EXAMPLE, EXAMPLE / "schema")

    first = file.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    assert (file.parent / first.partition("=")[2]).is_file()


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("teams/guard.yaml", "shift: 1 week", "shfit: 1 week"),
        ("teams/guard.yaml", "1 week", "1 wek"),
        ("teams/guard.yaml", "for: 3 minutes", "for: 3"),
        ("people.yaml", '"+5511955550102"', '"5511955550102"'),
        ("people.yaml", "language: pt", "language: fr"),
        ("clients/acme.yaml", "built_by: aivo", "built_by: us"),
        ("clients/acme.yaml", "2026-01-01", "January"),
        ("service.yaml", "mon-fri", "monday"),
    ],
)
def test_an_editor_sees_the_same_mistakes(tmp_path: Path, file: str, old: str, new: str) -> None:
    write_schemas(tmp_path / "schema")
    written(tmp_path)
    assert valid(tmp_path / file, tmp_path, tmp_path / "schema")

    written(tmp_path, {file: GOOD[file].replace(old, new, 1)})

    assert not valid(tmp_path / file, tmp_path, tmp_path / "schema")


def test_the_command_writes_them(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["schema", "--write", str(tmp_path / "schema")])

    assert result.exit_code == 0
    assert (result.stdout, result.stderr.count("\n")) == ("", 1)
    assert f"written to {tmp_path / 'schema'}: " in result.stderr
    assert {f.name for f in (tmp_path / "schema").iterdir()} == set(schemas())
    assert CliRunner().invoke(main, ["schema"]).stdout == "".join(schemas().values())


def test_a_file_is_no_folder_to_write_them_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")

    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        result = CliRunner().invoke(main, ["schema", "--write", str(place)])

        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith(f"--write {place}: ")
        assert result.stderr.count("\n") == 1
    assert (tmp_path / "file").read_text() == "kept"
