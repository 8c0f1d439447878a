"""The synthetic call: what is decided of it as of any other call, and that nothing of it is done."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oncall import synthetic
from oncall.book import Synthetic
from oncall.dispatcher.callers import Ringing
from oncall.dispatcher.walking import order_walk
from oncall.intake import Call, Farewell, HungUp, KeyPressed, Step
from oncall.ports import Refused
from tests.oncall.examples import LINE, book
from tests.oncall.fakes import PAGE_FROM, Stage

ACME = book().client_on_line(LINE)
ZONE = "America/Argentina/Buenos_Aires"
MONDAY = datetime(2026, 1, 5, 13, tzinfo=UTC)  # 10:00
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("at", "moment"),
    [
        (MONDAY - SECOND, None),
        (MONDAY, MONDAY),
        (MONDAY + timedelta(hours=2), None),
        (MONDAY + timedelta(weeks=1), MONDAY + timedelta(weeks=1)),
    ],
)
def test_the_call_is_due_once_a_week(at: datetime, moment: datetime | None) -> None:
    assert synthetic.due(Synthetic(timedelta(weeks=1), timedelta(hours=10)), ZONE, at) == moment


def test_lines_take_their_turn() -> None:
    assert ACME is not None
    other = replace(ACME, id="other")

    assert synthetic.next_line([ACME, other], []) == ACME
    assert synthetic.next_line([ACME, other], ["acme"]) == other
    assert synthetic.next_line([ACME, other], ["other", "acme", "other"]) == ACME
    assert synthetic.next_line([], ["acme"]) is None


@pytest.fixture
def code(stage: Stage) -> str:
    """The code of the call that is on its way to ACME's line."""
    assert ACME is not None
    with stage.store.writing() as work:
        order_walk(work, ACME, "command", stage.dispatcher.new_token, stage.clock.at)
    stage.tick()
    assert [line for line, _ in stage.telephone.walks] == [LINE]
    walk = stage.dispatcher.walk(stage.telephone.walks[0][1])
    assert walk is not None
    return walk.keys[0][1].removesuffix("#")


def arrives(stage: Stage, sid: str = "CA-inbound", caller: str | None = PAGE_FROM) -> Call:
    return stage.dispatcher.arrive(Ringing(sid, LINE, caller), stage.clock.at)


def keys(stage: Stage, call: Call, *pressed: str) -> Call:
    for digits in pressed:
        heard = stage.dispatcher.hear(call.sid, KeyPressed(call.turn, digits), stage.clock.at)
        assert heard is not None
        call = heard
    return call


def ended(stage: Stage) -> tuple[str, str | None]:
    with stage.store.reading() as work:
        [row] = work.synthetics()
    return row.state, row.why


def nothing_came_of_it(stage: Stage) -> None:
    stage.tick(1)
    with stage.store.reading() as work:
        assert work.cases() == []
    assert (stage.telephone.calls, stage.telephone.texts) == ([], [])


def test_to_the_end_of_the_menu_and_nobody_is_paged(stage: Stage, code: str) -> None:
    call = keys(stage, arrives(stage), code, "1", "1")

    assert (call.step, call.farewell, call.case) == (Step.OVER, Farewell.TEST, None)
    assert ended(stage) == ("passed", None)
    nothing_came_of_it(stage)
    assert stage.mail.letters == []


@pytest.mark.parametrize(
    "pressed",
    [("0",), ("9", "9", "9"), ("1", "9", "9", "9"), ("1", "3")],
    ids=["another matter", "no such integration", "no such priority", "medium"],
)
def test_whatever_it_keys_nothing_is_opened(stage: Stage, code: str, pressed: tuple[str, ...]) -> None:
    call = keys(stage, arrives(stage), code, *pressed)

    assert call.step is Step.OVER
    assert ended(stage) == ("failed", "menu")
    nothing_came_of_it(stage)
    assert stage.mail.templates() == ["alarm"]


def test_hanging_up_on_the_way_is_no_abandoned_call(stage: Stage, code: str) -> None:
    call = keys(stage, arrives(stage), code)
    stage.dispatcher.hear(call.sid, HungUp(), stage.clock.at)

    assert ended(stage) == ("failed", "menu")
    nothing_came_of_it(stage)


