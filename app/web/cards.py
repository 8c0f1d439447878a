"""The guard's numbers as a contact card (vCard 3.0), so that a phone lets them through when it is silent."""

from collections.abc import Sequence

import vobject

from app.locales import text
from oncall.book import Book
from oncall.people import Person


def card_for(book: Book, person: Person, page_from: str, host: str) -> bytes:
    """One contact: the number that pages come from, and the guard lines of the person's teams."""
    name = text("web.duty.card", person.language)
    card = vobject.vCard()
    card.add("fn").value = name
    card.add("n").value = vobject.vcard.Name(given=name)
    card.add("org").value = ["Aivo"]
    card.add("uid").value = f"guardia@{host}"
    for number in _numbers(book, person, page_from):
        line = card.add("tel")
        line.value = number
        line.type_param = ["WORK", "VOICE", "PREF"] if number == page_from else ["WORK", "VOICE"]
    card.add("note").value = text("web.duty.card_note", person.language)
    return str(card.serialize()).encode()


def _numbers(book: Book, person: Person, page_from: str) -> Sequence[str]:
    own = {team.id for team in book.teams.values() if _belongs(person.id, book, team.id)}
    lines = [
        client.contract.guard_line
        for client in book.clients.values()
        if not own or client.contract.team in own
    ]
    return list(dict.fromkeys(number for number in (page_from, *lines) if number))


def _belongs(person: str, book: Book, team: str) -> bool:
    return any(person in rotation.everybody() for rotation in book.teams[team].rotations.values())
