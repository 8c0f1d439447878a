"""The record in sentences: what an entry says to a person, in their language and time zone.

Some kinds are said in several ways, with a key for each (``entry.page_requested.call``);
``_SHAPES`` says which. Facts that are words of ours (a priority, a reason) are translated
by keys of their own. A fact that is missing is said to be missing: an old entry can
always be read.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from string import Formatter
from typing import Any

from app.locales.catalog import catalog, has, text
from app.locales.written import duration, file_size, in_list, local_time, masked
from oncall.record import RosterSpan

Facts = Mapping[str, Any]

# Facts whose values are words of ours, and where their translations are.
_WORDS = {
    "clock": "clock.{}",
    "priority": "priority.{}",
    "reason": "refusal.{}.name",
    "why": "why.{}",
    "by": "by.{}",
    "how": "how.{}",
    "template": "mail.{}.name",
    "what": "order.{}",
    "channel": "contact.{}",
    "ground": "ground.{}",
}

# What is said in the place of a fact that is not there; for the others, none.value.
_MISSING = {
    "client": "none.client",
    "integration": "none.integration",
    "priority": "priority.none",
    "contact": "none.contact",
    "caller": "none.caller",
}

_DUE = ("respond_by", "resolve_by")
_MOMENTS = (
    *(*_DUE, "due_at", "eta", "since", "until", "closed_at", "promised_by"),
    *("window_from", "window_to", "ended_at"),
)


def sentence(kind: str, data: Facts, language: str, zone: str, erased: Iterable[str] = ()) -> str:
    """What an entry of this ``kind`` with these ``data`` says, with moments as in ``zone``.

    ``erased`` are the facts that were, on request or when their time was over: each is said to be.
    Raises KeyError for a kind that the catalogs do not know.
    """
    data = {**data, **dict.fromkeys(erased, text("none.erased", language))}
    said = _say(_key(kind, data), data, language, zone)
    if data.get("code"):
        said = f"{said.removesuffix('.')} {text('entry.code', language, code=data['code'])}."
    tails = (_say(key, data, language, zone) for key in _tails(kind, data))
    return " ".join((said, *tails))


def rosters(spans: Sequence[RosterSpan], language: str) -> str | None:
    """Under which rosters a record was written, in one line; None where no entry says."""
    if all(span.version is None for span in spans):
        return None
    if len(spans) == 1:
        return text("record.roster", language, version=spans[0].version)
    told = [
        text(
            "record.roster.of",
            language,
            version=span.version or text("record.roster.unknown", language),
            first=span.first,
            last=span.last,
        )
        for span in spans
    ]
    return text("record.rosters", language, versions="; ".join(told))


def word(fact: str, value: object, language: str) -> str:
    """One enumerated value for people: ``word("priority", "high", "es")`` is ``Alto``.

    A value without a translation is given as it is; a missing one as missing.
    """
    if value is None or value == "":
        return text(_MISSING.get(fact, "none.value"), language)
    key = _WORDS[fact].format(value)
    return text(key, language) if has(key, language) else str(value)


def which_phone(number: int, language: str) -> str:
    """``segundo teléfono``: the last digits of a person's phones may be the same."""
    key = f"phone.{number}"
    return text(key, language) if has(key, language) else text("phone.other", language, number=number)


def _arrival(data: Facts) -> str | None:
    return "withheld" if data.get("withheld") or not data.get("caller") else None


def _by_name(data: Facts) -> str | None:
    return "by" if data.get("contact") else None


def _choice(data: Facts) -> str | None:
    said = (None if data.get("integration") else "other", _by_name(data))
    return ".".join(filter(None, said)) or None


def _rotation(data: Facts) -> str | None:
    return "rotation" if data.get("rotation") else None


def _promise(data: Facts) -> str | None:
    """By when, while the first response is owed; by whom, once somebody has it."""
    return "by_time" if data.get("promised_by") else "by_name" if data.get("name") else None


def _channel(data: Facts) -> str:
    return "sms" if data.get("channel") == "sms" else "call"


