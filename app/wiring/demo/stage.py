"""A night of the guard with everybody's phone at hand, and the facts that can be told of it afterwards."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from app.casebook import detail, summary
from app.rosterbook.keeper import FolderBooks
from app.sandbox.calls import Call
from app.sandbox.handset import Phone
from app.sandbox.messages import Message
from app.sandbox.scripts import Script
from app.wiring import Guard
from app.wiring.sandbox import PAGE_FROM
from app.wiring.world import ORIGIN, World, open_world
from oncall.book import Book
from oncall.dispatcher.walking import order_walk
from oncall.ports import BookKeeper
from oncall.record import first_broken
from oncall.store.cases import reference_of

ROSTERS = Path(__file__).parent / "rosters"
# Wednesday, 03:12 at night in Buenos Aires: Ana is on call, with Bruno behind her.
NIGHT = datetime(2026, 3, 4, 6, 12, tzinfo=UTC)

# Phones that stand in no roster.
_STRANGERS = {"stranger": "+541140001000", "neighbour": "+541140001001", "guard": PAGE_FROM}
_LINK = re.compile(r"https://\S+/t/\S+")


class Stage:
    """People are named by their first name (``ana``, ``marta``); ``ana2`` is Ana's second phone."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.opened_at = world.now
        self.book = world.guard.books.current()
        self.numbers = _numbers(self.book)
        self.names = _names(self.book) | {number: f"a {who}" for who, number in _STRANGERS.items()}
        self.names[PAGE_FROM] = "The guard"

    # --- what people do ---

    def phone(self, who: str) -> Phone:
        return self.world.phone(self.numbers[who])

    def dial(self, who: str, client: str, script: Script, withheld: bool = False) -> Call:
        """``who`` dials the guard line of ``client``; a number instead of a client is dialled as it is."""
        known = self.book.clients.get(client)
        return self.phone(who).dial(known.contract.guard_line if known else client, withheld, script)

    def add_line(self, number: str) -> None:
        """A number of ours that no contract names."""
        self.world.exchange.add_number(
            number, voice_url=f"{ORIGIN}/voice/incoming", status_callback=f"{ORIGIN}/voice/status"
        )

    def text(self, who: str, body: str) -> None:
        self.phone(who).text(PAGE_FROM, body)

    def after(self, seconds: float, *acts: Callable[[], object]) -> None:
        """Have something done later, counted from now."""
        for act in acts:
            self.world.exchange.later(timedelta(seconds=seconds), lambda act=act: _do(act))  # type: ignore[misc]

    def run(self, seconds: float) -> None:
        self.world.run(seconds)

    def preview_link(self, who: str) -> int:
        """A program, not a person, opens the link of the newest text; gives the status of the answer."""
        link = self.link(who)
        self.world.exchange.note("link_previewed", self.numbers[who], link=link)
        return self.world.guard.app.test_client().get(link, base_url=ORIGIN).status_code

    def take_by_link(self, who: str) -> tuple[int, int]:
        """Open the link of the newest text and press its button; gives the status of both answers."""
        link = self.link(who)
        browser = self.world.guard.app.test_client()
        self.world.exchange.note("link_opened", self.numbers[who], link=link)
        page = browser.get(link, base_url=ORIGIN)
        form = _hidden_fields(page.get_data(as_text=True))
        self.world.exchange.note("button_pressed", self.numbers[who], link=link)
        return page.status_code, browser.post(link, base_url=ORIGIN, data=form).status_code

    def link(self, who: str) -> str:
        return next(found[0] for text in self.pages(who)[::-1] if (found := _LINK.search(text)))

    def code(self, who: str) -> str:
        """The code in the newest text that asks ``who`` to take a case."""
        return next(found[0] for text in self.pages(who)[::-1] if (found := re.search(r"\b\d{4}\b", text)))

    # --- what can be told afterwards ---

    def rings(self) -> Counter[str]:
        """How often each phone rang."""
        return Counter(self._who(e.number) for e in self.world.exchange.story.of("ringing"))

    def heard(self, who: str) -> list[str]:
        return [spoken.text for spoken in self.phone(who).heard]

    def talking(self, who: str) -> list[str]:
        """Whom somebody was last connected with."""
        connected = self.world.exchange.story.of("talking", number=self.numbers[who])
        return [self._who(number) for number in connected[-1].detail["to"]] if connected else []

    def texts(self) -> dict[str, list[str]]:
        """For each phone that was texted: ``page``, ``news`` or ``answer``, in order."""
        found: dict[str, list[str]] = {}
        for message in self._texts():
            found.setdefault(self._who(message.to), []).append(_kind_of_text(message))
        return found

    def pages(self, who: str) -> list[str]:
        """The texts that asked ``who`` to take a case."""
        number = self.numbers[who]
        return [m.body for m in self._texts() if m.to == number and _kind_of_text(m) == "page"]

    def received(self, who: str) -> list[str]:
        """Every text that reached a phone, in order."""
        return [message.body for message in self._texts() if message.to == self.numbers[who]]

    def cases(self) -> list[dict[str, Any]]:
        """Every case as ``guardia case --json`` gives it, oldest first."""
        with self.world.guard.store.reading() as work:
            service = self.world.guard.books.current().service
            return [detail(work, row, self.world.now, service) for row in reversed(work.cases())]

    def summaries(self) -> list[dict[str, Any]]:
        with self.world.guard.store.reading() as work:
            return [summary(row) for row in reversed(work.cases())]

    def kinds(self, case: int = 0) -> list[str]:
        """The kinds of a case's entries in order, without the post and the copies of recordings."""
        cases = self.cases()
        entries = cases[case]["entries"] if case < len(cases) else []
        return [entry["kind"] for entry in entries if entry["kind"] not in ("mailed", "recording_kept")]

    def letters(self, case: int = 0) -> dict[str, set[str]]:
        """Who was written to, template by template, as the record says."""
        found: dict[str, set[str]] = {}
        cases = self.cases()
        for entry in cases[case]["entries"] if case < len(cases) else []:
            if entry["kind"] == "mailed":
                found.setdefault(entry["data"]["template"], set()).update(entry["data"]["to"])
        return found

    def address(self, who: str) -> str:
        """The mail address of a person, by first name."""
        found = {_first_name(person.name): person.email for person in self.book.people.values()}
        found |= {
            _first_name(c.name): c.email for client in self.book.clients.values() for c in client.contacts
        }
        return found[who] or ""

    def walk(self, client: str) -> None:
        """Have the line of a client dialled by ourselves."""
        dispatcher = self.world.guard.dispatcher
        with self.world.guard.store.writing() as work:
            order_walk(work, self.book.clients[client], "command", dispatcher.new_token, self.world.now)

    def walks(self) -> dict[str, tuple[str, str | None]]:
        """How each client's latest synthetic call ended, and why."""
        with self.world.guard.store.reading() as work:
            return {row.client: (row.state, row.why) for row in reversed(work.synthetics())}

    def drills(self) -> dict[str, tuple[str, str | None]]:
        """How far each person's drill came, and why not further."""
        with self.world.guard.store.reading() as work:
            return {row.person: (row.state, row.why) for row in work.drills()}

    def altered(self) -> list[str]:
        """The references of records that do not prove themselves."""
        with self.world.guard.store.reading() as work:
            return [
                reference_of(row.id)
                for row in work.cases()
                if first_broken(work.record(row.id), row.entries, row.head) is not None
            ]

    def _texts(self) -> Iterator[Message]:
        for message in self.world.exchange.messages.by_sid.values():
            if message.direction != "inbound" and message.status in ("sent", "delivered"):
                yield message

    def _who(self, number: str) -> str:
        return next((who for who, known in self.numbers.items() if known == number), number)


