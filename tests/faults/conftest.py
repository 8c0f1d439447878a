"""What the fault suite stands on."""

from pathlib import Path

import pytest

from bench.towns import write_rosters
from tests.faults.town import IS_LONG

_HERE = Path(__file__).parent
# Whole processes that start again and again: a machine that runs much else takes its time.
_HANGS = 7200 if IS_LONG else 900


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.timeout(_HANGS))


@pytest.fixture
def rosters(tmp_path: Path) -> Path:
    """Two clients, each with two levels of one person for 40 seconds."""
    write_rosters(tmp_path / "rosters", 2, "40 seconds", levels=2)
    return tmp_path / "rosters"
