"""From the files as written to the values of the domain."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from app.rosterbook.findings import nearest, shown
from app.rosterbook.models import (
    AbsencesText,
    BucketText,
    CaseworkText,
    ClientText,
    DrillText,
    DutyText,
    FallbackText,
    HolderText,
    HoursText,
    LayeredText,
    NoticesText,
    OverrideText,
    PersonText,
    RecordingsText,
    ServiceText,
    ShelfText,
    SilenceText,
    SyntheticText,
    TeamText,
    TurnsText,
    WarningsText,
)
from app.rosterbook.words import day, promise, term
from oncall.book import (
    RECORDINGS_KEPT,
    Bucket,
    Casework,
    Fallback,
    Holding,
    Service,
    Shelving,
    SupportCenter,
    Synthetic,
)
from oncall.breaches import Warnings
from oncall.contracts import Client, Contact, Contract, Integration, Suspension
from oncall.intake import LONGEST_WAIT
from oncall.people import Away, Person
from oncall.rosters import DEFAULT_RING, Drills, Layer, Level, Notices, Override, Rotation, Team, to_instant
from oncall.sla import Priority, Promises, WorkingHours

HOLIDAY_YEARS = range(2020, 2051)
_USUAL = {
    Priority.BLOCKER: ("1 hour", ("6 hours",)),
    Priority.HIGH: ("2 hours", ("8 working hours", "16 hours")),
    Priority.MEDIUM: ("4 working hours", ("5 working days",)),
    Priority.LOW: ("4 working hours", ("5 working days",)),
}


def person(id: str, text: PersonText) -> Person:
    return Person(id, text.name, text.phones, text.email, text.language, _away(text))


def person_on_duty(id: str, name: Any, text: AbsencesText) -> Person:
    """Somebody of whom only the absences can be read: enough to say who is on call."""
    return Person(id, name if isinstance(name, str) and name.strip() else id, (), away=_away(text))


def _away(text: AbsencesText) -> tuple[Away, ...]:
    return tuple(Away(a.starts, a.ends, a.reason or "") for a in text.away)


def team(text: DutyText) -> Team:
    zone = ZoneInfo(text.timezone)
    full = text if isinstance(text, TeamText) else None
    return Team(
        id=text.team,
        timezone=text.timezone,
        rotations={name: _rotation(r) for name, r in text.rotations.items()},
        overrides=tuple(_override(o, zone) for o in text.overrides),
        escalation=tuple(Level(level.page, level.lasts) for level in full.escalation) if full else (),
        ring=(full.ring if full else None) or DEFAULT_RING,
        notices=_notices(full.notices) if full and full.notices else Notices(),
        drill=_drill(full.drill) if full and full.drill else None,
    )


def _drill(text: DrillText) -> Drills:
    """A pass counts until the next drill and half as long again, unless the file says how long."""
    return Drills(text.every, text.at, text.passes_for or text.every * 3 / 2)


def _notices(text: NoticesText) -> Notices:
    usual = Notices()
    return Notices(text.mail or usual.mail, text.text or usual.text)


def _rotation(text: TurnsText | LayeredText) -> Rotation:
    layers = text.layers if isinstance(text, LayeredText) else (text,)
    return Rotation(tuple(_layer(layer) for layer in layers))


def _layer(text: TurnsText) -> Layer:
    return Layer(
        people=text.people,
        shift=text.shift,
        starts=text.starts,
        first_handoff=text.first_handoff,
        until=text.until,
        active=None if text.active is None else tuple(w for window in text.active for w in window.windows()),
        skip_empty_turns=text.skip_empty_turns,
    )


def _override(text: OverrideText, zone: ZoneInfo) -> Override:
    return Override(
        rotation=text.rotation,
        start=to_instant(text.starts, zone),
        end=to_instant(text.ends, zone),
        person=text.person,
        instead_of=text.instead_of,
        kind=text.kind,
        reason=text.reason or "",
    )


def client(text: ClientText, zone_of_team: Mapping[str, str]) -> Client:
    terms = text.contract
    contract = Contract(
        number=terms.number,
        starts=terms.starts,
        ends=terms.ends,
        guard_line=terms.guard_line,
        pin_hash=terms.pin,
        team=terms.team,
        timezone=terms.timezone or zone_of_team.get(terms.team, "UTC"),
        suspensions=tuple(Suspension(s.starts, s.ends, s.reason or "") for s in terms.suspended),
    )
    contacts = tuple(Contact(c.name, c.phone, c.email) for c in text.contacts)
    integrations = tuple(Integration(i.id, i.name, i.built_by) for i in text.integrations)
    return Client(text.client, text.name, text.language, contract, contacts, integrations)


def service(text: ServiceText) -> Service:
    """Raises ``ValueError`` where the holidays are those of no country we know."""
    center = text.support_center
    recordings = text.recordings or RecordingsText()
    length = _working_day(text.working_hours)
    promises = {
        priority: Promises(promise((term(first),), length), promise(tuple(map(term, last)), length))
        for priority, (first, last) in _USUAL.items()
    }
    for priority, owed in text.sla.items():
        promises[priority] = Promises(promise(owed.first_response, length), promise(owed.resolution, length))
    return Service(
        working_hours=_working_hours(text.working_hours),
        support_center=SupportCenter(center.name, center.url, center.email, center.copy_, center.proposals),
        promises=promises,
        managers=tuple(dict.fromkeys(text.managers)),
        fallback=_fallback(text.fallback) if text.fallback else None,
        shelf=_shelf(text.shelf) if text.shelf else Shelving(),
        warnings=_warnings(text.warnings) if text.warnings else Warnings(),
        notify=tuple(dict.fromkeys(text.notify)),
        anchors=tuple(dict.fromkeys(text.anchors)),
        ticket_webhook=text.ticket_webhook.url if text.ticket_webhook else None,
        personal_data_kept=text.personal_data.kept if text.personal_data else None,
        synthetic=_synthetic(text.synthetic) if text.synthetic else None,
        recordings_kept=RECORDINGS_KEPT if recordings.kept is None else recordings.kept,
        conversations_recorded=recordings.conversations,
        casework=_casework(text.casework) if text.casework else Casework(),
        longest_wait=text.longest_wait or LONGEST_WAIT,
        voices=text.voices.model_dump(),
        holding=_holding(text.holder) if text.holder else Holding(),
    )


def _holding(text: HolderText) -> Holding:
    usual = Holding()
    silence = text.sign_of_life or SilenceText()
    return Holding(
        text.ask_again or usual.ask_again,
        {
            Priority.BLOCKER: silence.blocker or usual.sign_of_life[Priority.BLOCKER],
            Priority.HIGH: silence.high or usual.sign_of_life[Priority.HIGH],
        },
        text.reply or usual.reply,
    )


def _warnings(text: WarningsText) -> Warnings:
    """A clock that is left out is warned of as usual; with ``{}``, not at all."""
    usual = Warnings()
    first, last = text.first_response, text.resolution
    return Warnings(
        usual.first_response if first is None else _steps(first),
        usual.resolution if last is None else _steps(last),
    )


def _steps(text: Mapping[str, tuple[str, ...]]) -> dict[int, tuple[str, ...]]:
    return {int(share.removesuffix("%")): tuple(dict.fromkeys(told)) for share, told in text.items()}


def _casework(text: CaseworkText) -> Casework:
    given = {name: length for name, length in text if length is not None}
    return replace(Casework(), **given)


def _fallback(text: FallbackText) -> Fallback:
    url = text.url.rstrip("/")
    return Fallback(url, folder=text.folder, bucket=_bucket(text.bucket) if text.bucket else None)


def _synthetic(text: SyntheticText) -> Synthetic:
    return Synthetic(text.every or timedelta(weeks=1), text.at)


def _shelf(text: ShelfText) -> Shelving:
    return Shelving(folder=text.folder, bucket=_bucket(text.bucket) if text.bucket else None)


def _bucket(text: BucketText) -> Bucket:
    return Bucket(text.name, text.endpoint, text.region, (text.prefix or "").strip("/"))


def _working_day(text: HoursText) -> timedelta:
    opens, closes = (datetime.combine(date.min, t, UTC) for t in (text.opens, text.closes))
    return closes - opens


def _working_hours(text: HoursText) -> WorkingHours:
    days = frozenset(named_holidays(text.holidays))
    countries = [h[:2] for h in text.holidays if h[:2].isalpha()]
    return WorkingHours(
        text.days, text.opens, text.closes, text.timezone, days, countries[0] if countries else ""
    )


def named_holidays(written: Iterable[str]) -> dict[date, str]:
    """The days that ``AR``, ``BR-SP`` or ``2026-12-24`` stand for, with their names."""
    found: dict[date, str] = {}
    for item in written:
        if item[:1].isdigit():
            found[day(item)] = "holiday"
        else:
            found.update(_holidays_of(item))
    return found


@lru_cache(maxsize=64)
def _holidays_of(code: str) -> dict[date, str]:
    import holidays  # only here: not all rosters name a country

    country, _, subdivision = code.partition("-")
    known = holidays.list_supported_countries()
    if country not in known:
        raise ValueError(f"no holidays are known for {shown(country)}: write a country's code such as `AR`")
    if subdivision and subdivision not in known[country]:
        raise ValueError(
            f"{country} has no part {shown(subdivision)}: {nearest(subdivision, known[country])}"
        )
    # In the country's own words, whatever the language of the machine is.
    own = holidays.country_holidays(country).default_language
    named = holidays.country_holidays(country, subdiv=subdivision or None, years=HOLIDAY_YEARS, language=own)
    return dict(named)
