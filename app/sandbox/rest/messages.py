"""REST: text messages."""

from typing import TYPE_CHECKING, Any

from flask import request

from app.sandbox.messages import Message, segments
from app.sandbox.parameters import API_VERSION
from app.sandbox.rest import forms
from app.sandbox.rest.errors import RestError
from app.sandbox.rest.views import Answer, View, moment, page

if TYPE_CHECKING:
    from app.sandbox.exchange import Exchange

BODY_LIMIT = 1_600


def create(exchange: "Exchange") -> Answer:
    form = request.form
    to = forms.recipient(exchange, form, 21604)
    from_ = forms.our_number(exchange, form, 21603, 21212, 21606)
    body = form.get("Body", "")
    forms.whole(form, "ValidityPeriod", 36_000, 1, 36_000)
    if not body.strip():
        raise RestError(21602)
    if len(body) > BODY_LIMIT:
        raise RestError(21617)
    if (to, from_) in exchange.messages.opted_out:
        raise RestError(21610, to)
    message = exchange.messages.send(to, from_, body, forms.url(form, "StatusCallback", 21609))
    return Answer(as_json(exchange, message), 201)


def fetch(exchange: "Exchange", sid: str) -> Answer:
    if sid not in exchange.messages.by_sid:
        raise RestError(20404, request.path)
    return Answer(as_json(exchange, exchange.messages.by_sid[sid]))


def listing(exchange: "Exchange") -> Answer:
    args = request.args
    shown = [
        message
        for message in reversed(exchange.messages.by_sid.values())
        if args.get("To") in (None, message.to) and args.get("From") in (None, message.from_)
    ]
    return page("messages", [as_json(exchange, message) for message in shown])


def as_json(exchange: "Exchange", message: Message) -> dict[str, Any]:
    uri = f"/{API_VERSION}/Accounts/{exchange.account_sid}/Messages/{message.sid}"
    return {
        "sid": message.sid,
        "account_sid": exchange.account_sid,
        "api_version": API_VERSION,
        "messaging_service_sid": None,
        "from": message.from_,
        "to": message.to,
        "body": message.body,
        "status": message.status,
        "direction": message.direction,
        "num_segments": str(segments(message.body)),
        "num_media": "0",
        "date_created": moment(message.created),
        "date_updated": moment(message.updated),
        "date_sent": moment(message.sent),
        "error_code": message.error,
        "error_message": None,
        "price": None,
        "price_unit": "USD",
        "uri": f"{uri}.json",
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }


ROUTES: dict[tuple[str, str], View] = {
    ("POST", "/Messages.json"): create,
    ("GET", "/Messages.json"): listing,
    ("GET", "/Messages/<sid>.json"): fetch,
}
