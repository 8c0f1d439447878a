"""What an engineer hears: the page, in the order that a person just woken can use, and what follows a key."""

from twilio.twiml.voice_response import VoiceResponse

from app.locales import spoken_names, spoken_reference, spoken_time
from app.locales.entries import word
from app.voice.rooms import enter_room, told_of_recording, who_waits
from app.voice.speech import ask, say, sentence
from app.voice.urls import Urls
from oncall.dispatcher import PageCall
from oncall.escalation import Answer, PageState, State
from oncall.intake import Farewell

TRIES = 3


class EngineerScript:
    def __init__(self, urls: Urls) -> None:
        self._urls = urls

    def answered(self, page: PageCall, attempt: int, opening: str = "") -> VoiceResponse:
        """The page: that it is the guard, the priority, the client, the integration, the keys."""
        response = VoiceResponse()
        if page.state is not State.OPEN:
            return self._no_longer_open(response, page)
        self._ask(response, page, [opening, *self._incident(page), *self._keys(page)], "key", attempt)
        return response

    def ask_code(self, language: str, attempt: int) -> VoiceResponse:
        """Somebody of the staff calls the number that pages: which incident, and are they who they say?"""
        response = VoiceResponse()
        opening = sentence("page.wrong_code", language) if attempt > 1 else sentence("page.intro", language)
        action = self._urls.twiml(f"/voice/dial-in/{attempt}")
        ask(response, [opening, sentence("page.ask_code", language)], language, action, action, finish_on="#")
        return response

    def nothing_to_do(self, language: str) -> VoiceResponse:
        """No code came; or the conversation goes on without this phone."""
        response = VoiceResponse()
        say(response, [sentence("page.nothing_to_do", language)], language)
        response.hangup()
        return response

    def after_key(self, page: PageCall, digits: str, attempt: int) -> VoiceResponse:
        """What follows a key, seen from the state it left behind."""
        response = VoiceResponse()
        if page.is_mine:
            return self._taken(response, page)
        if page.state is not State.OPEN:
            return self._no_longer_open(response, page)
        if page.page_state is PageState.PASSED:
            return self._goodbye(response, page, "page.passed")
        if digits == "3":
            return self._client_message(response, page, attempt)
        if digits == "*":
            return self.answered(page, attempt)
        if attempt >= TRIES:
            return self._goodbye(response, page, "page.no_key")
        opening = self._in(page, "page.not_understood") if digits else ""
        return self.answered(page, attempt + 1, opening)

    def one_by_one(self, page: PageCall, attempt: int) -> VoiceResponse:
        """One of several incidents that share this call, to be taken or left by itself."""
        response = VoiceResponse()
        heard = [*self._incident(page)[1:], self._in(page, "page.each")]
        self._ask(response, page, heard, "each", attempt)
        return response

    def heard_all(self, page: PageCall) -> VoiceResponse:
        """After the last of several: to the client of what was taken, or goodbye."""
        response = VoiceResponse()
        return (
            self._taken(response, page) if page.is_mine else self._goodbye(response, page, "page.each_done")
        )

    def dispose(self, page: PageCall, attempt: int, opening: str = "") -> VoiceResponse:
        """After the conversation: how does it go on?"""
        response = VoiceResponse()
        if not page.is_mine and page.state is State.OPEN:
            return self._goodbye(response, page, f"page.disposition_done.{Answer.HANDED_OVER}")
        if not page.is_mine:
            return self._no_longer_open(response, page)
        self._ask(response, page, [opening, self._in(page, "page.disposition")], "disposition", attempt)
        return response

    def after_talk(self, page: PageCall) -> VoiceResponse:
        """The conversation is over, or the client did not answer: who else waits to be called; or how now?

        Of who hung up before there was one, that they did, and the key that calls them.
        """
        opening = self._in(page, "page.client_no_answer") if page.was_missed else ""
        if page.was_cut_short and page.is_mine and page.caller is not None and not page.client_is_waiting:
            return self.ask_to_call(page, 1, "")
        if not page.owes_call or not page.is_mine or page.client_is_waiting:
            return self.dispose(page, 1, opening)
        response = VoiceResponse()
        another = [self._in(page, "page.another_owed"), *self._whom_to_call(page)]
        heard = [opening, *another, self._in(page, "page.call_or_not")]
        self._ask(response, page, heard, "call-client", 1)
        return response

    def ask_eta(self, page: PageCall, attempt: int) -> VoiceResponse:
        """After "working on it": until when? Nothing depends on the answer."""
        response = VoiceResponse()
        if not page.is_mine:
            return self._no_longer_open(response, page)
        noted = self._in(page, f"page.disposition_done.{Answer.WORKING}")
        opening = noted if attempt == 1 else self._in(page, "page.eta_not_understood")
        action = self._of(page, f"eta/{attempt}")
        ask(response, [opening, self._in(page, "page.ask_eta")], page.language, action, action, finish_on="#")
        return response

    def eta_noted(self, page: PageCall, hours: int | None) -> VoiceResponse:
        if hours is None:
            return self._goodbye(VoiceResponse(), page, "page.no_eta")
        return self._goodbye(VoiceResponse(), page, "page.eta_noted", count=hours)

    def disposed(self, page: PageCall, answer: Answer) -> VoiceResponse:
        if answer is Answer.WORKING:
            return self.ask_eta(page, 1)
        return self._goodbye(VoiceResponse(), page, f"page.disposition_done.{answer}")

    def not_connected(self, page: PageCall) -> VoiceResponse:
        """They and the client were not brought together."""
        if not page.is_mine:
            return self._no_longer_open(VoiceResponse(), page)
        opening = self._in(page, "page.not_connected")
        if page.caller is None and not page.client_holds_the_line:
            return self.dispose(page, 1, opening)
        return self.ask_to_call(page, 1, opening)

    # --- inside ---

    def _incident(self, page: PageCall) -> list[str]:
        return [
            self._in(page, "page.intro"),
            self._in(
                page,
                "page.incident",
                priority=word("priority", page.priority, page.language),
                client=page.client or word("client", None, page.language),
                integration=page.integration or word("integration", None, page.language),
            ),
            self._in(page, "page.disputed") if page.disputed else "",
            self._in(page, "page.unverified") if page.unverified else "",
        ]

    def _keys(self, page: PageCall) -> list[str]:
        """What each key does; with several incidents on the call, that they are several."""
        keys = self._in(page, "page.keys")
        if not page.also:
            return [keys]
        count = len(page.also)
        more = (
            self._in(page, "page.more_one") if count == 1 else self._in(page, "page.more_many", count=count)
        )
        return [more, keys, self._in(page, "page.each_key")]

    def _taken(self, response: VoiceResponse, page: PageCall) -> VoiceResponse:
        references = [page.reference, *(other.reference for other in page.also)]
        spoken = spoken_names([spoken_reference(r) for r in references], page.language)
        key = "page.taken" if len(references) == 1 else "page.all_taken"
        taken = self._in(page, key, **{"reference" if len(references) == 1 else "references": spoken})
        if page.client_is_waiting:
            who = who_waits(page)
            if page.also:
                heard = [taken, self._in(page, "page.connecting_client", names=who)]
            else:  # both are to talk within two seconds
                heard = [self._in(page, "page.taken_on_line", names=who)]
            say(response, [*heard, told_of_recording(page)], page.language)
            enter_room(response, page, self._urls)
            return response
        if page.caller is None and not page.client_holds_the_line:
            say(response, [taken, self._in(page, "page.client_unknown")], page.language)
            response.redirect(self._of(page, "disposition/1"), method="POST")
            return response
        return self.ask_to_call(page, 1, taken)

    def ask_to_call_again(self, page: PageCall, attempt: int, digits: str) -> VoiceResponse:
        """After another key, which is said to be none of these; or after silence."""
        return self.ask_to_call(page, attempt, self._in(page, "page.not_understood") if digits else "")

    def ask_to_call(self, page: PageCall, attempt: int, opening: str) -> VoiceResponse:
        """Nobody is in the conversation: how the client left, and the key that calls them.

        Who holds the line need not be called: the same key puts them through.
        """
        response = VoiceResponse()
        was_freed = page.client_left is Farewell.PROMISED  # by us: they did not hang up on anybody
        keys = self._in(page, "page.call_or_not" if was_freed else "page.client_gone")
        heard = [opening, *self._whom_to_call(page), keys]
        if page.client_holds_the_line:
            heard = [opening, self._in(page, "page.client_holds_the_line")]
        self._ask(response, page, heard, "call-client", attempt)
        return response

    def _whom_to_call(self, page: PageCall) -> list[str]:
        known = "page.client_gave_pin" if page.caller_gave_pin else "page.client_is"
        name = self._in(page, known, name=page.caller_name) if page.caller_name else ""
        if page.client_left is Farewell.CALLBACK:
            return [name, self._in(page, "page.client_asked")]
        if page.promised_by is not None:
            time = spoken_time(page.promised_by, page.timezone, page.language, page.opened_at)
            return [name, self._in(page, "page.client_promised", time=time)]
        if page.client_left is Farewell.PROMISED:
            return [name, self._in(page, "page.client_promised_soon")]
        return [name]

    def _no_longer_open(self, response: VoiceResponse, page: PageCall) -> VoiceResponse:
        if page.is_mine:
            return self._taken(response, page)
        if page.state is State.ACKNOWLEDGED:
            return self._goodbye(response, page, "page.late", name=page.holder_first_name)
        if page.state is State.OPEN:  # theirs no longer: they handed it over, or were not heard from
            return self._goodbye(response, page, f"page.disposition_done.{Answer.HANDED_OVER}")
        return self._goodbye(response, page, "page.over")

    def _client_message(self, response: VoiceResponse, page: PageCall, attempt: int) -> VoiceResponse:
        """What the client said, then the same question again."""
        if page.messages:
            say(response, [self._in(page, "page.message")], page.language)
            for token in page.messages:
                response.play(self._urls.plain(f"/voice/recordings/{token}.wav"))
        else:
            say(response, [self._in(page, "page.no_message")], page.language)
        self._ask(response, page, self._keys(page), "key", attempt)
        return response

    def _goodbye(self, response: VoiceResponse, page: PageCall, key: str, **facts: object) -> VoiceResponse:
        say(response, [self._in(page, key, **facts)], page.language)
        response.hangup()
        return response

    def _ask(
        self, response: VoiceResponse, page: PageCall, sentences: list[str], what: str, attempt: int
    ) -> None:
        action = self._of(page, f"{what}/{attempt}")
        ask(response, sentences, page.language, action, if_silent=action)

    def _of(self, page: PageCall, what: str) -> str:
        return self._urls.twiml(f"/voice/pages/{page.token}/{what}")

    def _in(self, page: PageCall, key: str, **facts: object) -> str:
        return sentence(key, page.language, **facts)
