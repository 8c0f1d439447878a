"""An order in somebody's hands, and what became of the attempts at it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

NOT_PROCESSED = "not processed"  # what became of an attempt that failed, and surely did nothing


@dataclass(frozen=True, slots=True)
class Claimed:
    """An order in our hands until its lease ends."""

    id: int
    once: str
    kind: str
    case: int | None
    page: int | None
    payload: dict[str, Any]
    attempts: int  # before this one
    outcome: str
    created_at: datetime
    expires_at: datetime

    @property
    def may_have_been_done(self) -> bool:
        """An earlier attempt got no answer, or was lost with its worker: look before doing it again."""
        return self.attempts > 0 and self.outcome != NOT_PROCESSED
