"""The recording of a conversation begins once, follows who is in it, and is no conversation's concern."""

from dataclasses import replace
from datetime import timedelta

import pytest

from oncall.escalation import Answer
from oncall.intake import Call, HungUp, KeyPressed, Recorded, Step
from oncall.ports import Ambiguous, Gone, Refused, Unreachable
from oncall.store.recordings import CONVERSATION
from tests.oncall.examples import MARTA
from tests.oncall.fakes import FixedBooks, Stage

ANA_1 = "1.1.ana.1"
MADE = "RE-1"


@pytest.fixture
def recording(stage: Stage) -> Stage:
    """The guard of a house that records conversations."""
    book = stage.books.book
    stage.books.book = replace(book, service=replace(book.service, conversations_recorded=True))
    assert isinstance(stage.books, FixedBooks)
    return stage


def described(stage: Stage, sid: str = "CA-marta") -> Call:
    call = stage.open_incident(sid)
    heard = stage.dispatcher.hear(sid, Recorded(call.turn, 0), stage.clock.at)
    assert heard is not None
    return heard


def taken(stage: Stage) -> Call:
    """Marta told the problem, and Ana took it by a key: they talk, and the worker did what there is to do."""
    call = described(stage)
    stage.tick()
    stage.dispatcher.page_key(stage.token(ANA_1), "1", stage.clock.at)
    stage.tick(1)
    return known(stage, call.sid)


def known(stage: Stage, sid: str = "CA-marta") -> Call:
    call = stage.dispatcher.call(sid)
    assert call is not None
    return call


def ready(stage: Stage, sid: str = MADE, seconds: int = 60) -> None:
    """Word that it is ready, as the telephone company gives it."""
    stage.dispatcher.recorded("CA-marta", sid, seconds, stage.clock.at, True)


def of_talks(stage: Stage) -> list[str]:
    return [kind for kind in stage.kinds() if kind.startswith(("recording_", "conversation_"))]


def test_it_begins_once_and_comes_home(recording: Stage) -> None:
    taken(recording)
    recording.tick(60)
    recording.dispatcher.hear("CA-marta", HungUp(), recording.clock.at)
    recording.tick(1)
    ready(recording)
    ready(recording)
    recording.tick(1)

    assert recording.telephone.taped == [("started", MADE), ("off", MADE)]
    assert of_talks(recording) == ["recording_began", "conversation_kept"]
    assert recording.telephone.deleted == [MADE]


def test_it_is_no_message_of_the_clients(recording: Stage) -> None:
    taken(recording)
    ready(recording)
    recording.tick(1)

    with recording.store.reading() as work:
        assert work.recording_tokens(1001) == []
        assert [sound.kind for sound in work.recordings_at_home(1001)] == [CONVERSATION]


def test_hold_pauses_it_and_handing_over_ends_it(recording: Stage) -> None:
    taken(recording)
    token = recording.token(ANA_1)
    recording.dispatcher.hold(token, True, recording.clock.at)
    recording.tick(20)
    recording.dispatcher.hold(token, False, recording.clock.at)
    recording.tick(20)
    recording.dispatcher.disposition(token, Answer.HANDED_OVER, recording.clock.at)
    recording.tick(1)

    assert known(recording).step is Step.WAITING
    assert [done for done, _ in recording.telephone.taped] == ["started", "paused", "on", "off"]


def test_on_hold_before_it_began_it_begins_paused(recording: Stage) -> None:
    recording.telephone.taping_failures = [Unreachable("not now", "503")]
    taken(recording)
    recording.dispatcher.hold(recording.token(ANA_1), True, recording.clock.at)
    recording.tick(5)

    assert [done for done, _ in recording.telephone.taped] == ["started", "paused"]


def test_what_has_not_begun_when_it_is_over_never_begins(recording: Stage) -> None:
    recording.telephone.taping_failures = [Unreachable("not now", "503")]
    taken(recording)
    recording.dispatcher.hear("CA-marta", HungUp(), recording.clock.at)
    recording.tick(60)

    assert recording.telephone.taped == []
    assert of_talks(recording) == ["conversation_unrecorded"]


