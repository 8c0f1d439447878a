"""A drill on the telephone: it says first that it is a test, and asks for a key."""

from flask import Blueprint, Response, abort, request
from twilio.twiml.voice_response import VoiceResponse

from app.voice.speech import ask, say, sentence
from app.voice.urls import Urls
from oncall.dispatcher import Dispatcher
from oncall.dispatcher.drilling import DrillCall
from oncall.drills import GOING_ON, State
from oncall.ports import Clock

TRIES = 3


def add_drill_routes(blueprint: Blueprint, dispatcher: Dispatcher, clock: Clock, urls: Urls) -> None:
    @blueprint.post("/drills/<token>/answer")
    def drill_answer(token: str) -> Response:
        return _asked(_known(dispatcher.drill_reached(token, clock.now())), urls, 1)

    @blueprint.post("/drills/<token>/key/<int:attempt>")
    def drill_key(token: str, attempt: int) -> Response:
        if request.form.get("Digits", "")[:1] == "1":
            passed = _known(dispatcher.drill_passed(token, clock.now()))
            return _farewell(passed, "drill.passed", name=passed.name.split()[0])
        drill = _known(dispatcher.drill_reached(token, clock.now()))
        if attempt >= TRIES:
            return _farewell(drill, "drill.no_key")
        return _asked(drill, urls, attempt + 1)

    @blueprint.post("/drills/<token>/status")
    def drill_status(token: str) -> Response:
        status, sid = request.form.get("CallStatus", ""), request.form.get("CallSid", "")[:64]
        dispatcher.drill_status(token, sid, status, clock.now())
        return Response(status=204)


def _known(drill: DrillCall | None) -> DrillCall:
    return drill if drill is not None else abort(404)


def _asked(drill: DrillCall, urls: Urls, attempt: int) -> Response:
    if drill.state is State.PASSED:
        return _farewell(drill, "drill.passed", name=drill.name.split()[0])
    if drill.state not in GOING_ON:
        return _farewell(drill, "drill.over")
    response = VoiceResponse()
    action = urls.twiml(f"/voice/drills/{drill.token}/key/{attempt}")
    ask(response, [sentence("drill.ask", drill.language)], drill.language, action, if_silent=action)
    return _twiml(response)


def _farewell(drill: DrillCall, key: str, **facts: object) -> Response:
    response = VoiceResponse()
    say(response, [sentence(key, drill.language, **facts)], drill.language)
    response.hangup()
    return _twiml(response)


def _twiml(document: VoiceResponse) -> Response:
    return Response(str(document), content_type="text/xml; charset=utf-8")
