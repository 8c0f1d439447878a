"""What an operator sets: environment variables, or files named by ``NAME_FILE``.

A missing or contradictory setting stops the start with one line that names it.
"""

import os
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import phonenumbers

DEFAULT_DATABASE = "sqlite:///var/guardia.db"
DEFAULT_PORT = 8000
_SHORTEST_SECRET = 24  # bytes


class SettingsError(Exception):
    """A setting is missing or contradicts another; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs from one installation to the next. Secrets are kept out of ``repr``."""

    database_url: str = DEFAULT_DATABASE
    port: int = DEFAULT_PORT
    public_url: str = ""
    secret_key: str = field(default="", repr=False)
    account_sid: str = ""
    auth_token: str = field(default="", repr=False)
    auth_token_secondary: str = field(default="", repr=False)
    api_key: str = ""
    api_secret: str = field(default="", repr=False)
    api_url: str = ""
    page_from: str = ""
    calls_per_second: float = 1.0
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    mail_reply_to: str = ""
    imap_url: str = field(default="", repr=False)
    notify_urls: tuple[str, ...] = field(default=(), repr=False)
    ticket_webhook_secret: str = field(default="", repr=False)
    rosters: Path = Path("rosters")
    bucket_access_key: str = ""
    bucket_secret_key: str = field(default="", repr=False)

    @property
    def wants_sandbox(self) -> bool:
        """Without any of Twilio's credentials, the telephone company is the local one.

        Some of them, and not the account, is a mistake to be named: a guard must not
        take itself for a real one and page nobody.
        """
        credentials = (self.account_sid, self.auth_token, self.auth_token_secondary)
        return not any((*credentials, self.api_key, self.api_secret))


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises SettingsError for what cannot be understood."""
    values = _Values(os.environ if environ is None else environ)
    for silent in ("TWILIO_REGION", "TWILIO_EDGE"):
        if values.get(silent):
            raise SettingsError(f"{silent} is set: the Twilio SDK would change hosts by itself; unset it")
    return Settings(
        database_url=values.get("DATABASE_URL") or DEFAULT_DATABASE,
        port=values.port(),
        public_url=_origin("PUBLIC_URL", values.get("PUBLIC_URL")),
        secret_key=values.get("SECRET_KEY"),
        account_sid=values.get("TWILIO_ACCOUNT_SID"),
        auth_token=values.get("TWILIO_AUTH_TOKEN"),
        auth_token_secondary=values.get("TWILIO_AUTH_TOKEN_SECONDARY"),
        api_key=values.get("TWILIO_API_KEY"),
        api_secret=values.get("TWILIO_API_SECRET"),
        api_url=_origin("TWILIO_API_URL", values.get("TWILIO_API_URL")),
        page_from=_phone("PAGE_FROM", values.get("PAGE_FROM")),
        calls_per_second=values.calls_per_second(),
        smtp_url=_smtp(values.get("SMTP_URL")),
        mail_from=_address("MAIL_FROM", values.get("MAIL_FROM")),
        mail_reply_to=_address("MAIL_REPLY_TO", values.get("MAIL_REPLY_TO")),
        imap_url=_imap(values.get("IMAP_URL")),
        notify_urls=_notices(values.get("NOTIFY_URLS")),
        ticket_webhook_secret=_webhook_secret(values.get("TICKET_WEBHOOK_SECRET")),
        rosters=rosters_folder(environ),
        bucket_access_key=values.get("BUCKET_ACCESS_KEY"),
        bucket_secret_key=values.get("BUCKET_SECRET_KEY"),
    )


def rosters_folder(environ: Mapping[str, str] | None = None) -> Path:
    """The folder that managers edit. Raises SettingsError."""
    return Path(_Values(os.environ if environ is None else environ).get("GUARDIA_ROSTERS") or "rosters")


def require_telephone(settings: Settings) -> Settings:
    """The settings, if everything that a guard with a real telephone needs is there. Raises SettingsError."""
    needed = {
        "TWILIO_ACCOUNT_SID": settings.account_sid,
        "TWILIO_AUTH_TOKEN": settings.auth_token,
        "PUBLIC_URL": settings.public_url,
        "PAGE_FROM": settings.page_from,
        "SECRET_KEY": settings.secret_key,
        "SMTP_URL": settings.smtp_url,
    }
    for name, value in needed.items():
        if not value:
            raise SettingsError(f"{name} is not set (or use {name}_FILE): it is needed with a real telephone")
    if bool(settings.api_key) != bool(settings.api_secret):
        missing = "TWILIO_API_SECRET" if settings.api_key else "TWILIO_API_KEY"
        raise SettingsError(f"{missing} is not set: TWILIO_API_KEY and TWILIO_API_SECRET come together")
    if not settings.account_sid.startswith("AC"):
        raise SettingsError("TWILIO_ACCOUNT_SID must begin with AC: it is the account's, not a key's")
    return settings


class _Values:
    """One environment, with ``NAME_FILE`` standing for the content of a file."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def get(self, name: str) -> str:
        value, path = self._environ.get(name, ""), self._environ.get(f"{name}_FILE", "")
        if value and path:
            raise SettingsError(f"{name} and {name}_FILE are both set: keep one")
        if not path:
            return value.strip()
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{name}_FILE cannot be read ({path}): {error}") from error

    def port(self) -> int:
        value = self.get("PORT")
        if not value:
            return DEFAULT_PORT
        if not (value.isascii() and value.isdigit()) or not 0 < int(value) < 65536:
            raise SettingsError(f"PORT is {value!r}: it must be a number from 1 to 65535")
        return int(value)

    def calls_per_second(self) -> float:
        value = self.get("CALLS_PER_SECOND")
        try:
            rate = float(value or 1)
        except ValueError:
            rate = -1.0
        if not 0 <= rate < 1000:
            raise SettingsError(f"CALLS_PER_SECOND is {value!r}: it must be a number, 0 for no pacing")
        return rate


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine, and no other can listen in."""
    if host is None:
        return False
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _origin(name: str, value: str) -> str:
    """An origin, without path: https, or http on this machine only."""
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        is_origin = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a broken IPv6 address, or a port that is none
        is_origin = False
    if not is_origin:
        raise SettingsError(f"{name} is {value!r}: it must be an origin such as https://guardia.example")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise SettingsError(f"{name} is {value!r}: it must be an origin, without path, query or user")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise SettingsError(f"{name} is {value!r}: http is for this machine only; use https")
    return f"{parts.scheme}://{parts.netloc}"


def _phone(name: str, value: str) -> str:
    if not value:
        return ""
    try:
        parsed = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException as error:
        raise SettingsError(f"{name} is {value!r}: it must be a number such as +541152630000") from error
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _smtp(value: str) -> str:
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or parts.scheme not in ("smtp", "smtps"):
        raise SettingsError("SMTP_URL must begin with smtp:// or smtps://, and name a host")
    return value


def _address(name: str, value: str) -> str:
    """A mail address, perhaps behind a name: ``Guardia <guardia@aivo.example>``."""
    try:
        parsed = Address(addr_spec=parseaddr(value)[1]) if value else None
    except (ValueError, IndexError, MessageError):
        parsed = Address()
    if parsed is not None and not (parsed.username and parsed.domain):
        raise SettingsError(f"{name} is {value!r}: it must be a mail address")
    return value


def _imap(value: str) -> str:
    """``imaps://user:pass@host:993/INBOX``; unencrypted only with STARTTLS, or on this machine."""
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        named = bool(parts.hostname and parts.username and parts.password)
        is_whole = named and parts.scheme in ("imap", "imaps") and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole:
        raise SettingsError("IMAP_URL must look like imaps://user:pass@host:993/INBOX")
    is_open = parts.scheme == "imap" and "starttls=1" not in parts.query.split("&")
    if is_open and not is_loopback(parts.hostname):
        raise SettingsError("IMAP_URL would send the password unencrypted: use imaps:// or ?starttls=1")
    return value


def _notices(value: str) -> tuple[str, ...]:
    """Addresses as Apprise writes them, one a line or with spaces between."""
    addresses = tuple(dict.fromkeys(value.split()))
    if not all("://" in address for address in addresses):
        raise SettingsError("NOTIFY_URLS must be addresses such as slack://…, with spaces or lines between")
    return addresses


def _webhook_secret(value: str) -> str:
    """A secret as Standard Webhooks writes it: ``whsec_`` and at least 24 bytes in base64."""
    if not value:
        return ""
    try:
        secret = b64decode(value.removeprefix("whsec_"), validate=True)
    except ValueError:
        secret = b""
    if len(secret) < _SHORTEST_SECRET:
        raise SettingsError("TICKET_WEBHOOK_SECRET must be whsec_ and 24 bytes or more in base64")
    return value
