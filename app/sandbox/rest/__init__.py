"""Twilio's REST API as far as Guardia uses it: the front door of the exchange, under ``/2010-04-01``.

Every answer, refusals included, is JSON as the real one gives it; Basic authentication is required
throughout.
"""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from app.sandbox.chaos import RestFault
from app.sandbox.rest import calls, conferences, messages, numbers, queues, recordings
from app.sandbox.rest.errors import RestError
from app.sandbox.rest.views import Answer, View

if TYPE_CHECKING:
    from app.sandbox.exchange import Exchange

FAULT_HEADER = "X-Sandbox-Fault"
ROUTES: dict[tuple[str, str], View] = {
    **calls.ROUTES,
    **messages.ROUTES,
    **numbers.ROUTES,
    **queues.ROUTES,
    **conferences.ROUTES,
    **recordings.ROUTES,
}


def rest_blueprint(exchange: "Exchange") -> Blueprint:
    """To be mounted at the root: its routes begin with ``/2010-04-01/Accounts/<account>``."""
    blueprint = Blueprint("sandbox_rest", __name__, url_prefix="/2010-04-01/Accounts/<account>")
    for (verb, path), view in ROUTES.items():
        endpoint = f"{verb}_{path}".replace("/", "_").replace("<", "").replace(">", "").replace(".", "_")
        blueprint.add_url_rule(path, endpoint, _handler(exchange, view), methods=[verb])
    return blueprint


def _handler(exchange: "Exchange", view: View) -> Callable[..., Response]:
    @wraps(view)
    def handle(account: str, **path: str) -> Response:
        form = request.form.to_dict(flat=False)  # whoever sends half of it must not hold the lock
        with exchange.lock:
            return _respond(exchange, account, form, lambda: view(exchange, **path))

    return handle


def _respond(
    exchange: "Exchange", account: str, form: dict[str, list[str]], act: Callable[[], Answer]
) -> Response:
    fault = exchange.chaos.take_rest_fault(request.method)
    note: dict[str, Any] = {"method": request.method, "path": request.path, "form": form}
    try:
        _authenticate(exchange, account)
        if fault in (RestFault.TOO_MANY, RestFault.UNAVAILABLE):
            raise RestError(20429 if fault is RestFault.TOO_MANY else 20503)
        if fault is RestFault.REFUSED:
            exchange.note("rest", "", **note, status=503, fault=fault)
            return _broken("refused", 503)
        answer = act()
    except RestError as error:
        exchange.note("rest", "", **note, status=error.status, code=error.code)
        response = jsonify(error.body())
        response.status_code = error.status
        if error.status == 401:
            response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
        return response
    if fault is RestFault.FAILED_BUT_DONE:
        exchange.note("rest", "", **note, status=500, code=20500, fault=fault)
        response = jsonify(RestError(20500).body())
        response.status_code = 500
        return response
    if fault is RestFault.TIMED_OUT_BUT_DONE:
        exchange.note("rest", "", **note, status=504, fault=fault)
        return _broken("timeout", 504)
    response = answer.response()
    exchange.note("rest", "", **note, status=response.status_code)
    return response


def _authenticate(exchange: "Exchange", account: str) -> None:
    given = request.authorization
    user, password = (given.username, given.password) if given is not None else (None, None)
    keys = {exchange.account_sid: exchange.auth_token, **exchange.api_keys}
    if user is None or keys.get(user) != password:
        raise RestError(20003)
    if account != exchange.account_sid:
        raise RestError(20404, request.path)


def _broken(how: str, status: int) -> Response:
    """No answer at all: the in-process client turns it into an exception, over HTTP it is a gateway's
    error.
    """
    return Response(status=status, headers={FAULT_HEADER: how})
