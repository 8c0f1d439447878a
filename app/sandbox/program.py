"""Runs TwiML for one call: one document after the other, one verb after the other, until something else
takes over.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from app.sandbox.documents import Document, Unreadable, apology, parse

if TYPE_CHECKING:
    from app.sandbox.calls import Call
    from app.sandbox.verbs.enqueue import Enqueue

NO_URL = ""


class Activity:
    """What a call is doing: one verb being carried out."""

    def __init__(self, program: "Program", element: Element) -> None:
        self.program = program
        self.call = program.call
        self.exchange = program.call.exchange
        self.element = element

    def start(self) -> None:
        raise NotImplementedError

    def key(self, key: str) -> None:
        """A key that nobody waits for is lost, as on the real thing."""

    def words(self, words: str, seconds: float) -> None:
        """Words that nobody waits for are lost."""

    def stop(self, reason: str) -> None:
        """Cut short: ``hung-up`` or ``redirected``."""

    def attribute(self, name: str, default: str = "") -> str:
        return self.element.get(name, default)

    def number(self, name: str, default: int) -> int:
        value = self.element.get(name, "")
        return int(value) if value.lstrip("-").isdigit() else default

    def flag(self, name: str, default: bool) -> bool:
        return self.element.get(name, "true" if default else "false") == "true"


class Program:
    """``context`` says which rules hold: call, queue-wait, conference-wait, number-screen, queue-url.

    ``finished`` is called when no verb is left; ``failed`` when a document cannot be had (without it, the
    call's fallback and then the apology are run instead); ``extra`` gives parameters for each request.
    """

    def __init__(
        self,
        call: "Call",
        context: str,
        *,
        finished: Callable[[], None],
        failed: Callable[[], None] | None = None,
        extra: Callable[[], dict[str, str]] = dict,
    ) -> None:
        self.call = call
        self.context = context
        self.alive = True
        self.activity: Activity | None = None
        self.document: Document | None = None
        self.enqueued: Enqueue | None = None
        self._verbs: list[Element] = []
        self._finished = finished
        self._failed = failed
        self._extra = extra

    def load(self, url: str, method: str = "POST", extra: Mapping[str, str] | None = None) -> None:
        """Requests a document and runs it."""
        self.activity = None
        given = {**self.call.parameters(), **self._extra(), **(extra or {})}
        self.call.exchange.retrieval.fetch(self.call, url, method, given, self.context, self._receive)

    def run_text(self, twiml: str) -> None:
        """Runs a document given as text (the ``Twiml`` parameter)."""
        try:
            self.run(parse(twiml, NO_URL))
        except Unreadable:
            self.run(apology(NO_URL))

    def run(self, document: Document) -> None:
        self.document = document
        self._verbs = document.verbs
        self.proceed()

    def proceed(self) -> None:
        """The next verb, or the end of the document."""
        table = self.call.exchange.verbs
        self.activity = None
        while self.alive and self._verbs:
            element = self._verbs.pop(0)
            if element.tag in table:
                if self._answers(element):
                    self.call.exchange.calls.answer_inbound(self.call)
                self.activity = table[element.tag](self, element)
                self.activity.start()
                return
        if self.alive:
            self.alive = False
            self._finished()

    def follow(self, element: Element, extra: Mapping[str, str]) -> None:
        """Goes on with the ``action`` of a verb; without one, with the current document again."""
        url = self.resolve(element.get("action", ""))
        self.load(url, element.get("method", "POST"), extra)

    def tell(self, element: Element, extra: Mapping[str, str]) -> None:
        """Requests ``action`` for a call that is no longer listening: the answer is thrown away."""
        if element.get("action"):
            given = {**self.call.parameters(), **self._extra(), **extra}
            url = self.resolve(element.get("action", ""))
            self.call.exchange.webhooks.callback(
                url, element.get("method", "POST"), given, self.call.phone.number
            )

    def resolve(self, url: str) -> str:
        """An absolute URL, seen from the current document."""
        return urljoin(self.document.url if self.document else NO_URL, url)

    def key(self, key: str) -> None:
        if self.alive and self.activity is not None:
            self.activity.key(key)

    def words(self, words: str, seconds: float) -> None:
        if self.alive and self.activity is not None:
            self.activity.words(words, seconds)

    def stop(self, reason: str) -> None:
        """Nothing of this program happens any more."""
        if not self.alive:
            return
        self.alive = False
        if self.activity is not None:
            self.activity.stop(reason)

    def _receive(self, document: Document | None) -> None:
        if not self.alive or self.call.finished:
            return
        if document is not None:
            self.run(document)
        elif self._failed is not None:
            self.alive = False
            self._failed()
        else:
            self.run(apology(NO_URL))

    def _answers(self, element: Element) -> bool:
        if element.tag in ("Reject", "Redirect"):
            return False
        return not (element.tag == "Dial" and element.get("answerOnBridge") == "true")
