"""docs/rosters.md is what happens: its files are read, its commands are run, its codes are all there are."""

import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.cli.options import Options
from app.rosterbook import Severity
from app.rosterbook.findings import Code
from app.rosterbook.models import ClientText, PeopleText, ServiceText, Strict, TeamText

DOCS = Path("docs")
GUIDE = "rosters.md"
BLOCK = re.compile(r"^```(yaml|console) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", [GUIDE, "roster-recipes.md"])
def test_every_example_does_what_the_page_says(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    for language, name, content in BLOCK.findall(text):
        if language == "yaml":
            file = Path("rosters") / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        else:
            assert played(content) == content


class WhenItWasWritten:
    def now(self) -> datetime:
        return datetime(2026, 12, 14, 12, tzinfo=UTC)


def played(transcript: str) -> str:
    """The commands of a transcript with what they answer now."""
    told = ""
    for line in transcript.splitlines():
        if line.startswith("$ guardia "):
            result = CliRunner().invoke(main, shlex.split(line)[2:], obj=Options(clock=WhenItWasWritten()))
            assert result.exit_code == 0, result.output
            told += f"{line}\n{result.output}"
    return told


def test_every_code_is_explained() -> None:
    text = (DOCS / GUIDE).read_text(encoding="utf-8")
    tables = text[text.index("### Errors") :]
    explained = {
        c for row in re.findall(r"^\| (`[^|]+) \|", tables, re.MULTILINE) for c in re.findall("`(.+?)`", row)
    }

    assert explained == {str(code) for code in Code}
    assert {str(s) for s in Severity} == {"error", "warning"}


@pytest.mark.parametrize("model", [TeamText, PeopleText, ServiceText, ClientText])
def test_every_key_is_explained(model: type[Strict]) -> None:
    text = (DOCS / GUIDE).read_text(encoding="utf-8")
    schema = model.model_json_schema(by_alias=True)
    keys = {key for node in [schema, *schema.get("$defs", {}).values()] for key in node.get("properties", {})}

    assert [key for key in sorted(keys) if not re.search(rf"`{key}`|\b{key}:\s", text)] == []
