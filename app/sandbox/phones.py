"""The phones in the browser: what each shows, and what its owner does with it.

One JSON state of everything (phones, mails, cases), a stream that says when it has changed, and an action
for each thing that a hand can do. Everything that changes something needs the header
``X-Guardia-Sandbox: 1`` and JSON.
"""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, jsonify, render_template, request

from app.sandbox.handset import Behaviour, EndedCall, NotPossible, Phone, Spoken
from app.sandbox.mailsink import Mail, MailSink
from app.sandbox.verbs.gather import Gather
from app.sandbox.verbs.record import Record
from app.sandbox.words import page_words

if TYPE_CHECKING:
    from app.sandbox.calls import Call
    from app.sandbox.exchange import Exchange

HEARTBEAT_SECONDS = 10.0
GUARD_HEADER = "X-Guardia-Sandbox"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who holds a phone: role ``client``, ``engineer``, ``manager`` or ``stranger``."""

    number: str
    owner: str
    role: str
    company: str = ""
    language: str = "es"


@dataclass(frozen=True, slots=True)
class GuardLine:
    """A number that can be dialled, and the client whose contract it belongs to."""

    number: str
    client: str


class Board:
    """Everything that the browser shows, and the revision by which it knows that something changed."""

    def __init__(
        self,
        exchange: "Exchange",
        subscribers: Sequence[Subscriber],
        sink: MailSink | None,
        records: Callable[[], list[dict[str, Any]]],
        lines: Sequence[GuardLine],
        refused_since: Callable[[], datetime | None],
    ) -> None:
        self._refused_since = refused_since
        self._exchange = exchange
        self._subscribers = {subscriber.number: subscriber for subscriber in subscribers}
        self._sink = sink
        self._records = records
        self._lines = lines
        self._changed = threading.Condition()
        self._revision = 0
        exchange.story.listen(self.touch)
        if sink is not None:
            sink.listen(self.touch)

    @property
    def revision(self) -> int:
        return self._revision

    def touch(self) -> None:
        """Something that the browser shows has changed (a case's record, for one, which nobody else
        announces).
        """
        with self._changed:
            self._revision += 1
            self._changed.notify_all()

    def wait(self, seen: int, seconds: float) -> int | None:
        """The revision once it differs from ``seen``; None when nothing changed in ``seconds``."""
        with self._changed:
            changed = self._changed.wait_for(lambda: self._revision != seen, timeout=seconds)
            return self._revision if changed else None

    def phone(self, number: str) -> Phone | None:
        return self._exchange.phone(number) if number in self._subscribers else None

    def state(self) -> dict[str, Any]:
        revision = self._revision
        cases = self._records()
        refused_since = self._refused_since()
        with self._exchange.lock:
            return {
                "revision": revision,
                "now": _iso(self._exchange.now()),
                "lines": [{"number": line.number, "client": line.client} for line in self._lines],
                "guard_numbers": sorted(self._exchange.lines),
                "phones": [self._phone(subscriber) for subscriber in self._subscribers.values()],
                "mails": [_mail(mail) for mail in (self._sink.mails if self._sink else ())],
                "cases": cases,
                "rosters_refused_since": _iso(refused_since) if refused_since else None,
            }

    def _phone(self, subscriber: Subscriber) -> dict[str, Any]:
        phone = self._exchange.phone(subscriber.number)
        return {
            "number": subscriber.number,
            "owner": subscriber.owner,
            "role": subscriber.role,
            "company": subscriber.company,
            "language": subscriber.language,
            "behaviour": phone.behaviour.value,
            "call": self._call(phone, phone.call) if phone.call is not None else None,
            "ended": self._ended(phone.ended) if phone.ended is not None else None,
            "texts": [
                {
                    "at": _iso(text.at),
                    "from": text.sender,
                    "to": text.to,
                    "body": text.body,
                    "direction": text.direction,
                }
                for text in phone.texts
            ],
        }

    def _call(self, phone: Phone, call: "Call") -> dict[str, Any]:
        doing = _deepest(call)
        if call.status == "in-progress":
            state = "in-progress"
        else:
            state = "dialling" if call.phone_direction == "outgoing" else "ringing"
        return {
            "sid": call.sid,
            "with": call.other_number,
            "with_name": self._name(call.other_number),
            "direction": call.phone_direction,
            "state": state,
            "since": _iso(call.started or call.created),
            "spoken": [self._spoken(line) for line in phone.heard if line.call == call.sid],
            "gathering": isinstance(doing, Gather),
            "recording": isinstance(doing, Record) and doing.recording is not None,
            "recorded": self._is_recorded(call),
            "queue": call.program is not None and _in_queue(call),
            "talking_to": [self._name(other.phone.number) for other in call.talking_to()],
            "on_hold": _participates(call, "hold"),
            "listening_to": self._others(call) if _participates(call, "muted") else [],
        }

    def _is_recorded(self, call: "Call") -> bool:
        """Whether the API has this call recorded just now."""
        recording = self._exchange.recordings.running(call)
        return recording is not None and recording.status == "in-progress"

    def _others(self, call: "Call") -> list[str]:
        """Whom a muted participant hears."""
        room = call.conference
        inside = room.participants if room is not None and room.is_live else []
        return [self._name(one.call.phone.number) for one in inside if one.call is not call and not one.hold]

    def _ended(self, ended: EndedCall) -> dict[str, Any]:
        return {
            "sid": ended.sid,
            "with": ended.other,
            "with_name": self._name(ended.other),
            "direction": ended.direction,
            "status": ended.status,
            "seconds": ended.seconds,
            "at": _iso(ended.at),
            "spoken": [self._spoken(line) for line in ended.spoken],
        }

    def _spoken(self, line: Spoken) -> dict[str, Any]:
        return {
            "at": _iso(line.at),
            "text": line.text,
            "language": line.language,
            "seconds": round(line.seconds, 2),
            "speaker": self._name(line.speaker) if line.speaker else None,
            "sound": urlsplit(line.sound).path if line.sound else None,
        }

    def _name(self, number: str) -> str:
        """The owner of a phone, the client of a line, or the number itself."""
        if number in self._subscribers:
            return self._subscribers[number].owner
        return next((line.client for line in self._lines if line.number == number), number)


def phones_blueprint(
    exchange: "Exchange",
    subscribers: Sequence[Subscriber],
    sink: MailSink | None = None,
    records: Callable[[], list[dict[str, Any]]] = list,
    lines: Sequence[GuardLine] = (),
    refused_since: Callable[[], datetime | None] = lambda: None,
) -> "PhonesBlueprint":
    """To be mounted at the root: its routes begin with ``/sandbox``. ``blueprint.board.touch()`` announces
    a change. A record names the ``phones`` and ``calls`` that have to do with its case.
    """
    board = Board(exchange, subscribers, sink, records, lines, refused_since)
    blueprint = PhonesBlueprint(board)
    blueprint.add_url_rule("/", "page", lambda: render_template("phones.html", words=page_words()))
    blueprint.add_url_rule("/api/state", "state", lambda: jsonify(board.state()))
    blueprint.add_url_rule("/api/events", "events", lambda: _stream(board))
    blueprint.add_url_rule("/api/phones/<number>/<action>", "act", _actor(board), methods=["POST"])
    blueprint.add_url_rule("/api/phones/<number>/behaviour", "behave", _behaver(board), methods=["PUT"])
    blueprint.before_request(_guard)
    blueprint.register_error_handler(NotPossible, lambda error: _refusal(409, str(error)))
    return blueprint


class PhonesBlueprint(Blueprint):
    """The blueprint with its board."""

    def __init__(self, board: Board) -> None:
        super().__init__(
            "sandbox_phones",
            __name__,
            url_prefix="/sandbox",
            template_folder="templates",
            static_folder="static",
            static_url_path="/static",
        )
        self.board = board


_ACTIONS: dict[str, Callable[[Phone, dict[str, Any]], object]] = {
    "dial": lambda phone, said: phone.dial(_text(said, "to"), withheld=said.get("withheld") is True),
    "answer": lambda phone, said: phone.answer(),
    "reject": lambda phone, said: phone.reject(),
    "press": lambda phone, said: phone.press(_text(said, "digits")),
    "hang-up": lambda phone, said: phone.hang_up(),
    "hum": lambda phone, said: phone.hum(),
    "say": lambda phone, said: phone.say(_text(said, "words")),
    "text": lambda phone, said: phone.text(_text(said, "to"), _text(said, "body")),
}


def _actor(board: Board) -> Callable[..., Response]:
    def act(number: str, action: str) -> Response:
        phone = board.phone(number)
        if phone is None or action not in _ACTIONS:
            return _refusal(404, "no such phone or action")
        _ACTIONS[action](phone, _said())
        return jsonify({"ok": True, "revision": board.revision})

    return act


def _behaver(board: Board) -> Callable[..., Response]:
    def behave(number: str) -> Response:
        phone = board.phone(number)
        wanted = _said().get("behaviour")
        if phone is None:
            return _refusal(404, "no such phone")
        if wanted not in {behaviour.value for behaviour in Behaviour}:
            return _refusal(400, f"behaviour is one of {', '.join(Behaviour)}")
        phone.behaviour = Behaviour(str(wanted))
        board.touch()
        return jsonify({"ok": True, "revision": board.revision})

    return behave


def _guard() -> Response | None:
    """Another site's page can neither set this header nor send JSON without asking first."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return None
    if request.headers.get(GUARD_HEADER) != "1" or not request.is_json:
        return _refusal(403, f"the header {GUARD_HEADER}: 1 and JSON are needed")
    return None


