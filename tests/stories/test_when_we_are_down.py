"""Our whole stack is down, and the client still reaches a human; when we are back, it is in writing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask
from twilio.rest import Client

from app.sandbox.handset import Behaviour
from app.sandbox.loopback import InProcessClient
from app.sandbox.rest import rest_blueprint
from app.sandbox.scripts import Script
from app.sandbox.transports import Reply, WsgiTransport
from app.voice.fallback import Publisher
from app.voice.numbers import compare, configure, wanted_numbers
from app.voice.urls import Urls
from app.wiring import Guard
from app.wiring.demo.scripts import reports, takes, takes_in_portuguese
from app.wiring.demo.stage import Stage
from app.wiring.emergency import EmergencyLine
from app.wiring.sandbox import PAGE_FROM
from app.wiring.world import ORIGIN
from tests.app.voice.shelf import ELSEWHERE, look, shelf
from tests.stories.conftest import OpenStage, Rostered

LINE = "+541152630001"
# Monday, 09:00 in Buenos Aires: Carla relieves Ana.
HANDOFF = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


class _TwoHouses:
    """Webhooks reach us at our origin, and the server of files at its own."""

    def __init__(self, ours: WsgiTransport, theirs: WsgiTransport) -> None:
        self._ours, self._theirs = ours, theirs

    def send(
        self, method: str, url: str, headers: dict[str, str], body: bytes, timeout: tuple[float, float]
    ) -> Reply:
        house = self._theirs if url.startswith(ELSEWHERE) else self._ours
        return house.send(method, url, headers, body, timeout)


class _Published:
    """Rosters that name a place for the documents, and the server that hands them out."""

    def __init__(self, rosters: Path, folder: Path) -> None:
        self.rosters, self.folder = rosters, folder
        self.files = shelf({"/g": folder})
        with (rosters / "service.yaml").open("a", encoding="utf-8") as service:
            service.write(f'fallback: {{url: "{ELSEWHERE}/g", folder: "{folder}"}}\n')

    def watched(self, guard: Guard) -> Guard:
        """The guard, whose documents are looked at where they are served."""
        publisher = Publisher("secret", PAGE_FROM, fetch=look(self.files))
        return replace(guard, emergency=EmergencyLine(publisher, guard.dispatcher, guard.books))

    def rung_first(self, stage: Stage) -> str | None:
        """Whom the main document of ACME's line rings."""
        fallback = stage.world.guard.books.current().service.fallback
        assert fallback is not None
        url = stage.world.guard.emergency.publisher.url(fallback, LINE)
        main = self.folder / url.removeprefix(f"{ELSEWHERE}/g/").partition("#")[0]
        return ElementTree.parse(main).findtext("Dial/Number")


@pytest.fixture
def published(rostered: Rostered, tmp_path: Path) -> _Published:
    return _Published(rostered(primary="ana], [carla"), tmp_path / "published")


@pytest.fixture
def down(opened: OpenStage, published: _Published) -> Stage:
    """The usual night, published and configured, and then nothing of ours answers or works any more."""
    stage = opened(rosters=published.rosters, change=published.watched)
    world = stage.world
    world.exchange.transport = _TwoHouses(
        WsgiTransport(world.guard.app, ORIGIN), WsgiTransport(published.files, ELSEWHERE)
    )
    world.guard.emergency.keep_current(world.now)
    world.guard.dispatcher.look_for_missed_calls(world.now)
    _configure(stage)
    world.exchange.chaos.origins_down.add(ORIGIN)
    world.worker_is_alive = False
    return stage


def test_the_client_reaches_a_human_who_pressed_a_key(down: Stage) -> None:
    down.phone("ana").behave(takes())
    down.dial("marta", "acme", Script())
    down.run(60)

    assert _talks(down) == [("marta", "ana")]
    assert down.rings() == {"ana": 1}
    assert [text.split(".")[0] for text in down.heard("marta")] == [
        "Guardia de integraciones",
        "Plantão de integrações",
        "Integrations guard",
    ]
    assert "ACME Seguros está en línea" in down.heard("ana")[0]


