"""The conversation: the conference, what an engineer hears on stepping out of it, and who is brought in."""

from twilio.twiml.voice_response import Dial, VoiceResponse

from app.locales import spoken_names
from app.locales.entries import word
from app.voice.speech import ask, say, sentence
from app.voice.urls import Urls
from oncall.dispatcher import Held, PageCall, SideView
from oncall.sidecalls import Purpose, SideState

NOBODY_SPEAKS = "/voice/conference-wait"  # it is a matter of seconds
HOLD_SECONDS = 12  # of silence between two words to who is on hold
FRESH_ROOM_SECONDS = 2  # until a conference that did not start is empty


class RoomScript:
    def __init__(self, urls: Urls) -> None:
        self._urls = urls

    # --- the engineer, outside for a moment ------------------------------------------------------

    def one_moment(self, page: PageCall) -> VoiceResponse:
        """After star. If it was the client who left, we hear so within this sentence."""
        response = VoiceResponse()
        say(response, [sentence("room.one_moment", page.language)], page.language)
        response.redirect(self._of_page(page, "menu/1"), method="POST")
        return response

    def menu(self, page: PageCall, attempt: int, opening: str = "", **facts: object) -> VoiceResponse:
        """The client is on hold: what now? ``opening`` names the sentence heard first."""
        response = VoiceResponse()
        first = [sentence(opening, page.language, **facts)] if opening else self._meanwhile(page)
        action = self._of_page(page, f"menu/{attempt}")
        keys = sentence("room.menu", page.language)
        ask(response, [*first, keys], page.language, action, self._of_page(page, f"menu-silence/{attempt}"))
        return response

    def _meanwhile(self, page: PageCall) -> list[str]:
        """How it is in there: who has come in finds nobody to talk to until the engineer is back."""
        names = spoken_names(page.guests, page.language)
        inside = sentence("room.inside", page.language, names=names) if page.guests else ""
        return [inside, sentence("room.on_hold", page.language)]

    def back(self, page: PageCall) -> VoiceResponse:
        """Into the conference again."""
        response = VoiceResponse()
        enter_room(response, page, self._urls)
        return response

    def connecting(self, page: PageCall) -> VoiceResponse:
        """To the client who waits in our hands."""
        response = VoiceResponse()
        connecting = sentence("page.connecting_client", page.language, names=who_waits(page))
        heard = [connecting, told_of_recording(page)]
        say(response, heard, page.language)
        enter_room(response, page, self._urls)
        return response

    def once_more(self, page: PageCall) -> VoiceResponse:
        """Into a conference in which they were not found: a new one, once the client has left it, too."""
        response = VoiceResponse()
        say(response, [sentence("room.one_moment", page.language)], page.language)
        response.pause(length=FRESH_ROOM_SECONDS)
        enter_room(response, page, self._urls)
        return response

    # --- who is called aside ---------------------------------------------------------------------

    def side_answered(self, side: SideView, attempt: int, digits: str = "") -> VoiceResponse:
        """Who asks, who waits and why, and the keys: only a person is let in."""
        if side.state not in (SideState.REQUESTED, SideState.RINGING, SideState.ANSWERED):
            return self.side_decided(side)
        response = VoiceResponse()
        action = f"key/{attempt}"
        opening = sentence("page.not_understood", side.language) if digits else ""
        heard = [opening, *self._intro(side), sentence(f"side.{side.purpose}.keys", side.language)]
        ask(response, heard, side.language, self._of_side(side, action), self._of_side(side, action))
        return response

    def side_decided(self, side: SideView) -> VoiceResponse:
        """What follows the key, seen from the state it left behind."""
        response = VoiceResponse()
        if side.state is SideState.JOINED and side.talks_on:
            self._enter(response, side)
            return response
        key = {
            SideState.OVER: "side.check.done" if side.purpose is Purpose.CHECK else "side.over",
            SideState.DECLINED: "side.declined",
            SideState.FAILED: "page.no_key",
        }.get(side.state, "side.over")
        if not side.asked_by and side.purpose is not Purpose.CHECK and key != "side.over":
            key = "voice.goodbye"  # nobody else is called: they wanted it themselves
        if key == "side.check.done" and not side.is_theirs:
            key = "page.disposition_done.handed_over"
        say(response, [sentence(key, side.language)], side.language)
        response.hangup()
        return response

    def side_out(self, side: SideView) -> VoiceResponse:
        response = VoiceResponse()
        say(response, [sentence("side.over", side.language)], side.language)
        response.hangup()
        return response

    def _intro(self, side: SideView) -> list[str]:
        facts = {
            "client": side.client or word("client", None, side.language),
            "integration": side.integration or word("integration", None, side.language),
            "priority": word("priority", side.priority, side.language),
            "name": side.asked_by,
        }
        is_own = side.purpose is Purpose.JOIN and not side.asked_by
        what = f"side.{Purpose.LISTEN if is_own else side.purpose}"
        return [sentence("page.intro", side.language), sentence(what, side.language, **facts)]

    def _enter(self, response: VoiceResponse, side: SideView) -> None:
        entering = "side.entering_to_listen" if side.purpose is Purpose.LISTEN else "side.entering"
        held = sentence("side.client_on_hold", side.language) if side.is_held else ""
        say(response, [sentence(entering, side.language), held, told_of_recording(side)], side.language)
        dial = response.dial(action=self._of_side(side, "out"), method="POST")
        conference(
            dial,
            side.case,
            self._urls,
            ends_with_this_leg=False,
            muted=side.purpose is Purpose.LISTEN,
        )

    # --- inside the conference -------------------------------------------------------------------

    def on_hold(self, language: str, held: Held | None) -> VoiceResponse:
        """What who is on hold hears, again and again: what is true by then."""
        response = VoiceResponse()
        say(response, [_hold_word(held, language)], language)
        response.pause(length=HOLD_SECONDS)
        response.redirect(self._urls.twiml(f"/voice/rooms/hold/{language}"), method="POST")
        return response

    def unrecorded(self, language: str) -> VoiceResponse:
        response = VoiceResponse()
        say(response, [sentence("room.announce.unrecorded", language)], language)
        return response

    def announcement(self, side: SideView, language: str) -> VoiceResponse:
        """Who has come in; or, for a call that came to nothing, that nobody could be reached."""
        response = VoiceResponse()
        what = side.purpose if side.state is SideState.JOINED else "unreached"
        say(response, [sentence(f"room.announce.{what}", language, name=side.name.split()[0])], language)
        return response

    # --- inside ---

    def _of_page(self, page: PageCall, what: str) -> str:
        return self._urls.twiml(f"/voice/pages/{page.token}/{what}")

    def _of_side(self, side: SideView, what: str) -> str:
        return self._urls.twiml(f"/voice/side/{side.token}/{what}")


