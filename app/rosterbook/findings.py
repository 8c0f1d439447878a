"""What is wrong with the rosters folder, where, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"  # the folder is refused
    WARNING = "warning"  # a manager should know


class Code(StrEnum):
    """What kind of finding it is; docs/rosters.md explains each."""

    ADDRESS = "address"
    ALIAS = "alias"
    AWAY_ON_LEVEL = "away-on-level"
    AWAY_ON_TURN = "away-on-turn"
    CONTRACT_ENDS = "contract-ends"
    CONTRACT_SUSPENDED = "contract-suspended"
    DRILL_LAPSED = "drill-lapsed"
    DUPLICATE_KEY = "duplicate-key"
    EMPTY = "empty"
    ENDS_BEFORE = "ends-before"
    GAP = "gap"
    GUARD_LINE_TWICE = "guard-line-twice"
    HOLIDAYS = "holidays"
    KEY = "key"
    LENGTH = "length"
    LONG_WAIT = "long-wait"
    MISSING_FILE = "missing-file"
    MISSING_KEY = "missing-key"
    MOMENT = "moment"
    NO_FOLDER = "no-folder"
    NO_INTEGRATION = "no-integration"
    NOBODY_VERIFIED = "nobody-verified"
    NOT_A_FILE = "not-a-file"
    NOT_UTF_8 = "not-utf-8"
    OVERRIDE_AWAY = "override-away"
    OVERRIDE_OVERLAP = "override-overlap"
    OVERRIDE_WITHOUT_EFFECT = "override-without-effect"
    PHONE = "phone"
    PHONE_SHARED = "phone-shared"
    PHONE_UNLIKELY = "phone-unlikely"
    PIN = "pin"
    PROMISE_ORDER = "promise-order"
    ROTATION_UNUSED = "rotation-unused"
    SAME_PERSON = "same-person"
    SEVERAL_DOCUMENTS = "several-documents"
    SHELF_IN_PUBLIC = "shelf-in-public"
    SHORT_LEVEL = "short-level"
    SHORT_REST = "short-rest"
    TAG = "tag"
    TIME_ZONE = "time-zone"
    TOO_BIG = "too-big"
    TOO_DEEP = "too-deep"
    UNKNOWN_CHOICE = "unknown-choice"
    UNKNOWN_FILE = "unknown-file"
    UNKNOWN_KEY = "unknown-key"
    UNKNOWN_PERSON = "unknown-person"
    UNKNOWN_ROTATION = "unknown-rotation"
    UNKNOWN_TEAM = "unknown-team"
    UNREADABLE = "unreadable"
    USED_TWICE = "used-twice"
    VALUE = "value"
    WINDOW = "window"
    WRONG_SHAPE = "wrong-shape"
    YAML = "yaml"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One mistake or remark; line and column count from 1, ``code`` is explained in docs/rosters.md."""

    path: str
    line: int
    column: int
    severity: Severity
    code: Code
    message: str

    def __str__(self) -> str:
        note = "" if self.severity is Severity.ERROR else "warning: "
        return f"{self.path}:{self.line}:{self.column}: {note}{self.message} [{self.code}]"


def nearest(name: str, known: Iterable[str]) -> str:
    """The remedy for a name that is unknown: the nearest one that is not, or all there are."""
    names = sorted(set(known))
    close = get_close_matches(name[:80], names, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    if not names:
        return "there is none yet"
    listed = ", ".join(f"`{n}`" for n in names[:12])
    return f"known: {listed}" + (" and others" if len(names) > 12 else "")


def shown(text: object) -> str:
    """What somebody wrote, in quotes and short enough to be read."""
    words = str(text).replace("\n", " ")
    words = "".join(c if c.isprintable() else "?" for c in words)
    return f"`{words if len(words) <= 60 else words[:57] + '…'}`"