def test_the_engineer_sees_the_number_that_pages_come_from(down: Stage) -> None:
    down.phone("ana").behave(takes())
    call = down.dial("marta", "acme", Script())
    down.run(60)

    legs = [leg for leg in down.world.exchange.calls.by_sid.values() if leg.parent is call]
    assert [(leg.to, leg.from_) for leg in legs] == [(down.numbers["ana"], PAGE_FROM)]


def test_a_mailbox_takes_nothing_and_the_next_level_is_rung(down: Stage) -> None:
    down.phone("ana").behaviour = Behaviour.VOICEMAIL
    down.phone("ana2").behaviour = Behaviour.OFF
    down.phone("bruno").behave(takes_in_portuguese())
    down.dial("marta", "acme", Script())
    down.run(180)

    assert _talks(down) == [("marta", "bruno")]
    assert down.rings() == {"ana": 1, "bruno": 1}
    assert "Llamamos a otra persona." in down.heard("marta")[3]


def test_who_has_been_attended_may_hang_up_before_the_next_phone_rings(down: Stage) -> None:
    down.phone("ana").behave(takes().hang_up(after=90))
    down.dial("marta", "acme", Script().hang_up(hearing="Si ya le atendieron", after=1))
    down.run(180)

    assert down.rings() == {"ana": 1}


def test_nobody_answers_and_the_message_comes_home_when_we_are_back(down: Stage) -> None:
    _everybody_sleeps(down)
    down.dial("marta", "acme", Script().say("No entran los leads.", hearing="♪", after=1.5))
    down.run(420)
    assert "Gracias." in down.heard("marta")[-1]

    _come_back(down)
    down.run(30)

    case = down.cases()[0]
    assert (case["kind"], case["state"], case["client"], case["unverified"]) == (
        "incident",
        "open",
        "acme",
        True,
    )
    assert down.kinds()[:3] == ["call_arrived", "caller_identified", "seen_by_fallback"]
    assert "message_left" in down.kinds()
    assert down.letters()["alarm"] == {"lucia@aivo.example", "marcos@aivo.example"}
    assert case["pages"][0]["person"] == "ana"
    with down.world.guard.store.reading() as work:
        assert len(work.recording_tokens(int(case["reference"][2:]))) == 1


def test_the_call_is_as_old_as_it_is(down: Stage) -> None:
    _everybody_sleeps(down)
    rang = down.world.now
    down.dial("marta", "acme", Script().hang_up(after=40))
    down.run(3 * 3600)

    _come_back(down)
    down.run(30)

    clocks = down.cases()[0]["clocks"]
    assert clocks["since"] == rang.isoformat().replace("+00:00", "Z")
    assert clocks["first_response"]["breached"]


def test_who_was_attended_is_not_paged_for_and_managers_know_by_whom(down: Stage) -> None:
    down.phone("ana").behave(takes())
    down.dial("marta", "acme", Script().hang_up(after=200))
    down.run(240)

    _come_back(down)
    down.run(120)

    case = down.cases()[0]
    assert (case["kind"], case["state"]) == ("abandoned", "closed")
    assert "con Ana Paz" in next(e["text"] for e in case["entries"] if e["kind"] == "seen_by_fallback")
    assert down.letters()["alarm"] == {"lucia@aivo.example", "marcos@aivo.example"}
    assert down.rings() == {"ana": 1}


def test_a_call_that_still_goes_on_is_waited_for(down: Stage) -> None:
    down.phone("ana").behave(takes())
    down.dial("marta", "acme", Script().hang_up(after=1500))
    down.run(120)

    _come_back(down)
    down.run(900)
    while_talking = down.summaries()
    down.run(900)
    down.world.guard.dispatcher.look_for_missed_calls(down.world.now)

    assert while_talking == []
    assert [case["kind"] for case in down.summaries()] == ["abandoned"]
    assert down.rings() == {"ana": 1}


def test_a_caller_nobody_knows_pages_nobody_but_managers_are_told(down: Stage) -> None:
    down.dial("stranger", "acme", Script().hang_up(after=30))
    down.run(60)
    rung = down.rings()

    _come_back(down)
    down.run(120)

    assert down.summaries()[0]["kind"] == "abandoned"
    assert set(down.letters()) == {"alarm"}
    assert down.rings() == rung


