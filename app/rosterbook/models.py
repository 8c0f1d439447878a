"""The shape of the rosters folder: which keys each file has and what may stand there.

The JSON Schema that editors use is made from these models, so that what an
editor accepts is what Guardia reads.
"""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    WithJsonSchema,
    model_validator,
)

from app.locales.voices import USUAL_VOICES, VOICES
from app.rosterbook import words
from app.rosterbook.fields import (
    Day,
    Days,
    Elapsed,
    Email,
    Flag,
    Holidays,
    Id,
    Item,
    Line,
    Moment,
    NotifyUrl,
    Page,
    Percent,
    Phone,
    PinHash,
    SecureUrl,
    Terms,
    TimeOfDay,
    Turn,
    Url,
    WeekMoment,
    Zone,
)
from app.rosterbook.fields import none_yet as _none_yet
from app.rosterbook.fields import written as _written
from app.rosterbook.findings import shown
from oncall.contracts import BuiltBy
from oncall.people import Language
from oncall.rosters import Kind, Window
from oncall.sla import Priority


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WindowText(Strict):
    """A weekly window: on some days from one time to another, or a span of the week."""

    days: Days | None = None
    opens: Annotated[Line, Field(alias="from")]
    closes: Annotated[Line, Field(alias="to")]

    @model_validator(mode="after")
    def _can_be_read(self) -> "WindowText":
        self.windows()
        return self

    def windows(self) -> tuple[Window, ...]:
        if self.days is None:
            return (words.weekly_window(self.opens, self.closes),)
        return words.daily_windows(self.days, self.opens, self.closes)


class TurnsText(Strict):
    """People who take turns: a rotation, or one of its layers."""

    people: Annotated[tuple[Item, ...], Field(min_length=1)]
    shift: Turn
    starts: Moment
    first_handoff: Moment | None = None
    until: Moment | None = None
    active: Annotated[tuple[WindowText, ...], Field(min_length=1)] | None = None
    skip_empty_turns: Flag = False


class LayeredText(Strict):
    """A rotation of several layers; later ones win where they have somebody."""

    layers: Annotated[tuple[TurnsText, ...], Field(min_length=1)]


def _kind_of_rotation(value: Any) -> str:
    return "layered rotation" if isinstance(value, dict) and "layers" in value else "rotation"


RotationText = Annotated[
    Annotated[TurnsText, Tag("rotation")] | Annotated[LayeredText, Tag("layered rotation")],
    Discriminator(_kind_of_rotation),
]


class OverrideText(Strict):
    """A dated exception of one rotation."""

    rotation: Id
    person: Id | None = None
    starts: Annotated[Moment, Field(alias="from")]
    ends: Annotated[Moment, Field(alias="to")]
    kind: Kind = Kind.REPLACE
    instead_of: Id | None = None
    reason: Line | None = None

    @model_validator(mode="after")
    def _names_whom_it_needs(self) -> "OverrideText":
        if self.kind is Kind.REMOVE:
            if self.instead_of is None or self.person is not None:
                raise ValueError("`kind: remove` names nobody but who is removed: `instead_of: ana`")
        elif self.person is None:
            raise ValueError("`person` is missing: add who comes in, as in `person: bruno`")
        elif self.instead_of is not None and self.kind is not Kind.REPLACE:
            raise ValueError(f"`instead_of` means nothing with `kind: {self.kind}`: remove it")
        return self


class LevelText(Strict):
    """Who is paged, and for how long before the next level."""

    page: Page
    lasts: Annotated[Elapsed, Field(alias="for")]


class NoticesText(Strict):
    """How long before a shift begins its holder is told."""

    mail: Elapsed | None = None
    text: Elapsed | None = None


class DrillText(Strict):
    """When the people of a team are paged with a test, and how long a pass counts."""

    every: Elapsed
    at: WeekMoment
    passes_for: Elapsed | None = None

    @model_validator(mode="after")
    def _counts_in_weeks(self) -> "DrillText":
        if not self.every or self.every % timedelta(weeks=1):
            raise ValueError("a drill is held on one day of the week: `every: 4 weeks`")
        return self


