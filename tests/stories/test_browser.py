"""The whole guard in a real browser, as a stranger meets it: one call with three phones, by one command."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from app.locales import text
from tests.app.processes import free_port

pytestmark = pytest.mark.browser

ROSTERS = Path(__file__).parents[2] / "rosters"
TEAM = """\
team: integrations
timezone: America/Argentina/Buenos_Aires
rotations:
  primary: {people: [ana], shift: 1 week, starts: 2026-01-05 09:00}
  backup: {people: [carla], shift: 1 week, starts: 2026-01-05 09:00}
escalation:
  - {page: primary, for: 3 minutes}
  - {page: backup, for: 3 minutes}
"""
PEOPLE = """\
people:
  ana: {name: Ana Paz, phones: ["+5491155550101", "+541148120101"], email: ana@aivo.example, language: es}
  carla: {name: Carla Gómez, phones: ["+5491155550103"], email: carla@aivo.example, language: es}
  lucia: {name: Lucía Ferrer, phones: ["+5491155550105"], email: lucia@aivo.example, language: es}
  marcos: {name: Marcos Prado, phones: ["+5511955550106"], email: marcos@aivo.example, language: pt}
"""
STARTS_WITHIN_MS = 120_000
STOPS_WITHIN = 60


@dataclass(frozen=True)
class Served:
    """A guard that serves, in a folder of its own."""

    url: str
    folder: Path

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            _guardia(*arguments), cwd=self.folder, capture_output=True, text=True, timeout=120
        )


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[Served]:
    """``guardia serve`` with the example's clients, and Ana always on call."""
    shutil.copytree(ROSTERS, tmp_path / "rosters")
    (tmp_path / "rosters/teams/integrations.yaml").write_text(TEAM, "utf-8")
    (tmp_path / "rosters/people.yaml").write_text(PEOPLE, "utf-8")
    port = free_port()
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            _guardia("serve", "--port", str(port)),
            cwd=tmp_path,
            env={**os.environ, "CALLS_PER_SECOND": "0"},
            stdout=log,
            stderr=log,
        )
        try:
            yield Served(f"http://127.0.0.1:{port}", tmp_path)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOPS_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise


@pytest.fixture
def board(guard: Served, page: Page) -> Page:
    """The page of phones, once the guard is ready."""
    _wait_until_ready(guard, page)
    page.goto(guard.url)
    expect(phone(page, "Marta Ruiz")).to_be_visible()
    return page


def test_one_whole_call_with_three_phones(board: Page, guard: Served) -> None:
    marta, mobile, landline = phone(board, "Marta Ruiz"), phone(board, "Ana Paz"), phone(board, "Ana Paz", 2)
    record = board.get_by_role("region", name="Registro de G-")

    marta.get_by_role("button", name="Llamar").click()
    expect(marta).to_contain_text(heard("voice.greeting", client="ACME Seguros"))
    press(marta, "1")
    expect(marta).to_contain_text(heard("voice.ask_priority"))
    press(marta, "1")

    expect(marta).to_contain_text(heard("voice.calling", names="Ana"))
    expect(mobile).to_contain_text("Llama Guardia")
    expect(mobile.get_by_role("log", name="Mensajes de Ana Paz")).to_contain_text("Blocker")
    expect(record).to_contain_text("ACME Seguros, CRM Salesforce, prioridad Blocker")
    expect(board.get_by_text("Nadie lo tomó todavía")).to_be_visible()

    mobile.get_by_role("button", name="Rechazar").click()
    expect(landline).to_contain_text("Llama Guardia")
    landline.get_by_role("button", name="Atender").click()
    expect(landline).to_contain_text("CRM Salesforce")
    press(landline, "1")

    expect(landline).to_contain_text("Hablando con Marta Ruiz")
    expect(marta).to_contain_text("Hablando con Ana Paz")
    expect(record).to_contain_text("Ana Paz tomó el incidente")
    expect(board.get_by_text("Tomado", exact=True)).to_be_visible()
    say(marta, "No entran los leads")
    expect(landline).to_contain_text("Marta No entran los leads")
    say(landline, "Era la clave; ya está")
    expect(marta).to_contain_text("Ana Era la clave; ya está")

    marta.get_by_role("button", name="Cortar").click()
    expect(landline).to_contain_text(heard("page.disposition"))
    press(landline, "2")
    expect(record).to_contain_text(heard("entry.disposition.solved", name="Ana Paz"))
    expect(board.get_by_text("Cerrado", exact=True)).to_be_visible()
    expect(board.get_by_role("region", name="Correo")).to_contain_text("marta@acme.example")
    proof = guard.command("verify")
    assert proof.returncode == 0, proof.stdout + proof.stderr


def test_the_link_in_the_text_takes_the_case(board: Page, guard: Served) -> None:
    marta, ana = phone(board, "Marta Ruiz"), phone(board, "Ana Paz")
    marta.get_by_role("button", name="Llamar").click()
    expect(marta).to_contain_text(heard("voice.greeting", client="ACME Seguros"))
    press(marta, "1")
    expect(marta).to_contain_text(heard("voice.ask_priority"))
    press(marta, "1")
    ana.get_by_role("button", name="Rechazar").click()

    with board.context.expect_page() as opened:
        ana.get_by_role("link").click()
    case = opened.value
    expect(case.get_by_role("heading", level=1)).to_contain_text("G-")
    expect(board.get_by_text("Nadie lo tomó todavía")).to_be_visible()
    case.get_by_role("button", name="Tomarlo").click()

    expect(case.get_by_text("Es suyo.")).to_be_visible()
    expect(board.get_by_text("Tomado", exact=True)).to_be_visible()


def heard(key: str, **params: str) -> str:
    """A sentence as it is said in this call."""
    return text(key, "es", **params)


def phone(page: Page, owner: str, which: int = 1) -> Locator:
    """A person's first phone, or the second. Found by number, since a phone in use moves to the front."""
    numbers = {"Marta Ruiz": ["+5491155550201"], "Ana Paz": ["+5491155550101", "+541148120101"]}
    return page.locator(f'[data-number="{numbers[owner][which - 1]}"]')


def press(phone: Locator, key: str) -> None:
    phone.get_by_role("button", name=key, exact=True).click()


def say(phone: Locator, words: str) -> None:
    phone.get_by_label("Diga algo…").fill(words)
    phone.get_by_role("button", name="Decir").click()


def _wait_until_ready(guard: Served, page: Page) -> None:
    waited = 0
    while not _is_ready(guard.url):
        if waited >= STARTS_WITHIN_MS:
            pytest.fail((guard.folder / "log").read_text("utf-8"), pytrace=False)
        page.wait_for_timeout(100)
        waited += 100


def _is_ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/readyz", timeout=20).status_code == 200
    except requests.RequestException:
        return False


def _guardia(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from app.cli import main; main()", *arguments]
