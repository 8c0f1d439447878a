"""A scenario: a call with everything around it, played through the real application in virtual time."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from inspect import getdoc
from time import perf_counter
from types import ModuleType
from typing import Any

from app.rosterbook.keeper import FolderBooks
from app.wiring import Guard
from app.wiring.demo.expectations import Expectation, Expectations
from app.wiring.demo.stage import Stage, open_stage
from app.wiring.demo.telling import Beat, beats
from oncall.ports import BookKeeper

Plot = Callable[[Stage, Expectations], None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """``name`` is a slug; ``arranged`` says in a sentence or two who is there and what they will do."""

    name: str
    title: str
    arranged: str
    plot: Plot
    books: Callable[[FolderBooks], BookKeeper]
    change: Callable[[Guard], Guard]
    breaks: bool  # our own error is arranged, and is logged


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario as it went: the story, every case's record, and each claim with its verdict."""

    scenario: Scenario
    began: datetime
    beats: tuple[Beat, ...]
    cases: tuple[dict[str, Any], ...]
    expectations: tuple[Expectation, ...]
    seconds: float  # that playing it took

    @property
    def passed(self) -> bool:
        return bool(self.expectations) and all(e.holds for e in self.expectations)


_DEFINED: list[Scenario] = []


def scenario(
    name: str,
    *,
    books: Callable[[FolderBooks], BookKeeper] = lambda books: books,
    change: Callable[[Guard], Guard] = lambda guard: guard,
    breaks: bool = False,
) -> Callable[[Plot], Plot]:
    """Make a plot a scenario. The first line of its docstring is the title, the rest what is arranged."""

    def add(plot: Plot) -> Plot:
        title, _, arranged = (getdoc(plot) or "").partition("\n")
        told = " ".join(arranged.split())
        _DEFINED.append(Scenario(name, title.rstrip("."), told, plot, books, change, breaks))
        return plot

    return add


def defined_in(chapter: ModuleType) -> list[Scenario]:
    """The scenarios of a module, in the order in which they stand there."""
    return [scenario for scenario in _DEFINED if scenario.plot.__module__ == chapter.__name__]


def play(scenario: Scenario) -> Played:
    """Play a scenario from an empty database to its end, and check all that it claims."""
    began = perf_counter()
    with open_stage(books=scenario.books, change=scenario.change) as stage, _errors_logged() as errors:
        expect = Expectations(stage)
        try:
            scenario.plot(stage, expect)
        except Exception as error:  # a plot that cannot go on is a scenario that did not pass
            expect.that("the story can be told to its end", False, repr(error))
        expect.what_always_holds([] if scenario.breaks else errors.told)
        told, cases = beats(stage), tuple(stage.cases())
        return Played(scenario, stage.opened_at, told, cases, tuple(expect.made), perf_counter() - began)


class _Errors(logging.Handler):
    """Keeps what the application logs as an error, instead of printing it into the story."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR:
            self.told.append(record.getMessage())


@contextmanager
def _errors_logged() -> Iterator[_Errors]:
    handler, root = _Errors(), logging.getLogger()
    others, root.handlers = root.handlers, [handler]
    try:
        yield handler
    finally:
        root.handlers = others


__all__ = ["Played", "Scenario", "defined_in", "play", "scenario"]
