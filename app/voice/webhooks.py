"""Twilio's voice webhooks: each reads the clock once, makes an event, and answers TwiML with 200.

Nothing is parsed before the signature is checked. When anything inside breaks,
the caller is put through all the same (see ``app.voice.failopen``).
"""

import re
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from flask import Blueprint, Response, abort, g, request
from twilio.twiml.voice_response import VoiceResponse

from app.playing import sound
from app.voice.asked import call_sid, field, keyed, whole_number
from app.voice.caller import CallerScript
from app.voice.drills import add_drill_routes
from app.voice.engineer import TRIES, EngineerScript
from app.voice.failopen import NO_WORKER, FailOpen
from app.voice.rooms import RoomScript
from app.voice.signature import Signature
from app.voice.speech import speaking
from app.voice.urls import Urls
from app.voice.walks import add_walk_routes
from oncall import intake
from oncall.dispatcher import Dispatcher
from oncall.dispatcher.callers import Ringing
from oncall.intake import Call
from oncall.ports import ENDED, Clock

STARTED_BY_US = "StartCallRecordingAPI"  # the source of a recording that is a conversation
_RECORDING = re.compile(r"RE[0-9a-fA-F]{32}")
# What networks send for a withheld number: "anonymous", "restricted" and their like, on a keypad.
_WITHHELD = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253", "+464"})


@dataclass(frozen=True, slots=True)
class Voice:
    """What the webhooks need, put together by the wiring."""

    dispatcher: Dispatcher
    signature: Signature
    caller: CallerScript
    engineer: EngineerScript
    fail_open: FailOpen
    clock: Clock
    on_forged: Callable[[], None]
    urls: Urls
    page_from: str  # the number that pages: the staff may call it back
    room: RoomScript

    def staff_language(self, call: Ringing) -> str | None:
        """The language of an engineer or manager who calls the number that pages; None for any other call."""
        if call.line != self.page_from or call.caller is None:
            return None
        person = self.dispatcher.books.current().person_with_phone(call.caller)
        return str(person.language) if person else None


def guard(blueprint: Blueprint, signature: Signature, on_forged: Callable[[], None]) -> None:
    """Refuse what Twilio did not sign: 403, and nothing is written.

    Sound is fetched by GET, under a token that only our own TwiML names.
    """

    @blueprint.before_request
    def check_signature() -> None:
        if request.method in ("GET", "HEAD"):
            return
        if not signature.is_valid(
            request.environ, request.form, request.headers.get("X-Twilio-Signature", "")
        ):
            on_forged()
            abort(403)


def voice_blueprint(voice: Voice, more: Iterable[Callable[[Blueprint, Voice], None]] = ()) -> Blueprint:
    """The webhooks of calls and pages, and ``more`` of them."""
    blueprint = Blueprint("voice", __name__, url_prefix="/voice")
    guard(blueprint, voice.signature, voice.on_forged)
    blueprint.before_request(_refuse_no_call)
    _speak_as_chosen(blueprint, voice)
    _add_caller_routes(blueprint, voice)
    _add_waiting_routes(blueprint, voice)
    _add_page_routes(blueprint, voice)
    add_walk_routes(blueprint, voice.dispatcher)
    add_drill_routes(blueprint, voice.dispatcher, voice.clock, voice.urls)
    for add_routes in more:
        add_routes(blueprint, voice)
    voice.fail_open.add_routes(blueprint)
    return blueprint


def _speak_as_chosen(blueprint: Blueprint, voice: Voice) -> None:
    """The voices of the rosters, for as long as the request lasts."""

    @blueprint.before_request
    def choose() -> None:
        g.voices = ExitStack()
        g.voices.enter_context(speaking(voice.dispatcher.books.current().service.voices))

    @blueprint.teardown_request
    def forget(_error: BaseException | None) -> None:
        if "voices" in g:
            g.pop("voices").close()


def _refuse_no_call() -> Response | None:
    """A webhook that speaks of no call has nobody to answer to."""
    if request.method != "POST" or request.form.get("CallSid"):
        return None
    response = VoiceResponse()
    response.hangup()
    return twiml(response)


def twiml(document: VoiceResponse) -> Response:
    return Response(str(document), content_type="text/xml; charset=utf-8")


