"""How the guard is put together: the one place that knows every room."""

import random
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy.engine import make_url
from twilio.http import HttpClient
from twilio.rest import Client

from app.buckets import Keys
from app.countries import country_of
from app.locales import LANGUAGES, catalog
from app.mail import AppriseChat, SmtpMail
from app.mail.letters import domain_of
from app.pins import Argon2Pins
from app.rosterbook.stored import StoredBooks
from app.settings import Settings, SettingsError, is_loopback
from app.shelf import ConfiguredShelf
from app.tickets import WebhookTickets
from app.voice.callbacks import add_callback_routes
from app.voice.caller import CallerScript
from app.voice.conversations import add_conversation_routes
from app.voice.engineer import EngineerScript
from app.voice.failopen import FailOpen
from app.voice.fallback import Publisher
from app.voice.rooms import RoomScript
from app.voice.signature import Signature
from app.voice.telephone import TimedClient, TwilioTelephone
from app.voice.texts import texts_blueprint
from app.voice.urls import Urls
from app.voice.webhooks import Voice, ringing, voice_blueprint
from app.web.counter import Counter
from app.web.duty import duty_blueprint
from app.web.dutylinks import DutyLinks
from app.web.health import health_blueprint
from app.web.links import Links
from app.web.office import DeskLinks, generations, office_blueprint
from app.web.pages import pages_blueprint
from app.wiring.alarm import DirectAlarm
from app.wiring.emergency import EmergencyLine
from app.wiring.inboxwatch import InboxWatch
from app.wiring.metrics import Metrics
from app.wiring.monthly import MonthlyReport
from app.wiring.office import office
from app.wiring.paper import PaperRecord
from oncall import contracts
from oncall.book import Book
from oncall.dispatcher import Dispatcher
from oncall.ports import BookKeeper, Chat, Clock, Mail, Tickets
from oncall.store import DatabaseShelf, Store, engine_for

_LARGEST_REQUEST = 1_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Guard:
    """The guard, put together and ready to be served."""

    settings: Settings
    clock: Clock
    store: Store
    books: BookKeeper
    dispatcher: Dispatcher
    app: Flask
    links: Links
    telephone: TwilioTelephone
    metrics: Metrics
    alarm: DirectAlarm
    emergency: EmergencyLine
    monthly: MonthlyReport
    inbox: InboxWatch

    def warm_up(self) -> None:
        """Load what is loaded at its first use, before a call or a page has to wait for it."""
        for language in LANGUAGES:
            catalog(language)
        self.telephone.warm_up()


def open_store(settings: Settings) -> Store:
    """The database of the settings; a folder for an SQLite file is made."""
    try:
        url = make_url(settings.database_url)
    except Exception as error:
        raise SettingsError(f"DATABASE_URL cannot be understood: {error}") from error
    if url.get_backend_name() not in ("sqlite", "postgresql", "postgres"):
        raise SettingsError("DATABASE_URL must begin with sqlite:, postgres: or postgresql:")
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    return Store(engine_for(settings.database_url))


def open_books(settings: Settings, store: Store, at: datetime) -> StoredBooks:
    """The rosters in force, and the folder through which they enter. Raises Unusable for a bad folder."""
    folder = settings.rosters.resolve()
    return StoredBooks(store, folder, f"{socket.gethostname()}:{folder}", at)


def build(
    settings: Settings,
    clock: Clock,
    store: Store,
    books: BookKeeper,
    *,
    http_client: HttpClient | None = None,
    fetch: Callable[..., requests.Response] = requests.get,
    post: Callable[..., requests.Response] = requests.post,
    mail: Mail | None = None,
    chance: random.Random | None = None,
    index_url: str | None = None,
) -> Guard:
    """Put a guard together. ``chance`` seeds its tokens and codes, for tests and the demonstration only."""
    urls = Urls(settings.public_url)
    links = Links(settings.secret_key, settings.public_url)
    duty_links = DutyLinks(settings.secret_key, settings.public_url)
    telephone = TwilioTelephone(
        _client(settings, http_client), settings.page_from, urls, links.address, settings.api_url, fetch
    )
    mail = mail or _smtp_mail(settings, clock)
    chat = AppriseChat(lambda: (*books.current().service.notify, *settings.notify_urls))
    tickets = WebhookTickets(
        lambda: books.current().service.ticket_webhook, settings.ticket_webhook_secret, clock, post
    )
    dispatcher = _dispatcher(settings, store, books, telephone, mail, chance, duty_links, chat, tickets)
    _catch_up_with_swaps(store, books, clock)
    metrics = Metrics(store, clock)
    app = _application(settings)
    metrics.watch(app)
    alarm = DirectAlarm(mail, books, chat)
    voice = _voice(settings, dispatcher, books, urls, clock, alarm, metrics)
    app.register_blueprint(voice_blueprint(voice, (add_conversation_routes, add_callback_routes)))
    app.register_blueprint(texts_blueprint(voice))
    app.register_blueprint(
        pages_blueprint(
            Counter(dispatcher, links, settings.page_from), clock, index_url, refused_since(books)
        )
    )
    desk_links = DeskLinks(settings.secret_key, settings.public_url, generations(store))
    app.register_blueprint(office_blueprint(office(dispatcher, books, clock, desk_links)))
    app.register_blueprint(duty_blueprint(books, duty_links, clock, settings.page_from, settings.public_url))
    app.register_blueprint(health_blueprint(store, books, clock, metrics.registry, refused_since(books)))
    emergency = EmergencyLine(publisher(settings, fetch), dispatcher, books)
    monthly = MonthlyReport(dispatcher, books, desk_links)
    inbox = _inbox(settings, dispatcher, store)
    chores = emergency, monthly, inbox
    return Guard(settings, clock, store, books, dispatcher, app, links, telephone, metrics, alarm, *chores)


