"""A whole guard in virtual time: the application, its worker, the exchange and everybody's phones.

For the demonstration and for the tests. One thread; time jumps from one event
to the next; the same seed gives the same story.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import requests
from flask import Flask

from app import migrations
from app.rosterbook.keeper import FolderBooks
from app.rosterbook.stored import StoredBooks
from app.sandbox.exchange import Exchange
from app.sandbox.handset import Phone
from app.sandbox.loopback import InProcessClient
from app.sandbox.mailsink import Mail, MailSink
from app.sandbox.rest import rest_blueprint
from app.sandbox.transports import WsgiTransport, in_process
from app.settings import Settings
from app.wiring import Guard, build
from app.wiring.chores import CHORES
from app.wiring.sandbox import PAGE_FROM, add_numbers
from oncall.ports import BookKeeper
from oncall.store import Store, engine_for

ORIGIN = "https://guardia.example"
_ACCOUNT = "AC" + "0" * 31 + "1"
_TOKEN = "token-of-the-sandbox"
_STEP = timedelta(milliseconds=1)
_CHORES_EVERY = timedelta(minutes=1)


class VirtualClock:
    """A clock that stands still until it is set."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        self._at = max(self._at, at)


class World:
    """``open_world`` makes one. ``run`` lets time pass; phones are used through ``phone``."""

    def __init__(self, guard: Guard, exchange: Exchange, sink: MailSink, clock: VirtualClock) -> None:
        self.guard = guard
        self.exchange = exchange
        self.sink = sink
        self.clock = clock
        self.worker_is_alive = True
        self.next_chores: datetime | None = None  # None: a world without chores

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def mails(self) -> list[Mail]:
        return self.sink.mails

    def phone(self, number: str) -> Phone:
        return self.exchange.phone(number)

    def run(self, seconds: float, until: Callable[[], bool] | None = None) -> bool:
        """Let up to ``seconds`` pass, event by event; stops once ``until`` is true, and says whether."""
        end = self.now + timedelta(seconds=seconds)
        while not (until and until()):
            due = self._next_due()
            if due is None or due > end:
                self.clock.set(end)
                return until is not None and until()
            self.clock.set(due)
            self._step()
        return True

    def _next_due(self) -> datetime | None:
        dues = [self.exchange.next_due()]
        if self.worker_is_alive:
            dues.append(self.next_chores)
            due = self.guard.dispatcher.next_due(self.now)
            # What is due now and still there waits for something else: time must not stand still.
            dues.append(max(due, self.now + _STEP) if due else None)
        return min((due for due in dues if due is not None), default=None)

    def _step(self) -> None:
        self.exchange.run_due(self.now)
        if self.worker_is_alive:
            self._do_chores()
            self.guard.dispatcher.tick(self.clock.now)

    def _do_chores(self) -> None:
        """What the worker does by itself, all of it each minute."""
        if self.next_chores is None or self.now < self.next_chores:
            return
        self.next_chores = self.now + _CHORES_EVERY
        for chore in CHORES:
            chore.do(self.guard, self.now)


@contextmanager
def open_world(
    rosters: Path,
    at: datetime,
    *,
    database_url: str = "sqlite://",
    seed: int = 7,
    calls_per_second: float = 1.0,
    books: Callable[[FolderBooks], BookKeeper] = lambda books: books,
    change: Callable[[Guard], Guard] = lambda guard: guard,
    live_rosters: bool = False,
) -> Iterator[World]:
    """A guard with an empty database and its exchange at the moment ``at``.

    ``books`` may put something in front of the rosters, ``change`` replace a part of the guard. With
    ``live_rosters`` they are kept in the database, turns can be swapped, and the worker does its chores.
    """
    clock = VirtualClock(at)
    settings = Settings(
        database_url=database_url,
        public_url=ORIGIN,
        secret_key="secret of the demonstration",
        account_sid=_ACCOUNT,
        auth_token=_TOKEN,
        page_from=PAGE_FROM,
        calls_per_second=calls_per_second,
        mail_from="guardia@aivo.example",
    )
    store = Store(engine_for(database_url), _salts(random.Random(seed)))
    migrations.upgrade(store.engine)
    exchange = Exchange(_ACCOUNT, _TOKEN, clock=clock, seed=seed, calls_per_second=calls_per_second or 1000.0)
    api = _api_application(exchange)
    folder = FolderBooks(rosters)
    with MailSink(now=clock.now) as sink:
        guard = build(
            _with_mail(settings, sink),
            clock,
            store,
            StoredBooks(store, rosters, "world", at) if live_rosters else books(folder),
            http_client=InProcessClient(api),
            fetch=_fetch_from(api),
            chance=random.Random(seed),
        )
        guard = change(guard)
        exchange.transport = WsgiTransport(guard.app, ORIGIN)
        add_numbers(exchange, guard.settings, folder.current())
        world = World(guard, exchange, sink, clock)
        world.next_chores = at if live_rosters else None
        try:
            yield world
        finally:
            store.engine.dispose()


def _salts(chance: random.Random) -> Callable[[], str]:
    """The same story is written with the same salts, and so has the same hashes."""
    return lambda: f"{chance.getrandbits(128):032x}"


def _with_mail(settings: Settings, sink: MailSink) -> Settings:
    return replace(settings, smtp_url=sink.url)


def _api_application(exchange: Exchange) -> Flask:
    api = Flask("exchange")
    api.register_blueprint(rest_blueprint(exchange))
    return api


def _fetch_from(api: Flask) -> Callable[..., requests.Response]:
    """Gets a recording from the exchange without a socket."""

    def fetch(url: str, *, auth: tuple[str, str], **_options: object) -> requests.Response:
        prepared = requests.Request("GET", url, auth=auth).prepare()
        status, headers, body = in_process(api, "GET", url, dict(prepared.headers), b"")
        answer = requests.Response()
        answer.status_code = status
        answer.headers.update(headers)
        answer.raw = BytesIO(body)
        return answer

    return fetch
