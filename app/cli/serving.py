"""How the server processes run: everything is built in the process that serves, after gunicorn's fork."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import click
from flask import Flask

from app.cli.sandboxed import SANDBOX_FOLDER, note_address
from app.clock import SystemClock
from app.settings import Settings
from app.web.office import DeskLinks, generations
from app.wiring import Guard, build, open_books, open_store
from app.wiring.rosterwatch import RosterWatch
from app.wiring.silencewatch import SilenceWatch
from app.worker import Worker
from app.wsgi import OneProcess, Server
from oncall.book import Book
from oncall.rosters import on_call


@dataclass(slots=True)
class _Running:
    """What has to be started once the server answers, and stopped at the end."""

    start: list[Callable[[], None]] = field(default_factory=list)
    stop: list[Callable[[], None]] = field(default_factory=list)

    def started(self) -> None:
        for act in self.start:
            act()

    def stopped(self) -> None:
        for act in reversed(self.stop):
            act()


def serve_all(settings: Settings, host: str, with_sandbox: bool) -> None:
    """Web and worker in one process, until it is told to stop."""
    clock = SystemClock()
    running = _Running()

    def make() -> Flask:
        store = open_store(settings)
        books = open_books(settings, store, clock.now())
        if with_sandbox:
            from app.wiring.sandbox import build_sandbox, sandbox_settings

            sandbox = build_sandbox(sandbox_settings(settings, SANDBOX_FOLDER), clock, store, books)
            guard = sandbox.guard
            running.start.append(sandbox.start)
            running.start.append(lambda: note_address(guard.settings.public_url))
            running.stop.append(sandbox.stop)
        else:
            guard = build(settings, clock, store, books)
        worker = Worker(guard)
        running.start.append(worker.start)
        running.stop.append(worker.stop)
        running.start.append(lambda: click.echo(_welcome(books.current(), guard, with_sandbox, clock.now())))
        return guard.app

    OneProcess(make, host, settings.port, on_ready=running.started, on_exit=running.stopped).run()


def serve_web(settings: Settings, host: str, processes: int) -> None:
    """Webhooks and pages only; the rosters are looked at in each process."""
    clock = SystemClock()

    def make() -> Flask:
        store = open_store(settings)
        books = open_books(settings, store, clock.now())
        RosterWatch(books, clock).start()
        guard = build(settings, clock, store, books)
        SilenceWatch(guard.dispatcher, clock, guard.alarm).start()
        guard.warm_up()
        return guard.app

    Server(make, host, settings.port, processes=processes).run()


def _welcome(book: Book, guard: Guard, with_sandbox: bool, at: datetime) -> str:
    """The URL, who is on call, and which numbers to dial."""
    settings = guard.settings
    url = settings.public_url or f"http://127.0.0.1:{settings.port}"
    lines = ["", f"  Guardia is at {url}/" + ("sandbox/" if with_sandbox else ""), "", "  On call now:"]
    for team in book.teams.values():
        for rotation in team.rotations:
            ids = on_call(team, rotation, at, book.people)
            names = ", ".join(book.people[i].name for i in ids) or "nobody"
            lines.append(f"    {team.id} / {rotation}: {names}")
    lines += ["", "  Guard lines to dial:"]
    lines += [f"    {c.contract.guard_line}  {c.name} ({c.language})" for c in book.clients.values()]
    if with_sandbox:  # with a real telephone they are nobody's to read in a log: `guardia links` prints them
        desks = DeskLinks(settings.secret_key, url, generations(guard.store))
        lines += ["", "  Managers' desks:"]
        lines += [f"    {m.name}: {desks.address(m.id)}" for m in book.managers()]
    return "\n".join([*lines, ""])
