"""The grammar of the record: every kind of entry, what it must and may hold, and who may be its actor.

``GRAMMAR`` is the table. A fact that is ``personal`` can be erased on request:
the chain holds a salted digest of it. A fact that is ``maybe`` may be missing
or null. What is free text may hold anybody's name, so it is personal.

A draft that does not fit is still written (a wrong word never loses a page) and
logged as an error, which no test lets pass. What a kind that is not here holds
counts as personal, all of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from oncall.record.chain import Draft

# Who may have done it. Everybody else is a person of the rosters folder, by id.
GUARDIA, CALLER, CLIENT, PERSON = "guardia", "caller", "client", "person"
_ANYBODY = frozenset({GUARDIA, CALLER, CLIENT, PERSON})


@dataclass(frozen=True, slots=True)
class Fact:
    """What one field of an entry's data is."""

    types: tuple[type, ...]
    is_maybe: bool = False
    is_personal: bool = False

    @property
    def maybe(self) -> "Fact":
        return replace(self, is_maybe=True)

    @property
    def personal(self) -> "Fact":
        return replace(self, is_personal=True)

    def fits(self, value: object) -> bool:
        if value is None:
            return self.is_maybe
        if isinstance(value, bool) and bool not in self.types:
            return False
        return isinstance(value, self.types)


TEXT = Fact((str,))
COUNT = Fact((int,))
LENGTH = Fact((int, float))  # seconds
FLAG = Fact((bool,))
LIST = Fact((list, tuple))
TABLE = Fact((dict,))
MOMENT = TEXT  # ISO 8601, with its offset


@dataclass(frozen=True, slots=True)
class Form:
    """What a kind of entry holds, and who may have done it."""

    actors: frozenset[str]
    facts: Mapping[str, Fact]

    @property
    def personal(self) -> tuple[str, ...]:
        return tuple(name for name, fact in self.facts.items() if fact.is_personal)


def _by(*actors: str, **facts: Fact) -> Form:
    return Form(frozenset(actors), MappingProxyType(facts))


_NAME = {"person": TEXT, "name": TEXT.personal}
# ``phone``: which of the person's it is, from 2 on; the first is not told apart.
_PHONE = {**_NAME, "to": TEXT.personal, "phone": COUNT.maybe}
_PAGE = {**_PHONE, "channel": TEXT}
_MAIL = {
    "template": TEXT,
    "to": LIST.personal,
    "bcc": LIST.personal.maybe,
    "files": LIST.personal.maybe,
}

_SAID = TEXT.personal.maybe
_CLOSURE = {
    **dict.fromkeys(("cause", "done", "explanation", "owner", "told"), _SAID),
    **dict.fromkeys(("request", "response", "notice", "evidence"), _SAID),
    "window_from": MOMENT.maybe,
    "window_to": MOMENT.maybe,
    "files": LIST.personal.maybe,
    "duplicate_of": TEXT.maybe,
    "clause": TEXT.maybe,
}

