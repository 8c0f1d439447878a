"""What an operator sets: every mistake is one line that names the setting."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import pytest

from app.settings import Settings, SettingsError, read_settings, require_telephone
from app.wiring import open_store

COMPLETE: Mapping[str, str] = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "token",
    "PUBLIC_URL": "https://guardia.example",
    "PAGE_FROM": "+541152630000",
    "SECRET_KEY": "secret",
    "SMTP_URL": "smtp://127.0.0.1:2525",
}


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in COMPLETE.items() if key != name}


def refused(environ: Mapping[str, str]) -> str:
    """The one line with which these settings are refused."""
    with pytest.raises(SettingsError) as caught:
        require_telephone(read_settings(environ))
    line = str(caught.value)
    assert "\n" not in line
    return line


def test_nothing_set_is_a_sandbox_on_sqlite() -> None:
    settings = read_settings({})

    assert settings.wants_sandbox
    assert settings.database_url == "sqlite:///var/guardia.db"
    assert (settings.port, settings.calls_per_second) == (8000, 1.0)
    assert settings.rosters == Path("rosters")


def test_a_complete_guard_with_a_telephone_is_accepted() -> None:
    settings = require_telephone(read_settings(COMPLETE))

    assert not settings.wants_sandbox
    assert settings.page_from == "+541152630000"


@pytest.mark.parametrize("name", list(COMPLETE))
def test_a_missing_setting_stops_the_start_with_one_line_that_names_it(name: str) -> None:
    line = refused(without(name))

    assert line.startswith(name)
    assert f"{name}_FILE" in line


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"TWILIO_API_KEY": "SK1"}, "TWILIO_API_SECRET"),
        ({"TWILIO_API_SECRET": "s"}, "TWILIO_API_KEY"),
        ({"TWILIO_ACCOUNT_SID": "SK" + "0" * 32}, "TWILIO_ACCOUNT_SID"),
        ({"TWILIO_REGION": "ie1"}, "TWILIO_REGION"),
        ({"TWILIO_EDGE": "dublin"}, "TWILIO_EDGE"),
        ({"PORT": "eight"}, "PORT"),
        ({"PORT": "0"}, "PORT"),
        ({"PORT": "65536"}, "PORT"),
        ({"PORT": "²"}, "PORT"),
        ({"CALLS_PER_SECOND": "fast"}, "CALLS_PER_SECOND"),
        ({"CALLS_PER_SECOND": "-1"}, "CALLS_PER_SECOND"),
        ({"CALLS_PER_SECOND": "nan"}, "CALLS_PER_SECOND"),
        ({"PAGE_FROM": "guard"}, "PAGE_FROM"),
        ({"PAGE_FROM": "5263 0000"}, "PAGE_FROM"),
        ({"SMTP_URL": "mail.example"}, "SMTP_URL"),
        ({"SMTP_URL": "smtp://"}, "SMTP_URL"),
        ({"SMTP_URL": "smtp://mail.example:port"}, "SMTP_URL"),
        ({"MAIL_FROM": "nonsense"}, "MAIL_FROM"),
        ({"MAIL_FROM": "Guardia <nonsense>"}, "MAIL_FROM"),
        ({"MAIL_REPLY_TO": "a@b@c"}, "MAIL_REPLY_TO"),
        ({"PUBLIC_URL": "http://guardia.example"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "guardia.example"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "ftp://guardia.example"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://guardia.example/guard"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://guardia.example?x=1"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://me:pass@guardia.example"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://guardia.example:port"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://[guardia"}, "PUBLIC_URL"),
        ({"TWILIO_API_URL": "http://api.example"}, "TWILIO_API_URL"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named(changes: dict[str, str], named: str) -> None:
    assert named in refused({**COMPLETE, **changes})


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_http_is_accepted_on_this_machine_only(origin: str) -> None:
    settings = read_settings({**COMPLETE, "PUBLIC_URL": origin, "TWILIO_API_URL": origin})

    assert (settings.public_url, settings.api_url) == (origin, origin)


def test_a_slash_at_the_end_of_the_public_url_is_no_mistake() -> None:
    assert read_settings({"PUBLIC_URL": "https://guardia.example/"}).public_url == "https://guardia.example"


def test_each_setting_may_stand_in_a_file(tmp_path: Path) -> None:
    environ = {}
    for name, value in COMPLETE.items():
        path = tmp_path / name
        path.write_text(f"{value}\n", encoding="utf-8")
        environ[f"{name}_FILE"] = str(path)

    assert require_telephone(read_settings(environ)) == require_telephone(read_settings(COMPLETE))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    environ = {**without("SECRET_KEY"), "SECRET_KEY_FILE": str(tmp_path / "absent")}

    assert refused(environ).startswith("SECRET_KEY_FILE")


def test_a_setting_and_its_file_at_once_contradict_each_other(tmp_path: Path) -> None:
    assert "SECRET_KEY and SECRET_KEY_FILE" in refused({**COMPLETE, "SECRET_KEY_FILE": str(tmp_path)})


def test_no_pacing_is_a_setting() -> None:
    assert read_settings({"CALLS_PER_SECOND": "0"}).calls_per_second == 0


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    shown = repr(read_settings({**COMPLETE, "TWILIO_AUTH_TOKEN": "very-secret", "SECRET_KEY": "very-secret"}))

    assert "very-secret" not in shown
    assert [f.name for f in fields(Settings) if f.name in ("auth_token", "secret_key") and f.repr] == []


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_both_spellings_of_a_postgresql_address_are_accepted(scheme: str) -> None:
    store = open_store(Settings(database_url=f"{scheme}://guardia@127.0.0.1:5/guardia"))

    assert store.engine.dialect.name == "postgresql"
    assert store.engine.driver == "psycopg"


@pytest.mark.parametrize("address", ["mysql://127.0.0.1/guardia", "not an address", "sqlite"])
def test_a_database_of_another_kind_is_refused_by_name(address: str) -> None:
    with pytest.raises(SettingsError, match=r"^DATABASE_URL") as caught:
        open_store(Settings(database_url=address))

    assert "\n" not in str(caught.value)
