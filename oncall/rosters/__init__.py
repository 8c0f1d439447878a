"""Who is on call: rotations, exceptions and escalation of a team, and what follows."""

from oncall.rosters.duty import gaps, on_call, shifts, timeline
from oncall.rosters.model import (
    DEFAULT_RING,
    Drills,
    Gap,
    Kind,
    Layer,
    Length,
    Level,
    Notices,
    Override,
    Reason,
    Rotation,
    Shift,
    Team,
    Unit,
    Window,
)
from oncall.rosters.timeline import Holder, Stretch
from oncall.rosters.walltime import to_instant, to_wall

__all__ = [
    "DEFAULT_RING",
    "Drills",
    "Gap",
    "Holder",
    "Kind",
    "Layer",
    "Length",
    "Level",
    "Notices",
    "Override",
    "Reason",
    "Rotation",
    "Shift",
    "Stretch",
    "Team",
    "Unit",
    "Window",
    "gaps",
    "on_call",
    "shifts",
    "timeline",
    "to_instant",
    "to_wall",
]