GRAMMAR: Mapping[str, Form] = MappingProxyType(
    {
        # --- the caller ---
        "call_arrived": _by(CALLER, line=TEXT, caller=TEXT.personal, withheld=FLAG, attestation=TEXT.maybe),
        "caller_identified": _by(GUARDIA, CALLER, contact=TEXT.personal, how=TEXT),
        "pin_rejected": _by(CALLER, tries=COUNT),
        "integration_chosen": _by(
            CALLER, integration=TEXT.maybe, name=TEXT.maybe, contact=TEXT.personal.maybe
        ),
        "integration_unclear": _by(CALLER),
        "priority_chosen": _by(CALLER, priority=TEXT, contact=TEXT.personal.maybe),
        "priority_unclear": _by(CALLER),
        "contract_unreadable": _by(GUARDIA),
        "problem_described": _by(CALLER, seconds=LENGTH, sha256=TEXT.maybe),
        "callback_asked": _by(CALLER, to=TEXT.personal.maybe, contact=TEXT.personal.maybe),
        "callback_promised": _by(
            GUARDIA,
            to=TEXT.personal,
            contact=TEXT.personal.maybe,
            promised_by=MOMENT.maybe,
            name=TEXT.personal.maybe,
        ),
        "told_closed": _by(GUARDIA),
        "recording_refused": _by(CALLER),
        "message_left": _by(CALLER, seconds=LENGTH, sha256=TEXT.maybe),
        "message_missing": _by(GUARDIA, CALLER),
        "recording_kept": _by(GUARDIA, seconds=LENGTH, sha256=TEXT),
        "recording_absent": _by(GUARDIA),
        "recording_began": _by(GUARDIA),
        "conversation_kept": _by(GUARDIA, seconds=LENGTH, sha256=TEXT),
        "conversation_unrecorded": _by(GUARDIA, code=TEXT),
        "recording_discarded": _by(GUARDIA),
        "recording_too_large": _by(GUARDIA, seconds=LENGTH),
        "recording_delayed": _by(GUARDIA, seconds=LENGTH, code=TEXT),
        "recording_removed": _by(GUARDIA, sha256=TEXT.maybe),
        "caller_hung_up": _by(CALLER, contact=TEXT.personal.maybe),
        # --- what managers publish ---
        "notice_published": _by(
            GUARDIA, PERSON, notice=COUNT, text=TEXT.personal, until=MOMENT, name=TEXT.personal
        ),
        "notice_ended": _by(
            GUARDIA, PERSON, notice=COUNT, name=TEXT.personal.maybe, with_incident=FLAG.maybe
        ),
        "notice_told": _by(GUARDIA, notice=COUNT, text=TEXT.personal),
        "attached": _by(CALLER, reference=TEXT, notice=COUNT),
        "caller_attached": _by(GUARDIA, reference=TEXT),
        "major_closed": _by(GUARDIA, reference=TEXT),
        "joined": _by(CALLER, caller=TEXT.personal),
        # --- what the call became ---
        "opened": _by(
            GUARDIA,
            priority=TEXT.maybe,
            integration=TEXT.maybe,
            client=TEXT.maybe,
            respond_by=MOMENT.maybe,
            resolve_by=MOMENT.maybe,
            unverified=FLAG,
            promised=TABLE.maybe,
        ),
        "refused": _by(GUARDIA, reason=TEXT),
        "abandoned": _by(CALLER),
        "disputed": _by(CALLER),
        "dispute_judged": _by(PERSON, **_NAME, verdict=TEXT, note=TEXT.personal.maybe),
        "seen_by_fallback": _by(GUARDIA, seconds=LENGTH, person=TEXT.maybe, name=TEXT.personal.maybe),
        # --- paging ---
        "level_began": _by(
            GUARDIA, round=COUNT, level=COUNT, people=LIST.personal, rotation=TEXT.maybe, roster=TEXT.maybe
        ),
        "level_empty": _by(GUARDIA, round=COUNT, level=COUNT, rotation=TEXT.maybe),
        "roster_gap": _by(GUARDIA, team=TEXT, rotation=TEXT),
        "round_ended": _by(GUARDIA, round=COUNT),
        "stood_still": _by(GUARDIA, seconds=LENGTH),
        "page_asked": _by(PERSON, **_NAME),
        "page_requested": _by(GUARDIA, **_PAGE, roster=TEXT.maybe),
        "page_delayed": _by(GUARDIA, **_NAME, seconds=LENGTH),
        "page_ringing": _by(GUARDIA, **_PHONE),
        "page_answered": _by(GUARDIA, **_PHONE),
        "page_adopted": _by(GUARDIA, **_PHONE),
        "page_failed": _by(GUARDIA, **_PAGE, why=TEXT, code=TEXT.maybe),
        "page_cancelled": _by(GUARDIA, **_PAGE, why=TEXT.maybe),
        "page_passed": _by(PERSON, **_NAME, by=TEXT),
        "page_joined": _by(GUARDIA, **_NAME, **{"with": TEXT}),
        # --- the incident in somebody's hands ---
        "acknowledged": _by(PERSON, **_NAME, by=TEXT, seconds=LENGTH, again=FLAG.maybe),
        "late_key": _by(PERSON, **_NAME, taken_by=TEXT.personal),
        "connected": _by(GUARDIA, **_NAME),
        "not_connected": _by(GUARDIA, **_NAME),
        "client_called": _by(PERSON, **_NAME, to=TEXT.personal.maybe, contact=TEXT.personal.maybe),
        "client_not_reached": _by(PERSON, **_NAME, why=TEXT.maybe, code=TEXT.maybe),
        "conversation_left": _by(PERSON, **_NAME),
        "conversation_ended": _by(PERSON, by=TEXT.maybe, person=TEXT.maybe, name=TEXT.personal.maybe),
        "disposition": _by(PERSON, **_NAME, answer=TEXT),
        "closed": _by(PERSON, person=TEXT.maybe, name=TEXT.personal.maybe, how=TEXT, **_CLOSURE),
        "closure_completed": _by(PERSON, **_NAME, how=TEXT, **_CLOSURE),
        "eta_given": _by(PERSON, **_NAME, eta=MOMENT, by=TEXT),
        "asked_again": _by(GUARDIA, **_NAME),
        "no_sign_of_life": _by(GUARDIA, **_NAME, seconds=LENGTH),
        "still_on_it": _by(PERSON, **_NAME),
        "holder_silent": _by(GUARDIA, **_NAME, seconds=LENGTH),
        "client_on_hold": _by(PERSON, **_NAME),
        "client_off_hold": _by(PERSON, **_NAME),
        "side_called": _by(GUARDIA, PERSON, **_PHONE, purpose=TEXT, by=TEXT),
        "side_failed": _by(GUARDIA, **_PHONE, purpose=TEXT, why=TEXT, code=TEXT.maybe),
        "side_declined": _by(PERSON, **_NAME, purpose=TEXT),
        "side_joined": _by(PERSON, **_NAME, purpose=TEXT),
        "side_left": _by(PERSON, **_NAME, purpose=TEXT),
        "side_unreached": _by(GUARDIA, purpose=TEXT),
        # --- in writing ---
        "note": _by(*_ANYBODY, **_NAME, text=TEXT.personal, message_id=TEXT.maybe, sha256=TEXT.maybe),
        "agreement": _by(
            PERSON,
            **_NAME,
            agreed=TEXT.personal,
            whom=TEXT.personal,
            channel=TEXT,
            until=MOMENT.maybe,
        ),
        "agreement_asked": _by(GUARDIA, **_NAME),
        "closure_asked": _by(GUARDIA, **_NAME),
        "wait_started": _by(
            PERSON,
            **_NAME,
            party=TEXT,
            asked=TEXT.personal,
            whom=TEXT.personal,
            channel=TEXT,
            since=MOMENT.maybe,
            until=MOMENT.maybe,
        ),
        "wait_ended": _by(
            *_ANYBODY,
            person=TEXT.maybe,
            name=TEXT.personal.maybe,
            wait=COUNT,
            ended_by=TEXT,
            ended_at=MOMENT.maybe,
        ),
        "file_attached": _by(
            *_ANYBODY,
            person=TEXT.maybe,
            person_name=TEXT.personal.maybe,
            name=TEXT.personal,
            size=COUNT,
            sha256=TEXT,
        ),
        "file_erased": _by(GUARDIA, sha256=TEXT),
        "correction": _by(PERSON, **_NAME, entry=COUNT, text=TEXT.personal, withdrawn=FLAG.maybe),
        "reopened": _by(*_ANYBODY),
        "relates_to": _by(*_ANYBODY, reference=TEXT, closed_at=MOMENT.maybe),
        "mailed": _by(GUARDIA, **_MAIL, message_id=TEXT.maybe, sha256=TEXT.maybe),
        "mail_failed": _by(GUARDIA, **_MAIL, why=TEXT.personal),
        "replied": _by(
            CLIENT,
            name=TEXT.personal,
            text=TEXT.personal,
            message_id=TEXT,
            sha256=TEXT,
            left_out=LIST.personal.maybe,
        ),
        "mail_quarantined": _by(GUARDIA, sender=TEXT.personal, why=TEXT, message_id=TEXT, sha256=TEXT),
        "mail_bounced": _by(GUARDIA, to=LIST.personal, why=TEXT.personal, message_id=TEXT, sha256=TEXT),
        "chat_told": _by(GUARDIA, template=TEXT, channel=TEXT),
        "chat_failed": _by(GUARDIA, template=TEXT, channel=TEXT, why=TEXT.personal),
        "breach_near": _by(GUARDIA, clock=TEXT, percent=COUNT, due_at=MOMENT, told=LIST.personal),
        "ticket_failed": _by(GUARDIA, first=COUNT, last=COUNT, why=TEXT),
        "texted": _by(GUARDIA, **_PHONE),
        "text_failed": _by(GUARDIA, **_PHONE, code=TEXT.maybe),
        # --- what went wrong ---
        "provider_error": _by(GUARDIA, what=TEXT, code=TEXT),
        "internal_error": _by(GUARDIA, where=TEXT),
        "unexpected": _by(GUARDIA, PERSON, event=TEXT),
        "hold_set": _by(GUARDIA, why=TEXT.personal),
        "hold_released": _by(GUARDIA),
        # --- the record itself: of which entries which fields were erased, and on what ground ---
        "erased": _by(GUARDIA, fields=TABLE, count=COUNT, ground=TEXT, rests=TABLE.maybe),
    }
)


def personal_fields(draft: Draft) -> tuple[str, ...]:
    """The fields of a draft that can be erased, and so get a salt."""
    form = GRAMMAR.get(draft.kind)
    if form is None:
        return tuple(draft.data)
    return tuple(name for name in form.personal if name in draft.data)


def misfits(draft: Draft) -> list[str]:
    """What of a draft does not fit the grammar, each in words for us; empty when all fits."""
    form = GRAMMAR.get(draft.kind)
    if form is None:
        return [f"the grammar has no entry of kind {draft.kind!r}"]
    facts, data = form.facts, draft.data
    found = [f"{n} is missing" for n, fact in facts.items() if not fact.is_maybe and n not in data]
    found += [f"{name} is not of this kind" for name in data if name not in facts]
    found += [
        f"{name} may not be {type(value).__name__}"
        for name, value in data.items()
        if name in facts and not facts[name].fits(value)
    ]
    if _role(draft.actor) not in form.actors:
        found.append(f"{draft.actor} may not be its actor")
    return found


def _role(actor: str) -> str:
    return actor if actor in _ANYBODY else PERSON
