"""Reports that are being made or were just made: nobody at a browser waits for a year's worth of cases."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Lock, Thread

from app.report.gathered import gather
from app.report.months import Month
from oncall.ports import BookKeeper, Clock
from oncall.report import Report
from oncall.store import Store

log = logging.getLogger(__name__)

FRESH_FOR = timedelta(minutes=1)
_KEPT_AT_MOST = 64
_PATIENCE = 1.5  # seconds; most reports are made within it

Key = tuple[str, str | None]


@dataclass(slots=True)
class _Making:
    """A report on its way."""

    since: datetime
    is_over: Event = field(default_factory=Event)
    share: float = 0.0
    report: Report | None = None
    error: Exception | None = None


class Reports:
    """Makes each report once for everybody who asks, in a thread of its own, and keeps it for a minute."""

    def __init__(self, store: Store, books: BookKeeper, clock: Clock) -> None:
        self._store = store
        self._books = books
        self._clock = clock
        self._lock = Lock()
        self._asked: dict[Key, _Making] = {}

    def ask(self, month: Month, client: str | None, patience: float = _PATIENCE) -> Report | float:
        """The report; or, where it takes longer than ``patience`` seconds, the share that is done."""
        making = self._making(month, client)
        making.is_over.wait(patience)
        if making.error is not None:
            raise making.error
        return making.report or making.share

    def _making(self, month: Month, client: str | None) -> _Making:
        at, key = self._clock.now(), (str(month), client)
        with self._lock:
            known = self._asked.get(key)
            if known is not None and (not known.is_over.is_set() or _is_fresh(known, at)):
                return known
            self._forget_the_oldest()
            making = self._asked[key] = _Making(at)
        Thread(
            target=self._make, args=(making, month, client, at), name="service-report", daemon=True
        ).start()
        return making

    def _make(self, making: _Making, month: Month, client: str | None, at: datetime) -> None:
        def progress(share: float) -> None:
            making.share = share

        try:
            making.report = gather(self._store, self._books.current(), month, client, at, progress)
        except Exception as error:  # told to who asked, not lost in a thread
            log.exception("the report of %s could not be made", month)
            making.error = error
        finally:
            making.is_over.set()

    def _forget_the_oldest(self) -> None:
        over = [key for key, making in self._asked.items() if making.is_over.is_set()]
        for key in over[: max(0, len(self._asked) - _KEPT_AT_MOST)]:
            del self._asked[key]


def _is_fresh(making: _Making, at: datetime) -> bool:
    return making.error is None and at - making.since < FRESH_FOR
