"""``guardia override pending``: the turns that were swapped by text, as the YAML that managers may merge."""

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from app.cli.answers import now, print_json, readable, utc, written
from app.cli.options import Options, json_option
from app.rosterbook import Reading
from oncall.rosters import Kind, Override, Team, timeline
from oncall.swaps import Swap, laid_over


@click.command("pending")
@json_option
@click.pass_obj
def pending(options: Options) -> None:
    """The swaps in force that the folder does not say yet, as YAML for the teams' files."""
    from app.cli.database import reading  # it takes a while, and `add` has no need of it

    folder = readable(options, None)
    at = now()
    with reading() as work:
        swaps = work.swaps_from(at)
    changed = list(_changed(folder, swaps, at))
    if options.json:
        print_json(
            {
                "overrides": [_as_json(team, o) for team, after in changed for o in _only(after, team)],
                "replaced": [_as_json(team, o) for team, after in changed for o in _only(team, after)],
            }
        )
        return
    if not changed:
        click.echo("no swap is in force that the folder does not say", err=True)
    click.echo("---\n".join(_as_yaml(folder, team, after) for team, after in changed), nl=False)


def _changed(folder: Reading, swaps: list[Swap], at: datetime) -> Iterator[tuple[Team, Team]]:
    """Each team whose file would have to change, as it is in the folder and with the swaps laid over."""
    for team in sorted(folder.teams.values(), key=lambda team: team.id):
        after = team
        for swap in swaps:
            if swap.team == team.id and not _is_said(folder, after, swap, at):
                after = laid_over(after, swap)
        if after != team:
            yield team, after


def _is_said(folder: Reading, team: Team, swap: Swap, at: datetime) -> bool:
    """Whether the team already says who is on call as the swap does, from now until it ends."""
    span = (max(at, swap.starts), swap.ends.replace(microsecond=0))  # a file's times are whole seconds
    before, after = (
        [
            (s.start, s.end, {h.person for h in s.holders})
            for s in timeline(t, swap.rotation, *span, folder.people)
        ]
        for t in (team, laid_over(team, swap))
    )
    return before == after


def _only(team: Team, other: Team) -> list[Override]:
    """The overrides that one has and the other has not."""
    return [override for override in team.overrides if override not in other.overrides]


def _as_yaml(folder: Reading, team: Team, after: Team) -> str:
    lines = [f"# {folder.file_of_team[team.id]}\n"]
    lines += [f"# in place of {_flow(_entry(team, gone))}" for gone in _only(team, after)]
    document = CommentedMap(overrides=CommentedSeq(_entry(team, o) for o in _only(after, team)))
    return "".join(lines) + _dumped(document)


def _entry(team: Team, override: Override) -> CommentedMap:
    """An override as a team's file has it: local time, and nothing that goes without saying."""
    fields = {
        "rotation": override.rotation,
        "person": override.person,
        "from": written(override.start, team),
        "to": written(override.end, team),
        "kind": None if override.kind is Kind.REPLACE else str(override.kind),
        "instead_of": override.instead_of,
        "reason": override.reason or None,
    }
    entry = CommentedMap((name, value) for name, value in fields.items() if value is not None)
    entry.fa.set_flow_style()
    return entry


def _flow(entry: CommentedMap) -> str:
    return _dumped(CommentedSeq([entry])).strip().removeprefix("- ") + "\n"


def _dumped(document: CommentedMap | CommentedSeq) -> str:
    yaml = YAML()
    yaml.width = 10_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    yaml.dump(document, text)
    return text.getvalue()


def _as_json(team: Team, override: Override) -> dict[str, Any]:
    return {
        "team": team.id,
        "rotation": override.rotation,
        "person": override.person,
        "instead_of": override.instead_of,
        "from": utc(override.start),
        "to": utc(override.end),
        "kind": str(override.kind),
        "reason": override.reason or None,
    }
