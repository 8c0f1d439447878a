"""``guardia erase`` and ``hold``: names and numbers leave the record, and what keeps them from leaving."""

import sys
from collections.abc import Sequence
from typing import Any

import click

from app.cli.cases import case_named, print_json
from app.cli.database import reading, writing
from app.cli.options import Options, json_option
from app.clock import SystemClock
from oncall.store.cases import reference_of

_EXIT_NO = 1
_EXIT_USAGE = 2
_SHORTEST_WORD = 3  # anything shorter stands in every second sentence


@click.command()
@click.argument("words", metavar="WORD...", nargs=-1, required=True)
@click.option("--case", "reference", metavar="REF", help="Only in this case.  [default: in all of them]")
@click.option("--yes", is_flag=True, help="Do not ask before erasing.")
@json_option
@click.pass_obj
def erase(options: Options, words: tuple[str, ...], reference: str | None, yes: bool) -> None:
    """Erase what mentions a person: the name, the number, the mail address, each as a WORD."""
    if any(len(word.strip()) < _SHORTEST_WORD for word in words):
        click.echo(f"a word needs {_SHORTEST_WORD} letters or digits: a shorter one is everywhere", err=True)
        sys.exit(_EXIT_USAGE)
    with reading(snapshot=True) as work:
        only = case_named(work, reference).id if reference else None
        found = work.cases_mentioning(words, only)
        refused = {case: why for case in found if (why := _refusal(work.case(case)))}
    _tell_refused(refused)
    left = [case for case in found if case not in refused]
    if (left or only is None) and not yes and not click.confirm(_asked(len(left), only), err=True):
        sys.exit(_EXIT_NO)
    entries, others = _erase(words, left, only)
    if options.json:
        print_json(
            {
                "erased": [{"reference": reference_of(c), "entries": n} for c, n in entries.items()],
                "refused": [{"reference": reference_of(c), "why": why} for c, why in refused.items()],
                "others": others,
            }
        )
    else:
        for case, count in entries.items():
            click.echo(f"{reference_of(case)}: erased from {count} entr{'y' if count == 1 else 'ies'}")
        nothing = "nothing was erased" if refused else "nothing mentions it"
        click.echo(f"outside any case: {others}" if entries or others else nothing)
    sys.exit(_EXIT_NO if refused or not (entries or others) else 0)


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--why", metavar="TEXT", help="Hold it, for this reason.")
@click.option("--release", is_flag=True, help="Hold it no longer.")
@click.pass_obj
def hold(_options: Options, reference: str, why: str | None, release: bool) -> None:
    """Keep a case from being erased: a lawsuit, an audit."""
    if bool(why and why.strip()) == release:
        click.echo("say why it is held (--why TEXT), or --release it", err=True)
        sys.exit(_EXIT_USAGE)
    with writing() as work:
        case = case_named(work, reference)
        if release and case.held is None:
            click.echo(f"{reference_of(case.id)} is not held", err=True)
            sys.exit(_EXIT_NO)
        work.hold(case.id, None if release else why, SystemClock().now())
    click.echo(f"{reference_of(case.id)} is {'held no longer' if release else 'held'}")


def _erase(words: Sequence[str], cases: Sequence[int], only: int | None) -> tuple[dict[int, int], int]:
    """How many entries of each case lost something, and how much outside them; a transaction each."""
    at, entries = SystemClock().now(), dict[int, int]()
    for case in cases:
        with writing() as work:
            if _refusal(work.case(case)) is None:  # it may have been reopened meanwhile
                entries[case] = work.erase(case, words, "request", at)
    if only is not None:
        return entries, 0
    with writing() as work:
        return entries, work.erase_outside_cases(words)


def _asked(cases: int, only: int | None) -> str:
    if not cases:
        return (
            "Erase from calls outside any case? No case that may be erased mentions it. It cannot be undone."
        )
    outside = "" if only is not None else ", and from calls outside any case"
    return f"Erase from {cases} case{'' if cases == 1 else 's'}{outside}? It cannot be undone."


def _refusal(case: Any) -> str | None:
    if case.state != "closed":
        return f"it is {case.state}"
    return f"it is held: {case.held}" if case.held else None


def _tell_refused(refused: dict[int, str]) -> None:
    for case, why in refused.items():
        click.echo(f"{reference_of(case)} is left as it is: {why}", err=True)
