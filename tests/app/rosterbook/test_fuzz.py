"""A thousand rosters folders that somebody spoilt: never a traceback, never half accepted."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.rosterbook import Severity, read
from app.rosterbook.proof import prove
from oncall.rosters import on_call
from tests.app.rosterbook.folders import GOOD, written

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
JUNK = [
    "",
    " ",
    "\u202e",
    "\x00",
    "\x85",
    "\ufeff",
    "\t",
    "- ",
    ": ",
    "kind: cover",
    "kind: remove",
    "layers: []",
]
JUNK += [
    "~",
    "null",
    "[]",
    "{}",
    "[[[",
    "}",
    "&a",
    "*a",
    "<<:",
    "!!int",
    "|",
    ">",
    "'",
    '"',
    "#",
    "?",
    "%",
    "@",
    "`",
    "-",
    "yes",
    "true",
    "0",
    "-1",
    "1e999",
    ".nan",
    "+1",
    "24:00",
    "sun-mon",
]
JUNK += [
    "9999-12-31 23:59",
    "0001-01-01 00:00",
    "1900-01-01 00:00",
    "2026-13-45 99:99",
    "sun 24:00",
    "999999 hours",
]
JUNK += [
    "9999 months",
    "999999 months",
    "9999 weeks",
    "0 days",
    "1 day",
    "ana",
    "primary",
    "Ünïcödé",
    "active: []",
    "America/Lima",
]
JUNK += ["../../etc/passwd", "Etc/GMT+12", "9" * 30, "x" * 500]


def spoilt(text: str, chance: random.Random) -> bytes:
    lines = text.splitlines(keepends=True)
    for _ in range(chance.randint(1, 3)):
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        words = lines[at].split(" ")
        way = chance.randrange(8)
        if way == 0:
            del lines[at]
            lines = lines or ["\n"]
        elif way == 1:
            lines.insert(other, lines[at])
        elif way == 2:
            lines[at], lines[other] = lines[other], lines[at]
        elif way == 3:
            lines[at] = " " * chance.randint(0, 6) + lines[at].lstrip()
        elif way == 4:
            words[chance.randrange(len(words))] = chance.choice(JUNK)
            lines[at] = " ".join(words)
        elif way == 5:
            place = chance.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:place] + chance.choice(JUNK) + lines[at][place:]
        elif way == 6:
            place = chance.randrange(len(lines[at]))
            lines[at] = lines[at][:place] + chance.choice("[]{},:#-&*!|>'\"%@`0az\n") + lines[at][place + 1 :]
        else:
            key, colon, _ = lines[at].partition(": ")
            lines[at] = key + colon + chance.choice(JUNK) + "\n" if colon else lines[at]
    data = "".join(lines).encode("utf-8", "surrogatepass")
    if chance.random() < 0.05:
        place = chance.randrange(len(data) + 1)
        data = data[:place] + bytes(chance.randrange(256) for _ in range(3)) + data[place:]
    return data


def test_a_thousand_spoilt_folders_end_in_findings(tmp_path: Path) -> None:
    chance, accepted = random.Random(2580), 0
    written(tmp_path)

    for _ in range(1000):
        name = chance.choice([*GOOD, "teams/guard.yaml", "people.yaml"])
        (tmp_path / name).write_bytes(spoilt(GOOD[name], chance))
        reading = read(tmp_path)

        wrong = any(f.severity is Severity.ERROR for f in reading.findings)
        assert wrong == (reading.book is None)
        assert all(f.line >= 1 and f.column >= 1 and f.message for f in reading.findings)
        assert set(reading.unread) <= set(reading.findings)
        for team in reading.teams.values():
            for rotation in team.rotations:
                on_call(team, rotation, AT, reading.people)
        prove(reading, AT, AT + timedelta(weeks=2))
        accepted += not wrong
        (tmp_path / name).write_text(GOOD[name], encoding="utf-8")

    assert 20 < accepted < 800
