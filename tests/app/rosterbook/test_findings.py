"""Each mistake in a rosters folder is told with its place, what is wrong and what to do."""

from pathlib import Path

import pytest

from app.rosterbook import Severity, read
from app.rosterbook.findings import Code
from tests.app.rosterbook.folders import GOOD, changed, written

TEAM, PEOPLE, SERVICE, CLIENT = "teams/guard.yaml", "people.yaml", "service.yaml", "clients/acme.yaml"

# file, what is replaced, by what, and the finding: line, column, code, part of the sentence
K, START = Code, "starts: 2026"
T, P, S, C = TEAM, PEOPLE, SERVICE, CLIENT
MISTAKES = [
    (T, "shift: 1 week", "shfit: 1 week", (6, 5), K.UNKNOWN_KEY, "did you mean `shift`?"),
    (T, "    shift: 1 week\n", "", (4, 3), K.MISSING_KEY, "add it, as in `shift: 1 week`"),
    (T, "1 week", "1 wek", (6, 12), K.LENGTH, "write `12 hours`, `1 day`, `1 week` or `1 month`"),
    (T, "1 week", "30 minutes", (6, 12), K.LENGTH, "count it in hours, days, weeks or months"),
    (T, "1 week", "0 weeks", (6, 12), K.LENGTH, "the least is 1"),
    (T, "2026-01-05 09:00", "2026-02-30 09:00", (7, 13), K.MOMENT, "does not exist"),
    (T, "2026-01-05 09:00", "5 January", (7, 13), K.MOMENT, "write it as `2026-01-05 09:00`"),
    (T, "[ana, bruno]", "[ana, brunno]", (5, 19), K.UNKNOWN_PERSON, "did you mean `bruno`?"),
    (T, "[ana, bruno]", "[ana, [bruno, crala]]", (5, 27), K.UNKNOWN_PERSON, "did you mean `carla`?"),
    (T, "[ana, bruno]", "[ana, [bruno, bruno]]", (5, 19), K.VALUE, "are different people"),
    (T, "[ana, bruno]", "[]", (5, 13), K.EMPTY, "name at least one"),
    (T, "[ana, bruno]", "ana", (5, 13), K.WRONG_SHAPE, "a list"),
    (T, "Buenos_Aires", "Buenos_Airs", (2, 11), K.TIME_ZONE, "Buenos_Aires`?"),
    (T, "timezone: America/Argentina/Buenos_Aires", "timezone: ../etc", (2, 11), K.TIME_ZONE, "IANA"),
    (T, "rotation: primary", "rotation: primry", (12, 16), K.UNKNOWN_ROTATION, "did you mean `primary`?"),
    (T, "person: lucia", "person: luca", (12, 33), K.UNKNOWN_PERSON, "did you mean `lucia`?"),
    (T, "person: lucia, ", "", (12, 5), K.VALUE, "`person` is missing"),
    (T, "person: lucia", "kind: remove", (12, 5), K.VALUE, "`instead_of: ana`"),
    (T, "reason: Navidad", "kind: covr", (12, 92), K.UNKNOWN_CHOICE, "did you mean `cover`?"),
    (T, "to: 2026-12-26", "to: 2026-12-23", (12, 5), K.ENDS_BEFORE, "`to` is after `from`"),
    (T, "page: primary", "page: lucia", (14, 12), K.UNKNOWN_ROTATION, "write `[lucia]`"),
    (T, "page: primary", "page: premary", (14, 12), K.UNKNOWN_ROTATION, "did you mean `primary`?"),
    (T, "page: [lucia]", "page: [luzia]", (16, 13), K.UNKNOWN_PERSON, "did you mean `lucia`?"),
    (T, "for: 5 minutes", "for: 1 month", (16, 26), K.LENGTH, "`30 seconds`"),
    (T, "ring: 25 seconds", "ring: soon", (17, 7), K.LENGTH, "`30 seconds`"),
    (T, "ring: 25 seconds", "notices: {mail: soon}", (17, 17), K.LENGTH, "`30 seconds`"),
    (T, "layers:\n", "shift: 1 day\n    layers:\n", (9, 5), K.UNKNOWN_KEY, "unknown key `shift`"),
    (T, START, "until: 2026-01-01 00:00\n    " + START, (7, 12), K.ENDS_BEFORE, "nobody"),
    (T, START, "active: [{days: mun, from: '1:00', to: '2:00'}]\n    " + START, (7, 21), K.WINDOW,
    "`mun` is not a day"),
    (T, START, "active: [{from: sat, to: mon 00:00}]\n    " + START, (7, 14), K.WINDOW,
    "write `sat 00:00`, or add `days`"),
    (T, START, "active: [{days: mon, from: '25:00', to: '2:00'}]\n    " + START, (7, 14), K.WINDOW,
     'write it as "18:00"'),
    (T, START, "skip_empty_turns: maybe\n    " + START, (7, 23), K.WRONG_SHAPE, "`true` or `false`"),
    (P, "+5511955550102", "11955550102", (11, 14), K.PHONE, "is not a phone number"),
    (P, "+5511955550102", "+55 11 95555-0102", (11, 14), K.PHONE, 'write it as "+5511955550102"'),
    (P, "+5511955550102", "+551", (11, 14), K.PHONE, ""),
    (P, "+5511955550102", "+5491155550101", (11, 14), K.PHONE_SHARED, "also a phone of `ana`"),
    (P, "language: pt", "language: br", (12, 15), K.UNKNOWN_CHOICE, "es, pt, en"),
    (P, "    language: pt\n", "", (9, 3), K.MISSING_KEY, "`language: es`"),
    (P, "ana@aivo.example", "ana at aivo", (5, 12), K.ADDRESS, "ana@aivo.example"),
    (P, "name: Ana Paz", "name:", (3, 5), K.WRONG_SHAPE, "nothing is written"),
    (P, "to: 2027-01-03", "to: 2026-01-03", (8, 9), K.ENDS_BEFORE, "`to` is after `from`"),
    (P, "  bruno:", "  ana:", (9, 3), K.DUPLICATE_KEY, "already stands in line 2"),
    (P, "  bruno:", "  Bruno:", (9, 3), K.VALUE, "lower-case"),
    (P, "people:\n", "people: [\n", (3, 9), K.YAML, "not valid YAML"),
    (S, "holidays: AR", "holidays: AX9", (1, 94), K.HOLIDAYS, "a country's code such as `AR`"),
    (S, "holidays: AR", "holidays: [AR, BR-XX]", (1, 94), K.HOLIDAYS, "BR has no part"),
    (S, 'from: "09:00"', 'from: "19:00"', (1, 16), K.VALUE, "`to` is after `from`"),
    (S, "https://support.example", "support", (2, 50), K.ADDRESS, "https://support.example"),
    (S, "email: support", "emial: support", (2, 77), K.UNKNOWN_KEY, "did you mean `email`?"),
    (S, "  high:", "  hihg:", (5, 3), K.UNKNOWN_CHOICE, "did you mean `high`?"),
    (S, "6 hours", "6 working weeks", (4, 49), K.LENGTH, "cannot be promised"),
    (S, "[lucia]", "[lucía]", (6, 12), K.VALUE, "is not an id"),
    (S, "[lucia]", "[marta]", (6, 12), K.UNKNOWN_PERSON, "unknown person `marta`"),
    (S, "managers: [lucia]\n", "", (1, 1), K.MISSING_KEY, "`managers: [lucia]`"),
    (S, "managers:", "fallback: {url: 'https://b.example'}\nmanagers:", (6, 11), K.VALUE, "one of the two"),
    (S, "managers:", "fallback: {url: 'http://b.example', folder: var}\nmanagers:", (6, 17), K.ADDRESS, "https://"),
    (S, "managers:", "shelf: {}\nmanagers:", (6, 8), K.VALUE, "one of the two"),
    (S, "managers:", "fallback: {url: 'https://b.example', folder: v}\nshelf: {folder: v/x}\nmanagers:",
    (7, 17), K.SHELF_IN_PUBLIC, "keep the shelf outside"),
    (C, "team: guard", "team: gaurd", (9, 9), K.UNKNOWN_TEAM, "did you mean `guard`?"),
    (C, "to: 2030-12-31", "to: 2025-12-31", (7, 7), K.ENDS_BEFORE, "`to` is after `from`"),
    (C, "to: 2030-12-31", "to: 2030-13-31", (7, 7), K.MOMENT, "does not exist"),
    (C, "+541152630001", "+5491155550103", (8, 15), K.GUARD_LINE_TWICE, "a phone of `carla`"),
    (C, "team: guard", 'team: guard\n  pin: "2580"', (10, 8), K.PIN, "`guardia pin`"),
    (C, "built_by: aivo", "built_by: avio", (13, 47), K.UNKNOWN_CHOICE, "did you mean `aivo`?"),
    (C, "id: encuestas", "id: crm", (14, 10), K.USED_TWICE, "twice"),
    (C, "language: es", "langauge: es", (3, 1), K.UNKNOWN_KEY, "did you mean `language`?"),
]  # fmt: skip


