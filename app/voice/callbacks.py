"""Calling the client back: what the engineer who waits hears, what the client is asked, the webhooks of both.

They meet in the case's conference, like callers who waited for it: only a person who pressed a key enters.
"""

from flask import Blueprint, Response, abort, request
from twilio.twiml.voice_response import VoiceResponse

from app.locales.entries import word
from app.voice.asked import call_sid, keyed, spoken, whole_number
from app.voice.engineer import TRIES
from app.voice.rooms import enter_room, told_of_recording, who_waits
from app.voice.speech import ask, say, sentence
from app.voice.urls import Urls
from app.voice.webhooks import Voice, done, twiml
from oncall.dispatcher import PageCall, SideView
from oncall.sidecalls import UNDECIDED, SideState

NOT_NOW = "2"  # where the client could be called
STOP = "6"  # where the client is being called; the key that ends a conversation, too
SCREEN_SECONDS = 8  # for a key, at the client
ROUND_SECONDS = 8  # of silence between two words to who waits


class CallBackScript:
    def __init__(self, urls: Urls) -> None:
        self._urls = urls

    # --- the engineer ----------------------------------------------------------------------------

    def call_client(self, page: PageCall) -> VoiceResponse:
        """Into the conference, where they wait for the client."""
        response = VoiceResponse()
        key = "page.calling_person" if page.caller_name else "page.calling_client"
        heard = [sentence(key, page.language, name=page.caller_name), told_of_recording(page)]
        say(response, heard, page.language)
        enter_room(response, page, self._urls)
        return response

    def waiting(self, page: PageCall, turn: int) -> VoiceResponse:
        """What they hear there, again and again: how far the call has come. At first they know it."""
        response = VoiceResponse()
        if turn > 1:
            say(response, [sentence(_so_far(page), page.language, names=who_waits(page))], page.language)
        response.pause(length=ROUND_SECONDS)
        response.redirect(self._of(page, "calling-wait/2"), method="POST")
        return response

    def outside(self, page: PageCall, attempt: int, digits: str = "") -> VoiceResponse:
        """After star, while the client is called: wait on, or let them be?"""
        response = VoiceResponse()
        opening = sentence("page.not_understood", page.language) if digits else ""
        action = self._of(page, f"calling/{attempt}")
        ask(response, [opening, sentence("room.client_menu", page.language)], page.language, action, action)
        return response

    # --- the client ------------------------------------------------------------------------------

    def answered(self, side: SideView) -> VoiceResponse:
        """Before both are connected a person must press a key, which no mailbox does."""
        if side.state not in UNDECIDED:
            return self._too_late(side)
        response = VoiceResponse()
        heard = [self._who_asks(side)]
        action = self._urls.twiml(f"/voice/client/{side.token}/key")
        ask(response, heard, side.language, action, action, seconds=SCREEN_SECONDS)
        return response

    def _who_asks(self, side: SideView) -> str:
        """Whoever did not call themselves hears that somebody did, and about what."""
        if not side.caller_gave_pin:
            return sentence("callback.screen", side.language, name=side.asked_by)
        about = side.integration or word("integration", None, side.language)
        facts = {"client": side.client, "integration": about, "name": side.asked_by}
        return sentence("callback.screen_pin", side.language, **facts)

    def _too_late(self, side: SideView) -> VoiceResponse:
        response = VoiceResponse()
        key = "callback.no_key" if side.state is SideState.FAILED else "callback.gone"
        say(response, [sentence(key, side.language)], side.language)
        response.hangup()
        return response

    def moment(self, language: str) -> VoiceResponse:
        """What the client hears who is in the conference before the engineer is back in it."""
        response = VoiceResponse()
        response.pause(length=2)
        say(response, [sentence("callback.moment", language)], language)
        response.redirect(self._urls.twiml(f"/voice/rooms/moment/{language}"), method="POST")
        return response

    def _of(self, page: PageCall, what: str) -> str:
        return self._urls.twiml(f"/voice/pages/{page.token}/{what}")


