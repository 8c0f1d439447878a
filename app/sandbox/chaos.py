"""Everything that goes wrong between a telephone company and its customer, at the turn of a switch.

All switches are off at first. Chance comes from the exchange's own seeded source: the same seed, the same
trouble.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from random import Random
from urllib.parse import urlsplit


class RestFault(StrEnum):
    """What the next REST request gets instead of a plain answer."""

    TOO_MANY = "429"  # 20429, never processed
    FAILED_BUT_DONE = "500-but-done"  # 20500, and the request was carried out all the same
    TIMED_OUT_BUT_DONE = "timeout-but-done"  # no answer in time, carried out all the same
    UNAVAILABLE = "503"  # 20503, never processed
    REFUSED = "refused"  # the connection itself fails


class WebhookFault(StrEnum):
    """What happens to the next webhook on its way to the application."""

    REFUSED = "refused"  # nobody listens at that address
    TIMED_OUT = "timeout"  # the application never sees it and no answer comes
    SERVER_ERROR = "500"  # a proxy in between answers 500


@dataclass(slots=True)
class Misfortune:
    """Chances (0 to 1) that a delivery is duplicated, delayed, or dropped; delays are up to ``slowest``.

    A duplicate follows within ``slowest``. Delaying a part of the callbacks is what makes them arrive out
    of order.
    """

    duplicate: float = 0.0
    delay: float = 0.0
    drop: float = 0.0
    slowest: timedelta = timedelta(seconds=3)

    def departures(self, chance: Random) -> list[timedelta]:
        """When the copies of one delivery leave, counted from now; empty when it is lost."""
        if self.drop and chance.random() < self.drop:
            return []
        first = self._some_delay(chance) if self.delay and chance.random() < self.delay else timedelta(0)
        departures = [first]
        if self.duplicate and chance.random() < self.duplicate:
            departures.append(first + self._some_delay(chance))
        return departures

    def _some_delay(self, chance: Random) -> timedelta:
        return timedelta(milliseconds=chance.randint(1, max(1, int(self.slowest.total_seconds() * 1000))))


@dataclass(slots=True)
class Chaos:
    """The switches of one exchange."""

    chance: Random
    callbacks: Misfortune = field(default_factory=Misfortune)
    """Status, recording, conference and message callbacks: those whose answer does not matter."""
    webhooks: Misfortune = field(default_factory=Misfortune)
    """Requests for TwiML. A duplicate's answer is thrown away; a dropped one is a read timeout."""
    rest_down: bool = False
    webhooks_down: bool = False
    origins_down: set[str] = field(default_factory=set)
    """Origins (``https://guardia.example``) at which nobody listens, while others do."""
    broken_paths: dict[str, WebhookFault] = field(default_factory=dict)
    """What happens to each webhook whose address ends so, while it stands here."""
    extra_parameters: dict[str, str] = field(default_factory=dict)
    """Parameters that no page of Twilio's names, added to every webhook."""
    missing_geo: bool = False
    stir_verstat: str | None = None
    withheld_as: str | None = "anonymous"
    """What ``From`` says when the caller withholds the number; None leaves the parameter out."""
    recording_absent: bool = False
    unusable_numbers: dict[str, int] = field(default_factory=dict)
    """Numbers whose calls and messages are refused at creation, with Twilio's code (21211, 21214, 21215…)."""
    failing_texts: dict[str, int] = field(default_factory=dict)
    """Numbers whose messages are accepted and then undelivered, with Twilio's code (30003, 30005…)."""
    rooms_that_never_start: int = 0
    """So many of the conferences to come stay as they are with one, though everybody is in them."""
    lists_that_show_nobody: int = 0
    """So many of the lists of conferences to come are empty: they are behind."""
    stale_calls: dict[str, str] = field(default_factory=dict)
    """Calls that are shown with this status, whatever theirs is: GET Call is eventually consistent."""
    _rest_faults: list[RestFault] = field(default_factory=list)
    _webhook_faults: list[WebhookFault] = field(default_factory=list)

    def everything_twice_and_out_of_order(self) -> None:
        """Each webhook and callback comes twice, each callback late by a different time."""
        self.webhooks = Misfortune(duplicate=1.0)
        self.callbacks = Misfortune(duplicate=1.0, delay=1.0)

    def next_rest(self, *faults: RestFault | str) -> None:
        """Queues faults for the next REST requests that create or change something, one each."""
        self._rest_faults.extend(RestFault(fault) for fault in faults)

    def next_webhooks(self, *faults: WebhookFault | str) -> None:
        """Queues faults for the next webhook attempts (retries included), one each."""
        self._webhook_faults.extend(WebhookFault(fault) for fault in faults)

    def is_next_room_stuck(self) -> bool:
        self.rooms_that_never_start -= 1
        return self.rooms_that_never_start >= 0

    def is_next_list_empty(self) -> bool:
        self.lists_that_show_nobody -= 1
        return self.lists_that_show_nobody >= 0

    def take_rest_fault(self, method: str) -> RestFault | None:
        if self.rest_down:
            return RestFault.REFUSED
        return self._rest_faults.pop(0) if self._rest_faults and method == "POST" else None

    def take_webhook_fault(self, url: str = "") -> WebhookFault | None:
        if self.webhooks_down or any(url.startswith(f"{origin}/") for origin in self.origins_down):
            return WebhookFault.REFUSED
        for path, fault in self.broken_paths.items():
            if urlsplit(url).path.endswith(path):
                return fault
        return self._webhook_faults.pop(0) if self._webhook_faults else None
