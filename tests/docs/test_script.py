"""docs/script.md is the catalogs, and its moments are what the telephone says."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn
from xml.etree import ElementTree

import pytest
from twilio.twiml.voice_response import VoiceResponse

from app.locales import LANGUAGES, script
from app.locales.script import MOMENTS, example, seconds, spoken
from app.voice.caller import CallerScript
from app.voice.engineer import EngineerScript
from app.voice.urls import Urls
from oncall.contracts import BuiltBy, Integration
from oncall.dispatcher import PageCall
from oncall.escalation import PageState, State
from oncall.intake import Call, Farewell, Step
from oncall.people import Language
from oncall.sla import Priority
from oncall.waiting import Progress, Waiting

PAGE = Path(__file__).parents[2] / "docs" / "script.md"
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
URLS = Urls("https://guardia.example")
_SECOND = Waiting(Progress.CALLING_NEXT, ("Ana",), 2)


def test_the_page_is_what_the_catalogs_say() -> None:
    assert PAGE.read_text("utf-8") == script.page(), "run: python -m app.locales.script > docs/script.md"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_moments_are_what_is_heard(language: str) -> None:
    caller = CallerScript(URLS, _no_service)
    call = _call(language)
    documents = [
        [caller.document(call), caller.document(_at_step(call, Step.PRIORITY))],
        [caller.document(_at_step(call, Step.DESCRIBING))],
        [caller.waiting_document(_at_step(call, Step.WAITING), Waiting(Progress.CALLING, ("Ana",)))],
        [caller.waiting_document(replace(_at_step(call, Step.WAITING), rounds=2), _SECOND)],
        [caller.document(_freed(call))],
        [EngineerScript(URLS).answered(_page(language), 1)],
        [EngineerScript(URLS).after_key(_taken(_page(language)), "1", 1)],
    ]

    heard = [" ".join(_said(document) for document in of_moment) for of_moment in documents]

    assert heard == [spoken(keys, language) for keys in MOMENTS.values()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_known_caller_is_asked_everything_in_twenty_seconds(language: str) -> None:
    questions = next(iter(MOMENTS.values()))

    assert seconds(spoken(questions, language)) < 20


def test_seconds_are_characters_at_the_pace_that_the_page_names() -> None:
    assert seconds("x" * 45) == 3
    assert f"divided by {script.CHARACTERS_A_SECOND}" in PAGE.read_text("utf-8")


def _taken(page: PageCall) -> PageCall:
    return replace(
        page, state=State.ACKNOWLEDGED, holder=page.person, client_is_waiting=True, who_waits=("Ana",)
    )


def _call(language: str) -> Call:
    return Call(
        sid="CA1",
        line="+541152630001",
        caller="+5491155550201",
        language=Language(language),
        arrived_at=AT,
        step=Step.INTEGRATION,
        client="acme",
        client_name=str(example(language)["client"]),
        integrations=(Integration("crm", str(example(language)["integration"]), BuiltBy.AIVO),),
        verified=True,
        case=1042,
        reference="G-1042",
        calling=("Ana",),
        call_back="+5491155550201",
    )


def _freed(call: Call) -> Call:
    return replace(
        _at_step(call, Step.OVER),
        farewell=Farewell.PROMISED,
        promised_by=datetime(2026, 11, 23, 7, 12, tzinfo=UTC),
        wait_ends_at=datetime(2026, 11, 23, 6, 22, tzinfo=UTC),
        timezone="America/Argentina/Buenos_Aires",
    )


def _at_step(call: Call, step: Step) -> Call:
    return replace(call, step=step, turn=1)


def _page(language: str) -> PageCall:
    return PageCall(
        token="0" * 32,
        key="1.1.ana.1",
        case=1042,
        reference="G-1042",
        person="ana",
        name="Ana Paz",
        language=Language(language),
        page_state=PageState.ANSWERED,
        state=State.OPEN,
        kind="incident",
        client=str(example(language)["client"]),
        integration=str(example(language)["integration"]),
        priority=Priority.BLOCKER,
        unverified=False,
        disputed=False,
        holder=None,
        holder_name=None,
        opened_at=AT,
        acknowledged_at=None,
        timezone="UTC",
        line="+541152630001",
        caller="+5491155550201",
        client_is_waiting=False,
        messages=(),
    )


def _said(document: VoiceResponse) -> str:
    """What is spoken in a document, in order."""
    return " ".join(say.text or "" for say in ElementTree.fromstring(str(document)).iter("Say"))


def _no_service() -> NoReturn:
    raise AssertionError("nobody is refused here")
