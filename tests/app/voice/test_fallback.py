"""The emergency line: what its documents say, where they are put, and until when they are right."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from app.buckets import Keys
from app.rosterbook.keeper import FolderBooks
from app.sandbox import check
from app.voice.fallback import PlaceError, Publisher, open_place
from app.voice.fallback.documents import documents
from app.voice.fallback.places import FolderPlace
from app.voice.fallback.plan import Plan, plan
from oncall.book import Book, Bucket, Fallback
from oncall.contracts import Suspension
from oncall.people import Away
from tests.app.buckets import Objects, a_bucket
from tests.app.voice.shelf import ELSEWHERE, look, shelf
from tests.protocol import twiml
from tests.protocol.twiml import Role

ROSTERS = Path(__file__).parents[3] / "app" / "wiring" / "demo" / "rosters"
# Wednesday night in Buenos Aires; Ana's week, and Bruno's, end on Monday at 09:00.
NIGHT = datetime(2026, 3, 4, 6, 12, tzinfo=UTC)
HANDOFF = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
LINE, PAGE_FROM = "+541152630001", "+541152630099"
ANA, ANA2, BRUNO = "+5491155550101", "+541148120101", "+5511955550102"
LUCIA, MARCOS = "+5491155550105", "+5511955550106"


@pytest.fixture(scope="module")
def book() -> Book:
    return FolderBooks(ROSTERS).current()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "published"


# --- the plan ------------------------------------------------------------------------------------


def test_each_level_is_rung_phone_by_phone_and_managers_last(book: Book) -> None:
    assert [ring.phone for ring in _plan(book).rings] == [ANA, ANA2, BRUNO, LUCIA, MARCOS]


def test_a_plan_is_right_until_the_first_shift_ends(book: Book) -> None:
    assert _plan(book).right_until == HANDOFF
    assert _plan(book, HANDOFF).right_until == HANDOFF + timedelta(weeks=1)


def test_an_absence_in_the_middle_of_a_shift_ends_a_plan(book: Book) -> None:
    ana = replace(book.people["ana"], away=(Away(datetime(2026, 3, 6, 0), datetime(2026, 3, 7, 0)),))  # noqa: DTZ001

    planned = _plan(replace(book, people={**book.people, "ana": ana}))

    assert planned.right_until == datetime(2026, 3, 6, 3, tzinfo=UTC)


def test_a_contract_that_rests_tomorrow_ends_a_plan_at_its_midnight(book: Book) -> None:
    planned = _plan(_suspended(book, date(2026, 3, 5)))

    assert planned.is_in_force
    assert planned.right_until == datetime(2026, 3, 5, 3, tzinfo=UTC)


def test_without_a_shift_that_ends_a_plan_is_looked_at_anew_every_day(book: Book) -> None:
    team = book.teams["integrations"]
    levels = tuple(replace(level, page=("lucia",)) for level in team.escalation)

    planned = _plan(replace(book, teams={"integrations": replace(team, escalation=levels)}))

    assert [ring.phone for ring in planned.rings] == [LUCIA, MARCOS]
    assert planned.right_until == datetime(2026, 4, 8, tzinfo=UTC)


# --- the documents -------------------------------------------------------------------------------


def test_every_document_of_every_line_would_be_carried_out_to_the_letter(book: Book) -> None:
    for client in book.clients.values():
        for name, text in _documents(book, plan(book, client, NIGHT)).items():
            screens = name.startswith(("screen-", "accepted-"))
            assert check.problems(text, "number-screen" if screens else "call") == [], name
            assert twiml.problems(text, Role.NUMBER_SCREEN if screens else Role.CALL) == [], name


def test_a_document_asks_only_for_what_is_published_and_only_by_get(book: Book) -> None:
    texts = _documents(book, _plan(book))

    for text in texts.values():
        for element in ElementTree.fromstring(text).iter():
            urls = [
                element.get("action"),
                element.get("url"),
                element.text if element.tag == "Redirect" else None,
            ]
            for url in filter(None, urls):
                assert url.removeprefix(f"{ELSEWHERE}/") in texts
                assert element.get("method") == "GET"


def test_what_a_document_asks_for_stands_before_it(book: Book) -> None:
    names = list(_documents(book, _plan(book)))

    assert names.index("screen-pt.xml") < names.index("ring-5.xml") < names.index("ring-2.xml")
    assert names[-1] == "main.xml"


def test_the_first_words_are_in_three_languages_the_clients_own_first(book: Book) -> None:
    main = ElementTree.fromstring(_documents(book, _plan(book, client="aurora"))["main.xml"])

    assert [say.get("language") for say in main.iter("Say")] == ["pt-BR", "es-MX", "en-US"]


def test_who_picks_up_is_asked_in_their_own_language(book: Book) -> None:
    texts = _documents(book, _plan(book))

    asked = {
        number.text: number.get("url", "").rpartition("/")[2]
        for text in texts.values()
        for number in ElementTree.fromstring(text).iter("Number")
    }
    assert asked[ANA] == "screen-es.xml"
    assert asked[BRUNO] == "screen-pt.xml"


def test_a_line_with_nobody_to_ring_takes_a_message(book: Book) -> None:
    texts = _documents(book, replace(_plan(book), rings=()))

    assert "message.xml" in texts["main.xml"]
    assert not [name for name in texts if name.startswith("ring-")]


def test_a_contract_that_is_not_in_force_rings_nobody_and_says_so(book: Book) -> None:
    texts = _documents(book, _plan(_suspended(book, date(2026, 3, 4))))

    assert not any("<Dial" in text for text in texts.values())
    assert "Support Center" in texts["main.xml"]


# --- publishing ----------------------------------------------------------------------------------


def test_publishing_again_writes_nothing(book: Book, folder: Path) -> None:
    book, publisher = _with_fallback(book, folder), _publisher()

    first = publisher.publish(book, NIGHT)
    again = publisher.publish(book, NIGHT)
    another = _publisher().publish(book, NIGHT)

    assert all(one.written >= 10 and one.error is None for one in first)
    assert {one.written for one in (*again, *another)} == {0}


def test_beside_the_documents_stands_until_when_they_are_right(book: Book, folder: Path) -> None:
    book = _with_fallback(book, folder)

    done = {one.line: one for one in _publisher().publish(book, NIGHT)}

    right = json.loads((_folder_of(done[LINE].url, folder) / "right.json").read_text("utf-8"))
    assert right["right_until"] == HANDOFF.isoformat()
    assert (right["line"], right["roster"]) == (LINE, book.version)


def test_a_handoff_replaces_whom_it_concerns(book: Book, folder: Path) -> None:
    book, publisher = _with_fallback(book, folder), _publisher()
    url = next(one.url for one in publisher.publish(book, NIGHT) if one.line == LINE)

    publisher.publish(book, HANDOFF)

    assert ANA not in (_folder_of(url, folder) / "main.xml").read_text("utf-8")
    assert "+5491155550103" in (_folder_of(url, folder) / "main.xml").read_text("utf-8")


def test_a_call_in_the_middle_of_a_longer_plan_goes_on_to_the_message(book: Book, folder: Path) -> None:
    book, publisher = _with_fallback(book, folder), _publisher()
    url = next(one.url for one in publisher.publish(book, NIGHT) if one.line == LINE)

    publisher.publish(book, HANDOFF)  # Carla has one phone only

    last = (_folder_of(url, folder) / "ring-5.xml").read_text("utf-8")
    assert twiml.problems(last) == []
    assert "message.xml" in last
    assert "<Dial" not in last


def test_a_line_that_left_the_rosters_rings_nobody(book: Book, folder: Path) -> None:
    book, publisher = _with_fallback(book, folder), _publisher()
    url = next(one.url for one in publisher.publish(book, NIGHT) if one.line == LINE)
    others = {id: client for id, client in book.clients.items() if id != "acme"}

    publisher.publish(replace(book, clients=others), NIGHT)

    left = _folder_of(url, folder)
    assert not [path.name for path in left.glob("*.xml") if "<Dial" in path.read_text("utf-8")]
    assert twiml.problems((left / "main.xml").read_text("utf-8")) == []


def test_the_address_of_a_line_cannot_be_guessed(book: Book, folder: Path) -> None:
    book = _with_fallback(book, folder)

    one, other = (Publisher(key, PAGE_FROM).publish(book, NIGHT) for key in ("secret", "another"))

    assert LINE not in one[0].url
    assert one[0].url != other[0].url


def test_a_file_is_replaced_whole_and_readable_by_another_program(folder: Path) -> None:
    place = FolderPlace(folder)
    place.write("line/main.xml", b"<Response/>", "text/xml")
    before = (folder / "line" / "main.xml").stat().st_ino

    place.write("line/main.xml", b"<Response></Response>", "text/xml")

    after = folder / "line" / "main.xml"
    assert after.stat().st_ino != before
    assert after.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in after.parent.iterdir()] == ["main.xml"]


def test_a_folder_that_cannot_be_written_is_told_line_by_line(book: Book, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")

    done = _publisher().publish(_with_fallback(book, in_the_way), NIGHT)

    assert len(done) == len(book.clients)
    assert all(one.error and str(in_the_way) in one.error and "\n" not in one.error for one in done)


# --- what is served ------------------------------------------------------------------------------


def test_what_is_served_is_right_after_publishing(book: Book, folder: Path) -> None:
    book = _with_fallback(book, folder)
    publisher = Publisher("secret", PAGE_FROM, fetch=look(shelf({"": folder})))

    publisher.publish(book, NIGHT)

    assert publisher.stale(book, NIGHT) == {}


def test_what_is_older_than_the_shift_is_told(book: Book, folder: Path) -> None:
    book = _with_fallback(book, folder)
    publisher = Publisher("secret", PAGE_FROM, fetch=look(shelf({"": folder})))
    publisher.publish(book, NIGHT)

    stale = publisher.stale(book, HANDOFF + timedelta(minutes=6))

    assert stale[LINE] == "right until 2026-03-09 12:00 UTC"


def test_what_is_not_served_is_told(book: Book, folder: Path, tmp_path: Path) -> None:
    publisher = Publisher("secret", PAGE_FROM, fetch=look(shelf({"": tmp_path / "another"})))
    book = _with_fallback(book, folder)
    publisher.publish(book, NIGHT)

    assert set(publisher.stale(book, NIGHT).values()) == {"not served: HTTP 404"}


# --- a bucket ------------------------------------------------------------------------------------


def test_a_bucket_is_a_place_like_a_folder(book: Book, bucket: tuple[str, Objects]) -> None:
    origin, objects = bucket
    fallback = Fallback(ELSEWHERE, bucket=Bucket("guardia", origin, "sa-east-1", "g"))
    publisher = Publisher("secret", PAGE_FROM, Keys("key", "secret of the key"))

    book = replace(book, service=replace(book.service, fallback=fallback))
    done = publisher.publish(book, NIGHT)
    again = Publisher("secret", PAGE_FROM, Keys("key", "secret of the key")).publish(book, NIGHT)

    assert [one.error for one in done] == [None] * len(book.clients)
    assert sum(one.written for one in again) == 0
    name = done[0].url.removeprefix(f"{ELSEWHERE}/").partition("#")[0]
    kind, content = objects[f"/guardia/g/{name}"]
    assert kind.startswith("text/xml")
    assert ElementTree.fromstring(content).tag == "Response"


def test_a_bucket_that_refuses_is_one_line(bucket: tuple[str, Objects]) -> None:
    origin, _ = bucket
    place = open_place(Fallback(ELSEWHERE, bucket=Bucket("another", origin, "sa-east-1")), Keys("k", "s"))

    with pytest.raises(PlaceError, match=r"bucket another at .*AccessDenied"):
        place.write("main.xml", b"<Response/>", "text/xml")


def test_a_bucket_without_keys_says_which_are_missing() -> None:
    with pytest.raises(PlaceError, match="BUCKET_ACCESS_KEY and BUCKET_SECRET_KEY"):
        open_place(Fallback(ELSEWHERE, bucket=Bucket("guardia", "https://s3.example")), Keys())


@pytest.fixture
def bucket() -> Iterator[tuple[str, Objects]]:
    with a_bucket() as served:
        yield served


# --- arranging -----------------------------------------------------------------------------------


def _plan(book: Book, at: datetime = NIGHT, client: str = "acme") -> Plan:
    return plan(book, book.clients[client], at)


def _documents(book: Book, planned: Plan) -> dict[str, str]:
    return documents(planned, book.service, PAGE_FROM, lambda name: f"{ELSEWHERE}/{name}")


def _suspended(book: Book, since: date) -> Book:
    acme = book.clients["acme"]
    rests = replace(acme, contract=replace(acme.contract, suspensions=(Suspension(since),)))
    return replace(book, clients={**book.clients, "acme": rests})


def _with_fallback(book: Book, folder: Path) -> Book:
    return replace(book, service=replace(book.service, fallback=Fallback(ELSEWHERE, folder=str(folder))))


def _publisher() -> Publisher:
    return Publisher("secret", PAGE_FROM)


def _folder_of(url: str, folder: Path) -> Path:
    return folder / url.removeprefix(f"{ELSEWHERE}/").partition("/")[0]
