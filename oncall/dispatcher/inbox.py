"""What enters by mail: a reply is an entry, ends a wait on the client, and is told to who has the incident.

Each mail is taken in once, by its Message-ID, whoever reads it and however often.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from oncall.dispatcher.casework import Upload
from oncall.dispatcher.correspondence import Correspondence
from oncall.dispatcher.post import order_record
from oncall.inbox import Judgement, Received, Verdict, cases_named, judge
from oncall.record import Draft
from oncall.store import Work

# Who sends again and again is shown to managers once in a while.
_AGAIN = timedelta(hours=1)
_SHOWN = 1_500  # letters of a mail that was kept out


class Inbox(Correspondence):
    def receive(self, mail: Received, domain: str, at: datetime) -> Verdict | None:
        """Take in a mail that was read; ``domain`` is that of our Message-IDs. None: it was there before."""
        with self.store.reading() as work:
            if work.was_received(mail.message_id):
                return None
            named = cases_named(mail, domain)
            rows = {case: row for case in named if (row := work.case(case)) is not None}
        clients = {case: row.client for case, row in rows.items()}
        judged = judge(mail, named, clients, self.books.current(), domain)
        files = self._shelved(mail) if judged.verdict is Verdict.ENTERED else []
        return self._in_one_transaction(lambda work: self._take_in_mail(work, mail, judged, files, at))

    def alarm_inbox(self, why: str, at: datetime) -> None:
        """The mailbox cannot be read for a while: answers of clients stay unread, and managers are told."""
        with self.store.writing() as work:
            self._alarm(work, "inbox_unread", {"what": "inbox_unread", "where": why}, at, _AGAIN)

    def _shelved(self, mail: Received) -> list[tuple[str, Upload]]:
        """Put what came along on the shelf, before the record refers to it."""
        return [
            (self.shelf.put(file.content), Upload(file.name, file.media_type, file.content))
            for file in mail.files
        ]

    def _take_in_mail(
        self, work: Work, mail: Received, judged: Judgement, files: list[tuple[str, Upload]], at: datetime
    ) -> Verdict | None:
        if not work.first_received(mail.message_id, judged.verdict, judged.case, at):
            return None
        row = work.case(judged.case) if judged.case is not None else None
        match judged.verdict:
            case Verdict.ENTERED:
                assert row is not None
                self._enter_mail(work, row, mail, judged, files, at)
            case Verdict.QUARANTINED:
                self._quarantine(work, row, mail, judged, at)
            case Verdict.BOUNCED:
                self._note_bounce(work, row, mail, at)
            case Verdict.IGNORED:
                pass
        return judged.verdict

    # --- somebody's word -------------------------------------------------------------------------

    def _enter_mail(
        self,
        work: Work,
        row: Row[Any],
        mail: Received,
        judged: Judgement,
        files: list[tuple[str, Upload]],
        at: datetime,
    ) -> None:
        author = judged.author
        assert author is not None
        is_client = author.person is None
        said = {"name": author.name, "text": mail.text, **_identity(mail)}
        if is_client:
            draft = Draft("replied", said | _left_out(mail), "client")
        else:
            draft = Draft("note", said | {"person": author.person}, _actor(author.person))
        work.append(row.id, at, (draft,))
        for digest, file in files:
            self._note_file(work, row.id, draft.actor, author.name, file, digest, at)
        if is_client:
            self._client_is_heard(work, row.id, "reply", at)
        else:
            self._sign_of_life(work, row.id, str(author.person), at)
        self._tell_holder(work, row, author.person, at)
        if mail.asks_for_record:
            order_record(work, self.letters, row, (mail.sender,), row.language, at)

    def _tell_holder(self, work: Work, row: Row[Any], author: str | None, at: datetime) -> None:
        holder = self.books.current().people.get(row.acknowledged_by or "")
        if holder is None or holder.id == author:
            return
        facts = {"client": row.client_name, "integration": row.integration_name}
        self._order_news(work, row.id, holder.id, holder.phones[0], "sms.client_wrote", facts, at)

    # --- kept out --------------------------------------------------------------------------------

    def _quarantine(
        self, work: Work, row: Row[Any] | None, mail: Received, judged: Judgement, at: datetime
    ) -> None:
        """Nobody's word: an entry says that it came, and managers are shown what it says."""
        if row is not None:
            kept_out = {"sender": mail.sender, "why": str(judged.why), **_identity(mail)}
            work.append(row.id, at, (Draft("mail_quarantined", kept_out),))
        if not work.first_in_a_while(f"quarantine:{mail.sender}", at, _AGAIN):
            return
        facts = {
            "sender": mail.sender or "?",
            "subject": mail.subject,
            "kept_out": str(judged.why),
            "said": mail.text[:_SHOWN],
        }
        if row is not None:
            self._order_letters(work, row.id, "quarantine", at, facts)
            return
        for number, letter in enumerate(self.letters.to_managers("quarantine", facts), start=1):
            self._order_letter(work, f"quarantine:{mail.message_id}:{number}", letter, at)

    def _note_bounce(self, work: Work, row: Row[Any] | None, mail: Received, at: datetime) -> None:
        bounce = mail.bounce
        assert bounce is not None
        if row is not None:
            told = {"to": list(bounce.addresses), "why": bounce.why, **_identity(mail)}
            work.append(row.id, at, (Draft("mail_bounced", told),))
        where = f"{', '.join(bounce.addresses)} ({bounce.why})"
        name = f"mail_bounced:{row.id if row is not None else '-'}:{','.join(bounce.addresses)}"[:200]
        facts = {"what": "mail_bounced", "where": where}
        self._alarm(work, name, facts, at, _AGAIN, row.id if row is not None else None)


def _identity(mail: Received) -> dict[str, str]:
    return {"message_id": mail.message_id, "sha256": mail.digest}


def _left_out(mail: Received) -> dict[str, Any]:
    return {"left_out": list(mail.left_out)} if mail.left_out else {}


def _actor(person: str | None) -> str:
    """The Support Center is ours, and nobody of the rosters folder."""
    return "guardia" if person in (None, "support_center") else str(person)
