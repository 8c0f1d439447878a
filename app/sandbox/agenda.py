"""What is going to happen, and when: the exchange's only sense of time.

Nothing here waits. Whoever drives the exchange asks ``next_due`` and, once that moment has come, runs what
is due.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(order=True, slots=True)
class Appointment:
    """One thing that will happen at ``due``, unless it is cancelled before."""

    due: datetime
    order: int
    action: Callable[[], None] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.cancelled = True


class Agenda:
    """Appointments by due time; those of the same moment keep the order in which they were made."""

    def __init__(self) -> None:
        self.on_earlier: Callable[[], None] = lambda: None
        self._heap: list[Appointment] = []
        self._made = 0

    def add(self, due: datetime, action: Callable[[], None]) -> Appointment:
        appointment = Appointment(due, self._made, action)
        self._made += 1
        heapq.heappush(self._heap, appointment)
        if self._heap[0] is appointment:
            self.on_earlier()
        return appointment

    def next_due(self) -> datetime | None:
        while self._heap and self._heap[0].cancelled:
            heapq.heappop(self._heap)
        return self._heap[0].due if self._heap else None

    def take_due(self, at: datetime) -> Appointment | None:
        """The earliest appointment due at ``at`` or before, removed; None when there is none."""
        due = self.next_due()
        return heapq.heappop(self._heap) if due is not None and due <= at else None
