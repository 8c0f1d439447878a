"""The less common ways in, on both databases: a dispute, contracts nobody can read, our own error."""

from dataclasses import replace

from oncall.dispatcher.callers import Ringing
from oncall.dispatcher.opening import DIRECT_DIAL
from oncall.intake import PATIENCE, HungUp, Step
from tests.oncall.examples import ANA, LINE, LUCIA, MARTA
from tests.oncall.fakes import Stage

STRANGER = Ringing("CA-1", "+541140009999", MARTA.phone)
RINGING = Ringing("CA-marta", LINE, MARTA.phone)


def rung(stage: Stage) -> list[str]:
    return [to for to, _ in stage.telephone.calls]


def test_a_dispute_pages_the_managers_in_the_same_case_and_keeps_its_reason(stage: Stage) -> None:
    refused = stage.press(stage.dial(), "2")
    assert stage.state() == "closed"

    stage.press(refused, "5")
    stage.tick()

    assert rung(stage) == [LUCIA.phones[0]]
    with stage.store.reading() as work:
        (case,) = work.cases()
    assert (case.kind, case.state, case.reason, case.disputed) == (
        "incident",
        "open",
        "self_service_integration",
        True,
    )
    assert "disputed" in stage.kinds()
    assert case.closed_at is None


def test_a_dispute_is_repeated_until_somebody_takes_it(stage: Stage) -> None:
    stage.press(stage.press(stage.dial(), "2"), "5")

    for _ in range(40):
        stage.tick(30)

    assert set(rung(stage)) == {LUCIA.phones[0]}
    assert len(rung(stage)) > 2
    assert stage.state() == "open"


def test_a_disputed_incident_is_joined_by_nobody(stage: Stage) -> None:
    stage.press(stage.press(stage.press(stage.dial("CA-1"), "1"), "4"), "5")

    second = stage.open_incident("CA-2", "1")

    assert (second.reference, second.joined) == ("G-1002", False)


def test_contracts_that_nobody_can_read_page_all_the_same(stage: Stage) -> None:
    stage.books.readable = False

    call = stage.dial()
    stage.tick()

    assert (call.step, call.unverified) == (Step.DESCRIBING, True)
    assert rung(stage) == [ANA.phones[0]]
    assert "contract_unreadable" in stage.kinds()


def test_an_unknown_line_is_a_refusal_that_only_managers_read(stage: Stage) -> None:
    stage.dispatcher.arrive(STRANGER, stage.clock.at)
    stage.tick()

    with stage.store.reading() as work:
        (case,) = work.cases()
    assert (case.kind, case.reason, case.client) == ("refusal", "unknown_line", None)
    assert {letter.to for letter in stage.mail.letters} == {(LUCIA.email,)}
    assert rung(stage) == []


def test_our_own_error_rings_whoever_is_on_call_directly_and_pages_if_nobody_takes_it(stage: Stage) -> None:
    dialled = stage.dispatcher.fail_open(RINGING, "/voice/incoming", stage.clock.at)
    assert [to for _, to in dialled] == [ANA.phones[0]]
    assert stage.kinds().count("internal_error") == 1
    stage.tick()
    assert rung(stage) == [], "the caller's own leg rings them first"

    stage.tick(DIRECT_DIAL.total_seconds())

    assert rung(stage) == [ANA.phones[0]]
    assert "alarm" in stage.mail.templates()


def test_our_own_error_that_comes_twice_is_one_incident(stage: Stage) -> None:
    stage.dispatcher.fail_open(RINGING, "/voice/incoming", stage.clock.at)
    stage.dispatcher.fail_open(RINGING, "/voice/incoming", stage.clock.at)

    with stage.store.reading() as work:
        assert [case.id for case in work.cases()] == [1001]


def test_a_direct_call_that_is_taken_pages_nobody_else(stage: Stage) -> None:
    ((token, _),) = stage.dispatcher.fail_open(RINGING, "/voice/incoming", stage.clock.at)

    stage.dispatcher.page_key(token, "1", stage.clock.at, "CA-direct")
    stage.tick(DIRECT_DIAL.total_seconds())

    assert stage.state() == "acknowledged"
    assert rung(stage) == []


def test_a_caller_of_whom_nothing_more_is_heard_is_a_case_and_not_stranded(stage: Stage) -> None:
    stage.press(stage.dial(), "1")

    stage.tick(PATIENCE.total_seconds())

    with stage.store.reading() as work:
        (case,) = work.cases()
    assert case.kind == "abandoned"
    call = stage.dispatcher.call("CA-marta")
    assert call is not None
    assert call.step is Step.OVER


def test_who_hangs_up_after_the_priority_is_paged_for_all_the_same(stage: Stage) -> None:
    stage.open_incident()
    stage.dispatcher.hear("CA-marta", HungUp(), stage.clock.at)

    stage.tick()

    assert rung(stage) == [ANA.phones[0]]
    assert stage.state() == "open"


def test_an_incident_that_nobody_takes_goes_round_and_round_and_managers_are_told(stage: Stage) -> None:
    stage.open_incident()

    while stage.kinds().count("round_ended") < 3:
        stage.tick(20)

    assert stage.mail.templates().count("not_taken") == stage.kinds().count("round_ended")
    assert stage.state() == "open"
    due = stage.dispatcher.next_due(stage.clock.at)
    assert due is not None
    assert due > stage.clock.at


def test_whoever_holds_the_shift_when_the_level_begins_is_paged(stage: Stage) -> None:
    stage.open_incident()
    stage.tick()
    people = dict(stage.books.book.people)
    people["bruno"] = replace(people["bruno"], phones=("+5511955550199",))
    stage.books.book = replace(stage.books.book, people=people, version="book-2")

    stage.tick(180)

    assert rung(stage)[-1] == "+5511955550199"
    began = [entry.data for entry in stage.record() if entry.kind == "level_began"]
    assert [entry["roster"] for entry in began] == ["book-1", "book-2"]
