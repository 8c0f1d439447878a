"""Who is on call: rotations, exceptions and escalation of a team, and what follows from them at an instant."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from oncall.people import Person
from oncall.rosters.model import (
    DEFAULT_RING,
    Gap,
    Kind,
    Layer,
    Length,
    Level,
    Override,
    Reason,
    Rotation,
    Shift,
    Team,
    Unit,
    Window,
)
from oncall.rosters.turns import turn_at
from oncall.rosters.walltime import to_wall


def on_call(team: Team, rotation: str, at: datetime, people: Mapping[str, Person]) -> tuple[str, ...]:
    """Who holds ``rotation`` at ``at``; nobody where the team has no such rotation."""
    found = team.rotations.get(rotation)
    if found is None:
        return ()
    for layer in reversed(found.layers):
        turn = turn_at(layer, layer.starts, to_wall(at, ZoneInfo(team.timezone)))
        if turn >= 0:
            return layer.people[turn % len(layer.people)]
    return ()


__all__ = [
    "DEFAULT_RING",
    "Gap",
    "Kind",
    "Layer",
    "Length",
    "Level",
    "Override",
    "Reason",
    "Rotation",
    "Shift",
    "Team",
    "Unit",
    "Window",
    "on_call",
]
