"""A ticket system gets all, once, in order, however long it was down."""

import random
from datetime import timedelta

import pytest

from oncall.ports import Failure, Refused, TicketNews, Unreachable
from tests.oncall.fakes import Stage


class FakeTickets:
    """Takes what it is given, unless it is told to fail."""

    def __init__(self) -> None:
        self.taken: list[TicketNews] = []
        self.failure: Failure | None = None
        self.is_there = True

    def address(self) -> str | None:
        return "https://tickets.example" if self.is_there else None

    def give(self, news: TicketNews) -> None:
        if self.failure is not None:
            raise self.failure
        self.taken.append(news)

    def numbers(self, case: int = 1001) -> list[int]:
        own = [news for news in self.taken if news.case["reference"] == f"G-{case}"]
        return [entry.number for news in own for entry in news.entries]


@pytest.fixture
def tickets(stage: Stage) -> FakeTickets:
    tickets = FakeTickets()
    stage.dispatcher.tickets = tickets
    stage.dispatcher.order_tickets(stage.clock.at)
    return tickets


def let_pass(stage: Stage, seconds: float, step: float = 60) -> None:
    for _ in range(int(seconds // step)):
        stage.clock.move(step)
        stage.dispatcher.order_tickets(stage.clock.at)
        stage.dispatcher.tick(stage.clock.now)


def test_each_entry_is_given_once_and_in_order(stage: Stage, tickets: FakeTickets) -> None:
    stage.open_incident()

    let_pass(stage, 600)

    assert tickets.numbers() == list(range(1, len(tickets.numbers()) + 1))
    assert len(tickets.numbers()) >= len(stage.record()) - 6
    assert [news.kind for news in tickets.taken][:2] == ["case.opened", "case.changed"]
    assert len({news.key for news in tickets.taken}) == len(tickets.taken)


def test_down_for_hours_it_gets_all_once_and_in_order_afterwards(stage: Stage, tickets: FakeTickets) -> None:
    tickets.failure = Unreachable("down")
    stage.open_incident()
    let_pass(stage, 3 * 3600, step=600)

    tickets.failure = None
    let_pass(stage, 3600, step=300)

    assert tickets.numbers() == list(range(1, len(tickets.numbers()) + 1))
    assert len(tickets.numbers()) > 20
    assert "ticket_failed" not in stage.kinds()


def test_down_for_longer_than_a_day_is_an_entry_and_an_alarm_and_can_be_replayed(
    stage: Stage, tickets: FakeTickets
) -> None:
    since = stage.clock.at
    tickets.failure = Unreachable("down")
    call = stage.open_incident()
    let_pass(stage, 25 * 3600, step=1800)
    tickets.failure = None
    alarms = [letter.facts["what"] for letter in stage.mail.letters if letter.template == "alarm"]
    assert call.case == 1001
    assert "ticket_failed" in stage.kinds()
    assert "ticket_failed" in alarms

    at = stage.clock.at
    with stage.store.writing() as work:
        work.ticket_what_was_skipped(since, None)
        again = work.give_tickets_again(since, ("failed",), None, at, at + timedelta(days=1))
    let_pass(stage, 3600, step=300)

    assert again >= 1
    assert tickets.numbers()[:3] == [1, 2, 3]
    assert tickets.numbers() == sorted(set(tickets.numbers()))


def test_a_system_that_wants_no_more_is_not_asked_for_a_day(stage: Stage, tickets: FakeTickets) -> None:
    tickets.failure = Refused("410", "410")
    stage.open_incident()

    let_pass(stage, 120)

    assert "ticket_failed" in stage.kinds()


def test_a_new_system_hears_of_what_is_open_and_not_of_what_is_over(stage: Stage) -> None:
    stage.press(stage.dial("CA-1"), "0")
    stage.press(stage.press(stage.dial("CA-2"), "1"), "1")
    stage.tick()
    tickets = FakeTickets()
    stage.dispatcher.tickets = tickets

    let_pass(stage, 120)

    assert {news.case["kind"] for news in tickets.taken} == {"incident"}


def test_without_a_ticket_system_nothing_is_ordered(stage: Stage, tickets: FakeTickets) -> None:
    tickets.is_there = False
    stage.open_incident()

    let_pass(stage, 120)

    assert tickets.taken == []


def test_failing_at_random_it_still_gets_each_entry_once_and_in_order(
    stage: Stage, tickets: FakeTickets
) -> None:
    chance = random.Random(5)
    stage.open_incident("CA-1", "1")
    stage.open_incident("CA-2", "5")
    for _ in range(20):
        tickets.failure = Unreachable("down") if chance.random() < 0.6 else None
        let_pass(stage, 60)

    tickets.failure = None
    let_pass(stage, 1800, step=120)

    for case in (1001, 1002):
        assert tickets.numbers(case) == list(range(1, len(tickets.numbers(case)) + 1))
