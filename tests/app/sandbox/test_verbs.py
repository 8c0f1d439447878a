"""What each verb does, as Twilio's pages say it."""

import io
import wave

import pytest

from app.sandbox.handset import Behaviour
from app.sandbox.scripts import Script
from app.sandbox.sound import audio
from tests.app.sandbox.town import (
    ANA,
    BRUNO,
    LINE,
    MARTA,
    ORIGIN,
    Town,
    document,
    found_town,
    gather,
    say,
)

BYE = document(say("Adiós"), "<Hangup/>")


def test_speech_takes_a_second_for_fifteen_characters(town: Town) -> None:
    town.tell("/in", document(say("a" * 30), say("b" * 15), "<Hangup/>"))

    town.dial()
    town.run()

    first, second = town.phone(MARTA).heard
    assert (second.at - first.at).total_seconds() == 2
    assert (first.language, first.speaker) == ("es-MX", None)


def test_an_early_key_counts_during_the_prompt_and_silences_it(town: Town) -> None:
    town.tell("/in", document(gather("/key", "a" * 300, numDigits="1"), "<Hangup/>"))
    town.tell("/key", BYE)

    town.dial(Script().press("2", after=1))
    town.run()

    assert [form["Digits"] for form in town.asked("/key")] == ["2"]
    assert town.requests[1].at < town.requests[2].at
    ended = town.phone(MARTA).ended
    assert ended is not None
    assert ended.seconds == 2


def test_a_key_outside_a_gather_is_lost(town: Town) -> None:
    town.tell("/in", document(say("a" * 60), gather("/key", "Marque", numDigits="1"), "<Hangup/>"))

    town.dial(Script().press("1", after=1))
    town.run()

    assert town.asked("/key") == []


def test_silence_falls_through_to_the_next_verb_without_asking(town: Town) -> None:
    town.tell("/in", document(gather("/key", "a" * 15, timeout="7"), say("Nada"), "<Hangup/>"))

    town.dial()
    town.run()

    assert town.asked("/key") == []
    prompt, nothing = town.phone(MARTA).heard
    assert (nothing.at - prompt.at).total_seconds() == 1 + 7


def test_silence_asks_all_the_same_with_action_on_empty_result(town: Town) -> None:
    town.tell("/in", document(gather("/key", "Marque", actionOnEmptyResult="true")))
    town.tell("/key", BYE)

    town.dial()
    town.run()

    assert [form["Digits"] for form in town.asked("/key")] == [""]


def test_the_default_timeout_is_five_seconds(town: Town) -> None:
    town.tell("/in", document(gather("/key", "a" * 15), say("Nada"), "<Hangup/>"))

    town.dial()
    town.run()

    prompt, nothing = town.phone(MARTA).heard
    assert (nothing.at - prompt.at).total_seconds() == 6


def test_the_hash_key_ends_a_pin_and_is_not_part_of_it(town: Town) -> None:
    town.tell("/in", document(gather("/key", "PIN"), "<Hangup/>"))
    town.tell("/key", BYE)

    town.dial(Script().press("4821#", hearing="PIN"))
    town.run()

    [form] = town.asked("/key")
    assert (form["Digits"], form["FinishedOnKey"]) == ("4821", "#")


def test_the_hash_key_alone_is_no_input(town: Town) -> None:
    town.tell("/in", document(gather("/key", "PIN"), say("Nada"), "<Hangup/>"))

    town.dial(Script().press("#", hearing="PIN"))
    town.run()

    assert town.asked("/key") == []
    assert "Nada" in town.heard(MARTA)


def test_without_a_finish_key_the_hash_is_a_key_like_any_other(town: Town) -> None:
    town.tell("/in", document(gather("/key", "PIN", finishOnKey="", numDigits="2"), "<Hangup/>"))
    town.tell("/key", BYE)

    town.dial(Script().press("1#", hearing="PIN"))
    town.run()

    assert town.asked("/key")[0]["Digits"] == "1#"


def test_the_timeout_begins_anew_with_each_key(town: Town) -> None:
    town.tell("/in", document(gather("/key", "PIN", timeout="4"), "<Hangup/>"))
    town.tell("/key", BYE)

    town.dial(Script().press("1", hearing="PIN").press("2", after=3).press("3", after=3))
    town.run()

    assert town.asked("/key")[0]["Digits"] == "123"


def test_speech_is_gathered_where_it_is_asked_for(town: Town) -> None:
    town.tell("/in", document(gather("/key", "Diga", input="dtmf speech"), "<Hangup/>"))
    town.tell("/key", BYE)

    town.dial(Script().say("salesforce", hearing="Diga"))
    town.run()

    [form] = town.asked("/key")
    assert form["SpeechResult"] == "salesforce"
    assert "Digits" not in form