def test_an_answer_that_was_lost_is_looked_up_and_adopted(recording: Stage) -> None:
    recording.telephone.taping_failures = [Ambiguous("made", "timeout")]
    taken(recording)
    recording.tick(5)

    assert recording.telephone.taped == [("started", MADE)]
    assert of_talks(recording) == ["recording_began"]


def test_what_was_begun_without_an_answer_is_ended_if_they_talk_no_more(recording: Stage) -> None:
    recording.telephone.taping_failures = [Ambiguous("made", "timeout")]
    call = described(recording)
    recording.tick()
    recording.dispatcher.page_key(recording.token(ANA_1), "1", recording.clock.at)
    recording.dispatcher.tick(recording.clock.now)
    token = recording.token(ANA_1)
    recording.dispatcher.disposition(token, Answer.HANDED_OVER, recording.clock.at)
    recording.tick(5)

    assert known(recording, call.sid).step is Step.WAITING
    assert recording.telephone.taped == [("started", MADE), ("off", MADE)]


def test_a_refusal_of_the_telephone_company_is_written_and_they_talk_on(recording: Stage) -> None:
    recording.telephone.taping_failures = [Refused("recording is off for this account", "20001")]
    call = taken(recording)

    assert call.step is Step.CONVERSATION
    assert of_talks(recording) == ["conversation_unrecorded"]
    assert recording.telephone.brought == ["CA-marta"]


def test_of_a_leg_that_is_over_nothing_is_written(recording: Stage) -> None:
    recording.telephone.taping_failures = [Gone("it is completed", "21220")]
    taken(recording)

    assert of_talks(recording) == []


def test_word_that_never_comes_is_not_waited_for(recording: Stage) -> None:
    taken(recording)
    recording.dispatcher.hear("CA-marta", HungUp(), recording.clock.at)
    recording.tick(1)
    assert "conversation_kept" not in recording.kinds()

    recording.tick(timedelta(minutes=6).total_seconds())

    assert "conversation_kept" in recording.kinds()
    assert recording.telephone.deleted == [MADE]


def test_what_came_to_nothing_is_written_and_not_asked_for_again(recording: Stage) -> None:
    taken(recording)
    recording.dispatcher.hear("CA-marta", HungUp(), recording.clock.at)
    recording.tick(1)
    recording.dispatcher.recording_absent("CA-marta", MADE, recording.clock.at)
    recording.telephone.recording_failures = [AssertionError("asked for")]
    recording.tick(600)

    assert of_talks(recording)[-1] == "recording_absent"


def test_what_comes_although_the_client_refused_meanwhile_is_only_deleted(recording: Stage) -> None:
    taken(recording)
    recording.dispatcher.disposition(recording.token(ANA_1), Answer.HANDED_OVER, recording.clock.at)
    recording.tick(1)
    waiting = known(recording)
    recording.dispatcher.hear("CA-marta", KeyPressed(waiting.turn, "9"), recording.clock.at)
    ready(recording)
    recording.tick(1)

    assert recording.shelf.kept == {}
    assert recording.telephone.deleted == [MADE]
    assert of_talks(recording)[-2:] == ["recording_refused", "recording_discarded"]


def test_a_caller_who_refused_and_comes_in_later_ends_it_for_all(recording: Stage) -> None:
    taken(recording)
    second = recording.dial("CA-second")
    joined = recording.press(second, "1")
    assert joined.taken_by == "Ana"
    recording.press(joined, "9")
    with recording.store.writing() as work:
        found = work.call("CA-second")
        assert found is not None
        work.save_call(replace(found[0], step=Step.CONVERSATION), found[1], recording.clock.at)
    recording.dispatcher.hold(recording.token(ANA_1), False, recording.clock.at)
    recording.tick(1)

    assert recording.telephone.taped == [("started", MADE), ("off", MADE)]