class DutyText(Strict):
    """What says who is on call."""

    team: Id
    timezone: Zone
    rotations: Annotated[dict[Id, RotationText], Field(min_length=1)]
    overrides: Annotated[tuple[OverrideText, ...], BeforeValidator(_none_yet)] = ()


class TeamText(DutyText):
    """A team's file: who is on call, and who is paged in which order."""

    escalation: Annotated[tuple[LevelText, ...], Field(min_length=1)]
    ring: Elapsed | None = None
    notices: NoticesText | None = None
    drill: DrillText | None = None


class AwayText(Strict):
    """A span in which somebody takes no turn."""

    starts: Annotated[Moment, Field(alias="from")]
    ends: Annotated[Moment, Field(alias="to")]
    reason: Line | None = None


class AbsencesText(Strict):
    """When somebody takes no turn."""

    away: Annotated[tuple[AwayText, ...], BeforeValidator(_none_yet)] = ()


class PersonText(AbsencesText):
    """Somebody who may be paged."""

    name: Line
    phones: Annotated[tuple[Phone, ...], Field(min_length=1)]
    email: Email | None = None
    language: Language


class PeopleText(Strict):
    """people.yaml: everybody who may be paged."""

    people: dict[Id, PersonText]


class HoursText(Strict):
    """Working days and hours (clause A1)."""

    days: Days
    opens: Annotated[TimeOfDay, Field(alias="from")]
    closes: Annotated[TimeOfDay, Field(alias="to")]
    timezone: Zone
    holidays: Holidays = ()

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> "HoursText":
        if self.closes <= self.opens:
            raise ValueError("working hours end on the day on which they begin: `to` is after `from`")
        return self


class SupportCenterText(Strict):
    """Where everything goes that is not for the guard."""

    name: Line
    url: Url
    email: Email | None = None
    copy_: Annotated[Literal["to", "bcc", "none"], Field(alias="copy")] = "bcc"
    proposals: Url | None = None


class PromisesText(Strict):
    """What is owed for one priority (clauses A2 and A3)."""

    first_response: Terms
    resolution: Terms


class BucketText(Strict):
    """A bucket of an S3-compatible store; its keys are in the settings."""

    name: Line
    endpoint: SecureUrl
    region: Line | None = None
    prefix: Line | None = None


class FallbackText(Strict):
    """Where calls go while the guard is down: documents that another web server serves."""

    url: SecureUrl
    folder: Line | None = None
    bucket: BucketText | None = None

    @model_validator(mode="after")
    def _is_put_in_one_place(self) -> "FallbackText":
        if (self.folder is None) == (self.bucket is None):
            raise ValueError("the documents go into a `folder` or into a `bucket`: name one of the two")
        return self


class ShelfText(Strict):
    """Where sounds and files are kept; in the database if this is left out."""

    folder: Line | None = None
    bucket: BucketText | None = None

    @model_validator(mode="after")
    def _is_one_place(self) -> "ShelfText":
        if (self.folder is None) == (self.bucket is None):
            raise ValueError("what is kept goes into a `folder` or into a `bucket`: name one of the two")
        return self


_Steps = Annotated[dict[Percent, tuple[Id, ...]], Field(max_length=9)]


class WarningsText(Strict):
    """Who hears that a promise is about to be broken, for each share of its time."""

    first_response: _Steps | None = None
    resolution: _Steps | None = None

    @model_validator(mode="after")
    def _nobody_holds_what_nobody_took(self) -> "WarningsText":
        if any("holder" in told for told in (self.first_response or {}).values()):
            raise ValueError("before the first response nobody holds the incident: leave `holder` out there")
        return self


class TicketWebhookText(Strict):
    """Where a ticket system hears of each case; the secret is in the settings."""

    url: SecureUrl


class RecordingsText(Strict):
    """Whether conversations are recorded too, and how long sounds are kept from the day they were made."""

    kept: Elapsed | None = None
    conversations: Flag = False


class PersonalDataText(Strict):
    """How long names, numbers and texts of a case are kept after it is closed; for good if left out."""

    kept: Elapsed


