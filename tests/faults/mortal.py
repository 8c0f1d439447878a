"""A guard in virtual time that dies where it is told to, as if by kill -9, and starts again.

Its crash points are each commit (just before and just after) and each REST
request (just before it leaves, and once it was carried out). What it had in
memory is gone; what the database says is all that the next one knows.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from flask import Flask
from sqlalchemy import Engine, event
from twilio.http.response import Response

from app.rosterbook.keeper import FolderBooks
from app.sandbox.loopback import InProcessClient
from app.sandbox.rest import rest_blueprint
from app.sandbox.transports import ConnectFailed, Reply, WsgiTransport
from app.wiring import build
from app.wiring.world import ORIGIN, World, open_world
from oncall.store import Store, engine_for

# What an order may meet on its way: never carried out, or carried out though no good answer comes.
NOT_DONE = ("429", "503", "500", "reset", "slow", "garbage")
DONE = ("500, done", "reset, done", "slow, done", "garbage, done")
TROUBLES = NOT_DONE + DONE


class Killed(BaseException):
    """Not an Exception: nothing in the guard may catch it."""


class Mortal:
    def __init__(self, world: World, rosters: Path, url: str) -> None:
        self.world = world
        self.passed: list[str] = []  # the names of the crash points, in order
        self.dies_at: int | None = None
        self.is_dead = False
        self.deaths = 0
        self.troubles: list[str] = []  # what the next orders to Twilio meet, one each: see TROUBLES
        self._rosters = rosters
        self._url = url
        self._api = Flask("exchange")
        self._api.register_blueprint(rest_blueprint(world.exchange))
        self.start()

    def start(self) -> None:
        """A process begins: everything is built anew over the same database."""
        self.is_dead = False
        engine = engine_for(self._url)
        self._make_mortal(engine)
        self.world.guard = build(
            self.world.guard.settings,
            self.world.clock,
            Store(engine),
            FolderBooks(self._rosters),
            http_client=_Wire(self._api, self),
            fetch=_no_recordings,
            chance=random.Random(len(self.passed)),
        )
        self.world.exchange.transport = _Door(self, WsgiTransport(self.world.guard.app, ORIGIN))
        self.world.worker_is_alive = True

    def run(self, seconds: float, until: Callable[[], bool], down: float = 1.0) -> bool:
        """Let time pass; whoever dies is started again ``down`` seconds later."""
        end = self.world.now.timestamp() + seconds
        while (left := end - self.world.now.timestamp()) > 0:
            try:
                if self.world.run(left, until=lambda: self.is_dead or until()) and not self.is_dead:
                    return True
            except Killed:
                pass
            if self.is_dead:
                self.stand_still(down)
                self.start()
        return until()

    def stand_still(self, seconds: float) -> None:
        """Nobody works and nobody answers, for so long."""
        self.is_dead = True
        self.world.worker_is_alive = False
        self.world.run(seconds)

    def point(self, name: str) -> None:
        if self.is_dead:
            raise Killed
        self.passed.append(name)
        if self.dies_at == len(self.passed) - 1:
            self.is_dead = True
            self.deaths += 1
            raise Killed(name)

    def _make_mortal(self, engine: Engine) -> None:
        dialect: Any = engine.dialect
        commit = dialect.do_commit
        writes = False

        def noticing(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            nonlocal writes
            writes = writes or statement == "BEGIN IMMEDIATE"

        def do_commit(connection: Any) -> None:
            nonlocal writes
            if not writes:
                commit(connection)
                return
            writes = False
            self.point("before commit")
            commit(connection)
            self.point("after commit")

        event.listen(engine, "before_cursor_execute", noticing)
        dialect.do_commit = do_commit


class _Wire(InProcessClient):
    """The way to Twilio: it may end before the request leaves, or before its answer is heard."""

    def __init__(self, api: Flask, mortal: Mortal) -> None:
        super().__init__(api)
        self._mortal = mortal

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        self._mortal.point(f"before {method}")
        trouble = self._mortal.troubles.pop(0) if self._mortal.troubles and method == "POST" else ""
        if trouble not in NOT_DONE:
            answer = super().request(method, url, *args, **kwargs)
        if trouble:
            answer = self._meet(trouble)
        self._mortal.point(f"after {method}")
        return answer

    def _meet(self, trouble: str) -> Response:
        clock = self._mortal.world.clock
        match trouble:
            case "reset" | "reset, done":
                raise requests.exceptions.ConnectionError("('Connection aborted.', RemoteDisconnected())")
            case "slow" | "slow, done":
                clock.set(clock.now() + timedelta(seconds=8))
                raise requests.exceptions.ReadTimeout("read timed out")
            case "garbage" | "garbage, done":
                return Response(200, "<html>It works!</html>", {})
            case "500" | "500, done":
                return Response(500, '{"code": 20500, "message": "Internal", "status": 500}', {})
            case "429":
                return Response(429, '{"code": 20429, "message": "Too many requests", "status": 429}', {})
            case "503":
                return Response(503, '{"code": 20503, "message": "Unavailable", "status": 503}', {})
        raise AssertionError(trouble)


class _Door:
    """The way from Twilio: a webhook that kills the guard gets no answer, nor do those after it."""

    def __init__(self, mortal: Mortal, inner: WsgiTransport) -> None:
        self._mortal = mortal
        self._inner = inner

    def send(
        self, method: str, url: str, headers: dict[str, str], body: bytes, timeout: tuple[float, float]
    ) -> Reply:
        if self._mortal.is_dead:
            raise ConnectFailed("nobody is there")
        try:
            return self._inner.send(method, url, headers, body, timeout)
        except Killed as death:
            raise ConnectFailed("the connection was cut") from death


def _no_recordings(*_args: Any, **_options: Any) -> requests.Response:
    raise requests.exceptions.ConnectionError("Connection refused")


@contextmanager
def mortal_world(
    rosters: Path, at: datetime, folder: Path, calls_per_second: float = 1.0
) -> Iterator[Mortal]:
    url = f"sqlite:///{folder / 'guardia.db'}"
    with open_world(rosters, at, database_url=url, calls_per_second=calls_per_second) as world:
        mortal = Mortal(world, rosters, url)
        yield mortal
        mortal.world.guard.store.engine.dispose()