def test_verbs_after_a_redirect_never_run() -> None:
    town = found_town(strict=False)
    town.tell("/in", document(f"<Redirect>{ORIGIN}/next</Redirect>", say("Nunca")))
    town.tell("/next", BYE)

    town.dial()
    town.run()

    assert town.heard(MARTA) == ["Adiós"]
    assert "never reached" in town.exchange.faults[0].problem


def test_a_document_that_ends_hangs_up() -> None:
    town = found_town(strict=False)
    town.tell("/in", document(say("Eso es todo")))

    town.dial()
    town.run()

    assert [form["CallStatus"] for form in town.asked("/over")] == ["completed"]


def test_reject_declines_without_answering(town: Town) -> None:
    town.tell("/in", document('<Reject reason="busy"/>'))

    town.dial()
    town.run()

    [form] = town.asked("/over")
    assert form["CallStatus"] == "busy"
    assert form["CallDuration"] == "0"


def record(**attributes: str) -> str:
    given = {"action": f"{ORIGIN}/recorded", "recordingStatusCallback": f"{ORIGIN}/recording", **attributes}
    return "<Record" + "".join(f' {name}="{value}"' for name, value in given.items()) + "/>"


def test_a_message_ends_by_key_and_the_audio_is_ready_later(town: Town) -> None:
    town.tell("/in", document(record()))
    town.tell("/recorded", BYE)

    town.dial(Script().say("Se cayó el CRM de producción.", hearing="beep").press("#", after=4))
    town.run()

    [form] = town.asked("/recorded")
    assert (form["Digits"], form["RecordingDuration"]) == ("#", "5")
    [ready] = town.asked("/recording")
    assert (ready["RecordingStatus"], ready["RecordingSid"]) == ("completed", form["RecordingSid"])
    assert ready["RecordingSource"] == "RecordVerb"
    assert town.exchange.recordings.by_sid[form["RecordingSid"]].words == ["Se cayó el CRM de producción."]


def test_a_message_ends_in_silence(town: Town) -> None:
    town.tell("/in", document(record(timeout="4", playBeep="false")))
    town.tell("/recorded", BYE)

    town.dial(Script().say("a" * 30, after=1))
    town.run()

    [form] = town.asked("/recorded")
    assert form["RecordingDuration"] == "7"
    assert "Digits" not in form


def test_a_hang_up_during_a_message_is_told_as_a_key(town: Town) -> None:
    town.tell("/in", document(record()))
    town.tell("/recorded", document("<Hangup/>"))

    town.dial(Script().say("Llámenme", hearing="beep").hang_up(after=1))
    town.run()

    [form] = town.asked("/recorded")
    assert (form["Digits"], form["CallStatus"]) == ("hangup", "completed")
    assert len(town.asked("/recording")) == 1


def test_a_message_ends_at_its_greatest_length(town: Town) -> None:
    town.tell("/in", document(record(timeout="0", maxLength="20", playBeep="false")))
    town.tell("/recorded", BYE)

    town.dial()
    town.run()

    assert town.asked("/recorded")[0]["RecordingDuration"] == "20"


def dial(nouns: str, **attributes: str) -> str:
    given = {"action": f"{ORIGIN}/dialled", **attributes}
    return "<Dial" + "".join(f' {name}="{value}"' for name, value in given.items()) + f">{nouns}</Dial>"


def test_the_first_to_pick_up_wins_and_the_others_stop_ringing(town: Town) -> None:
    town.tell("/in", document(dial(f"<Number>{ANA}</Number><Number>{BRUNO}</Number>")))
    town.tell("/dialled", BYE)
    town.phone(ANA).behave(Script.answering(5))
    town.phone(BRUNO).behave(Script.answering(3).say("Acá Bruno", after=1).hang_up(after=6))

    town.dial()
    town.run()

    [form] = town.asked("/dialled")
    assert (form["DialCallStatus"], form["DialBridged"], form["DialCallDuration"]) == (
        "completed",
        "true",
        "7",
    )
    assert town.heard(MARTA) == ["Acá Bruno", "Adiós"]
    lost = town.phone(ANA).ended
    assert lost is not None
    assert lost.status == "canceled"


def test_a_dialled_phone_shows_the_callers_number(town: Town) -> None:
    town.tell("/in", document(dial(f"<Number>{ANA}</Number>", callerId=LINE)))
    town.tell("/dialled", BYE)
    town.phone(ANA).behave(Script.answering(1).hang_up())

    town.dial()
    town.run()

    assert town.exchange.story.of("ringing")[0].detail["other"] == LINE