def _hold_word(held: Held | None, language: str) -> str:
    if held is None:
        return sentence("room.you_are_on_hold", language)
    if held.called:
        return sentence("room.hold_calling", language, name=held.engineer, called=held.called)
    if held.guests:
        names = spoken_names(held.guests, language)
        return sentence("room.hold_inside", language, name=held.engineer, names=names)
    return sentence("room.hold_back_soon", language, name=held.engineer)


def who_waits(page: PageCall) -> str:
    """Who they are put through to, by name; or of which client it is somebody."""
    named = page.who_waits or (page.client or word("client", None, page.language),)
    return spoken_names(named, page.language)


def told_of_recording(who: PageCall | SideView) -> str:
    """What whoever of ours enters a conversation hears before, if it is recorded."""
    return sentence("room.recorded", who.language) if who.is_recorded else ""


def enter_room(response: VoiceResponse, page: PageCall, urls: Urls) -> None:
    """An engineer meets the client. Star leads out for a moment; it does not end when they leave."""
    action = urls.twiml(f"/voice/pages/{page.token}/talked")
    dial = response.dial(action=action, method="POST", hangup_on_star=True)
    wait = f"/voice/pages/{page.token}/calling-wait/1" if page.is_calling else NOBODY_SPEAKS
    conference(dial, page.case, urls, ends_with_this_leg=False, wait=wait)


def conference(
    dial: Dial,
    case: int | None,
    urls: Urls,
    ends_with_this_leg: bool = True,
    muted: bool = False,
    wait: str = NOBODY_SPEAKS,
) -> None:
    """The room in which callers and the engineer meet; when it ends, who is left hears how it goes on.

    ``wait`` is the path of what is heard by who is the first to come in.
    """
    more = (
        {"muted": True, "start_conference_on_enter": False} if muted else {"start_conference_on_enter": True}
    )
    dial.conference(
        f"guardia-{case}",
        beep=False,
        end_conference_on_exit=ends_with_this_leg,
        wait_url=urls.twiml(wait),
        wait_method="POST",
        **more,
    )
