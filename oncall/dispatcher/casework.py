"""What people write into a case: checked by ``acts`` and ``closing``, and written in one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Row

from oncall import escalation
from oncall.acts import Act, Agreement, Close, Correction, Note, Situation, WaitEnd, WaitStart, lacks
from oncall.clocks import wait_ends
from oncall.closing import Closure, Lack, facts_of_closure
from oncall.dispatcher.owing import AGREEMENT, CLOSURE, Owing
from oncall.dispatcher.waits import end_wait, told_of
from oncall.escalation import State
from oncall.people import Person
from oncall.record import Draft
from oncall.store import Work
from oncall.store.cases import case_of, reference_of

# Nobody means to write the same twice within so long.
_SAME_WORDS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came, already found to be of a kind that is taken."""

    name: str
    media_type: str
    content: bytes


class Casework(Owing):
    def write(self, case: int, author: Person, act: Act, at: datetime, once: str = "") -> tuple[Lack, ...]:
        """Write what a person does into a case. Gives what keeps it from being written, all at once; empty
        when it was. ``once`` names the form it stood in: one that is sent again is written once, and so are
        the same words in a form that a browser filled in anew when somebody went back to it.
        """

        def step(work: Work) -> tuple[Lack, ...]:
            row = work.case(case)
            if row is None:
                return (Lack.NOT_AN_INCIDENT,)
            work.incident(case)  # holds the case: two closings do not both pass
            known = self._completed(work, row, act)
            if once and work.done_already([f"written:{case}:{once}"]):
                return ()
            found = lacks(known, self._situation(work, row, author, at))
            if not found:
                if once and not self._is_first(work, case, author, act, once, at):
                    return ()
                self._sign_of_life(work, case, author.id, at)
                self._carry_out_act(work, row, author, known, at)
            return found

        return self._in_one_transaction(step)

    def _is_first(self, work: Work, case: int, author: Person, act: Act, once: str, at: datetime) -> bool:
        work.first_to_do(f"written:{case}:{once}", at)
        words = sha256(repr(act).encode()).hexdigest()[:32]
        return work.first_in_a_while(f"wrote:{case}:{author.id}:{words}", at, _SAME_WORDS)

    def attach(self, case: int, author: str, name: str, file: Upload, at: datetime) -> bool:
        """Keep a file of a case, and write that it was attached; false for one the case has already.

        ``author`` is a person's id, or ``client``; ``name`` is how they are called.
        """
        digest = self.shelf.put(file.content)  # before the transaction that refers to it
        return self._in_one_transaction(
            lambda work: self._note_file(work, case, author, name, file, digest, at)
        )

    def file(self, case: int, token: str) -> tuple[Row[Any], bytes] | None:
        """A file of this case with its content; None for a name nobody was given, or of another case."""
        with self.store.reading() as work:
            row = next((f for f in work.files(case) if f.token == token), None)
        content = self.shelf.get(row.digest) if row is not None else None
        return (row, content) if row is not None and content is not None else None

    def _end_overdue_waits(self, at: datetime) -> int:
        with self.store.reading() as work:
            overdue = work.overdue_waits(at)
        for wait in overdue:
            self._in_one_transaction(
                lambda work, w=wait: self._end_wait(work, w.case_id, w.entry, "limit", w.until)  # type: ignore[misc]
            )
        return len(overdue)

    def _attend_to_writing(self, at: datetime) -> int:
        """Waits that reached their limit end; what is owed is asked for. Gives how many there were."""
        return self._end_overdue_waits(at) + self._ask_for_writing(at)

    # --- inside ----------------------------------------------------------------------------------

    def _situation(self, work: Work, row: Row[Any], author: Person, at: datetime) -> Situation:
        owed = [o for o in work.owed(row.id) if o.what == CLOSURE]
        is_manager = author.id in self.books.current().service.managers
        theirs = row.acknowledged_by == author.id or any(o.person == author.id for o in owed)
        return Situation(
            at,
            is_incident=row.kind == "incident",
            is_taken=row.state == State.ACKNOWLEDGED,
            is_closed=row.state == State.CLOSED,
            is_theirs=is_manager or theirs,
            opened_at=row.opened_at,
            closure_is_owed=bool(owed) and row.state == State.CLOSED,
            running_waits=frozenset(w.entry for w in work.waits(row.id) if w.ended_at is None),
            kinds={entry.number: entry.kind for entry in work.record(row.id)},
        )

    def _completed(self, work: Work, row: Row[Any], act: Act) -> Act:
        """A closing with what only the record knows: the case's files, and the case it is a duplicate of."""
        if not isinstance(act, Close):
            return act
        closure = act.closure
        other = case_of(closure.duplicate_of) if closure.duplicate_of else None
        found = work.case(other) if other is not None and other != row.id else None
        is_known = found is not None and found.kind == "incident" and found.client == row.client
        files = tuple((file.name, file.digest) for file in work.files(row.id))
        reference = reference_of(other) if other is not None else closure.duplicate_of
        return Close(replace(closure, files=files, duplicate_is_known=is_known, duplicate_of=reference))

    def _carry_out_act(self, work: Work, row: Row[Any], author: Person, act: Act, at: datetime) -> None:
        match act:
            case Note(text):
                self._append(work, row.id, author, "note", at, text=text.strip())
            case Agreement():
                self._write_agreement(work, row, author, act, at)
            case WaitStart():
                self._start_wait(work, row, author, act, at)
            case WaitEnd(entry):
                assert entry is not None
                self._end_wait(work, row.id, entry, "person", at, author)
            case Correction(entry, text, withdraws):
                assert entry is not None
                facts = {"entry": entry, "text": text.strip(), "withdrawn": withdraws}
                self._append(work, row.id, author, "correction", at, **facts)
                if withdraws:
                    self._end_wait(work, row.id, entry, "withdrawn", at)
            case Close(closure):
                self._close(work, row, author, closure, at)

    def _write_agreement(
        self, work: Work, row: Row[Any], author: Person, act: Agreement, at: datetime
    ) -> None:
        facts = {
            "agreed": "" if act.nothing else act.agreed.strip(),
            "whom": act.whom.strip(),
            "channel": str(act.channel),
            "until": None if act.nothing or act.until is None else act.until.isoformat(),
        }
        self._append(work, row.id, author, "agreement", at, **facts)
        work.settle(row.id, AGREEMENT, at)
        self._order_letters(work, row.id, "agreement", at, {"by_person": author.name} | facts)

    def _start_wait(self, work: Work, row: Row[Any], author: Person, act: WaitStart, at: datetime) -> None:
        assert act.since is not None
        since = max(act.since, row.opened_at)  # never from before the call
        until = since + self.books.current().service.casework.wait_limit
        told = {"party": str(act.party), "asked": act.asked.strip(), "whom": act.whom.strip()}
        told |= {"channel": str(act.channel)}
        facts = told | {"since": since.isoformat(), "until": until.isoformat()}
        entry = self._append(work, row.id, author, "wait_started", at, **facts)
        work.add_wait(row.id, entry, told | {"since": since, "until": until, "due_at": until})
        facts |= self._ended_already(work, row.id, entry, at)
        self._order_letters(work, row.id, "wait_started", at, {"by_person": author.name} | facts)

    def _ended_already(self, work: Work, case: int, entry: int, at: datetime) -> dict[str, str]:
        """A wait that is written down after the client was heard, or after its limit, is over from the start.

        Gives when, for the one letter that tells of both; empty where it runs.
        """
        ended_at, ended_by = wait_ends(work.record(case))[entry]
        if ended_at > at:
            return {}
        wait = next(w for w in work.waits(case) if w.entry == entry)
        end_wait(work, wait, ended_by, at, ended_at=ended_at)
        return {"ended_at": ended_at.isoformat()}

    def _end_wait(
        self, work: Work, case: int, entry: int, ended_by: str, at: datetime, author: Person | None = None
    ) -> None:
        wait = next((w for w in work.waits(case) if w.entry == entry), None)
        if wait is not None and end_wait(work, wait, ended_by, at, author):
            told = {**told_of(wait), "ended_by": ended_by}
            self._order_letters(work, case, "wait_ended", at, told)

    def _client_is_heard(self, work: Work, case: int, how: str, at: datetime) -> None:
        """The client called (``call``) or replied (``reply``): it is waited for no longer."""
        running = [w for w in work.waits(case) if w.party == "client" and w.ended_at is None]
        ended = [told_of(wait) for wait in running if end_wait(work, wait, how, at)]
        if ended:
            told = ended[0] if len(ended) == 1 else {"waits_ended": ended}
            self._order_letters(work, case, "wait_ended", at, {**told, "ended_by": how})

    def _close(self, work: Work, row: Row[Any], author: Person, closure: Closure, at: datetime) -> None:
        facts = facts_of_closure(closure)
        person = {"person": author.id, "name": author.name}
        if row.state == State.CLOSED:
            self._append(work, row.id, author, "closure_completed", at, **facts)
            self._tell_closed(work, row.id, at)
        else:
            self._advance(work, row.id, escalation.CloseAsked(Draft("closed", person | facts, author.id)), at)
        work.settle(row.id, CLOSURE, at)
        work.settle(row.id, AGREEMENT, at)  # the closing says in writing what the conversation came to

    def _note_file(
        self, work: Work, case: int, author: str, name: str, file: Upload, digest: str, at: datetime
    ) -> bool:
        work.incident(case)
        values = {
            "digest": digest,
            "name": file.name,
            "media_type": file.media_type,
            "size": len(file.content),
            "by": author,
            "at": at,
            "token": self.new_token(),
        }
        if not work.add_file(case, values):
            return False
        facts = {"name": file.name, "size": len(file.content), "sha256": digest}
        draft = Draft("file_attached", {"person": author, "person_name": name} | facts, author)
        work.append(case, at, (draft,))
        self._sign_of_life(work, case, author, at)
        return True

    def _append(self, work: Work, case: int, author: Person, kind: str, at: datetime, **facts: object) -> int:
        """Write an entry of a person's; gives its number."""
        work.append(case, at, (Draft(kind, {"person": author.id, "name": author.name} | facts, author.id),))
        row = work.case(case)
        assert row is not None
        number: int = row.entries
        return number
