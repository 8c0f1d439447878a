"""The table of recordings: what callers said, and their conversations."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from oncall.columns import moment, one_of


class RecordingRow(SQLModel, table=True):
    """A recording, copied home. Its hash stays when the sound is ``gone``, and why it is.

    Of a conversation, ``leg`` is the caller's call whose two directions are its two channels, and ``turn``
    tells this conversation from another on the same leg: it is recorded once.
    """

    __tablename__: ClassVar[Any] = "recordings"
    __table_args__ = (
        one_of("gone", "absent", "refused", "removed", nullable=True),
        one_of("kind", "message", "conversation"),
        one_of("running", "on", "paused", nullable=True),
        Index("one_recording_per_conversation", "leg", "turn", unique=True),
    )

    sid: str = Field(primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    seconds: int = 0
    at: datetime = moment(nullable=False)
    token: str = Field(unique=True)
    # Its sound, if it was kept before there was a shelf.
    audio: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    digest: str | None = Field(default=None, index=True)  # the SHA-256 under which it is on the shelf
    gone: str | None = None
    kind: str = Field(default="message", sa_column_kwargs={"server_default": "message"})
    leg: str | None = None
    turn: int | None = None
    running: str | None = None  # while it is being made
