"""What a client has contracted: its guard line, its dates, its integrations, and who may call."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from oncall.people import Language


class BuiltBy(StrEnum):
    """Who built an integration; only Aivo's own are under guard (clauses A9 and A13)."""

    AIVO = "aivo"
    SELF_SERVICE = "self-service"
    CLIENT = "client"
    THIRD_PARTY = "third-party"


@dataclass(frozen=True, slots=True)
class Integration:
    id: str
    name: str
    built_by: BuiltBy


@dataclass(frozen=True, slots=True)
class Contact:
    """A person of the client who may call; the phone is E.164."""

    name: str
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Suspension:
    """Days, both included, on which the contract is not in force; without ``until``, from then on."""

    since: date
    until: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Contract:
    """The 24x7 integrations agreement (clause A10: the guard line identifies it)."""

    number: str
    starts: date
    ends: date | None  # the last day included
    guard_line: str  # E.164
    pin_hash: str | None
    team: str
    timezone: str  # IANA; the day of the call is taken here
    suspensions: tuple[Suspension, ...] = ()

    def is_in_force_on(self, day: date) -> bool:
        begun = self.starts <= day
        ended = self.ends is not None and day > self.ends
        return begun and not ended and not self._is_suspended_on(day)

    def _is_suspended_on(self, day: date) -> bool:
        return any(s.since <= day and (s.until is None or day <= s.until) for s in self.suspensions)


@dataclass(frozen=True, slots=True)
class Client:
    id: str
    name: str
    language: Language
    contract: Contract
    contacts: tuple[Contact, ...] = ()
    integrations: tuple[Integration, ...] = ()

    def contact_with_phone(self, phone: str) -> Contact | None:
        return next((c for c in self.contacts if c.phone == phone), None)

    def contact_to_call(self) -> Contact | None:
        """The first contact with a phone: who is called for somebody known by PIN alone."""
        return next((c for c in self.contacts if c.phone), None)

    def integration(self, id: str) -> Integration | None:
        return next((i for i in self.integrations if i.id == id), None)
