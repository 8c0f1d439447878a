"""Once a day: an anchor over all records, mailed to people outside: not even we can rewrite history."""

from datetime import UTC, datetime, timedelta

from oncall.dispatcher.base import Base
from oncall.record import Anchor
from oncall.store import Work


class Anchoring(Base):
    def anchor_records(self, at: datetime) -> Anchor | None:
        """Anchor the UTC day that is over, once in the cluster; gives the day's last anchor, if any is new.

        To be called every minute or so. Where more records grew than one
        transaction should hold, the day has several anchors, and the last covers the others.
        """
        day = (at.astimezone(UTC) - timedelta(days=1)).date().isoformat()
        with self.store.reading() as work:
            if work.done_already([_chore(day)]):
                return None
        after: int | None = 0
        latest: Anchor | None = None
        while after is not None:
            with self.store.writing() as work:
                if latest is None and not work.first_to_do(_chore(day), at):
                    return None
                latest, after = work.anchor(day, at, after)
                if after is None:
                    self._mail_anchor(work, latest, at)
        return latest

    def _mail_anchor(self, work: Work, anchor: Anchor, at: datetime) -> None:
        for address in self.books.current().service.anchors:
            facts = {"day": anchor.day, "number": anchor.number, "hash": anchor.hash, "cases": anchor.cases}
            letter = self.letters.to_outsider("anchor", address, facts)
            self._order_letter(work, f"mail:anchor:{anchor.number}:{address}", letter, at)


def _chore(day: str) -> str:
    return f"anchor:{day}"
