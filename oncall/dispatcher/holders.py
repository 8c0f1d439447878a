"""Who has an incident: how it goes on, until when, and whether they are still on it."""

from datetime import datetime, timedelta

from oncall import escalation
from oncall.commands import HolderCommand, read_holder_command
from oncall.dispatcher.ears import Ears
from oncall.dispatcher.views import PageCall
from oncall.escalation import By, Channel
from oncall.people import Person
from oncall.ports import Sms
from oncall.store import Work
from oncall.store.cases import reference_of


class Holders(Ears):
    def give_eta(self, token: str, hours: int, by: By, at: datetime) -> PageCall | None:
        """Who has the incident expects it to be solved in so many hours."""

        def hear(work: Work) -> PageCall | None:
            stored = work.page_with_token(token)
            if stored is None:
                return None
            self._give_eta(work, stored.case_id, stored.person, hours, by, at)
            return self._page_call(work, stored)

        return self._in_one_transaction(hear)

    def look_after_the_taken(self, at: datetime) -> int:
        """Incidents that a process of the release before took are asked after from now on."""
        with self.store.reading() as work:
            unheard = work.taken_without_deadline()
        for case in unheard:
            with self.store.writing() as work:
                row = work.case(case)
                if row is not None and row.acknowledged_by:
                    self._sign_of_life(work, case, row.acknowledged_by, at)
        return len(unheard)

    def text(self, sender: str, body: str, at: datetime) -> Sms:
        person = self.books.current().person_with_phone(sender)
        command = read_holder_command(body)
        if person is None or command is None:
            return super().text(sender, body, at)
        return self._in_one_transaction(lambda work: self._obey_holder(work, person, command, at))

    def _obey_holder(self, work: Work, person: Person, command: HolderCommand, at: datetime) -> Sms:
        """What they say of an incident of theirs: the one they name, or the only one they have."""
        theirs = work.held_incidents(person.id)
        if command.case is not None:
            theirs = [row for row in theirs if row.id == command.case]
        if not theirs:
            return Sms("sms.holds_nothing", person.language)
        if len(theirs) > 1:
            references = [reference_of(row.id) for row in theirs]
            facts = {"references": ", ".join(references), "reference": references[0]}
            return Sms("sms.holds_several", person.language, facts)
        row = theirs[0]
        page = work.page_of_holder(row.id, person.id, Channel.SMS) or work.page_of_holder(
            row.id, person.id, Channel.CALL
        )
        if page is None:
            return Sms("sms.holds_nothing", person.language)
        self._answer_given(work, page, command.answer, at)
        if command.hours:
            self._give_eta(work, row.id, person.id, command.hours, By.TEXT, at)
        key = "eta" if command.hours else str(command.answer)
        facts = {"reference": reference_of(row.id), "count": str(command.hours or "")}
        return Sms(f"sms.noted.{key}", person.language, facts)

    def _give_eta(self, work: Work, case: int, person: str, hours: int, by: By, at: datetime) -> None:
        eta = (at + timedelta(hours=hours)).replace(second=0, microsecond=0)
        self._advance(work, case, escalation.EtaGiven(person, eta, by), at)
