"""Nothing of ours answers: files elsewhere ring who is on call, and what they saw is in writing later."""

from dataclasses import replace
from urllib.parse import urlsplit

from app.sandbox.handset import Behaviour
from app.sandbox.scripts import Script
from app.sandbox.transports import Reply, Transport
from app.voice.fallback import Publisher
from app.wiring.demo.expectations import Expectations
from app.wiring.demo.scenario import scenario
from app.wiring.demo.scripts import takes
from app.wiring.demo.stage import Stage
from app.wiring.sandbox import PAGE_FROM
from app.wiring.world import ORIGIN
from oncall.book import Fallback

_ELSEWHERE = "https://fallback.example"


class _FilesElsewhere:
    """Another web server: it keeps files, hands them out, and knows nothing else."""

    def __init__(self, ours: Transport) -> None:
        self._ours = ours
        self._files: dict[str, bytes] = {}

    def read(self, name: str) -> bytes | None:
        return self._files.get(name)

    def write(self, name: str, content: bytes, kind: str) -> None:
        self._files[name] = content

    def send(
        self, method: str, url: str, headers: dict[str, str], body: bytes, timeout: tuple[float, float]
    ) -> Reply:
        if not url.startswith(_ELSEWHERE):
            return self._ours.send(method, url, headers, body, timeout)
        content = self._files.get(urlsplit(url).path.lstrip("/"))
        if method != "GET" or content is None:
            return 404, {"content-type": "text/plain"}, b"not found"
        return 200, {"content-type": "text/xml"}, content


def _go_down(stage: Stage) -> None:
    """Everything is published and configured; then neither web nor worker is there."""
    world = stage.world
    files = _FilesElsewhere(world.exchange.transport)
    world.exchange.transport = files
    fallback = Fallback(_ELSEWHERE, folder="elsewhere")
    book = replace(stage.book, service=replace(stage.book.service, fallback=fallback))
    publisher = Publisher("secret", PAGE_FROM, place_of=lambda fallback, keys: files)
    publisher.publish(book, world.now)
    for client in book.clients.values():
        line = world.exchange.lines[client.contract.guard_line]
        line.voice_fallback_url = publisher.url(fallback, line.number)
        line.voice_fallback_method = "GET"
    world.guard.dispatcher.look_for_missed_calls(world.now)
    world.exchange.chaos.origins_down.add(ORIGIN)
    world.worker_is_alive = False


def _come_back(stage: Stage) -> None:
    world = stage.world
    world.exchange.chaos.origins_down.discard(ORIGIN)
    world.worker_is_alive = True
    world.guard.dispatcher.look_for_missed_calls(world.now)


@scenario("we-are-down")
def we_are_down(stage: Stage, expect: Expectations) -> None:
    """We are down, and the client reaches a human.

    Nothing of ours answers when Marta of ACME calls. The files elsewhere speak three languages and ring Ana,
    who presses a key. When we are back, the call stands in a case that names her.
    """
    _go_down(stage)
    stage.phone("ana").behave(takes().say("Hola, Marta. Lo miro ya.", after=3))
    stage.dial("marta", "acme", Script().hang_up(after=150))
    stage.run(240)

    expect.heard("marta", "Guardia de integraciones", "Plantão de integrações", "Integrations guard")
    expect.heard("ana", "ACME Seguros está en línea")
    expect.rang(ana=1)
    _come_back(stage)
    stage.run(60)
    expect.case(kind="abandoned", state="closed", client="acme")
    expect.record("call_arrived", "caller_identified", "seen_by_fallback")


@scenario("we-are-down-message")
def we_are_down_message(stage: Stage, expect: Expectations) -> None:
    """We are down, and nobody answers.

    Marta leaves a message with the files elsewhere. When we are back, her call becomes an incident as old as
    it is, the guard is paged, and the message is at home.
    """
    _go_down(stage)
    for who in ("ana", "ana2", "bruno", "lucia", "marcos"):
        stage.phone(who).behaviour = Behaviour.ASLEEP
    stage.dial("marta", "acme", Script().say("No entran los leads.", hearing="♪", after=1.5))
    stage.run(420)
    _come_back(stage)
    stage.phone("ana").behaviour = Behaviour.NORMAL
    stage.phone("ana").behave(takes(3))
    stage.run(120)

    expect.heard("marta", "Integrations guard", "♪", "Gracias.")
    expect.case(kind="incident", state="acknowledged", acknowledged_by="ana")
    kinds = stage.kinds()
    expect.that(
        "the call, and the message, are in writing", {"seen_by_fallback", "message_left"} <= {*kinds}, kinds
    )
    kept = [e["kind"] for e in stage.cases()[0]["entries"] if e["kind"] == "recording_kept"]
    expect.that("the message is at home, with its hash in the record", len(kept) == 1, kinds)
