"""What callers said, and their conversations: what is known of each recording, and where its sound is."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, or_, select, update

from oncall.records import CaseRow, FileRow, RecordingRow
from oncall.store.tables import table

MESSAGE, CONVERSATION = "message", "conversation"

_RECORDINGS = table(RecordingRow)
_FILES = table(FileRow)
_CASES = table(CaseRow)

_AT_HOME = and_(
    _RECORDINGS.c.gone.is_(None), or_(_RECORDINGS.c.digest.is_not(None), _RECORDINGS.c.audio.is_not(None))
)
# Made, and never brought home: it could not be had, or is too large for the shelf.
_ELSEWHERE = and_(
    _RECORDINGS.c.gone.is_(None),
    _RECORDINGS.c.digest.is_(None),
    _RECORDINGS.c.audio.is_(None),
    _RECORDINGS.c.running.is_(None),
)


class Recordings:
    connection: Connection

    def add_recording(
        self,
        sid: str,
        case: int,
        seconds: int,
        token: str,
        at: datetime,
        gone: str | None = None,
        kind: str = MESSAGE,
    ) -> None:
        """Note that there is one, or that it came to nothing (``gone``)."""
        values = {"sid": sid, "case_id": case, "seconds": seconds, "token": token, "at": at, "gone": gone}
        self.connection.execute(insert(_RECORDINGS).values(values | {"kind": kind}))

    # --- conversations ---

    def begin_recording(self, sid: str, case: int, leg: str, turn: int, token: str, at: datetime) -> None:
        """The conversation of this turn of a caller's leg is being recorded."""
        values = {"sid": sid, "case_id": case, "token": token, "at": at, "leg": leg, "turn": turn}
        values |= {"kind": CONVERSATION, "running": "on", "seconds": 0}
        self.connection.execute(insert(_RECORDINGS).values(values))

    def recording_of_turn(self, leg: str, turn: int) -> Row[Any] | None:
        query = select(_RECORDINGS).where(_RECORDINGS.c.leg == leg, _RECORDINGS.c.turn == turn)
        return self.connection.execute(query).first()

    def running_recordings(self, case: int) -> list[Row[Any]]:
        """Those that are being made, paused ones included."""
        query = select(_RECORDINGS).where(_RECORDINGS.c.case_id == case, _RECORDINGS.c.running.is_not(None))
        return list(self.connection.execute(query))

    def run_recording(self, sid: str, running: str | None, seconds: int | None = None) -> None:
        """It is being made, is paused, or (None) is over, after so many seconds."""
        values: dict[str, Any] = {"running": running} | ({} if seconds is None else {"seconds": seconds})
        self.connection.execute(update(_RECORDINGS).where(_RECORDINGS.c.sid == sid).values(values))

    # --- sounds ---

    def has_recording(self, sid: str) -> bool:
        return self.recording(sid) is not None

    def recording(self, sid: str) -> Row[Any] | None:
        return self.connection.execute(select(_RECORDINGS).where(_RECORDINGS.c.sid == sid)).first()

    def recording_with_token(self, token: str) -> Row[Any] | None:
        """The recording with this token, if its sound is at home."""
        query = select(_RECORDINGS).where(_RECORDINGS.c.token == token, _AT_HOME)
        return self.connection.execute(query).first()

    def recordings(self, case: int) -> list[Row[Any]]:
        """Every recording of a case, oldest first; ``gone`` says why there is no sound any more."""
        query = select(_RECORDINGS).where(_RECORDINGS.c.case_id == case).order_by(_RECORDINGS.c.at)
        return list(self.connection.execute(query))

    def recordings_at_home(self, case: int) -> list[Row[Any]]:
        """The recordings of a case that can be heard, oldest first."""
        query = select(_RECORDINGS).where(_RECORDINGS.c.case_id == case, _AT_HOME).order_by(_RECORDINGS.c.at)
        return list(self.connection.execute(query))

    def recording_tokens(self, case: int) -> list[str]:
        """The same of what callers said to us, without their conversations."""
        return [row.token for row in self.recordings_at_home(case) if row.kind == MESSAGE]

    def shelve_recording(self, sid: str, digest: str) -> bool:
        """Its sound is on the shelf; false where that was known, or it is gone."""
        shelving = update(_RECORDINGS).where(
            _RECORDINGS.c.sid == sid, _RECORDINGS.c.digest.is_(None), _RECORDINGS.c.gone.is_(None)
        )
        return self.connection.execute(shelving.values(digest=digest)).rowcount == 1

    def end_recording(self, sid: str, gone: str) -> bool:
        """There is no sound, or no longer; its hash stays. False where that was known."""
        ending = update(_RECORDINGS).where(_RECORDINGS.c.sid == sid, _RECORDINGS.c.gone.is_(None))
        return self.connection.execute(ending.values(gone=gone, audio=None, running=None)).rowcount == 1

    def recordings_before(self, at: datetime, limit: int) -> list[Row[Any]]:
        """Those of closed cases that were made before ``at``, or whose caller was erased, oldest first.

        Not of those that are held. Some are not at home: they are still where they were made.
        """
        query = (
            select(_RECORDINGS)
            .join(_CASES, _CASES.c.id == _RECORDINGS.c.case_id)
            .where(or_(_AT_HOME, _ELSEWHERE), or_(_RECORDINGS.c.at < at, _CASES.c.sounds_end))
            .where(_CASES.c.state == "closed")
            .where(_CASES.c.held.is_(None))
            .order_by(_RECORDINGS.c.at)
            .limit(limit)
        )
        return list(self.connection.execute(query))

    def is_on_shelf_for_others(self, digest: str, sid: str) -> bool:
        """Whether another recording, or a file, is the same content: then it stays."""
        recordings = select(_RECORDINGS.c.sid).where(
            _RECORDINGS.c.digest == digest, _RECORDINGS.c.sid != sid, _RECORDINGS.c.gone.is_(None)
        )
        files = select(_FILES.c.id).where(_FILES.c.digest == digest)
        return any(self.connection.execute(query.limit(1)).first() for query in (recordings, files))
