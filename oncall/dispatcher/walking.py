"""Synthetic calls: ordered, placed, recognised by their code, and reported when they did not come through."""

from collections.abc import Callable
from datetime import datetime, timedelta

from oncall import synthetic
from oncall.book import Book
from oncall.contracts import Client
from oncall.dispatcher.alarms import Alarms
from oncall.dispatcher.claimed import Claimed
from oncall.intake import Call
from oncall.ports import Ambiguous, Failure
from oncall.store import Work

_AFTER_EVERYTHING = 210
_ALARMS_APART = timedelta(minutes=1)


def order_walk(work: Work, client: Client, by: str, new_token: Callable[[], str], at: datetime) -> int | None:
    """Have a client's line dialled and walked; None while such a call is under way."""
    line = client.contract.guard_line
    if work.awaited_synthetic(line, at) is not None:
        return None
    code = str(int(new_token(), 16)).zfill(synthetic.CODE_DIGITS)[-synthetic.CODE_DIGITS :]
    due = at + synthetic.LASTS
    values = {"token": new_token(), "client": client.id, "line": line, "code": code, "by": by}
    id = work.add_synthetic(values | {"state": "asked", "asked_at": at, "due_at": due})
    payload = {"synthetic": id}
    work.order(
        "synthetic", f"synthetic:{id}", at, synthetic.LASTS, payload=payload, urgency=_AFTER_EVERYTHING
    )
    return id


def next_client(work: Work, book: Book, at: datetime) -> Client | None:
    """Whose line is walked next: each in its turn."""
    called = [row.client for row in work.synthetics(500)]
    return synthetic.next_line(synthetic.walkable(book, at), called)


class Walking(Alarms):
    def make_synthetic_call(self, at: datetime) -> int:
        """Dial the next line if it is time, once in the cluster; gives how many were ordered."""
        book = self.books.current()
        timezone = book.service.working_hours.timezone
        moment = synthetic.due(book.service.synthetic, timezone, at)
        if moment is None:
            return 0
        with self.store.writing() as work:
            client = next_client(work, book, at)
            if client is None or not work.first_to_do(synthetic.name_of(moment), at):
                return 0
            return 1 if order_walk(work, client, "schedule", self.new_token, at) else 0

    def walk(self, token: str) -> synthetic.Walk | None:
        """What the call that we placed is to key; None for a token nobody was given, or one that is over."""
        with self.store.reading() as work:
            row = work.synthetic_with_token(token)
        client = self.books.current().clients.get(row.client) if row is not None else None
        if row is None or client is None or row.ended_at is not None:
            return None
        return synthetic.walk(client, row.code)

    def is_synthetic(self, sid: str, line: str, caller: str | None, at: datetime) -> bool:
        """Whether it is the call that we placed: it keyed the code, or shows our number while one is due."""
        with self.store.reading() as work:
            found = work.call(sid, lock=False)
            if found is not None and (found[0].is_test or found[0].test_awaited):
                return True
            return self._is_awaited(work, line, caller, at)

    # --- inside ---

    def _is_awaited(self, work: Work, line: str, caller: str | None, at: datetime) -> bool:
        return caller == self.page_from and work.awaited_synthetic(line, at) is not None

    def _keys_test_code(self, line: str, digits: str, sid: str, at: datetime) -> bool:
        """Whether these digits are the code of the call that we placed to this line; then it is this call."""
        code = digits.removesuffix("#")
        if len(code) != synthetic.CODE_DIGITS or not code.isdigit():
            return False
        with self.store.writing() as work:
            return work.claim_synthetic(line, code, sid, at)

    def _test_ended(self, work: Work, call: Call, reached_end: bool, at: datetime) -> None:
        why = None if reached_end else "menu"
        if work.end_synthetic_of(call.sid, reached_end, why, at) and not reached_end:
            self._alarm_synthetic(work, call.line, at)

    def _place_synthetic(self, order: Claimed, now: Callable[[], datetime]) -> None:
        with self.store.reading() as work:
            row = work.synthetic(order.payload["synthetic"])
            is_ours = work.attempts_at(order.id) == order.attempts + 1
        if row is None or not is_ours:
            return
        if row.state != "asked" or order.attempts > 0:
            self._finish_synthetic(order, "void")  # tried once: its time runs out, and managers hear of it
            return
        try:
            sid = self.telephone.synthetic(row.line, row.token)
        except Ambiguous:
            self._finish_synthetic(order, "done")
        except Failure as failure:
            at = now()
            with self.store.writing() as work:
                work.finish_order(order.id, "failed", failure.code)
                if work.fail_synthetic(row.id, "not_placed", at):
                    self._alarm_synthetic(work, row.line, at)
        else:
            with self.store.writing() as work:
                work.place_synthetic(row.id, sid)
                work.finish_order(order.id, "done", sid)

    def _finish_synthetic(self, order: Claimed, state: str) -> None:
        with self.store.writing() as work:
            work.finish_order(order.id, state)

    def _synthetic_overdue(self, id: int, at: datetime) -> None:
        with self.store.writing() as work:
            row = work.synthetic(id)
            if row is not None and work.fail_synthetic(id, "menu" if row.call else "not_heard", at):
                self._alarm_synthetic(work, row.line, at)

    def _alarm_synthetic(self, work: Work, line: str, at: datetime) -> None:
        facts = {"what": "synthetic_failed", "where": line}
        self._alarm(work, f"synthetic_failed:{line}", facts, at, _ALARMS_APART)
