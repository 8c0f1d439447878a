"""The house rules that a program can check, and the outsiders that the suite leans on."""

import ast
import http.server
import smtplib
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page

from tests import machine
from tests.mailserver import SmtpSink
from tests.network import NetworkForbidden, guard

ROOT = Path(__file__).parents[1]
ROOMS = ("app", "oncall", "tests", "bench")
PYTHON_FILES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
SHELL_OF_ONCALL = {
    "columns",
    "records",
    "siderecords",
    "publishedrecords",
    "deskrecords",
    "soundrecords",
    "store",
    "dispatcher",
}
CLOCK_READS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter"}


def test_a_connection_beyond_loopback_is_refused() -> None:
    with guard.expecting_attempts() as attempts:
        with pytest.raises(NetworkForbidden):
            socket.create_connection(("192.0.2.1", 80), timeout=1)
        with pytest.raises(NetworkForbidden):
            socket.getaddrinfo("api.twilio.com", 443)

    assert len(attempts) == 2


def test_loopback_is_open() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(("localhost", server.getsockname()[1])) as client,
    ):
        assert client.getpeername() == server.getsockname()


def test_a_missing_part_skips_on_a_laptop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception, match="no browser"):
        machine.missing("browser")


def test_a_missing_part_fails_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    with pytest.raises(pytest.fail.Exception, match="no browser"):
        machine.missing("browser")


@pytest.mark.postgres
def test_a_real_postgresql_answers(empty_postgres_url: str) -> None:
    with psycopg.connect(empty_postgres_url) as connection:
        row = connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone()

    assert row == (0,)


@pytest.mark.browser
def test_a_real_browser_runs_a_page(page: Page, hello_page: str) -> None:
    page.goto(hello_page)

    page.get_by_role("button", name="call").click()

    assert page.get_by_role("status").inner_text() == "ringing"


def test_mail_arrives(smtp_sink: SmtpSink) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "G-1042", "guardia@aivo.example", "ana@aivo.example"
    message.set_content("Asignado a Ana")

    with smtplib.SMTP("127.0.0.1", smtp_sink.port, local_hostname="localhost") as smtp:
        smtp.send_message(message)

    assert [m["Subject"] for m in smtp_sink.to("ana@aivo.example")] == ["G-1042"]


def test_rooms_know_only_whom_they_may() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_core_of_oncall_imports_only_the_standard_library() -> None:
    strangers = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in _core_files()
        for name in _imported(path)
        if name != "oncall" and name not in sys.stdlib_module_names
    ]

    assert strangers == []


def test_oncall_reads_no_clock() -> None:
    reads = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / "oncall").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCK_READS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date", "time"}
    ]

    assert reads == []


def test_no_file_is_longer_than_500_lines() -> None:
    long = [p for p in PYTHON_FILES if p.read_text("utf-8").count("\n") > 500]

    assert [str(p.relative_to(ROOT)) for p in long] == []


def test_no_function_is_longer_than_60_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in PYTHON_FILES
        if "versions" not in path.parts  # a table with many columns is a long list, not a long thought
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= 60
    ]

    assert long == []


def test_every_dependency_is_pinned() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]

    assert [pin for pin in pins if pin.count("==") != 1 or "/" in pin or "@" in pin] == []


@pytest.fixture
def hello_page() -> Iterator[str]:
    class Hello(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(
                b"<link rel=icon href=data:,><output id=o></output>"
                b"<button onclick=\"o.value='ringing'\">call</button>"
            )

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hello)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def _core_files() -> list[Path]:
    oncall = ROOT / "oncall"
    shell = {path for name in SHELL_OF_ONCALL for path in (oncall / f"{name}.py", oncall / name)}
    return [p for p in sorted(oncall.rglob("*.py")) if not shell & {p, *p.parents}]


def _imported(path: Path) -> Iterator[str]:
    """The first names of all that a file imports."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]
