"""Twilio's errors, sorted by what can be done about them: row by row of twilio.md, A7."""

import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from urllib3.exceptions import MaxRetryError, NewConnectionError

from app.voice.failures import sorted_failure
from oncall.ports import Ambiguous, Failure, Gone, Misconfigured, Refused, Unreachable

AMBIGUOUS = [(500, 20500), (500, None), (502, None), (504, None), (408, None)]
NOT_PROCESSED = [(429, 20429), (429, None), (503, 20503), (503, None), (400, 22005), (400, 21611)]
ACCOUNT = [
    (401, 20003),
    (401, 20005),
    (401, 20006),
    (403, 20008),
    (401, None),
    (403, 20403),
    (403, None),
    (400, 21210),
    (400, 21212),
    (400, 21213),
    (400, 21218),
    (400, 21606),
    (400, 21659),
    (400, 21660),
    (400, 21661),
    (400, 21215),
    (400, 13227),
    (400, 21408),
    (400, 21219),
    (400, 21608),
]
NUMBER = [(400, 21201), (400, 21211), (400, 21214), (400, 21217), (400, 13223), (400, 13224), (400, 13226)]
POLICY = [(400, 21216), (400, 13225)]
OUR_BUG = [(400, c) for c in (21205, 21206, 21208, 21209, 21626, 20001, 11100, 21609, 21617, 21234)]
TEXT = [(400, c) for c in (21610, 21614, 21635, 21612)]
RACE = [(400, 21220), (404, 20404), (404, None)]

TABLE: list[tuple[type[Failure], list[tuple[int, int | None]]]] = [
    (Unreachable, [*NOT_PROCESSED]),
    (Ambiguous, [*AMBIGUOUS]),
    (Misconfigured, [*ACCOUNT]),
    (Refused, [*NUMBER, *POLICY, *OUR_BUG, *TEXT]),
    (Gone, [*RACE]),
]
ROWS = [(status, code, kind) for kind, rows in TABLE for status, code in rows]


def rest_error(status: int, code: int | None) -> TwilioRestException:
    return TwilioRestException(status, "/Calls.json", "what Twilio says", code=code, method="POST")


@pytest.mark.parametrize(("status", "code", "kind"), ROWS)
def test_an_error_of_the_rest_api_is_sorted(status: int, code: int | None, kind: type[Failure]) -> None:
    failure = sorted_failure(rest_error(status, code))

    assert type(failure) is kind
    assert failure.code == str(code or status)


@pytest.mark.parametrize(("status", "code", "kind"), ROWS)
def test_the_sdks_newer_exception_is_sorted_alike(status: int, code: int | None, kind: type[Failure]) -> None:
    error = TwilioServiceException(
        type_uri="https://www.twilio.com/docs/api/errors",
        title="what Twilio says",
        status=status,
        code=code or 0,
    )

    assert type(sorted_failure(error)) is (kind if code else type(sorted_failure(rest_error(status, 0))))


def connection_error(reason: object) -> requests.exceptions.ConnectionError:
    return requests.exceptions.ConnectionError(MaxRetryError(None, "/Calls.json", reason))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (requests.exceptions.ConnectTimeout(), Unreachable),
        (requests.exceptions.ReadTimeout(), Ambiguous),
        (connection_error(NewConnectionError(None, "Connection refused")), Unreachable),  # type: ignore[arg-type]
        (requests.exceptions.ConnectionError("NameResolutionError: api.twilio.com"), Unreachable),
        (requests.exceptions.SSLError("SSLError: certificate has expired"), Unreachable),
        (requests.exceptions.ConnectionError("Connection aborted: RemoteDisconnected"), Ambiguous),
        (requests.exceptions.ChunkedEncodingError("cut"), Ambiguous),
        (TwilioException("Unable to fetch page"), Ambiguous),
        (requests.exceptions.JSONDecodeError("not JSON", "<html>", 0), Ambiguous),
    ],
)
def test_an_error_of_the_network_is_unreachable_only_where_nothing_was_sent(
    error: Exception, kind: type[Failure]
) -> None:
    assert type(sorted_failure(error)) is kind


def test_what_is_sorted_already_stays_as_it_is() -> None:
    gone = Gone("over")

    assert sorted_failure(gone) is gone
