"""Where callers wait and people meet: queues and conferences."""

from app.sandbox.scripts import Script
from tests.app.sandbox.town import ANA, BRUNO, LINE, MARTA, ORIGIN, Town, document, gather, say

QUEUE = "case-1"
ENQUEUE = document(f'<Enqueue action="{ORIGIN}/left" waitUrl="{ORIGIN}/wait">{QUEUE}</Enqueue>')
WAIT = document(gather("/choice", "Estamos llamando", numDigits="1", timeout="4"))
BYE = document(say("Adiós"), "<Hangup/>")
JOIN = '<Dial action="{0}/left"><Conference {1}>room-1</Conference></Dial>'


def meeting(attributes: str = "") -> str:
    return document(JOIN.format(ORIGIN, attributes))


def two_in_a_room(town: Town, marta: str = "", ana: str = "", script: Script | None = None) -> None:
    """Marta dials into the conference; Ana is called into it."""
    town.tell("/in", meeting(marta))
    town.tell("/page", meeting(ana))
    town.tell("/left", BYE)
    town.phone(ANA).behave(script or Script.answering(2))
    town.dial()
    town.call()


def test_a_waiting_caller_hears_the_wait_document_again_and_again(town: Town) -> None:
    town.tell("/in", ENQUEUE)
    town.tell("/wait", WAIT)

    sid = town.dial()
    town.run(20)

    rounds = town.asked("/wait")
    assert len(rounds) >= 3
    assert {form["QueuePosition"] for form in rounds} == {"1"}
    assert int(rounds[-1]["QueueTime"]) > int(rounds[0]["QueueTime"])
    assert rounds[0]["CallSid"] == sid
    assert rounds[0]["CurrentQueueSize"] == "1"


def test_leave_takes_the_caller_out_of_the_queue(town: Town) -> None:
    town.tell("/in", ENQUEUE)
    town.tell("/wait", WAIT)
    town.tell("/choice", document("<Leave/>"))
    town.tell("/left", BYE)

    town.dial(Script().press("2", hearing="llamando"))
    town.run()

    [form] = town.asked("/left")
    assert form["QueueResult"] == "leave"
    assert town.heard(MARTA)[-1] == "Adiós"


def test_a_hang_up_in_the_queue_is_told_to_the_action(town: Town) -> None:
    town.tell("/in", ENQUEUE)
    town.tell("/wait", WAIT)

    town.dial(Script().hang_up(after=3))
    town.run()

    assert [form["QueueResult"] for form in town.asked("/left")] == ["hangup"]


def test_dialling_the_queue_connects_with_who_waits(town: Town) -> None:
    town.tell("/in", ENQUEUE)
    town.tell("/wait", WAIT)
    town.tell("/left", BYE)
    town.tell(
        "/page", document(f'<Dial action="{ORIGIN}/talked"><Queue url="{ORIGIN}/soon">{QUEUE}</Queue></Dial>')
    )
    town.tell("/soon", document(say("Va a ser conectada")))
    town.tell("/talked", BYE)
    town.phone(ANA).behave(Script.answering(2).say("Hola, acá Ana", after=4).hang_up(after=5))

    town.dial()
    town.call()
    town.run()

    assert town.heard(MARTA)[-3:] == ["Va a ser conectada", "Hola, acá Ana", "Adiós"]
    assert town.asked("/left")[0]["QueueResult"] == "bridged"


def test_a_caller_redirected_out_of_the_queue_goes_where_it_is_sent(town: Town) -> None:
    assert town.client is not None
    town.tell("/in", ENQUEUE)
    town.tell("/wait", WAIT)
    town.tell("/next", BYE)
    sid = town.dial()
    town.run(5)

    town.client.calls(sid).update(url=f"{ORIGIN}/next")
    town.run()

    assert town.heard(MARTA)[-1] == "Adiós"
    assert [form["QueueResult"] for form in town.asked("/left")] == ["redirected"]


def test_a_broken_wait_document_ends_the_wait_with_an_error(town: Town) -> None:
    town.tell("/in", ENQUEUE)
    town.tell("/wait", ("boom", 500))
    town.tell("/left", BYE)

    town.dial()
    town.run()

    assert [form["QueueResult"] for form in town.asked("/left")] == ["error"]


def test_two_people_in_a_conference_hear_each_other(town: Town) -> None:
    two_in_a_room(town, script=Script.answering(2).say("Hola Marta", after=3))

    town.run(20)

    assert "Hola Marta" in town.heard(MARTA)
    talking = {event.number: event.detail["to"] for event in town.exchange.story.of("talking")}
    assert talking == {MARTA: [ANA], ANA: [MARTA]}


