"""A small rosters folder in which nothing is wrong, and a way to change one thing in it."""

from pathlib import Path

GOOD = {
    "service.yaml": """\
working_hours: {days: mon-fri, from: "09:00", to: "18:00", timezone: America/Lima, holidays: AR}
support_center: {name: Aivo Support Center, url: "https://support.example", email: support@aivo.example}
sla:
  blocker: {first_response: 1 hour, resolution: 6 hours}
  high: {first_response: 2 hours, resolution: [8 working hours, 16 hours]}
managers: [lucia]
""",
    "people.yaml": """\
people:
  ana:
    name: Ana Paz
    phones: ["+5491155550101", "+541148120101"]
    email: ana@aivo.example
    language: es
    away:
      - {from: 2026-12-20 00:00, to: 2027-01-03 00:00, reason: vacaciones}
  bruno:
    name: Bruno Lima
    phones: ["+5511955550102"]
    language: pt
  carla: {name: Carla Gómez, phones: ["+5491155550103"], language: es}
  lucia: {name: Lucía Ferrer, phones: ["+5491155550105"], language: en}
""",
    "teams/guard.yaml": """\
team: guard
timezone: America/Argentina/Buenos_Aires
rotations:
  primary:
    people: [ana, bruno]
    shift: 1 week
    starts: 2026-01-05 09:00
  backup:
    layers:
      - {people: [carla], shift: 1 week, starts: 2026-01-05 09:00}
overrides:
  - {rotation: primary, person: lucia, from: 2026-12-24 18:00, to: 2026-12-26 09:00, reason: Navidad}
escalation:
  - {page: primary, for: 3 minutes}
  - {page: backup, for: 3 minutes}
  - {page: [lucia], for: 5 minutes}
ring: 25 seconds
""",
    "clients/acme.yaml": """\
client: acme
name: ACME Seguros
language: es
contract:
  number: AIVO-2026-017
  from: 2026-01-01
  to: 2030-12-31
  guard_line: "+541152630001"
  team: guard
contacts:
  - {name: Marta Ruiz, phone: "+5491155550201", email: marta@acme.example}
integrations:
  - {id: crm, name: CRM Salesforce, built_by: aivo}
  - {id: encuestas, name: Encuestas, built_by: self-service}
""",
}


def written(folder: Path, files: dict[str, str] | None = None) -> Path:
    """The folder with these files, or with the good ones."""
    for name, text in (GOOD if files is None else files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def changed(folder: Path, file: str, old: str, new: str) -> Path:
    """The good folder with one thing written differently."""
    assert old in GOOD[file], old
    return written(folder, {**GOOD, file: GOOD[file].replace(old, new, 1)})