def test_nobody_picks_up_in_thirty_seconds(town: Town) -> None:
    town.tell("/in", document(dial(f"<Number>{ANA}</Number>")))
    town.tell("/dialled", BYE)

    town.dial()
    town.run()

    assert town.asked("/dialled")[0]["DialCallStatus"] == "no-answer"
    assert (town.requests[1].at - town.requests[0].at).total_seconds() == pytest.approx(30, abs=0.1)


def test_without_an_action_the_next_verb_follows_a_dial(town: Town) -> None:
    town.phone(ANA).behaviour = Behaviour.BUSY
    town.tell("/in", document(f"<Dial><Number>{ANA}</Number></Dial>", say("Nadie puede"), "<Hangup/>"))

    town.dial()
    town.run()

    assert town.heard(MARTA) == ["Nadie puede"]


SCREEN = document(gather("/accept", "Marque 1 para aceptar", numDigits="1"), "<Hangup/>")


@pytest.mark.parametrize(("accepts", "bridged"), [(True, "true"), (False, "false")])
def test_a_screened_leg_is_bridged_only_when_it_accepts(town: Town, accepts: bool, bridged: str) -> None:
    town.tell("/in", document(dial(f'<Number url="{ORIGIN}/screen">{ANA}</Number>')))
    town.tell("/screen", SCREEN)
    town.tell("/accept", document(say("Conectando")))
    town.tell("/dialled", BYE)
    script = Script.answering(1)
    town.phone(ANA).behave(script.press("1", hearing="Marque").hang_up(after=9) if accepts else script)

    town.dial()
    town.run()

    assert town.asked("/dialled")[0]["DialBridged"] == bridged
    assert town.asked("/screen")[0]["ParentCallSid"]


def test_answer_on_bridge_keeps_the_caller_ringing_until_somebody_is_there(town: Town) -> None:
    town.tell("/in", document(dial(f"<Number>{ANA}</Number>", answerOnBridge="true")))
    town.tell("/dialled", document("<Hangup/>"))
    town.phone(ANA).behave(Script.answering(10).hang_up(after=5))

    town.dial()
    town.run()

    assert town.asked("/over")[0]["CallDuration"] == "6"


def test_a_caller_who_hangs_up_ends_the_dialled_legs(town: Town) -> None:
    town.tell("/in", document(dial(f"<Number>{ANA}</Number>")))
    town.phone(ANA).behave(Script.answering(1))

    town.dial(Script().hang_up(after=6))
    town.run()

    assert town.phone(ANA).call is None
    assert [form["CallStatus"] for form in town.asked("/dialled")] == ["completed"]


def test_a_live_update_replaces_what_the_call_was_doing(town: Town) -> None:
    assert town.client is not None
    town.tell("/in", document('<Pause length="100"/>', "<Hangup/>"))
    town.tell("/next", BYE)
    sid = town.dial()
    town.run(5)

    town.client.calls(sid).update(url=f"{ORIGIN}/next")
    town.run()

    assert town.heard(MARTA) == ["Adiós"]
    assert town.phone(MARTA).call is None


def test_a_live_update_may_bring_its_own_document(town: Town) -> None:
    assert town.client is not None
    town.tell("/in", document('<Pause length="100"/>', "<Hangup/>"))
    sid = town.dial()
    town.run(5)

    town.client.calls(sid).update(twiml=BYE)
    town.run(2)

    assert town.heard(MARTA) == ["Adiós"]


def test_a_played_recording_is_heard_with_its_words(town: Town) -> None:
    sound = audio(3, "Se cayó el CRM")
    town.tell("/in", document(f"<Play>{ORIGIN}/message.wav</Play>", say("Fin"), "<Hangup/>"))
    town.tell("/message.wav", (sound, 200, {"Content-Type": "audio/wav"}))

    town.dial()
    town.run()

    message, end = town.phone(MARTA).heard
    assert (message.text, message.sound) == ("♪ Se cayó el CRM", f"{ORIGIN}/message.wav")
    assert (end.at - message.at).total_seconds() == 3
    assert town.requests[1].method == "GET"


def test_a_sound_that_is_none_is_passed_over_and_noticed() -> None:
    town = found_town()
    town.tell("/in", document(f"<Play>{ORIGIN}/message.wav</Play>", say("Fin"), "<Hangup/>"))
    town.tell("/message.wav", ("nothing here", 200, {"Content-Type": "audio/wav"}))

    town.dial()
    town.run()

    assert town.heard(MARTA) == ["Fin"]
    assert [fault.context for fault in town.exchange.faults] == ["sound"]


