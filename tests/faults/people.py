"""The people of the fault suite: who calls, who takes a page, and who misses it."""

from datetime import UTC, datetime

from app.sandbox.scripts import Script
from bench.towns import Client
from oncall.store import Store
from tests.faults.mortal import Mortal

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)
CALLS_CRM = (
    Script()
    .press("1", hearing="marque 1", early=True)
    .press("1", hearing="marque 1", early=True)
    .hang_up(after=60)
)
TAKES = Script.answering(4).press("1", hearing="marque 1").hang_up(after=5)
MISSES = Script.ignoring()


def client(n: int) -> Client:
    """One of those whom ``bench.towns.write_rosters`` writes down."""
    engineers = tuple(f"+54911{50 + level}5{n:05}" for level in range(2))
    return Client(f"+5411526{n:05}", f"+54911599{n:05}", engineers)


def all_is_taken(mortal: Mortal) -> bool:
    return is_all_taken(mortal.world.guard.store)


def is_all_taken(store: Store, at_least: int = 1) -> bool:
    """Whether there are so many incidents, and somebody has each of them."""
    with store.reading() as work:
        incidents = [row for row in work.cases() if row.kind == "incident"]
    return len(incidents) >= at_least and all(row.state != "open" for row in incidents)
