"""What the guard is held against: the least that Flask can do, served by the same server.

``python -m bench.plain hello PORT`` answers a fixed TwiML; ``commit`` writes one
row with SQLModel first, as durably as the guard does.
"""

import sys
from pathlib import Path

from flask import Flask, Response, request
from sqlalchemy import create_engine, event
from sqlmodel import Field, Session, SQLModel
from twilio.twiml.voice_response import VoiceResponse

from app.wsgi import Server

KINDS = ("hello", "commit")


class PlainCall(SQLModel, table=True):
    sid: str = Field(primary_key=True)
    line: str
    caller: str


def hello() -> Flask:
    """Answers every call with the same sentence."""
    app = Flask("plain")

    @app.post("/voice/incoming")
    def incoming() -> Response:
        return _greeting()

    return app


def commit(database: Path) -> Flask:
    """Answers the same, once the call is in the database."""
    app = Flask("plain")
    engine = create_engine(f"sqlite:///{database}", connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: "object", _record: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]  # sqlite3's own connection

    SQLModel.metadata.create_all(engine, [PlainCall.__table__])  # type: ignore[attr-defined]

    @app.post("/voice/incoming")
    def incoming() -> Response:
        form = request.form
        with Session(engine) as session:
            session.add(PlainCall(sid=form["CallSid"], line=form["To"], caller=form["From"]))
            session.commit()
        return _greeting()

    return app


def _greeting() -> Response:
    document = VoiceResponse()
    document.say("Hello", voice="Polly.Joanna-Neural", language="en-US")
    return Response(str(document), content_type="text/xml; charset=utf-8")


if __name__ == "__main__":
    kind, port = sys.argv[1], int(sys.argv[2])
    Server(hello if kind == "hello" else lambda: commit(Path("plain.db")), "127.0.0.1", port).run()
