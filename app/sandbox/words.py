"""The words on the page of phones, in every language, for the page to choose from.

They are kept here and not with the sentences of Guardia: outside this room
nobody knows that there is a sandbox.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from babel.messages.pofile import read_po

from app.locales import LANGUAGES

_PREFIX = "sandbox."


@cache
def page_words() -> Mapping[str, Mapping[str, str]]:
    """By language, the sentence of each ``sandbox.`` key, named without the prefix; placeholders unfilled."""
    return {language: _words_in(language) for language in LANGUAGES}


def _words_in(language: str) -> Mapping[str, str]:
    with (files(__package__) / "catalogs" / f"{language}.po").open("rb") as source:
        messages = read_po(source, locale=language, abort_invalid=True)
    return {str(m.id).removeprefix(_PREFIX): str(m.string) for m in messages if m.id}
