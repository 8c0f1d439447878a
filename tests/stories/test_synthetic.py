"""The guard calls itself once a week: through the telephone company, to the end of the menu, for nobody."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.sandbox.scripts import Script
from app.wiring import Guard
from app.wiring.demo.published import publishes
from app.wiring.demo.scripts import BLOCKER, CRM, MARTAS_PIN, takes
from app.wiring.demo.stage import ROSTERS
from app.wiring.sandbox import PAGE_FROM
from tests.stories.conftest import OpenStage

MONDAY = datetime(2026, 3, 2, 13, tzinfo=UTC)  # 10:00 in Buenos Aires


def test_every_week_another_line_is_walked(opened: OpenStage, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROSTERS, tmp_path / "rosters"))
    service = folder / "service.yaml"
    service.write_text(service.read_text("utf-8") + "synthetic: {at: mon 10:00}\n", "utf-8")
    stage = opened(rosters=folder, at=MONDAY - timedelta(seconds=30), live_rosters=True)

    stage.run(300)

    [(state, why)] = stage.walks().values()
    assert (state, why) == ("passed", None)
    assert not stage.rings()
    assert stage.cases() == []


def test_who_shows_our_number_and_knows_the_pin_is_served_while_our_own_call_is_on_its_way(
    opened: OpenStage,
) -> None:
    stage = opened()
    stage.phone("ana").behave(takes(3))
    stage.walk("acme")
    spoofed = stage.world.exchange.phone("+541140001000")
    spoofed.number = PAGE_FROM  # what it shows; anybody can
    script = Script().press(f"{MARTAS_PIN}#", hearing="PIN").press(CRM, hearing="CRM Salesforce")
    line = stage.book.clients["acme"].contract.guard_line
    spoofed.dial(line, False, script.press(BLOCKER, hearing="Si nada del servicio"))

    stage.run(240)

    assert stage.summaries()[0]["kind"] == "incident"
    assert stage.rings()["ana"] >= 1
    assert stage.walks()["acme"] == ("passed", None)


def test_a_broken_menu_is_told_to_managers_and_rings_nobody(opened: OpenStage) -> None:
    def broken(guard: Guard) -> Guard:
        def document(call: object) -> object:
            raise RuntimeError("the menu cannot be said")

        guard.app.view_functions["voice.key"] = lambda turn: document(turn)
        return guard

    stage = opened(change=broken)
    stage.walk("acme")
    stage.run(400)

    assert stage.walks()["acme"] == ("failed", "not_heard")
    assert not stage.rings()
    assert stage.cases() == []
    assert any("La llamada de prueba no llegó" in mail.subject for mail in stage.world.mails)


def test_the_call_walks_past_a_notice_to_the_end_of_the_menu_and_pages_nobody(
    opened: OpenStage, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(ROSTERS, tmp_path / "rosters"))
    service = folder / "service.yaml"
    service.write_text(service.read_text("utf-8") + "synthetic: {at: mon 10:00}\n", "utf-8")
    stage = opened(rosters=folder, at=MONDAY - timedelta(seconds=30), live_rosters=True)
    publishes(stage, None)

    stage.run(300)

    [(client, result)] = stage.walks().items()
    assert result == ("passed", None)
    assert stage.book.clients[client].contract.guard_line
    assert not stage.rings()
    assert stage.cases() == []
    assert stage.texts() == {}
