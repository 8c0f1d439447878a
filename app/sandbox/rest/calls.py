"""REST: calls made, looked up, listed, redirected and ended."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import request

from app.sandbox.calls import FINISHED, PROGRESS_EVENTS, Call, Callback, Order
from app.sandbox.check import problems
from app.sandbox.parameters import API_VERSION
from app.sandbox.rest import forms
from app.sandbox.rest.errors import RestError
from app.sandbox.rest.views import Answer, View, moment, page
from app.sandbox.retrieval import Fault

if TYPE_CHECKING:
    from app.sandbox.exchange import Exchange

TWIML_LIMIT = 4_000


def create(exchange: "Exchange") -> Answer:
    form = request.form
    url, twiml = forms.url(form, "Url", 21205), _twiml(exchange)
    order = Order(
        to=forms.recipient(exchange, form, 21201),
        from_=forms.our_number(exchange, form, 21213, 21212, 21210),
        url=url,
        method=forms.method(form, "Method"),
        twiml=twiml,
        fallback_url=forms.url(form, "FallbackUrl", 21205),
        fallback_method=forms.method(form, "FallbackMethod"),
        callback=progress_callback(),
        timeout=forms.whole(form, "Timeout", 60, 1, 600),
        time_limit=forms.whole(form, "TimeLimit", 14_400, 1, 86_400),
    )
    if url is None and twiml is None:
        raise RestError(21205)
    return Answer(as_json(exchange.calls.place(order)), 201)


def fetch(exchange: "Exchange", sid: str) -> Answer:
    return Answer(as_json(found(exchange, sid)))


def update(exchange: "Exchange", sid: str) -> Answer:
    call, form = found(exchange, sid), request.form
    url, twiml, status = forms.url(form, "Url", 21205), _twiml(exchange), form.get("Status")
    if call.finished:
        raise RestError(21220, f"It is {call.status}.")
    if url and twiml:
        raise RestError(20001, "Url and Twiml exclude each other")
    if status not in (None, "canceled", "completed"):
        raise RestError(20001, f"Status={status}")
    if (url or twiml) and call.status != "in-progress":
        raise RestError(21220, f"It is {call.status}.")
    fallback = forms.url(form, "FallbackUrl", 21205)
    if fallback:
        call.fallback = (fallback, forms.method(form, "FallbackMethod"))
    if form.get("StatusCallback"):
        call.callback = progress_callback()
    if status == "completed" and call.status == "in-progress":
        call.end("completed")
    elif status is not None:
        exchange.calls.cancel(call)
    elif url:
        method = forms.method(form, "Method")
        call.redirect(lambda program: program.load(url, method))
    elif twiml:
        call.redirect(lambda program: program.run_text(twiml))
    return Answer(as_json(call))


def listing(exchange: "Exchange") -> Answer:
    args = request.args
    shown = [
        call
        for call in reversed(exchange.calls.by_sid.values())
        if args.get("To") in (None, call.to)
        and args.get("From") in (None, call.from_)
        and args.get("Status") in (None, call.status)
        and args.get("ParentCallSid") in (None, call.parent.sid if call.parent else None)
        and _within(call.created, args.get("StartTime>"), args.get("StartTime<"), args.get("StartTime"))
    ]
    return page("calls", [as_json(call) for call in shown])


def found(exchange: "Exchange", sid: str) -> Call:
    if sid not in exchange.calls.by_sid:
        raise RestError(20404, request.path)
    return exchange.calls.by_sid[sid]


def as_json(call: Call) -> dict[str, Any]:
    uri = f"/{API_VERSION}/Accounts/{call.exchange.account_sid}/Calls/{call.sid}"
    line = call.to if call.direction == "inbound" else call.from_
    configured = call.exchange.lines.get(line or "")
    return {
        "sid": call.sid,
        "account_sid": call.exchange.account_sid,
        "api_version": API_VERSION,
        "parent_call_sid": call.parent.sid if call.parent else None,
        "phone_number_sid": configured.sid if configured else None,
        "to": call.to,
        "to_formatted": call.to,
        "from": call.from_,
        "from_formatted": call.from_,
        "status": call.exchange.chaos.stale_calls.get(call.sid, call.status),
        "direction": call.direction,
        "date_created": moment(call.created),
        "date_updated": moment(call.updated),
        "start_time": None if call.status == "queued" else moment(call.created),
        "end_time": moment(call.ended),
        "duration": str(call.seconds) if call.status in FINISHED else None,
        "queue_time": str(call.queue_milliseconds),
        "price": None,
        "price_unit": "USD",
        "answered_by": None,
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "trunk_sid": None,
        "annotation": None,
        "uri": f"{uri}.json",
        "subresource_uris": {
            name: f"{uri}/{path}.json"
            for name, path in (
                ("notifications", "Notifications"),
                ("recordings", "Recordings"),
                ("events", "Events"),
            )
        },
    }


def progress_callback() -> Callback | None:
    url = forms.url(request.form, "StatusCallback", 21609)
    events = frozenset(request.form.getlist("StatusCallbackEvent")) or frozenset({"completed"})
    if events - PROGRESS_EVENTS:
        raise RestError(21626, ", ".join(sorted(events - PROGRESS_EVENTS)))
    return Callback(url, forms.method(request.form, "StatusCallbackMethod"), events) if url else None


def _twiml(exchange: "Exchange") -> str | None:
    twiml = request.form.get("Twiml")
    if twiml is None:
        return None
    if len(twiml) > TWIML_LIMIT:
        raise RestError(21234, f"longer than {TWIML_LIMIT} characters")
    wrong = problems(twiml, "call")
    exchange.faults.extend(Fault(exchange.now(), "Twiml", "call", problem, twiml) for problem in wrong)
    if wrong and exchange.strict:
        raise RestError(21234, "; ".join(wrong))
    return twiml


def _within(at: datetime, after: str | None, before: str | None, day: str | None) -> bool:
    if day is not None and at.date() != _moment(day).date():
        return False
    return (after is None or at >= _moment(after)) and (before is None or at <= _moment(before))


def _moment(said: str) -> datetime:
    try:
        moment = datetime.fromisoformat(said.replace("Z", "+00:00"))
    except ValueError as error:
        raise RestError(20001, f"StartTime={said}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


ROUTES: dict[tuple[str, str], View] = {
    ("POST", "/Calls.json"): create,
    ("GET", "/Calls.json"): listing,
    ("GET", "/Calls/<sid>.json"): fetch,
    ("POST", "/Calls/<sid>.json"): update,
}
