"""That a promise is about to be broken is told before it happens: when, and to whom (clauses A2 and A3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from oncall.sla import share_spent

MANAGERS, HOLDER = "managers", "holder"


class Clock(StrEnum):
    FIRST_RESPONSE = "first_response"
    RESOLUTION = "resolution"


# For each share of the time, in percent, who hears of it: managers, the holder, or people by id.
Steps = Mapping[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Warnings:
    """Whom to warn at which share of each clock's time."""

    first_response: Steps = field(default_factory=lambda: {90: (MANAGERS,)})
    resolution: Steps = field(default_factory=lambda: {50: (HOLDER,), 75: (HOLDER,), 90: (HOLDER, MANAGERS)})

    def of(self, clock: Clock) -> Steps:
        return self.first_response if clock is Clock.FIRST_RESPONSE else self.resolution


def step_reached(steps: Steps, begun: datetime, due: datetime, at: datetime) -> int | None:
    """The last step that was passed, in percent: those before it are not told of any more."""
    spent = share_spent(begun, due, at) * 100
    return max((step for step in steps if step <= spent), default=None)
