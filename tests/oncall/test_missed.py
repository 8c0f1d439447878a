"""When we are back: each call that only the fallback saw is taken in, once, on both databases."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oncall.contracts import Suspension
from oncall.ports import Aftermath, Arrival, Unreachable
from tests.oncall.examples import AT, LINE, MARTA
from tests.oncall.fakes import PAGE_FROM, Stage

MISSED = Arrival("CA-missed", LINE, MARTA.phone, AT + timedelta(minutes=5), 40)


@pytest.fixture
def back(stage: Stage) -> Stage:
    """A guard that asked for calls, was down for twenty minutes, and is back."""
    stage.dispatcher.look_for_missed_calls(AT)
    stage.clock.move(1200)
    return stage


def test_a_guard_that_was_never_up_looks_back_to_nothing(stage: Stage) -> None:
    stage.telephone.arrived = [replace(MISSED, at=AT - timedelta(days=3))]

    assert _look(stage) == 0
    assert _cases(stage) == []


def test_a_known_caller_whom_nobody_is_known_to_have_talked_to_is_paged_for(back: Stage) -> None:
    back.telephone.arrived = [MISSED]

    assert _look(back) == 1
    back.tick()

    (case,) = _cases(back)
    assert (case.kind, case.state, case.unverified, case.opened_at) == ("incident", "open", True, MISSED.at)
    assert back.kinds()[:4] == ["call_arrived", "caller_identified", "seen_by_fallback", "opened"]
    assert back.telephone.calls
    assert "alarm" in back.mail.templates()


def test_our_own_call_that_the_fallback_answered_is_no_client(back: Stage) -> None:
    back.telephone.arrived = [replace(MISSED, caller=PAGE_FROM)]

    assert _look(back) == 0
    assert _cases(back) == []


def test_a_leg_as_long_as_a_conversation_is_one(back: Stage) -> None:
    ana = back.books.book.people["ana"]
    back.telephone.arrived = [MISSED]
    back.telephone.aftermaths = {"CA-missed": Aftermath(legs=(("+15005550000", 900), (ana.phones[0], 61)))}

    _look(back)

    assert _cases(back)[0].kind == "abandoned"
    told = next(entry.data for entry in back.record() if entry.kind == "seen_by_fallback")
    assert (told["person"], told["seconds"]) == ("ana", 61)


def test_a_leg_as_short_as_a_mailbox_is_none(back: Stage) -> None:
    ana = back.books.book.people["ana"]
    back.telephone.arrived = [MISSED]
    back.telephone.aftermaths = {"CA-missed": Aftermath(legs=((ana.phones[0], 60),))}

    _look(back)

    assert _cases(back)[0].kind == "incident"


@pytest.mark.parametrize("caller", [None, "+541140001000"])
def test_a_caller_who_is_not_known_pages_nobody(back: Stage, caller: str | None) -> None:
    back.telephone.arrived = [replace(MISSED, caller=caller)]

    _look(back)
    back.tick()

    assert (_cases(back)[0].kind, _cases(back)[0].state) == ("abandoned", "closed")
    assert back.telephone.calls == []
    assert set(back.mail.templates()) == {"alarm"}


def test_a_contract_that_is_not_in_force_pages_nobody(back: Stage) -> None:
    book = back.books.book
    (client,) = (c for c in book.clients.values() if c.contract.guard_line == LINE)
    rests = replace(client.contract, suspensions=(Suspension(AT.date() - timedelta(days=2)),))
    back.books.book = replace(book, clients={**book.clients, client.id: replace(client, contract=rests)})
    back.telephone.arrived = [MISSED]

    _look(back)

    assert _cases(back)[0].kind == "abandoned"


def test_a_call_is_taken_in_once_however_often_it_is_listed(back: Stage) -> None:
    back.telephone.arrived = [MISSED]

    taken = [_look(back, after=300) for _ in range(4)]

    assert taken == [1, 0, 0, 0]
    assert len(_cases(back)) == 1


def test_two_workers_that_look_at_once_take_it_in_once(back: Stage) -> None:
    back.telephone.arrived = [MISSED]

    assert (_look(back), _look(back)) == (1, 0)


def test_calls_that_we_saw_and_calls_to_other_numbers_are_left_alone(back: Stage) -> None:
    back.open_incident("CA-seen")
    seen = replace(MISSED, sid="CA-seen")
    back.telephone.arrived = [seen, replace(MISSED, sid="CA-other", line="+541152639999")]

    assert _look(back, after=120) == 0
    assert len(_cases(back)) == 1


def test_a_call_of_this_minute_may_still_be_on_its_way_to_us(back: Stage) -> None:
    back.telephone.arrived = [replace(MISSED, at=back.clock.at - timedelta(seconds=59))]

    assert [_look(back), _look(back, after=120)] == [0, 1]


def test_a_call_that_goes_on_is_asked_for_until_it_is_over(back: Stage) -> None:
    back.telephone.arrived = [replace(MISSED, is_over=False)]
    while_going_on = [_look(back, after=1500) for _ in range(3)]

    back.telephone.arrived = [MISSED]

    assert (while_going_on, _look(back, after=1500)) == ([0, 0, 0], 1)


def test_two_contacts_of_one_client_are_one_incident(back: Stage) -> None:
    later = replace(MISSED, sid="CA-later", at=MISSED.at + timedelta(minutes=3))
    back.telephone.arrived = [later, MISSED]

    assert _look(back) == 2

    assert len(_cases(back)) == 1
    assert back.kinds().count("seen_by_fallback") == 2


def test_a_message_is_copied_home(back: Stage) -> None:
    back.telephone.arrived = [MISSED]
    back.telephone.aftermaths = {"CA-missed": Aftermath(recordings=(("RE-1", 12), ("RE-2", 0)))}

    _look(back)
    back.tick()

    assert back.kinds().count("message_left") == 1
    with back.store.reading() as work:
        assert len(work.recording_tokens(1001)) == 1


def test_a_list_that_cannot_be_had_is_asked_for_again_from_where_it_was(
    back: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(_since: object) -> Any:
        raise Unreachable("no connection")

    back.telephone.arrived = [MISSED]
    with monkeypatch.context() as down:
        down.setattr(back.telephone, "arrivals", unreachable)
        looked = [_look(back, after=3600) for _ in range(3)]

    assert (looked, _look(back, after=3600)) == ([0, 0, 0], 1)


def _look(stage: Stage, after: float = 0) -> int:
    stage.clock.move(after)
    return stage.dispatcher.look_for_missed_calls(stage.clock.at)


def _cases(stage: Stage) -> list[Any]:
    with stage.store.reading() as work:
        return work.cases()
