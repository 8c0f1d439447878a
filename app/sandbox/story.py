"""What happened on the exchange, in order: enough to tell the story of a call to somebody who was not
there.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened at ``number``: a phone, a line of ours, or empty for the exchange itself.

    Kinds of a phone: dialled, connected (the call it made was answered), ringing, answered, voicemail,
    missed, rejected, heard, pressed, said, hung_up, ended, text_sent, text_received, queued, left_queue,
    joined, left, talking, recording, recorded. Of the protocol: rest, webhook, callback, fault.
    """

    at: datetime
    kind: str
    number: str
    detail: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "at": self.at.isoformat()}


class Story:
    """The ordered events; ``revision`` grows with each, and listeners are told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.revision = 0
        self._listeners: list[Callable[[], None]] = []

    def add(self, event: Event) -> None:
        self.events.append(event)
        self.changed()

    def changed(self) -> None:
        """Something that people can see is different now, even if it is not an event."""
        self.revision += 1
        for listener in self._listeners:
            listener()

    def listen(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def of(self, *kinds: str, number: str | None = None) -> list[Event]:
        """The events of these kinds (all kinds if none is named), of one number if given."""
        return [
            event
            for event in self.events
            if (not kinds or event.kind in kinds) and (number is None or event.number == number)
        ]

    def __iter__(self) -> "Any":
        return iter(self.events)

    def __len__(self) -> int:
        return len(self.events)