def _missed(data: Facts) -> str | None:
    """Entries of before hold no reason."""
    why = data.get("why")
    return "withdrawn" if why == "withdrawn" else "why" if why else None


def _who_ended(data: Facts) -> str | None:
    """Entries of before do not say."""
    return "client" if data.get("by") == "client" else "name" if data.get("name") else None


_SHAPES: dict[str, Callable[[Facts], str | None]] = {
    "call_arrived": _arrival,
    "erased": lambda data: "one" if data.get("count") == 1 else None,
    "caller_identified": lambda data: "pin" if data.get("how") == "pin" else "number",
    "integration_chosen": _choice,
    "priority_chosen": _by_name,
    "caller_hung_up": _by_name,
    "level_began": _rotation,
    "level_empty": _rotation,
    "page_requested": _channel,
    "page_failed": _channel,
    "page_cancelled": lambda data: "why" if data.get("why") else _channel(data),
    "acknowledged": lambda data: "again" if data.get("again") else None,
    "callback_promised": _promise,
    "client_not_reached": _missed,
    "side_called": lambda data: str(data.get("purpose") or "join"),
    "side_joined": lambda data: "listen" if data.get("purpose") == "listen" else "join",
    "conversation_ended": _who_ended,
    "disposition": lambda data: data.get("answer") or "none",
    "agreement": lambda data: None if data.get("agreed") or "person" not in data else "none",
    "wait_started": lambda data: data.get("party") or "client",
    "wait_ended": lambda data: data.get("ended_by") or "person",
    "correction": lambda data: "withdrawn" if data.get("withdrawn") else None,
    "dispute_judged": lambda data: "guard" if data.get("verdict") == "guard" else "client",
    "notice_ended": lambda data: "with_incident" if data.get("with_incident") else None,
    "seen_by_fallback": lambda data: "talked" if data.get("person") else None,
}


def _key(kind: str, data: Facts) -> str:
    shape = _SHAPES[kind](data) if kind in _SHAPES else None
    return f"entry.{kind}.{shape}" if shape else f"entry.{kind}"


# What a closing tells beside how it was closed, in this order.
_CLOSURE = (
    *("owner", "cause", "done", "explanation", "window_from", "request", "response"),
    *("notice", "evidence", "files", "told", "duplicate_of"),
)


def _tails(kind: str, data: Facts) -> list[str]:
    if kind in ("closed", "closure_completed"):
        return [f"entry.closed.{name}" for name in _CLOSURE if data.get(name)]
    if kind == "wait_ended" and data.get("ended_at"):
        return ["entry.wait_ended.at"]
    if kind == "dispute_judged" and data.get("note"):
        return ["entry.dispute_judged.note"]
    if kind != "opened":
        return []
    tails = ["entry.opened.unverified"] if data.get("unverified") else []
    if all(data.get(moment) for moment in _DUE):
        tails.append("entry.opened.due")
    return tails


def _say(key: str, data: Facts, language: str, zone: str) -> str:
    names = [name for _, name, _, _ in Formatter().parse(catalog(language)[key]) if name]
    told = {name: _told(name, _fact(name, data), language, zone) for name in names}
    if "to" in told and data.get("phone"):
        told["to"] += f", {which_phone(data['phone'], language)}"
    return text(key, language, **told)


def _fact(name: str, data: Facts) -> Any:
    """A client or an integration is said by its name, where that stands beside its id."""
    return data.get(f"{name}_name") or data.get(name)


def _told(name: str, value: Any, language: str, zone: str) -> str:
    if name in _WORDS or value is None or value == "":
        return word(name, value, language)
    if name == "seconds":
        return duration(value)
    if name == "size":
        return file_size(value, language)
    if name in _MOMENTS:
        return local_time(datetime.fromisoformat(value).astimezone(UTC), zone, language)
    if isinstance(value, list | tuple):
        return in_list([str(item) for item in value], language)
    return masked(value) if name == "to" and str(value).startswith("+") else str(value)