def test_a_call_is_taken_in_once_and_those_we_saw_are_left_alone(down: Stage) -> None:
    down.dial("stranger", "acme", Script().hang_up(after=30))
    down.run(120)
    _come_back(down)
    down.dial("marta", "acme", reports().hang_up(after=20))

    for _ in range(4):
        down.run(150)
        down.world.guard.dispatcher.look_for_missed_calls(down.world.now)

    assert [case["kind"] for case in down.summaries()] == ["abandoned", "incident"]


def test_a_client_who_has_reached_us_since_is_not_paged_for_again(down: Stage) -> None:
    down.dial("pablo", "acme", Script().hang_up(after=20))
    down.run(50)
    down.world.exchange.chaos.origins_down.clear()
    down.world.worker_is_alive = True
    down.phone("ana").behave(takes())
    down.dial("marta", "acme", reports())
    down.run(100)

    down.world.guard.dispatcher.look_for_missed_calls(down.world.now)
    down.run(30)

    assert len(down.summaries()) == 1
    assert "seen_by_fallback" in down.kinds()
    assert down.letters()["alarm"] == {"lucia@aivo.example", "marcos@aivo.example"}


def test_only_the_roster_is_rung(down: Stage) -> None:
    _everybody_sleeps(down)
    down.dial("marta", "acme", Script().press("5491140001000", after=5))
    down.run(420)

    staff = {phone for person in down.book.people.values() for phone in person.phones}
    rung = {event.number for event in down.world.exchange.story.of("ringing")}
    assert rung
    assert rung <= staff


def test_a_handoff_is_published_within_the_minute(opened: OpenStage, published: _Published) -> None:
    before = HANDOFF - timedelta(seconds=90)
    stage = opened(rosters=published.rosters, at=before, change=published.watched, live_rosters=True)

    stage.run(80)
    first = published.rung_first(stage)
    stage.run(75)

    assert (first, published.rung_first(stage)) == (stage.numbers["ana"], stage.numbers["carla"])
    assert [mail.subject for mail in stage.world.mails if "emergencia" in mail.subject] == []


def test_managers_are_told_once_that_the_documents_cannot_be_put_in_their_place(
    opened: OpenStage, published: _Published
) -> None:
    published.folder.write_text("a file, and no folder")

    stage = opened(rosters=published.rosters, change=published.watched, live_rosters=True)
    stage.run(600)

    subjects = [mail.subject for mail in stage.world.mails if "lucia@aivo.example" in mail.to]
    assert len([s for s in subjects if "no se pudo actualizar" in s]) == 1
    assert len([s for s in subjects if "no es la de este turno" in s]) == 1


# --- what stories of an outage do ----------------------------------------------------------------


def _configure(stage: Stage) -> None:
    """``guardia lines --apply``, before it happens."""
    exchange, guard = stage.world.exchange, stage.world.guard
    api = Flask("api")
    api.register_blueprint(rest_blueprint(exchange))
    client = Client(exchange.account_sid, exchange.auth_token, http_client=InProcessClient(api))
    fallback = stage.book.service.fallback
    assert fallback is not None
    publisher = guard.emergency.publisher
    wanted = wanted_numbers(stage.book, Urls(ORIGIN), PAGE_FROM, lambda line: publisher.url(fallback, line))
    for found in compare(client, wanted).numbers:
        configure(client, found)


def _come_back(stage: Stage) -> None:
    """Everything of ours works again, and the worker does its chores."""
    world = stage.world
    world.exchange.chaos.origins_down.clear()
    world.worker_is_alive = True
    world.clock.set(world.now + timedelta(minutes=2))
    world.guard.dispatcher.look_for_missed_calls(world.now)


def _everybody_sleeps(stage: Stage) -> None:
    for who in ("ana", "ana2", "bruno", "lucia", "marcos"):
        stage.phone(who).behaviour = Behaviour.ASLEEP


def _talks(stage: Stage) -> list[tuple[str, str]]:
    """Who was connected with whom, as the caller's side tells it."""
    names = {number: who for who, number in stage.numbers.items()}
    return [
        (names[event.number], names[event.detail["to"][0]])
        for event in stage.world.exchange.story.of("talking")
        if names[event.number] == "marta"
    ]
