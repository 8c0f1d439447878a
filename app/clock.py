"""The moment: read once per request at the edge, handed inwards as an argument."""

from datetime import UTC, datetime


class SystemClock:
    """The machine's clock, aware and in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)