BOMB = b"a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12)
)


def test_the_good_folder_has_no_findings(tmp_path: Path) -> None:
    reading = read(written(tmp_path))

    assert reading.findings == ()
    assert reading.book is not None


@pytest.mark.parametrize(("file", "old", "new", "place", "code", "words"), MISTAKES)
def test_a_mistake_has_its_place_and_its_remedy(
    tmp_path: Path, file: str, old: str, new: str, place: tuple[int, int], code: Code, words: str
) -> None:
    reading = read(changed(tmp_path, file, old, new))

    found = [f for f in reading.findings if f.code is code]
    assert found, reading.findings
    assert (found[0].path, (found[0].line, found[0].column)) == (str(tmp_path / file), place)
    assert words in found[0].message
    assert found[0].severity is Severity.ERROR
    assert reading.book is None


def test_all_mistakes_are_told_in_one_run(tmp_path: Path) -> None:
    files = dict(GOOD)
    files[TEAM] = GOOD[TEAM].replace("1 week", "1 wek").replace("3 minutes", "3 minits")
    files[PEOPLE] = GOOD[PEOPLE].replace("pt", "br").replace("+549", "549")
    files[CLIENT] = GOOD[CLIENT].replace("team: guard", "taem: guard")
    files[SERVICE] = GOOD[SERVICE].replace("days: mon-fri", "days: monfri")

    found = read(written(tmp_path, files)).findings

    by_file = {name: [f.code for f in found if f.path.endswith(name)] for name in files}
    assert by_file[TEAM].count(Code.LENGTH) == 4
    assert by_file[PEOPLE].count(Code.PHONE) == 3
    assert Code.UNKNOWN_CHOICE in by_file[PEOPLE]
    assert {Code.UNKNOWN_KEY, Code.MISSING_KEY} <= set(by_file[CLIENT])
    assert Code.WINDOW in by_file[SERVICE]