def add_callback_routes(blueprint: Blueprint, voice: Voice) -> None:
    script = CallBackScript(voice.urls)
    _add_engineer_routes(blueprint, voice, script)
    _add_client_routes(blueprint, voice, script)


def _add_engineer_routes(blueprint: Blueprint, voice: Voice, script: CallBackScript) -> None:
    @blueprint.post("/pages/<token>/call-client/<int:attempt>")
    def call_client(token: str, attempt: int) -> Response:
        page, digits, at = _page(voice, token), keyed(), voice.clock.now()
        if digits == "1" and page.is_mine and (talks := voice.dispatcher.talk_now(token, call_sid(), at)):
            return twiml(voice.room.connecting(talks))
        is_reachable = page.caller or page.client_holds_the_line
        if digits not in ("1", NOT_NOW) and page.is_mine and is_reachable and attempt < TRIES:
            return twiml(voice.engineer.ask_to_call_again(page, attempt + 1, digits))
        if digits != "1":
            return twiml(voice.engineer.dispose(page, 1))
        called = voice.dispatcher.call_client(token, call_sid(), at) or page
        if called.is_calling:
            return twiml(script.call_client(called))
        if called.is_talking:
            return twiml(voice.room.back(called))
        return twiml(voice.engineer.after_talk(called))

    @blueprint.post("/pages/<token>/calling/<int:attempt>")
    def calling(token: str, attempt: int) -> Response:
        """They stepped out while the client is called. Who has come in meanwhile is not left alone."""
        page, at, digits = _page(voice, token), voice.clock.now(), keyed()
        if page.is_talking or (page.is_calling and digits == "1"):
            return twiml(voice.room.back(page))
        if page.is_calling and digits != STOP:
            back = attempt >= TRIES
            return twiml(voice.room.back(page) if back else script.outside(page, attempt + 1, digits))
        return twiml(voice.engineer.after_talk(voice.dispatcher.conversation_ended(token, at) or page))

    @blueprint.post("/pages/<token>/calling-wait/<int:turn>")
    def calling_wait(token: str, turn: int) -> Response:
        return twiml(script.waiting(_page(voice, token), turn))


def _add_client_routes(blueprint: Blueprint, voice: Voice, script: CallBackScript) -> None:
    def document(side: SideView | None) -> Response:
        """They are a caller like others once the key was pressed; before, they are asked for it."""
        call = voice.dispatcher.call(call_sid())
        if call is not None:
            return twiml(voice.caller.document(call))
        return twiml(script.answered(side or abort(404)))

    @blueprint.post("/client/<token>/answer")
    def client_answer(token: str) -> Response:
        return document(voice.dispatcher.side_reached(token, call_sid(), voice.clock.now()))

    @blueprint.post("/client/<token>/key")
    def client_key(token: str) -> Response:
        at = voice.clock.now()
        if keyed():
            return document(voice.dispatcher.client_key(token, at, call_sid()))
        return document(voice.dispatcher.side_silent(token, at))

    @blueprint.post("/client/<token>/status")
    def client_status(token: str) -> Response:
        sequence = request.form.get("SequenceNumber")
        count = whole_number(sequence) if sequence is not None else None
        status = request.form.get("CallStatus", "")
        voice.dispatcher.side_status(token, call_sid(), status, count, voice.clock.now())
        return done()

    @blueprint.post("/rooms/moment/<language>")
    def moment(language: str) -> Response:
        return twiml(script.moment(spoken(language)))


def _so_far(page: PageCall) -> str:
    if page.client_answered:
        return "room.client_answered"
    if page.is_calling:
        return "room.client_rings"
    return "page.connecting_client" if page.is_talking else "room.client_missed"


def _page(voice: Voice, token: str) -> PageCall:
    return voice.dispatcher.page(token) or abort(404)