def test_a_line_with_an_open_incident_is_walked_and_the_incident_left_alone(stage: Stage) -> None:
    stage.open_incident()
    stage.tick()
    before = stage.kinds()
    assert ACME is not None
    with stage.store.writing() as work:
        order_walk(work, ACME, "command", stage.dispatcher.new_token, stage.clock.at)
    stage.tick()
    walk = stage.dispatcher.walk(stage.telephone.walks[0][1])
    assert walk is not None

    keys(stage, arrives(stage), walk.keys[0][1].removesuffix("#"), "1")

    assert ended(stage) == ("passed", None)
    assert stage.kinds() == before


def test_managers_hear_of_a_call_that_never_came(stage: Stage, code: str) -> None:
    stage.tick(synthetic.LASTS.total_seconds())
    stage.tick(1)

    assert ended(stage) == ("failed", "not_heard")
    assert [letter.facts["what"] for letter in stage.mail.letters] == ["synthetic_failed"]


def test_managers_hear_of_a_call_that_cannot_be_made(stage: Stage) -> None:
    assert ACME is not None
    stage.telephone.drill_failures = [Refused("no", "21210")]
    with stage.store.writing() as work:
        order_walk(work, ACME, "command", stage.dispatcher.new_token, stage.clock.at)
    stage.tick()
    stage.tick(1)

    assert ended(stage) == ("failed", "not_placed")
    assert stage.mail.templates() == ["alarm"]


# --- nobody else can be taken for it -------------------------------------------------------------


def test_who_shows_our_number_and_knows_the_pin_is_a_client_like_any_other(stage: Stage, code: str) -> None:
    call = keys(stage, arrives(stage), "2580", "1", "1")
    stage.tick()

    assert call.case is not None
    assert stage.state(call.case) == "open"
    assert len(stage.telephone.calls) == 1


def test_a_code_counts_once(stage: Stage, code: str) -> None:
    keys(stage, arrives(stage), code, "1", "1")

    late = keys(stage, arrives(stage, "CA-late"), code)

    assert (late.step, late.is_test, late.tries) == (Step.PIN, False, 1)


def test_a_code_counts_for_its_own_call_however_often_the_webhook_comes(stage: Stage, code: str) -> None:
    call = arrives(stage)
    first = stage.dispatcher.hear(call.sid, KeyPressed(call.turn, code), stage.clock.at)
    again = stage.dispatcher.hear(call.sid, KeyPressed(call.turn, code), stage.clock.at)

    assert first == again
    assert first is not None
    assert first.is_test


def test_a_code_counts_for_some_minutes(stage: Stage, code: str) -> None:
    stage.clock.move(synthetic.LASTS.total_seconds())

    late = keys(stage, arrives(stage), code)

    assert not late.is_test


def test_an_unknown_caller_who_fails_the_pin_meanwhile_is_refused_in_writing(stage: Stage, code: str) -> None:
    call = keys(stage, arrives(stage, "CA-other", "+5491155559999"), "1", "2", "3")

    assert call.case is not None
    assert call.farewell is Farewell.REFUSED


def test_our_own_number_is_a_stranger_while_no_call_of_ours_is_due(stage: Stage) -> None:
    call = keys(stage, arrives(stage), "1", "2", "3")

    assert call.case is not None


def test_our_call_that_could_not_key_its_code_refuses_nobody_in_writing(stage: Stage, code: str) -> None:
    call = keys(stage, arrives(stage), "", "", "")

    assert (call.farewell, call.case) == (Farewell.TEST, None)
    nothing_came_of_it(stage)


def test_two_workers_make_the_weekly_call_once(stage: Stage) -> None:
    plan = replace(stage.books.book.service, synthetic=Synthetic(timedelta(weeks=1), timedelta(hours=10)))
    stage.books.book = replace(stage.books.book, service=plan)
    zone = plan.working_hours.timezone
    hours = (MONDAY + timedelta(hours=h) for h in range(-24, 24))
    at = next(hour for hour in hours if synthetic.due(plan.synthetic, zone, hour))

    assert [stage.dispatcher.make_synthetic_call(at) for _ in range(2)] == [1, 0]
