"""What the machine must have for the whole suite, and what happens where it does not.

On a laptop a missing browser or database server skips the tests that need it,
with a reason that stands in the closing lines; where CI=true it fails them, so
that a green run always means the whole suite.
"""

import os
import shutil
from typing import NoReturn

import pytest

_CHROMIUM_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def missing(part: str) -> NoReturn:
    """Skip this test because the machine lacks ``part``; under CI=true, fail it."""
    reason = f"this machine has no {part}"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}, and CI must have it", pytrace=False)
    pytest.skip(reason)


def chromium() -> str:
    """The path of a Chromium or Chrome; skips or fails where there is none."""
    for name in _CHROMIUM_NAMES:
        path = shutil.which(name)
        if path:
            return path
    missing("Chromium (Debian: apt install chromium)")
