"""The exchange under a real clock: threads, sockets, and nobody waiting for nobody."""

import socket
import threading
from collections.abc import Iterator

import pytest
from flask import Flask, Response, request
from twilio.rest import Client
from werkzeug.serving import make_server

from app.clock import SystemClock
from app.sandbox.exchange import Exchange
from app.sandbox.loopback import LoopbackClient
from app.sandbox.realtime import RealTime
from app.sandbox.rest import rest_blueprint
from app.sandbox.transports import HttpTransport
from tests.app.sandbox.town import ACCOUNT, ANA, LINE, MARTA, TOKEN, document, say


class World:
    """An application on a real socket that calls back into the exchange while it answers a webhook."""

    def __init__(self) -> None:
        self.exchange = Exchange(
            ACCOUNT, TOKEN, clock=SystemClock(), transport=HttpTransport(), seed=None, calls_per_second=0
        )
        self.over = threading.Event()
        self.ringing = threading.Event()
        self.asked = threading.Event()
        app = Flask("world")
        app.register_blueprint(rest_blueprint(self.exchange))
        app.before_request(lambda: self.asked.set())
        app.add_url_rule("/in", "in", self._in, methods=["POST"])
        app.add_url_rule("/over", "over", self._over, methods=["POST"])
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self.exchange.add_number(LINE, voice_url=f"{self.origin}/in", status_callback=f"{self.origin}/over")
        self.exchange.story.listen(self._look)

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _in(self) -> Response:
        loopback = LoopbackClient(self.origin)
        Client(ACCOUNT, TOKEN, http_client=loopback).calls.create(to=ANA, from_=LINE, url=f"{self.origin}/in")
        loopback.close()
        return Response(document(say("Hola"), "<Hangup/>"), content_type="text/xml")

    def _over(self) -> Response:
        if request.form["CallStatus"] == "completed":
            self.over.set()
        return Response(status=204)

    def _look(self) -> None:
        if any(event.kind == "ringing" for event in self.exchange.story.events[-1:]):
            self.ringing.set()


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    world.start()
    with RealTime(world.exchange):
        yield world
    world.stop()


def test_a_webhook_may_use_the_rest_api_while_it_is_being_answered(world: World) -> None:
    world.exchange.phone(MARTA).dial(LINE)

    assert world.over.wait(60)
    assert world.ringing.wait(60)
    assert [line.text for line in world.exchange.phone(MARTA).heard] == ["Hola"]
    assert world.exchange.faults == []


def test_whoever_stops_in_the_middle_of_an_order_keeps_nobody_else_from_the_telephone(world: World) -> None:
    half = (
        f"POST /2010-04-01/Accounts/{ACCOUNT}/Calls.json HTTP/1.1\r\nHost: telephone\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 90\r\n\r\nTo=%2B54"
    )
    with socket.create_connection(("127.0.0.1", int(world.origin.rpartition(":")[2]))) as frozen:
        frozen.sendall(half.encode())
        assert world.asked.wait(60)

        assert world.exchange.lock.acquire(timeout=60)
        world.exchange.lock.release()
