"""Real time: a thread that gives the exchange its moments, and a few more that wait for webhooks' answers."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

from app.sandbox.exchange import Exchange
from app.sandbox.webhooks import Answer

_LOG = logging.getLogger(__name__)
IDLE_SECONDS = 60.0
WEBHOOK_THREADS = 8


class RealTime:
    """Drives an exchange by its clock: ``start`` it once, ``stop`` it at the end (or use it as a context)."""

    def __init__(self, exchange: Exchange, threads: int = WEBHOOK_THREADS) -> None:
        self._exchange = exchange
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="sandbox-exchange", daemon=True)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="sandbox-webhook")

    def start(self) -> None:
        exchange = self._exchange
        with exchange.lock:
            exchange.latency = timedelta(0)
            exchange.webhooks.courier = _Pool(exchange, self._pool)
            exchange.agenda.on_earlier = self._wake.set
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()
        self._thread.join()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> "RealTime":
        self.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self.stop()

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                self._exchange.run_due(self._exchange.clock.now())
            except Exception:
                _LOG.exception("an event of the exchange failed; the next ones go on")
            due = self._exchange.next_due()
            wait = IDLE_SECONDS
            if due is not None:
                wait = (due - self._exchange.clock.now()).total_seconds()
            if wait > 0:
                self._wake.wait(min(wait, IDLE_SECONDS))


class _Pool:
    """Requests go out on a few threads, outside the lock; what follows from them happens under it."""

    def __init__(self, exchange: Exchange, pool: ThreadPoolExecutor) -> None:
        self._exchange = exchange
        self._pool = pool

    def carry(self, errand: Callable[[], Answer], then: Callable[[Answer], None]) -> None:
        future = self._pool.submit(errand)
        future.add_done_callback(lambda done: self._finish(done, then))

    def _finish(self, done: "Future[Answer]", then: Callable[[Answer], None]) -> None:
        if done.cancelled():
            return
        error = done.exception()
        if error is not None:
            _LOG.error("a webhook could not be sent", exc_info=error)
            return
        with self._exchange.lock:
            then(done.result())
