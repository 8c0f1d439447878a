"""What every command understands: where the rosters are, and whether a program reads the answer."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.clock import SystemClock

if TYPE_CHECKING:
    from oncall.ports import Clock  # slow to read, and `guardia who` should start quickly


@dataclass(slots=True)
class Options:
    rosters: Path = Path("rosters")
    json: bool = False
    clock: "Clock" = field(default_factory=SystemClock)


def json_option(function: Any) -> Any:
    """``--json``, before or after the command's name."""
    return click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        callback=_note_json,
        help="Answer with one JSON document on stdout.",
    )(function)


def _note_json(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    options = ctx.ensure_object(Options)
    options.json = options.json or value
