"""Reads the rosters folder: every file, every mistake, and the book if there is none."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from app.rosterbook import assemble, crosscheck
from app.rosterbook.explain import explained
from app.rosterbook.findings import Code, Finding, Severity, shown
from app.rosterbook.models import (
    AbsencesText,
    ClientText,
    DutyText,
    PeopleText,
    PersonText,
    ServiceText,
    Strict,
    TeamText,
)
from app.rosterbook.source import Source, Steps, Unreadable, load
from oncall.book import Book
from oncall.contracts import Client
from oncall.people import Person
from oncall.rosters import Team

Model = TypeVar("Model", bound=Strict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a folder says. ``book`` is None where anything in it is an error.

    ``teams`` and ``people`` hold whatever of them could be read, so that who
    is on call can be told even while a client's file is broken; ``unread`` are
    the findings because of which a team or a person is not among them.
    """

    folder: Path
    book: Book | None = None
    findings: tuple[Finding, ...] = ()
    teams: Mapping[str, Team] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    unread: tuple[Finding, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    file_of_team: Mapping[str, str] = field(default_factory=dict)
    clients: Mapping[str, Client] = field(default_factory=dict)
    file_of_client: Mapping[str, str] = field(default_factory=dict)
    holidays: Mapping[date, str] = field(default_factory=dict)
    holidays_timezone: str = "UTC"
    managers: tuple[str, ...] = ()

    @property
    def has_all_people(self) -> bool:
        """Whether people.yaml could be read: else nobody knows who is not in it."""
        return not any(f.path == str(self.folder / "people.yaml") for f in self.unread)

    def errors(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)

    def place(self, file: str, steps: Steps) -> tuple[str, int, int]:
        """Path, line and column of something in the folder."""
        line, column = self.sources[file].mark(steps) if file in self.sources else (1, 1)
        return str(self.folder / file), line, column


def read(folder: Path) -> Reading:
    """Reads the whole folder; mistakes become findings, never exceptions."""
    return _Reader(folder).read()


class _Reader:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._findings: list[Finding] = []
        self._unread: list[Finding] = []
        self._sources: dict[str, Source] = {}
        self._people: dict[str, Person] = {}
        self._teams: dict[str, Team] = {}
        self._clients: dict[str, Client] = {}
        self._files: dict[tuple[str, str], str] = {}

    def read(self) -> Reading:
        if not self._folder.is_dir():
            self._note_unread("", Code.NO_FOLDER, "there is no such folder: name it with `--rosters`")
            return self._reading(None)
        self._read_people()
        unread = len(self._unread)
        for file in self._yaml_files("teams"):
            self._read_team(file)
        if not self._teams and len(self._unread) == unread:
            self._note_unread("teams", Code.MISSING_FILE, "there is no team: add `teams/NAME.yaml`")
        has_all_teams = len(self._unread) == unread
        text = self._read_service()
        for file in self._yaml_files("clients"):
            self._read_client(file)
        self._note_unknown_files()
        read = self._sources, self._people, self._teams, self._clients, text, self._files
        checked = crosscheck.Folder(*read, has_all_teams=has_all_teams, has_all_people=unread == 0)
        for file, steps, severity, code, message in crosscheck.remarks(checked):
            self._note(file, self._sources[file].mark(steps), code, message, severity)
        return self._reading(text)

    def _reading(self, text: ServiceText | None) -> Reading:
        findings = tuple(sorted(set(self._findings)))
        book = None
        if text is not None and not any(f.severity is Severity.ERROR for f in findings):
            book = Book(assemble.service(text), self._people, self._teams, self._clients, self._version())
        hours = text.working_hours if text else None
        return Reading(
            folder=self._folder,
            book=book,
            findings=findings,
            teams=self._teams,
            people=self._people,
            clients=self._clients,
            unread=tuple(sorted(set(self._unread))),
            sources=self._sources,
            file_of_team=self._files_of("team"),
            file_of_client=self._files_of("client"),
            holidays=assemble.named_holidays(hours.holidays) if hours else {},
            holidays_timezone=hours.timezone if hours else "UTC",
            managers=tuple(text.managers) if text else (),
        )

    def _files_of(self, kind: str) -> dict[str, str]:
        return {id: file for (of, id), file in self._files.items() if of == kind}

    def _read_people(self) -> None:
        source = self._load("people.yaml", "people", required=True)
        if source is None:
            return
        noted = self._check("people.yaml", source, PeopleText)
        written = source.value.get("people") if isinstance(source.value, dict) else None
        if not isinstance(written, dict):
            self._unread += noted
            return
        for id, value in written.items():
            name = value.get("name") if isinstance(value, dict) else None
            away = {"away": value["away"]} if isinstance(value, dict) and "away" in value else {}
            whole, absences = _valid(PersonText, value), _valid(AbsencesText, away)
            if whole is not None:
                self._people[id] = assemble.person(id, whole)
            elif absences is not None:
                self._people[id] = assemble.person_on_duty(id, name, absences)
            else:
                self._unread += noted

    def _read_team(self, file: str) -> None:
        source = self._load(file, "team", required=True)
        if source is None:
            return
        noted = self._check(file, source, TeamText)
        text = _valid(TeamText, source.value) or _valid(DutyText, _without_paging(source.value))
        if text is None:
            self._unread += noted
        elif self._is_first("team", text.team, file):
            self._teams[text.team] = assemble.team(text)

    def _read_service(self) -> ServiceText | None:
        source = self._load("service.yaml", "service", required=False)
        if source is None:
            return None
        self._check("service.yaml", source, ServiceText)
        text = _valid(ServiceText, source.value)
        if text is not None:
            try:
                assemble.named_holidays(text.working_hours.holidays)
            except ValueError as error:
                mark = source.mark(("working_hours", "holidays"))
                self._note("service.yaml", mark, Code.HOLIDAYS, str(error))
                return None
        return text

    def _read_client(self, file: str) -> None:
        source = self._load(file, "client", required=False)
        if source is None:
            return
        self._check(file, source, ClientText)
        text = _valid(ClientText, source.value)
        if text is not None and self._is_first("client", text.client, file):
            zones = {id: team.timezone for id, team in self._teams.items()}
            self._clients[text.client] = assemble.client(text, zones)

    def _is_first(self, kind: str, id: str, file: str) -> bool:
        other = self._files.setdefault((kind, id), file)
        if other == file:
            return True
        mark = self._sources[file].mark((kind,))
        found = self._note(file, mark, Code.USED_TWICE, f"`{kind}: {id}` also stands in {other}: rename one")
        if kind == "team":
            self._unread.append(found)
        return False

    def _load(self, file: str, kind: str, *, required: bool) -> Source | None:
        """The file's content, or None and a finding; ``required`` where who is on call depends on it."""
        try:
            if not (self._folder / file).exists():
                raise Unreadable(Code.MISSING_FILE, f"the file is missing: add it, with `{kind}:` in it")
            source = load(self._folder / file)
        except Unreadable as error:
            found = self._note(file, error.mark, error.code, error.message)
            if required:
                self._unread.append(found)
            return None
        self._sources[file] = source
        for steps, mark, first in source.twice:
            message = f"{shown(steps[-1])} already stands in line {first[0]}: remove one"
            found = self._note(file, mark, Code.DUPLICATE_KEY, message)
            if required:
                self._unread.append(found)
        return source

    def _check(self, file: str, source: Source, model: type[Strict]) -> list[Finding]:
        try:
            model.model_validate(source.value)
        except ValidationError as error:
            return [self._note(file, *parts) for parts in explained(error, source, model)]
        return []

    def _yaml_files(self, folder: str) -> list[str]:
        found = [p.name for p in self._listed(folder) if p.suffix in (".yaml", ".yml")]
        return [f"{folder}/{name}" for name in found if not name.startswith(".")]

    def _listed(self, folder: str) -> list[Path]:
        here = self._folder / folder
        try:
            return sorted(here.iterdir()) if here.is_dir() else []
        except OSError as error:
            self._note_unread(folder, Code.UNREADABLE, f"the folder cannot be read: {error.strerror}")
            return []

    def _note_unknown_files(self) -> None:
        known = {"people.yaml", "service.yaml", "teams", "clients", "schema"}
        for path in self._listed(""):
            ours = path.name in known or path.name.startswith(".")
            if not ours and (path.is_dir() or path.suffix in (".yaml", ".yml")):
                message = "nothing reads this: rename or remove it"
                self._note(path.name, (1, 1), Code.UNKNOWN_FILE, message, Severity.WARNING)

    def _note_unread(self, file: str, code: Code, message: str) -> None:
        self._unread.append(self._note(file, (1, 1), code, message))

    def _note(
        self, file: str, mark: tuple[int, int], code: Code, message: str, severity: Severity = Severity.ERROR
    ) -> Finding:
        finding = Finding(str(self._folder / file), mark[0], mark[1], severity, code, message)
        self._findings.append(finding)
        return finding

    def _version(self) -> str:
        content = {name: source.value for name, source in sorted(self._sources.items())}
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _valid(model: type[Model], value: Any) -> Model | None:
    try:
        return model.model_validate(value)
    except ValidationError:
        return None


def _without_paging(value: Any) -> Any:
    """A team's file less what says whom to page: enough to say who is on call."""
    if not isinstance(value, dict):
        return value
    return {key: inner for key, inner in value.items() if key not in ("escalation", "ring", "notices")}