def test_a_team_that_cannot_be_read_is_not_missed_by_each_client(tmp_path: Path) -> None:
    (finding,) = read(changed(tmp_path, TEAM, "team: guard", "team: [")).findings

    assert (finding.path.endswith(TEAM), finding.code) == (True, K.YAML)


@pytest.mark.parametrize("file", ["people.yaml", "service.yaml"])
def test_a_missing_file_is_told(tmp_path: Path, file: str) -> None:
    reading = read(written(tmp_path, {n: t for n, t in GOOD.items() if n != file}))

    assert [f.code for f in reading.errors()] == [Code.MISSING_FILE]
    assert reading.errors()[0].path == str(tmp_path / file)


def test_a_folder_without_clients_is_fine(tmp_path: Path) -> None:
    reading = read(written(tmp_path, {n: t for n, t in GOOD.items() if n != CLIENT}))

    assert reading.findings == ()
    assert reading.book is not None


def test_a_folder_without_teams_is_not(tmp_path: Path) -> None:
    reading = read(written(tmp_path, {n: t for n, t in GOOD.items() if n != TEAM}))

    assert Code.MISSING_FILE in {f.code for f in reading.unread}


def test_no_folder_at_all_is_one_finding(tmp_path: Path) -> None:
    reading = read(tmp_path / "nowhere")

    assert [f.code for f in reading.findings] == [Code.NO_FOLDER]


