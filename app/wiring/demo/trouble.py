"""The telephone company stumbles, data cannot be read, we break: a human is reached all the same."""

from dataclasses import replace
from datetime import datetime

from flask import Response

from app.rosterbook.keeper import FolderBooks
from app.sandbox.chaos import RestFault
from app.sandbox.scripts import Script
from app.wiring import Guard
from app.wiring.demo.expectations import PAGED, REPORTED, Expectations
from app.wiring.demo.scenario import scenario
from app.wiring.demo.scripts import describes, reports, takes, takes_in_portuguese
from app.wiring.demo.stage import Stage
from oncall.book import Book
from oncall.contracts import Client
from oncall.people import Away
from oncall.ports import ContractsUnreadable

_HOW_NOW = "¿Cómo sigue?"


@scenario("twice-and-out-of-order")
def twice_and_out_of_order(stage: Stage, expect: Expectations) -> None:
    """Everything arrives twice and out of order.

    Twilio sends each webhook twice and its reports late, in any order. Marta and Ana notice nothing,
    and nothing is done or written twice.
    """
    stage.world.exchange.chaos.everything_twice_and_out_of_order()
    stage.phone("ana").behave(takes(4).press("1", hearing=_HOW_NOW))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=20))
    stage.run(200)

    expect.rang(ana=1)
    expect.cases(1)
    expect.texted(ana="page")
    expect.case(state="acknowledged", acknowledged_by="ana")
    expect.mailed(opened="marta lucia marcos", taken="marta lucia marcos")
    expect.record(
        *REPORTED,
        *PAGED,
        "page_answered",
        "problem_described",
        "acknowledged",
        "connected",
        "caller_hung_up",  # Ana's leg has left before it is reported, so it is asked
        "conversation_ended",
        "disposition",
    )


@scenario("twilio-500")
def twilio_answers_500_and_calls(stage: Stage, expect: Expectations) -> None:
    """Twilio answers 500, and the call was made anyway.

    The order to call Ana ends in an error, though Twilio carried it out. It is looked up before it is
    sent again: her phone rings once.
    """
    stage.world.exchange.chaos.next_rest(RestFault.FAILED_BUT_DONE)
    stage.phone("ana").behave(takes(4).press("1", hearing=_HOW_NOW))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=20))
    stage.run(200)

    expect.rang(ana=1)
    expect.texted(ana="page")
    expect.case(state="acknowledged", acknowledged_by="ana")
    expect.record(
        *REPORTED,
        "level_began",
        "page_requested",
        "provider_error",
        "page_requested",
        "page_ringing",
        "page_adopted",
        "page_answered",
        "problem_described",
        "acknowledged",
        "connected",
        "conversation_ended",
        "disposition",
    )


class Unreadable:
    """Books whose contracts cannot be read: the disk, a lock, a bad night."""

    def __init__(self, books: FolderBooks) -> None:
        self._books = books

    def current(self) -> Book:
        return self._books.current()

    def client_on_line(self, line: str) -> Client | None:
        raise ContractsUnreadable(line)


@scenario("contracts-unreadable", books=Unreadable)
def contracts_unreadable(stage: Stage, expect: Expectations) -> None:
    """The contracts cannot be read.

    Nobody can say whose line Marta dials. A wrong refusal costs more than a wrong page: Ana is called,
    marked unverified.
    """
    stage.phone("ana").behave(takes(4).press("1", hearing=_HOW_NOW))
    stage.dial("marta", "acme", describes(Script()).hang_up(hearing="atiende Ana", after=20))
    stage.run(200)

    expect.rang(ana=1)
    expect.heard("marta", "De todos modos llamamos a la guardia", "llamando a Ana", "Le atiende Ana")
    expect.heard("ana", "Sin verificar")
    expect.case(kind="incident", client=None, unverified=True, acknowledged_by="ana")
    expect.record(
        "call_arrived",
        "contract_unreadable",
        "opened",
        *PAGED,
        "page_answered",
        "problem_described",
        "acknowledged",
        "connected",
        "conversation_ended",
        "disposition",
    )


class _EverybodyAway:
    """Books in which everybody of the first rotation is away at the same time."""

    def __init__(self, books: FolderBooks) -> None:
        self._books = books
        away = Away(datetime(2026, 3, 1), datetime(2026, 3, 8), "gripe")  # noqa: DTZ001  # local, as in the files
        book = books.current()
        ill = {id: replace(book.people[id], away=(away,)) for id in ("ana", "carla")}
        self._book = replace(book, people={**book.people, **ill})

    def current(self) -> Book:
        return self._book

    def client_on_line(self, line: str) -> Client | None:
        return self._book.client_on_line(line)


@scenario("roster-gap", books=_EverybodyAway)
def roster_gap(stage: Stage, expect: Expectations) -> None:
    """A gap in the roster.

    Ana and Carla are both ill, and nobody holds the first rotation. Bruno, of the second, is called at
    once, and the managers are told of the gap.
    """
    stage.phone("bruno").behave(takes_in_portuguese(4).press("1", hearing="Como fica"))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Bruno", after=20))
    stage.run(200)

    expect.rang(bruno=1)
    expect.heard("marta", "Estamos llamando a Bruno")
    expect.mailed(opened="marta lucia marcos", taken="marta lucia marcos", alarm="lucia marcos")
    expect.case(state="acknowledged", acknowledged_by="bruno")
    expect.record(
        *REPORTED,
        "level_empty",
        *PAGED,
        "page_answered",
        "problem_described",
        "acknowledged",
        "connected",
        "conversation_ended",
        "disposition",
    )


def _break_the_menu(guard: Guard) -> Guard:
    """Every answer to a caller's key is an error of ours."""

    def broken(turn: int) -> Response:
        raise RuntimeError("arranged by the demonstration")

    endpoint = next(rule.endpoint for rule in guard.app.url_map.iter_rules() if rule.rule.endswith(">/key"))
    guard.app.view_functions[endpoint] = broken
    return guard


@scenario("our-own-error", change=_break_the_menu, breaks=True)
def our_own_error(stage: Stage, expect: Expectations) -> None:
    """Our own error inside a webhook.

    Marta's first key meets a bug of ours. She is put through to Ana all the same, straight from the
    roster in memory; the managers are told.
    """
    stage.phone("ana").behave(takes(6).say("Hola, soy Ana.", after=4).hang_up(after=30))
    stage.dial("marta", "acme", reports())
    stage.run(200)

    expect.rang(ana=1)
    expect.heard("marta", "Tuvimos una falla interna. Le comunicamos con la guardia", "soy Ana")
    expect.mailed(opened="marta", alarm="lucia marcos", taken="marta lucia marcos")
    expect.case(kind="incident", state="acknowledged", acknowledged_by="ana", unverified=True)
    expect.record(
        "call_arrived",
        "caller_identified",
        "opened",
        "internal_error",
        "page_requested",
        "acknowledged",
        "caller_hung_up",
    )