def test_a_dialled_leg_that_is_redirected_frees_the_caller(town: Town) -> None:
    assert town.client is not None
    town.tell("/in", document(dial(f"<Number>{ANA}</Number>")))
    town.tell("/dialled", BYE)
    town.tell("/next", document(say("Otra cosa"), '<Pause length="9"/>', "<Hangup/>"))
    town.phone(ANA).behave(Script.answering(1))
    sid = town.dial()
    town.run(5)

    [leg] = town.client.calls.list(parent_call_sid=sid)
    town.client.calls(leg.sid).update(url=f"{ORIGIN}/next")
    town.run(5)

    assert town.heard(MARTA) == ["Adiós"]
    assert town.heard(ANA) == ["Otra cosa"]
    assert town.phone(ANA).call is not None


def test_a_person_who_is_about_to_speak_is_not_cut_off(town: Town) -> None:
    town.tell("/in", document(record(timeout="5", playBeep="false")))
    town.tell("/recorded", BYE)
    town.dial()
    town.run(4)

    town.phone(MARTA).hum()
    town.run(4)
    town.phone(MARTA).say("a" * 15)
    town.run()

    assert town.asked("/recorded")[0]["RecordingDuration"] == "14"


def test_numbers_in_turn_are_called_one_after_the_other(town: Town) -> None:
    town.tell(
        "/in",
        document(dial(f"<Number>{ANA}</Number><Number>{BRUNO}</Number>", sequential="true", timeout="9")),
    )
    town.tell("/dialled", BYE)
    town.phone(BRUNO).behave(Script.answering(2).hang_up(after=4))

    town.dial()
    town.run()

    rings = {event.number: event.at for event in town.exchange.story.of("ringing")}
    assert (rings[BRUNO] - rings[ANA]).total_seconds() == pytest.approx(9, abs=0.6)
    assert town.asked("/dialled")[0]["DialCallStatus"] == "completed"


def test_a_dialled_leg_tells_its_own_steps(town: Town) -> None:
    events = 'statusCallbackEvent="initiated ringing answered completed"'
    number = f'<Number statusCallback="{ORIGIN}/leg" {events}>{ANA}</Number>'
    town.tell("/in", document(dial(number)))
    town.tell("/dialled", BYE)
    town.phone(ANA).behave(Script.answering(2).hang_up(after=4))

    sid = town.dial()
    town.run()

    told = town.asked("/leg")
    assert [form["CallStatus"] for form in told] == ["initiated", "ringing", "in-progress", "completed"]
    assert {form["ParentCallSid"] for form in told} == {sid}
    assert {form["Direction"] for form in told} == {"outbound-dial"}


def test_the_star_leaves_a_conversation_where_it_is_allowed_to(town: Town) -> None:
    town.tell("/in", document(dial(f"<Number>{ANA}</Number>", hangupOnStar="true")))
    town.tell("/dialled", BYE)
    town.phone(ANA).behave(Script.answering(1))

    town.dial(Script().press("*", after=8))
    town.run()

    assert town.heard(MARTA) == ["Adiós"]
    assert town.phone(ANA).call is None


def test_a_conversation_may_be_recorded_from_its_first_word(town: Town) -> None:
    recorded = {"record": "record-from-answer", "recordingStatusCallback": f"{ORIGIN}/recording"}
    town.tell("/in", document(dial(f"<Number>{ANA}</Number>", **recorded)))
    town.tell("/dialled", BYE)
    town.phone(ANA).behave(Script.answering(5).hang_up(after=7))

    town.dial()
    town.run()

    [form] = town.asked("/recording")
    assert (form["RecordingSource"], form["RecordingDuration"]) == ("DialVerb", "7")
    assert form["RecordingChannels"] == "1"


def test_each_side_of_a_conversation_may_be_recorded_on_its_own_channel(town: Town) -> None:
    recorded = {"record": "record-from-answer-dual", "recordingStatusCallback": f"{ORIGIN}/recording"}
    town.tell("/in", document(dial(f"<Number>{ANA}</Number>", **recorded)))
    town.tell("/dialled", BYE)
    town.phone(ANA).behave(Script.answering(5).hang_up(after=7))

    town.dial()
    town.run()

    [form] = town.asked("/recording")
    [recording] = town.exchange.recordings.by_sid.values()
    assert form["RecordingChannels"] == "2"
    with wave.open(io.BytesIO(audio(recording.seconds, channels=recording.channels))) as file:
        assert (file.getnchannels(), file.getnframes() / file.getframerate()) == (2, 7)
        left_and_right = file.readframes(100)
    assert left_and_right[0::4] != left_and_right[2::4]


def test_a_foreign_caller_id_is_refused(town: Town) -> None:
    town.tell("/in", document(dial(f"<Number>{ANA}</Number>", callerId="+15550001111")))
    town.tell("/dialled", BYE)

    town.dial()
    town.run()

    assert town.asked("/dialled")[0]["DialCallStatus"] == "failed"
    assert ANA not in town.exchange.phones
