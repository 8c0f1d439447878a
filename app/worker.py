"""The worker: pages leave and deadlines pass, whoever else is alive.

A commit that left work to do wakes it at once (in the same process by an event,
from another by PostgreSQL's NOTIFY or SQLite's data_version); it also wakes at
the next deadline, and once a second whatever happens. APScheduler keeps the
heartbeat and the chores.
"""

import logging
import os
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from threading import BoundedSemaphore, Event, Thread
from typing import TYPE_CHECKING

from app.wiring import Guard
from app.wiring.chores import CHORES, Chore
from oncall.dispatcher.claimed import Claimed
from oncall.dispatcher.hands import SLOW_ORDERS, SOUND_ORDERS, TELEPHONE_ORDERS

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 2
SWEEP_SECONDS = 1.0
RENEW_SECONDS = 1.0
# Who called while the guard started is answered, and what is overdue leaves, before the chores begin.
_CHORES_AFTER_SECONDS = 0.25
TELEPHONE_THREADS = 8
SLOW_THREADS = 3
SOUND_THREADS = 2  # one may fetch hours of a conversation: no mail waits for it, nor a message
_CLAIMED_TOGETHER = 4  # in one transaction
_DATA_VERSION_SECONDS = 0.02
# Mails and recordings let the pages of the same commit leave first.
_SLOW_HOLD_BACK_SECONDS = 1.0
_SOON_SECONDS = 0.02
_RECONNECT_SECONDS = 1.0


class Worker:
    """``start`` it once in a process, ``stop`` it at the end: what it had claimed is finished first."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._stopping = Event()
        self._stopped = Event()
        self._lanes = (
            _Lane(guard, TELEPHONE_ORDERS, TELEPHONE_THREADS, self._stopping, attends=True),
            _Lane(guard, SLOW_ORDERS, SLOW_THREADS, self._stopping, hold_back=_SLOW_HOLD_BACK_SECONDS),
            _Lane(guard, SOUND_ORDERS, SOUND_THREADS, self._stopping, hold_back=_SLOW_HOLD_BACK_SECONDS),
        )
        guard.store.on_orders(self.wake)

    def start(self) -> None:
        for lane in self._lanes:
            lane.start()
        Thread(target=self._keep_leases, name="worker-leases", daemon=True).start()
        Thread(target=self._listen, name="worker-listen", daemon=True).start()
        Thread(target=self._keep_time, name="worker-time", daemon=True).start()
        log.info("worker %s is running", self._name)

    def stop(self) -> None:
        self._stopping.set()
        for lane in self._lanes:
            lane.stop()
        self._stopped.set()

    def wake(self) -> None:
        """Something may be due now."""
        for lane in self._lanes:
            lane.wake()

    def _keep_time(self) -> None:
        """One heartbeat at once, which `readyz` waits for; then the heartbeat and the chores."""
        try:
            self._beat()
        except Exception:
            log.warning("the first heartbeat was not written; the next one follows", exc_info=True)
        self._stopping.wait(_CHORES_AFTER_SECONDS)
        try:
            self._guard.warm_up()
        except Exception:
            log.warning("not all was loaded ahead; it is loaded when it is needed", exc_info=True)
        from apscheduler.schedulers.background import BackgroundScheduler  # only now: it is slow to load

        scheduler = BackgroundScheduler(timezone="UTC")
        self._every(scheduler, HEARTBEAT_SECONDS, self._beat, "heartbeat")
        for chore in CHORES:
            self._every(scheduler, chore.seconds, self._doing(chore), chore.name)
        scheduler.start()
        self._stopping.wait()
        scheduler.shutdown(wait=False)

    def _every(
        self, scheduler: "BackgroundScheduler", seconds: float, chore: Callable[[], None], name: str
    ) -> None:
        scheduler.add_job(
            chore,
            "interval",
            seconds=seconds,
            id=name,
            next_run_time=datetime.now(UTC),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def _beat(self) -> None:
        self._guard.dispatcher.beat(self._name, self._guard.clock.now())

    def _keep_leases(self) -> None:
        """What the world takes long to answer stays ours: only a dead worker's orders are taken over.

        From the first order to the last, and whatever a chore waits for: nothing else has this thread.
        """
        self._guard.store.be_patient()
        while not self._stopped.wait(RENEW_SECONDS):
            held = [id for lane in self._lanes for id in lane.held()]
            try:
                if held:
                    self._guard.dispatcher.renew(held, self._guard.clock.now())
            except Exception:
                log.warning("leases were not renewed; tried again in a moment", exc_info=True)

    def _doing(self, chore: Chore) -> Callable[[], None]:
        def do() -> None:
            chore.do(self._guard, self._guard.clock.now())

        return do

    # --- being woken by other processes ---

    def _listen(self) -> None:
        """Wait for other processes' commits, until the worker stops."""
        listen = (
            self._listen_to_postgres
            if self._guard.store.engine.dialect.name == "postgresql"
            else self._watch_sqlite
        )
        while not self._stopping.is_set():
            try:
                listen()
            except Exception:
                log.warning("listening was interrupted; the sweep goes on meanwhile", exc_info=True)
                self._stopping.wait(_RECONNECT_SECONDS)

    def _listen_to_postgres(self) -> None:
        import psycopg  # only here: who has SQLite is spared its memory

        url = self._guard.store.engine.url.set(drivername="postgresql")
        dsn = url.render_as_string(hide_password=False)
        with psycopg.connect(dsn, autocommit=True, connect_timeout=5) as connection:
            connection.execute("LISTEN guardia")
            while not self._stopping.is_set():
                for _ in connection.notifies(timeout=SWEEP_SECONDS, stop_after=1):
                    self.wake()

    def _watch_sqlite(self) -> None:
        """SQLite tells nobody, but it counts the commits of others."""
        with closing(self._guard.store.engine.raw_connection()) as connection:
            cursor = connection.cursor()  # the driver's own: this is asked fifty times a second
            seen = None
            while not self._stopping.wait(_DATA_VERSION_SECONDS):
                current = cursor.execute("PRAGMA data_version").fetchone()
                if current != seen:
                    seen = current
                    self.wake()


