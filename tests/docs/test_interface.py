"""docs/interface.md and the code name the same commands, options, endpoints and settings."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from flask import Flask

from app.cli import main
from app.settings import read_settings
from app.wiring.world import open_world

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "interface.md").read_text("utf-8")

# Served because every Flask application does, or so that pages have their style.
_OF_NO_INTEREST = ("/static/", "/web/static/")


class _Noting(Mapping[str, str]):
    """An empty environment that remembers what was asked of it."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    with open_world(ROOT / "rosters", datetime(2026, 11, 23, 12, tzinfo=UTC)) as world:
        yield world.guard.app


def test_every_command_and_option_is_told() -> None:
    assert dict(_told_commands()) == dict(_commands())


def test_every_option_before_the_command_is_told() -> None:
    for option in _options(main):
        assert f"`{option}" in DOCUMENT


def test_every_endpoint_is_told(app: Flask) -> None:
    told = {(method, _plain(path)) for method, path in re.findall(r"^\| `(GET|POST) (/\S*)`", DOCUMENT, re.M)}

    assert told == set(_endpoints(app))


def test_every_setting_is_told() -> None:
    environment = _Noting()
    read_settings(environment)

    told = set(re.findall(r"^\| `([A-Z_]+)` \|", DOCUMENT, re.M))

    assert told == {name for name in environment.asked if not name.endswith("_FILE")}
    assert environment.asked == told | {f"{name}_FILE" for name in told}


def _told_commands() -> Iterator[tuple[str, set[str]]]:
    for name, options in re.findall(r"^\| `guardia ([a-z]+(?: [a-z]+)?)[^`]*` \|([^|]*)\|", DOCUMENT, re.M):
        yield name, set(re.findall(r"`(--[\w-]+)`", options))


def _commands(group: click.Command = main, before: str = "") -> Iterator[tuple[str, set[str]]]:
    assert isinstance(group, click.Group)
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", set(_options(command))


def _options(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            yield from (option for option in parameter.opts if option.startswith("--"))


def _endpoints(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        if not str(rule).startswith(_OF_NO_INTEREST):
            yield from (
                (method, _plain(str(rule))) for method in rule.methods or () if method in ("GET", "POST")
            )


def _plain(path: str) -> str:
    """The path with its parameters' names, without their kinds."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", path)
