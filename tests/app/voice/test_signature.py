"""Who may tell the guard something: requests that our own Twilio account signed, and nobody else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from app.clock import SystemClock
from app.migrations import upgrade
from app.rosterbook.keeper import FolderBooks
from app.sandbox.transports import in_process
from app.settings import Settings
from app.voice.signature import Signature, raw_path
from app.wiring import Guard, build, open_store

ROSTERS = Path(__file__).parents[3] / "rosters"
ORIGIN = "https://guardia.example"
ACCOUNT = "AC" + "1" * 32
PRIMARY, SECONDARY = "primary-token", "secondary-token"
CALL = {"CallSid": "CA" + "2" * 32, "AccountSid": ACCOUNT, "From": "+5491155550201", "To": "+541152630001"}

# Twilio's own example (docs, "Security"): token 12345.
GOLDEN_URL = "https://example.com/myapp.php?foo=1&bar=2"
GOLDEN_FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675310",
    "Digits": "1234",
    "From": "+14158675310",
    "To": "+18005551212",
}
GOLDEN = "L/OH5YylLD5NRKLltdqwSvS0BnU="

# As they may stand in a request line; frameworks spell several of them otherwise (twilio.md A6).
SPELLINGS = ["a%2Db", "a%3Ab", "a%C3%B1b", "a%20b", "a+b", "a%2Bb", "a%2fb", "a%7Eb", "a&b=&c"]


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[Guard]:
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'guardia.db'}",
        public_url=ORIGIN,
        secret_key="secret",
        account_sid=ACCOUNT,
        auth_token=PRIMARY,
        auth_token_secondary=SECONDARY,
        page_from="+541152630000",
        smtp_url="smtp://127.0.0.1:1",
    )
    store = open_store(settings)
    upgrade(store.engine)
    yield build(settings, SystemClock(), store, FolderBooks(ROSTERS))
    store.engine.dispose()


def sign(url: str, form: dict[str, str], token: str = PRIMARY) -> str:
    return str(RequestValidator(token).compute_signature(url, form))


def post(guard: Guard, path: str, form: dict[str, str], signature: str | None, **headers: str) -> int:
    sent = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    if signature is not None:
        sent["X-Twilio-Signature"] = signature
    status, _, _ = in_process(guard.app, "POST", ORIGIN + path, sent, urlencode(form).encode())
    return status


def calls_written(guard: Guard) -> int:
    with guard.store.reading() as work:
        return work.connection.exec_driver_sql("select count(*) from calls").scalar_one()  # type: ignore[no-any-return]


def test_twilios_own_example_is_valid() -> None:
    signature = Signature("https://example.com", "", ("12345",))
    environ: dict[str, Any] = {"RAW_URI": "/myapp.php?foo=1&bar=2"}

    assert signature.is_valid(environ, MultiDict(GOLDEN_FORM), GOLDEN)
    assert not signature.is_valid(environ, MultiDict(GOLDEN_FORM), GOLDEN.lower())
    assert urlsplit(GOLDEN_URL).query == "foo=1&bar=2"


def test_a_signed_call_is_answered(guard: Guard) -> None:
    assert post(guard, "/voice/incoming", CALL, sign(f"{ORIGIN}/voice/incoming", CALL)) == 200
    assert calls_written(guard) == 1


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_raw_path_is_what_was_signed_however_it_is_spelt(guard: Guard, spelling: str) -> None:
    path = f"/voice/incoming?x={spelling}"

    assert post(guard, path, CALL, sign(ORIGIN + path, CALL)) == 200


@pytest.mark.parametrize("name", ["RAW_URI", "REQUEST_URI"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_server_tells_the_raw_path(name: str, spelling: str) -> None:
    assert raw_path({name: f"/voice/{spelling}?y={spelling}"}) == f"/voice/{spelling}?y={spelling}"


def test_the_absolute_form_of_a_request_line_names_no_other_host(guard: Guard) -> None:
    assert raw_path({"RAW_URI": "http://evil.example/voice/status?x=%2D"}) == "/voice/status?x=%2D"


@pytest.mark.parametrize("token", [PRIMARY, SECONDARY])
def test_while_the_token_is_rotated_both_are_good(guard: Guard, token: str) -> None:
    assert post(guard, "/voice/incoming", CALL, sign(f"{ORIGIN}/voice/incoming", CALL, token)) == 200


def test_an_empty_secondary_token_signs_nothing() -> None:
    signature = Signature(ORIGIN, ACCOUNT, (PRIMARY, ""))
    forged = sign(f"{ORIGIN}/voice/incoming", CALL, "")

    assert not signature.is_valid({"RAW_URI": "/voice/incoming"}, MultiDict(CALL), forged)


@pytest.mark.parametrize(
    ("form", "signed"),
    [
        (CALL, None),
        (CALL, ""),
        (CALL, "not base64 at all ñ".encode().decode("latin-1")),
        (CALL, sign(f"{ORIGIN}/voice/incoming", CALL, "another-token")),
        (CALL, sign(f"{ORIGIN}/voice/status", CALL)),
        (CALL, sign("https://evil.example/voice/incoming", CALL)),
        ({**CALL, "Digits": "1"}, sign(f"{ORIGIN}/voice/incoming", CALL)),
        ({**CALL, "From": "+5491155550202"}, sign(f"{ORIGIN}/voice/incoming", CALL)),
        (CALL, sign(f"{ORIGIN}/voice/incoming", {**CALL, "ToZip": ""})),
    ],
)
def test_what_was_not_signed_by_us_is_refused_and_nothing_is_written(
    guard: Guard, form: dict[str, str], signed: str | None
) -> None:
    assert post(guard, "/voice/incoming", form, signed) == 403
    assert calls_written(guard) == 0


@pytest.mark.parametrize("account", [None, "", "AC" + "9" * 32, ACCOUNT + "0"])
def test_another_account_is_refused_even_where_the_signature_is_good(
    guard: Guard, account: str | None
) -> None:
    form = {name: value for name, value in CALL.items() if name != "AccountSid"}
    if account is not None:
        form["AccountSid"] = account

    assert post(guard, "/voice/incoming", form, sign(f"{ORIGIN}/voice/incoming", form)) == 403
    assert calls_written(guard) == 0


def test_empty_fields_count(guard: Guard) -> None:
    form = {**CALL, "ToZip": "", "CallerName": ""}

    assert post(guard, "/voice/incoming", form, sign(f"{ORIGIN}/voice/incoming", form)) == 200


def test_host_and_forwarded_headers_are_nobodys_word(guard: Guard) -> None:
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}

    good = post(guard, "/voice/incoming", CALL, sign(f"{ORIGIN}/voice/incoming", CALL), **headers)
    forged = post(guard, "/voice/incoming", CALL, sign("http://evil.example/voice/incoming", CALL), **headers)

    assert (good, forged) == (200, 403)


def test_every_webhook_refuses_what_is_not_signed(guard: Guard) -> None:
    values = {"turn": 0, "attempt": 1, "token": "0" * 32, "language": "es"}
    adapter = guard.app.url_map.bind("guardia.example")
    rules = [r for r in guard.app.url_map.iter_rules() if r.rule.startswith(("/voice", "/sms"))]
    posts = [r for r in rules if "POST" in (r.methods or set())]

    answers = {
        r.rule: post(guard, adapter.build(r.endpoint, values, method="POST"), CALL, None) for r in posts
    }

    assert len(answers) > 10
    assert set(answers.values()) == {403}


def test_forgeries_are_counted(guard: Guard) -> None:
    post(guard, "/voice/incoming", CALL, None)

    _, _, figures = in_process(guard.app, "GET", f"{ORIGIN}/metrics", {}, b"")

    forged = [line for line in figures.decode().splitlines() if "forged" in line and not line.startswith("#")]
    assert any(line.endswith(" 1.0") for line in forged)