def _do(act: Callable[[], object]) -> None:
    act()


@contextmanager
def open_stage(
    rosters: Path = ROSTERS,
    at: datetime = NIGHT,
    books: Callable[[FolderBooks], BookKeeper] = lambda books: books,
    change: Callable[[Guard], Guard] = lambda guard: guard,
    calls_per_second: float = 1.0,
    live_rosters: bool = False,
) -> Iterator[Stage]:
    with open_world(
        rosters,
        at,
        books=books,
        change=change,
        calls_per_second=calls_per_second,
        live_rosters=live_rosters,
    ) as world:
        yield Stage(world)


def _numbers(book: Book) -> dict[str, str]:
    numbers = dict(_STRANGERS)
    for client in book.clients.values():
        numbers |= {_first_name(c.name): c.phone for c in client.contacts if c.phone}
    for person in book.people.values():
        for index, phone in enumerate(person.phones, start=1):
            numbers[person.id if index == 1 else f"{person.id}{index}"] = phone
    return numbers


def _names(book: Book) -> dict[str, str]:
    """How each phone is called when the story is told."""
    names: dict[str, str] = {}
    for client in book.clients.values():
        names |= {c.phone: c.name.split()[0] for c in client.contacts if c.phone}
    for person in book.people.values():
        for index, phone in enumerate(person.phones, start=1):
            names[phone] = person.first_name if index == 1 else f"{person.first_name}, phone {index}"
    return names


def _first_name(name: str) -> str:
    bare = unicodedata.normalize("NFKD", name.split()[0].lower())
    return "".join(c for c in bare if not unicodedata.combining(c))


def _kind_of_text(message: Message) -> str:
    if message.direction == "outbound-reply":
        return "answer"
    return "page" if _LINK.search(message.body) and re.search(r"\b\d{4}\b", message.body) else "news"


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form" and given.get("id") == "take":
            self._inside = True
        elif tag == "input" and self._inside and given.get("name"):
            self.found[str(given["name"])] = given.get("value") or ""


def _hidden_fields(page: str) -> dict[str, str]:
    """The fields of the form that takes the case, as a browser would send them."""
    fields = _Fields()
    fields.feed(page)
    return fields.found
