"""The words of the page of phones: the same in every language, none missing, none left over."""

import re
from pathlib import Path

import pytest

from app.locales import LANGUAGES
from app.sandbox import words
from app.sandbox.words import page_words

SCRIPTS = sorted((Path(words.__file__).parent / "static" / "js").glob("*.js"))
ASKED_FOR = re.compile(r"""\bt\((?:"(\w+)"|`(\w+)\$\{)""")
CHOSEN = re.compile(r'"((?:call_ended|missed_call|not_reached))"')


def test_every_language_has_the_same_words() -> None:
    keys = {language: set(page_words()[language]) for language in LANGUAGES}

    assert keys["es"] == keys["pt"] == keys["en"] != set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_empty(language: str) -> None:
    assert [key for key, sentence in page_words()[language].items() if not sentence.strip()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_fills_the_same_places(language: str) -> None:
    places = {
        key: set(re.findall(r"\{(\w+)\}", sentence)) for key, sentence in page_words()[language].items()
    }

    assert places == {
        key: set(re.findall(r"\{(\w+)\}", sentence)) for key, sentence in page_words()["en"].items()
    }


def test_every_word_that_the_page_asks_for_exists() -> None:
    whole, begun = _asked_for()

    known = set(page_words()["en"])
    assert whole - known == set()
    assert {prefix for prefix in begun if not any(key.startswith(prefix) for key in known)} == set()


def test_no_word_is_left_over() -> None:
    whole, begun = _asked_for()
    in_the_template = {"needs_javascript"}

    left_over = {
        key
        for key in page_words()["en"]
        if key not in whole | in_the_template and not key.startswith(tuple(begun))
    }

    assert left_over == set()


def _asked_for() -> tuple[set[str], set[str]]:
    """The keys that the scripts name in full, and the beginnings of those that they put together."""
    scripts = "\n".join(script.read_text("utf-8") for script in SCRIPTS)
    found = ASKED_FOR.findall(scripts)
    return {whole for whole, _ in found if whole} | set(CHOSEN.findall(scripts)), {
        part for _, part in found if part
    }
