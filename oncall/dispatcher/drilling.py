"""Drills: people are asked, rung, heard; each wait has an end, and every page goes first."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from oncall import drills
from oncall.dispatcher.base import Base
from oncall.dispatcher.claimed import Claimed
from oncall.drills import GOING_ON, State
from oncall.people import Language, Person
from oncall.ports import ENDED, Ambiguous, Failure, Refused
from oncall.store import Work

_AFTER_EVERYTHING = 200  # urgency: any page, any news, any mail leaves before
_RETRY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class DrillCall:
    """A drill as the phone has to know it."""

    token: str
    name: str
    language: str
    state: State


def ask(
    work: Work, team: str, people: Iterable[Person], by: str, new_token: Callable[[], str], at: datetime
) -> list[str]:
    """Write down a drill for each of these people; gives the ids of those who are asked.

    Nobody has two at a time: who is being asked already is left out.
    """
    asked = []
    for person in people:
        if work.drill_of(person.id) is not None:
            continue
        values = {
            "token": new_token(),
            "team": team,
            "person": person.id,
            "name": person.name,
            "language": person.language,
            "by": by,
            "state": State.ASKED,
            "phone": 0,
            "asked_at": at,
            "due_at": at + drills.LASTS + drills.SETTLES,
        }
        _order(work, work.add_drill(values), 0, at, drills.LASTS)
        asked.append(person.id)
    return asked


def _order(work: Work, drill: int, phone: int, at: datetime, lasts: timedelta) -> None:
    once, payload = f"drill:{drill}:{phone}", {"drill": drill}
    work.order("drill", once, at, lasts, payload=payload, urgency=_AFTER_EVERYTHING)


class Drilling(Base):
    def hold_drills(self, at: datetime) -> int:
        """Ask the people of each team whose drill is due, once in the cluster; gives how many were asked."""
        book = self.books.current()
        planned = {
            drills.name_of(team.id, moment): team
            for team in book.teams.values()
            if (moment := drills.due(team, at)) is not None
        }
        if not planned:
            return 0
        with self.store.writing() as work:
            return sum(
                len(ask(work, team.id, drills.people_of(team, book.people), "schedule", self.new_token, at))
                for name, team in planned.items()
                if work.first_to_do(name, at)
            )

    def ask_drill(self, team: str, by: str, at: datetime) -> list[str]:
        """Ask everybody of a team now."""
        book = self.books.current()
        people = drills.people_of(book.teams[team], book.people)
        with self.store.writing() as work:
            return ask(work, team, people, by, self.new_token, at)

    # --- the telephone speaks of one ---

    def drill(self, token: str) -> DrillCall | None:
        with self.store.reading() as work:
            row = work.drill_with_token(token)
        return _view(row) if row is not None else None

    def drill_reached(self, token: str, at: datetime) -> DrillCall | None:
        """Somebody, or something, picked up."""
        return self._hear_drill(token, {State.ASKED, State.RINGING}, {"state": State.ANSWERED}, at)

    def drill_passed(self, token: str, at: datetime) -> DrillCall | None:
        """The key was pressed; a late one counts as well."""
        passed = {"state": State.PASSED, "passed_at": at, "due_at": None, "why": None}
        return self._hear_drill(token, {*GOING_ON, State.FAILED}, passed, at)

    def drill_status(self, token: str, sid: str, status: str, at: datetime) -> None:
        """What the telephone company says of the call: one that ended without a key tries the next phone."""
        with self.store.writing() as work:
            row = work.drill_with_token(token)
            if row is None or row.state not in GOING_ON or (row.sid and sid != row.sid):
                return
            if status in ENDED:
                why = "no_key" if row.state == State.ANSWERED or status == "completed" else status
                self._next_phone(work, row, why.replace("-", "_"), at)

    # --- the worker ---

    def _ring_drill(self, order: Claimed, now: Callable[[], datetime]) -> None:
        at = now()
        with self.store.writing() as work:
            row = work.drill(order.payload["drill"])
            if row is None or work.attempts_at(order.id) != order.attempts + 1:
                return
            if row.state != State.ASKED or row.sid:
                work.finish_order(order.id, "void")
                return
            if work.is_in_a_page(row.person):
                self._ask_later(work, row, order, at)
                return
            to = self._phone_of(row)
            if to is None:
                self._fail(work, row, "no_phone", at)
                work.finish_order(order.id, "failed")
                return
            due = at + drills.RINGS + drills.SETTLES
            work.change_drill(row, state=State.RINGING, to=to, due_at=due)
            if row.phone == 0:
                self._order_text(work, f"drill:{row.id}:text", row.person, to, "sms.drill", {}, at)
        self._place_drill(order, row.id, to, now)

    def _place_drill(self, order: Claimed, drill: int, to: str, now: Callable[[], datetime]) -> None:
        with self.store.reading() as work:
            row = work.drill(drill)
        assert row is not None
        sid: str | None = None
        try:
            sid = self.telephone.drill(to, row.token, drills.RINGS)
        except Ambiguous:
            pass  # if it was made, it is heard of; if not, its time runs out
        except Failure as failure:
            self._drill_not_placed(order, row, failure, now())
            return
        with self.store.writing() as work:
            known = work.drill(drill)
            if known is not None and sid is not None:
                work.change_drill(known, sid=sid)
            work.finish_order(order.id, "done", sid or "")

    def _drill_not_placed(self, order: Claimed, row: Row[Any], failure: Failure, at: datetime) -> None:
        with self.store.writing() as work:
            if isinstance(failure, Refused) or at + _RETRY >= order.expires_at:
                work.finish_order(order.id, "failed", failure.code)
                self._next_phone(work, row, "not_placed", at)
                return
            work.change_drill(row, state=State.ASKED, due_at=order.expires_at + drills.SETTLES)
            work.postpone_order(order.id, at + _RETRY, failure.code or str(failure))

    def _ask_later(self, work: Work, row: Row[Any], order: Claimed, at: datetime) -> None:
        if at + drills.ASKS_AGAIN < order.expires_at:
            work.postpone_order(order.id, at + drills.ASKS_AGAIN, "in a page")
            return
        self._fail(work, row, "in_a_page", at)
        work.finish_order(order.id, "failed")

    def _drill_overdue(self, drill: int, at: datetime) -> None:
        with self.store.writing() as work:
            row = work.drill(drill)
            if row is not None and row.state in GOING_ON and row.due_at is not None and row.due_at <= at:
                self._next_phone(work, row, "no_key" if row.state == State.ANSWERED else "no_answer", at)

    def _drill_later(self, drill: int, at: datetime) -> None:
        with self.store.writing() as work:
            row = work.drill(drill)
            if row is not None:
                work.change_drill(row, due_at=at)

    # --- inside ---

    def _hear_drill(
        self, token: str, states: set[State], change: Mapping[str, Any], at: datetime
    ) -> DrillCall | None:
        def heard(work: Work) -> DrillCall | None:
            row = work.drill_with_token(token)
            if row is not None and row.state in states:
                stamped = dict(change)
                if change["state"] == State.ANSWERED:
                    stamped |= {"answered_at": at, "due_at": at + drills.SETTLES}
                work.change_drill(row, **stamped)
                row = work.drill_with_token(token)
            return _view(row) if row is not None else None

        return self._in_one_transaction(heard)

    def _next_phone(self, work: Work, row: Row[Any], why: str, at: datetime) -> None:
        """The person's next phone is tried at once; after the last, the drill failed."""
        person = self.books.current().people.get(row.person)
        following = row.phone + 1
        if person is None or following >= len(person.phones):
            self._fail(work, row, why, at)
            return
        due = at + drills.LASTS + drills.SETTLES
        change = {"state": State.ASKED, "phone": following, "sid": None, "why": why, "due_at": due}
        if work.change_drill(row, **change):
            _order(work, row.id, following, at, drills.LASTS)

    def _fail(self, work: Work, row: Row[Any], why: str, at: datetime) -> None:
        work.change_drill(row, state=State.FAILED, why=why, due_at=None)

    def _phone_of(self, row: Row[Any]) -> str | None:
        person = self.books.current().people.get(row.person)
        return person.phones[row.phone] if person and row.phone < len(person.phones) else None


def _view(row: Row[Any]) -> DrillCall:
    return DrillCall(row.token, row.name, str(Language(row.language)), State(row.state))
