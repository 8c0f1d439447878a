"""Fetching a document for a call: the webhook, the reading, the strict check, the fallback."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from app.sandbox.check import problems
from app.sandbox.documents import Document, Unreadable, read
from app.sandbox.webhooks import Answer, Overrides

if TYPE_CHECKING:
    from app.sandbox.calls import Call
    from app.sandbox.exchange import Exchange

SCHEMA_WARNING = 12200


@dataclass(frozen=True, slots=True)
class Fault:
    """A document that the strict check refuses, or that could not be had."""

    at: datetime
    url: str
    context: str
    problem: str
    document: str = ""


class Retrieval:
    """Gets documents for calls and messages."""

    def __init__(self, exchange: "Exchange") -> None:
        self._exchange = exchange

    def fetch(
        self,
        call: "Call",
        url: str,
        method: str,
        given: Mapping[str, str],
        context: str,
        then: Callable[[Document | None], None],
    ) -> None:
        """``then`` gets the document, or that of the fallback URL, or None when neither can be had."""
        number = call.phone.number

        def first(answer: Answer) -> None:
            document, code = self.judge(answer, url, context)
            if document is not None or call.fallback is None or context != "call" or call.finished:
                then(document)
                return
            fallback_url, fallback_method = call.fallback
            clean, _ = Overrides.of(url)
            told = {**given, "ErrorCode": str(code), "ErrorUrl": clean}
            self._exchange.webhooks.fetch(
                fallback_url,
                fallback_method,
                told,
                lambda last: then(self.judge(last, fallback_url, context)[0]),
                number,
            )

        self._exchange.webhooks.fetch(url, method, given, first, number)

    def judge(self, answer: Answer, url: str, context: str) -> tuple[Document | None, int | None]:
        """The document of an answer, or None and Twilio's error code. Problems become faults."""
        clean, _ = Overrides.of(url)
        if answer.failure is not None:
            self._exchange.note(
                "fault", "", url=clean, code=answer.code, problem=f"retrieval: {answer.failure}"
            )
            return None, answer.code
        text = answer.body.decode(errors="replace")
        try:
            document = read(answer.body, answer.content_type, clean)
        except Unreadable as error:
            self._blame(clean, context, str(error), text)
            return None, error.code
        if answer.content_type.startswith("text/plain"):
            self._blame(clean, context, "plain text: Twilio speaks whatever it cannot carry out", text)
            return document, None
        found = [] if answer.content_type.startswith("audio/") else problems(text, context)
        for problem in found:
            self._blame(clean, context, problem, text)
        if found and self._exchange.strict:
            return None, SCHEMA_WARNING
        return document, None

    def glance(self, answer: Answer, url: str) -> None:
        """The answer to a callback changes nothing; but only nothing, or well-formed TwiML, is in order."""
        if answer.failure is not None or not answer.body:
            return
        clean, _ = Overrides.of(url)
        text = answer.body.decode(errors="replace")
        if "xml" not in answer.content_type:
            self._blame(clean, "over", f"a callback is not answered with {answer.content_type}", text)
            return
        for problem in problems(text, "over"):
            self._blame(clean, "over", problem, text)

    def blame_sound(self, url: str, answer: Answer, problem: str) -> None:
        """A Play that nobody hears: a fault of the document if something came that is no sound."""
        clean, _ = Overrides.of(url)
        if answer.failure is not None:
            self._exchange.note("fault", "", url=clean, code=answer.code, problem=f"sound: {answer.failure}")
        else:
            self._blame(clean, "sound", problem, "")

    def _blame(self, url: str, context: str, problem: str, text: str) -> None:
        self._exchange.faults.append(Fault(self._exchange.now(), url, context, problem, text))
        self._exchange.note("fault", "", url=url, problem=problem)
