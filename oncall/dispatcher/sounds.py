"""Recordings at home: fetched when they are ready, kept on the shelf, deleted where they were made, and
removed when they are old. The record keeps their hash for good."""

import logging
import wave
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from io import BytesIO
from typing import IO, Any, BinaryIO

from sqlalchemy import Row

from oncall.dispatcher.base import Base
from oncall.dispatcher.claimed import Claimed
from oncall.pieces import TOO_LARGE, Filling
from oncall.ports import Failure, Gone
from oncall.record import Draft
from oncall.store import Work
from oncall.store.recordings import CONVERSATION, MESSAGE

log = logging.getLogger(__name__)

FETCH_LASTS = timedelta(hours=12)
_WORD_COMES = timedelta(minutes=5)
_REMOVE_EVERY = timedelta(hours=1)
_A_DAY = timedelta(days=1)
_EVER = timedelta(days=36_500)
_A_PORTION = 100


class Sounds(Base):
    def recorded(
        self, call_sid: str, recording: str, seconds: int, at: datetime, is_talk: bool = False
    ) -> None:
        """What a caller said, or their conversation, is ready to be fetched; it is copied home and deleted
        where it was made. What a caller who refused to be recorded said all the same is only deleted.
        """
        with self.store.writing() as work:
            found = work.call(call_sid)
            known = work.recording(recording)
            if found is None or (known is not None and not _is_awaited(known)):
                return
            call, kind = found[0], CONVERSATION if is_talk else MESSAGE
            if known is not None:
                work.run_recording(recording, None, seconds)
            elif call.case is not None:
                work.add_recording(recording, call.case, seconds, self.new_token(), at, kind=kind)
            if call.case is not None and call.refused_recording:
                work.end_recording(recording, "refused")
                work.append(call.case, at, (Draft("recording_discarded"),))
            self._order_fetch(work, call.case, recording, at)

    def recorded_in(self, case: int, recording: str, seconds: int, at: datetime) -> None:
        """A recording that belongs to a case, whoever's leg it was made of."""
        with self.store.writing() as work:
            if work.case(case) is not None and not work.has_recording(recording):
                self._expect(work, case, recording, seconds, at)

    def recording_absent(self, call_sid: str, recording: str, at: datetime) -> None:
        """The telephone company says that a recording came to nothing: nobody waits for it any more."""
        with self.store.writing() as work:
            found, known = work.call(call_sid), work.recording(recording)
            if known is None and found is not None and found[0].case is not None:
                work.add_recording(recording, found[0].case, 0, self.new_token(), at)
                known = work.recording(recording)
            if known is not None and known.digest is None:
                self._came_to_nothing(work, known.case_id, recording, at)

    def recording(self, token: str) -> BinaryIO | None:
        """The sound of a recording, while it is kept, to be read in pieces. The token is the right to it."""
        with self.store.reading() as work:
            known = work.recording_with_token(token)
        if known is None:
            return None
        if known.digest is None:
            return BytesIO(known.audio)  # from before there was a shelf
        try:
            return self.shelf.open(known.digest)
        except Failure as failure:
            log.warning("a recording could not be had from the shelf: %s", failure)
            return None

    def remove_old_recordings(self, at: datetime) -> int:
        """Remove the sounds of closed cases that are kept no longer; gives how many.

        Once in the cluster, every hour. What cannot be removed now is tried again.
        """
        kept = self.books.current().service.recordings_kept
        with self.store.writing() as work:
            if not work.first_in_a_while("recordings:remove", at, _REMOVE_EVERY):
                return 0
            old = work.recordings_before(at - kept, _A_PORTION)
        for one in old:
            try:
                self._remove(one, at)
            except Failure as failure:
                log.warning("an old recording could not be removed: %s", failure)
        return len(old)

    # --- inside ---

    def _look_for_recording(self, work: Work, case: int, recording: str, at: datetime) -> None:
        """Word of it may be lost: a while after it is over it is asked for all the same."""
        once, payload = f"recording:{recording}:late", {"sid": recording, "if_missing": True}
        due = at + _WORD_COMES
        work.order("recording", once, at, FETCH_LASTS, case=case, payload=payload, urgency=60, due=due)

    def _is_still_missing(self, recording: str) -> bool:
        with self.store.reading() as work:
            known = work.recording(recording)
        return known is not None and _is_awaited(known)

    def _expect(self, work: Work, case: int, recording: str, seconds: int, at: datetime) -> None:
        work.add_recording(recording, case, seconds, self.new_token(), at)
        self._order_fetch(work, case, recording, at)

    def _order_fetch(self, work: Work, case: int | None, recording: str, at: datetime) -> None:
        once, payload = f"recording:{recording}", {"sid": recording}
        work.order("recording", once, at, FETCH_LASTS, case=case, payload=payload, urgency=60)

    def _bring_home(self, recording: str, now: Callable[[], datetime]) -> None:
        """Fetch it, keep it, and delete it where it was made; each may have been done before.

        Raises the Failure of whatever could not be done.
        """
        with self.store.reading() as work:
            known = work.recording(recording)
        if known is not None and known.gone is None and known.digest is None:
            with self.shelf.filling() as sound:
                with suppress(Gone):
                    self.telephone.recording(recording, sound)
                if _is_empty(sound):
                    with self.store.writing() as work:
                        self._came_to_nothing(work, known.case_id, recording, now())
                else:
                    self._keep(known, sound, now())
        self._delete_there(recording)

    def _keep(self, known: Row[Any], sound: Filling, at: datetime) -> None:
        is_talk = known.kind == CONVERSATION
        seconds = known.seconds or (_length(sound.file) if is_talk else 0)
        digest = sound.keep()
        with self.store.writing() as work:
            if work.shelve_recording(known.sid, digest):
                facts = {"seconds": seconds, "sha256": digest}
                kept = Draft("conversation_kept" if is_talk else "recording_kept", facts)
                work.append(known.case_id, at, (kept,))

    def _delete_there(self, recording: str) -> None:
        with suppress(Gone):
            self.telephone.delete_recording(recording)

    def _stays_there(self, order: Claimed, failure: Failure, at: datetime) -> None:
        """It cannot be had for now: larger than what is kept here, or no room or no answer for half a day.
        It is asked for each day, for as long as it is there; the record says so once.
        """
        sid, lasts = order.payload["sid"], _A_DAY + FETCH_LASTS
        if failure.code == TOO_LARGE:
            log.warning("recording %s is too large for the shelf: name a folder or a bucket as `shelf`", sid)
        else:
            log.warning(
                "recording %s could not be fetched, and is asked for again in a day: %s", sid, failure
            )
        with self.store.writing() as work:
            known = work.recording(sid)
            if order.case is not None and work.first_in_a_while(f"recording:{sid}:{failure.code}", at, _EVER):
                work.append(order.case, at, (_why_it_stays(known, failure),))
            work.finish_order(order.id, "failed", failure.code)
            once, due = f"recording:{sid}:{at:%Y-%m-%d}", at + _A_DAY
            work.order("recording", once, at, lasts, order.case, payload={"sid": sid}, urgency=60, due=due)

    def _came_to_nothing(self, work: Work, case: int, recording: str, at: datetime) -> None:
        if work.end_recording(recording, "absent"):
            work.append(case, at, (Draft("recording_absent"),))

    def _remove(self, known: Row[Any], at: datetime) -> None:
        """First the sound, then the word that it is gone: after a fall in between it is done again."""
        if known.digest is not None:
            with self.store.reading() as work:
                is_shared = work.is_on_shelf_for_others(known.digest, known.sid)
            if not is_shared:
                self.shelf.remove(known.digest)
        elif known.audio is None:
            self._delete_there(known.sid)  # it never came home
        with self.store.writing() as work:
            if work.end_recording(known.sid, "removed"):
                facts = {"sha256": known.digest} if known.digest else {}
                work.append(known.case_id, at, (Draft("recording_removed", facts),))


