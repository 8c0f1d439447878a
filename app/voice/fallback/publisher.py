"""Keeps the emergency documents current, and knows until when each line's are right.

Beside a line's documents lies ``right.json``: the line, the roster they were made of,
and the end of the current shifts. The folder of a line has a name that cannot be
guessed, because the documents hold the numbers of the people on call.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import requests

from app.buckets import Keys
from app.voice.fallback.documents import MAIN, documents, refused, surplus
from app.voice.fallback.places import Place, PlaceError, open_place
from app.voice.fallback.plan import Plan, plan
from app.voice.speech import speaking
from oncall.book import Book, Fallback, Service
from oncall.people import Language

# Somebody else's server: Twilio asks three times before it gives up on the call.
_OVERRIDES = "#ct=2000&rt=4000&rc=2&rp=all"
_TWIML, _JSON = "text/xml; charset=utf-8", "application/json"
_RIGHT = "right.json"
# What lies in the place is not looked at every minute; what is served tells sooner that it is gone.
_LOOK_AGAIN = timedelta(hours=1)
# A handoff is published within the minute; what is served may take a little longer.
_GRACE = timedelta(minutes=5)
_SECONDS = (3.0, 8.0)  # to connect, to read


@dataclass(frozen=True, slots=True)
class Published:
    """What became of one line's documents; ``error`` is why they could not be put in their place."""

    line: str
    url: str
    right_until: datetime
    written: int = 0
    error: str | None = None


