"""docs/telephone.md names the codes, fragments and voices of the code."""

import re
from pathlib import Path

import pytest
from twilio.base.exceptions import TwilioRestException

from app.locales import LANGUAGES
from app.voice.failures import sorted_failure
from app.voice.speech import voice_of
from app.voice.urls import Urls

DOCUMENT = (Path(__file__).parents[2] / "docs" / "telephone.md").read_text("utf-8")
CLASSES = re.findall(r"^\| [^|]*\(`(\w+)`\) \| ([^|]*) \|", DOCUMENT, re.M)
CODES = [(int(code), name) for name, codes in CLASSES for code in re.findall(r"\b\d{5}\b", codes)]
REFUSED = 400  # the status with which Twilio answers most of them


@pytest.mark.parametrize(("code", "name"), CODES)
def test_a_code_is_sorted_as_told(code: int, name: str) -> None:
    status = 404 if code == 20404 else REFUSED

    failure = sorted_failure(TwilioRestException(status, "https://api.twilio.com/", "", code=code))

    assert type(failure).__name__ == name


def test_every_code_that_the_code_knows_is_told() -> None:
    source = (Path(__file__).parents[2] / "app" / "voice" / "failures.py").read_text("utf-8")
    known = set(re.findall(r"\b\d{5}\b", source.split('"""', 2)[2]))

    assert known <= {str(code) for code, _ in CODES}


def test_the_fragments_are_those_that_twilio_is_handed() -> None:
    urls = Urls("https://HOST")

    assert f"`{urls.twiml('/voice/incoming')}`" in DOCUMENT
    assert f"`{urls.callback('/voice/status')}`" in DOCUMENT


def test_the_voices_are_those_that_speak() -> None:
    told = re.findall(r"^\| (\w\w) \| `([^`]+)` \| (\S+) \|$", DOCUMENT, re.M)

    assert {language: (voice, locale) for language, voice, locale in told} == {
        language: voice_of(language) for language in LANGUAGES
    }
