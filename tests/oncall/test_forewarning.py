"""That a promise is about to be broken is told before it happens, each step once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from oncall.acts import Channel, Party, WaitStart
from oncall.breaches import Warnings, step_reached
from tests.oncall.examples import ANA, AT, LUCIA, book
from tests.oncall.fakes import Stage

STEPS = {50: ("holder",), 75: ("holder",), 90: ("managers",)}


@pytest.mark.parametrize(
    ("minutes", "reached"), [(0, None), (29, None), (30, 50), (44, 50), (45, 75), (54, 90), (99, 90)]
)
def test_a_step_is_reached_when_its_share_of_the_time_has_passed(minutes: int, reached: int | None) -> None:
    at = AT + timedelta(minutes=minutes)

    assert step_reached(STEPS, AT, AT + timedelta(hours=1), at) == reached


def warn_at(stage: Stage, *hours: float) -> list[int]:
    """What was told at each of these hours after the call, and what came of it."""
    counts = []
    for hour in hours:
        stage.clock.at = AT + timedelta(hours=hour)
        counts.append(stage.dispatcher.warn_of_breaches(stage.clock.at))
    stage.tick()
    return counts


def texted(stage: Stage, key: str) -> list[str]:
    return [to for to, sms in stage.telephone.texts if sms.key == key]


def taken(stage: Stage) -> None:
    stage.open_incident()
    stage.tick()
    stage.dispatcher.page_key(stage.token("1.1.ana.1"), "1", stage.clock.at)


def alarms(stage: Stage) -> list[str]:
    return [letter.facts["what"] for letter in stage.mail.letters if letter.template == "alarm"]


def test_who_has_it_hears_of_each_step_of_the_resolution_once_and_managers_of_the_last(stage: Stage) -> None:
    taken(stage)

    counts = warn_at(stage, 2.9, 3.1, 3.2, 4.6, 4.7, 5.5, 5.6, 6.5)

    assert counts == [0, 1, 0, 1, 0, 1, 0, 0]
    assert texted(stage, "sms.resolution_near") == [ANA.phones[0]] * 3
    assert alarms(stage) == ["resolution_near"]
    told = [(e.data["percent"], e.data["told"]) for e in stage.record() if e.kind == "breach_near"]
    assert told == [(50, ["Ana Paz"]), (75, ["Ana Paz"]), (90, ["Lucía Ferrer", "Ana Paz"])]


def test_the_time_is_told_as_the_clocks_of_the_team_show_it(stage: Stage) -> None:
    taken(stage)
    with stage.store.writing() as work:
        work.update_case(1001, {"timezone": "Asia/Tokyo"})  # of a client far away
    warn_at(stage, 3.1)

    (sms,) = [sms for _, sms in stage.telephone.texts if sms.key == "sms.resolution_near"]
    assert sms.facts["timezone"] == stage.books.book.teams["integrations"].timezone


def test_steps_that_were_passed_while_nobody_looked_are_told_as_one(stage: Stage) -> None:
    taken(stage)

    assert warn_at(stage, 5.5, 5.6) == [1, 0]
    assert len(texted(stage, "sms.resolution_near")) == 1


def test_a_wait_on_the_client_puts_the_warning_off(stage: Stage) -> None:
    taken(stage)
    begun = AT + timedelta(hours=1)
    act = WaitStart(Party.CLIENT, "reiniciar", "Marta Ruiz", Channel.PHONE, begun)
    assert stage.dispatcher.write(1001, ANA, act, begun) == ()

    assert warn_at(stage, 3.1, 5.5) == [0, 0]


def test_the_first_response_is_warned_of_as_the_service_says(stage: Stage) -> None:
    service = replace(
        stage.books.book.service, warnings=Warnings(first_response={50: ("lucia",), 90: ("managers",)})
    )
    stage.books.book = replace(book(), service=service)
    stage.open_incident()

    assert warn_at(stage, 0.4, 0.6, 0.7, 0.95) == [0, 1, 0, 1]
    assert texted(stage, "sms.response_near") == [LUCIA.phones[0]]
    assert alarms(stage).count("breach_near") == 1


def test_what_was_taken_is_not_warned_of_for_its_first_response(stage: Stage) -> None:
    taken(stage)

    assert warn_at(stage, 0.95) == [0]


def test_with_no_steps_nothing_is_said(stage: Stage) -> None:
    service = replace(stage.books.book.service, warnings=Warnings({}, {}))
    stage.books.book = replace(book(), service=service)
    stage.open_incident()

    assert warn_at(stage, 0.95, 5.9) == [0, 0]


def test_two_workers_tell_it_once(stage: Stage) -> None:
    taken(stage)

    at = AT + timedelta(hours=3.1)
    assert [stage.dispatcher.warn_of_breaches(at) for _ in range(2)] == [1, 0]
