"""Turns that change hands by text: asked by one engineer, agreed to by the other, told to both."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from oncall import swaps
from oncall.dispatcher.conversing import Conversing
from oncall.people import Person
from oncall.ports import Sms
from oncall.store import Conflict, Work
from oncall.swaps import Command, Refusal, Swap, Verb


class Swapping(Conversing):
    """Hears the texts that are about turns; every other text is heard as before."""

    def text(self, sender: str, body: str, at: datetime) -> Sms:
        person = self.books.current().person_with_phone(sender)
        command = swaps.read_command(body)
        if person is None or command is None:
            return super().text(sender, body, at)
        return self._in_one_transaction(lambda work: self._ask_swap(work, person, command, at))

    def _ask_swap(self, work: Work, asker: Person, command: Command, at: datetime) -> Sms:
        """Put the question to the other side; nothing is in force before they agree."""
        book = self.books.current()
        swap = swaps.propose(book, asker, command, at)
        if isinstance(swap, Refusal):
            return _refusal(swap, asker)
        asked = book.people[swap.asked_of]
        facts = self._facts(swap) | {"name": asked.name}
        if not _is_asked_already(swap, work.swaps_asked(asker.id, at - swaps.ASKED_TWICE)):
            code = self._fresh_code(work, at)
            number = work.add_swap(swap, code, at)
            question = "sms.swap_take" if command.verb is Verb.TAKE else "sms.swap_give"
            told = facts | {"name": asker.name, "code": code}
            self._tell(work, f"swap:{number}:asked", asked, question, told, at)
        return Sms("sms.swap_asked", asker.language, facts)

    def _obey(self, work: Work, person: Person, code: str, passes: bool, at: datetime) -> Sms:
        """A code: of an incident that is not over, else of a swap that this person was asked for."""
        found = None if work.code_in_use(code) else work.swap_with_code(code, person.id, at - swaps.WAITS)
        if found is None:
            return super()._obey(work, person, code, passes, at)
        number, state, swap = found
        if state == "asked":
            answer = self._refuse if passes else self._agree
            return answer(work, number, replace(swap, starts=at), person, at)
        key = "sms.swap_agreed" if state == "in_force" else "sms.swap_refused"
        return Sms(key, person.language, self._facts(swap))  # the same text, heard twice

    def _agree(self, work: Work, number: int, swap: Swap, person: Person, at: datetime) -> Sms:
        """In force at once: both are told, and the managers by mail."""
        book = self.books.current()
        if obstacle := swaps.obstacle(book, swap, at):
            return _refusal(obstacle, person)
        if not work.answer_swap(number, "in_force", at):
            raise Conflict(f"swap {number} was answered meanwhile")
        facts = self._facts(swap)
        asker = book.people.get(swap.asked_by)
        if asker is not None:
            self._tell(work, f"swap:{number}:agreed", asker, "sms.swap_agreed", facts, at)
        for count, letter in enumerate(
            self.letters.to_managers("swapped", self._letter_facts(swap)), start=1
        ):
            self._order_letter(work, f"mail:swap:{number}:{count}", letter, at)
        return Sms("sms.swap_agreed", person.language, facts)

    def _refuse(self, work: Work, number: int, swap: Swap, person: Person, at: datetime) -> Sms:
        if not work.answer_swap(number, "refused", at):
            raise Conflict(f"swap {number} was answered meanwhile")
        facts = self._facts(swap)
        asker = self.books.current().people.get(swap.asked_by)
        if asker is not None:
            declined = facts | {"name": person.name}
            self._tell(work, f"swap:{number}:refused", asker, "sms.swap_declined", declined, at)
        return Sms("sms.swap_refused", person.language, facts)

    def _tell(
        self, work: Work, once: str, person: Person, key: str, facts: dict[str, str], at: datetime
    ) -> None:
        self._order_text(work, once, person.id, person.phones[0], key, facts, at)

    def _facts(self, swap: Swap) -> dict[str, str]:
        """A swap as its texts tell it: who is on call where until when."""
        book = self.books.current()
        return {
            "name": _name(book.people, swap.person),
            "rotation": swaps.label(book, swap.team, swap.rotation),
            "until": swap.ends.isoformat(),
            "timezone": self._timezone(swap),
        }

    def _letter_facts(self, swap: Swap) -> dict[str, Any]:
        people = self.books.current().people
        return {
            "on_call": _name(people, swap.person),
            "instead_of": _name(people, swap.instead_of),
            "where": f"{swap.team} / {swap.rotation}",
            "since": swap.starts.isoformat(),
            "until": swap.ends.isoformat(),
            "also": ", ".join(swaps.held_besides(self.books.current(), swap)),
            "origin": swap.origin,
            "timezone": self._timezone(swap),
        }

    def _timezone(self, swap: Swap) -> str:
        team = self.books.current().teams.get(swap.team)
        return team.timezone if team else "UTC"


def _refusal(refusal: Refusal, person: Person) -> Sms:
    return Sms(refusal.why, person.language, refusal.facts)


def _is_asked_already(swap: Swap, others: list[Swap]) -> bool:
    """Whether a request is one of these over again: Twilio may deliver a text twice."""
    about = swaps.ASKED_TWICE
    return any(
        other == replace(swap, starts=other.starts, ends=other.ends) and abs(other.ends - swap.ends) <= about
        for other in others
    )


def _name(people: Mapping[str, Person], id: str) -> str:
    return people[id].name if id in people else id
