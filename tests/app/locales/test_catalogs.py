"""The three catalogs are equals: the same keys, the same facts in each sentence, nothing left over."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from app.locales import LANGUAGES, catalog, text
from oncall.eligibility import CLAUSES, Reason
from oncall.sla import Priority

ROOT = Path(__file__).parents[3]
KEYS = sorted(catalog("es"))

# A sentence key written out in code: its first word is a room of the catalog.
SENTENCE = re.compile(r"(voice|page|callback|sms|refusal|priority|none|entry|clause)(\.[a-z0-9_]+)+")
SAID_IN_A_TEMPLATE = re.compile(r"""\b(?:t|say|text|_)\(\s*["']([a-z0-9_]+(?:\.[a-z0-9_]+)+)["']""")
NOT_A_SENTENCE = (".html", ".txt", ".jinja", ".css", ".js", ".json")

SAME_IN_EVERY_LANGUAGE = {"priority.blocker", "mail.promise.hours"}

# The longest a caller has to listen before the last question (twilio.md: about 15 characters a second).
CHARACTERS_A_SECOND = 15
SECONDS_TO_THE_LAST_QUESTION = 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalog_has_the_keys_of_the_others(language: str) -> None:
    assert sorted(catalog(language)) == KEYS


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_key_is_written_once(language: str) -> None:
    source = files("app.locales").joinpath(f"{language}.po").read_text(encoding="utf-8")

    counts = Counter(re.findall(r'^msgid "(.+)"$', source, re.MULTILINE))

    assert [key for key, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalog_is_sound_gettext(language: str) -> None:
    with files("app.locales").joinpath(f"{language}.po").open("rb") as source:
        messages = read_po(source, locale=language, abort_invalid=True)

    assert [m.id for m in messages if m.id and (m.fuzzy or not m.string)] == []


@pytest.mark.parametrize("key", KEYS)
def test_a_sentence_tells_the_same_facts_in_every_language(key: str) -> None:
    facts = {language: _placeholders(catalog(language)[key]) for language in LANGUAGES}

    assert facts["es"] == facts["pt"] == facts["en"]


@pytest.mark.parametrize("key", KEYS)
def test_no_sentence_is_left_untranslated(key: str) -> None:
    said = {language: catalog(language)[key] for language in LANGUAGES}

    assert all(sentence.strip() == sentence != "" for sentence in said.values())
    if key not in SAME_IN_EVERY_LANGUAGE:
        assert said["en"] not in (said["es"], said["pt"])
    if len(said["es"]) > 24:  # short words may well be the same in Spanish and Portuguese
        assert said["es"] != said["pt"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_is_spoken_written_and_named(language: str) -> None:
    for reason in Reason:
        spoken = text(f"refusal.{reason}.spoken", language, center="Aivo Support Center", hours="9-18")
        written = text(f"refusal.{reason}.written", language, clause=CLAUSES[reason])

        assert "Aivo Support Center" in spoken
        assert spoken.count(".") <= 2
        assert CLAUSES[reason] in written
        assert text(f"refusal.{reason}.name", language)
        assert text(f"clause.{CLAUSES[reason].lower()}", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_priority_has_a_name(language: str) -> None:
    names = {text(f"priority.{priority}", language) for priority in Priority}

    assert len(names) == len(Priority)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("client", "integration"), [("ACME Seguros", "CRM Salesforce"), ("Banco Provincia", "Facturación SAP")]
)
def test_a_known_caller_hears_the_last_question_in_twenty_seconds(
    language: str, client: str, integration: str
) -> None:
    said = (
        text("voice.greeting", language, client=client),
        text("voice.ask_one_integration", language, integration=integration),
        text("voice.ask_priority", language),
    )

    assert len(" ".join(said)) < SECONDS_TO_THE_LAST_QUESTION * CHARACTERS_A_SECOND


@pytest.mark.parametrize("key", [k for k in KEYS if k.startswith(("voice.", "page.", "callback."))])
def test_a_spoken_sentence_is_short(key: str) -> None:
    for language in LANGUAGES:
        assert len(catalog(language)[key]) <= 180


@pytest.mark.parametrize("key", [k for k in KEYS if k.startswith(("voice.", "page.", "callback."))])
def test_a_spoken_sentence_holds_nothing_that_a_voice_stumbles_over(key: str) -> None:
    for language in LANGUAGES:
        said = re.sub(r"\{\w+\}", "", catalog(language)[key])
        assert not re.search(r"\d\d|[#*/|<>&@_]", said), said


def test_every_sentence_that_code_asks_for_exists() -> None:
    asked = {(key, path) for path in _sources() for key in _keys_in(path)}

    missing = sorted((key, path.relative_to(ROOT).as_posix()) for key, path in asked if key not in KEYS)

    assert missing == []


def test_a_missing_key_language_or_fact_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("voice.nothing_of_the_kind", "es")
    with pytest.raises(KeyError):
        text("voice.goodbye", "fr")
    with pytest.raises(KeyError):
        text("voice.greeting", "es")


def test_a_fact_is_never_read_as_a_placeholder() -> None:
    assert "{client.__class__}" in text("voice.greeting", "en", client="{client.__class__}")


def _placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def _sources() -> Iterator[Path]:
    for room in ("app", "oncall"):
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in (".py", ".jinja", ".html", ".txt") and "static" not in path.parts:
                yield path


def _keys_in(path: Path) -> set[str]:
    source = path.read_text(encoding="utf-8")
    said = set(SAID_IN_A_TEMPLATE.findall(source))
    if path.suffix != ".py":
        # The pages of app/web say their own sentences, without their first word.
        of_web = path.relative_to(ROOT).parts[:2] == ("app", "web")
        return {f"web.{key}" for key in said} if of_web else said
    literals = {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    keys = {s for s in literals if SENTENCE.fullmatch(s) and not s.endswith(NOT_A_SENTENCE)}
    return keys | said
