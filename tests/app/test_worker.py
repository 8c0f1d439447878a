"""What a worker does beside its orders: keeping what is in its hands."""

from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any, cast

from app.clock import SystemClock
from app.wiring import Guard
from app.worker import Worker
from oncall.dispatcher.claimed import Claimed
from oncall.store import Store, engine_for

LONG = 60.0
_AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
ORDER = Claimed(7, "call:1", "call", 1001, 1, {}, 0, "", _AT, _AT)


class Slow:
    """Has one order, which the telephone company does not answer until it is ``over``."""

    def __init__(self) -> None:
        self.waiting = [ORDER]
        self.renewed: list[list[int]] = []
        self.begun, self.twice, self.over = Event(), Event(), Event()

    def next_due(self, at: datetime, kinds: tuple[str, ...], attends: bool) -> datetime | None:
        return at if self.waiting and "call" in kinds else None

    def attend_overdue(self, at: datetime) -> int:
        return 0

    def claim_some(self, at: datetime, kinds: tuple[str, ...], most: int) -> list[Claimed]:
        return [self.waiting.pop()] if self.waiting else []

    def perform(self, order: Claimed, now: Any) -> None:
        self.begun.set()
        self.over.wait(LONG)

    def renew(self, orders: list[int], at: datetime) -> None:
        self.renewed.append(list(orders))
        if len(self.renewed) > 1:
            self.twice.set()

    def beat(self, worker: str, at: datetime) -> None:
        """Somebody lives."""


class SlowGuard:
    """Its chores never begin: something is being loaded for ever, or until ``over``."""

    def __init__(self) -> None:
        self.store = Store(engine_for("sqlite://"))
        self.clock = SystemClock()
        self.dispatcher = Slow()

    def warm_up(self) -> None:
        self.dispatcher.over.wait(LONG)


def test_what_takes_long_stays_in_its_hands_before_the_chores_begin_and_while_it_stops() -> None:
    guard = SlowGuard()
    orders = guard.dispatcher
    worker = Worker(cast("Guard", guard))
    worker.start()
    try:
        assert orders.begun.wait(LONG)
        assert orders.twice.wait(LONG)

        stopping = Thread(target=worker.stop)
        stopping.start()
        orders.renewed.clear()
        orders.twice.clear()
        assert orders.twice.wait(LONG)
    finally:
        orders.over.set()
    stopping.join(LONG)

    assert not stopping.is_alive()
    assert {id for renewed in orders.renewed for id in renewed} == {ORDER.id}
    guard.store.engine.dispose()