def _stream(board: Board) -> Response:
    def events() -> Iterator[str]:
        seen = board.revision
        yield f"data: {json.dumps({'revision': seen})}\n\n"
        while True:
            revision = board.wait(seen, HEARTBEAT_SECONDS)
            if revision is None:
                yield ": still here\n\n"
            else:
                seen = revision
                yield f"data: {json.dumps({'revision': seen})}\n\n"

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(events(), content_type="text/event-stream", headers=headers)


def _said() -> dict[str, Any]:
    said = request.get_json(silent=True)
    return said if isinstance(said, dict) else {}


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value.strip():
        abort(_refusal(400, f"{name} is missing"))
    return value.strip()


def _refusal(status: int, why: str) -> Response:
    response = jsonify({"ok": False, "error": why})
    response.status_code = status
    return response


def _deepest(call: "Call") -> object:
    """What a call is doing just now, inside the queue's wait document if there is one."""
    activity = call.program.activity if call.program is not None else None
    wait = getattr(activity, "wait", None)
    return wait.activity if wait is not None else activity


def _participates(call: "Call", how: str) -> bool:
    """Whether a call is in a conference like this: ``hold`` or ``muted``."""
    one = call.conference.participant_of(call) if call.conference is not None else None
    return one is not None and bool(getattr(one, how))


def _in_queue(call: "Call") -> bool:
    activity = call.program.activity if call.program is not None else None
    return hasattr(activity, "queue") and call.partner is None


def _mail(mail: Mail) -> dict[str, Any]:
    return {
        "id": mail.id,
        "at": _iso(mail.at),
        "to": list(mail.to),
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
    }


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
