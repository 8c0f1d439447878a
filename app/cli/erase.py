"""``guardia erase`` and ``hold``: names and numbers leave the record, and what keeps them from leaving."""

import sys
from collections.abc import Sequence
from typing import Any

import click

from app.cli.cases import case_named, print_json
from app.cli.casework import book_of
from app.cli.database import opened, reading, writing
from app.cli.options import Options, json_option
from app.clock import SystemClock
from app.settings import read_settings
from app.wiring import written_work
from oncall.ports import Failure
from oncall.store.cases import reference_of

_EXIT_NO = 1
_EXIT_USAGE = 2
_SHORTEST_HASH = 8  # of the digits of a file's SHA-256
_SHORTEST_WORD = 3  # anything shorter stands in every second sentence


@click.command()
@click.argument("words", metavar="[WORD...]", nargs=-1)
@click.option("--case", "reference", metavar="REF", help="Only in this case.  [default: in all of them]")
@click.option("--file", "prefix", metavar="SHA256", help="The content of this file of that case instead.")
@click.option("--yes", is_flag=True, help="Do not ask before erasing.")
@json_option
@click.pass_obj
def erase(
    options: Options, words: tuple[str, ...], reference: str | None, prefix: str | None, yes: bool
) -> None:
    """Erase what mentions a person: the name, the number, the mail address, each as a WORD.

    Nobody looks into files: those of each case are named at the end, and --file erases one of them.
    """
    if prefix is not None:
        if words or reference is None:
            raise click.UsageError("--file needs --case REF, and no words")
        _erase_file(options, reference, prefix.lower(), yes)
        return
    if not words:
        raise click.UsageError("name what to erase: a name, a number, a mail address")
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
    files = _files_of([*entries, *([only] if only is not None and only not in found else [])])
    if options.json:
        print_json(
            {
                "erased": [{"reference": reference_of(c), "entries": n} for c, n in entries.items()],
                "files": [{"reference": reference_of(c), **file} for c, of in files.items() for file in of],
                "refused": [{"reference": reference_of(c), "why": why} for c, why in refused.items()],
                "others": others,
            }
        )
    else:
        for case, count in entries.items():
            click.echo(f"{reference_of(case)}: erased from {count} entr{'y' if count == 1 else 'ies'}")
        nothing = "nothing was erased" if refused else "nothing mentions it"
        click.echo(f"outside any case: {others}" if entries or others else nothing)
        _tell_files(files)
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


def _erase_file(options: Options, reference: str, prefix: str, yes: bool) -> None:
    with opened() as store:
        with store.reading() as work:
            case = case_named(work, reference)
            named = [file for file in work.files(case.id) if file.digest.startswith(prefix)]
        if why := _refusal(case):
            _tell_refused({case.id: why})
            sys.exit(_EXIT_NO)
        if len(prefix) < _SHORTEST_HASH or len({file.digest for file in named}) != 1:
            click.echo(f"{reference_of(case.id)} has not one file whose SHA-256 begins so", err=True)
            sys.exit(_EXIT_NO)
        file = named[0]
        if not yes and not click.confirm(f"Erase {file.name}? It cannot be undone.", err=True):
            sys.exit(_EXIT_NO)
        guard = written_work(read_settings(), store, book_of(options))
        try:
            is_erased = guard.erase_file(case.id, file.digest, SystemClock().now())
        except Failure as failure:
            click.echo(f"it is still there: {failure}; try again", err=True)
            sys.exit(_EXIT_NO)
    if options.json:
        print_json({"reference": reference_of(case.id), "file": file.digest, "erased": is_erased})
    elif is_erased:
        click.echo(f"{reference_of(case.id)}: {file.name} is erased; its SHA-256 stays in the record")
    sys.exit(0 if is_erased else _EXIT_NO)


def _files_of(cases: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """What files these cases still have: nobody looked into them."""
    with reading() as work:
        return {
            case: [{"name": f.name, "sha256": f.digest, "size": f.size, "by": f.by} for f in files]
            for case in cases
            if (files := work.files(case))
        }


def _tell_files(files: dict[int, list[dict[str, Any]]]) -> None:
    for case, of in files.items():
        click.echo(f"{reference_of(case)} has files, which were not looked into:")
        for file in of:
            click.echo(f"  {file['name']} ({file['size']} bytes, by {file['by']})")
            click.echo(f"    guardia erase --case {reference_of(case)} --file {file['sha256'][:12]}")


def _refusal(case: Any) -> str | None:
    if case.state != "closed":
        return f"it is {case.state}"
    return f"it is held: {case.held}" if case.held else None


def _tell_refused(refused: dict[int, str]) -> None:
    for case, why in refused.items():
        click.echo(f"{reference_of(case)} is left as it is: {why}", err=True)