def done() -> Response:
    return Response(status=204)


# --- callers -------------------------------------------------------------------------------------


def _add_caller_routes(blueprint: Blueprint, voice: Voice) -> None:
    @blueprint.post("/incoming")
    def incoming() -> Response:
        language = voice.staff_language(ringing())
        if language is not None:
            return twiml(voice.engineer.ask_code(language, 1))
        return twiml(voice.caller.document(voice.dispatcher.arrive(ringing(), voice.clock.now())))

    @blueprint.post("/status")
    def status() -> Response:
        if request.form.get("CallStatus") in ENDED:
            at = voice.clock.now()
            if voice.dispatcher.hear(call_sid(), intake.HungUp(), at) is None:
                voice.dispatcher.leg_over(call_sid(), at)
        return done()

    @blueprint.post("/calls/<int:turn>/key")
    @blueprint.post("/calls/<int:turn>/silence")
    def key(turn: int) -> Response:
        return twiml(voice.caller.document(_hear(voice, intake.KeyPressed(turn, keyed()))))

    @blueprint.post("/calls/<int:turn>/recorded")
    def recorded(turn: int) -> Response:
        seconds = whole_number(request.form.get("RecordingDuration"))
        call = _hear(voice, intake.Recorded(turn, seconds))
        _keep_recording(voice)
        return twiml(voice.caller.document(call))

    @blueprint.post("/recordings")
    def recording_ready() -> Response:
        status = request.form.get("RecordingStatus")
        if status == "completed":
            _keep_recording(voice)
        elif status == "absent" and _RECORDING.fullmatch(field("RecordingSid")):
            voice.dispatcher.recording_absent(call_sid(), field("RecordingSid"), voice.clock.now())
        return done()

    @blueprint.get("/recordings/<token>.wav")
    def recording(token: str) -> Response:
        audio = voice.dispatcher.recording(token)
        return sound(audio) if audio is not None else abort(404)

    @blueprint.post("/dial-in/<int:attempt>")
    def dial_in(attempt: int) -> Response:
        """The code of a text, keyed by somebody who calls the number that pages."""
        call = ringing()
        page = voice.dispatcher.code_keyed(call.caller or "", keyed(), voice.clock.now(), call.sid)
        if page is not None:
            return twiml(voice.engineer.after_key(page, "1", TRIES))
        language = voice.staff_language(call) or "es"
        if attempt < TRIES:
            return twiml(voice.engineer.ask_code(language, attempt + 1))
        return twiml(voice.engineer.nothing_to_do(language))


def _add_waiting_routes(blueprint: Blueprint, voice: Voice) -> None:
    @blueprint.post("/calls/<int:turn>/wait")
    def wait(turn: int) -> Response:
        call = _hear(voice, intake.KeyPressed(turn, ""))
        if voice.dispatcher.is_stranded(call, voice.clock.now()):
            return twiml(voice.caller.out_of_the_queue())  # asks for what follows: below
        return twiml(voice.caller.waiting_document(call, voice.dispatcher.waiting(call)))

    @blueprint.post("/calls/<int:turn>/wait-key")
    def wait_key(turn: int) -> Response:
        digits = keyed()
        call = _hear(voice, intake.KeyPressed(turn, digits))
        return twiml(voice.caller.waiting_key_document(call, digits))

    @blueprint.post("/calls/<int:turn>/left")
    @blueprint.post("/calls/now", defaults={"turn": 0})
    def now(turn: int) -> Response:
        call = _current(voice)
        gone = request.form.get("QueueResult") == "hangup"
        if gone:
            call = _hear(voice, intake.HungUp())
        if voice.dispatcher.is_stranded(call, voice.clock.now()):
            return voice.fail_open.put_through(NO_WORKER, by_turns=True)
        return twiml(voice.caller.document(call))

    @blueprint.post("/calls/<int:turn>/talked")
    def talked(turn: int) -> Response:
        return twiml(voice.caller.document(_hear(voice, intake.ConversationEnded(turn))))

    @blueprint.post("/conference-wait")
    def conference_wait() -> Response:
        response = VoiceResponse()
        response.pause(length=5)
        return twiml(response)


