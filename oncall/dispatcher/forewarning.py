"""A promise that is about to be broken is told before it happens, each step of its time once (A2, A3).

The time is the clocks': waits on the client do not count for the resolution.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from oncall.breaches import HOLDER, MANAGERS, Clock, step_reached
from oncall.clocks import clocks, facts_of
from oncall.dispatcher.alarms import Alarms
from oncall.record import Draft
from oncall.store import Work

_ALARMS = {Clock.FIRST_RESPONSE: "breach_near", Clock.RESOLUTION: "resolution_near"}
_TEXTS = {Clock.FIRST_RESPONSE: "sms.response_near", Clock.RESOLUTION: "sms.resolution_near"}


class Forewarning(Alarms):
    def warn_of_breaches(self, at: datetime) -> int:
        """Tell of each incident whose time has come to a step that was not told; gives how many were told."""
        with self.store.reading() as work:
            near = [
                (row.id, clock)
                for row in work.running_promises()
                for clock in Clock
                if self._is_near(work, row, clock, at)
            ]
        count = 0
        for case, clock in near:
            with self.store.writing() as work:
                count += self._warn(work, case, clock, at)
        return count

    def _is_near(self, work: Work, row: Row[Any], clock: Clock, at: datetime) -> bool:
        """Whether a step was come to that was not told, were there no pauses: the cheap question first."""
        due = _due(row, clock)
        if due is None:
            return False
        steps = self.books.current().service.warnings.of(clock)
        reached = step_reached(steps, row.opened_at, due, at)
        return reached is not None and not work.done_already([_name(row.id, clock, reached)])

    def _warn(self, work: Work, case: int, clock: Clock, at: datetime) -> bool:
        found = work.incident(case)
        if found is None or (due := _due(found[1], clock)) is None:
            return False
        row = found[1]
        service = self.books.current().service
        steps = service.warnings.of(clock)
        reached = step_reached(steps, row.opened_at, due, at)
        facts = facts_of(work.record(case), service.promises)
        if facts is not None:
            both = clocks(facts, service.working_hours, at)
            running = both.first_response if clock is Clock.FIRST_RESPONSE else both.resolution
            due = running.due_at
            reached = max((step for step in steps if step <= running.spent * 100), default=None)
        if reached is None or not work.first_to_do(_name(case, clock, reached), at):
            return False
        for earlier in steps:  # what was passed meanwhile is not told any more
            if earlier < reached:
                work.first_to_do(_name(case, clock, earlier), at)
        told = self._tell_step(work, row, clock, steps[reached], reached, due, at)
        entry = {"clock": str(clock), "percent": reached, "due_at": due.isoformat(), "told": told}
        work.append(case, at, (Draft("breach_near", entry),))
        return True

    def _tell_step(
        self,
        work: Work,
        row: Row[Any],
        clock: Clock,
        whom: Iterable[str],
        percent: int,
        due: datetime,
        at: datetime,
    ) -> list[str]:
        """Managers by mail and chat, everybody else by text; gives their names."""
        book, told = self.books.current(), list[str]()
        if MANAGERS in whom:
            facts = {"what": _ALARMS[clock], "where": f"{percent} %, {self._local(due)}"}
            self._order_letters(work, row.id, "alarm", at, facts)
            told += [manager.name for manager in book.managers()]
        ids = [row.acknowledged_by if id == HOLDER else id for id in whom if id != MANAGERS]
        for person in (book.people[id] for id in dict.fromkeys(ids) if id in book.people):
            said = {
                "client": str(row.client_name),
                "integration": str(row.integration_name),
                "percent": str(percent),
                "until": due.isoformat(),
                "timezone": self._staff_zone(row.team),
            }
            once = f"{_name(row.id, clock, percent)}:{person.id}"
            self._order_text(work, once, person.id, person.phones[0], _TEXTS[clock], said, at, row.id)
            told.append(person.name)
        return told


def _due(row: Row[Any], clock: Clock) -> datetime | None:
    """When the clock runs out without pauses; None where it does not run."""
    due: datetime | None = row.respond_by if clock is Clock.FIRST_RESPONSE else row.resolve_by
    is_stopped = clock is Clock.FIRST_RESPONSE and row.first_taken_at is not None
    return None if is_stopped else due


def _name(case: int, clock: Clock, percent: int) -> str:
    return f"breach_near:{case}:{clock}:{percent}"
