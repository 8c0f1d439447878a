"""The command ``guardia``: what operators, managers and engineers type."""

import gc
from importlib import import_module
from pathlib import Path
from types import ModuleType

import click

from app.cli.options import Options, json_option
from app.settings import SettingsError, rosters_folder

_EXIT_CONFIGURATION = 2

# Each module registers its commands on the group when it is imported; only the
# module of the command typed is read, so that `guardia who` starts quickly.
_HOMES = {
    "serve": "app.cli.serve",
    "web": "app.cli.serve",
    "worker": "app.cli.serve",
    "migrate": "app.cli.serve",
    "demo": "app.cli.demo",
    "check": "app.cli.rosters",
    "who": "app.cli.rosters",
    "shifts": "app.cli.rosters",
    "schema": "app.cli.rosters",
    "calendar": "app.cli.calendar",
    "override": "app.cli.override",
    "rosters": "app.cli.duty",
    "links": "app.cli.duty",
    "drill": "app.cli.drill",
    "synthetic": "app.cli.synthetic",
    "notice": "app.cli.notice",
    "lines": "app.cli.lines",
    "publish": "app.cli.lines",
    "cases": "app.cli.cases",
    "case": "app.cli.cases",
    "note": "app.cli.casework",
    "agree": "app.cli.casework",
    "wait": "app.cli.casework",
    "attach": "app.cli.casework",
    "correct": "app.cli.casework",
    "close": "app.cli.casework",
    "verify": "app.cli.record",
    "report": "app.cli.report",
    "verifier": "app.cli.record",
    "erase": "app.cli.erase",
    "hold": "app.cli.erase",
    "pin": "app.cli.cases",
    "webhook": "app.cli.webhook",
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_HOMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        home = _HOMES.get(cmd_name)
        if home is None:
            return None
        command = getattr(_imported(home), cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command


def _imported(home: str) -> ModuleType:
    """Modules are not garbage: a sixth of the time of a start went into looking for some among them."""
    gc.disable()
    try:
        return import_module(home)
    finally:
        gc.freeze()
        gc.enable()


@click.command(cls=_LazyGroup)
@click.option(
    "--rosters",
    type=click.Path(path_type=Path),
    help="The folder that managers edit.  [default: GUARDIA_ROSTERS or rosters]",
)
@json_option
@click.version_option(package_name="guardia")
@click.pass_context
def main(ctx: click.Context, rosters: Path | None) -> None:
    """Guardia: the on-call phone guard of the integrations Aivo built."""
    try:
        ctx.ensure_object(Options).rosters = rosters or rosters_folder()
    except SettingsError as error:
        click.echo(str(error), err=True)
        ctx.exit(_EXIT_CONFIGURATION)
