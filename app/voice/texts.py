"""Twilio's messaging webhooks: commands by text, and what became of the texts we sent."""

from flask import Blueprint, Response, request
from twilio.twiml.messaging_response import MessagingResponse

from app.locales import text_message
from app.voice.webhooks import Voice, e164, guard

_LONGEST_BODY = 1600
# Twilio answers these by itself (opt-out and opt-in); a second answer would confuse.
_KEYWORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "start", "yes", "unstop", "help", "info"}
)


def texts_blueprint(voice: Voice) -> Blueprint:
    blueprint = Blueprint("texts", __name__, url_prefix="/sms")
    guard(blueprint, voice.signature, voice.on_forged)

    @blueprint.post("/incoming")
    def incoming() -> Response:
        sender, body = e164(request.form.get("From", "")), request.form.get("Body", "")[:_LONGEST_BODY]
        answer = MessagingResponse()
        if body.strip().lower() in _KEYWORDS or "OptOutType" in request.form:
            return _messaging(answer)
        sms = voice.dispatcher.text(sender or "", body, voice.clock.now())
        answer.message(text_message(sms.key, sms.language, **sms.facts))
        return _messaging(answer)

    @blueprint.post("/status/<token>")
    def status(token: str) -> Response:
        outcome, code = request.form.get("MessageStatus", ""), request.form.get("ErrorCode", "")[:16]
        voice.dispatcher.text_status(token, outcome, code, voice.clock.now())
        return Response(status=204)

    return blueprint


def _messaging(answer: MessagingResponse) -> Response:
    return Response(str(answer), content_type="text/xml; charset=utf-8")
