"""Twilio's webhooks about a conversation: its end, what an engineer does in it, and who is brought in."""

from flask import Blueprint, Response, abort, request

from app.voice.asked import call_sid, keyed, spoken, whole_number
from app.voice.callbacks import CallBackScript
from app.voice.engineer import TRIES
from app.voice.webhooks import Voice, done, twiml
from oncall.commands import eta_hours
from oncall.dispatcher import PageCall, SideView
from oncall.dispatcher.conversing import Who
from oncall.escalation import Answer, By
from oncall.ports import ENDED

_ANSWERS = {"1": Answer.WORKING, "2": Answer.SOLVED, "3": Answer.HANDED_OVER}


def add_conversation_routes(blueprint: Blueprint, voice: Voice) -> None:
    _add_end_routes(blueprint, voice)
    _add_entering_routes(blueprint, voice)
    _add_answer_routes(blueprint, voice)
    _add_menu_routes(blueprint, voice)
    _add_side_routes(blueprint, voice)
    _add_room_routes(blueprint, voice)


def _add_end_routes(blueprint: Blueprint, voice: Voice) -> None:
    outside = CallBackScript(voice.urls)

    @blueprint.post("/pages/<token>/talked")
    def page_talked(token: str) -> Response:
        """The engineer's leg left the conference: by star, fetched, or because all is over."""
        page, at = _page(voice, token), voice.clock.now()
        if voice.dispatcher.talks_elsewhere(token, call_sid()):
            return twiml(voice.engineer.nothing_to_do(page.language))
        if request.form.get("CallStatus") not in ENDED:
            if page.is_calling:
                return twiml(outside.outside(page, 1))
            if stepped_out := voice.dispatcher.step_out(token, at):
                return twiml(voice.room.one_moment(stepped_out))
        page = voice.dispatcher.conversation_ended(token, at) or page
        return twiml(voice.engineer.after_talk(page))


def _add_entering_routes(blueprint: Blueprint, voice: Voice) -> None:
    """Where legs are brought that were not found in the conversation."""

    @blueprint.post("/pages/<token>/room")
    def page_room(token: str) -> Response:
        page = _page(voice, token)
        return twiml(voice.room.once_more(page) if page.is_talking else voice.engineer.dispose(page, 1))

    @blueprint.post("/pages/<token>/apart")
    def page_apart(token: str) -> Response:
        return twiml(voice.engineer.not_connected(_page(voice, token)))

    @blueprint.post("/side/<token>/room")
    def side_room(token: str) -> Response:
        return twiml(voice.room.side_decided(_known(voice.dispatcher.side(token))))


def _add_answer_routes(blueprint: Blueprint, voice: Voice) -> None:
    @blueprint.post("/pages/<token>/disposition/<int:attempt>")
    def disposition(token: str, attempt: int) -> Response:
        page = _page(voice, token)
        answer = _ANSWERS.get(keyed())
        if answer is None and attempt < TRIES:
            return twiml(voice.engineer.dispose(page, attempt + 1))
        given = answer or Answer.NONE
        page = voice.dispatcher.disposition(token, given, voice.clock.now()) or page
        return twiml(voice.engineer.disposed(page, given))

    @blueprint.post("/pages/<token>/eta/<int:attempt>")
    def eta(token: str, attempt: int) -> Response:
        page, hours = _page(voice, token), eta_hours(keyed())
        if hours is not None:
            page = voice.dispatcher.give_eta(token, hours, By.KEY, voice.clock.now()) or page
        elif attempt < TRIES:
            return twiml(voice.engineer.ask_eta(page, attempt + 1))
        return twiml(voice.engineer.eta_noted(page, hours))


