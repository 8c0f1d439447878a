"""Stand-ins for the world: a telephone company, a post office, a clock; they do as told and remember all."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from itertools import count
from typing import BinaryIO

from oncall.book import Book
from oncall.contracts import Client
from oncall.dispatcher import Dispatcher
from oncall.dispatcher.callers import Ringing
from oncall.intake import Call, KeyPressed, Tape
from oncall.pieces import LARGEST, Filling, filled_aside
from oncall.ports import (
    Aftermath,
    Ambiguous,
    Arrival,
    ContractsUnreadable,
    Failure,
    Handed,
    Letter,
    Shelf,
    Sms,
    Unreachable,
)
from oncall.record import Entry
from oncall.store import Store
from tests.oncall.examples import AT, LINE, MARTA, book

PAGE_FROM = "+5491150000000"


@dataclass
class HandClock:
    """Stands still until it is moved."""

    at: datetime = AT

    def now(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class FakeTelephone:
    """Does every order and keeps it. ``failures`` are raised first, one an order, in their order.

    After an Ambiguous failure whose message is "made" the order was carried out all the same.
    """

    calls: list[tuple[str, str]] = field(default_factory=list)  # to, page
    texts: list[tuple[str, Sms]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    brought: list[str] = field(default_factory=list)
    in_room: list[tuple[str, str]] = field(default_factory=list)  # what was done, to whose leg
    failures: list[Exception] = field(default_factory=list)
    text_failures: list[Exception] = field(default_factory=list)
    lookup_failures: list[Exception] = field(default_factory=list)
    control_failures: list[Exception] = field(default_factory=list)
    arrived: list[Arrival] = field(default_factory=list)
    aftermaths: dict[str, Aftermath] = field(default_factory=dict)
    sounds: dict[str, bytes] = field(default_factory=dict)  # of recordings; any other is b"RIFF"
    recording_failures: list[Exception] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    tapes: list[tuple[str, str]] = field(default_factory=list)  # whose leg is recorded, and the recording
    taped: list[tuple[str, str]] = field(default_factory=list)  # what was done, to which recording
    taping_failures: list[Exception] = field(default_factory=list)
    hung_up: list[str] = field(default_factory=list)
    drills: list[tuple[str, str]] = field(default_factory=list)  # to, token
    walks: list[tuple[str, str]] = field(default_factory=list)  # line, token
    drill_failures: list[Exception] = field(default_factory=list)
    rooms: dict[str, frozenset[str]] | None = None  # who is in each conference; None: nobody can tell
    statuses: dict[str, str] = field(default_factory=dict)  # of calls; any other is in progress
    shown: list[str] = field(default_factory=list)  # the numbers that clients who are called back see

    def call(self, to: str, page: str, ring: timedelta) -> str:
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, Ambiguous) and str(failure) == "made":
                self.calls.append((to, page))
            raise failure
        self.calls.append((to, page))
        return f"CA-{len(self.calls)}"

    def drill(self, to: str, token: str, ring: timedelta) -> str:
        _raise_first(self.drill_failures)
        self.drills.append((to, token))
        return f"CA-drill-{len(self.drills)}"

    def synthetic(self, line: str, token: str) -> str:
        _raise_first(self.drill_failures)
        self.walks.append((line, token))
        return f"CA-walk-{len(self.walks)}"

    def find_calls(self, to: str, since: datetime, shown: str | None = None) -> tuple[str, ...]:
        _raise_first(self.lookup_failures)
        return tuple(f"CA-{n}" for n, (called, _) in enumerate(self.calls, start=1) if called == to)

    def text(self, to: str, sms: Sms, page: str | None) -> str:
        _raise_first(self.text_failures)
        self.texts.append((to, sms))
        return f"SM-{len(self.texts)}"

    def find_texts(self, to: str, since: datetime) -> tuple[str, ...]:
        return tuple(f"SM-{n}" for n, (texted, _) in enumerate(self.texts, start=1) if texted == to)

    def arrivals(self, since: datetime) -> tuple[Arrival, ...]:
        return tuple(arrival for arrival in self.arrived if arrival.at >= since)

    def aftermath(self, call: str) -> Aftermath:
        return self.aftermaths.get(call, Aftermath())

    def cancel(self, call: str) -> None:
        _raise_first(self.control_failures)
        self.cancelled.append(call)

    def hang_up(self, call: str) -> None:
        _raise_first(self.control_failures)
        self.hung_up.append(call)

    def fetch(self, call: str) -> str:
        return self.statuses.get(call, "in-progress")

    def call_aside(self, to: str, token: str, ring: timedelta) -> str:
        return self.call(to, token, ring)

    def inside(self, room: str) -> frozenset[str]:
        if self.rooms is None:
            raise Unreachable("nothing can be seen of any room")
        return self.rooms.get(room, frozenset())

    def call_client(self, to: str, token: str, ring: timedelta, line: str) -> str:
        self.shown.append(line)
        return self.call(to, token, ring)

    def bring(
        self,
        call: str,
        page: str | None = None,
        side: str | None = None,
        where: str = "",
        client: str | None = None,
    ) -> None:
        _raise_first(self.control_failures)
        self.brought.append(call)

    def hold(self, room: str, call: str, language: str) -> None:
        _raise_first(self.control_failures)
        self.in_room.append(("hold", call))

    def resume(self, room: str, call: str) -> None:
        _raise_first(self.control_failures)
        self.in_room.append(("resume", call))

    def let_go_on(self, room: str, call: str) -> None:
        _raise_first(self.control_failures)
        self.in_room.append(("let go on", call))

    def announce(self, room: str, call: str, side: str | None, language: str) -> None:
        _raise_first(self.control_failures)
        self.in_room.append(("announce" if side else "unrecorded", call))

    def start_recording(self, call: str) -> str:
        failure = self.taping_failures.pop(0) if self.taping_failures else None
        if failure is None or str(failure) == "made":
            self.tapes.append((call, f"RE-{len(self.tapes) + 1}"))
            self.taped.append(("started", self.tapes[-1][1]))
        if failure is not None:
            raise failure
        return self.tapes[-1][1]

    def find_recordings(self, call: str) -> tuple[str, ...]:
        _raise_first(self.lookup_failures)
        return tuple(sid for taped, sid in self.tapes if taped == call)

    def run_recording(self, call: str, recording: str, tape: Tape) -> None:
        _raise_first(self.taping_failures)
        self.taped.append((str(tape), recording))

    def recording(self, sid: str, into: Filling) -> None:
        _raise_first(self.recording_failures)
        into.write(self.sounds.get(sid, b"RIFF"))

    def delete_recording(self, sid: str) -> None:
        _raise_first(self.control_failures)
        self.deleted.append(sid)


@dataclass
class FakeShelf(Shelf):
    """Keeps everything in memory; ``failures`` are raised first, one an act, in their order."""

    kept: dict[str, bytes] = field(default_factory=dict)
    failures: list[Exception] = field(default_factory=list)
    largest: int = LARGEST

    def filling(self) -> AbstractContextManager[Filling]:
        return filled_aside(self._keep, self.largest)

    def open(self, digest: str) -> BinaryIO | None:
        _raise_first(self.failures)
        return BytesIO(self.kept[digest]) if digest in self.kept else None

    def remove(self, digest: str) -> None:
        _raise_first(self.failures)
        self.kept.pop(digest, None)

    def _keep(self, filling: Filling) -> None:
        _raise_first(self.failures)
        self.kept[filling.digest] = filling.file.read()


@dataclass
class FakeMail:
    letters: list[Letter] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def send(self, letter: Letter) -> Handed:
        _raise_first(self.failures)
        self.letters.append(letter)
        return Handed(f"<{len(self.letters)}@fake.example>", f"{len(self.letters):064x}")

    def templates(self) -> list[str]:
        return [letter.template for letter in self.letters]


@dataclass
class FakeChat:
    """Tells what it is given, in ``kinds`` of channels; ``failures`` come first."""

    kinds: dict[str, str] = field(default_factory=dict)
    told: list[tuple[str, Letter]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def channels(self) -> dict[str, str]:
        return self.kinds

    def tell(self, channel: str, letter: Letter) -> None:
        _raise_first(self.failures)
        self.told.append((channel, letter))


def _raise_first(failures: list[Exception] | list[Failure]) -> None:
    if failures:
        raise failures.pop(0)


@dataclass
class FixedBooks:
    """Always the same book; ``before`` is done each time somebody asks for it."""

    book: Book = field(default_factory=book)
    readable: bool = True
    before: Callable[[], None] = lambda: None

    def current(self) -> Book:
        self.before()
        return self.book

    def client_on_line(self, line: str) -> Client | None:
        if not self.readable:
            raise ContractsUnreadable
        return self.book.client_on_line(line)


class PlainPins:
    def matches(self, pin_hash: str, digits: str) -> bool:
        return pin_hash == f"hash of {digits}"


class Stage:
    """A dispatcher among fakes, and the few things a test wants of it."""

    def __init__(self, store: Store, calls_per_second: float = 0) -> None:
        self.store = store
        self.clock = HandClock()
        self.telephone = FakeTelephone()
        self.mail = FakeMail()
        self.shelf = FakeShelf()
        self.chat = FakeChat()
        self.books = FixedBooks()
        self.tokens, self.codes = count(1), count(1000)
        self.dispatcher = Dispatcher(
            store,
            self.books,
            self.telephone,
            self.mail,
            PlainPins(),
            lambda: f"{next(self.tokens):032x}",
            lambda: str(next(self.codes)),
            calls_per_second,
            shelf=self.shelf,
            page_from=PAGE_FROM,
            chat=self.chat,
        )

    def tick(self, after: float = 0) -> None:
        """Let time pass, and have everything done that is due."""
        self.clock.move(after)
        self.dispatcher.tick(self.clock.now)

    def dial(self, sid: str = "CA-marta") -> Call:
        return self.dispatcher.arrive(Ringing(sid, LINE, MARTA.phone), self.clock.at)

    def press(self, call: Call, digits: str) -> Call:
        heard = self.dispatcher.hear(call.sid, KeyPressed(call.turn, digits), self.clock.at)
        assert heard is not None
        return heard

    def open_incident(self, sid: str = "CA-marta", integration: str = "1", priority: str = "1") -> Call:
        return self.press(self.press(self.dial(sid), integration), priority)

    def record(self, case: int = 1001) -> list[Entry]:
        with self.store.reading() as work:
            return list(work.record(case))

    def kinds(self, case: int = 1001) -> list[str]:
        return [entry.kind for entry in self.record(case)]

    def state(self, case: int = 1001) -> str:
        with self.store.reading() as work:
            row = work.case(case)
        assert row is not None
        return str(row.state)

    def token(self, key: str, case: int = 1001) -> str:
        with self.store.reading() as work:
            page = work.page_with_key(case, key)
        assert page is not None, key
        return str(page.token)

    def page_state(self, key: str, case: int = 1001) -> str:
        with self.store.reading() as work:
            page = work.page_with_key(case, key)
        assert page is not None, key
        return str(page.state)
