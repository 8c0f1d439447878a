"""How a page begins: to whom, through what, in which round and level."""

from dataclasses import replace
from datetime import datetime, timedelta

from oncall.escalation.model import Channel, Decision, Incident, Page, PageAsked, SendPage, State
from oncall.people import Person
from oncall.record import Draft

# An order that never left (worker dead, provider down) does not hold its level for ever.
SENDING_ALLOWANCE = timedelta(seconds=60)
# Time that was up for longer than this: nobody looked, so the level never had its chance.
STANDSTILL = timedelta(minutes=5)
# Nothing of the level left in all its time, and even its end was seen so late: nobody looked here either.
LATE_LOOK = timedelta(seconds=10)


def call_page(incident: Incident, person: Person, phone: int) -> Page:
    """A call to one of the person's phones, in the level that is being paged."""
    return _new_page(incident, person, Channel.CALL, person.phones[phone], str(phone + 1), phone)


def text_page(incident: Incident, person: Person) -> Page:
    """The person's one text of this level."""
    return _new_page(incident, person, Channel.SMS, person.phones[0], "sms")


def _new_page(
    incident: Incident, person: Person, channel: Channel, to: str, tail: str, phone: int = 0
) -> Page:
    return Page(
        key=f"{incident.round}.{incident.level + 1}.{person.id}.{tail}",
        person=person.id,
        name=person.name,
        channel=channel,
        to=to,
        round=incident.round,
        level=incident.level,
        phone=phone,
        roster=incident.roster,
    )


def person_of(incident: Incident, id: str) -> Person | None:
    """Somebody who stands in a level now, or is a manager."""
    everybody = (p for level in (*incident.rostered, incident.managers) for p in level)
    return next((p for p in everybody if p.id == id), None)


def page_asked(incident: Incident, event: PageAsked, at: datetime) -> Decision:
    """A manager is paged beside the level that is being paged, once a level; whoever is faster takes it.

    The level lasts until that phone had its time. Whom it has paged already is not paged twice.
    """
    person = next((p for p in incident.managers if p.id == event.person), None)
    if person is None or not may_be_paged(incident, person):
        return Decision(incident)
    pages = (call_page(incident, person, 0), text_page(incident, person))
    asked = Draft("page_asked", {"person": person.id, "name": person.name}, person.id)
    due = incident.due_at
    if due is not None and not incident.is_resting:
        due = max(due, at + incident.ring + SENDING_ALLOWANCE)
    paging = replace(incident, pages=(*incident.pages, *pages), due_at=due)
    return Decision(paging, tuple(SendPage(page.key) for page in pages), (asked,))


def level_due(incident: Incident, at: datetime) -> datetime:
    """When a level that begins now is over: until the first request leaves, it is given time to send it."""
    return at + incident.policy[incident.level].lasts + SENDING_ALLOWANCE


def stood_still_since(incident: Incident, at: datetime) -> datetime | None:
    """Since when nobody looked at a level whose time is up, where that was too long; else None.

    The level's time alone counts: a leg that outlived its own says nothing of us. A level that was looked at
    in time is over even where nothing of it left, so that no order that cannot leave holds it for ever.
    """
    due = incident.due_at
    if due is None:
        return None
    if at - due > STANDSTILL:
        return due
    if incident.is_resting or at - due <= LATE_LOOK or not _is_unsent(incident):
        return None
    return due - incident.policy[incident.level].lasts - SENDING_ALLOWANCE  # when it was ordered


def _is_unsent(incident: Incident) -> bool:
    """Nobody of the level was called yet, and nobody's call failed: the orders wait."""
    calls = [
        p
        for p in incident.pages
        if p.channel is Channel.CALL and (p.round, p.level) == (incident.round, incident.level)
    ]
    return bool(calls) and all(p.is_live and p.requested_at is None for p in calls)


def may_be_paged(incident: Incident, manager: Person) -> bool:
    """Nobody has it, and neither does the manager's phone ring nor has this level paged them."""
    if incident.state is not State.OPEN or not manager.phones:
        return False
    mine = [p for p in incident.pages if p.person == manager.id]
    this_level = any((p.round, p.level) == (incident.round, incident.level) for p in mine)
    return not this_level and not any(p.channel is Channel.CALL and p.is_live for p in mine)
