"""How a page begins: to whom, through what, in which round and level."""

from dataclasses import replace
from datetime import datetime, timedelta

from oncall.escalation.model import Channel, Decision, Incident, Page, PageAsked, SendPage
from oncall.people import Person
from oncall.record import Draft

# An order that never left (worker dead, provider down) does not hold its level for ever.
SENDING_ALLOWANCE = timedelta(seconds=60)


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
    person = next((p for p in incident.managers if p.id == event.person and p.phones), None)
    if person is None or _is_rung(incident, person):
        return Decision(incident)
    pages = (call_page(incident, person, 0), text_page(incident, person))
    if any(incident.page(page.key) for page in pages):
        return Decision(incident)
    asked = Draft("page_asked", {"person": person.id, "name": person.name}, person.id)
    due = incident.due_at
    if due is not None and not incident.is_resting:
        due = max(due, at + incident.ring + SENDING_ALLOWANCE)
    paging = replace(incident, pages=(*incident.pages, *pages), due_at=due)
    return Decision(paging, tuple(SendPage(page.key) for page in pages), (asked,))


def _is_rung(incident: Incident, person: Person) -> bool:
    return any(p.person == person.id and p.channel is Channel.CALL and p.is_live for p in incident.pages)
