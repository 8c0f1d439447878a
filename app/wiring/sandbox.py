"""The guard with the local telephone exchange instead of Twilio: for trying it out in a browser."""

import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.casebook import entry_line, summary
from app.sandbox.exchange import Exchange
from app.sandbox.mailsink import MailSink
from app.sandbox.phones import GuardLine, Subscriber, phones_blueprint
from app.sandbox.realtime import RealTime
from app.sandbox.rest import rest_blueprint
from app.sandbox.transports import HttpTransport
from app.settings import Settings
from app.voice.urls import Urls
from app.wiring import Guard, build, refused_since
from oncall.book import Book
from oncall.ports import BookKeeper, Clock
from oncall.record import in_order_of_time
from oncall.store import Store, Work

PAGE_FROM = "+541152630099"
_STRANGER = "+541140001000"
_SHOWN_CASES = 20


@dataclass(slots=True)
class Sandbox:
    """A guard and its exchange, which runs once ``start`` was called."""

    guard: Guard
    exchange: Exchange
    sink: MailSink
    driver: RealTime

    def start(self) -> None:
        self.driver.start()

    def stop(self) -> None:
        self.driver.stop()
        self.sink.stop()


def sandbox_settings(settings: Settings, secrets_folder: Path) -> Settings:
    """The settings of a guard whose telephone company is on this machine."""
    origin = settings.public_url or f"http://127.0.0.1:{settings.port}"
    return replace(
        settings,
        public_url=origin,
        api_url=f"http://127.0.0.1:{settings.port}",
        account_sid="AC" + secrets.token_hex(16),
        auth_token=secrets.token_hex(16),
        page_from=settings.page_from or PAGE_FROM,
        secret_key=settings.secret_key or _kept_secret(secrets_folder),
        mail_from=settings.mail_from or "guardia@aivo.example",
    )


def build_sandbox(settings: Settings, clock: Clock, store: Store, books: BookKeeper) -> Sandbox:
    """Put the guard and its exchange together in one application, on real HTTP and real SMTP."""
    sink = MailSink(now=clock.now)
    sink.start()
    settings = replace(settings, smtp_url=settings.smtp_url or sink.url)
    exchange = Exchange(
        settings.account_sid,
        settings.auth_token,
        clock=clock,
        transport=HttpTransport(),
        seed=None,
        calls_per_second=settings.calls_per_second or 1000.0,
        api_origin=settings.api_url,
    )
    add_numbers(exchange, settings, books.current())
    guard = build(settings, clock, store, books, index_url="/sandbox/")
    lines = [
        GuardLine(client.contract.guard_line, client.name) for client in books.current().clients.values()
    ]
    phones = phones_blueprint(
        exchange,
        subscribers(books.current()),
        sink,
        lambda: newest_records(guard),
        lines,
        refused_since(books),
    )
    guard.store.on_write(phones.board.touch)
    guard.app.register_blueprint(rest_blueprint(exchange))
    guard.app.register_blueprint(phones)
    return Sandbox(guard, exchange, sink, RealTime(exchange))


def add_numbers(exchange: Exchange, settings: Settings, book: Book) -> None:
    """Every guard line, and the number that pages come from, as an operator would configure them."""
    urls = Urls(settings.public_url)
    voice, status = urls.twiml("/voice/incoming"), urls.callback("/voice/status")
    for client in book.clients.values():
        exchange.add_number(client.contract.guard_line, voice_url=voice, status_callback=status)
    sms = f"{settings.public_url}/sms/incoming"
    exchange.add_number(settings.page_from, sms_url=sms, voice_url=voice, status_callback=status)


def subscribers(book: Book) -> list[Subscriber]:
    """Everybody who has a phone: the clients' contacts, the staff, and somebody nobody knows."""
    found = [
        Subscriber(contact.phone, contact.name, "client", client.name, client.language)
        for client in book.clients.values()
        for contact in client.contacts
        if contact.phone
    ]
    for person in book.people.values():
        role = "manager" if person.id in book.service.managers else "engineer"
        found += [Subscriber(phone, person.name, role, "Aivo", person.language) for phone in person.phones]
    found.append(Subscriber(_STRANGER, "—", "stranger"))
    return found


def newest_records(guard: Guard) -> list[dict[str, Any]]:
    """The newest cases with their records, for the page of phones; the last says if there are older ones."""
    book = guard.books.current()
    with guard.store.reading() as work:
        cases = list[dict[str, Any]]()
        for row in work.cases(limit=_SHOWN_CASES + 1):
            if len(cases) == _SHOWN_CASES:
                cases[-1]["has_older"] = True
                break
            client = book.clients.get(row.client or "")
            entries = [
                entry_line(e, row.language, row.timezone) for e in in_order_of_time(work.record(row.id))
            ]
            shown = {"client": client.name if client else None, "integration": row.integration_name or None}
            shown["acknowledged_by"] = row.acknowledged_by_name
            cases.append(summary(row) | shown | {"entries": entries} | _around(work, row.id))
        return cases


def _around(work: Work, case: int) -> dict[str, list[str]]:
    """Whose phones have to do with a case: who called (who withheld their number, by the call), was paged,
    or was called on the side.
    """
    callers = work.calls_of_case(case)
    numbers = [call.caller for call in callers if call.caller]
    numbers += [page.to for page in work.pages(case)] + [side.to for side in work.side_calls(case)]
    return {"phones": list(dict.fromkeys(numbers)), "calls": [call.sid for call in callers]}


def _kept_secret(folder: Path) -> str:
    """A secret of this installation, made at the first start: links stay good over a restart."""
    path = folder / "secret_key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32), encoding="ascii")
    return path.read_text(encoding="ascii").strip()
