"""Who writes next, where one writes at a time: in turn, and who answers a caller before who does not.

A plain lock goes to whoever comes when it is free: under load the same few get it again and
again, and one webhook of sixty waits until its time is over.
"""

from collections import deque
from threading import Event, Lock

# After so many who could not wait, one who can: in a storm of calls the pages must leave, too.
_IN_A_ROW = 4


class Turns:
    def __init__(self) -> None:
        self._lock = Lock()
        self._is_taken = False
        self._in_a_row = 0
        self._hurried, self._patient = deque[Event](), deque[Event]()

    def take(self, timeout: float, is_patient: bool) -> bool:
        """Wait for the turn, ``timeout`` seconds at most; whether it came. Who got it gives it back."""
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return True
            queue = self._patient if is_patient else self._hurried
            mine = Event()
            queue.append(mine)
        if mine.wait(timeout):
            return True
        with self._lock:
            if mine.is_set():  # it came in the same moment
                return True
            queue.remove(mine)
            return False

    def give_back(self) -> None:
        """Hand the turn on to who is next; nobody else can come in between."""
        with self._lock:
            if following := self._next():
                following.set()
            else:
                self._is_taken = False

    def _next(self) -> Event | None:
        if self._hurried and (self._in_a_row < _IN_A_ROW or not self._patient):
            self._in_a_row += 1
            return self._hurried.popleft()
        self._in_a_row = 0
        return self._patient.popleft() if self._patient else None
