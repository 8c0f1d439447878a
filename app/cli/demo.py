"""``guardia demo``: calls played through the real application, told and checked in the terminal."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import click
from rich.console import Console, Group
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from app.casebook import lines_in_order
from app.cli.options import Options, json_option
from app.rosterbook.findings import nearest
from app.wiring.demo import SCENARIOS, Played, Scenario, play
from app.wiring.demo.telling import Beat

_EXIT_NO = 1
_EXIT_USAGE = 2
_WIDTH = 110
_STYLES = {"heard": "cyan", "rings": "bold yellow", "text": "magenta", "mail": "blue", "trouble": "bold red"}


@click.command()
@click.argument("name", metavar="[SCENARIO]", required=False)
@click.option("--list", "only_list", is_flag=True, help="The names of the scenarios, and nothing else.")
@json_option
@click.pass_obj
def demo(options: Options, name: str | None, only_list: bool) -> None:
    """Play calls in virtual time: who heard and pressed what, what rang, what was written."""
    chosen = _chosen(name)
    console = Console(highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_WIDTH, color_system=None)
    if only_list and options.json:
        listed = [{"name": scenario.name, "title": scenario.title} for scenario in chosen]
        click.echo(json.dumps({"scenarios": listed}, ensure_ascii=False, indent=2))
        return
    if only_list:
        console.print(_index(chosen))
        return
    played = []
    for scenario in chosen:
        outcome = play(scenario)
        played.append(outcome)
        if not options.json:
            console.print(_told(outcome))
    if options.json:
        click.echo(json.dumps({"scenarios": [_as_json(p) for p in played]}, ensure_ascii=False, indent=2))
    else:
        console.print(_summary(played))
    sys.exit(0 if all(p.passed for p in played) else _EXIT_NO)


def _chosen(name: str | None) -> Sequence[Scenario]:
    if name is None:
        return SCENARIOS
    chosen = [scenario for scenario in SCENARIOS if scenario.name == name]
    if not chosen:
        click.echo(f"there is no scenario {name!r}: {nearest(name, (s.name for s in SCENARIOS))}", err=True)
        sys.exit(_EXIT_USAGE)
    return chosen


def _as_json(played: Played) -> dict[str, Any]:
    first = played.cases[0] if played.cases else None
    return {
        "name": played.scenario.name,
        "passed": played.passed,
        "seconds": round(played.seconds, 3),
        "reference": first["reference"] if first else None,
        "entries": first["entries"] if first else [],
    }


# --- the story on the screen ---------------------------------------------------------------------


def _told(played: Played) -> Group:
    scenario = played.scenario
    return Group(
        Rule(Text.assemble((f" {scenario.title} ", "bold"), (f"{scenario.name} ", "dim")), align="left"),
        Padding(Text(scenario.arranged, style="italic"), (0, 2), expand=False),
        Text(),
        Padding(_story(played), (0, 2), expand=False),
        *(
            part
            for case in played.cases
            for part in (Text(), Padding(_record(case, played.began), (0, 2), expand=False))
        ),
        Text(),
        Padding(_verdict(played), (0, 2), expand=False),
        Text(),
    )


def _story(played: Played) -> Table:
    table = _grid(5, 14)
    last = ""
    for beat in played.beats:
        who = "" if beat.who == last else beat.who
        last = beat.who
        table.add_row(_since(beat.at, played.began), Text(who, style="bold"), _line(beat))
    return table


def _line(beat: Beat) -> Text:
    line = Text(beat.what, style=_STYLES.get(beat.kind, ""))
    if beat.times > 1:
        line.append(f"  ×{beat.times}", style="dim")
    return line


def _record(case: dict[str, Any], began: datetime) -> Group:
    of = " · ".join(str(case[fact]) for fact in ("client", "integration", "priority", "reason") if case[fact])
    table = _grid(5, 3)
    for entry in lines_in_order(case["entries"]):
        at = datetime.fromisoformat(entry["at"])
        table.add_row(_since(at, began), Text(f"{entry['number']}", style="dim"), Text(entry["text"]))
    title = Text.assemble(
        "The record of ",
        (case["reference"], "bold"),
        f": {case['kind']}, {case['state']}",
        f" ({of})" if of else "",
    )
    return Group(title, table)


def _verdict(played: Played) -> Table:
    table = Table.grid(padding=(0, 1), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for expectation in played.expectations:
        mark = Text("✓", style="green") if expectation.holds else Text("✗", style="bold red")
        claim = Text(expectation.claim)
        if not expectation.holds:
            claim.append(f"\nfound: {expectation.found}", style="red")
        table.add_row(mark, claim)
    return table


def _summary(played: Iterable[Played]) -> Text:
    outcomes = list(played)
    passed = [p for p in outcomes if p.passed]
    seconds = sum(p.seconds for p in outcomes)
    line = Text(f"{len(passed)} of {len(outcomes)} scenarios passed in {seconds:.1f} s", style="bold")
    failed = [p.scenario.name for p in outcomes if not p.passed]
    if failed:
        line.append(f"; not: {', '.join(failed)}", style="bold red")
    return line


def _index(scenarios: Iterable[Scenario]) -> Table:
    table = _grid(24)
    for scenario in scenarios:
        table.add_row(scenario.name, scenario.title)
    return table


def _grid(*widths: int) -> Table:
    """Columns of these widths, and a last one that takes the rest."""
    table = Table.grid(padding=(0, 2), pad_edge=False)
    for width in widths:
        table.add_column(min_width=width, no_wrap=True, justify="left")
    table.add_column(overflow="fold", ratio=1)
    return table


def _since(at: datetime, began: datetime) -> str:
    minutes, seconds = divmod(int((at - began).total_seconds()), 60)
    return f"{minutes}:{seconds:02}"
