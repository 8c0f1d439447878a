"""What stands in the document of a case, before it is a PDF or text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from app.casebook import clocks_of
from app.locales import duration, local_second, local_time, masked, text, zone_name
from app.locales.entries import rosters, sentence, which_phone, word
from app.locales.written import file_size
from oncall.book import Service
from oncall.escalation import Channel, PageState
from oncall.record import Entry, in_order_of_time, roster_spans
from oncall.store import Work
from oncall.store.cases import reference_of

_TITLES = {
    "incident": "web.case.title",
    "refusal": "web.case.refusal_title",
    "abandoned": "web.case.abandoned_title",
}


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars of one or several series over the same labels, one upon the other; they lie where labels are long.

    A series is its name, its tone (``red``, ``amber``, ``accent``, ``green``, ``violet``, ``soft``), its
    values.
    """

    labels: tuple[str, ...]
    series: tuple[tuple[str, str, tuple[int, ...]], ...]
    is_flat: bool


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a title; ``widths`` are parts of the page's width, as many as there are columns.

    ``bars`` show the same figures, in the PDF alone.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    bars: Bars | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """The record of a case in one language, for people."""

    language: str
    reference: str
    title: str
    dated: datetime  # its last entry
    tables: tuple[Table, ...]
    foot: tuple[str, ...]


def compose(work: Work, row: Row[Any], service: Service | None, language: str | None = None) -> Document:
    """The document of a case as it stands, in ``language`` or else the case's own.

    ``service`` has the working hours; without it the clocks are told as they were promised, without pauses.
    """
    entries = list(work.record(row.id))
    return _Composer(work, row, entries, service, language or row.language).document()


class _Composer:
    def __init__(
        self,
        work: Work,
        row: Row[Any],
        entries: Sequence[Entry],
        service: Service | None,
        language: str,
    ) -> None:
        self.work, self.row, self.entries, self.language = work, row, entries, language
        self.service = service
        self.dated: datetime = entries[-1].at if entries else row.opened_at

    def document(self) -> Document:
        row = self.row
        reference = reference_of(row.id)
        tables = (self._facts(), self._clocks(), self._pages(), self._record(), self._files())
        return Document(
            self.language,
            reference,
            self._say(_TITLES[row.kind], reference=reference),
            self.dated,
            tuple(table for table in tables if table.rows),
            tuple(self._foot()),
        )

    def _say(self, key: str, **facts: object) -> str:
        return text(key, self.language, **facts)

    def _moment(self, at: datetime | None) -> str:
        return local_time(at, self.row.timezone, self.language) if at else ""

    def _facts(self) -> Table:
        row = self.row
        told: list[tuple[str, str | None]] = [
            ("client", row.client_name),
            ("integration", row.integration_name),
            ("priority", word("priority", row.priority, self.language) if row.priority else None),
            ("contact", row.contact),
            ("line", row.line),
            ("reason", word("reason", row.reason, self.language) if row.reason else None),
            ("opened_at", self._moment(row.opened_at)),
            ("taken_by", row.acknowledged_by_name),
            ("taken_at", self._moment(row.acknowledged_at)),
            ("closed_at", self._moment(row.closed_at)),
        ]
        rows = [(self._say(f"web.case.{name}"), value) for name, value in told if value]
        rows.append((self._say("paper.state"), self._say(f"web.state.{row.state}")))
        marks = [n for n, is_so in (("unverified", row.unverified), ("disputed", row.disputed)) if is_so]
        rows += [("", self._say(f"web.case.{mark}")) for mark in marks]
        return Table("", (), tuple(rows), (0.25, 0.75))

    def _clocks(self) -> Table:
        found = clocks_of(self.row, self.entries, self.service, self.dated)
        rows = []
        for name in ("first_response", "resolution"):
            clock = found.get(name)
            if clock and clock["due_at"]:
                due, stopped = (_instant(clock[k]) for k in ("due_at", "stopped_at"))
                rows.append(
                    (
                        self._say(f"paper.{name}"),
                        self._moment(due),
                        self._moment(stopped) or self._say("paper.not_yet"),
                        *(duration(clock[k]) if k in clock else "" for k in ("gross_seconds", "net_seconds")),
                        self._say("paper.late" if clock["breached"] else "paper.in_time"),
                    )
                )
        heads = self._heads("clock", "due", "reached", "gross", "net", "result")
        return Table(self._say("paper.clocks"), heads, tuple(rows), (0.18, 0.23, 0.23, 0.11, 0.11, 0.14))

    def _pages(self) -> Table:
        rows = tuple(
            (
                page.name,
                self._say(f"channel.{page.channel}"),
                self._number(page.to, page.phone + 1),
                self._say(f"paper.page.{_outcome(page)}"),
                local_second(page.requested_at, self.row.timezone, self.language)
                if page.requested_at
                else "",
            )
            for page in self.work.pages(self.row.id)
        )
        heads = self._heads("person", "channel", "number", "outcome", "requested_at")
        return Table(self._say("paper.pages"), heads, rows, (0.3, 0.13, 0.13, 0.2, 0.24))

    def _number(self, to: str, phone: int) -> str:
        return masked(to) if phone == 1 else f"{masked(to)}, {which_phone(phone, self.language)}"

    def _record(self) -> Table:
        zone = self.row.timezone
        rows = tuple(
            (
                str(e.number),
                local_second(e.at, zone, self.language),
                sentence(e.kind, e.data, self.language, zone, e.erased),
            )
            for e in in_order_of_time(self.entries)
        )
        return Table(
            self._say("web.case.record"), self._heads("entry", "at", "text"), rows, (0.09, 0.2, 0.71)
        )

    def _files(self) -> Table:
        rows = tuple(
            (file.name, file_size(file.size, self.language), file.digest)
            for file in self.work.files(self.row.id)
        )
        heads = (*self._heads("file", "size"), "SHA-256")
        return Table(self._say("paper.files"), heads, rows, (0.32, 0.13, 0.55))

    def _heads(self, *names: str) -> tuple[str, ...]:
        return tuple(self._say(f"paper.head.{name}") for name in names)

    def _foot(self) -> Iterable[str]:
        zone = self.row.timezone
        yield self._say("web.case.times_in", zone="UTC" if zone == "UTC" else zone_name(zone, self.language))
        if told := rosters(roster_spans(self.entries), self.language):
            yield told
        if self.entries:
            yield self._say("paper.head_hash", count=self.row.entries, hash=self.row.head)
        yield self._say("paper.how_to_check")


def _instant(at: str | None) -> datetime | None:
    return datetime.fromisoformat(at) if at else None


def _outcome(page: Row[Any]) -> str:
    """A text that was handed over is not answered: it was sent."""
    is_sent = page.channel == Channel.SMS and page.state == PageState.REQUESTED and page.requested_at
    return "texted" if is_sent else str(page.state)