def _add_menu_routes(blueprint: Blueprint, voice: Voice) -> None:
    @blueprint.post("/pages/<token>/menu/<int:attempt>")
    def menu(token: str, attempt: int) -> Response:
        """The engineer stepped out: 1 back, 2 back and the client on hold, 3 and 4 bring somebody in,
        5 hand over, 6 end.
        """
        page, at, digits = _page(voice, token), voice.clock.now(), keyed()
        if not page.is_talking:
            page = voice.dispatcher.conversation_ended(token, at) or page
            return twiml(voice.engineer.after_talk(page))
        voice.dispatcher.stayed_out(token, at)
        if digits in ("1", "2"):
            return twiml(voice.room.back(voice.dispatcher.hold(token, digits == "2", at) or page))
        if digits in ("3", "4"):
            who = Who.NEXT if digits == "3" else Who.MANAGER
            called, name = voice.dispatcher.bring_in(token, who, at)
            opening = "room.calling" if name else "room.nobody_to_call"
            return twiml(voice.room.menu(called or page, 1, opening, name=name or ""))
        if digits == "5":
            page = voice.dispatcher.hand_over(token, at) or page
            return twiml(voice.engineer.disposed(page, Answer.HANDED_OVER))
        if digits == "6":
            page = voice.dispatcher.end_talk(token, at) or page
            return twiml(voice.engineer.after_talk(page))
        return twiml(voice.room.menu(page, attempt, "page.not_understood" if digits else ""))

    @blueprint.post("/pages/<token>/menu-silence/<int:attempt>")
    def menu_silence(token: str, attempt: int) -> Response:
        """Nobody presses a key: after a while back to the client, who is on hold."""
        page, at = _page(voice, token), voice.clock.now()
        if not page.is_talking:
            page = voice.dispatcher.conversation_ended(token, at) or page
            return twiml(voice.engineer.after_talk(page))
        if attempt < TRIES:
            return twiml(voice.room.menu(page, attempt + 1))
        return twiml(voice.room.back(voice.dispatcher.hold(token, False, at) or page))


def _add_side_routes(blueprint: Blueprint, voice: Voice) -> None:
    @blueprint.post("/side/<token>/answer")
    def side_answer(token: str) -> Response:
        side = voice.dispatcher.side_reached(token, call_sid(), voice.clock.now())
        return twiml(voice.room.side_answered(_known(side), 1))

    @blueprint.post("/side/<token>/key/<int:attempt>")
    def side_key(token: str, attempt: int) -> Response:
        at, digits = voice.clock.now(), keyed()
        if digits in ("1", "2", "3"):
            side = _known(voice.dispatcher.side_key(token, digits, at, call_sid()))
        elif attempt >= TRIES:
            side = _known(voice.dispatcher.side_silent(token, at))
        else:
            side = _known(voice.dispatcher.side_reached(token, call_sid(), at))
        return twiml(voice.room.side_answered(side, min(attempt + 1, TRIES), digits))

    @blueprint.post("/side/<token>/out")
    def side_out(token: str) -> Response:
        return twiml(voice.room.side_out(_known(voice.dispatcher.side_out(token, voice.clock.now()))))

    @blueprint.post("/side/<token>/status")
    def side_status(token: str) -> Response:
        sequence = request.form.get("SequenceNumber")
        count = whole_number(sequence) if sequence is not None else None
        status = request.form.get("CallStatus", "")
        voice.dispatcher.side_status(token, call_sid(), status, count, voice.clock.now())
        return done()


def _add_room_routes(blueprint: Blueprint, voice: Voice) -> None:
    @blueprint.post("/rooms/hold/<language>")
    def hold(language: str) -> Response:
        return twiml(voice.room.on_hold(spoken(language), voice.dispatcher.held(call_sid())))

    @blueprint.post("/rooms/unrecorded/<language>")
    def unrecorded(language: str) -> Response:
        """To one of ours in the conversation: what they were told of it is not so any more."""
        return twiml(voice.room.unrecorded(spoken(language)))

    @blueprint.post("/side/<token>/announce/<language>")
    def announce(token: str, language: str) -> Response:
        """To one who is in the conversation: who has come in, or that nobody could be reached."""
        return twiml(voice.room.announcement(_known(voice.dispatcher.side(token)), spoken(language)))


def _page(voice: Voice, token: str) -> PageCall:
    return voice.dispatcher.page(token) or abort(404)


def _known(side: SideView | None) -> SideView:
    return side or abort(404)
