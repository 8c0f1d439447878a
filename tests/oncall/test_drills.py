"""Drills: when they are due, whom they ring, what passes, and that every page goes first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oncall import drills
from oncall.dispatcher import drilling
from oncall.drills import State
from oncall.ports import Ambiguous, Refused, Unreachable
from oncall.rosters import Drills
from tests.oncall.examples import ANA, BRUNO, book
from tests.oncall.fakes import Stage

TEAM = next(iter(book().teams.values()))
# Every four weeks from Monday 2026-01-05, on Wednesday at 11:00 in Buenos Aires (14:00 UTC).
MONTHLY = Drills(timedelta(weeks=4), timedelta(days=2, hours=11), timedelta(days=42))
HELD = replace(TEAM, timezone="America/Argentina/Buenos_Aires", drill=MONTHLY)
WEDNESDAY = datetime(2026, 1, 7, 14, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("at", "moment"),
    [
        (WEDNESDAY - SECOND, None),
        (WEDNESDAY, WEDNESDAY),
        (WEDNESDAY + drills.LASTS - SECOND, WEDNESDAY),
        (WEDNESDAY + drills.LASTS, None),
        (WEDNESDAY + timedelta(weeks=1), None),
        (WEDNESDAY + timedelta(weeks=4), WEDNESDAY + timedelta(weeks=4)),
        (WEDNESDAY - timedelta(weeks=4), WEDNESDAY - timedelta(weeks=4)),
    ],
)
def test_a_drill_is_due_on_its_day_and_not_made_up_for(at: datetime, moment: datetime | None) -> None:
    assert drills.due(HELD, at) == moment


def test_a_team_that_holds_none_has_none_due() -> None:
    assert drills.due(replace(HELD, drill=None), WEDNESDAY) is None


def test_a_drill_at_the_end_of_the_week_is_still_due_after_midnight() -> None:
    late = replace(HELD, drill=replace(MONTHLY, at=timedelta(days=6, hours=23)))

    assert drills.due(late, datetime(2026, 1, 12, 3, 30, tzinfo=UTC)) == datetime(2026, 1, 12, 2, tzinfo=UTC)


def test_night_is_that_of_the_teams_clock() -> None:
    assert drills.is_night(HELD, datetime(2026, 1, 7, 10, 59, tzinfo=UTC))  # 07:59
    assert not drills.is_night(HELD, datetime(2026, 1, 7, 11, tzinfo=UTC))
    assert drills.is_night(HELD, datetime(2026, 1, 8, tzinfo=UTC))  # 21:00


def test_who_has_not_passed_for_as_long_as_a_pass_counts_has_lapsed() -> None:
    people = {"ana": ANA, "bruno": BRUNO}
    at = WEDNESDAY
    passed = {"ana": at - timedelta(days=42), "bruno": at - timedelta(days=42) - SECOND}

    assert [p.id for p in drills.lapsed(HELD, people, passed, at)] == ["bruno"]
    assert [p.id for p in drills.lapsed(HELD, people, {}, at)] == ["ana", "bruno"]
    assert drills.lapsed(TEAM, people, {}, at) == ()


# --- the telephone -------------------------------------------------------------------------------


def ask(stage: Stage) -> None:
    """Ana is asked, and nobody else."""
    with stage.store.writing() as work:
        assert drilling.ask(work, TEAM.id, [ANA], "command", stage.dispatcher.new_token, stage.clock.at) == [
            "ana"
        ]


def state(stage: Stage) -> tuple[str, str | None]:
    with stage.store.reading() as work:
        [row] = work.drills()
    return row.state, row.why


def token(stage: Stage) -> str:
    return stage.telephone.drills[-1][1]


def status(stage: Stage, said: str) -> None:
    sid = f"CA-drill-{len(stage.telephone.drills)}"
    stage.dispatcher.drill_status(token(stage), sid, said, stage.clock.at)


def test_a_drill_rings_and_texts_and_the_key_passes_it(stage: Stage) -> None:
    ask(stage)
    stage.tick()
    assert [to for to, _ in stage.telephone.drills] == [ANA.phones[0]]
    assert [(to, sms.key) for to, sms in stage.telephone.texts] == [(ANA.phones[0], "sms.drill")]

    stage.dispatcher.drill_reached(token(stage), stage.clock.at)
    assert state(stage) == (State.ANSWERED, None)
    stage.dispatcher.drill_passed(token(stage), stage.clock.at)
    status(stage, "completed")

    assert state(stage) == (State.PASSED, None)
    with stage.store.reading() as work:
        assert work.drills_passed() == {"ana": stage.clock.at}
        assert work.cases() == []


def test_a_text_that_answers_a_drill_is_told_to_answer_the_call(stage: Stage) -> None:
    assert stage.dispatcher.text(ANA.phones[0], "1", stage.clock.at).key == "sms.help"
    ask(stage)
    stage.tick()

    assert stage.dispatcher.text(ANA.phones[0], "1", stage.clock.at).key == "sms.drill"
    assert stage.dispatcher.text(ANA.phones[0], "who", stage.clock.at).key != "sms.drill"
    assert state(stage)[0] != State.PASSED


def test_nobody_is_asked_twice_at_a_time(stage: Stage) -> None:
    ask(stage)

    everybody = stage.dispatcher.ask_drill(TEAM.id, "command", stage.clock.at)

    assert "ana" not in everybody
    assert everybody


@pytest.mark.parametrize(
    ("said", "answered", "why"),
    [
        ("no-answer", False, "no_answer"),
        ("busy", False, "busy"),
        ("completed", True, "no_key"),
    ],
)
def test_without_a_key_the_next_phone_rings_and_after_the_last_it_failed(
    stage: Stage, said: str, answered: bool, why: str
) -> None:
    ask(stage)
    for _ in ANA.phones:
        stage.tick(1)
        if answered:
            stage.dispatcher.drill_reached(token(stage), stage.clock.at)
        status(stage, said)
    stage.tick(1)

    assert [to for to, _ in stage.telephone.drills] == list(ANA.phones)
    assert state(stage) == (State.FAILED, why)
    assert len(stage.telephone.texts) == 1


def test_a_lost_callback_delays_and_never_strands(stage: Stage) -> None:
    ask(stage)
    for _ in ANA.phones:
        stage.tick(1)
        stage.tick((drills.RINGS + drills.SETTLES).total_seconds())
    stage.tick(1)

    assert state(stage) == (State.FAILED, "no_answer")


def test_a_late_key_counts(stage: Stage) -> None:
    ask(stage)
    stage.tick()
    first = token(stage)
    for _ in ANA.phones:
        status(stage, "no-answer")
        stage.tick(1)
    assert state(stage)[0] == State.FAILED

    stage.dispatcher.drill_passed(first, stage.clock.at)

    assert state(stage) == (State.PASSED, None)


def test_what_cannot_be_placed_is_tried_again_and_a_refused_phone_is_left(stage: Stage) -> None:
    stage.telephone.drill_failures = [Unreachable("not now", "503"), Refused("no such phone", "21217")]
    ask(stage)
    stage.tick()
    assert state(stage)[0] == State.ASKED
    stage.tick(30)
    stage.tick(1)

    assert [to for to, _ in stage.telephone.drills] == [ANA.phones[1]]


def test_a_call_that_was_perhaps_made_is_not_made_twice(stage: Stage) -> None:
    stage.telephone.drill_failures = [Ambiguous("no answer", "timeout")]
    ask(stage)
    stage.tick()
    stage.tick(60)

    assert stage.telephone.drills == []
    assert state(stage)[0] == State.RINGING


# --- pages go first ------------------------------------------------------------------------------


def test_whoever_is_being_paged_is_asked_later(stage: Stage) -> None:
    stage.open_incident()
    stage.tick()
    ask(stage)
    stage.tick(1)
    assert stage.telephone.drills == []
    stage.dispatcher.page_key(stage.token("1.1.ana.1"), "1", stage.clock.at)
    stage.tick(drills.ASKS_AGAIN.total_seconds())
    assert stage.telephone.drills == [], "Ana has an incident in hands"

    stage.tick(drills.LASTS.total_seconds())

    assert state(stage) == (State.FAILED, "in_a_page")


def test_a_drill_gives_way_to_a_page(stage: Stage) -> None:
    ask(stage)
    stage.tick()
    assert state(stage)[0] == State.RINGING

    stage.open_incident()
    stage.tick()
    assert stage.telephone.calls == [], "first the test hangs up"
    stage.tick(1)

    assert state(stage) == (State.FAILED, "gave_way")
    assert stage.telephone.hung_up == ["CA-drill-1"]
    assert [to for to, _ in stage.telephone.calls] == [ANA.phones[0]]


def test_a_drill_leaves_after_every_page_and_takes_a_slot_of_the_pacing(stage: Stage) -> None:
    stage.dispatcher.calls_per_second = 1
    with stage.store.writing() as work:
        drilling.ask(work, TEAM.id, [BRUNO], "command", stage.dispatcher.new_token, stage.clock.at)
    stage.open_incident()

    stage.tick()
    assert (len(stage.telephone.calls), len(stage.telephone.drills)) == (1, 0)
    stage.tick(1)

    assert (len(stage.telephone.calls), len(stage.telephone.drills)) == (1, 1)


def test_two_workers_hold_a_planned_drill_once(stage: Stage) -> None:
    stage.books.book = replace(stage.books.book, teams={TEAM.id: HELD})
    stage.clock.at = WEDNESDAY

    asked = [stage.dispatcher.hold_drills(stage.clock.at) for _ in range(2)]

    assert asked == [len(drills.people_of(HELD, stage.books.book.people)), 0]
