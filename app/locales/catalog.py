"""Every sentence that people hear or read, in Spanish, Portuguese and English, by its key.

The catalogs are gettext files with symbolic keys (``voice.greeting``) and named
``{placeholders}``. They are read as they are, at first use, and kept: translators
edit one file and nothing has to be compiled.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

LANGUAGES = ("es", "pt", "en")


def text(key: str, language: str, **params: object) -> str:
    """The sentence ``key`` in ``language``, with its placeholders filled from ``params``.

    Raises KeyError for a key, a language or a placeholder's value that is missing.
    """
    return catalog(str(language))[key].format(**params)


def has(key: str, language: str) -> bool:
    return key in catalog(str(language))


@cache
def catalog(language: str) -> Mapping[str, str]:
    """All sentences of one language by key, placeholders unfilled."""
    if language not in LANGUAGES:
        raise KeyError(f"no catalog for the language {language!r}")
    from babel.messages.pofile import read_po  # only here: no start waits for it

    with files(__package__).joinpath(f"{language}.po").open("rb") as source:
        messages = read_po(source, locale=language, abort_invalid=True)
    return {str(message.id): str(message.string) for message in messages if message.id}
