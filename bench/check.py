"""What `guardia check` does with a large folder: 20 teams, 100 people, 200 clients, proven for 13 weeks.

The reference is the reading alone of the same files by the YAML library.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from ruamel.yaml import YAML

from app.rosterbook import read
from app.rosterbook.proof import prove
from bench.harness import Progress, Result, milliseconds, percentile

TIMES = 5
TARGET_S = 2.0
_START = datetime(2026, 11, 23, 12, tzinfo=UTC)
_SERVICE = """\
working_hours: {days: mon-fri, from: "09:00", to: "18:00", timezone: America/New_York, holidays: US}
support_center: {name: Support, url: "https://support.example", email: support@aivo.example}
sla:
  blocker: {first_response: 1 hour, resolution: 6 hours}
  high: {first_response: 2 hours, resolution: [8 working hours, 16 hours]}
managers: [p0]
"""
_TEAM = """\
team: t{n}
timezone: America/New_York
rotations:
  primary: {{people: [{own}], shift: 12 hours, starts: 2026-01-05 09:00}}
  backup: {{people: [{other}], shift: 12 hours, starts: 2026-01-05 09:00}}
escalation:
  - {{page: primary, for: 3 minutes}}
  - {{page: backup, for: 3 minutes}}
"""
_CLIENT = """\
client: c{n}
name: Client {n}
language: en
contract: {{number: N-{n}, from: 2026-01-01, to: 2027-12-31, guard_line: "+1202555{n:04}", team: t{team}}}
contacts:
  - {{name: Contact {n}, phone: "+1305555{n:04}", email: contact{n}@client.example}}
integrations:
  - {{id: crm, name: CRM, built_by: aivo}}
"""


def run(progress: Progress) -> list[Result]:
    with TemporaryDirectory(prefix="guardia-bench-") as scratch:
        folder = Path(scratch)
        _write(folder)

        def check() -> None:
            reading = read(folder)
            assert reading.book is not None, reading.findings
            assert prove(reading, _START, _START + timedelta(weeks=13)).holds

        def bare() -> None:
            for path in folder.rglob("*.yaml"):
                YAML(typ="rt").load(path)

        taken = milliseconds(check, TIMES, lambda share: progress(share * 0.6))
        plain = milliseconds(bare, TIMES, lambda share: progress(0.6 + share * 0.4))
    reference = percentile(plain, 50) / 1000
    return [Result("20 teams, 200 clients, p50", "s", percentile(taken, 50) / 1000, TARGET_S, reference)]


def _write(folder: Path) -> None:
    people = [f"p{n}" for n in range(100)]
    lines = [
        f'  {id}: {{name: Person {n}, phones: ["+1201555{n:04}"], language: en}}'
        for n, id in enumerate(people)
    ]
    (folder / "teams").mkdir()
    (folder / "clients").mkdir()
    (folder / "service.yaml").write_text(_SERVICE, "utf-8")
    (folder / "people.yaml").write_text("\n".join(["people:", *lines, ""]), "utf-8")
    for n in range(20):
        five = people[n * 5 : n * 5 + 5]
        team = _TEAM.format(n=n, own=", ".join(five), other=", ".join(five[2:] + five[:2]))
        (folder / "teams" / f"t{n}.yaml").write_text(team, "utf-8")
    for n in range(200):
        (folder / "clients" / f"c{n}.yaml").write_text(_CLIENT.format(n=n, team=n % 20), "utf-8")
