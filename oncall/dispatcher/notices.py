"""What is told without being asked: a shift is about to begin, a month is over."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from oncall import swaps
from oncall.dispatcher.base import Base
from oncall.handoffs import By, Notice, due_notices
from oncall.people import Person
from oncall.store import Work

_Facts = Mapping[str, Any]
_Files = Sequence[Mapping[str, Any]]  # name, media_type and digest of each


class Notices(Base):
    def notify_handoffs(self, at: datetime) -> int:
        """Tell everybody whose shift is about to begin, once in the cluster; gives how many were told.

        To be called every minute: what was missed meanwhile is told late, as long
        as the shift has not begun.
        """
        due = {notice.name: notice for notice in due_notices(self.books.current(), at)}
        if not due:
            return 0
        with self.store.reading() as work:
            done = work.done_already(list(due))
        left = [notice for name, notice in due.items() if name not in done]
        if not left:
            return 0
        with self.store.writing() as work:
            return sum(self._notify(work, notice, at) for notice in left)

    def _notify(self, work: Work, notice: Notice, at: datetime) -> bool:
        person = self.books.current().people.get(notice.person)
        if person is None or not work.first_to_do(notice.name, at):
            return False
        if notice.by is By.TEXT:
            facts = self._handoff_facts(notice)
            self._order_text(work, notice.name, person.id, person.phones[0], "sms.handoff", facts, at)
        elif person.email:
            letter = self.letters.to_person("handoff", person, self._handoff_letter(notice, person))
            self._order_letter(work, f"mail:{notice.name}", letter, at)
        return True

    def mail_report(self, name: str, letters: Mapping[str, tuple[_Facts, _Files]], at: datetime) -> bool:
        """Order the letters of a month's report: for each manager's id the facts, and files on the shelf.

        False, and nothing is ordered, where another process did so under this ``name``.
        """
        people = self.books.current().people
        with self.store.writing() as work:
            if not work.first_to_do(name, at):
                return False
            for id, (facts, files) in letters.items():
                if id in people and people[id].email:
                    letter = self.letters.to_person("service_report", people[id], facts)
                    self._order_letter(work, f"mail:{name}:{id}", letter | {"files": list(files)}, at)
        return True

    def _handoff_facts(self, notice: Notice) -> dict[str, str]:
        book = self.books.current()
        return {
            "rotation": swaps.label(book, notice.team, notice.rotation),
            "since": notice.starts.isoformat(),
            "timezone": book.teams[notice.team].timezone,
        }

    def _handoff_letter(self, notice: Notice, person: Person) -> dict[str, str | None]:
        return {
            "where": f"{notice.team} / {notice.rotation}",
            "since": notice.starts.isoformat(),
            "until": notice.ends.isoformat() if notice.ends else None,
            "timezone": self.books.current().teams[notice.team].timezone,
            **self.addresses_of(person.id),
        }
