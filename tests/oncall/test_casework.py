"""What people write into a case, through the whole guard: what is refused, what is written, who is told."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from oncall.acts import Agreement, Channel, Close, Correction, Note, Party, WaitEnd, WaitStart
from oncall.clocks import Cause, clocks, facts_of
from oncall.closing import Closure, How, Lack
from oncall.dispatcher.casework import Upload
from oncall.escalation import Answer
from oncall.people import Person
from tests.oncall.examples import AT
from tests.oncall.fakes import Stage

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
CASE = 1001
ASKED = WaitStart(Party.CLIENT, "El certificado nuevo", "Marta Ruiz", Channel.MAIL, AT)
SOLVED = Close(Closure(How.SOLVED, cause="Venció el token.", done="Se renovó."))
EVIDENCE = Closure(
    How.THIRD_PARTY,
    cause="Su API no responde.",
    owner="Salesforce",
    window_from=AT - HOUR,
    window_to=AT,
    request="GET /leads",
    response="503",
    told="Marta Ruiz",
)


def person(stage: Stage, id: str) -> Person:
    return stage.books.current().people[id]


@pytest.fixture
def taken(stage: Stage) -> Stage:
    """An incident that Ana has, taken by key; she talked to the client, and that is over."""
    stage.open_incident()
    stage.tick()
    stage.dispatcher.page_key(stage.token("1.1.ana.1"), "1", stage.clock.at)
    stage.tick()
    return stage


def refused(stage: Stage, act: object, who: str = "ana") -> tuple[Lack, ...]:
    return stage.dispatcher.write(CASE, person(stage, who), act, stage.clock.at)  # type: ignore[arg-type]


def test_a_note_is_an_entry_of_who_wrote_it(taken: Stage) -> None:
    assert refused(taken, Note("  El token venció.  ")) == ()

    entry = taken.record()[-1]
    assert (entry.kind, entry.actor, entry.data["text"]) == ("note", "ana", "El token venció.")


def test_a_form_that_is_sent_again_is_written_once(taken: Stage) -> None:
    for _ in range(2):
        taken.dispatcher.write(CASE, person(taken, "ana"), Note("Una vez."), taken.clock.at, once="f1")

    assert taken.kinds().count("note") == 1


def test_the_same_words_in_a_form_that_was_gone_back_to_are_written_once(taken: Stage) -> None:
    for once in ("f1", "f2"):
        taken.dispatcher.write(CASE, person(taken, "ana"), Note("Una vez."), taken.clock.at, once=once)
    taken.dispatcher.write(CASE, person(taken, "ana"), Note("Y otra."), taken.clock.at, once="f3")

    written = [entry.data["text"] for entry in taken.record() if entry.kind == "note"]
    assert written == ["Una vez.", "Y otra."]


def test_everything_that_a_closing_lacks_is_told_at_once_and_nothing_is_written(taken: Stage) -> None:
    before = taken.kinds()

    lacking = refused(taken, Close(Closure(How.THIRD_PARTY)))

    assert lacking == (Lack.OWNER, Lack.CAUSE, Lack.WINDOW, Lack.EVIDENCE, Lack.TOLD)
    assert taken.kinds() == before
    assert taken.state() == "acknowledged"


def test_a_closing_on_evidence_sends_it_with_the_clause(taken: Stage) -> None:
    log = Upload("log.txt", "text/plain", b"503")
    taken.dispatcher.attach(CASE, "ana", "Ana Paz", log, taken.clock.at)
    assert refused(taken, Close(EVIDENCE)) == ()
    taken.tick()

    closed = next(e for e in taken.record() if e.kind == "closed")
    assert (closed.data["clause"], closed.data["owner"]) == ("A12", "Salesforce")
    assert taken.state() == "closed"
    letter = next(le for le in taken.mail.letters if le.template == "closed")
    assert letter.facts["response"] == "503"
    assert [(a.name, a.content) for a in letter.attachments] == [("log.txt", b"503")]


def test_a_closing_ends_the_waits_that_run(taken: Stage) -> None:
    refused(taken, ASKED)
    refused(taken, SOLVED)

    assert next(e for e in taken.record() if e.kind == "wait_ended").data["ended_by"] == "closed"


def test_the_letter_of_a_closing_holds_the_waits_that_ended_with_it_and_none_comes_of_its_own(
    taken: Stage,
) -> None:
    refused(taken, ASKED)
    refused(taken, replace(ASKED, party=Party.THIRD_PARTY, whom="Salesforce"))
    refused(taken, SOLVED)
    taken.tick()

    told = [le for le in taken.mail.letters if le.template in ("wait_ended", "closed")]
    assert {le.template for le in told} == {"closed"}
    assert [w["whom"] for w in told[0].facts["waits_ended"]] == ["Marta Ruiz", "Salesforce"]
    assert taken.kinds().count("wait_ended") == 2


def test_waits_that_one_call_of_the_client_ends_are_told_in_one_letter(taken: Stage) -> None:
    refused(taken, ASKED)
    refused(taken, replace(ASKED, asked="El log"))
    taken.press(taken.dial("CA-again"), "1")
    taken.tick()

    told = [le for le in taken.mail.letters if le.template == "wait_ended"]
    assert len(told) == 2  # client, managers
    assert [wait["asked"] for wait in told[0].facts["waits_ended"]] == ["El certificado nuevo", "El log"]
    assert taken.kinds().count("wait_ended") == 2


def test_a_wait_that_is_written_after_the_clients_call_ended_with_that_call(taken: Stage) -> None:
    since = taken.clock.at
    taken.clock.move(1800)
    heard = taken.clock.at
    taken.press(taken.dial("CA-again"), "1")
    taken.clock.move(1800)
    refused(taken, replace(ASKED, since=since))
    taken.tick()

    ended = next(e for e in taken.record() if e.kind == "wait_ended")
    assert (ended.at, ended.data["ended_by"]) == (taken.clock.at, "call")
    assert datetime.fromisoformat(ended.data["ended_at"]) == heard
    with taken.store.reading() as work:
        assert [(w.ended_at, w.ended_by) for w in work.waits(CASE)] == [(heard, "call")]
    service = taken.books.current().service
    facts = facts_of(taken.record(), service.promises)
    assert facts is not None
    pauses = clocks(facts, service.working_hours, taken.clock.at).resolution.pauses
    assert pauses[Cause.CLIENT] == heard - since
    letters = [le for le in taken.mail.letters if le.template.startswith("wait_")]
    assert {le.template for le in letters} == {"wait_started"}
    assert letters[0].facts["ended_at"] == heard.isoformat()


def test_closed_twice_is_closed_once(taken: Stage) -> None:
    assert refused(taken, SOLVED) == ()

    assert refused(taken, SOLVED) == (Lack.CLOSED,)


def test_only_who_has_it_or_a_manager_closes_it(taken: Stage) -> None:
    assert refused(taken, SOLVED, "bruno") == (Lack.NOT_YOURS,)
    assert refused(taken, SOLVED, "lucia") == ()


def test_what_nobody_has_is_taken_before_it_is_closed(stage: Stage) -> None:
    stage.open_incident()

    assert refused(stage, SOLVED) == (Lack.NOT_TAKEN,)


def test_a_duplicate_is_of_another_incident_of_the_same_client(taken: Stage) -> None:
    assert refused(taken, Close(Closure(How.DUPLICATE, duplicate_of="G-9"))) == (Lack.DUPLICATE_UNKNOWN,)
    assert refused(taken, Close(Closure(How.DUPLICATE, duplicate_of="1001"))) == (Lack.DUPLICATE_UNKNOWN,)


def test_a_wait_starts_only_with_what_was_asked_of_whom_by_what_and_when(taken: Stage) -> None:
    nothing = refused(taken, WaitStart())

    assert nothing == (Lack.PARTY, Lack.ASKED, Lack.WHOM, Lack.CHANNEL, Lack.SINCE)
    assert refused(taken, replace(ASKED, since=taken.clock.at + HOUR)) == (Lack.SINCE_AHEAD,)
    before = taken.record()[0].at - timedelta(minutes=1)
    assert refused(taken, replace(ASKED, since=before)) == (Lack.SINCE_BEFORE,)
    assert "wait_started" not in taken.kinds()


def test_a_wait_ends_by_itself_at_its_limit(taken: Stage) -> None:
    refused(taken, ASKED)
    taken.tick(after=25 * 3600)

    ended = next(e for e in taken.record() if e.kind == "wait_ended")
    assert ended.data["ended_by"] == "limit"
    assert [le.template for le in taken.mail.letters].count("wait_ended") == 2  # client, managers


def test_the_clients_call_ends_a_wait_on_it_and_not_on_others(taken: Stage) -> None:
    refused(taken, ASKED)
    refused(taken, replace(ASKED, party=Party.THIRD_PARTY, whom="Salesforce"))
    taken.clock.move(60)
    taken.press(taken.dial("CA-again"), "1")

    with taken.store.reading() as work:
        assert [(w.party, w.ended_by) for w in work.waits(CASE)] == [
            ("client", "call"),
            ("third_party", None),
        ]


def test_the_clocks_follow_from_the_entries_of_the_wait(taken: Stage) -> None:
    refused(taken, replace(ASKED, since=taken.clock.at))
    taken.clock.move(3600)
    number = next(e.number for e in taken.record() if e.kind == "wait_started")
    assert refused(taken, WaitEnd(number)) == ()
    assert refused(taken, WaitEnd(number)) == (Lack.WAIT,)

    service = taken.books.current().service
    facts = facts_of(taken.record(), service.promises)
    assert facts is not None
    found = clocks(facts, service.working_hours, taken.clock.at)
    assert found.resolution.pauses[Cause.CLIENT] == HOUR


def test_a_wait_that_is_corrected_away_runs_no_more(taken: Stage) -> None:
    refused(taken, ASKED)
    number = next(e.number for e in taken.record() if e.kind == "wait_started")

    assert refused(taken, Correction(number, "No se pidió.", withdraws=True)) == ()

    with taken.store.reading() as work:
        assert [w.ended_by for w in work.waits(CASE)] == ["withdrawn"]


def test_what_happened_cannot_be_corrected_away(taken: Stage) -> None:
    number = next(e.number for e in taken.record() if e.kind == "acknowledged")

    assert refused(taken, Correction(number, "No fui yo.", withdraws=True)) == (Lack.NOT_WITHDRAWN,)
    assert refused(taken, Correction(number, "Fue Bruno.")) == ()
    assert refused(taken, Correction(999, "¿?")) == (Lack.ENTRY,)


def test_a_conversation_without_its_agreement_is_asked_for_and_then_settled(taken: Stage) -> None:
    taken.dispatcher.conversation_ended(taken.token("1.1.ana.1"), taken.clock.at)
    taken.tick(after=601)

    [(to, sms)] = [(to, sms) for to, sms in taken.telephone.texts if sms.key == "sms.agreement_owed"]
    assert to == person(taken, "ana").phones[0]
    assert sms.link_page == taken.token("1.1.ana.1")
    assert "agreement_asked" in taken.kinds()
    until = taken.clock.at + HOUR
    assert refused(taken, Agreement("Cambian la clave", "Marta", Channel.PHONE, until)) == ()
    with taken.store.reading() as work:
        assert work.owed(CASE) == []
    taken.tick(after=3600)
    assert [s.key for _, s in taken.telephone.texts].count("sms.agreement_owed") == 1


def test_nobody_is_asked_for_ever(taken: Stage) -> None:
    taken.dispatcher.conversation_ended(taken.token("1.1.ana.1"), taken.clock.at)
    for _ in range(10):
        taken.tick(after=1801)

    assert [s.key for _, s in taken.telephone.texts].count("sms.agreement_owed") == 3
    with taken.store.reading() as work:
        assert [o.what for o in work.owed(CASE)] == ["agreement"]


def test_an_agreement_says_what_with_whom_by_what_and_until_when_or_that_there_is_none(taken: Stage) -> None:
    assert refused(taken, Agreement()) == (Lack.AGREED, Lack.WHOM, Lack.CHANNEL, Lack.UNTIL)
    assert refused(taken, Agreement("Algo", "Marta", Channel.VIDEO, AT - HOUR)) == (Lack.UNTIL_PAST,)
    assert refused(taken, Agreement(whom="Marta", channel=Channel.PHONE, nothing=True)) == ()


def test_closed_by_key_it_owes_its_cause_in_writing(taken: Stage) -> None:
    token = taken.token("1.1.ana.1")
    taken.dispatcher.conversation_ended(token, taken.clock.at)
    taken.dispatcher.disposition(token, Answer.SOLVED, taken.clock.at)
    assert taken.state() == "closed"
    taken.tick(after=601)

    owed = [s.key for _, s in taken.telephone.texts if s.key.endswith("_owed")]
    assert owed == ["sms.closure_owed"]  # the closing says what the conversation came to
    assert refused(taken, SOLVED) == ()
    taken.tick()
    assert taken.kinds().count("closed") == 1
    completed = next(e for e in taken.record() if e.kind == "closure_completed")
    assert completed.data["cause"] == "Venció el token."
    assert refused(taken, SOLVED) == (Lack.CLOSED,)
    with taken.store.reading() as work:
        assert work.owed(CASE) == []


def test_a_file_is_kept_once_and_given_only_with_its_case(taken: Stage) -> None:
    log = Upload("log.txt", "text/plain", b"503")
    given = [taken.dispatcher.attach(CASE, "ana", "Ana Paz", log, taken.clock.at) for _ in range(2)]

    assert given == [True, False]
    with taken.store.reading() as work:
        [file] = work.files(CASE)
    found = taken.dispatcher.file(CASE, file.token)
    assert found is not None
    assert found[1] == b"503"
    assert taken.dispatcher.file(CASE + 1, file.token) is None
    assert taken.dispatcher.file(CASE, "nobody's") is None
