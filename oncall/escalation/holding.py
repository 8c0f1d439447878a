"""While somebody has an incident: what is heard from them, and what follows when nothing is.

A key, a text, a button, a note: each is a sign of life, and so is a conversation that goes on. After
a conversation without a word of how it goes on they are asked again by text; without any sign of
them they are called ("are you still on it?"); and if that, too, has no answer, others are paged.
"""

from dataclasses import replace
from datetime import datetime

from oncall.escalation.model import (
    AskAgain,
    AskWhetherStillOnIt,
    Decision,
    Effect,
    EtaGiven,
    HoldCallers,
    HolderNotReached,
    Incident,
    LetHolderBe,
    SignOfLife,
    State,
    StillOnIt,
    TalkEnded,
    TellEta,
    TellHolderSilent,
    TimeUp,
)
from oncall.record import Draft


def alive(incident: Incident, at: datetime, until: datetime | None = None) -> Incident:
    """Heard from at ``at``: not before ``until``, or their ETA, need they be heard from again."""
    due = max(later for later in (at + incident.patience.life, incident.eta, until) if later)
    return replace(incident, heard_at=at, due_at=due, ask_at=None, is_doubted=False)


def asked_later(incident: Incident, at: datetime) -> Incident:
    return replace(incident, ask_at=at + incident.patience.answer)


def let_be(incident: Incident) -> tuple[Effect, ...]:
    return (LetHolderBe(),) if incident.is_doubted else ()


def released(incident: Incident) -> Incident:
    """Nobody has it any more."""
    return replace(
        incident, holder=None, holder_name=None, heard_at=None, eta=None, ask_at=None, is_doubted=False
    )


def closed(incident: Incident) -> Incident:
    return replace(incident, state=State.CLOSED, due_at=None, ask_at=None, is_doubted=False)


def sign_of_life(incident: Incident, event: SignOfLife, at: datetime) -> Decision:
    if event.person != incident.holder:
        return Decision(incident)
    return Decision(alive(incident, at, event.until), let_be(incident))


def still_on_it(incident: Incident, event: StillOnIt, at: datetime) -> Decision:
    if event.person != incident.holder or not incident.is_doubted:
        return Decision(incident)
    return Decision(alive(incident, at), let_be(incident), (_of_holder("still_on_it", incident),))


def talk_ended(incident: Incident, event: TalkEnded, at: datetime) -> Decision:
    if event.person != incident.holder:
        return Decision(incident)
    return Decision(asked_later(alive(incident, at), at), let_be(incident))


def eta_given(incident: Incident, event: EtaGiven, at: datetime) -> Decision:
    if event.person != incident.holder or event.eta == incident.eta:
        return Decision(incident)
    told = _of_holder("eta_given", incident, eta=event.eta.isoformat(), by=event.by)
    return Decision(alive(replace(incident, eta=event.eta), at), (*let_be(incident), TellEta()), (told,))


def time_up(incident: Incident, event: TimeUp, at: datetime) -> Decision:
    decision = Decision(incident)
    if incident.ask_at and incident.ask_at <= at:
        asked = _of_holder("asked_again", incident)
        decision = Decision(replace(incident, ask_at=None), (AskAgain(),), (asked,))
    if incident.due_at is None or incident.due_at > at:
        return decision
    if event.is_excused:
        return decision.then(lambda i: Decision(replace(i, due_at=at + i.patience.life, is_doubted=False)))
    return decision.then(lambda i: _lose(i, at) if i.is_doubted else _doubt(i, at))


def not_reached(incident: Incident, event: HolderNotReached, at: datetime) -> Decision:
    if event.person != incident.holder or not incident.is_doubted:
        return Decision(incident)
    return _lose(incident, at)


def is_lost(decision: Decision) -> bool:
    return any(isinstance(effect, TellHolderSilent) for effect in decision.effects)


def _doubt(incident: Incident, at: datetime) -> Decision:
    doubted = replace(incident, is_doubted=True, due_at=at + incident.patience.reply)
    entry = _of_holder("no_sign_of_life", incident, seconds=_silence(incident, at))
    return Decision(doubted, (AskWhetherStillOnIt(),), (entry,))


def _lose(incident: Incident, at: datetime) -> Decision:
    """What follows, that others are paged, is with whoever asked (see ``rules``)."""
    entry = _of_holder("holder_silent", incident, seconds=_silence(incident, at))
    tell = TellHolderSilent(incident.holder_name or "")
    return Decision(incident, (LetHolderBe(), HoldCallers(), tell), (entry,))


def _silence(incident: Incident, at: datetime) -> int:
    return round((at - (incident.heard_at or at)).total_seconds())


def _of_holder(kind: str, incident: Incident, **more: object) -> Draft:
    holder = incident.holder or ""
    return Draft(kind, {"person": holder, "name": incident.holder_name or "", **more}, _actor(kind, holder))


def _actor(kind: str, holder: str) -> str:
    """What the guard notices is its own entry; what the holder does is theirs."""
    return holder if kind in ("still_on_it", "eta_given") else "guardia"
