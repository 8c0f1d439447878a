"""What the fault suite stands on."""

from pathlib import Path

import pytest

from bench.towns import write_rosters


@pytest.fixture
def rosters(tmp_path: Path) -> Path:
    """Two clients, each with two levels of one person for 40 seconds."""
    write_rosters(tmp_path / "rosters", 2, "40 seconds", levels=2)
    return tmp_path / "rosters"
