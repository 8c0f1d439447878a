"""How a page begins: to whom, through what, in which round and level."""

from oncall.escalation.model import Channel, Incident, Page
from oncall.people import Person


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
