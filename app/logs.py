"""Logs go to stderr, one line each, with telephone numbers masked and no secret in them (I12)."""

import logging
import re
import sys
import time

# Also as an address holds it: the network's own errors quote the URL that they failed on.
_NUMBER = re.compile(r"(?:\+|%2B)\d{6,15}\b", re.IGNORECASE)
_KEPT = 4


class MaskNumbers(logging.Filter):
    """Leaves the last digits of a telephone number: enough to tell two apart, not enough to call."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if _NUMBER.search(message):
            record.msg, record.args = _NUMBER.sub(_masked, message), None
        return True


class _MaskingFormatter(logging.Formatter):
    """Tracebacks hold numbers too."""

    converter = staticmethod(time.gmtime)

    def formatException(self, ei: object) -> str:
        return _NUMBER.sub(_masked, super().formatException(ei))  # type: ignore[arg-type]


def _masked(found: re.Match[str]) -> str:
    return "+…" + found.group()[-_KEPT:]


def set_up(level: int = logging.INFO) -> None:
    """Have the root logger write to stderr; a second call changes nothing but the level."""
    root = logging.getLogger()
    root.setLevel(level)
    if any(isinstance(h.formatter, _MaskingFormatter) for h in root.handlers):
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_MaskingFormatter("%(asctime)sZ %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(MaskNumbers())
    root.addHandler(handler)
    for chatty in ("apscheduler", "twilio.http_client", "urllib3", "mail.log", "alembic", "fontTools"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
