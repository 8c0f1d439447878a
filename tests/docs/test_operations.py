"""docs/operations.md names the processes, settings, figures and alarms that there are."""

import re
from collections.abc import Iterator
from configparser import ConfigParser
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.cli import main
from app.locales import catalog
from app.settings import SettingsError, read_settings, require_telephone
from app.wiring.world import World, open_world

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "operations.md").read_text("utf-8")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with open_world(ROOT / "rosters", datetime(2026, 11, 23, 12, tzinfo=UTC)) as world:
        yield world


def test_the_processes_are_those_of_the_procfile() -> None:
    told = re.findall(r"^\| (\w+) \| `(guardia \w+)` \|", DOCUMENT, re.M)

    assert [f"{name}: {command}" for name, command in told] == (ROOT / "Procfile").read_text().splitlines()


UNITS = re.findall(r"```ini\n# /etc/systemd/system/([\w-]+)\.service\n(.*?)```", DOCUMENT, re.S)


@pytest.mark.parametrize(("name", "unit"), UNITS, ids=[name for name, _ in UNITS])
def test_a_unit_is_complete_and_never_gives_up(name: str, unit: str) -> None:
    parsed = ConfigParser(delimiters="=", interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read_string(unit)
    started = parsed["Service"]["ExecStart"].partition("/bin/guardia ")[2].split()

    main.make_context("guardia", started)
    assert f"guardia {started[0]}" in DOCUMENT.split("## systemd")[0]
    assert parsed["Service"]["Restart"] == "always"
    assert parsed["Unit"]["StartLimitIntervalSec"] == "0"
    assert parsed["Install"]["WantedBy"] == "multi-user.target"
    assert f"systemctl enable --now {name}" in DOCUMENT or name in DOCUMENT.split("(or `", 1)[1]


def test_one_machine_has_a_unit_and_several_have_two() -> None:
    assert [name for name, _ in UNITS] == ["guardia", "guardia-web", "guardia-worker"]


def test_what_a_real_telephone_needs_is_told() -> None:
    needed = set(re.findall(r"`([A-Z_]+)`", DOCUMENT.split("it needs", 1)[1].split("and stops", 1)[0]))
    values = dict.fromkeys(needed, "https://guardia.example") | {
        "TWILIO_ACCOUNT_SID": "AC1",
        "PAGE_FROM": "+541152630000",
        "SMTP_URL": "smtp://127.0.0.1",
    }

    require_telephone(read_settings(values))
    for name in needed:
        with pytest.raises(SettingsError, match=name):
            require_telephone(read_settings({other: values[other] for other in needed - {name}}))


def test_the_figures_are_those_of_the_application(world: World) -> None:
    told = set(re.findall(r"^\| `(guardia_\w+)`", DOCUMENT, re.M))
    page = world.guard.app.test_client().get("/metrics").text

    families = set(re.findall(r"^# TYPE (\w+) (?:counter|histogram|gauge)", page, re.M))

    assert told == {name for name in families if not name.endswith("_created")}


def test_readiness_says_what_is_told(world: World) -> None:
    answer = world.guard.app.test_client().get("/readyz").get_json()

    assert {key for key in answer if f"`{key}`" not in DOCUMENT} == set()


def test_every_alarm_is_told_with_what_to_do() -> None:
    remedies = (re.fullmatch(r"mail\.alarm\.(\w+)\.remedy", key) for key in catalog("en"))
    alarms = {found.group(1) for found in remedies if found}
    told = set(re.findall(r"`([a-z_]+)`", DOCUMENT.split("## What managers are mailed", 1)[1]))

    assert alarms <= told
