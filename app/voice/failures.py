"""Twilio's errors, sorted by what can be done about them.

Sources: Twilio's error dictionary (20429 "never processed, always safe to
retry"; 20500: creating a call is not idempotent) and the SDK, which raises
three unrelated kinds of exception.
"""

import json

import requests
from twilio.base.exceptions import TwilioException
from twilio.http.response import Response

from oncall.ports import Ambiguous, Failure, Gone, Misconfigured, Refused, Unreachable

_NOT_PROCESSED = frozenset({20429, 20503, 22005, 21611})
# Our account or our sender: every other page fails in the same way.
_ACCOUNT = frozenset(
    {20003, 20005, 20006, 20008, 20403, 21210, 21212, 21213, 21218, 21219, 21606, 21608, 21659, 21660, 21661}
    | {21215, 21408, 13227}  # a country of the roster is not permitted
)
_TOO_LATE = frozenset({21220})


def sorted_failure(error: Exception) -> Failure:
    """The failure that an exception of the SDK, or of the network below it, stands for."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Unreachable("connection timed out", "connect_timeout")
    if isinstance(error, requests.exceptions.Timeout):
        return Ambiguous("no answer in time", "timeout")
    if isinstance(error, requests.exceptions.ConnectionError):
        return _broken_connection(error)
    status, code = getattr(error, "status", None), getattr(error, "code", None)
    if status is not None:
        return _answered(int(status), _number(code), str(getattr(error, "msg", "") or error))
    if isinstance(error, TwilioException | requests.exceptions.RequestException):
        # A list call's refusal, or an answer that was not JSON: perhaps processed.
        return Ambiguous(str(error)[:200], "unreadable_answer")
    return Ambiguous(repr(error)[:200], "unreadable_answer")


def sorted_refusal(error: Exception) -> Failure:
    """The same where a person waits for the answer: a refused list is told by its own code.

    Not for looking up what became of an order: there every list without an answer leaves it in doubt.
    """
    answer = next((arg for arg in error.args if isinstance(arg, Response)), None)
    if not isinstance(error, TwilioException) or answer is None:
        return sorted_failure(error)
    try:
        body = json.loads(answer.text)
    except ValueError:
        body = None
    told = body if isinstance(body, dict) else {}
    return _answered(answer.status_code, _number(told.get("code")), str(told.get("message") or "no reason"))


def _answered(status: int, code: int | None, message: str) -> Failure:
    word = str(code or status)
    if code in _TOO_LATE or (status == 404 and code in (None, 20404)):
        return Gone(message, word)
    if status == 429 or code in _NOT_PROCESSED or status == 503:
        return Unreachable(message, word)
    if status == 401 or status == 403 or code in _ACCOUNT:
        return Misconfigured(message, word)
    if status >= 500 or status == 408:
        return Ambiguous(message, word)
    return Refused(message, word)


def _broken_connection(error: requests.exceptions.ConnectionError) -> Failure:
    """Refused or unresolved: nothing was sent. Cut while waiting: perhaps processed."""
    text = str(error)
    if any(
        sign in text for sign in ("NewConnectionError", "NameResolution", "Connection refused", "SSLError")
    ):
        return Unreachable("cannot connect", "connect")
    return Ambiguous("the connection was cut", "connection_cut")


def _number(code: object) -> int | None:
    return int(code) if isinstance(code, int) or (isinstance(code, str) and code.isdigit()) else None
