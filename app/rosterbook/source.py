"""YAML as managers write it: plain text, lists and mappings, and where each of them stands.

YAML 1.2, but nothing is guessed: ``18:00``, ``on`` and ``+5491155550101`` stay
the text that was written, and what a text means is up to the field it fills.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from app.rosterbook.findings import Code

Steps = tuple[str | int, ...]
Mark = tuple[int, int]

MAX_BYTES = 1_000_000
MAX_DEPTH = 30
MAX_VALUES = 100_000
_NULLS = {"", "~", "null", "Null", "NULL"}
_TEXT_TAGS = {None, "!", "tag:yaml.org,2002:str"}


class Unreadable(Exception):
    """The text is not YAML that can be used; says what, where, and under which code."""

    def __init__(self, code: Code, message: str, mark: Mark = (1, 1)) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.mark = mark


@dataclass(slots=True)
class Source:
    """One file: its value, where each value and key stands, and keys that were written twice."""

    value: Any = None
    marks: dict[Steps, Mark] = field(default_factory=dict)
    key_marks: dict[Steps, Mark] = field(default_factory=dict)
    twice: list[tuple[Steps, Mark, Mark]] = field(default_factory=list)

    def mark(self, path: Steps) -> Mark:
        """Where the value at ``path`` stands, or its key if the value begins on a later line.

        What is not in the file stands where the nearest thing around it does.
        """
        while path and path not in self.marks:
            path = path[:-1]
        value, key = self.marks.get(path, (1, 1)), self.key_marks.get(path)
        return key if key and key[0] < value[0] else value

    def key_mark(self, path: Steps) -> Mark:
        """Where the key of ``path`` stands, or the nearest thing around it."""
        return self.key_marks.get(path) or self.mark(path)


def load(file: Path) -> Source:
    """The file's content; raises ``Unreadable``."""
    return parse(_text(file))


@lru_cache(maxsize=1024)  # when one file of a folder changes, the others are not parsed again
def parse(text: str) -> Source:
    """The text's content, not to be changed; raises ``Unreadable``."""
    try:
        return _Composer(YAML(typ="safe", pure=True).parse(text)).document()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(str(error.problem or error.context or "it cannot be read").split())
        where = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise Unreadable(Code.YAML, f"this is not valid YAML: {problem}", where) from error
    except (YAMLError, ValueError, LookupError, TypeError, AttributeError, AssertionError) as error:
        # What the YAML library raises on text that no writer meant is not always its own error.
        problem = " ".join(str(error).split())[:120] or "it cannot be read"
        raise Unreadable(Code.YAML, f"this is not valid YAML: {problem}") from error


def _text(file: Path) -> str:
    if not file.is_file():
        raise Unreadable(Code.NOT_A_FILE, "this is not a file: put a YAML file here")
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Unreadable(Code.UNREADABLE, f"the file cannot be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise Unreadable(Code.TOO_BIG, f"the file is larger than {MAX_BYTES // 1000} kB: split it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        raise Unreadable(
            Code.NOT_UTF_8, "this is not UTF-8: save the file as UTF-8", (line, column)
        ) from error


class _Composer:
    """Builds the value from the parser's events, with limits on depth and size."""

    def __init__(self, events: Iterator[Event]) -> None:
        self._events = events
        self._source = Source()
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._size = 0

    def document(self) -> Source:
        documents = 0
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise Unreadable(Code.SEVERAL_DOCUMENTS, "one document a file: remove `---`", _at(event))
            elif isinstance(event, NodeEvent):
                self._source.value = self._value(event, ())
        return self._source

    def _value(self, event: NodeEvent, path: Steps) -> Any:
        self._source.marks[path] = _at(event)
        if isinstance(event, AliasEvent):
            return self._alias(event)
        before = self._size
        value = self._own_value(event, path)
        if event.anchor:
            self._anchors[str(event.anchor)] = (value, self._size - before)
        return value

    def _own_value(self, event: NodeEvent, path: Steps) -> Any:
        self._count(1, event)
        if len(path) > MAX_DEPTH:
            raise Unreadable(Code.TOO_DEEP, "this is nested too deep: nothing here needs it", _at(event))
        if getattr(event, "tag", None) not in _TEXT_TAGS:
            raise Unreadable(Code.TAG, "tags such as `!name` are not used here: remove it", _at(event))
        if isinstance(event, SequenceStartEvent):
            return self._list(path)
        if isinstance(event, MappingStartEvent):
            return self._mapping(path)
        assert isinstance(event, ScalarEvent)
        plain = event.style is None and event.tag is None
        return None if plain and event.value in _NULLS else str(event.value)

    def _list(self, path: Steps) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            values.append(self._value(_node(event), (*path, len(values))))
        return values

    def _mapping(self, path: Steps) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                raise Unreadable(Code.KEY, "a key is one word, as in `name: value`", _at(event))
            key = str(event.value)
            here = (*path, key)
            if key in values:
                self._source.twice.append((here, _at(event), self._source.key_marks[here]))
            else:
                self._source.key_marks[here] = _at(event)
            values[key] = self._value(_node(next(self._events)), here)
        return values

    def _alias(self, event: AliasEvent) -> Any:
        found = self._anchors.get(str(event.anchor))
        if found is None:
            raise Unreadable(
                Code.ALIAS, f"`*{event.anchor}` stands for nothing written before it", _at(event)
            )
        self._count(found[1], event)
        return found[0]

    def _count(self, values: int, event: Event) -> None:
        self._size += values
        if self._size > MAX_VALUES:
            raise Unreadable(Code.TOO_BIG, f"more than {MAX_VALUES} values in one file: split it", _at(event))


def _at(event: Event) -> Mark:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1)


def _node(event: Event) -> NodeEvent:
    assert isinstance(event, NodeEvent)
    return event
