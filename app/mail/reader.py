"""The facts of a letter as its reader is to see them: in their language, in their time zone, by name."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from app.locales import (
    duration,
    file_size,
    has,
    in_list,
    local_second,
    local_time,
    masked,
    opening_hours,
    text,
    zone_name,
)
from app.locales.entries import sentence, which_phone, word
from oncall.eligibility import CLAUSES, DISPUTABLE, Reason
from oncall.ports import Attachment, Letter

_MOMENTS = (
    *("opened_at", "acknowledged_at", "closed_at", "respond_by", "resolve_by", "since", "until"),
    *("window_from", "window_to", "promised_by", "eta", "ended_at"),
)
_WORDS = ("priority", "reason", "how", "channel")


class Reader:
    def __init__(self, letter: Letter) -> None:
        self.language = str(letter.language)
        self.zone = str(letter.facts.get("timezone") or "UTC")
        self._facts: Mapping[str, Any] = letter.facts
        self._template = letter.template
        self._attachments = letter.attachments

    def say(self, key: str, **params: object) -> str:
        return text(key, self.language, **params)

    def headline(self) -> str:
        """What the letter is about, in its first line."""
        if self._template == "alarm":
            what = str(self._facts.get("what") or "")
            return self._known(f"mail.alarm.{what}") or what or self.say("mail.alarm.headline")
        missing = self.say("none.value")
        name, round_ = self._facts.get("person") or missing, self._facts.get("round") or missing
        day = self._facts.get("day") or missing
        month = self._facts.get("month") or missing
        return self.say(f"mail.{self._template}.headline", name=name, round=round_, day=day, month=month)

    def zone_name(self) -> str:
        return self.zone if self.zone == "UTC" else zone_name(self.zone, self.language)

    def rows(self, *names: str) -> list[tuple[str, str]]:
        """A label and a value for each of these facts that is there, in their order."""
        values = ((name, self._fact(name)) for name in names)
        return [(self.say(f"mail.fact.{name}"), value) for name, value in values if value]

    def attempts(self) -> list[tuple[str, str, str]]:
        """Whom we tried, by what, and what came of it."""
        return [
            (str(attempt.get("name") or ""), self._channel(attempt), self._outcome(attempt))
            for attempt in self._facts.get("attempts") or ()
        ]

    def entries(self) -> list[tuple[str, str]]:
        """The record: when, to the second, and what."""
        return [
            (
                local_second(datetime.fromisoformat(entry["at"]), self.zone, self.language),
                sentence(entry["kind"], entry.get("data") or {}, self.language, self.zone),
            )
            for entry in self._facts.get("entries") or ()
        ]

    def waits_ended(self) -> list[tuple[str, str]]:
        """The waits that ended with a closing: since when, and what was asked of whom."""
        return [
            (
                local_time(datetime.fromisoformat(wait["since"]), self.zone, self.language),
                f"{wait['whom']} · {wait['asked']}",
            )
            for wait in self._facts.get("waits_ended") or ()
        ]

    def attachments(self) -> list[tuple[str, str]]:
        """The name of each file, and its size and hash, or why it does not go along."""
        return [(attachment.name, self._attached(attachment)) for attachment in self._attachments]

    def center(self) -> Mapping[str, str]:
        """The Support Center: its ``name`` always, ``url``, ``email`` and ``hours`` where they are known."""
        told = self._facts.get("center") or {}
        known = {key: str(told[key]) for key in ("name", "url", "email", "hours") if told.get(key)}
        if "hours" not in known and told.get("days") and told.get("opens") and told.get("closes"):
            opens, closes = time.fromisoformat(told["opens"]), time.fromisoformat(told["closes"])
            known["hours"] = opening_hours(told["days"], opens, closes, self.language)
        return {"name": "Aivo Support Center", **known}

    def promised(self, clock: str) -> str:
        """How long ``first_response`` or ``resolution`` may take; without a fact, as the agreement says."""
        day = self._working_day()
        agreed: Mapping[str, Any] = {
            "first_response": {"working_hours": 4},
            "resolution": {"working_hours": 5 * day},
        }
        lengths = (self._facts.get("promise") or agreed)[clock]
        elapsed, working = lengths.get("elapsed_hours"), lengths.get("working_hours")
        if working is None:
            return self.say("mail.promise.hours", count=_count(elapsed or 0))
        days, rest = divmod(working, day)
        if days >= 2 and not rest:
            return self.say("mail.promise.working_days", count=_count(days))
        return self.say("mail.promise.working_hours", count=_count(working))

    def why(self) -> str | None:
        """The written paragraph of the refusal, which names its clause."""
        return self._known(f"refusal.{self._facts.get('reason')}.written", clause=self.clause())

    def clause(self) -> str:
        """The clause that the refusal rests on: as it was told, else the one of its reason."""
        told, reason = self._facts.get("clause"), self._facts.get("reason")
        return str(told or (CLAUSES[Reason(reason)] if reason in set(Reason) else ""))

    def wording(self) -> str | None:
        """What that clause says."""
        return self._known(f"clause.{self.clause().lower()}")

    def may_dispute(self) -> bool:
        return self._facts.get("reason") in DISPUTABLE

    def remedy(self) -> str | None:
        """What to do about an alarm: as it was told, else what is known for its kind."""
        told = self._facts.get("remedy")
        return str(told) if told else self._known(f"mail.alarm.{self._facts.get('what')}.remedy")

    def _attached(self, attachment: Attachment) -> str:
        if attachment.is_too_large:
            return self.say("mail.attached.too_large", digest=attachment.digest)
        if attachment.content is None:
            return self.say("mail.attached.missing", digest=attachment.digest)
        size = file_size(len(attachment.content), self.language)
        return self.say("mail.attached.file", size=size, digest=attachment.digest)

    def _working_day(self) -> float:
        """How many hours a working day has."""
        center = self._facts.get("center") or {}
        opens, closes = center.get("opens") or "09:00", center.get("closes") or "18:00"
        return (_minutes(closes) - _minutes(opens)) / 60

    def _known(self, key: str, **params: object) -> str | None:
        return self.say(key, **params) if has(key, self.language) else None

    def _channel(self, attempt: Mapping[str, Any]) -> str:
        channel = self._known(f"channel.{attempt.get('channel')}")
        said = " ".join(filter(None, (channel, masked(str(attempt.get("to") or "")))))
        phone = attempt.get("phone")
        return f"{said}, {which_phone(phone, self.language)}" if phone else said

    def _outcome(self, attempt: Mapping[str, Any]) -> str:
        why = attempt.get("why")
        return word("why", why, self.language) if why else self.say("mail.attempt.unknown")

    def _fact(self, name: str) -> str:
        if name == "taken_after":
            return self._taken_after()
        value = self._facts.get(name)
        if not value:
            return ""
        if name in _MOMENTS:
            return local_time(datetime.fromisoformat(value), self.zone, self.language)
        if name in _WORDS:
            return word(name, value, self.language)
        if name == "kept_out":
            return word("why", value, self.language)
        return in_list([str(item) for item in value], self.language) if name == "names" else str(value)

    def _taken_after(self) -> str:
        opened, taken = self._facts.get("opened_at"), self._facts.get("acknowledged_at")
        if not (opened and taken):
            return ""
        return duration((datetime.fromisoformat(taken) - datetime.fromisoformat(opened)).total_seconds())


def _minutes(wall_time: str) -> int:
    moment = time.fromisoformat(wall_time)
    return moment.hour * 60 + moment.minute


def _count(hours: float) -> str:
    """``4`` rather than ``4.0``."""
    return f"{hours:g}"