class Publisher:
    """One for each process. Doing it again writes nothing that is there already."""

    def __init__(
        self,
        secret_key: str,
        page_from: str,
        keys: Keys = Keys(),  # noqa: B008  # a frozen value
        fetch: Callable[..., requests.Response] = requests.get,
        place_of: Callable[[Fallback, Keys], Place] = open_place,
    ) -> None:
        """``fetch`` looks at what is served, as anybody else would."""
        self._secret = secret_key.encode()
        self._page_from = page_from
        self._keys = keys
        self._fetch = fetch
        self._place_of = place_of
        self._fallback: Fallback | None = None
        self._known: dict[str, tuple[bytes, datetime]] = {}

    def url(self, fallback: Fallback, line: str) -> str:
        """What the fallback URL of a guard line should be."""
        return self._address(fallback, line)(MAIN)

    def publish(self, book: Book, at: datetime) -> tuple[Published, ...]:
        """Put every line's documents in their place; nothing where no place is named."""
        fallback = book.service.fallback
        if fallback is None:
            return ()
        if fallback != self._fallback:
            self._fallback, self._known = fallback, {}
        try:
            place = self._place_of(fallback, self._keys)
        except PlaceError as error:
            place = None
            why = str(error)
        done = []
        for client in book.clients.values():
            planned = plan(book, client, at)
            line = planned.line
            if place is None:
                done.append(Published(line, self.url(fallback, line), planned.right_until, error=why))
                continue
            done.append(self._publish_line(place, fallback, book, planned, at))
        if place is not None:
            self._retire_lines(place, fallback, book, at)
        return tuple(done)

    def forget(self) -> None:
        """Look at everything in its place again when next publishing."""
        self._known = {}

    def stale(self, book: Book, at: datetime) -> dict[str, str]:
        """Each line of which what is *served* is missing or older than the shift, and what was found."""
        fallback = book.service.fallback
        if fallback is None:
            return {}
        lines = (client.contract.guard_line for client in book.clients.values())
        found = {line: self._found_wrong(fallback, line, at) for line in lines}
        return {line: wrong for line, wrong in found.items() if wrong}

    # --- one line --------------------------------------------------------------------------------

    def _publish_line(
        self, place: Place, fallback: Fallback, book: Book, planned: Plan, at: datetime
    ) -> Published:
        line = planned.line
        folder, address = self._folder(line), self._address(fallback, line)
        with speaking(book.service.voices):
            texts = documents(planned, book.service, self._page_from or line, address)
        try:
            before = self._before(place, folder)
            for name in before.get("documents", ()):
                text = surplus(name, texts, address)
                if text is not None:
                    texts[name] = text
            written = sum(
                self._put(place, f"{folder}/{name}", text.encode(), _TWIML, at)
                for name, text in texts.items()
            )
            right = {
                "line": line,
                "client": planned.client,
                "right_until": planned.right_until.isoformat(),
                "roster": book.version,
                "documents": sorted(texts),
            }
            written += self._put(place, f"{folder}/{_RIGHT}", _dumped(right), _JSON, at)
        except PlaceError as error:
            return Published(line, address(MAIN), planned.right_until, error=str(error))
        return Published(line, address(MAIN), planned.right_until, written)

    def _put(self, place: Place, name: str, content: bytes, kind: str, at: datetime) -> bool:
        """Whether it had to be written."""
        print_of = hashlib.sha256(content).digest()
        known, looked_at = self._known.get(name, (b"", at))
        if known == print_of and at - looked_at < _LOOK_AGAIN:
            return False
        is_there = place.read(name) == content
        if not is_there:
            place.write(name, content, kind)
        self._known[name] = (print_of, at)
        return not is_there

    def _before(self, place: Place, folder: str) -> Mapping[str, Any]:
        """What ``right.json`` says of a folder that was published before."""
        return _object(place.read(f"{folder}/{_RIGHT}"))

    # --- lines that are guarded no more ----------------------------------------------------------

    def _retire_lines(self, place: Place, fallback: Fallback, book: Book, at: datetime) -> None:
        """A line that left the rosters rings nobody any more, whatever its number is still told."""
        index = f"{self._token('lines')}.json"
        lines = sorted(client.contract.guard_line for client in book.clients.values())
        try:
            before = _object(place.read(index)).get("lines", [])
            for line in (str(line) for line in before if line not in lines):
                self._retire(place, line, book.service, at)
            self._put(place, index, _dumped({"lines": lines}), _JSON, at)
        except PlaceError:
            return  # told of the lines themselves, and tried again in a minute

    def _retire(self, place: Place, line: str, service: Service, at: datetime) -> None:
        folder = self._folder(line)
        with speaking(service.voices):
            content = refused("unknown_line", Language.ES, service).encode()
        for name in self._before(place, folder).get("documents", ()):
            if name == MAIN or name.startswith("ring-"):
                self._put(place, f"{folder}/{name}", content, _TWIML, at)

    # --- what is served --------------------------------------------------------------------------

    def _found_wrong(self, fallback: Fallback, line: str, at: datetime) -> str | None:
        url = f"{fallback.url}/{self._folder(line)}/{_RIGHT}"
        try:
            answer = self._fetch(url, timeout=_SECONDS)
        except requests.RequestException as error:
            return f"not served: {type(error).__name__}"
        if answer.status_code != 200:
            return f"not served: HTTP {answer.status_code}"
        try:
            right_until = datetime.fromisoformat(str(_object(answer.content).get("right_until")))
        except ValueError:
            return "not served: something else is"
        if right_until + _GRACE <= at:
            return f"right until {right_until:%Y-%m-%d %H:%M} UTC"
        return None

    # --- names -----------------------------------------------------------------------------------

    def _address(self, fallback: Fallback, line: str) -> Callable[[str], str]:
        folder = self._folder(line)
        return lambda name: f"{fallback.url}/{folder}/{name}{_OVERRIDES}"

    def _folder(self, line: str) -> str:
        return self._token(f"line:{line}")

    def _token(self, of: str) -> str:
        return hmac.new(self._secret, f"fallback:{of}".encode(), hashlib.sha256).hexdigest()[:32]


def failed(done: Iterable[Published]) -> dict[str, str]:
    """The lines whose documents could not be put in their place, and why."""
    return {one.line: one.error for one in done if one.error}


def _dumped(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _object(content: bytes | None) -> Mapping[str, Any]:
    """The JSON object in ``content``; an empty one for anything else."""
    try:
        found = json.loads(content or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
