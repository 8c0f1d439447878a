"""docs/mail.md tells the letters, the verdicts and the webhook that there are."""

import re
from pathlib import Path

from app.locales import LANGUAGES, text
from app.mail import incoming
from app.tickets import schema
from oncall.dispatcher.letters import CLIENT
from oncall.dispatcher.post import LARGEST_TOGETHER

DOCUMENT = (Path(__file__).parents[2] / "docs" / "mail.md").read_text("utf-8")


def test_the_letters_to_clients_are_those_that_are_written() -> None:
    table = DOCUMENT.split("| to the client |", 1)[1].split("\n\n", 1)[0]
    told = {name for row in re.findall(r"^\| (`.*?) \|", table, re.M) for name in re.findall(r"`(\w+)`", row)}

    assert told == CLIENT | {"record"}


def test_the_limits_are_those_of_the_code() -> None:
    assert f"up to {LARGEST_TOGETHER // 1_000_000} MB a letter" in DOCUMENT
    assert f"a mail over {incoming.LARGEST_MAIL // 1_000_000} MB" in DOCUMENT


def test_the_words_that_ask_for_the_record_are_told() -> None:
    assert {text("mail.ask.record", language) for language in LANGUAGES} <= set(
        re.findall(r"\*(\w+)\*", DOCUMENT)
    )


def test_what_stands_in_a_delivery_is_told() -> None:
    data = schema()["properties"]["data"]["properties"]

    assert {"first", "last"} <= set(data) & set(re.findall(r"`(\w+)`", DOCUMENT))