def _voice(
    settings: Settings,
    dispatcher: Dispatcher,
    books: BookKeeper,
    urls: Urls,
    clock: Clock,
    alarm: DirectAlarm,
    metrics: Metrics,
) -> Voice:
    return Voice(
        dispatcher=dispatcher,
        signature=Signature(
            settings.public_url, settings.account_sid, (settings.auth_token, settings.auth_token_secondary)
        ),
        caller=CallerScript(urls, lambda: books.current().service),
        engineer=EngineerScript(urls),
        fail_open=FailOpen(dispatcher, books, urls, clock, ringing, alarm),
        clock=clock,
        on_forged=metrics.forged.inc,
        urls=urls,
        page_from=settings.page_from,
        room=RoomScript(urls),
    )


def _dispatcher(
    settings: Settings,
    store: Store,
    books: BookKeeper,
    telephone: TwilioTelephone,
    mail: Mail,
    chance: random.Random | None,
    duty_links: DutyLinks,
    chat: Chat,
    tickets: Tickets,
) -> Dispatcher:
    new_token, new_code = _names(chance or secrets.SystemRandom())
    return Dispatcher(
        store,
        books,
        telephone,
        mail,
        Argon2Pins(),
        new_token,
        new_code,
        settings.calls_per_second,
        duty_links.of_person,
        ConfiguredShelf(lambda: books.current().service.shelf, DatabaseShelf(store), _keys(settings)),
        page_from=settings.page_from,
        chat=chat,
        paper=PaperRecord(store, books),
        tickets=tickets,
        country_of=country_of,
    )


class _Fixed:
    """The port ``oncall.ports.BookKeeper`` over a book that was just read."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def current(self) -> Book:
        return self._book

    def client_on_line(self, line: str) -> contracts.Client | None:
        return self._book.client_on_line(line)


def written_work(settings: Settings, store: Store, book: Book) -> Dispatcher:
    """What writes into cases, for commands: it orders letters and texts, and a worker sends them."""
    books, nobody = _Fixed(book), cast(Any, None)
    duty_links = DutyLinks(settings.secret_key, settings.public_url)
    chat = AppriseChat(lambda: (*book.service.notify, *settings.notify_urls))
    tickets = WebhookTickets(
        lambda: book.service.ticket_webhook, settings.ticket_webhook_secret, nobody, requests.post
    )
    return _dispatcher(settings, store, books, nobody, nobody, None, duty_links, chat, tickets)


def publisher(settings: Settings, fetch: Callable[..., requests.Response] = requests.get) -> Publisher:
    """What puts the emergency documents in their place; ``fetch`` looks at what is served."""
    return Publisher(settings.secret_key, settings.page_from, _keys(settings), fetch)


def _keys(settings: Settings) -> Keys:
    return Keys(settings.bucket_access_key, settings.bucket_secret_key)


def telephone_client(settings: Settings) -> Client:
    """The SDK's client of these settings, with time-outs."""
    return _client(settings, None)


def _client(settings: Settings, http_client: HttpClient | None) -> Client:
    """The SDK's client: an API key where there is one (it can be revoked), else the account's token."""
    return Client(
        settings.api_key or settings.account_sid,
        settings.api_secret or settings.auth_token,
        settings.account_sid,
        http_client=http_client or TimedClient(settings.api_url),
    )


def _inbox(settings: Settings, dispatcher: Dispatcher, store: Store) -> InboxWatch:
    domain = domain_of(_sender(settings))
    if not settings.imap_url:
        return InboxWatch(None, dispatcher, store, domain)
    from app.mail.mailbox import ImapMailbox  # only here: few have one

    return InboxWatch(ImapMailbox(settings.imap_url), dispatcher, store, domain)


def _sender(settings: Settings) -> str:
    return settings.mail_from or f"guardia@{urlsplit(settings.public_url).hostname}"


def _smtp_mail(settings: Settings, clock: Clock) -> SmtpMail:
    sender = _sender(settings)
    # Answers are asked for only where somebody reads them.
    reply_to = settings.mail_reply_to or (sender if settings.imap_url else "")
    return SmtpMail(settings.smtp_url, sender, reply_to=reply_to, clock=clock)


def _application(settings: Settings) -> Flask:
    app = Flask("app", static_folder=None)
    app.session_interface = _Sessions()
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=_LARGEST_REQUEST,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https:"),
        WTF_CSRF_TIME_LIMIT=12 * 3600,
    )
    return app


class _Sessions(SecureCookieSessionInterface):
    """The form's cookie travels over https only, except to somebody on the machine itself."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return super().get_cookie_secure(app) and not is_loopback(urlsplit(request.host_url).hostname)


def _names(chance: random.Random) -> tuple[Callable[[], str], Callable[[], str]]:
    """Where unguessable tokens and four-digit codes come from."""
    return (
        lambda: f"{chance.getrandbits(128):032x}",
        lambda: str(chance.randrange(1000, 10_000)),
    )


def _catch_up_with_swaps(store: Store, books: BookKeeper, clock: Clock) -> None:
    """A turn that changed hands is in force for the next page of this process."""
    if isinstance(books, StoredBooks):
        store.on_swap(lambda: books.catch_up(clock.now()))


def refused_since(books: BookKeeper) -> Callable[[], datetime | None]:
    """Asks since when the rosters folder holds something that was refused."""
    if isinstance(books, StoredBooks):
        return lambda: books.refused_since
    return lambda: None
