"""The words on the page of phones, in every language, for the page to choose from."""

from collections.abc import Mapping

from app.locales import LANGUAGES, catalog

_OURS = "sandbox."


def page_words() -> Mapping[str, Mapping[str, str]]:
    """By language, the sentence of each ``sandbox.`` key, named without the prefix; placeholders unfilled."""
    return {language: _words_in(language) for language in LANGUAGES}


def _words_in(language: str) -> Mapping[str, str]:
    return {
        key.removeprefix(_OURS): sentence
        for key, sentence in catalog(language).items()
        if key.startswith(_OURS)
    }
