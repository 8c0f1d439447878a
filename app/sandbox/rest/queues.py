"""REST: queues and those who wait in them."""

from typing import TYPE_CHECKING, Any

from flask import request

from app.sandbox.parameters import API_VERSION
from app.sandbox.queues import Queue
from app.sandbox.rest import forms
from app.sandbox.rest.errors import RestError
from app.sandbox.rest.views import Answer, View, moment, page

if TYPE_CHECKING:
    from app.sandbox.exchange import Exchange
    from app.sandbox.verbs.enqueue import Enqueue


def create(exchange: "Exchange") -> Answer:
    name = request.form.get("FriendlyName", "").strip()
    if not name or len(name) > 64:
        raise RestError(20001, "FriendlyName")
    queue = exchange.queues.named(name)
    queue.max_size = forms.whole(request.form, "MaxSize", 100, 1, 5000)
    return Answer(as_json(exchange, queue), 201)


def listing(exchange: "Exchange") -> Answer:
    return page("queues", [as_json(exchange, queue) for queue in exchange.queues.by_sid.values()])


def fetch(exchange: "Exchange", sid: str) -> Answer:
    return Answer(as_json(exchange, _found(exchange, sid)))


def members(exchange: "Exchange", sid: str) -> Answer:
    queue = _found(exchange, sid)
    return page("queue_members", [_member(exchange, queue, entry) for entry in queue.waiting])


def member(exchange: "Exchange", sid: str, call: str) -> Answer:
    queue = _found(exchange, sid)
    return Answer(_member(exchange, queue, _entry(queue, call)))


def dequeue(exchange: "Exchange", sid: str, call: str) -> Answer:
    """Takes a member (or the ``Front``) out of the queue and gives it another document."""
    queue = _found(exchange, sid)
    entry = _entry(queue, call)
    url = forms.url(request.form, "Url", 21205)
    if url is None:
        raise RestError(21205)
    method = forms.method(request.form, "Method")
    answer = Answer(_member(exchange, queue, entry))
    entry.call.redirect(lambda program: program.load(url, method))
    return answer


def as_json(exchange: "Exchange", queue: Queue) -> dict[str, Any]:
    waits = [int((exchange.now() - entry.entered).total_seconds()) for entry in queue.waiting]
    uri = _uri(exchange, queue)
    return {
        "sid": queue.sid,
        "account_sid": exchange.account_sid,
        "friendly_name": queue.name,
        "current_size": len(queue.waiting),
        "max_size": queue.max_size,
        "average_wait_time": sum(waits) // len(waits) if waits else 0,
        "date_created": moment(queue.created),
        "date_updated": moment(queue.created),
        "uri": f"{uri}.json",
        "subresource_uris": {"members": f"{uri}/Members.json"},
    }


def _member(exchange: "Exchange", queue: Queue, entry: "Enqueue") -> dict[str, Any]:
    return {
        "call_sid": entry.call.sid,
        "queue_sid": queue.sid,
        "date_enqueued": moment(entry.entered),
        "position": queue.position(entry),
        "wait_time": int((exchange.now() - entry.entered).total_seconds()),
        "uri": f"{_uri(exchange, queue)}/Members/{entry.call.sid}.json",
    }


def _uri(exchange: "Exchange", queue: Queue) -> str:
    return f"/{API_VERSION}/Accounts/{exchange.account_sid}/Queues/{queue.sid}"


def _found(exchange: "Exchange", sid: str) -> Queue:
    if sid not in exchange.queues.by_sid:
        raise RestError(20404, request.path)
    return exchange.queues.by_sid[sid]


def _entry(queue: Queue, call: str) -> "Enqueue":
    entry = queue.waiting[0] if call == "Front" and queue.waiting else queue.entry_of(call)
    if entry is None:
        raise RestError(20404, request.path)
    return entry


ROUTES: dict[tuple[str, str], View] = {
    ("POST", "/Queues.json"): create,
    ("GET", "/Queues.json"): listing,
    ("GET", "/Queues/<sid>.json"): fetch,
    ("GET", "/Queues/<sid>/Members.json"): members,
    ("GET", "/Queues/<sid>/Members/<call>.json"): member,
    ("POST", "/Queues/<sid>/Members/<call>.json"): dequeue,
}
