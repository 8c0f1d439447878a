"""The moment: read once per request at the edge, handed inwards as an argument."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

# While the machine's clock is behind what was already told, time goes on a little
# slower than it should, until the machine's clock has caught up.
_PACE = 0.9


class SystemClock:
    """The machine's clock, aware and in UTC; within a process it never goes back.

    A clock that is set back by an hour would have every deadline wait an hour more.
    """

    def __init__(
        self,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """``monotonic`` counts seconds that nobody can set."""
        self._wall = wall
        self._monotonic = monotonic
        self._lock = Lock()
        self._told = wall()
        self._told_at = monotonic()

    def now(self) -> datetime:
        with self._lock:
            ticks = self._monotonic()
            passed = timedelta(seconds=(ticks - self._told_at) * _PACE)
            self._told, self._told_at = max(self._wall(), self._told + passed), ticks
            return self._told
