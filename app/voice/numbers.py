"""What Twilio has configured on our numbers, beside what it should be.

A wrong URL on a number is found at three in the morning, by a client: so it is
compared, and can be set, from here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from twilio.rest import Client

from app.voice.urls import Urls
from oncall.book import Book

_PAGE = 500
# A number answers by these before it looks at its own URLs; ours must not have any.
_OTHER_HANDLERS = ("voice_application_sid", "trunk_sid")


@dataclass(frozen=True, slots=True)
class Wanted:
    """How one of our numbers should be configured; what is not named may be as it is."""

    number: str
    what_for: str  # a client's id, or "pages"
    settings: dict[str, str]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a number: as configured, and as it should be (None: as it is)."""

    name: str
    configured: str
    wanted: str | None

    @property
    def differs(self) -> bool:
        return self.wanted is not None and self.wanted != self.configured


@dataclass(frozen=True, slots=True)
class Found:
    """One of our numbers, with ``sid`` None where the account does not have it."""

    number: str
    what_for: str
    sid: str | None
    settings: tuple[Setting, ...]

    @property
    def is_right(self) -> bool:
        return self.sid is not None and not any(setting.differs for setting in self.settings)

    @property
    def is_missing(self) -> bool:
        return self.sid is None


@dataclass(frozen=True, slots=True)
class Comparison:
    """``unused`` are the account's numbers that neither a contract nor the pages use."""

    numbers: tuple[Found, ...]
    unused: tuple[str, ...]


def wanted_numbers(
    book: Book, urls: Urls, page_from: str, fallback_url: Callable[[str], str | None]
) -> Iterator[Wanted]:
    """Every guard line, then the number that pages come from."""
    for client in book.clients.values():
        line = client.contract.guard_line
        settings = {
            "voice_url": urls.twiml("/voice/incoming"),
            "voice_method": "POST",
            "status_callback": urls.callback("/voice/status"),
            "status_callback_method": "POST",
            "voice_caller_id_lookup": "false",
            **dict.fromkeys(_OTHER_HANDLERS, ""),
        }
        fallback = fallback_url(line)
        if fallback:  # servers of files refuse a POST
            settings |= {"voice_fallback_url": fallback, "voice_fallback_method": "GET"}
        yield Wanted(line, client.id, settings)
    yield Wanted(
        page_from,
        "pages",
        {
            "sms_url": urls.plain("/sms/incoming"),
            "sms_method": "POST",
            "sms_application_sid": "",
            # Who took an incident by text or link calls this number back, and keys the code.
            "voice_url": urls.twiml("/voice/incoming"),
            "voice_method": "POST",
            **dict.fromkeys(_OTHER_HANDLERS, ""),
        },
    )


def compare(client: Client, wanted: Iterator[Wanted]) -> Comparison:
    """Ask Twilio for the account's numbers. Raises what the SDK and the network raise."""
    there = {str(n.phone_number): n for n in client.incoming_phone_numbers.list(page_size=_PAGE)}
    found = tuple(_found(one, there.pop(one.number, None)) for one in wanted)
    return Comparison(found, tuple(sorted(there)))


def configure(client: Client, found: Found) -> None:
    """Set what differs. Raises what the SDK and the network raise."""
    changes = {setting.name: setting.wanted for setting in found.settings if setting.differs}
    if found.sid and changes:
        client.incoming_phone_numbers(found.sid).update(**{k: _sent(v) for k, v in changes.items()})


def _found(wanted: Wanted, there: Any) -> Found:
    # Methods are shown even where nothing is wanted of them.
    names = dict.fromkeys((*wanted.settings, *_SHOWN))
    settings = tuple(Setting(n, _read(getattr(there, n, None)), wanted.settings.get(n)) for n in names)
    return Found(wanted.number, wanted.what_for, str(there.sid) if there else None, settings if there else ())


_SHOWN = (
    "voice_url",
    "voice_method",
    "voice_fallback_url",
    "voice_fallback_method",
    "status_callback",
    "status_callback_method",
    "sms_url",
    "sms_method",
)


def _read(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _sent(value: str | None) -> Any:
    return {"true": True, "false": False}.get(value or "", value)
