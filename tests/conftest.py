"""What every test may count on: a closed network, an empty environment, and real outsiders on request."""

import logging
import os
from collections.abc import Iterator
from uuid import uuid4

import hypothesis
import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from tests.machine import chromium
from tests.mailserver import SmtpSink
from tests.network import guard
from tests.postgres import postgres_server

# Each may also be a NAME_FILE; what begins with TWILIO_ or GUARDIA_ counts as well.
_SETTINGS = {
    "CALLS_PER_SECOND",
    "DATABASE_URL",
    "IMAP_URL",
    "MAIL_FROM",
    "MAIL_REPLY_TO",
    "NOTIFY_URLS",
    "PAGE_FROM",
    "PORT",
    "PUBLIC_URL",
    "BUCKET_ACCESS_KEY",
    "BUCKET_SECRET_KEY",
    "SECRET_KEY",
    "SMTP_URL",
    "TICKET_WEBHOOK_SECRET",
}
# What a page shows, or lets be pressed, within a moment: on a machine that runs much else, that is long.
_SOON_MS = 60_000
_CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

# CI tries the same examples on each run; a laptop looks for new ones.
hypothesis.settings.register_profile(
    "ci", derandomize=True, max_examples=60, deadline=None, database=None, print_blob=True
)
hypothesis.settings.register_profile("laptop", max_examples=60, deadline=None)
hypothesis.settings.register_profile("long", max_examples=2000, deadline=None)


def _forget_the_settings_of_this_machine() -> None:
    for name in list(os.environ):
        if name == "GUARDIA_FAULTS":
            continue  # not the guard's: how long the fault suite is to be
        if name.startswith(("TWILIO_", "GUARDIA_")) or name.removesuffix("_FILE") in _SETTINGS:
            del os.environ[name]


def pytest_configure() -> None:
    _forget_the_settings_of_this_machine()
    guard.install()
    on_ci = os.environ.get("CI") == "true"
    hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if on_ci else "laptop"))


@pytest.fixture(autouse=True)
def _nothing_leaves_this_machine() -> Iterator[None]:
    before = len(guard.attempts)
    yield
    attempts = guard.attempts[before:]
    if attempts:
        pytest.fail(f"tried to leave this machine: {', '.join(attempts)}", pytrace=False)


class _Misfits(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


@pytest.fixture(autouse=True)
def _every_entry_fits_the_grammar() -> Iterator[None]:
    """In production an entry that does not fit is written all the same, and logged; here it fails."""
    misfits, log = _Misfits(), logging.getLogger("oncall.store.entries")
    log.addHandler(misfits)
    yield
    log.removeHandler(misfits)
    if misfits.told:
        pytest.fail("\n".join(misfits.told), pytrace=False)


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    """A mail server on loopback that keeps what it is sent."""
    sink = SmtpSink()
    sink.start()
    yield sink
    sink.stop()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a real PostgreSQL server: one for each test process, empty when it starts."""
    with postgres_server() as server:
        yield server.get_uri()


@pytest.fixture
def empty_postgres_url(postgres_url: str) -> Iterator[str]:
    """The URL of a new, empty database, dropped after the test."""
    import psycopg

    name = f"guardia_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield postgres_url.replace("/postgres?", f"/{name}?")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


# Not for the session: while Playwright runs, asyncio.run() is refused in this
# thread, and that would make other modules' tests depend on the order.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real, headless Chromium."""
    path = chromium()
    expect.set_options(timeout=_SOON_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own; a script's error on it, or a request that leaves this machine, fails the test."""
    context = browser.new_context(locale="es-AR")
    context.set_default_timeout(_SOON_MS)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(f"error in a script: {error}"))

    def keep_on_loopback(route: Route) -> None:
        if route.request.url.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]")):
            route.fallback()
        else:
            errors.append(f"asked for {route.request.url}")
            route.abort()

    context.route("**/*", keep_on_loopback)
    yield page
    context.close()
    if errors:
        pytest.fail("\n".join(errors), pytrace=False)
