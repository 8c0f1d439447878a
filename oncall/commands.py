"""What who has an incident may text: that they work on it, until when, that it is solved, or not theirs.

``sigo``, ``sigo 3h``, ``resuelto``, ``paso``; with a reference (``sigo G-1042 3h``) where they have several.
"""

import re
from dataclasses import dataclass

from oncall.escalation import Answer

LONGEST_ETA_HOURS = 168  # a week

_WORDS = {
    Answer.WORKING: ("working", "sigo", "sigo en eso", "sigo trabajando", "continuo", "trabalhando"),
    Answer.SOLVED: ("solved", "resuelto", "resolvido"),
    Answer.HANDED_OVER: ("hand over", "handover", "paso", "lo paso", "passo", "transferir"),
}
_ANSWERS = {word: answer for answer, words in _WORDS.items() for word in words}
_LISTED = "|".join(sorted(map(re.escape, _ANSWERS), key=len, reverse=True))
_COMMAND = re.compile(
    rf"\s*(?P<word>{_LISTED})(?:[\s,;:]+(?P<case>[gG]-?\d{{1,9}}))?(?:[\s,;:]+(?P<hours>\d{{1,3}})\s*h\w*)?\s*[.!]?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class HolderCommand:
    answer: Answer
    case: int | None  # its number; None where it was not named
    hours: int | None  # until it is expected to be solved


def read_holder_command(body: str) -> HolderCommand | None:
    """The command in a text; None for any other text, and for hours that cannot be meant."""
    found = _COMMAND.fullmatch(body.replace("ú", "u"))
    if found is None:
        return None
    answer = _ANSWERS[found["word"].lower()]
    hours = eta_hours(found["hours"]) if found["hours"] else None
    if found["hours"] and (hours is None or answer is not Answer.WORKING):
        return None
    case = int(re.sub(r"\D", "", found["case"])) if found["case"] else None
    return HolderCommand(answer, case, hours)


def eta_hours(digits: str) -> int | None:
    """The hours that somebody keyed or texted; None for what cannot be meant."""
    hours = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 3 else 0
    return hours if 1 <= hours <= LONGEST_ETA_HOURS else None
