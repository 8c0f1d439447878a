"""The whole script as a page to be read: what is said and texted, in each language, and how long it takes.

``python -m app.locales.script > docs/script.md`` writes the page anew from the catalogs.
"""

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from importlib.resources import files
from string import Formatter

from babel.dates import format_date
from babel.messages.pofile import read_po

from app.locales.catalog import LANGUAGES, catalog, text
from app.locales.entries import word
from app.locales.spoken import spoken_names, spoken_reference, spoken_time
from app.locales.texts import ONE_MESSAGE, linked_message, page_message, septets, text_message
from app.locales.written import in_list, opening_hours

CHARACTERS_A_SECOND = 15  # the pace of Twilio's voices, roughly
_COMMENTED = "en"

# What is heard as one prompt, sentence by sentence.
MOMENTS = {
    "A known caller, one integration: from the answer to the last key": (
        "voice.greeting",
        "voice.ask_one_integration",
        "voice.ask_priority",
    ),
    "After the priority key, until the tone": (
        "voice.reference",
        "voice.calling",
        "voice.recorded",
        "voice.describe",
    ),
    "One round of the wait": ("voice.waiting_calling", "voice.waiting_keys"),
    "The longest round of the wait": ("voice.waiting_next", "voice.reference", "voice.waiting_keys"),
    "The end of the whole wait": (
        "voice.promise_nobody_yet",
        "voice.promised_here",
        "voice.reference",
        "voice.goodbye",
    ),
    "A page, until its last key is named": ("page.intro", "page.incident", "page.keys"),
    "From the engineer's key until both talk": ("page.taken_on_line",),
}

_CHAPTERS = (
    ("What a caller hears", ("voice.", "ordinal.")),
    ("What a caller hears who is refused", ("refusal.",)),
    ("What an engineer hears", ("page.",)),
    ("In the conversation, and who is called into it", ("room.", "side.")),
    ("What the client hears who is called back", ("callback.",)),
)
_PAGE_TEXTS = ("sms.page", "sms.page_unverified", "sms.page_disputed")
_TEXTS_ABOUT_THEIRS = ("sms.how_now", "sms.still_on_it")
_OPENING = f"""\
# The script

Everything that Guardia says and texts, in Spanish, Portuguese and English, printed from the catalogs
(`app/locales/*.po`) by `python -m app.locales.script > docs/script.md`; a test compares. The facts are those
of an example. Seconds are an estimate: the characters of what is said, its facts filled in and spaces
counted, divided by {CHARACTERS_A_SECOND}, about the pace of Twilio's voices; silence comes on top.
"""
_ABOUT_TEXTS = f"""\
In the letters that every telephone has (GSM 03.38): one text holds {ONE_MESSAGE} of them, and behind each
stands how many it takes. A page that needs a second text is sent all the same; its code and its link are
never cut.
"""
_CODE = "4711"
_PROMISED = datetime(2026, 11, 23, 7, 12, tzinfo=UTC)
_LINK = "https://guardia.example/t/" + "k" * 42


def page() -> str:
    """The page in Markdown."""
    return "\n".join(_lines()) + "\n"


def example(language: str) -> dict[str, object]:
    """The facts of the example with which the sentences are filled in."""
    return {
        "client": "ACME Seguros",
        "integration": "CRM Salesforce",
        "key": "1",
        "name": "Ana",
        "called": "Bruno",
        "names": spoken_names(["Ana"], language),
        "reference": spoken_reference("G-1042"),
        "references": in_list([spoken_reference(one) for one in ("G-1042", "G-1043")], language),
        "priority": word("priority", "blocker", language),
        "center": "Aivo Support Center",
        "hours": opening_hours(range(5), time(9), time(18), language),
        "count": 2,
        "percent": 75,
        "place": text("ordinal.2", language),
        "time": spoken_time(_PROMISED, "America/Argentina/Buenos_Aires", language),
        "day": format_date(_PROMISED, "EEEE", locale=language),
        "hour": 1,
        "minute": 12,
        "rotation": "primary",
        "since": "2026-11-23T21:00:00+00:00",
        "until": "2026-11-24T12:00:00+00:00",
        "word": "primario",
        "code": _CODE,
        "link": _LINK,
    }


def spoken(keys: Iterable[str], language: str) -> str:
    """The sentences of these keys in one breath, filled in with the example."""
    return " ".join(catalog(language)[key].format(**_facts(key, language)) for key in keys)


def seconds(sentence: str) -> float:
    return len(sentence) / CHARACTERS_A_SECOND


def _lines() -> Iterator[str]:
    yield _OPENING
    yield "## How long it takes"
    yield ""
    yield from _head("a moment", LANGUAGES)
    for moment, keys in MOMENTS.items():
        lengths = (f"{seconds(spoken(keys, language)):.1f} s" for language in LANGUAGES)
        yield _row(moment, lengths)
    comments = _comments()
    for title, rooms in _CHAPTERS:
        yield from _chapter(title, rooms, comments)
    yield from _texts(comments)


def _chapter(title: str, rooms: tuple[str, ...], comments: dict[str, str]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield from _head("when", LANGUAGES)
    for key, comment in comments.items():
        if key.startswith(rooms) and not key.endswith((".name", ".written")):
            yield _row(_when(key, comment), (_timed(spoken((key,), language)) for language in LANGUAGES))


def _texts(comments: dict[str, str]) -> Iterator[str]:
    yield from ("", "## What is texted", "")
    yield _ABOUT_TEXTS
    yield from _head("when", LANGUAGES)
    for key, comment in comments.items():
        if key.startswith("sms."):
            yield _row(_when(key, comment), (_counted(_texted(key, language)) for language in LANGUAGES))


def _texted(key: str, language: str) -> str:
    if key in _PAGE_TEXTS:
        facts = {"priority": "blocker", "client": "ACME Seguros", "integration": "CRM Salesforce"}
        return page_message(key, language, code=_CODE, link=_LINK, **facts)
    if key in _TEXTS_ABOUT_THEIRS:
        return linked_message(key, language, client="ACME Seguros", integration="CRM Salesforce", link=_LINK)
    facts = {name: str(value) for name, value in _facts(key, language).items()}
    if "reference" in facts:
        facts["reference"] = "G-1042"
    if "references" in facts:
        facts["references"] = "G-1042, G-1043"
    return text_message(key, language, **facts)


def _facts(key: str, language: str) -> dict[str, object]:
    known = example(language)
    wanted = (name for _, name, _, _ in Formatter().parse(catalog(language)[key]) if name)
    return {name: known.get(name, f"{{{name}}}") for name in wanted}


def _comments() -> dict[str, str]:
    """The keys in the order of the catalog, each with its translators' comment."""
    with files(__package__).joinpath(f"{_COMMENTED}.po").open("rb") as source:
        messages = read_po(source, locale=_COMMENTED, abort_invalid=True)
    return {str(m.id): " ".join(m.auto_comments) for m in messages if m.id}


def _head(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield _row(first, rest)
    yield _row("---", ("---" for _ in LANGUAGES))


def _row(first: str, rest: Iterable[str]) -> str:
    return "| " + " | ".join((first, *rest)) + " |"


def _when(key: str, comment: str) -> str:
    return f"`{key}` {comment}".rstrip()


def _timed(sentence: str) -> str:
    return f"{sentence} *{seconds(sentence):.1f} s*"


def _counted(message: str) -> str:
    return f"{message} *{septets(message)}*"


if __name__ == "__main__":
    sys.stdout.write(page())
