"""Texts fit into one message, and a page's text holds one code and one link, whatever the names."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.locales import LANGUAGES, catalog, linked_message, page_message, plain, text_message
from app.locales.texts import septets

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)
ONE = ("sms.page", "sms.page_unverified", "sms.page_disputed")  # incident
PAGES = (*ONE, "sms.page_many")
LINKED = ("sms.agreement_owed", "sms.closure_owed", "sms.how_now", "sms.still_on_it")
ANSWERS = [key for key in catalog("es") if key.startswith("sms.") and key not in (*PAGES, *LINKED)]
LINK = "https://guardia.example/p/dGhpcy1pcy1hLXRva2Vu"
FACTS = {
    "client": "ACME Seguros",
    "integration": "CRM Salesforce",
    "name": "María Fernanda Gutiérrez",
    "names": "Ana Paz, Bruno Díaz, Carla Inés Núñez, Diego Fernández",
    "reference": "G-1042",
    "rotation": "integrations/primary",
    "since": "2026-11-25T11:00:00+00:00",
    "until": "2026-11-25T20:00:00+00:00",
    "timezone": "America/Argentina/Buenos_Aires",
    "code": "4711",
    "word": "prymary",
    "percent": "75",
    "count": "12",
    "references": "G-1042, G-1043, G-1044",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ANSWERS)
def test_an_answer_is_one_plain_message(key: str, language: str) -> None:
    said = text_message(key, language, **FACTS)

    assert septets(said) <= 160
    assert set(said) <= GSM
    assert not said.endswith("...")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", LINKED)
@pytest.mark.parametrize("client", ["ACME 2024 Seguros", "La Compañía de los Mil Nombres " * 8, ""])
def test_what_is_owed_is_asked_for_with_a_whole_link_and_no_number(
    key: str, language: str, client: str
) -> None:
    said = linked_message(key, language, link=LINK, client=client, integration="CRM")

    assert septets(said) <= 160
    assert set(said) <= GSM
    assert said.endswith(LINK)
    assert not re.search(r"\b\d{4}\b", said.removesuffix(LINK))


@given(names=st.text(max_size=400))
def test_an_answer_is_one_plain_message_whatever_the_names(names: str) -> None:
    said = text_message("sms.who", "es", names=names)

    assert septets(said) <= 160
    assert set(said) <= GSM


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ONE)
def test_a_page_says_priority_client_integration_code_and_link(key: str, language: str) -> None:
    said = page_message(
        key, language, priority="blocker", client="ACME", integration="CRM", code="4711", link=LINK
    )

    assert [said.index(part) for part in ("Blocker", "ACME", "CRM", " 4711 ", LINK)] == sorted(
        said.index(part) for part in ("Blocker", "ACME", "CRM", " 4711 ", LINK)
    )


@given(
    key=st.sampled_from(PAGES),
    language=st.sampled_from(LANGUAGES),
    client=st.text(max_size=80) | st.from_regex(r"[A-Z][a-z]+ \d{4,9}", fullmatch=True),
    integration=st.text(max_size=80) | st.from_regex(r"(https?://|www\.)x\.example \d{4}", fullmatch=True),
    priority=st.sampled_from(["blocker", "high", ""]),
)
def test_a_page_holds_one_code_and_one_link_whatever_the_names(
    key: str, language: str, client: str, integration: str, priority: str
) -> None:
    said = page_message(
        key, language, priority=priority, client=client, integration=integration, code="4711", link=LINK
    )

    assert re.findall(r"(?<!\w)\d{4}(?!\w)", said.replace(LINK, "")) == ["4711"]
    assert re.findall(r"\S*://\S*", said) == [LINK]
    assert set(said) <= GSM


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_with_long_names_is_still_one_message(language: str) -> None:
    said = page_message(
        "sms.page",
        language,
        priority="high",
        client="Compañía Interamericana de Seguros y Reaseguros",
        integration="Sincronización de turnos con la central telefónica",
        code="4711",
        link=LINK,
    )

    assert septets(said) <= 160


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", PAGES)
def test_a_pages_own_words_hold_no_number(key: str, language: str) -> None:
    assert not re.search(r"\d", catalog(language)[key])


@pytest.mark.parametrize("language", LANGUAGES)
def test_news_hold_no_code_and_a_stranger_learns_nothing(language: str) -> None:
    news = [
        key for key in ANSWERS if "news" in key or key in ("sms.client_called_again", "sms.callback_asked")
    ]

    assert all("{code}" not in catalog(language)[key] for key in news)
    assert "{" not in catalog(language)["sms.stranger"]


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    said = text_message("sms.news_taken", "en", name="Ana", client="ACME", integration="")

    assert said == "Guard: Ana took the incident of ACME, integration not given."


@pytest.mark.parametrize(
    ("written", "plainly"),
    [
        ("código", "codigo"),
        ("São João", "Sao Joao"),
        ("mañana, é, à", "mañana, é, à"),
        ("a\u0301", "a"),
        ("“uno” — dos…", '"uno" - dos...'),
        ("日本", "??"),
    ],
)
def test_letters_outside_the_gsm_alphabet_get_a_likeness(written: str, plainly: str) -> None:
    assert plain(written) == plainly
