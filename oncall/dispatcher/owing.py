"""What a person still has to write: the agreement of a conversation, the cause of a closing by key.

It is asked for after a while, by a text with the link of the case's page, and again; then it stays owed,
for everybody to see, until it is written.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from oncall.dispatcher.base import Base
from oncall.escalation import Answer, State
from oncall.record import Draft
from oncall.store import Work

# After so many times nobody is texted any more: it is shown as owed, and managers see it.
_TIMES = 3

AGREEMENT, CLOSURE = "agreement", "closure"
_ASKED = {
    AGREEMENT: ("agreement_asked", "sms.agreement_owed"),
    CLOSURE: ("closure_asked", "sms.closure_owed"),
}


class Owing(Base):
    def _owe(self, work: Work, page: Row[Any], what: str, at: datetime) -> None:
        """The person of a page owes something in writing from now on; once for each kind."""
        if any(owed.what == what for owed in work.owed(page.case_id)):
            return
        work.owe(
            page.case_id,
            {
                "what": what,
                "person": page.person,
                "name": page.name,
                "page": page.token,
                "since": at,
                "due_at": at + self.books.current().service.casework.ask_after,
            },
        )

    def _owe_closure(self, work: Work, page: Row[Any], answer: Answer, at: datetime) -> None:
        """Closed by key: the cause, and what was done, are owed in writing."""
        row = work.case(page.case_id)
        if answer is Answer.SOLVED and row is not None and row.state == State.CLOSED:
            self._owe(work, page, CLOSURE, at)

    def _ask_for_writing(self, at: datetime) -> int:
        """Ask everybody for what they owe and were not asked for in time; gives how many were."""
        with self.store.reading() as work:
            overdue = work.overdue_writings(at)
        for id in overdue:
            self._in_one_transaction(lambda work, id=id: self._ask_for(work, id, at))  # type: ignore[misc]
        return len(overdue)

    def _ask_for(self, work: Work, id: int, at: datetime) -> None:
        owed = work.owed_with_id(id)
        if owed is None or owed.due_at is None or owed.due_at > at:
            return
        again: timedelta = self.books.current().service.casework.ask_again
        is_last = owed.asked + 1 >= _TIMES
        if not work.ask_again(id, owed.asked, None if is_last else at + again):
            return
        if owed.what == AGREEMENT and any(o.what == CLOSURE for o in work.owed(owed.case_id)):
            return  # the closing says in writing what the conversation came to
        person, case = self.books.current().people.get(owed.person), work.case(owed.case_id)
        if person is None or case is None:
            return
        kind, key = _ASKED[owed.what]
        work.append(owed.case_id, at, (Draft(kind, {"person": owed.person, "name": owed.name}),))
        facts = {"client": case.client_name, "integration": case.integration_name}
        once = f"owed:{id}:{owed.asked}"
        self._order_text(work, once, person.id, person.phones[0], key, facts, at, owed.case_id, owed.page)
