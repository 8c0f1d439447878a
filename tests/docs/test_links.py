"""Every link from one document to another leads somewhere, headings included."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
LINKS = [
    (document, target)
    for document in DOCUMENTS
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text("utf-8"))
    if "://" not in target and not target.startswith("mailto:")
]


@pytest.mark.parametrize(
    ("document", "target"), LINKS, ids=lambda part: part.name if isinstance(part, Path) else part
)
def test_a_link_leads_somewhere(document: Path, target: str) -> None:
    path, _, heading = target.partition("#")
    there = document.parent / path if path else document

    assert there.exists()
    if heading:
        assert heading in {_anchor(line) for line in _headings(there)}


def test_every_document_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    decisions = (ROOT / "docs" / "decisions" / "README.md").read_text("utf-8")

    for document in (ROOT / "docs").glob("*.md"):
        assert document.name == "README.md" or f"({document.name})" in index
    for decision in (ROOT / "docs" / "decisions").glob("0*.md"):
        assert f"({decision.name})" in decisions


def _headings(document: Path) -> list[str]:
    return re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.M)


def _anchor(heading: str) -> str:
    """How a heading is addressed on the web."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
