"""What a waiting caller may be told: one fact a round, true at that moment."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from oncall.escalation import Channel, Incident, Page, PageState, State
from oncall.intake import Closing


class Progress(StrEnum):
    """Each is one sentence of the catalogs."""

    CALLING = "calling"  # somebody is being called
    CALLING_NEXT = "calling_next"  # the second, the third, one after the other
    AGAIN = "again"  # everybody was called, and the round begins anew
    GUARD = "guard"  # nobody can be named at this moment
    TAKEN = "taken"  # somebody has it, who is not on the phone
    OVER = "over"  # the incident was closed meanwhile


@dataclass(frozen=True, slots=True)
class Waiting:
    """The fact of a round: who is named (first names), and which in turn, where that is worth saying."""

    progress: Progress = Progress.GUARD
    names: tuple[str, ...] = ()
    place: int = 0  # 2 for the second person of this round; 0 where it does not matter
    eta: datetime | None = None  # when who has it expects it to be solved
    closing: Closing | None = None  # how it was closed

    @property
    def taken_by(self) -> str | None:
        return self.names[0] if self.progress is Progress.TAKEN and self.names else None


def waiting_for(incident: Incident) -> Waiting:
    """What is true of ``incident`` now, for those who wait for it."""
    if incident.state is State.CLOSED:
        return Waiting(Progress.OVER)
    if incident.state is State.ACKNOWLEDGED:
        return _taken(incident)
    names = tuple(dict.fromkeys(page.name.split()[0] for page in _asked_for(incident)))
    if not names:
        return Waiting(Progress.AGAIN if _everybody_was_called(incident) else Progress.GUARD)
    if incident.level == 0 and _was_called_before(incident):
        return Waiting(Progress.AGAIN, names)
    place = _place(incident)
    if place > 1:
        return Waiting(Progress.CALLING_NEXT, names, place)
    return Waiting(Progress.CALLING, names)


def is_nobody_called(incident: Incident, at: datetime) -> bool:
    """Whether nobody has an incident and no call for it is under way, not even from a caller's own leg."""
    calls = [p for p in incident.pages if p.channel is Channel.CALL and p.is_live and p.requested_at]
    return incident.state is State.OPEN and not any(p.due_at is None or p.due_at > at for p in calls)


def _asked_for(incident: Incident) -> list[Page]:
    """The calls under way: one whose order has not left calls nobody, and who waits hears no direct call."""
    calls = [p for p in incident.pages if p.channel is Channel.CALL and p.is_live]
    return [p for p in calls if p.requested_at is not None and not p.is_direct]


def _taken(incident: Incident) -> Waiting:
    name = (incident.holder_name or "").split()[:1]
    return Waiting(Progress.TAKEN, tuple(name), eta=incident.eta)


def _everybody_was_called(incident: Incident) -> bool:
    return incident.is_resting or _was_called_before(incident)


def _was_called_before(incident: Incident) -> bool:
    """Whether a round since it was last taken came to nothing; what was before a reopening does not count."""
    taken_in = max((p.round for p in incident.pages if p.state is PageState.ACKNOWLEDGED), default=0)
    called = [p for p in incident.pages if p.requested_at is not None]
    return any(taken_in < p.round < incident.round for p in called)


def _place(incident: Incident) -> int:
    """Which one of this round's people is being called; 0 where several are called at once."""
    called = [p for p in incident.pages if p.channel is Channel.CALL and p.round == incident.round]
    people = list(dict.fromkeys(p.person for p in called))
    now = list(dict.fromkeys(p.person for p in _asked_for(incident) if p in called))
    return people.index(now[0]) + 1 if len(now) == 1 else 0
