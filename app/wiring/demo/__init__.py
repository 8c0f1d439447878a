"""The demonstration: calls played through the real application, each told, written and checked."""

from app.wiring.demo import (
    before,
    callers,
    casework,
    conversations,
    down,
    inwriting,
    kept,
    published,
    recorded,
    refused,
    taken,
    trouble,
    unreached,
    waits,
)
from app.wiring.demo.scenario import Played, Scenario, defined_in, play

_CHAPTERS = (
    *(taken, unreached, refused, callers, waits, published, conversations, recorded, casework),
    *(inwriting, kept, trouble, down, before),
)
SCENARIOS = tuple(scenario for chapter in _CHAPTERS for scenario in defined_in(chapter))

__all__ = ["SCENARIOS", "Played", "Scenario", "play"]