def test_what_was_not_recorded_because_of_one_does_not_begin_when_they_leave(recording: Stage) -> None:
    first, second = described(recording), recording.dial("CA-second")
    recording.press(second, "1")
    with recording.store.writing() as work:
        for sid, refused in ((first.sid, True), ("CA-second", False)):
            found = work.call(sid)
            assert found is not None
            changed = replace(found[0], refused_recording=refused, heard_of_recording=True)
            work.save_call(changed, found[1], recording.clock.at)
    recording.tick()
    recording.dispatcher.page_key(recording.token(ANA_1), "1", recording.clock.at)
    recording.tick(10)
    recording.dispatcher.hear(first.sid, HungUp(), recording.clock.at)
    recording.tick(10)

    assert known(recording, "CA-second").step is Step.CONVERSATION
    assert recording.telephone.taped == []


def two_callers(stage: Stage, first_refused: bool) -> Call:
    """Two wait for the same incident when Ana takes it; the second has not heard of the recording yet."""
    first = described(stage)
    stage.press(stage.dial("CA-second"), "1")
    with stage.store.writing() as work:
        for sid, refused, heard in ((first.sid, first_refused, True), ("CA-second", False, False)):
            found = work.call(sid)
            assert found is not None
            changed = replace(found[0], refused_recording=refused, heard_of_recording=heard)
            work.save_call(changed, found[1], stage.clock.at)
    stage.tick()
    stage.dispatcher.page_key(stage.token(ANA_1), "1", stage.clock.at)
    stage.tick(1)
    return known(stage, "CA-second")


@pytest.mark.parametrize(("first_refused", "told"), [(False, 1), (True, 0)])
def test_who_heard_that_it_is_recorded_hears_once_that_it_is_not(
    recording: Stage, first_refused: bool, told: int
) -> None:
    second = two_callers(recording, first_refused)
    recording.press(second, "9")
    recording.dispatcher.hear(second.sid, KeyPressed(second.turn, "9"), recording.clock.at)
    recording.tick(1)

    assert [what for what, _ in recording.telephone.in_room].count("unrecorded") == told
    assert ("started", MADE) not in recording.telephone.taped or ("off", MADE) in recording.telephone.taped


def test_nine_in_the_moment_of_being_put_through_ends_it_and_ours_hear_so(recording: Stage) -> None:
    before = described(recording)
    recording.tick()
    recording.dispatcher.page_key(recording.token(ANA_1), "1", recording.clock.at)
    recording.tick(1)
    recording.dispatcher.hear(before.sid, KeyPressed(before.turn, "9"), recording.clock.at)
    recording.tick(1)

    assert recording.telephone.taped == [("started", MADE), ("off", MADE)]
    assert [what for what, _ in recording.telephone.in_room].count("unrecorded") == 1
    assert known(recording).step is Step.CONVERSATION


def test_of_a_house_that_records_no_conversations_nothing_begins(stage: Stage) -> None:
    taken(stage)
    stage.tick(60)

    assert stage.telephone.taped == []


def test_it_goes_with_its_time_and_stays_while_its_case_is_held(recording: Stage) -> None:
    taken(recording)
    ready(recording)
    recording.tick(1)
    recording.dispatcher.disposition(recording.token(ANA_1), Answer.SOLVED, recording.clock.at)
    with recording.store.writing() as work:
        work.hold(1001, "a lawsuit", recording.clock.at)
    late = recording.clock.at + timedelta(days=91)

    assert recording.dispatcher.remove_old_recordings(late) == 0
    with recording.store.writing() as work:
        work.hold(1001, None, recording.clock.at)
    assert recording.dispatcher.remove_old_recordings(late + timedelta(hours=1)) == 1
    assert recording.shelf.kept == {}


def test_it_goes_at_once_where_its_caller_was_erased(recording: Stage) -> None:
    taken(recording)
    ready(recording)
    recording.tick(1)
    recording.dispatcher.disposition(recording.token(ANA_1), Answer.SOLVED, recording.clock.at)
    with recording.store.writing() as work:
        work.erase(1001, (str(MARTA.phone),), "request", recording.clock.at)

    assert recording.dispatcher.remove_old_recordings(recording.clock.at) == 1
    assert recording.shelf.kept == {}
