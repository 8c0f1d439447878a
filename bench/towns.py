"""Rosters folders to measure with: any number of clients, each with a team and engineers of its own."""

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
  p{n}-{level}: {{name: Person {n}, phones: ["{phone}"], email: p{n}@aivo.example, language: es}}
"""
_TEAM = """\
team: t{n}
timezone: America/Argentina/Buenos_Aires
rotations:
  primary: {{people: [p{n}-0], shift: 1 week, starts: 2026-01-05 09:00}}
escalation:
  - {{page: primary, for: {lasts}}}
"""
_NEXT_LEVEL = """\
  - {{page: [p{n}-{level}], for: {lasts}}}
"""
_CLIENT = """\
client: c{n}
name: Client {n}
language: es
contract: {{number: C-{n}, from: 2026-01-01, guard_line: "{line}", team: t{team}}}
contacts:
  - {{name: Contact {n}, phone: "{caller}", email: contact@c{n}.example}}
integrations:
  - {{id: crm, name: CRM, built_by: aivo}}
  - {{id: erp, name: ERP, built_by: client}}
"""


@dataclass(frozen=True, slots=True)
class Client:
    """A client of the town: its guard line, who calls from it, and whose phones ring, level by level."""

    line: str
    caller: str
    engineers: tuple[str, ...]

    @property
    def engineer(self) -> str:
        return self.engineers[0]


def write_rosters(
    folder: Path, clients: int, lasts: str = "10 minutes", levels: int = 1, teams: int | None = None
) -> list[Client]:
    """Write a folder with ``clients`` contracts; each level of their policies is one person and ``lasts``.

    Each contract has a team of its own, or the first ``teams`` of them serve all in turn.
    """
    for name in ("clients", "teams"):
        (folder / name).mkdir(parents=True)
    known = [_client(n, levels) for n in range(clients)]
    people = "".join(
        _PERSON.format(n=n, level=level, phone=phone)
        for n, client in enumerate(known)
        for level, phone in enumerate(client.engineers)
    )
    (folder / "service.yaml").write_text(_SERVICE, "utf-8")
    (folder / "people.yaml").write_text(_BOSS + people, "utf-8")
    for n, client in enumerate(known):
        later = "".join(_NEXT_LEVEL.format(n=n, level=level, lasts=lasts) for level in range(1, levels))
        (folder / "teams" / f"t{n}.yaml").write_text(_TEAM.format(n=n, lasts=lasts) + later, "utf-8")
        contract = _CLIENT.format(n=n, line=client.line, caller=client.caller, team=n % (teams or clients))
        (folder / "clients" / f"c{n}.yaml").write_text(contract, "utf-8")
    return known


def _client(n: int, levels: int) -> Client:
    engineers = tuple(f"+54911{50 + level}5{n:05}" for level in range(levels))
    return Client(f"+5411526{n:05}", f"+54911599{n:05}", engineers)
