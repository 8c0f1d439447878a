"""Whether a request comes from our Twilio account: checked over the raw URL before anything is parsed.

The URL is PUBLIC_URL and the path exactly as it was sent. Frameworks decode and
encode it again, and then valid signatures fail; Host and X-Forwarded-* are
somebody else's word, and are never used.
"""

import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict


class Signature:
    def __init__(self, public_url: str, account_sid: str, tokens: tuple[str, ...]) -> None:
        """``tokens``: the primary auth token and, while it is rotated, the secondary one."""
        self._public_url = public_url
        self._account_sid = account_sid
        self._validators = [RequestValidator(token) for token in tokens if token]

    def is_valid(self, environ: Mapping[str, Any], form: MultiDict[str, str], signature: str) -> bool:
        """Whether one of our tokens signed this request, and it speaks of our account."""
        if not signature:
            return False
        url = self._public_url + raw_path(environ)
        signed = any(_signed(v, url, form, signature) for v in self._validators)
        return signed and hmac.compare_digest(form.get("AccountSid", "").encode(), self._account_sid.encode())


def raw_path(environ: Mapping[str, Any]) -> str:
    """Path and query as they were sent: gunicorn gives RAW_URI, werkzeug REQUEST_URI."""
    raw = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or "")
    if not raw.startswith("/"):  # the absolute form of a request line
        parts = urlsplit(raw)
        raw = parts.path + (f"?{parts.query}" if parts.query else "")
    return raw


def _signed(validator: RequestValidator, url: str, form: MultiDict[str, str], signature: str) -> bool:
    """The SDK also tries the URL with and without a port; the plain one is nearly always right, and first."""
    plain: str = validator.compute_signature(url, form)
    return hmac.compare_digest(plain.encode(), signature.encode()) or bool(
        validator.validate(url, form, signature)
    )
