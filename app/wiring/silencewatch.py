"""Notices, in a process that has no worker, that no worker is alive: managers are mailed straight away."""

import logging
from collections.abc import Callable
from threading import Event, Thread

from oncall.dispatcher import Dispatcher
from oncall.ports import Clock

log = logging.getLogger(__name__)

_SECONDS = 10.0


class SilenceWatch:
    def __init__(self, dispatcher: Dispatcher, clock: Clock, alarm: Callable[[str, str], None]) -> None:
        """``alarm`` is given where and what, and mails without the worker."""
        self._dispatcher = dispatcher
        self._clock = clock
        self._alarm = alarm
        self._stopping = Event()

    def start(self) -> None:
        Thread(target=self._run, name="silence-watch", daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()

    def look(self) -> None:
        since = self._dispatcher.silent_since(self._clock.now())
        if since is not None:
            self._alarm(since, "worker_silent")

    def _run(self) -> None:
        while not self._stopping.wait(_SECONDS):
            try:
                self.look()
            except Exception:
                log.warning("whether a worker is alive could not be looked up", exc_info=True)
