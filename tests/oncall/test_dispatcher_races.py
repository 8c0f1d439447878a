"""Everybody at the same moment: one holder, one case, one call, no webhook that breaks; on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event, current_thread
from typing import Any

import pytest
from sqlalchemy import text

from oncall.dispatcher.callers import Ringing
from oncall.dispatcher.hands import ALL_ORDERS
from oncall.intake import Call, KeyPressed, Recorded, Step
from oncall.rosters import Level, Team
from oncall.store import Store
from tests.oncall.examples import ANA, BRUNO, LINE, MARTA, seconds
from tests.oncall.fakes import Stage
from tests.oncall.test_store import in_threads

ANA_1, BRUNO_1 = "1.1.ana.1", "1.1.bruno.1"
PATIENCE = 60.0  # seconds of real time


def both_at_once(stage: Stage) -> None:
    """Ana and Bruno stand in the first level together."""
    team = stage.books.book.teams["integrations"]
    changed: Team = replace(team, escalation=(Level(("ana", "bruno"), seconds(180)),))
    stage.books.book = replace(stage.books.book, teams={"integrations": changed})


def test_of_two_keys_at_once_one_takes_it_and_the_other_hears_who_has_it(stage: Stage) -> None:
    both_at_once(stage)
    stage.open_incident()
    stage.tick()
    pages = {ANA_1: stage.token(ANA_1), BRUNO_1: stage.token(BRUNO_1)}
    for sid, token in zip(("CA-1", "CA-2"), pages.values(), strict=True):
        stage.dispatcher.page_reached(token, sid, stage.clock.at)

    heard = in_threads(2, lambda n: stage.dispatcher.page_key([*pages.values()][n], "1", stage.clock.at))

    assert sorted(page.is_mine for page in heard) == [False, True]
    assert {page.holder_name for page in heard} <= {ANA.name, BRUNO.name}
    assert len({page.holder_name for page in heard}) == 1
    assert (stage.kinds().count("acknowledged"), stage.kinds().count("late_key")) == (1, 1)


def test_two_callers_about_one_integration_at_once_share_one_incident(stage: Stage) -> None:
    asked = [stage.press(stage.dial(f"CA-{n}"), "1") for n in range(4)]

    answered: list[Call] = in_threads(4, lambda n: stage.press(asked[n], "1"))

    assert {call.case for call in answered} == {1001}
    assert sorted(call.joined for call in answered) == [False, True, True, True]
    assert stage.kinds().count("level_began") == 1


def test_one_webhook_that_comes_four_times_at_once_is_one_step(stage: Stage) -> None:
    ringing = Ringing("CA-marta", LINE, MARTA.phone)

    arrived = in_threads(4, lambda _: stage.dispatcher.arrive(ringing, stage.clock.at))
    chosen = in_threads(4, lambda _: stage.dispatcher.hear("CA-marta", KeyPressed(0, "1"), stage.clock.at))
    opened = in_threads(4, lambda _: stage.dispatcher.hear("CA-marta", KeyPressed(1, "1"), stage.clock.at))

    assert {call.step for call in arrived} == {Step.INTEGRATION}
    assert {call.step for call in chosen} == {Step.PRIORITY}
    assert {(call.step, call.case) for call in opened} == {(Step.DESCRIBING, 1001)}
    assert stage.kinds().count("priority_chosen") == 1


def test_four_workers_carry_out_each_order_once(stage: Stage) -> None:
    both_at_once(stage)
    for number in range(3):
        stage.open_incident(f"CA-{number}", "15"[number % 2] if number < 2 else "1")

    def work(_: int) -> None:
        while claimed := stage.dispatcher.claim(stage.clock.at, ALL_ORDERS):
            stage.dispatcher.perform(claimed, stage.clock.now)

    in_threads(4, work)

    numbers = [to for to, _ in stage.telephone.calls]
    assert len(numbers) == len(set(numbers)), "nobody is rung by two calls at a time"
    letters = [(mail.template, mail.reference, mail.to) for mail in stage.mail.letters]
    assert len(letters) == len(set(letters))


def waits_for_a_lock(store: Store) -> bool:
    query = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    with store.engine.connect() as connection:
        return bool(connection.execute(query).scalar())


@pytest.mark.postgres
def test_a_key_and_a_callers_webhook_that_wait_for_each_other_are_both_heard(postgres_store: Store) -> None:
    """The key holds the case and wants the call, the webhook holds the call and wants the case."""
    stage = Stage(postgres_store)
    call = stage.open_incident()
    stage.tick()
    token = stage.token(ANA_1)
    holds_case, goes_on = Event(), Event()

    def stop_the_key() -> None:
        if current_thread().name.startswith("key") and not holds_case.is_set():
            holds_case.set()
            goes_on.wait(PATIENCE)

    stage.books.before = stop_the_key
    with (
        ThreadPoolExecutor(1, thread_name_prefix="key") as key,
        ThreadPoolExecutor(1, thread_name_prefix="caller") as caller,
    ):
        pressed = key.submit(stage.dispatcher.page_key, token, "1", stage.clock.at)
        assert holds_case.wait(PATIENCE)
        spoken = caller.submit(stage.dispatcher.hear, call.sid, Recorded(call.turn, 7), stage.clock.at)
        for _ in range(500):
            if waits_for_a_lock(postgres_store):
                break
            Event().wait(0.01)
        goes_on.set()
        page, heard = pressed.result(PATIENCE), spoken.result(PATIENCE)

    assert page is not None
    assert page.is_mine
    assert heard is not None
    assert stage.state() == "acknowledged"
    assert stage.dispatcher.call(call.sid).step is Step.CONVERSATION  # type: ignore[union-attr]


@pytest.mark.postgres
def test_a_key_and_a_worker_that_wait_for_each_other_both_go_on(postgres_store: Store) -> None:
    """The worker has claimed the call's order and wants the case; the key has the case and ends the order."""
    stage = Stage(postgres_store)
    stage.open_incident()
    stage.dispatcher.text(ANA.phones[0], "who", stage.clock.at)
    token = stage.token("1.1.ana.sms")
    holds_case, goes_on = Event(), Event()

    def stop_the_key() -> None:
        if current_thread().name.startswith("key") and not holds_case.is_set():
            holds_case.set()
            goes_on.wait(PATIENCE)

    stage.books.before = stop_the_key
    with (
        ThreadPoolExecutor(1, thread_name_prefix="key") as key,
        ThreadPoolExecutor(1, thread_name_prefix="worker") as worker,
    ):
        taken = key.submit(stage.dispatcher.take_by_link, token, stage.clock.at)
        assert holds_case.wait(PATIENCE)
        claimed: Any = worker.submit(stage.dispatcher.claim, stage.clock.at, ("call",))
        for _ in range(500):
            if waits_for_a_lock(postgres_store):
                break
            Event().wait(0.01)
        goes_on.set()
        page = taken.result(PATIENCE)
        order = claimed.result(PATIENCE)

    assert page is not None
    assert page.is_mine
    if order is not None:
        stage.dispatcher.perform(order, stage.clock.now)
    stage.tick()
    assert stage.telephone.calls == []