class CaseworkText(Strict):
    """How an engineer's written work on a case is waited for and asked for."""

    wait_limit: Elapsed | None = None
    ask_after: Elapsed | None = None
    ask_again: Elapsed | None = None
    reopens_within: Elapsed | None = None


def _voices(language: str) -> tuple[PlainValidator, WithJsonSchema]:
    known = sorted(VOICES[language])

    def read(name: str) -> str:
        if name not in known:
            raise ValueError(f"{shown(name)} is no voice for {language}: one of {', '.join(known)}")
        return name

    return PlainValidator(_written(read)), WithJsonSchema({"type": "string", "enum": known})


_read_es, _es_schema = _voices("es")
_read_pt, _pt_schema = _voices("pt")
_read_en, _en_schema = _voices("en")


class VoicesText(Strict):
    """Which of Twilio's voices speaks each language; a voice that does not speak it would stay silent."""

    es: Annotated[str, _read_es, _es_schema] = USUAL_VOICES["es"]
    pt: Annotated[str, _read_pt, _pt_schema] = USUAL_VOICES["pt"]
    en: Annotated[str, _read_en, _en_schema] = USUAL_VOICES["en"]


class SyntheticText(Strict):
    """When a guard line is dialled by ourselves and its menu walked to the end."""

    every: Elapsed | None = None
    at: WeekMoment

    @model_validator(mode="after")
    def _counts_in_weeks(self) -> "SyntheticText":
        if self.every is not None and (not self.every or self.every % timedelta(weeks=1)):
            raise ValueError("the call is made on one day of the week: `every: 1 week`")
        return self


class SilenceText(Strict):
    """Without any sign of who has an incident of this priority, they are called."""

    blocker: Elapsed | None = None
    high: Elapsed | None = None


class HolderText(Strict):
    """How long nothing need be heard from who has an incident."""

    ask_again: Elapsed | None = None
    sign_of_life: SilenceText | None = None
    reply: Elapsed | None = None


class ServiceText(Strict):
    """service.yaml: hours, Support Center, promises and managers."""

    working_hours: HoursText
    support_center: SupportCenterText
    sla: dict[Priority, PromisesText] = Field(default_factory=dict)
    managers: Annotated[tuple[Id, ...], Field(min_length=1)]
    longest_wait: Elapsed | None = None
    voices: VoicesText = VoicesText()
    fallback: FallbackText | None = None
    shelf: ShelfText | None = None
    warnings: WarningsText | None = None
    notify: Annotated[tuple[NotifyUrl, ...], BeforeValidator(_none_yet)] = ()
    anchors: Annotated[tuple[Email, ...], BeforeValidator(_none_yet)] = ()
    ticket_webhook: TicketWebhookText | None = None
    recordings: RecordingsText | None = None
    personal_data: PersonalDataText | None = None
    casework: CaseworkText | None = None
    synthetic: SyntheticText | None = None
    holder: HolderText | None = None


class SuspensionText(Strict):
    """Days on which a contract is not in force."""

    starts: Annotated[Day, Field(alias="from")]
    ends: Annotated[Day | None, Field(alias="to")] = None
    reason: Line | None = None


class ContractText(Strict):
    """The 24x7 integrations agreement of a client."""

    number: Line
    starts: Annotated[Day, Field(alias="from")]
    ends: Annotated[Day | None, Field(alias="to")] = None
    guard_line: Phone
    pin: PinHash | None = None
    team: Id
    timezone: Zone | None = None
    suspended: Annotated[tuple[SuspensionText, ...], BeforeValidator(_none_yet)] = ()


class ContactText(Strict):
    """A person of the client who may call."""

    name: Line
    phone: Phone | None = None
    email: Email | None = None


class IntegrationText(Strict):
    """A connection between Aivo's products and another system."""

    id: Id
    name: Line
    built_by: BuiltBy


class ClientText(Strict):
    """A client's file."""

    client: Id
    name: Line
    language: Language
    contract: ContractText
    contacts: Annotated[tuple[ContactText, ...], BeforeValidator(_none_yet)] = ()
    integrations: Annotated[tuple[IntegrationText, ...], BeforeValidator(_none_yet)] = ()
