"""What managers are told at once, by mail, beside the telephone: that people cannot be reached.

Each alarm is told once, whichever process noticed, and again only if it lasts.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from oncall.dispatcher.base import MAIL_LASTS, Base
from oncall.ports import Failure
from oncall.store import Work

# Workers beat every two seconds: after this long without a beat, none is alive.
SILENCE = timedelta(seconds=60)
# An alarm that lasts is told again after so long, not with every page.
_AGAIN = timedelta(hours=1)
_NUMBER_AGAIN = timedelta(days=1)
_NEVER_AGAIN = timedelta(days=3650)
# Twilio's codes for a text that this phone will never get: opted out, blocked, unknown, a landline.
_NEVER_TEXTED = frozenset({"21610", "21614", "21635", "30004", "30005", "30006"})


class Alarms(Base):
    # --- noticed by the worker -------------------------------------------------------------------

    def beat(self, worker: str, at: datetime) -> None:
        """A worker is alive; managers are told when none was for longer than ``SILENCE``."""
        with self.store.writing() as work:
            last = work.last_beat()
            work.beat(worker, at)
            if last is not None and at - last > SILENCE:
                facts = {"what": "worker_stood_still", "where": self._span(last, at)}
                self._alarm(work, f"stood_still:{last.isoformat()}", facts, at, _NEVER_AGAIN)

    def silent_since(self, at: datetime) -> str | None:
        """For the web side: the span without any worker, in words, if nobody told managers of it yet.

        Whoever gets it tells them, straight away: nobody is there to carry out an order to mail.
        """
        with self.store.reading() as work:
            last = work.last_beat()
        if last is None or at - last <= SILENCE:
            return None
        with self.store.writing() as work:
            is_mine = work.first_in_a_while(f"silent:{last.isoformat()}", at, _NEVER_AGAIN)
        return self._span(last, at) if is_mine else None

    def alarm_rosters(self, findings: list[str], at: datetime) -> None:
        """The rosters were changed and refused: managers are told what is wrong and where."""
        facts = {"what": "roster_invalid", "where": "; ".join(findings[:20])}
        print_of = sha256("\n".join(findings).encode()).hexdigest()[:16]
        with self.store.writing() as work:
            self._alarm(work, f"roster_invalid:{print_of}", facts, at, _AGAIN)

    def alarm_fallback(self, what: str, where: Mapping[str, str], at: datetime) -> None:
        """The emergency line is not as it should be: managers are told of which lines, and why."""
        told = "; ".join(f"{line}: {why}" for line, why in where.items())
        with self.store.writing() as work:
            self._alarm(work, what, {"what": what, "where": told}, at, _AGAIN)

    # --- noticed while paging --------------------------------------------------------------------

    def _alarm_refusal(self, work: Work, page: Row[Any], failure: Failure, at: datetime) -> None:
        """The telephone company refuses our account: every page fails alike, and one alarm tells it."""
        facts = {"what": "provider_refuses", "where": f"{failure.code} {failure}".strip()}
        self._alarm(work, f"provider_refuses:{failure.code}", facts, at, _AGAIN, page.case_id)

    def _alarm_unreachable(self, work: Work, page: Row[Any], code: str, at: datetime) -> None:
        """A number that will never work: whoever has it cannot be reached there at all."""
        facts = {"what": "person_unreachable", "where": f"{page.name}, {page.to} ({code})"}
        self._alarm(work, f"unreachable:{page.to}:{code}", facts, at, _NUMBER_AGAIN, page.case_id)

    def _alarm(
        self,
        work: Work,
        name: str,
        facts: Mapping[str, Any],
        at: datetime,
        apart: timedelta,
        case: int | None = None,
    ) -> None:
        """Order the letters of an alarm, unless one of this name was told less than ``apart`` ago."""
        if not work.first_in_a_while(name, at, apart):
            return
        if case is not None:
            self._order_letters(work, case, "alarm", at, dict(facts))
            return
        for number, letter in enumerate(self.letters.alarm(facts), start=1):
            once = f"mail:{name}:{at.isoformat()}:{number}"
            work.order("mail", once, at, MAIL_LASTS, payload=letter | {"number": number}, urgency=100)
        self._order_chats(work, self.letters.alarm_to_chat(facts), at, None)

    def _span(self, since: datetime, until: datetime) -> str:
        return f"{self._local(since)} – {self._local(until)}"

    def _local(self, at: datetime) -> str:
        zone = ZoneInfo(self.books.current().service.working_hours.timezone)
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"


def is_never_texted(code: str) -> bool:
    """Whether a text's failure means that this phone gets no text of ours at all."""
    return code in _NEVER_TEXTED
