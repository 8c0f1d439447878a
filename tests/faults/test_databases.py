"""The database is locked, cut off, full or read-only: callers hear us in time, and pages leave after."""

import resource
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit
from uuid import uuid4
from xml.etree import ElementTree

import psycopg
import pytest
import requests
from twilio.request_validator import RequestValidator

from tests.app.processes import until
from tests.faults.promises import assert_kept
from tests.faults.town import ACCOUNT, IS_LONG, RACE, SOON, TAKEN_WITHIN, TOKEN, Town, town
from tests.postgres import postgres_server, start_patiently

# Twilio waits four seconds for us: see app.voice.urls. A machine that is so busy that a webhook without any
# trouble takes long is given that much more.
IN_TIME = 4.0
BUSY = 20


def webhook(here: Town, n: int = 0) -> tuple[ElementTree.Element, float]:
    """A call arrives; gives the document, and how many seconds it took."""
    client, url = here.clients[n], f"{here.settings['PUBLIC_URL']}/voice/incoming"
    form = {"CallSid": f"CA{uuid4().hex}", "AccountSid": ACCOUNT, "From": client.caller, "To": client.line}
    form |= {"CallStatus": "ringing"}
    signed = RequestValidator(TOKEN).compute_signature(url, form)
    began = monotonic()
    answer = requests.post(url, data=form, headers={"X-Twilio-Signature": signed}, timeout=SOON)
    took = monotonic() - began
    assert answer.status_code == 200
    return ElementTree.fromstring(answer.text), took


def in_time(here: Town) -> float:
    """How long a webhook may take on this machine now."""
    url = f"{here.settings['PUBLIC_URL']}/healthz"
    began = monotonic()
    requests.get(url, timeout=SOON)
    return IN_TIME + BUSY * (monotonic() - began)


def dialled(document: ElementTree.Element) -> list[str]:
    return [number.text or "" for number in document.iter("Number")]