@pytest.mark.parametrize(
    ("data", "place", "code"),
    [
        (b"people:\n  ana: \xff\n", (2, 8), Code.NOT_UTF_8),
        (b"", (1, 1), Code.WRONG_SHAPE),
        (b"# nothing but a comment\n", (1, 1), Code.WRONG_SHAPE),
        (b"- a\n- b\n", (1, 1), Code.WRONG_SHAPE),
        (b"people: {}\n---\npeople: {}\n", (2, 1), Code.SEVERAL_DOCUMENTS),
        (b"people: !!python/object/apply:os.system [ls]\n", (1, 9), Code.TAG),
        (b"? [a]\n: b\n", (1, 3), Code.KEY),
        (b"people: *nobody\n", (1, 9), Code.ALIAS),
        (b"people: " + b"[" * 100_000, (1, 39), Code.TOO_DEEP),
        (BOMB, (6, 10), Code.TOO_BIG),
        (b"#" * 1_100_000, (1, 1), Code.TOO_BIG),
        (b"people:\n\tana: 1\n", (2, 1), Code.YAML),
        (b"people: \x00\n", (1, 1), Code.YAML),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_one_finding(
    tmp_path: Path, data: bytes, place: tuple[int, int], code: Code
) -> None:
    (written(tmp_path) / PEOPLE).write_bytes(data)

    found = [f for f in read(tmp_path).findings if f.path.endswith(PEOPLE)]

    assert [(f.code, (f.line, f.column)) for f in found] == [(code, place)]


def test_a_directory_where_a_file_should_be_is_told(tmp_path: Path) -> None:
    written(tmp_path, {n: t for n, t in GOOD.items() if n != PEOPLE})
    (tmp_path / PEOPLE).mkdir()
    (tmp_path / "teams" / "other.yaml").mkdir()

    assert [f.code for f in read(tmp_path).errors()] == [Code.NOT_A_FILE, Code.NOT_A_FILE]


def test_a_team_or_a_client_that_stands_in_two_files_is_told(tmp_path: Path) -> None:
    again = {"teams/other.yaml": GOOD[TEAM], "clients/other.yaml": GOOD[CLIENT]}

    found = read(written(tmp_path, {**GOOD, **again})).errors()

    assert [(f.code, Path(f.path).name) for f in found] == [
        (Code.USED_TWICE, "other.yaml"), (Code.USED_TWICE, "other.yaml")
    ]  # fmt: skip


def test_a_guard_line_belongs_to_one_contract(tmp_path: Path) -> None:
    other = GOOD[CLIENT].replace("client: acme", "client: other")

    found = read(written(tmp_path, {**GOOD, "clients/other.yaml": other})).errors()

    assert [f.code for f in found] == [Code.GUARD_LINE_TWICE]
    assert "already the guard line of `acme`" in found[0].message


def test_a_file_that_nothing_reads_is_a_warning(tmp_path: Path) -> None:
    reading = read(written(tmp_path, {**GOOD, "team/other.yaml": "", "notes.txt": "", ".hidden.yaml": ""}))

    assert [(f.code, f.severity, Path(f.path).name) for f in reading.findings] == [
        (Code.UNKNOWN_FILE, Severity.WARNING, "team")
    ]
    assert reading.book is not None


def test_a_number_that_no_country_assigns_is_a_warning(tmp_path: Path) -> None:
    reading = read(changed(tmp_path, PEOPLE, "+5511955550102", "+15550000001"))

    assert [(f.code, f.severity, f.line) for f in reading.findings] == [
        (Code.PHONE_UNLIKELY, Severity.WARNING, 11)
    ]
    assert reading.book is not None


def test_a_long_or_unprintable_value_is_quoted_briefly(tmp_path: Path) -> None:
    reading = read(changed(tmp_path, TEAM, "1 week", '"' + "x" * 5000 + '\\u001b[31m"'))

    message = reading.errors()[0].message
    assert len(message) < 200
    assert "\x1b" not in message


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "code", "words"),
    [
        (T, "primary, for: 3 minutes", "primary, for: 1 second", (14, 26), K.SHORT_LEVEL,
        "ends after 1 second, and a phone rings for 25 seconds"),
        (T, "ring: 25 seconds", "ring: 4 minutes", (14, 26), K.SHORT_LEVEL,
        "ends after 3 minutes, and a phone rings for 4 minutes"),
        (T, "ring: 25 seconds", "ring: 1 hour", (17, 7), K.SHORT_LEVEL, "longer than any"),
        (S, "first_response: 1 hour", "first_response: 9 hours", (4, 29), K.PROMISE_ORDER, "exchanged?"),
        (S, "first_response: 2 hours", "first_response: 9 working hours", (5, 26), K.PROMISE_ORDER,
        "exchanged?"),
        (S, "managers:", "longest_wait: 9999 hours\nmanagers:", (6, 15), K.LONG_WAIT, "more than an hour"),
    ],
)  # fmt: skip
def test_a_value_that_switches_off_paging_is_warned_of(
    tmp_path: Path, file: str, old: str, new: str, place: tuple[int, int], code: Code, words: str
) -> None:
    reading = read(changed(tmp_path, file, old, new))

    found = reading.findings[0]
    assert {f.code for f in reading.findings} == {code}
    assert (found.path, (found.line, found.column)) == (str(tmp_path / file), place)
    assert words in found.message
    assert found.severity is Severity.WARNING
    assert reading.book is not None, "it may be meant"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (T, "for: 3 minutes", "for: 25 seconds"),
        (S, "first_response: 2 hours", "first_response: 15 hours"),
        (S, "first_response: 2 hours", "first_response: [9 working hours, 2 hours]"),
        (S, "managers:", "longest_wait: 1 hour\nmanagers:"),
    ],
)
def test_what_is_only_long_or_short_is_not(tmp_path: Path, file: str, old: str, new: str) -> None:
    assert read(changed(tmp_path, file, old, new)).findings == ()
