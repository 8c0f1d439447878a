"""REST: the numbers of the account and the URLs configured on them."""

from typing import TYPE_CHECKING, Any

from flask import request

from app.sandbox.parameters import API_VERSION
from app.sandbox.rest import forms
from app.sandbox.rest.errors import RestError
from app.sandbox.rest.views import Answer, View, moment, page

if TYPE_CHECKING:
    from app.sandbox.exchange import Exchange, Line

_URLS = {
    "VoiceUrl": "voice_url",
    "VoiceFallbackUrl": "voice_fallback_url",
    "StatusCallback": "status_callback",
    "SmsUrl": "sms_url",
    "SmsFallbackUrl": "sms_fallback_url",
}
_METHODS = {
    "VoiceMethod": "voice_method",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallbackMethod": "status_callback_method",
    "SmsMethod": "sms_method",
    "SmsFallbackMethod": "sms_fallback_method",
}


def listing(exchange: "Exchange") -> Answer:
    wanted = request.args.get("PhoneNumber")
    lines = [line for line in exchange.lines.values() if wanted is None or wanted.strip("*") in line.number]
    return page("incoming_phone_numbers", [as_json(exchange, line) for line in lines])


def fetch(exchange: "Exchange", sid: str) -> Answer:
    return Answer(as_json(exchange, _found(exchange, sid)))


def update(exchange: "Exchange", sid: str) -> Answer:
    line, form = _found(exchange, sid), request.form
    for name, attribute in _URLS.items():
        if name in form:
            setattr(line, attribute, forms.url(form, name, 21502))
    for name, attribute in _METHODS.items():
        if name in form:
            setattr(line, attribute, forms.method(form, name))
    line.friendly_name = form.get("FriendlyName", line.friendly_name)
    return Answer(as_json(exchange, line))


def as_json(exchange: "Exchange", line: "Line") -> dict[str, Any]:
    return {
        "sid": line.sid,
        "account_sid": exchange.account_sid,
        "api_version": API_VERSION,
        "phone_number": line.number,
        "friendly_name": line.friendly_name,
        "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
        "voice_caller_id_lookup": False,
        "beta": False,
        "status": "in-use",
        "origin": "twilio",
        "date_created": moment(line.created),
        "date_updated": moment(line.created),
        **{attribute: getattr(line, attribute) for attribute in (*_URLS.values(), *_METHODS.values())},
        "uri": f"/{API_VERSION}/Accounts/{exchange.account_sid}/IncomingPhoneNumbers/{line.sid}.json",
    }


def _found(exchange: "Exchange", sid: str) -> "Line":
    for line in exchange.lines.values():
        if line.sid == sid:
            return line
    raise RestError(20404, request.path)


ROUTES: dict[tuple[str, str], View] = {
    ("GET", "/IncomingPhoneNumbers.json"): listing,
    ("GET", "/IncomingPhoneNumbers/<sid>.json"): fetch,
    ("POST", "/IncomingPhoneNumbers/<sid>.json"): update,
}
