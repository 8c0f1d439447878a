"""What leaves in writing: letters by mail, notices by chat. Slow, retried for a day, never in a page's way.

Where mail itself does not work, people are told by text and by chat.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from oncall.dispatcher.claimed import Claimed
from oncall.dispatcher.hands import Hands
from oncall.dispatcher.post import entry_of, letter_of, with_files
from oncall.ports import Failure, Letter, Refused
from oncall.record import Draft
from oncall.store import Work

_FIRST_RETRY = timedelta(minutes=1)
_LONGEST_RETRY = timedelta(minutes=15)
# That mail does not leave is told once an hour, however many letters wait.
_TOLD_AGAIN = timedelta(hours=1)


class Correspondence(Hands):
    def _do(self, order: Claimed, now: Callable[[], datetime]) -> None:
        match order.kind:
            case "mail":
                self._send_mail(order, now)
            case "chat":
                self._tell_chat(order, now)
            case _:
                super()._do(order, now)

    # --- mail ------------------------------------------------------------------------------------

    def _send_mail(self, order: Claimed, now: Callable[[], datetime]) -> None:
        letter = letter_of(order.payload, order.once)
        try:
            is_with_record = order.payload.get("record") and order.case is not None
            printed = self.paper.record(order.case or 0, letter.language) if is_with_record else ()
            letter = with_files(letter, printed, order.payload.get("files") or (), self.shelf)
            handed = self.mail.send(letter)
        except Failure as failure:
            self._mail_failed(order, letter, failure, now())
            return
        self._finish(order, "done", now(), Draft("mailed", entry_of(letter, handed)))

    def _mail_failed(self, order: Claimed, letter: Letter, failure: Failure, at: datetime) -> None:
        again = at + written_again_after(order.attempts)
        with self.store.writing() as work:
            if not isinstance(failure, Refused) and again < order.expires_at:
                work.postpone_order(order.id, again, failure.code or str(failure))
                return
            if order.case is not None:
                failed = entry_of(letter) | {"why": str(failure)}
                work.append(order.case, at, (Draft("mail_failed", failed),))
            work.finish_order(order.id, "failed", failure.code or str(failure))
            self._tell_otherwise(work, letter, failure, order.case, at)

    def _tell_otherwise(
        self, work: Work, letter: Letter, failure: Failure, case: int | None, at: datetime
    ) -> None:
        """A letter will never arrive: managers hear of it by text and by chat.

        Where only its addresses are wrong, they hear of it by mail as well.
        """
        where = f"{letter.reference or letter.template}: {', '.join(letter.to)}"
        facts = {"what": "mail_failed", "where": f"{where} ({failure})"}
        if isinstance(failure, Refused) and letter.template != "alarm":
            name = f"mail_refused:{','.join(letter.to)}"
            self._alarm(work, name, facts, at, _TOLD_AGAIN, case)
        else:
            self._order_chats(work, self.letters.alarm_to_chat(facts), at, case)
        if not work.first_in_a_while("mail_failed:text", at, _TOLD_AGAIN):
            return
        for manager in self.books.current().managers():
            once = f"mail_failed:{manager.id}:{at.isoformat()}"
            self._order_text(work, once, manager.id, manager.phones[0], "sms.mail_failed", {}, at, case)

    # --- chat ------------------------------------------------------------------------------------

    def _tell_chat(self, order: Claimed, now: Callable[[], datetime]) -> None:
        channel, letter = order.payload["channel"], letter_of(order.payload, order.once)
        told = {"template": letter.template, "channel": order.payload["kind"]}
        try:
            self.chat.tell(channel, letter)
        except Failure as failure:
            draft = Draft("chat_failed", told | {"why": str(failure)})
            self._retry_or_fail(order, failure, now(), written_again_after(order.attempts), draft)
            return
        self._finish(order, "done", now(), Draft("chat_told", told))


def written_again_after(attempts: int) -> timedelta:
    """What leaves in writing may wait: after a minute, then ever later, a quarter of an hour at most."""
    return min(_FIRST_RETRY * (1 << min(attempts, 8)), _LONGEST_RETRY)
