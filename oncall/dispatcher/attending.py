"""The engineer's leg in a conversation: it waits there for the client who is called, and leaves."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from oncall import intake
from oncall.dispatcher.holders import Holders
from oncall.dispatcher.legs import lead_of
from oncall.dispatcher.owing import AGREEMENT
from oncall.dispatcher.views import PageCall
from oncall.record import Draft
from oncall.sidecalls import Purpose
from oncall.store import Work

# What begins a conversation, or the wait for one, and what ends it.
_TALKED = ("client_called", "connected", "not_connected", "conversation_left", "conversation_ended")
# As long as the engineer hears whose the incident is, and that they are put through.
_COMING_IN = timedelta(seconds=4)


class Attending(Holders):
    def conversation_ended(self, token: str, at: datetime) -> PageCall | None:
        """The engineer's call left the conversation, whoever ended it; or the client never came into it."""

        def end(work: Work) -> PageCall | None:
            stored = work.page_with_token(token)
            if stored is None:
                return None
            work.incident(stored.case_id)  # locked: this may come twice
            is_cut_short = self._is_cut_short(work, stored)
            if stored.talks_since is not None:
                self._engineer_leaves(work, stored, at)
            elif not self._is_end_written(work, stored):
                work.append(stored.case_id, at, (Draft("conversation_ended", {}, stored.person),))
                self._owe(work, stored, AGREEMENT, at)
            seen = self._page_call(work, work.page_with_token(token))
            waited = self._vain_wait(work, stored)
            is_missed = waited is not None and waited.data.get("why") != "withdrawn"
            return replace(seen, was_missed=is_missed, was_cut_short=is_cut_short)

        return self._in_one_transaction(end)

    def _is_cut_short(self, work: Work, page: Row[Any]) -> bool:
        """The client hung up while this engineer heard that they are put through: nobody talked."""
        gone = work.last_entry(page.case_id, "caller_hung_up")
        if page.talks_since is None or gone is None or work.talking_calls(page.case_id):
            return False
        since, left = page.talks_since, gone.at
        if any(call.ordered_at >= since for call in work.calls_to_client(page.case_id)):
            return False  # they were being called back
        return bool(since <= left <= since + _COMING_IN)

    def talks_elsewhere(self, token: str, sid: str) -> bool:
        """The engineer of this page, whose call ``sid`` left the conversation, is in it on another phone:
        they called in, or had the client called from there. Nothing ends.
        """
        with self.store.reading() as work:
            stored = work.page_with_token(token)
            talking = work.talking_page(stored.case_id) if stored is not None else None
            if stored is None or talking is None or talking.person != stored.person:
                return False
            return talking.talk_sid not in (None, sid, lead_of(work, stored).sid)

    def _is_end_written(self, work: Work, page: Row[Any]) -> bool:
        """That this page's conversation ended or, whoever says so, never began."""
        ended = (("conversation_ended", page.person), ("conversation_left", page.person))
        written = (*ended, ("not_connected", "guardia"))
        is_written = any(work.has_entry(page.case_id, kind, by, page.requested_at) for kind, by in written)
        return is_written or self._vain_wait(work, page) is not None

    def _vain_wait(self, work: Work, page: Row[Any]) -> Row[Any] | None:
        """The entry of it, where this engineer last waited for the client, who was called, and in vain."""
        missed = work.last_entry(page.case_id, "client_not_reached", page.person)
        others = [work.last_entry(page.case_id, kind) for kind in _TALKED]
        if missed is None or any(other is not None and other.number > missed.number for other in others):
            return None
        return missed

    def leg_over(self, sid: str, at: datetime) -> None:
        """A call that reached the number that pages is over: an engineer's who called in, perhaps."""
        with self.store.reading() as work:
            is_known = work.page_that_talks_on(sid) is not None
        if is_known:
            self._in_one_transaction(lambda work: self._leg_over(work, sid, at))

    def talk_now(self, token: str, sid: str, at: datetime) -> PageCall | None:
        """The engineer, on the call with this ``sid``, wants the client who waits in our hands.

        None where nobody does: then the client would have to be called.
        """

        def connect(work: Work) -> PageCall | None:
            stored = work.page_with_token(token)
            found = work.incident(stored.case_id) if stored is not None else None
            if stored is None or found is None or not self._page_call(work, stored).client_holds_the_line:
                return None
            self._join_callers(work, stored.case_id, found[0], True, at)
            talking = work.talking_page(stored.case_id)
            if talking is not None and talking.person == stored.person:
                work.begin_talk(talking.id, sid, talking.talks_since)
            self._sign_of_life(work, stored.case_id, stored.person, at)
            return self._page_call(work, stored)

        return self._in_one_transaction(connect)

    def call_client(self, token: str, sid: str, at: datetime) -> PageCall | None:
        """The engineer, on the leg ``sid``, has the client called back, and waits in the conference.

        Pressed twice, or on another phone, it is the same call.
        """

        def call(work: Work) -> PageCall | None:
            stored = work.page_with_token(token)
            if stored is None:
                return None
            work.incident(stored.case_id)
            stored = work.page_with_token(token)
            if self._page_call(work, stored).is_mine:
                self._call_client(work, stored, sid, at)
            return self._page_call(work, work.page_with_token(token))

        return self._in_one_transaction(call)

    def _call_client(self, work: Work, page: Any, sid: str, at: datetime) -> None:
        case: int = page.case_id
        talking, is_awaited = work.talking_page(case), bool(work.live_side_calls(case, Purpose.CLIENT))
        if is_awaited or work.talking_calls(case):
            since = talking.talks_since if talking is not None else at
        elif page.talks_since is not None and page.talk_sid == sid:
            return  # the same key once more, after all: they hear what came of it
        else:
            since = at
            owed = intake.to_call_back(work.calls_of_case(case), self._tried(work, case))
            if owed is None:
                return
            facts = {"person": page.person, "name": page.name}
            facts |= {"to": owed.call_back or "", "contact": owed.call_back_name}
            work.append(case, at, (Draft("client_called", facts, page.person),))
            self._sign_of_life(work, case, page.person, at)
            self._ring_client(work, page, owed, at)
        if talking is not None and talking.id != page.id:
            work.end_talk(talking.id)
        work.begin_talk(page.id, sid, since)
        self._order_look(work, case, at)
