"""After a dispute: a manager says who was right, and it stands in the record."""

from datetime import datetime
from enum import StrEnum

from oncall.dispatcher.base import Base
from oncall.people import Person
from oncall.record import Draft
from oncall.store import Work


class Verdict(StrEnum):
    """Who was right when a client did not accept a refusal."""

    CLIENT = "client"  # it was for the guard: the refusal was wrong
    GUARD = "guard"  # the refusal was right


class Judging(Base):
    def judge_dispute(self, case: int, manager: Person, verdict: str, note: str, at: datetime) -> bool:
        """Write a verdict down; what was said last counts. False: no disputed case, or no such verdict."""
        if verdict not in set(Verdict):
            return False

        def judge(work: Work) -> bool:
            row = work.case(case)
            if row is None or not row.disputed:
                return False
            data = {"person": manager.id, "name": manager.name, "verdict": verdict, "note": note or None}
            work.append(case, at, [Draft("dispute_judged", data, manager.id)])
            return True

        return self._in_one_transaction(judge)