@contextmanager
def locked(here: Town) -> Iterator[None]:
    holder = sqlite3.connect(here.folder / "guardia.db", isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        yield
    finally:
        holder.rollback()
        holder.close()


@pytest.mark.parametrize("seconds", [1, 5, 20] if IS_LONG else [5])
def test_while_sqlite_is_locked_the_caller_hears_us_and_pages_leave_after(
    tmp_path: Path, seconds: int
) -> None:
    with town(tmp_path, 2) as here:
        here.answered_by()
        here.start("web", "worker")
        here.call(0)
        assert until(lambda: here.call_orders() > 0, SOON)
        with locked(here):
            document, took = webhook(here, 1)
            threading.Event().wait(max(0.0, seconds - took))
            limit = in_time(here)
        here.call(1)

        assert took < limit
        assert document.tag == "Response"
        if seconds > 2:
            assert dialled(document) == [here.clients[1].engineers[0]]
        assert here.all_get_through([0, 1], TAKEN_WITHIN), here.said("worker")
        assert_kept(here.store, here.exchange, twice=1, race=RACE)


def test_a_disk_that_is_full_puts_the_caller_through_and_mails_the_managers(tmp_path: Path) -> None:
    with town(tmp_path, 1) as here:
        here.start("web")
        resource.prlimit(here.serving("web"), resource.RLIMIT_FSIZE, (4096, 4096))

        document, took = webhook(here)

        assert took < in_time(here)
        assert dialled(document) == [here.clients[0].engineers[0]]
        assert until(lambda: here.mail.messages, SOON), here.said("web")
        assert "lucia@aivo.example" in here.mail.envelopes[0].rcpt_tos


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("to mount a small disk takes root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> Path:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 512):
            with suppress(OSError):
                while True:
                    file.write(b"x" * size)
    return ballast


def test_a_small_disk_that_fills_up_while_paging_loses_nothing_and_puts_callers_through(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path / "disk") as disk, town(tmp_path, 3, f"sqlite:///{disk}/guardia.db") as here:
        here.answered_by()
        here.start("web", "worker")
        here.call(0)
        assert until(lambda: here.call_orders() > 0, SOON)
        ballast = fill(disk)
        answers = []
        while not answers or not dialled(answers[-1][0]):  # the log has some room left in itself
            assert len(answers) < 200
            answers.append(webhook(here, 1))
        limit = in_time(here)
        ballast.unlink()
        here.call(2)

        assert max(took for _, took in answers) < limit
        assert dialled(answers[-1][0]) == [here.clients[1].engineers[0]]
        assert here.all_get_through([0, 2], TAKEN_WITHIN), here.said("worker")
        assert_kept(here.store, here.exchange, twice=1, race=RACE)
        assert here.verify() == 0


def test_a_database_that_is_read_only_is_refused_at_the_start(tmp_path: Path) -> None:
    with town(tmp_path, 1) as here:
        here.settings["DATABASE_URL"] = f"sqlite:///file:{tmp_path}/guardia.db?mode=ro&uri=true"

        ended = here.run("web")

        assert ended.returncode == 2
        assert "DATABASE_URL: the database cannot be used" in ended.stderr
        assert len(ended.stderr.splitlines()) == 1


def test_connections_to_postgresql_are_cut_under_load_and_nothing_is_lost(
    tmp_path: Path, empty_postgres_url: str
) -> None:
    clients = 20 if IS_LONG else 4
    name = urlsplit(empty_postgres_url).path.strip("/")
    with town(tmp_path, clients, empty_postgres_url) as here:
        here.answered_by()
        here.start("web", "worker")
        with psycopg.connect(empty_postgres_url, autocommit=True) as operator:
            for n in range(clients):
                here.call(n)
                operator.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = %s AND pid <> pg_backend_pid()",
                    (name,),
                )
                threading.Event().wait(0.3)

        assert here.all_taken(1, TAKEN_WITHIN), here.said("worker")
        assert_kept(here.store, here.exchange, twice=clients, race=RACE)


def test_postgresql_restarts_under_load_and_nothing_is_lost(tmp_path: Path) -> None:
    with restartable_postgres() as (url, restart), town(tmp_path, 3, url) as here:
        here.answered_by()
        here.start("web", "worker")
        here.call(0)
        here.call(1)
        assert until(lambda: here.call_orders() > 0, SOON)
        restart()
        here.call(2)

        assert until(lambda: is_up(url), SOON)
        assert here.all_taken(1, TAKEN_WITHIN), here.said("worker")
        assert_kept(here.store, here.exchange, twice=2, race=RACE)


def test_postgresql_turns_read_only_for_a_while_callers_are_put_through_and_pages_leave_after(
    tmp_path: Path,
) -> None:
    """As when a standby answers, or an operator stops a disk from filling up."""
    with restartable_postgres() as (url, _), town(tmp_path, 3, url) as here:
        here.answered_by()
        here.start("web", "worker")
        here.call(0)
        assert until(lambda: here.call_orders() > 0, SOON)
        with read_only(url):
            assert until(lambda: dialled(webhook(here, 1)[0]), SOON)
            document, took = webhook(here, 1)
            limit = in_time(here)
        here.call(2)

        assert took < limit
        assert dialled(document) == [here.clients[1].engineers[0]]
        assert here.all_get_through([0, 2], TAKEN_WITHIN), here.said("worker")
        assert_kept(here.store, here.exchange, twice=1, race=RACE)
        assert here.verify() == 0


@contextmanager
def read_only(url: str) -> Iterator[None]:
    """Every transaction of that server, also of connections that stand already."""
    with psycopg.connect(url, autocommit=True) as operator:
        operator.execute("SET default_transaction_read_only = off")
        try:
            operator.execute("ALTER SYSTEM SET default_transaction_read_only = on")
            operator.execute("SELECT pg_reload_conf()")
            yield
        finally:
            operator.execute("ALTER SYSTEM RESET default_transaction_read_only")
            operator.execute("SELECT pg_reload_conf()")


def is_up(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=20).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def restartable_postgres() -> Iterator[tuple[str, Callable[[], None]]]:
    """A server of this test's own: its URL, and how to restart it."""
    with postgres_server() as server:

        def restart() -> None:
            server.stop()
            start_patiently(server)

        yield server.get_uri(), restart