def test_nobody_is_heard_until_the_conference_may_start(town: Town) -> None:
    two_in_a_room(
        town,
        marta='startConferenceOnEnter="false"',
        ana='startConferenceOnEnter="false"',
        script=Script.answering(2).say("¿Hola?", after=3),
    )

    town.run(20)

    assert "¿Hola?" not in town.heard(MARTA)


def test_one_person_alone_waits_with_the_wait_document(town: Town) -> None:
    town.tell("/in", meeting(f'waitUrl="{ORIGIN}/music"'))
    town.tell("/music", document(say("Un momento"), f"<Redirect>{ORIGIN}/music</Redirect>"))

    town.dial()
    town.run(10)

    assert len(town.asked("/music")) > 3


def test_the_conference_ends_when_who_must_stay_leaves(town: Town) -> None:
    two_in_a_room(town, ana='endConferenceOnExit="true"', script=Script.answering(2).hang_up(after=5))

    town.run(60)

    assert town.heard(MARTA)[-1] == "Adiós"
    # Ana's own leg is told too, though nobody listens any more.
    assert [form["CallStatus"] for form in town.asked("/left")] == ["completed", "in-progress"]
    assert all("DialCallSid" not in form for form in town.asked("/left"))


def test_without_that_flag_the_other_stays(town: Town) -> None:
    two_in_a_room(town, script=Script.answering(2).hang_up(after=5))

    town.run(60)

    assert town.phone(MARTA).call is not None


def test_the_first_participant_fixes_the_status_callback(town: Town) -> None:
    events = 'statusCallbackEvent="start end join leave"'
    two_in_a_room(
        town,
        marta=f'statusCallback="{ORIGIN}/room" {events} endConferenceOnExit="true" participantLabel="caller"',
        ana=f'statusCallback="{ORIGIN}/other" {events}',
    )
    town.run(10)

    town.phone(MARTA).hang_up()
    town.run()

    told = town.asked("/room")
    assert [form["StatusCallbackEvent"] for form in told] == [
        "participant-join",
        "participant-join",
        "conference-start",
        "participant-leave",
        "participant-leave",
        "conference-end",
    ]
    assert [form["SequenceNumber"] for form in told] == [str(number) for number in range(6)]
    assert told[0]["ParticipantLabel"] == "caller"
    assert told[-1]["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert town.asked("/other") == []


def test_a_label_that_is_taken_skips_the_conference(town: Town) -> None:
    two_in_a_room(town, marta='participantLabel="x"', ana='participantLabel="x"')

    town.run(30)

    assert town.asked("/left")[0]["DialCallStatus"] == "failed"
    assert town.phone(MARTA).call is not None


def test_a_conference_may_be_recorded(town: Town) -> None:
    recorded = f'record="record-from-start" recordingStatusCallback="{ORIGIN}/recording"'
    two_in_a_room(town, marta=f'{recorded} endConferenceOnExit="true"')
    town.run(12)

    town.phone(MARTA).hang_up()
    town.run()

    [form] = town.asked("/recording")
    assert form["RecordingSource"] == "Conference"
    assert form["ConferenceSid"].startswith("CF")
    assert 8 <= int(form["RecordingDuration"]) <= 10


def test_both_legs_can_be_sent_into_one_conference(town: Town) -> None:
    """How a caller who waits and an engineer who accepted are brought together."""
    assert town.client is not None
    town.tell("/in", ENQUEUE)
    town.tell("/wait", WAIT)
    town.tell("/page", document(gather("/took", "Marque 1", numDigits="1"), "<Hangup/>"))
    town.tell("/room", meeting())
    caller = town.dial()

    def took(form: dict[str, str]) -> str:
        assert town.client is not None
        town.client.calls(caller).update(url=f"{ORIGIN}/room")
        return meeting()

    town.tell("/took", took)
    town.phone(ANA).behave(Script.answering(2).press("1", hearing="Marque").say("Hola", after=5))
    town.call()
    town.run(30)

    assert town.heard(MARTA)[-1] == "Hola"
    assert [one.phone.number for one in town.phone(ANA).call.talking_to()] == [MARTA]  # type: ignore[union-attr]


def test_three_can_meet(town: Town) -> None:
    two_in_a_room(town)
    town.phone(BRUNO).behave(Script.answering(2).say("Soy Bruno", after=5))
    town.call(to=BRUNO)

    town.run(30)

    assert "Soy Bruno" in town.heard(MARTA)
    assert "Soy Bruno" in town.heard(ANA)
    assert LINE not in town.exchange.phones
