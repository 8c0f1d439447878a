"""When we break, the caller is put through all the same (I8).

The people of the first level are rung straight from a TwiML document made of
the roster in memory; whoever answers must press 1, so that no mailbox takes the
call. An incident is written if the database still works; its paging begins by
itself if nobody takes the direct call. Managers are told either way.
"""

import logging
import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from twilio.twiml.voice_response import Dial, VoiceResponse
from werkzeug.exceptions import HTTPException

from app.locales import LANGUAGES
from app.voice.asked import keyed, whole_number
from app.voice.speech import one_key, say, sentence
from app.voice.urls import Urls
from oncall.book import Book
from oncall.dispatcher import Dispatcher
from oncall.dispatcher.callers import Ringing
from oncall.people import Person
from oncall.ports import ENDED, BookKeeper, Clock

log = logging.getLogger(__name__)

RING_SECONDS = 25
NO_WORKER = "worker"  # where we broke: nobody carries out the orders to page
_NO_PAGE = "unwritten"
_IN_QUEUE = re.compile(r"/voice/calls/\d+/wait(-key)?")
_NEXT_TRY_SECONDS = 10
_TRIES = 3  # after 1, 2 and 4 seconds


class FailOpen:
    def __init__(
        self,
        dispatcher: Dispatcher,
        books: BookKeeper,
        urls: Urls,
        clock: Clock,
        ringing: Callable[[], Ringing],
        alarm: Callable[[str], None],
    ) -> None:
        """``alarm`` tells the managers without the database, for when that is what broke."""
        self._dispatcher = dispatcher
        self._books = books
        self._urls = urls
        self._clock = clock
        self._ringing = ringing
        self._alarm = alarm

    def add_routes(self, blueprint: Blueprint) -> None:
        blueprint.register_error_handler(Exception, self.answer)
        blueprint.add_url_rule("/direct/<token>/screen", "direct_screen", self.screen, methods=["POST"])
        blueprint.add_url_rule("/direct/<token>/accept", "direct_accept", self.accept, methods=["POST"])
        blueprint.add_url_rule("/direct/after", "direct_after", self.after, methods=["POST"])

    def answer(self, error: Exception) -> Response:
        """The answer to a webhook that broke: always TwiML, always 200."""
        if isinstance(error, HTTPException) and error.code in (403, 404, 405, 413):
            return self._refused(error)
        where = request.path
        log.exception("webhook %s broke; failing open", where, exc_info=error)
        if where.startswith(("/voice/drills/", "/voice/synthetic/")) or self._is_test():
            return self._hung_up()  # a test is nobody's emergency: its time runs out
        if where.endswith(("/status", "/recordings")) or request.form.get("CallStatus") in ENDED:
            return Response(status=500)  # nobody hears the answer, and Twilio reports it again
        if where.startswith("/voice/pages/"):
            return self._asked_again(where, self._dispatcher.note_page_error)
        if where.startswith("/voice/side/"):
            return self._asked_again(where, self._dispatcher.note_side_error)
        if where.startswith("/voice/client/"):
            return self._hung_up()  # who has them called hears that nobody came
        if _IN_QUEUE.fullmatch(where):
            return self._wait_again(where)
        if where.startswith("/voice/direct/"):
            return self._nobody()
        return self.put_through(where)

    # --- callers ---

    def put_through(self, where: str, by_turns: bool = False) -> Response:
        """``by_turns``: the following level each time, where nobody else is going to page it."""
        ringing = self._ringing()
        book = self._books.current()
        language = book.language_of_line(ringing.line)
        try:
            dialled = self._dispatcher.fail_open(ringing, where, self._clock.now(), by_turns)
        except Exception:
            log.exception("the incident could not be written either")
            self._alarm(where)
            people = self._first_level(book, ringing.line)
            dialled = [(_NO_PAGE, person.phones[0]) for person in people]
        response = VoiceResponse()
        say(response, [sentence("voice.fallback_connecting", language)], language)
        if not dialled:
            return self._nobody()
        dial = response.dial(
            action=self._urls.twiml("/voice/direct/after"),
            method="POST",
            timeout=RING_SECONDS,
            caller_id=ringing.line,  # a number that the engineer's phone lets through
        )
        for token, phone in dialled:
            self._number(dial, token, phone)
        return _twiml(response)

    def _wait_again(self, where: str) -> Response:
        """Inside a queue only some verbs work. The paging goes on without this webhook; the wait asks on."""
        self._note(self._dispatcher.note_error, request.form.get("CallSid", ""), where)
        language = self._books.current().language_of_line(self._ringing().line)
        response = VoiceResponse()
        say(response, [sentence("voice.waiting", language)], language)
        response.pause(length=_NEXT_TRY_SECONDS)
        response.redirect(self._urls.twiml(where.removesuffix("-key")), method="POST")
        return _twiml(response)

    def _note(self, write: Callable[[str, str, datetime], None], whose: str, where: str) -> None:
        """Write the error into the record of the case, or tell the managers of it if that breaks too."""
        try:
            write(whose, where, self._clock.now())
        except Exception:
            log.exception("the error in %s could not be written", where)
            self._alarm(where)

    def _number(self, dial: Dial, token: str, phone: str) -> None:
        dial.number(phone, url=self._urls.twiml(f"/voice/direct/{token}/screen"), method="POST")

    def _first_level(self, book: Book, line: str) -> tuple[Person, ...]:
        """Who is on call for a line, from memory alone; the managers where nobody is."""
        client = book.client_on_line(line)
        team = book.teams.get(client.contract.team) if client else next(iter(book.teams.values()), None)
        levels = team.escalation if team else ()
        at = self._clock.now()
        found = (book.people_of_level(team, level, at) for level in levels if team)
        return next((people for people in found if people), book.managers())

    def after(self) -> Response:
        """The direct call is over: a conversation ends here; one that nobody took goes on waiting.

        "Completed" alone may be a mailbox that pressed nothing: both must have been connected.
        """
        bridged = request.form.get("DialBridged", "true") == "true"
        if request.form.get("DialCallStatus") == "completed" and bridged:
            response = VoiceResponse()
            response.hangup()
            return _twiml(response)
        language = self._books.current().language_of_line(self._ringing().line)
        response = VoiceResponse()
        say(response, [sentence("voice.waiting", language)], language)
        response.redirect(self._urls.twiml("/voice/calls/now"), method="POST")
        return _twiml(response)

    def _nobody(self) -> Response:
        language = self._books.current().language_of_line(self._ringing().line)
        response = VoiceResponse()
        say(response, [sentence("voice.fallback_nobody", language)], language)
        response.hangup()
        return _twiml(response)

    # --- the engineer who is rung directly ---

    def screen(self, token: str) -> Response:
        """Before both are connected: a person must press 1. Silence is a mailbox's, and ends the leg."""
        language = self._language_of(token)
        response = VoiceResponse()
        gather = one_key(response, self._urls.twiml(f"/voice/direct/{token}/accept"))
        say(gather, [sentence("voice.fallback_screen", language)], language)
        response.hangup()
        return _twiml(response)

    def accept(self, token: str) -> Response:
        """1 connects at once; that it was taken is written if it can be."""
        response = VoiceResponse()
        if request.form.get("Digits") != "1":
            response.hangup()
            return _twiml(response)
        try:
            self._dispatcher.page_key(token, "1", self._clock.now())
        except Exception:
            log.exception("who took the direct call could not be written")
        return _twiml(response)

    def _language_of(self, token: str) -> str:
        try:
            page = self._dispatcher.page(token) if token != _NO_PAGE else None
        except Exception:
            log.exception("the page of a direct call could not be read")
            page = None
        return str(page.language) if page else next(iter(LANGUAGES))

    # --- engineers ---

    def _is_test(self) -> bool:
        """Whether it is our own synthetic call that broke: managers hear of it when its time is up."""
        ringing = self._ringing()
        try:
            at = self._clock.now()
            return self._dispatcher.is_synthetic(ringing.sid, ringing.line, ringing.caller, at)
        except Exception:
            return False  # what cannot be asked is a client

    def _hung_up(self) -> Response:
        response = VoiceResponse()
        response.hangup()
        return _twiml(response)

    def _asked_again(self, where: str, write: Callable[[str, str, datetime], None]) -> Response:
        """What one of ours asked for broke: the same key is heard again, three times; then that call failed.

        In a conference only some verbs work, and nothing is pressed: there it is asked for until it works.
        """
        response = VoiceResponse()
        tries = whole_number(request.args.get("again"))
        if tries == 0:
            self._note(write, where.split("/")[3], where)
        if "/calling-wait/" in where:
            response.pause(length=_NEXT_TRY_SECONDS)
            response.redirect(self._urls.twiml(where), method="POST")
        elif tries < _TRIES:
            again = urlencode({"again": tries + 1, "Digits": keyed()})
            response.pause(length=2**tries)
            response.redirect(self._urls.twiml(f"{where}?{again}"), method="POST")
        else:
            response.hangup()
        return _twiml(response)

    def _refused(self, error: HTTPException) -> Response:
        """Not ours to answer: unsigned, or an address that nobody was given."""
        if request.method != "POST" or error.code != 404:
            return Response(f"{error.name}\n", error.code, content_type="text/plain; charset=utf-8")
        response = VoiceResponse()
        response.hangup()
        return _twiml(response)


def _twiml(response: VoiceResponse) -> Response:
    return Response(str(response), content_type="text/xml; charset=utf-8")
