"""What no file can see alone: names that must exist elsewhere, spans that end before they begin."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from app.rosterbook import assemble
from app.rosterbook.findings import Code, Severity, nearest, shown
from app.rosterbook.models import ServiceText
from app.rosterbook.source import Source, Steps
from app.rosterbook.words import is_assigned_phone
from oncall.breaches import HOLDER, MANAGERS, Clock
from oncall.contracts import Client
from oncall.people import Person
from oncall.rosters import Layer, Team, to_instant
from oncall.sla import Promise

Remark = tuple[str, Steps, Severity, Code, str]  # file, place in it, severity, code, message
_ERROR, _WARNING = Severity.ERROR, Severity.WARNING
_PATIENCE = timedelta(hours=1)
_UNITS = ((3600, "hour"), (60, "minute"), (1, "second"))


@dataclass(frozen=True, slots=True)
class Folder:
    """Whatever could be read; ``files`` says where a team or client stands."""

    sources: Mapping[str, Source]
    people: Mapping[str, Person]
    teams: Mapping[str, Team]
    clients: Mapping[str, Client]
    service: ServiceText | None
    files: Mapping[tuple[str, str], str]
    has_all_teams: bool = True  # False: a team's file could not be read, so that which there are is not known
    has_all_people: bool = True  # the same of people.yaml


def remarks(folder: Folder) -> Iterator[Remark]:
    """Every mistake between files, in no particular order."""
    if "people.yaml" in folder.sources:
        yield from _people(folder)
    for team in folder.teams.values():
        yield from _team(folder, team, folder.files["team", team.id])
    for client in folder.clients.values():
        yield from _client(folder, client, folder.files["client", client.id])
    yield from _guard_lines(folder)
    yield from _unlikely_phones(folder)
    if folder.service is not None:
        for i, manager in enumerate(folder.service.managers):
            yield from _known_person(folder, manager, "service.yaml", ("managers", i))
        yield from _shelf(folder.service)
        yield from _hurries(folder.service)
        yield from _warned(folder, folder.service)


def _shelf(service: ServiceText) -> Iterator[Remark]:
    """What strangers may read is no place for what callers said."""
    public, shelf = service.fallback, service.shelf
    if public is None or shelf is None:
        return
    if public.folder and shelf.folder:
        outer, inner = Path(public.folder).resolve(), Path(shelf.folder).resolve()
        if inner.is_relative_to(outer):
            message = "the folder of `fallback` is served to strangers: keep the shelf outside it"
            yield "service.yaml", ("shelf", "folder"), _ERROR, Code.SHELF_IN_PUBLIC, message
    elif public.bucket and shelf.bucket:
        same = (public.bucket.endpoint, public.bucket.name) == (shelf.bucket.endpoint, shelf.bucket.name)
        if same:
            message = "the bucket of `fallback` is read by strangers: keep the shelf in another one"
            yield "service.yaml", ("shelf", "bucket"), _ERROR, Code.SHELF_IN_PUBLIC, message


def _warned(folder: Folder, service: ServiceText) -> Iterator[Remark]:
    """Whoever is warned by id is somebody."""
    warnings = service.warnings
    for clock in Clock if warnings else ():
        for share, told in (getattr(warnings, clock) or {}).items():
            for i, person in enumerate(told):
                if person not in (MANAGERS, HOLDER):
                    here: Steps = ("warnings", str(clock), share, i)
                    yield from _known_person(folder, person, "service.yaml", here)


def _people(folder: Folder) -> Iterator[Remark]:
    owners: dict[str, str] = {}
    for person in folder.people.values():
        here: Steps = ("people", person.id)
        for i, phone in enumerate(person.phones):
            other = owners.setdefault(phone, person.id)
            if other != person.id or phone in person.phones[:i]:
                message = f"{phone} is also a phone of `{other}`: an answer from it could be either's"
                yield "people.yaml", (*here, "phones", i), _ERROR, Code.PHONE_SHARED, message
        for i, away in enumerate(person.away):
            if _wall(away.end) <= _wall(away.start):
                yield "people.yaml", (*here, "away", i), _ERROR, Code.ENDS_BEFORE, _ENDS_BEFORE


_ENDS_BEFORE = "this ends before it begins: `to` is after `from`"


def _wall(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def _team(folder: Folder, team: Team, file: str) -> Iterator[Remark]:
    for name, rotation in team.rotations.items():
        layered = "layers" in folder.sources[file].value["rotations"][name]
        for number, layer in enumerate(rotation.layers):
            here: Steps = ("rotations", name, "layers", number) if layered else ("rotations", name)
            yield from _layer(folder, layer, ZoneInfo(team.timezone), file, here)
    for i, override in enumerate(team.overrides):
        at: Steps = ("overrides", i)
        if override.rotation not in team.rotations:
            remedy = nearest(override.rotation, team.rotations)
            yield (
                file,
                (*at, "rotation"),
                _ERROR,
                Code.UNKNOWN_ROTATION,
                f"unknown rotation {shown(override.rotation)}: {remedy}",
            )
        for key, person in (("person", override.person), ("instead_of", override.instead_of)):
            if person is not None:
                yield from _known_person(folder, person, file, (*at, key))
        if override.end <= override.start:
            yield file, at, _ERROR, Code.ENDS_BEFORE, _ENDS_BEFORE
    for i, level in enumerate(team.escalation):
        yield from _level(folder, team, level.page, file, ("escalation", i, "page"))
    yield from _short_levels(team, file, "ring" in folder.sources[file].value)


def _short_levels(team: Team, file: str, rings: bool) -> Iterator[Remark]:
    """A phone stops ringing with its level: nobody has the time to answer, and no second phone is rung."""
    short = [i for i, level in enumerate(team.escalation) if level.lasts < team.ring]
    ring = _words_of(team.ring)
    if short and len(short) == len(team.escalation):
        message = f"a phone rings for {ring}, longer than any level: let levels last longer"
        yield file, ("ring",) if rings else ("escalation",), _WARNING, Code.SHORT_LEVEL, message
        return
    for i in short:
        lasts = _words_of(team.escalation[i].lasts)
        message = f"this level ends after {lasts}, and a phone rings for {ring}: let it last longer"
        yield file, ("escalation", i, "for"), _WARNING, Code.SHORT_LEVEL, message


def _hurries(service: ServiceText) -> Iterator[Remark]:
    """Promises in the wrong order, and a wait that nobody stays on the line for."""
    promises = assemble.service(service).promises
    for priority in service.sla:
        if _is_later(promises[priority].first_response, promises[priority].resolution):
            message = "the first response is due after the resolution: are the two exchanged?"
            place: Steps = ("sla", str(priority), "first_response")
            yield "service.yaml", place, _WARNING, Code.PROMISE_ORDER, message
    if service.longest_wait and service.longest_wait > _PATIENCE:
        message = "callers would be on the line for more than an hour before a call is promised"
        yield "service.yaml", ("longest_wait",), _WARNING, Code.LONG_WAIT, message


def _is_later(one: Promise, other: Promise) -> bool:
    """Whether it is due after the other whenever the call comes: working time passes no faster than time."""
    from_now = one.elapsed is None or (other.elapsed is not None and one.elapsed > other.elapsed)
    limits = [length for length in (other.elapsed, other.working) if length is not None]
    at_work = one.working is None or any(one.working > length for length in limits)
    return from_now and at_work


def _words_of(length: timedelta) -> str:
    """``90 seconds``, ``1 hour``: as it would be written."""
    seconds = int(length.total_seconds())
    size, word = next((s, w) for s, w in _UNITS if seconds % s == 0)
    return f"{seconds // size} {word}{'' if seconds == size else 's'}"


def _level(
    folder: Folder, team: Team, page: str | tuple[str, ...], file: str, here: Steps
) -> Iterator[Remark]:
    if not isinstance(page, str):
        for i, person in enumerate(page):
            yield from _known_person(folder, person, file, (*here, i))
    elif page not in team.rotations:
        remedy = nearest(page, team.rotations)
        if page in folder.people:
            remedy = f"to page a person, write `[{page}]`"
        yield file, here, _ERROR, Code.UNKNOWN_ROTATION, f"unknown rotation {shown(page)}: {remedy}"


def _layer(folder: Folder, layer: Layer, zone: ZoneInfo, file: str, here: Steps) -> Iterator[Remark]:
    for i, item in enumerate(layer.people):
        for j, person in enumerate(item):
            place: Steps = (*here, "people", i) if len(item) == 1 else (*here, "people", i, j)
            yield from _known_person(folder, person, file, place)
    starts = to_instant(layer.starts, zone)
    if layer.first_handoff is not None and to_instant(layer.first_handoff, zone) <= starts:
        message = "the first handoff is not after the start: the first turn would have no length"
        yield file, (*here, "first_handoff"), _ERROR, Code.ENDS_BEFORE, message
    if layer.until is not None and to_instant(layer.until, zone) <= starts:
        yield (
            file,
            (*here, "until"),
            _ERROR,
            Code.ENDS_BEFORE,
            "this ends before it starts: nobody is ever on call",
        )


def _client(folder: Folder, client: Client, file: str) -> Iterator[Remark]:
    contract = client.contract
    if contract.team not in folder.teams and folder.has_all_teams:
        remedy = nearest(contract.team, folder.teams)
        yield (
            file,
            ("contract", "team"),
            _ERROR,
            Code.UNKNOWN_TEAM,
            f"unknown team {shown(contract.team)}: {remedy}",
        )
    if contract.ends is not None and contract.ends < contract.starts:
        yield file, ("contract", "to"), _ERROR, Code.ENDS_BEFORE, _ENDS_BEFORE
    for i, span in enumerate(contract.suspensions):
        if span.until is not None and span.until < span.since:
            yield file, ("contract", "suspended", i), _ERROR, Code.ENDS_BEFORE, _ENDS_BEFORE
    seen: set[str] = set()
    for i, integration in enumerate(client.integrations):
        if integration.id in seen:
            message = f"integration {shown(integration.id)} stands here twice: rename one"
            yield file, ("integrations", i, "id"), _ERROR, Code.USED_TWICE, message
        seen.add(integration.id)
    if not client.integrations:
        yield (
            file,
            ("client",),
            _WARNING,
            Code.NO_INTEGRATION,
            "no integration is listed: every call would be refused",
        )
    phones: dict[str, str] = {}
    for i, contact in enumerate(client.contacts):
        if contact.phone and phones.setdefault(contact.phone, contact.name) != contact.name:
            message = f"{contact.phone} is also the phone of {phones[contact.phone]}: only one is recognised"
            yield file, ("contacts", i, "phone"), _WARNING, Code.PHONE_SHARED, message
    if contract.pin_hash is None and not phones:
        message = "no contact has a phone and there is no `pin`: nobody can be verified"
        yield file, ("contacts",), _WARNING, Code.NOBODY_VERIFIED, message


def _guard_lines(folder: Folder) -> Iterator[Remark]:
    lines: dict[str, str] = {}
    phones = {phone: person.id for person in folder.people.values() for phone in person.phones}
    for client in folder.clients.values():
        line, file = client.contract.guard_line, folder.files["client", client.id]
        other = lines.setdefault(line, client.id)
        place: Steps = ("contract", "guard_line")
        if other != client.id:
            message = f"{line} is already the guard line of `{other}`: a line belongs to one contract"
            yield file, place, _ERROR, Code.GUARD_LINE_TWICE, message
        if line in phones:
            message = f"{line} is a phone of `{phones[line]}`: a guard line is nobody's phone"
            yield file, place, _ERROR, Code.GUARD_LINE_TWICE, message


def _unlikely_phones(folder: Folder) -> Iterator[Remark]:
    written: list[tuple[str, Steps, str]] = []
    for person in folder.people.values():
        places: list[Steps] = [("people", person.id, "phones", i) for i in range(len(person.phones))]
        written += [("people.yaml", p, phone) for p, phone in zip(places, person.phones, strict=True)]
    for client in folder.clients.values():
        file = folder.files["client", client.id]
        written.append((file, ("contract", "guard_line"), client.contract.guard_line))
        written += [(file, ("contacts", i), c.phone) for i, c in enumerate(client.contacts) if c.phone]
    for file, here, phone in written:
        if not is_assigned_phone(phone):
            message = f"no numbering plan has a number such as {phone}: check the digits"
            yield file, here, _WARNING, Code.PHONE_UNLIKELY, message


def _known_person(folder: Folder, person: str, file: str, here: Steps) -> Iterator[Remark]:
    if person not in folder.people and folder.has_all_people:
        yield (
            file,
            here,
            _ERROR,
            Code.UNKNOWN_PERSON,
            f"unknown person {shown(person)}: {nearest(person, folder.people)}",
        )
