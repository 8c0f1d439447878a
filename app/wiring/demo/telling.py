"""What happened on everybody's phones and in the post, as lines that can be read aloud."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from app.sandbox.exchange import Exchange
from app.sandbox.mailsink import Mail
from app.sandbox.story import Event
from app.wiring.demo.stage import Stage

_BEEP = "♪"


@dataclass(frozen=True, slots=True)
class Beat:
    """One thing somebody did or heard; ``kind`` is for the eye: act, heard, rings, text, mail, trouble."""

    at: datetime
    who: str
    kind: str
    what: str
    times: int = 1


def beats(stage: Stage) -> tuple[Beat, ...]:
    """The story in order; what is heard again and again is told once, with how often."""
    exchange = stage.world.exchange
    told = [beat for event in exchange.story if (beat := _beat(event, stage, exchange))]
    told += _post(stage.world.mails, stage)
    told.sort(key=lambda beat: beat.at)
    return tuple(_without_repetition(told))


def _beat(event: Event, stage: Stage, exchange: Exchange) -> Beat | None:
    tell = _TOLD.get(event.kind)
    found = tell(event, stage) if tell else None
    if found is None:
        return None
    kind, what = found
    return Beat(event.at, stage.names.get(event.number, "Twilio"), kind, what)


_Told = tuple[str, str] | None


def _dialled(event: Event, stage: Stage) -> _Told:
    client = stage.book.client_on_line(event.detail["to"])
    line = f"the guard line of {client.name}" if client else f"{event.detail['to']}, a line of nobody's"
    return "act", f"dials {line}" + (" with a withheld number" if event.detail["withheld"] else "")


def _heard(event: Event, stage: Stage) -> _Told:
    """The machine's words; what people say to each other is told where they say it."""
    text = event.detail["text"]
    if event.detail["speaker"] or text.startswith(_BEEP):
        return None
    return "heard", f"“{text}”"


def _ended(event: Event, stage: Stage) -> _Told:
    """Only what rang and was stopped: the rest can be seen from what went before."""
    return ("act", "stops ringing") if event.detail["status"] == "canceled" else None


def _not_reached(event: Event, stage: Stage) -> _Told:
    """A phone that never rang says nothing itself: the telephone company does."""
    given = event.detail["parameters"]
    told = {"busy": "is busy", "failed": "cannot be reached"}.get(given.get("CallStatus", ""))
    rang = any(e.detail["call"] == given.get("CallSid") for e in stage.world.exchange.story.of("ringing"))
    return ("act", told) if told and not rang and given.get("Direction") != "inbound" else None


def _rest(event: Event, stage: Stage) -> _Told:
    status, fault = event.detail["status"], event.detail.get("fault")
    if fault is None or status < 400:
        return None
    what = "a call" if event.detail["path"].endswith("Calls.json") else "a request"
    done = ", though it was carried out" if fault.endswith("but-done") else ""
    return "trouble", f"answers {status} to {what}{done}"


def _talking(event: Event, stage: Stage) -> _Told:
    others = [stage.names.get(number, number) for number in event.detail["to"]]
    return "act", f"talks with {' and '.join(others)}"


def _listening(event: Event, stage: Stage) -> _Told:
    others = [stage.names.get(number, number) for number in event.detail["to"]]
    return "act", f"listens to {' and '.join(others)}"


_TOLD: dict[str, Callable[[Event, Stage], _Told]] = {
    "dialled": _dialled,
    "heard": _heard,
    "ended": _ended,
    "callback": _not_reached,
    "rest": _rest,
    "talking": _talking,
    "listening": _listening,
    "held": lambda event, stage: ("act", "is on hold"),
    "resumed": lambda event, stage: ("act", "is off hold"),
    "ringing": lambda event, stage: ("rings", "phone rings"),
    "answered": lambda event, stage: ("act", "answers"),
    "voicemail": lambda event, stage: ("act", "does not answer; the voicemail does"),
    "missed": lambda event, stage: ("act", "did not answer"),
    "rejected": lambda event, stage: ("act", "declines the call"),
    "pressed": lambda event, stage: ("act", f"presses {' '.join(event.detail['digits'])}"),
    "said": lambda event, stage: ("act", f"says: {event.detail['words']}"),
    "hung_up": lambda event, stage: ("act", "hangs up"),
    "text_sent": lambda event, stage: ("act", f"texts: {event.detail['body']}"),
    "text_received": lambda event, stage: ("text", event.detail["body"]),
    "mail_sent": lambda event, stage: ("act", f"answers by mail: {event.detail['text']}"),
    "link_previewed": lambda event, stage: ("act", "messenger opens the link for a preview"),
    "link_opened": lambda event, stage: ("act", "opens the link"),
    "button_pressed": lambda event, stage: ("act", "presses the button that takes the case"),
}


def _post(mails: list[Mail], stage: Stage) -> Iterator[Beat]:
    """The same letter to several people is one line, in the language of the first."""
    for (at, subject), same in groupby(mails, key=lambda mail: (mail.at, mail.subject)):
        letters = list(same)
        to = ", ".join(dict.fromkeys(address for mail in letters for address in mail.to))
        headline = next((line for line in letters[0].text.splitlines() if line.strip()), "")
        yield Beat(at, "Mail", "mail", f"{subject}: {headline} ({to})")


def _without_repetition(told: list[Beat]) -> Iterator[Beat]:
    """What somebody hears word for word again, with nothing else of theirs between, is counted."""
    kept: list[Beat] = []
    last: dict[str, int] = {}
    for beat in told:
        before = last.get(beat.who)
        if before is not None and (kept[before].kind, kept[before].what) == (beat.kind, beat.what):
            kept[before] = replace(kept[before], times=kept[before].times + 1)
            continue
        last[beat.who] = len(kept)
        kept.append(beat)
    yield from kept
