"""What the synthetic call keys on its way through a menu; what it hears is for nobody."""

from flask import Blueprint, Response, abort
from twilio.twiml.voice_response import VoiceResponse

from oncall.dispatcher import Dispatcher


def add_walk_routes(blueprint: Blueprint, dispatcher: Dispatcher) -> None:
    @blueprint.post("/synthetic/<token>/script")
    def script(token: str) -> Response:
        walk = dispatcher.walk(token)
        if walk is None:
            abort(404)
        response = VoiceResponse()
        for seconds, keys in walk.keys:
            response.pause(length=seconds)
            if keys:
                response.play(digits=keys)
        response.hangup()
        return Response(str(response), content_type="text/xml; charset=utf-8")