class _Lane:
    """One kind of orders, with threads of its own: slow mail never holds up a page."""

    def __init__(
        self,
        guard: Guard,
        kinds: tuple[str, ...],
        threads: int,
        stopping: Event,
        attends: bool = False,
        hold_back: float = 0.0,
    ) -> None:
        """``attends``: to overdue calls and cases as well; ``hold_back``: seconds from waking to looking."""
        self._guard = guard
        self._kinds = kinds
        self._attends = attends
        self._hold_back = hold_back
        self._stopping = stopping
        self._wake = Event()
        self._threads = threads
        self._free = BoundedSemaphore(threads)
        self._held: dict[int, None] = {}
        self._pool = ThreadPoolExecutor(threads, f"worker-{kinds[0]}", guard.store.be_patient)
        self._thread = Thread(target=self._run, name=f"worker-{kinds[0]}-lane", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._wake.set()
        self._thread.join(timeout=5)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def wake(self) -> None:
        self._wake.set()

    def held(self) -> list[int]:
        """The orders that are being carried out."""
        return list(self._held)

    def _run(self) -> None:
        self._guard.store.be_patient()
        while not self._stopping.is_set():
            if self._hold_back:
                self._stopping.wait(self._hold_back)
            self._wake.clear()  # before looking: what comes meanwhile is seen at the next turn
            try:
                wait = self._turn()
            except Exception:
                log.exception("the worker's turn failed; the next one follows")
                wait = SWEEP_SECONDS
            if wait > 0:
                self._wake.wait(wait)

    def _turn(self) -> float:
        """Do what is due; gives the seconds until something is due again, a second at most."""
        wait = self._seconds_until_due()
        if wait > 0:
            return wait
        if self._attends:
            self._guard.dispatcher.attend_overdue(self._guard.clock.now())
        if self._hand_out():
            return 0.0
        # What is due even so is in another worker's hands: look again soon, not in a circle.
        return max(_SOON_SECONDS, self._seconds_until_due())

    def _hand_out(self) -> bool:
        """Give orders that are due to threads that are free; whether there were any.

        A few at a time: in a storm of orders, those whose time is up are attended to in between.
        """
        if self._stopping.is_set() or not self._free.acquire(timeout=SWEEP_SECONDS):
            return True
        places = 1
        while places < _CLAIMED_TOGETHER and self._free.acquire(blocking=False):
            places += 1
        claimed: list[Claimed] = []
        try:
            claimed = self._guard.dispatcher.claim_some(self._guard.clock.now(), self._kinds, places)
        finally:
            for _ in range(places - len(claimed)):
                self._free.release()
        for order in claimed:
            self._held[order.id] = None
            self._pool.submit(self._perform, order)
        return bool(claimed)

    def _seconds_until_due(self) -> float:
        """Asked before anything is claimed: to look takes no lock, so a commit of others costs little."""
        at = self._guard.clock.now()
        due = self._guard.dispatcher.next_due(at, self._kinds, self._attends)
        return SWEEP_SECONDS if due is None else min(SWEEP_SECONDS, (due - at).total_seconds())

    def _perform(self, order: Claimed) -> None:
        try:
            self._guard.dispatcher.perform(order, self._guard.clock.now)
        finally:
            self._held.pop(order.id, None)
            self._free.release()
