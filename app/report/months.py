"""Months as the service's own clock has them: from the first midnight of one to that of the next."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from oncall.rosters import to_instant

_WRITTEN = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_FIRST_YEAR, _LAST_YEAR = 1970, 9000


@dataclass(frozen=True, slots=True)
class Month:
    """A month in ``timezone``: ``since`` belongs to it, ``until`` to the next (aware, UTC)."""

    first: date
    timezone: str

    @classmethod
    def read(cls, written: str, timezone: str) -> "Month | None":
        """``2026-11``; None for anything else."""
        found = _WRITTEN.fullmatch(written)
        if found is None or not _FIRST_YEAR <= int(found[1]) < _LAST_YEAR:
            return None
        return cls(date(int(found[1]), int(found[2]), 1), timezone)

    @classmethod
    def of(cls, at: datetime, timezone: str) -> "Month":
        """The month that ``at`` falls into."""
        return cls(at.astimezone(ZoneInfo(timezone)).date().replace(day=1), timezone)

    @property
    def since(self) -> datetime:
        return self._midnight(self.first)

    @property
    def until(self) -> datetime:
        return self._midnight(self.next().first)

    def next(self) -> "Month":
        return Month((self.first + timedelta(days=32)).replace(day=1), self.timezone)

    def before(self) -> "Month":
        return Month((self.first - timedelta(days=1)).replace(day=1), self.timezone)

    def days(self) -> Iterator[tuple[datetime, datetime]]:
        """Its days, one after the other, from midnight to midnight."""
        day, end = self.first, self.next().first
        while day < end:
            yield self._midnight(day), self._midnight(day + timedelta(days=1))
            day += timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"

    def _midnight(self, day: date) -> datetime:
        return to_instant(datetime.combine(day, time()), ZoneInfo(self.timezone))


def last_month(at: datetime, timezone: str) -> Month:
    """The one that is over."""
    return Month.of(at, timezone).before()
