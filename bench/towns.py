"""Rosters folders to measure with: any number of clients, each with a team and an engineer of its own."""

from dataclasses import dataclass
from pathlib import Path

_SERVICE = """\
working_hours: {days: mon-fri, from: "09:00", to: "18:00", timezone: America/Argentina/Buenos_Aires}
support_center: {name: Aivo Support Center, url: "https://support.example", email: support@aivo.example}
sla:
  blocker: {first_response: 1 hour, resolution: 6 hours}
  high: {first_response: 2 hours, resolution: [8 working hours, 16 hours]}
managers: [boss]
"""
_BOSS = """\
people:
  boss: {name: Lucia Ferrer, phones: ["+5491155599999"], email: lucia@aivo.example, language: es}
"""
_PERSON = """\
  p{n}: {{name: Person {n}, phones: ["{phone}"], email: p{n}@aivo.example, language: es}}
"""
_TEAM = """\
team: t{n}
timezone: America/Argentina/Buenos_Aires
rotations:
  primary: {{people: [p{n}], shift: 1 week, starts: 2026-01-05 09:00}}
escalation:
  - {{page: primary, for: {level}}}
  - {{page: [boss], for: 10 minutes}}
"""
_CLIENT = """\
client: c{n}
name: Client {n}
language: es
contract: {{number: C-{n}, from: 2026-01-01, guard_line: "{line}", team: t{n}}}
contacts:
  - {{name: Contact {n}, phone: "{caller}", email: contact@c{n}.example}}
integrations:
  - {{id: crm, name: CRM, built_by: aivo}}
  - {{id: erp, name: ERP, built_by: client}}
"""


@dataclass(frozen=True, slots=True)
class Client:
    """A client of the town: its guard line, who calls from it, and whose phone rings."""

    line: str
    caller: str
    engineer: str


def write_rosters(folder: Path, clients: int, level: str = "10 minutes") -> list[Client]:
    """Write a folder with ``clients`` contracts; the first level of each lasts ``level``."""
    for name in ("clients", "teams"):
        (folder / name).mkdir(parents=True)
    known = [_client(n) for n in range(clients)]
    people = "".join(_PERSON.format(n=n, phone=client.engineer) for n, client in enumerate(known))
    (folder / "service.yaml").write_text(_SERVICE, "utf-8")
    (folder / "people.yaml").write_text(_BOSS + people, "utf-8")
    for n, client in enumerate(known):
        (folder / "teams" / f"t{n}.yaml").write_text(_TEAM.format(n=n, level=level), "utf-8")
        contract = _CLIENT.format(n=n, line=client.line, caller=client.caller)
        (folder / "clients" / f"c{n}.yaml").write_text(contract, "utf-8")
    return known


def _client(n: int) -> Client:
    return Client(f"+5411526{n:05}", f"+54911556{n:05}", f"+54911555{n:05}")
