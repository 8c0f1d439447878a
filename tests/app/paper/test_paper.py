"""The record on paper: all that the page says, in three languages, with the same bytes each time."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app import migrations
from app.cli import main
from app.locales import LANGUAGES
from app.paper import as_pdf, as_text, compose
from app.rosterbook import read
from oncall.record import Draft
from oncall.store import Store, engine_for

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
CASE: dict[str, Any] = {
    "kind": "incident",
    "state": "closed",
    "client": "acme",
    "client_name": "ACME Seguros",
    "integration": "crm",
    "integration_name": "CRM Salesforce",
    "priority": "blocker",
    "contact": "Íñigo Ruiz",
    "line": "+541152630001",
    "timezone": "America/Argentina/Buenos_Aires",
    "opened_at": AT,
    "closed_at": AT + timedelta(hours=2),
    "acknowledged_by": "ana",
    "acknowledged_by_name": "Ana Paz",
    "acknowledged_at": AT + timedelta(minutes=1),
    "first_taken_at": AT + timedelta(minutes=1),
    "respond_by": AT + timedelta(hours=1),
    "resolve_by": AT + timedelta(hours=1),
}
_BOOK = read(Path(__file__).parents[3] / "rosters").book
SERVICE = _BOOK.service if _BOOK else None
ANA = {"person": "ana", "name": "Ana Paz"}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path}/guardia.db"
    monkeypatch.setenv("DATABASE_URL", url)
    store = Store(engine_for(url))
    migrations.upgrade(store.engine)
    yield store
    store.engine.dispose()


def written(store: Store, *drafts: Draft, **values: Any) -> int:
    with store.writing() as work:
        case = work.add_case(CASE | values)
        work.append_notes(case, [(AT + timedelta(seconds=n), draft) for n, draft in enumerate(drafts)])
    return case


def paper(store: Store, case: int, language: str | None = None) -> tuple[str, bytes]:
    with store.reading() as work:
        row = work.case(case)
        assert row is not None
        document = compose(work, row, SERVICE, language)
    return as_text(document), as_pdf(document)


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def note(text: str) -> Draft:
    return Draft("note", {**ANA, "text": text}, "ana")


def test_the_paper_says_what_is_known_of_the_case_and_each_entry(store: Store) -> None:
    case = written(store, Draft("disposition", {**ANA, "answer": "solved"}, "ana"), note("El token venció."))

    text, pdf = paper(store, case)

    assert text.startswith("Incidente G-1001\n")
    for said in ("ACME Seguros", "Íñigo Ruiz", "Ana Paz: resuelto.", "El token venció.", "fuera de término"):
        assert said in text
    assert pdf.startswith(b"%PDF-")


def test_under_which_rosters_it_was_written_is_told_once_and_again_where_they_changed(store: Store) -> None:
    store.name_rosters(lambda: "9f2c41d07b3e")
    case = written(store, note("uno"), note("dos"))
    assert "Todo se escribió con el roster 9f2c41d07b3e." in paper(store, case)[0]

    store.name_rosters(lambda: "9f2c41d07b3e+1")
    with store.writing() as work:
        work.append(case, AT + timedelta(minutes=1), [note("tres")])

    told = " ".join(paper(store, case)[0].split())
    assert "9f2c41d07b3e (asientos 1 a 2); 9f2c41d07b3e+1 (asientos 3 a 3)." in told


def test_a_record_is_read_in_the_order_of_time_under_the_numbers_it_was_written_with(store: Store) -> None:
    case = written(store, note("primero"), note("tercero"))
    with store.writing() as work:
        work.append(case, AT, [note("segundo")])

    text, _ = paper(store, case)

    lines = [line for line in text.splitlines() if re.match(r"\d +23 nov", line)]
    assert [line.split()[0] for line in lines] == ["1", "3", "2"]


def test_files_are_listed_with_their_hashes(store: Store) -> None:
    case = written(store, note("va adjunto"))
    digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    with store.writing() as work:
        file = {"digest": digest, "name": "pedido.txt", "media_type": "text/plain", "size": 12_340}
        work.add_file(case, file | {"by": "ana", "at": AT, "token": "t"})

    text, _ = paper(store, case)

    assert digest in text
    assert "pedido.txt" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_record_gives_the_same_bytes_in_every_language(store: Store, language: str) -> None:
    case = written(store, note("¿Qué pasó?"), note("não, à tarde"))

    assert paper(store, case, language) == paper(store, case, language)
    assert len({paper(store, case, other)[0] for other in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize(
    "name", ["Ана 🤖", "小林 さん", "\u202eمحمد", "a\x07b\tc\r\nd", "e\u0301", "x" * 300, ""]
)
def test_no_name_however_odd_stops_the_printer(store: Store, name: str) -> None:
    case = written(store, Draft("client_called", {"person": "ana", "name": name}, "ana"), contact=name)

    text, pdf = paper(store, case)

    assert pages_of(pdf) >= 1
    assert name.split("\x07")[0] in text


def test_a_note_longer_than_a_page_and_a_record_longer_than_ten_go_on_to_the_next(store: Store) -> None:
    case = written(store, note("muchas palabras " * 1500), *(note(f"línea {n}") for n in range(400)))

    _, pdf = paper(store, case)

    assert pages_of(pdf) > 10


def test_the_fonts_travel_with_the_document_and_its_letters_can_be_searched(store: Store) -> None:
    _, pdf = paper(store, written(store, note("año")))

    assert b"/FontFile2" in pdf
    assert b"/ToUnicode" in pdf


def test_the_command_writes_both_files(store: Store, tmp_path: Path) -> None:
    written(store, note("El token venció."))
    pdf, text = tmp_path / "g.pdf", tmp_path / "g.txt"

    done = CliRunner().invoke(
        main, ["case", "G-1001", "--language", "en", "--pdf", str(pdf), "--text", str(text)]
    )

    assert done.exit_code == 0, done.output
    assert done.output == ""
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert text.read_text("utf-8").startswith("Incident G-1001\n")


@pytest.mark.parametrize("form", ["--pdf", "--text", "--export"])
def test_a_file_that_cannot_be_written_is_told_in_a_line(store: Store, tmp_path: Path, form: str) -> None:
    written(store, note("El token venció."))

    done = CliRunner().invoke(main, ["case", "G-1001", form, str(tmp_path / "nowhere" / "g")])

    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"{form}: {tmp_path}/nowhere/g cannot be written: No such file or directory\n"
