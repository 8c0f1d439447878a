"""How far ``make faults`` has come: a bar, and what is being broken now."""

import pytest
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

_BAR = Progress(
    BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"), transient=True
)
_TASK = _BAR.add_task("")


def pytest_collection_finish(session: pytest.Session) -> None:
    _BAR.update(_TASK, total=len(session.items))
    _BAR.start()


def pytest_runtest_logstart(nodeid: str) -> None:
    _BAR.update(_TASK, description=nodeid.rpartition("::")[2].replace("_", " ")[:70])


def pytest_runtest_logfinish() -> None:
    _BAR.advance(_TASK)


def pytest_sessionfinish() -> None:
    _BAR.stop()
