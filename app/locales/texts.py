"""Texts for telephones: in the letters every telephone has, short enough for one message.

One letter outside the GSM 03.38 alphabet makes a network send the whole text
in 70-character pieces, so what is not in it is written with what is.
"""

import re
import unicodedata
from datetime import datetime

from app.locales.catalog import text
from app.locales.entries import word
from app.locales.written import local_short

ONE_MESSAGE = 160
_SHORTEST_NAME = 12
_MOMENTS = ("since", "until")

_ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWO_SEPTETS = frozenset("^{}\\[~]|€")
_STAND_INS = str.maketrans("–—·’‘“”«»\t", '---\'\'"""" ')


def plain(sentence: str) -> str:
    """The sentence in the GSM alphabet: without the accents it lacks, "?" for what has no likeness."""
    spelled = unicodedata.normalize("NFC", sentence).translate(_STAND_INS)
    return "".join(_letter(character) for character in spelled)


def text_message(key: str, language: str, **params: object) -> str:
    """The sentence as one text message: plain, and cut with "..." where it would need a second.

    A client, integration or priority that is empty is said to be unknown. ``since`` and
    ``until`` are ISO 8601, and said as in ``timezone``.
    """
    zone = str(params.get("timezone") or "UTC")
    told = {name: _told(name, value, language, zone) for name, value in params.items()}
    return shortened(plain(text(key, language, **told)), ONE_MESSAGE)


def linked_message(key: str, language: str, *, link: str, client: str, **params: object) -> str:
    """A text that pages nobody but holds a link: the client's name is cut rather than the link."""
    name = _harmless(plain(client or word("client", None, language)))
    room = ONE_MESSAGE - septets(plain(text(key, language, client="", link=link, **params)))
    fitted = _harmless(shortened(name, max(room, _SHORTEST_NAME)))
    return plain(text(key, language, client=fitted, link=link, **params))


def page_message(
    key: str, language: str, *, priority: str, client: str, integration: str, code: str, link: str
) -> str:
    """The text of a page: exactly one free-standing four-digit number, the code, and one link.

    ``key`` is ``sms.page``, ``sms.page_unverified`` or ``sms.page_disputed``; ``priority`` is
    its code. Names are cut rather than the link; a four-digit number in a name gets a point,
    and what looks like a link in a name is broken.
    """
    names = [client or word("client", None, language), integration or word("integration", None, language)]
    harmless = [_harmless(plain(name)) for name in names]
    urgent = word("priority", priority, language)
    frame = plain(text(key, language, priority=urgent, client="", integration="", code=code, link=link))
    fitted = _fitted(harmless, max(ONE_MESSAGE - septets(frame), 2 * _SHORTEST_NAME))
    # Cut, a long number may have become a short one.
    first, second = (_harmless(name) for name in fitted)
    said = text(key, language, priority=urgent, client=first, integration=second, code=code, link=link)
    return plain(said)


def septets(message: str) -> int:
    """The length that a telephone network counts."""
    return sum(2 if character in _TWO_SEPTETS else 1 for character in message)


def shortened(message: str, limit: int) -> str:
    if septets(message) <= limit:
        return message
    kept = message
    while septets(kept) > limit - len("..."):
        kept = kept[:-1]
    return kept.rstrip() + "..."


def _told(name: str, value: object, language: str, zone: str) -> object:
    if name in _MOMENTS and value:
        return local_short(datetime.fromisoformat(str(value)), zone, language)
    return value or word(name, value, language)


def _fitted(names: list[str], room: int) -> list[str]:
    """The names cut to ``room`` together; a short one leaves its rest to the other."""
    first, second = (septets(name) for name in names)
    if first + second <= room:
        return names
    half = room // 2
    if first <= half:
        return [names[0], shortened(names[1], room - first)]
    if second <= half:
        return [shortened(names[0], room - second), names[1]]
    return [shortened(names[0], half), shortened(names[1], half)]


def _harmless(name: str) -> str:
    """The name with nothing in it that could be taken for the code or for a link."""
    without_links = re.sub(r"://|\bwww\.", " ", name)
    return re.sub(r"\b(\d)(\d{3})\b", r"\1.\2", without_links)


def _letter(character: str) -> str:
    if character in _ALPHABET or character in _TWO_SEPTETS:
        return character
    bare = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    return bare if bare and all(c in _ALPHABET for c in bare) else "?"
