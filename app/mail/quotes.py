"""What somebody wrote in a mail, without the mail that they answer, as mail programs quote it.

Line by line and in one pass: anybody may write to us, and no text is to be slow to read. What is left out
is marked as quoted, or a mail of one of our cases; what was passed on from others stays.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_MOST_READ = 100_000  # letters; what somebody writes themselves is far shorter
_WIDEST = 600  # letters of a line in which a quote may begin
_BLOCK = 12  # lines among which the headers of a quoted mail stand
_WRAPPED = 3  # lines that its introduction may take
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200e\u200f\u202a\u202c"))

_FROM = re.compile(r"(?:from|de)\s?:", re.IGNORECASE)
_SENT = re.compile(r"(?:sent|date|enviad[oa](?: el| em)?|fecha|data)\s?:", re.IGNORECASE)
_SUBJECT = re.compile(r"(?:subject|asunto|assunto)\s?:", re.IGNORECASE)
_OF_A_CASE = re.compile(r"\[G-\d{1,9}\]")
_RULE = re.compile(r"[_-]{5,}|-+ ?(?:original message|mensaje original|mensagem original) ?-+", re.IGNORECASE)
# "El lun, 23 nov 2026 a las 2:03, Guardia (<guardia@…>) escribió:"
_INTRODUCES = re.compile(r"(?:on|el|em)\b.*\b(?:wrote|escribió|escreveu)\s?:$", re.IGNORECASE)
_MAY_INTRODUCE = re.compile(r"(?:on|el|em)\b", re.IGNORECASE)
_DATED = re.compile(r"\d[:.h]\d\d|\b20\d\d\b|@")


@dataclass(frozen=True, slots=True)
class Words:
    """``is_shortened``: more was left out than what is marked as quoted."""

    text: str
    is_shortened: bool = False


def own_words(said: str) -> Words:
    """What was written above the quoted mail, or below it. Answers between quoted lines keep all of it."""
    lines = said[:_MOST_READ].splitlines()
    everything = Words(_text(lines), len(said) > _MOST_READ)
    for number in range(len(lines)):
        if _are_headers(lines[number : number + _BLOCK]):
            return _above(lines[:number]) or everything
        length = _introduction(lines[number : number + _WRAPPED])
        if length:
            return _around(lines[:number], lines[number + length :]) or everything
    return everything


def _above(lines: Sequence[str]) -> Words | None:
    own = list(lines)
    while own and (not own[-1].strip() or _RULE.fullmatch(_bare(own[-1]))):
        own.pop()
    return Words(_text(own), is_shortened=True) if own else None


def _around(above: Sequence[str], quoted: Sequence[str]) -> Words | None:
    """What stands around a quoted mail that was introduced; None where it cannot be told apart."""
    rest = list(quoted)
    while rest and not rest[0].strip():
        rest.pop(0)
    if rest and not _is_marked(rest[0]):
        return _above(above)  # whatever follows is not marked
    marked = next((n for n, line in enumerate(rest) if line.strip() and not _is_marked(line)), len(rest))
    below = rest[marked:]
    if not _text(below):
        return Words(_text(above))
    if not _text(above) and not any(map(_is_marked, below)):
        return Words(_text(below))
    return None


def _are_headers(lines: Sequence[str]) -> bool:
    """Whether a mail of a case is quoted from here on: ``De: … Enviado el: … Asunto: [G-1042] …``."""
    if not _FROM.match(_bare(lines[0])):
        return False
    bare = [_bare(line) for line in lines[1:]]
    if not any(map(_SENT.match, bare)):
        return False
    subject = next((n for n, line in enumerate(bare) if _SUBJECT.match(line)), None)
    return subject is not None and bool(_OF_A_CASE.search(" ".join(bare[subject : subject + 2])))


def _introduction(lines: Sequence[str]) -> int:
    """How many lines it takes to say who wrote what follows, and when; 0 where it is not said."""
    if not _MAY_INTRODUCE.match(_bare(lines[0])):
        return 0
    joined = ""
    for length, line in enumerate(map(_bare, lines), start=1):
        if length > 1 and (not line or _MAY_INTRODUCE.match(line)):
            return 0  # it was a sentence of its own
        joined = f"{joined} {line}".strip()
        if _INTRODUCES.match(joined) and _DATED.search(joined):
            return length
    return 0


def _bare(line: str) -> str:
    """Without what marks it as quoted or as bold, nor what nobody sees."""
    return line[:_WIDEST].translate(_INVISIBLE).lstrip("> \t").replace("*", "").strip()


def _is_marked(line: str) -> bool:
    return line[:_WIDEST].translate(_INVISIBLE).lstrip().startswith(">")


def _text(lines: Sequence[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip()
