"""Fixtures of the exchange's tests: by default every document must be flawless and every request signed."""

from collections.abc import Iterator

import pytest

from tests.app.sandbox.town import Town, found_town


@pytest.fixture
def town() -> Iterator[Town]:
    town = found_town()
    yield town
    assert [fault.problem for fault in town.exchange.faults] == []
    assert all(one.signed for one in town.requests)