# --- engineers -----------------------------------------------------------------------------------


def _add_page_routes(blueprint: Blueprint, voice: Voice) -> None:
    @blueprint.post("/pages/<token>/answer")
    def answer(token: str) -> Response:
        page = voice.dispatcher.page_reached(token, call_sid(), voice.clock.now())
        if page is None:
            abort(404)
        return twiml(voice.engineer.answered(page, 1))

    @blueprint.post("/pages/<token>/key/<int:attempt>")
    def page_key(token: str, attempt: int) -> Response:
        digits, at = keyed(), voice.clock.now()
        if (
            digits == "4"
            and (several := voice.dispatcher.page_reached(token, call_sid(), at))
            and several.also
        ):
            return twiml(voice.engineer.one_by_one(several, 1))
        if digits in ("3", "*"):
            page = voice.dispatcher.page_reached(token, call_sid(), at)
        elif digits not in ("1", "2") and attempt >= TRIES:
            page = voice.dispatcher.page_silent(token, at)
        else:
            page = voice.dispatcher.page_key(token, digits, at, call_sid())
        if page is None:
            abort(404)
        return twiml(voice.engineer.after_key(page, digits, attempt))

    @blueprint.post("/pages/<token>/each/<int:attempt>")
    def each(token: str, attempt: int) -> Response:
        digits, at = keyed(), voice.clock.now()
        page, following = voice.dispatcher.one_of_several(token, digits, at)
        if page is None:
            abort(404)
        if digits not in ("1", "2") and attempt < TRIES:
            voice.dispatcher.page_reached(token, call_sid(), at)
            return twiml(voice.engineer.one_by_one(page, attempt + (digits != "*")))
        if following is not None:
            return twiml(voice.engineer.one_by_one(following, 1))
        return twiml(voice.engineer.heard_all(voice.dispatcher.connect(token, at) or page))

    @blueprint.post("/pages/<token>/status")
    def page_status(token: str) -> Response:
        sequence = request.form.get("SequenceNumber")
        number = whole_number(sequence) if sequence is not None else None
        status = request.form.get("CallStatus", "")
        voice.dispatcher.page_status(token, call_sid(), status, number, voice.clock.now())
        return done()


# --- what a request says -------------------------------------------------------------------------


def ringing() -> Ringing:
    """The call of this request, as Twilio describes it; a withheld or broken number is no number.

    Of a call that we placed, the line is ours, and who is called takes the caller's place.
    """
    form = request.form
    is_ours = form.get("Direction") == "outbound-api"
    theirs, line = ("To", "From") if is_ours else ("From", "To")
    caller = e164(form.get(theirs, ""))
    return Ringing(
        sid=call_sid(),
        line=e164(form.get(line, "")) or field(line),
        caller=caller,
        withheld=caller is None,
        attestation=field("StirVerstat"),
    )


@lru_cache(maxsize=1024)  # the same few lines and callers, in every webhook
def e164(number: str) -> str | None:
    """The number in E.164, or None for ``anonymous``, nothing, or what no telephone has."""
    if not number.startswith("+") or len(number) > 20 or number in _WITHHELD:
        return None
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _hear(voice: Voice, event: intake.Event) -> Call:
    """The call after ``event``; a call never seen is taken in as if it had just arrived."""
    at = voice.clock.now()
    call = voice.dispatcher.hear(call_sid(), event, at)
    return call if call is not None else voice.dispatcher.arrive(ringing(), at)


def _current(voice: Voice) -> Call:
    call = voice.dispatcher.call(call_sid())
    return call if call is not None else voice.dispatcher.arrive(ringing(), voice.clock.now())


def _keep_recording(voice: Voice) -> None:
    sid = request.form.get("RecordingSid", "")
    if _RECORDING.fullmatch(sid):
        seconds = whole_number(request.form.get("RecordingDuration"))
        is_talk = field("RecordingSource") == STARTED_BY_US
        voice.dispatcher.recorded(call_sid(), sid, seconds, voice.clock.now(), is_talk)


__all__ = [
    "STARTED_BY_US",
    "Voice",
    "done",
    "e164",
    "guard",
    "ringing",
    "twiml",
    "voice_blueprint",
]