def _is_awaited(known: Row[Any]) -> bool:
    """A conversation's recording was known while it was made; of any other this is the first word."""
    return known.kind == CONVERSATION and known.digest is None and known.gone is None


def _why_it_stays(known: Row[Any] | None, failure: Failure) -> Draft:
    code = failure.code or type(failure).__name__
    if known is None or known.gone is not None or known.digest is not None:
        return Draft("provider_error", {"what": "recording", "code": code})  # only to be deleted there
    if failure.code == TOO_LARGE:
        return Draft("recording_too_large", {"seconds": known.seconds})
    return Draft("recording_delayed", {"seconds": known.seconds, "code": code})


def _length(sound: IO[bytes]) -> int:
    """In seconds; 0 where that cannot be told."""
    frames, rate = _measured(sound) or (0, 0)
    return frames // (rate or 1)


def _is_empty(sound: Filling) -> bool:
    """No sound at all. What is no WAV file is not judged: it is kept as it came."""
    measured = _measured(sound.file)
    return not sound.size or (measured is not None and not measured[0])


def _measured(sound: IO[bytes]) -> tuple[int, int] | None:
    """Frames, and frames a second, as the head of a WAV file says; None where it is none."""
    sound.seek(0)
    try:
        with wave.open(sound, "rb") as file:
            return file.getnframes(), file.getframerate()
    except (wave.Error, EOFError):
        return None
