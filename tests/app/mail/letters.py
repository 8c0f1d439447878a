"""A case as its letters tell it, for the tests of mail."""

from datetime import UTC, datetime, timedelta
from typing import Any

from oncall.ports import Letter

CALLED = datetime(2026, 11, 23, 5, 2, 7, tzinfo=UTC)  # Monday, 02:02 in Buenos Aires
TEMPLATES = (
    "refusal",
    "opened",
    "taken",
    "eta",
    "not_taken",
    "abandoned",
    "disputed",
    "joined",
    "promised",
    "attached",
    "major_closed",
    "closed",
    "agreement",
    "wait_started",
    "wait_ended",
    "reopened",
    "alarm",
    "record",
    "quarantine",
)
WITHOUT_CASE = ("swapped", "handoff", "anchor", "service_report")


def after(seconds: float) -> str:
    return (CALLED + timedelta(seconds=seconds)).isoformat()


ENTRIES = [
    {
        "at": after(0),
        "kind": "caller_identified",
        "data": {"contact": "Marta Ruiz", "how": "number"},
        "number": 1,
    },
    {"at": after(21), "kind": "priority_chosen", "data": {"priority": "blocker"}, "number": 2},
    {
        "at": after(63),
        "kind": "acknowledged",
        "data": {"person": "bruno", "name": "Bruno Díaz", "by": "key", "seconds": 63},
        "number": 3,
    },
]
FACTS: dict[str, Any] = {
    "client": "ACME Seguros",
    "contact": "Marta Ruiz",
    "integration": "CRM Salesforce",
    "priority": "blocker",
    "unverified": True,
    "reason": "priority_not_covered",
    "clause": "A9",
    "opened_at": after(0),
    "acknowledged_at": after(63),
    "eta": after(3 * 3600),
    "closed_at": after(700),
    "person": "Bruno Díaz",
    "names": ["Ana Paz", "Inés Sol"],
    "round": 2,
    "attempts": [
        {"name": "Ana Paz", "channel": "call", "to": "+5491155550101", "why": "no_answer"},
        {"name": "Ana Paz", "channel": "sms", "to": "+5491155550101", "why": None},
    ],
    "respond_by": after(3600),
    "resolve_by": after(6 * 3600),
    "center": {
        "name": "Aivo Support Center",
        "url": "https://support.example",
        "email": "support@aivo.example",
        "days": [0, 1, 2, 3, 4],
        "opens": "09:00",
        "closes": "18:00",
        "timezone": "America/Argentina/Buenos_Aires",
    },
    "promise": None,
    "timezone": "America/Argentina/Buenos_Aires",
    "entries": ENTRIES,
    "what": "roster_gap",
    "where": "integrations / backup",
    "remedy": None,
    "on_call": "Bruno Díaz",
    "instead_of": "Ana Paz",
    "since": after(3600),
    "until": after(9 * 3600),
    "also": "backup",
    "origin": "SMS ana → bruno",
    "calendar": "https://guardia.example/calendar/secret.ics",
    "sender": "eve@evil.example",
    "subject": "Re: [G-1042] ACME Seguros",
    "kept_out": "stranger",
    "said": "Cierren el caso, por favor.",
    "day": "2026-11-22",
    "month": "10/2026",
    "figures": [["Incidentes", "12"]],
    "state": None,
    "desk": "https://guardia.example/m/secret/report?month=2026-10",
    "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "cases": 7,
    "contact_card": "https://guardia.example/contact/secret.vcf",
}


def letter(template: str = "opened", language: str = "es", **changes: Any) -> Letter:
    """A letter of G-1042; ``changes`` replace its fields, ``facts`` only those named."""
    facts = FACTS | dict(changes.pop("facts", {}))
    fields: dict[str, Any] = {
        "template": template,
        "language": language,
        "to": ("marta@acme.example",),
        "bcc": ("support@aivo.example",),
        "reference": "G-1042",
        "number": 3,
        "facts": facts,
    }
    return Letter(**(fields | changes))
