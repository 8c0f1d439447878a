"""A small fictional world for the tests of the core: one client, its people on call, one moment."""

from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType

from oncall.book import Book, Service, SupportCenter
from oncall.contracts import BuiltBy, Client, Contact, Contract, Integration
from oncall.people import Language, Person
from oncall.rosters import Layer, Length, Level, Rotation, Team, Unit
from oncall.sla import Priority, Promise, Promises, WorkingHours

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LINE = "+541152630001"
MARTA = Contact("Marta Ruiz", "+5491155550201", "marta@acme.example")
CRM = Integration("crm", "CRM Salesforce", BuiltBy.AIVO)
BILLING = Integration("billing", "Facturación", BuiltBy.AIVO)
SURVEYS = Integration("encuestas", "Encuestas", BuiltBy.SELF_SERVICE)
ERP = Integration("erp", "ERP propio", BuiltBy.CLIENT)
PAYMENTS = Integration("pagos", "Pagos", BuiltBy.THIRD_PARTY)

ANA = Person("ana", "Ana Paz", ("+5491155550101", "+541148120101"), "ana@aivo.example")
BRUNO = Person("bruno", "Bruno Lima", ("+5511955550102",), "bruno@aivo.example", Language.PT)
LUCIA = Person("lucia", "Lucía Ferrer", ("+5491155550105",), "lucia@aivo.example")


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def client(*integrations: Integration, pin_hash: str | None = "hash of 2580") -> Client:
    contract = Contract(
        "AIVO-2026-017",
        date(2026, 1, 1),
        None,
        LINE,
        pin_hash,
        "integrations",
        "America/Argentina/Buenos_Aires",
    )
    listed = integrations or (CRM, SURVEYS, ERP, PAYMENTS, BILLING)
    return Client("acme", "ACME Seguros", Language.ES, contract, (MARTA,), listed)


def always(*people: str) -> Rotation:
    """A rotation whose first turn lasts for decades: the first of ``people`` is on call."""
    starts = datetime(2020, 1, 1, tzinfo=UTC)
    return Rotation((Layer(tuple((p,) for p in people), Length(3000, Unit.WEEKS), starts),))


def book() -> Book:
    """Ana is paged first for three minutes, then Bruno, then Lucía, who is the manager too."""
    hours = WorkingHours(frozenset(range(5)), time(9), time(18), "America/Argentina/Buenos_Aires")
    promises = {
        Priority.BLOCKER: Promises(Promise(timedelta(hours=1)), Promise(timedelta(hours=6))),
        Priority.HIGH: Promises(
            Promise(timedelta(hours=2)), Promise(timedelta(hours=16), timedelta(hours=8))
        ),
    }
    team = Team(
        "integrations",
        "America/Argentina/Buenos_Aires",
        MappingProxyType({"primary": always("ana"), "backup": always("bruno")}),
        (),
        (Level("primary", seconds(180)), Level("backup", seconds(180)), Level(("lucia",), seconds(300))),
    )
    center = SupportCenter("Aivo Support Center", "https://support.example", "support@aivo.example")
    return Book(
        Service(hours, center, promises, ("lucia",)),
        {person.id: person for person in (ANA, BRUNO, LUCIA)},
        {team.id: team},
        {"acme": client()},
        "book-1",
    )
